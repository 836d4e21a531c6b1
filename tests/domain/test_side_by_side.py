"""Services live side by side in an environment: none takes another's place, or gives it back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.deployment.state import Deployment, Status, Wish
from domain.package import Package
from tests.domain.organisation import ROBOT, SERVICE
from tests.domain.release_stories import Office
from tests.domain.test_release_deployment import PLACE, built

OTHER = "basket"


def packages() -> tuple[Package, ...]:
    """Two versions of one service, and two of another."""
    told = (("a", SERVICE, "1"), ("b", SERVICE, "2"), ("c", OTHER, "1"), ("d", OTHER, "2"))
    return tuple(
        built(id=letter * 32, service=service, label=label, commit=letter * 40)
        for letter, service, label in told
    )


def office() -> Office:
    made = Office()
    made.learn(PLACE, *packages())
    return made


def deployed(made: Office, letter: str) -> str:
    """A deployment of the package with this id that stands there."""
    id = made.fresh()
    wish = Wish(letter * 32, PLACE.name, "None.", contents="All of it.")
    made.ask(ROBOT, "deployment.request", id, wish=wish)
    made.ask(ROBOT, "deployment.start", id)
    made.ask(ROBOT, "deployment.succeed", id)
    return id


def rolled_back(made: Office, id: str) -> None:
    made.ask(ROBOT, "deployment.roll_back", id, reason="It loses data.")


def standing(made: Office) -> set[tuple[str, str]]:
    """What stands there now, by service and version."""
    found: list[Any] = [each for (kind, _), each in made.states.items() if kind is Deployment]
    return {(each.service, each.label) for each in found if each.current}


@pytest.mark.req("S0-14", "S4-12")
def test_one_service_does_not_take_the_place_of_another() -> None:
    made = office()
    for letter in "ac":
        deployed(made, letter)
    assert standing(made) == {(SERVICE, "1"), (OTHER, "1")}
    newer = deployed(made, "b")
    assert standing(made) == {(SERVICE, "2"), (OTHER, "1")}
    other = deployed(made, "d")
    rolled_back(made, newer)
    assert standing(made) == {(SERVICE, "1"), (OTHER, "2")}
    rolled_back(made, other)
    assert standing(made) == {(SERVICE, "1"), (OTHER, "1")}


def test_a_first_deployment_that_is_rolled_back_leaves_nothing_of_its_service() -> None:
    made = office()
    deployed(made, "a")
    rolled_back(made, deployed(made, "c"))
    assert standing(made) == {(SERVICE, "1")}


@pytest.mark.parametrize("newer", [False, True])
def test_a_place_that_was_taken_from_another_service_before_is_given_back_while_it_is_free(
    *, newer: bool
) -> None:
    made = office()
    first = deployed(made, "a")
    taking = deployed(made, "c")
    old, new = (made.states[Deployment, each] for each in (first, taking))
    made.learn(replace(old, current=False), replace(new, replaced=first))
    if newer:
        deployed(made, "b")
    rolled_back(made, taking)
    assert standing(made) == {(SERVICE, "2" if newer else "1")}
    assert made.states[Deployment, taking].status is Status.ROLLED_BACK
