"""Who holds what: roles by scope and time, accounts behind which one person stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.authority import Authority, Holding
from domain.grant.aggregate import Scope, Status
from domain.kernel import ERASED
from domain.principal.aggregate import Identity
from tests.domain.authority_examples import NOWHERE, grant, person
from tests.domain.given import ADA, BEN, CAT, DAN, DAY, NOON, ROBOT, authority


@pytest.mark.req("S0-21", "S3-17")
def test_a_role_resolves_to_whoever_holds_it_now() -> None:
    last, this = grant("g1", ADA, until=NOON), grant("g2", BEN, since=NOON)
    found = authority(last, this)
    assert found.holders("role:release_manager", None, NOWHERE, NOON) == {BEN: "g2"}
    assert found.holders("role:release_manager", None, NOWHERE, NOON - DAY) == {ADA: "g1"}


def test_a_grant_holds_from_its_first_moment_to_just_before_its_last() -> None:
    found = authority(grant(since=NOON, until=NOON + DAY))
    instant = timedelta(microseconds=1)
    held = [NOON - instant, NOON, NOON + DAY - instant, NOON + DAY]
    assert [found.valid_grant("g1", at) for at in held] == [False, True, True, False]


def test_a_holding_says_what_is_held() -> None:
    given = grant(scope=Scope.SERVICE, value="api", until=NOON)
    role = "role:release_manager"
    wanted = Holding("g1", ADA, role, "service", "api", NOON - DAY, NOON)
    found = authority(given)
    assert found.holdings(ADA) == (wanted,)
    assert found.by_person == {ADA: {(role, "service"): wanted}}


def test_every_value_has_to_be_covered() -> None:
    api, web = (grant(v, scope=Scope.SERVICE, value=v) for v in ("api", "web"))
    both, role = frozenset(("api", "web")), "role:release_manager"
    assert authority(api).holders(role, "service", both, NOON) == {}
    assert authority(api, web).holders(role, "service", both, NOON) == {ADA: "api"}


def test_the_written_any_covers_every_value_and_nothing_else_does() -> None:
    role = "role:release_manager"
    for_any = grant(scope=Scope.SERVICE, value="any")
    found = authority(for_any, grant("g2", BEN, scope=Scope.SERVICE, value="api"))
    assert found.holders(role, "service", frozenset(("db",)), NOON) == {ADA: "g1"}
    assert found.holders(role, "service", NOWHERE, NOON) == {ADA: "g1"}
    assert found.holders(role, "project", frozenset(("db",)), NOON) == {}


def test_roles_are_told_by_scope_kind_and_grant() -> None:
    found = authority(grant(), grant("g2", scope=Scope.SERVICE, value="api"))
    role, scopes = "role:release_manager", {"service": frozenset(("api",))}
    assert found.roles_for(ADA, scopes, NOON) == {(role, None): "g1", (role, "service"): "g2"}
    assert found.roles_for(ADA, {}, NOON) == {(role, None): "g1"}
    assert found.roles_for(BEN, scopes, NOON) == {}


def test_a_person_called_like_a_role_gains_nothing() -> None:
    role = "role:release_manager"
    found = authority(grant(), person(role))
    assert found.covering(role, role, None, NOWHERE, NOON) is None
    assert found.holders(role, None, NOWHERE, NOON) == {ADA: "g1"}


@pytest.mark.req("X-04")
def test_a_grant_taken_back_is_revoked_and_one_that_ran_out_is_not() -> None:
    taken = grant("g1", status=Status.REVOKED, revoked_at=NOON)
    found = authority(taken, grant("g2", until=NOON))
    assert [found.revoked(each) for each in ("g1", "g2", "g3")] == [True, False, False]
    assert not any(found.valid_grant(each, NOON) for each in ("g1", "g2", "g3"))


def test_the_suspended_hold_nothing_until_reinstated() -> None:
    found = authority(grant(), person(ADA, suspended=True))
    assert found.holdings(ADA) == ()
    assert not found.valid_grant("g1", NOON)
    found.learn(person(ADA))
    assert found.valid_grant("g1", NOON)


def test_a_role_that_becomes_approving_waits_for_a_second_person() -> None:
    one, two = grant("g1"), grant("g2", BEN, confirmed_by=DAN, confirmed_at=NOON - DAY)
    found = authority(one, two)
    found.approving = frozenset(("role:release_manager",))
    assert found.holders("role:release_manager", None, NOWHERE, NOON) == {BEN: "g2"}
    found.learn(replace(one, confirmed_by=CAT, confirmed_at=NOON))
    assert found.holdings(ADA)[0].since == NOON
    found.approving = NOWHERE
    assert set(found.holders("role:release_manager", None, NOWHERE, NOON)) == {ADA, BEN}


def test_a_person_among_thousands_of_grants_is_looked_up_not_searched() -> None:
    found = Authority()
    for number in range(2000):
        found.learn(grant(f"g{number}", f"user:{number}", scope=Scope.SERVICE, value=f"s{number}"))
    [place] = found.by_person["user:7"].values()
    assert isinstance(place, Holding)
    assert (place.grant, place.value) == ("g7", "s7")


@pytest.mark.req("X-04")
def test_behind_a_program_stands_its_owner_with_every_account() -> None:
    people = [person(ADA, linked=(BEN,)), person(BEN), person(CAT), person(ROBOT, owner=BEN)]
    found = authority(*people)
    assert found.linked(ADA) == found.linked(ROBOT) == {ADA, BEN, ROBOT}
    assert found.linked(CAT) == {CAT}


def test_accounts_found_to_be_different_people_are_no_longer_tied() -> None:
    found = authority(person(ADA, linked=(BEN,)), person(BEN, linked=(ADA,)))
    found.learn(person(ADA))
    assert found.linked(ADA) == {ADA, BEN}
    found.learn(person(BEN))
    assert found.linked(ADA) == {ADA}


def test_only_verified_identities_map_to_people() -> None:
    mine = Identity(1, "https://idp", "42", CAT, verified_by=None)
    found = authority(person(ADA, identities=(mine,)))
    assert found.identified("https://idp", "42") is None
    found.learn(person(ADA, identities=(replace(mine, verified_by=DAN),)))
    assert found.identified("https://idp", "42") == ADA
    found.learn(person(ADA))
    assert found.identified("https://idp", "42") is None


def test_what_was_erased_finds_nobody() -> None:
    gone = Identity(1, "https://idp", ERASED, CAT, verified_by=DAN)
    found = authority(replace(person(ADA), handle=ERASED, identities=(gone,)))
    assert found.named(ERASED) is None
    assert found.identified("https://idp", ERASED) is None


def test_a_handle_that_is_free_again_finds_its_new_owner() -> None:
    found = authority(replace(person(ADA), handle="ada"))
    found.learn(replace(person(ADA), handle="countess"))
    found.learn(replace(person(BEN), handle="Ada"))
    assert (found.named("ADA"), found.named("Countess")) == (BEN, ADA)


def test_the_team_of_a_person_is_known() -> None:
    found = authority(replace(person(ADA), team="platform"))
    assert (found.team(ADA), found.team(BEN)) == ("platform", None)
