"""Who had a hand in what goes along with something exempts that from no lock either."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest

from domain.authorship import accounts
from domain.change.state import Change, Link, LinkKind
from domain.deployment.gates import verdict
from domain.deployment.state import Deployment, Status, Wish
from domain.exemption.aggregate import AGGREGATE as EXEMPTION
from domain.exemption.hands import hands
from domain.inclusion import Inclusion, ItemKind
from domain.lock.state import Kind, Lock, Terms
from domain.lock.state import Status as Locked
from domain.release.state import Release
from domain.verdict import Status as Is
from tests.domain.deployment_stories import requested
from tests.domain.given import DAY, NOON, authority, known
from tests.domain.organisation import ANN, CHAIR, DUTY, HOUR, MAX, OWEN, ROBOT, SUE, Story, refused
from tests.domain.release_stories import (
    COMMIT,
    PACKAGE,
    PLAN,
    QUINN,
    RITA,
    SAM,
    Office,
    approved_change,
    merged,
    opened,
)
from tests.domain.test_release_deployment import PLACE, built

OTHER: Final = "7" * 40
"""A commit that nothing else here is of."""
REQUEST: Final = merged(author=SAM, contributors=(SAM, QUINN))
APART: Final = merged("n" * 32, author=MAX, contributors=(MAX,), head=OTHER, merge_commit="8" * 40)
TIED: Final = replace(approved_change(), links=(Link(LinkKind.MERGE_REQUEST, REQUEST.id),))
"""A change of Ann's, for which Owen answers, tied to what Sam and Quinn wrote."""
BARE: Final = replace(TIED, links=(Link(LinkKind.COMMIT, OTHER),))


def had(subject: Any, *states: Any) -> frozenset[str]:
    """Who had a hand in it, in this world."""
    office = Office()
    office.learn(*states, subject)
    return hands(subject, office.authority, office.records)


def deployment(**wish: Any) -> Deployment:
    """Of the package, as a program asked for it."""
    told = ("test", "a" * 32, "1.2.0", PLAN.service)
    made = Wish("a" * 32, "test", "None.", **wish)
    return Deployment("d" * 32, 1, Status.REQUESTED, *told, made, ROBOT, NOON)


def release(*items: tuple[ItemKind, str, str | None], **more: Any) -> tuple[Release, list[Any]]:
    """A release of Rita's with these in it, and its world."""
    office = Office()
    office.learn(PLACE)
    id = opened(office, "itsm_releases", "major", replace(PLAN, versions=("1.2.0",)))
    inside = [
        Inclusion(f"{at:032}", 1, id, *each, included=True, put_by=RITA, put_at=NOON)
        for at, each in enumerate(items)
    ]
    return replace(office.release(id), **more), inside


@pytest.mark.parametrize(
    "change,people", [(TIED, {ANN, OWEN, SAM, QUINN}), (BARE, {ANN, OWEN, MAX})]
)
def test_what_a_change_is_tied_to_is_carried_with_it(change: Change, people: set[str]) -> None:
    assert people <= had(change, REQUEST, APART)
    assert people <= had(deployment(changes=(change.id,)), change, REQUEST, APART, built())
    state, inside = release((ItemKind.CHANGE, change.id, None))
    assert people | {RITA} <= had(state, *inside, change, REQUEST, APART)
    state, inside = release((ItemKind.COMMIT, "9" * 40, change.id))
    assert people | {RITA} <= had(state, *inside, change, REQUEST, APART)


@pytest.mark.parametrize(
    "item",
    [
        (ItemKind.MERGE_REQUEST, APART.id, None),
        (ItemKind.COMMIT, "9" * 40, APART.id),
        (ItemKind.COMMIT, APART.head, None),
        (ItemKind.COMMIT, APART.merge_commit, None),
    ],
)
def test_merge_requests_in_a_release_are_carried(item: tuple[ItemKind, str, str | None]) -> None:
    state, inside = release(item)
    assert MAX in had(state, *inside, APART)
    assert MAX in had(deployment(belongs_to=state.id), state, *inside, APART, built())
    gone = [replace(each, included=False) for each in inside]
    assert MAX not in had(state, *gone, APART)


def test_what_a_package_was_built_of_and_who_built_it_are_carried() -> None:
    own = built(commit=OTHER, built_by=SUE)
    assert {SUE, MAX} <= had(deployment(), own, APART)
    assert had(deployment(), built()).isdisjoint((SUE, MAX))


def test_a_release_carries_what_it_is_aimed_at() -> None:
    state, _ = release()
    office = Office()
    office.learn(state)
    told = {"release_version": "1.2.0", "commit": OTHER, "package": PACKAGE}
    office.ask(RITA, "release.aim", state.id, **told)
    assert {MAX, SUE} <= had(office.release(state.id), APART, built(commit=OTHER, built_by=SUE))


def test_so_does_a_deployment_that_belongs_to_none_of_the_releases_made_of_it() -> None:
    office = Office()
    office.learn(PLACE, built())
    id = opened(office, "itsm_releases", "major", replace(PLAN, versions=("1.2.0",)))
    made = {"release_version": "1.2.0", "commit": COMMIT, "package": PACKAGE}
    office.ask(RITA, "release.aim", id, **made)
    put: dict[str, Any] = {"included": True, "put_by": RITA, "put_at": NOON}
    item = Inclusion("9" * 32, 1, id, ItemKind.CHANGE, TIED.id, None, **put)
    people = {RITA, ANN, OWEN, SAM, QUINN}
    assert people <= had(deployment(), office.release(id), built(), item, TIED, REQUEST)


def test_what_is_hidden_tells_nobody_in_the_open_who_wrote_it() -> None:
    hidden = replace(APART, embargoed=True)
    item = (ItemKind.MERGE_REQUEST, hidden.id, None)
    state, inside = release(item)
    assert MAX not in had(state, *inside, hidden)
    assert MAX not in had(BARE, hidden)
    state, inside = release(item, embargoed=True)
    assert MAX in had(state, *inside, hidden)


# As it is asked for.


def lock(*exempters: str) -> Lock:
    terms = Terms("Stop", Kind.HARD, since=NOON - DAY, until=NOON + 9 * DAY, exempters=exempters)
    return Lock("1" * 32, 1, Locked.ACTIVE, Kind.HARD, terms, 1, CHAIR, NOON - DAY)


def status(story: Story, deployed: Deployment) -> Is:
    """What the gate of the deployment says of the lock."""
    people, records = authority(*story.others), known(*story.others)
    found = verdict(deployed, "start", at=NOON + HOUR, authority=people, records=records).findings
    [locks] = [each for each in found if each.requirement == "locks"]
    return locks.status


def test_the_author_of_a_change_exempts_no_deployment_that_carries_it() -> None:
    change = approved_change()
    going = requested("staging", change, changes=(change.id,))
    story = Story(EXEMPTION, (*going.others, lock(ANN, SUE)), subject="f" * 32)
    story.ask(DUTY, "request", lock="1" * 32, reason="It cannot wait.", deployment=going.state.id)
    with refused("needs_second_person"):
        story.ask(ANN, "approve")
    story.ask(SUE, "approve")
    assert status(story, going.state) is Is.WAIVED


def test_nor_by_exempting_the_release_that_the_deployment_belongs_to() -> None:
    change, (state, _) = approved_change(), release()
    going = requested("staging", change, state, changes=(change.id,))
    wish = replace(going.state.wish, belongs_to=state.id)
    going.state = replace(going.state, wish=wish)
    story = Story(EXEMPTION, (*going.others, lock(ANN, SUE)), subject="f" * 32)
    story.ask(DUTY, "request", lock="1" * 32, reason="It cannot wait.", release=state.id)
    story.ask(ANN, "approve")
    assert status(story, going.state) is Is.UNSATISFIED
    story.ask(SUE, "approve")
    assert status(story, going.state) is Is.WAIVED


def test_who_owns_the_program_that_built_it_had_a_hand_in_it() -> None:
    office = Office()
    people = [replace(e, owner=SUE) if e.id == ROBOT else e for e in office.states.values()]
    office.learn(*people)
    assert SUE in accounts((ROBOT,), office.authority, NOON)
    made = replace(deployment(), requested_by=DUTY)
    assert SUE in hands(made, office.authority, known(*office.states.values(), built()))
