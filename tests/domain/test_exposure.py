"""Who could see a hidden record is told by the grants that were effective while it was hidden."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.exposure import Onlooker, onlookers, owners, suspensions
from domain.grant.aggregate import Scope, Status
from domain.principal.state import Former, Suspension
from tests.domain.given import DAY, NOON
from tests.domain.organisation import ANN, ASA, ROBOT, grant, person

PROJECT = "group/app"
PLACES = ((Scope.PROJECT, PROJECT), (Scope.SERVICE, "shop"))
TERM = (NOON, NOON + 10 * DAY)
ROLES = tuple((each, "project") for each in ("role:appsec", "role:cleared"))


def told(*grants: Any) -> tuple[Onlooker, ...]:
    """Who could see it, where nobody acted on it."""
    return onlookers(grants, ROLES, PLACES, (TERM,), {})


def cleared(**changes: Any) -> Any:
    """Ann's clearance, given and confirmed long ago."""
    return replace(grant(ANN, "role:cleared", Scope.PROJECT, PROJECT), **changes)


def test_a_clearance_counts_from_its_beginning_to_its_end_within_the_term() -> None:
    [seen] = told(cleared())
    assert (seen.since, seen.until) == TERM
    since, until = NOON + DAY, NOON + 2 * DAY
    [seen] = told(cleared(since=since, until=until, confirmed_at=NOON))
    assert (seen.since, seen.until) == (since, until)
    revoked = cleared(status=Status.REVOKED, revoked_at=NOON + DAY)
    assert [(each.since, each.until) for each in told(revoked)] == [(NOON, NOON + DAY)]
    [open_ended] = onlookers((cleared(),), ROLES, PLACES, ((NOON, None),), {})
    assert open_ended.until is None


def test_a_clearance_for_the_service_lets_somebody_see_its_release() -> None:
    manages = cleared(role="role:release_manager", scope=Scope.SERVICE, value="shop")
    roles = (*ROLES, ("role:release_manager", "service"))
    [seen] = onlookers((manages,), roles, PLACES, (TERM,), {})
    assert (seen.since, seen.until) == TERM
    assert told(cleared(scope=Scope.SERVICE, value="shop")) == (), "not by a role for projects"


@pytest.mark.parametrize(
    "changes",
    [
        {"status": Status.PROPOSED, "confirmed_at": None},
        {"value": "group/other"},
        {"role": "role:developer"},
        {"scope": Scope.SERVICE},
        {"scope": Scope.ENVIRONMENT, "value": "shop"},
        {"until": NOON},
        {"since": NOON + 11 * DAY},
        {"revoked_at": NOON - DAY},
    ],
)
def test_what_was_never_effective_here_let_nobody_see_it(changes: dict[str, Any]) -> None:
    assert told(cleared(**changes)) == ()


def test_who_owned_a_program_could_see_it_by_the_grant_of_that() -> None:
    left = (Former(NOON + DAY, owner=ANN),)
    program = replace(person(ROBOT, owner=ASA), former=left)
    held = cleared(person=ROBOT, until=NOON + 5 * DAY)
    by = {ROBOT: owners(program)}
    assert onlookers((held,), ROLES, PLACES, (TERM,), {}, owned=by) == (), (
        "they see no more than these"
    )
    both = (cleared(person=each, id=each) for each in (ANN, ASA))
    every = onlookers((held, *both), ROLES, PLACES, (TERM,), {ASA: 1}, owned=by)
    found = [each for each in every if each.grant == held.id]
    assert [(each.person, each.since, each.until, each.acts) for each in found] == [
        (ROBOT, NOON, NOON + 5 * DAY, 0),
        (ANN, NOON, NOON + DAY, 0),
        (ASA, NOON + DAY, NOON + 5 * DAY, 1),
    ]
    assert {each.grant for each in found} == {held.id}
    early = replace(program, former=(Former(NOON - DAY, owner=ANN),))
    hers = cleared(person=ASA, id="hers", until=NOON + 3 * DAY)
    found = list(onlookers((held, hers), ROLES, PLACES, (TERM,), {}, owned={ROBOT: owners(early)}))
    assert [(each.person, each.until) for each in found] == [
        (ROBOT, NOON + 3 * DAY),
        (ASA, NOON + 3 * DAY),
        (ASA, NOON + 3 * DAY),
    ]


def test_who_acted_is_told_also_without_a_clearance() -> None:
    found = onlookers((cleared(value="any"),), ROLES, PLACES, (TERM,), {ANN: 2, ROBOT: 1})
    assert [(each.person, each.grant is None, each.acts) for each in found] == [
        (ANN, False, 2),
        (ROBOT, True, 1),
    ]
    assert ASA not in {each.person for each in found}


def test_who_is_suspended_could_not_see_it_nor_could_a_program_by_them() -> None:
    past = (Suspension(NOON + DAY, NOON + 2 * DAY),)
    ann = replace(person(ANN), suspensions=past, suspended_since=NOON + 8 * DAY)
    robot = replace(person(ROBOT, owner=ANN), suspensions=(Suspension(NOON, NOON + 3 * DAY),))
    grants = (cleared(), cleared(person=ROBOT, id="its"))
    away = {each.id: suspensions(each) for each in (ann, robot)}
    owned = {ROBOT: owners(robot)}
    found = onlookers(
        grants, ROLES, PLACES, (TERM,), {}, own={ASA: None}, owned=owned, suspended=away
    )
    own = [(each.since, each.until) for each in found if each.grant == cleared().id]
    assert own == [(NOON, NOON + DAY), (NOON + 2 * DAY, NOON + 8 * DAY)]
    its = [(each.since, each.until) for each in found if each.person == ROBOT]
    assert its == [(NOON + 3 * DAY, NOON + 8 * DAY)]
    assert [(each.since, each.until) for each in found if each.person == ASA] == [TERM]
