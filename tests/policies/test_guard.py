"""A guard decides by roles held for what is touched, denies by default, and says by which line."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.grant.aggregate import Status
from policies.guard import Guard
from tests.policies.examples import (
    HOUR,
    MODEL,
    NOW,
    asks,
    authority,
    grant,
    guard,
    principal,
    touches,
)

ANN, BEN, BOT = "user:ann", "user:ben", "bot:ci"
RULES = guard(
    "role:owner, change.edit, service, allow",
    "role:manager, change.edit, service, allow",
    "role:manager, board.dissolve, none, allow",
    "role:everyone, change.open, none, allow",
)
BILLING = (("service", "billing"),)
BOTH = (("service", "billing"), ("service", "shop"))


# Deny by default.


def test_who_holds_nothing_may_nothing() -> None:
    assert not asks(RULES, ANN, "change.edit", BILLING)


@pytest.mark.req("X-05")
def test_an_action_that_no_line_speaks_of_is_denied() -> None:
    decision = RULES.decide(ANN, "change.close", {}, authority(grant(ANN, "role:manager")), NOW)
    assert not decision.allowed
    assert decision.line is None
    assert decision.reason == "The policy allows this to nobody."


def test_a_refusal_says_that_a_role_has_to_be_held_without_scope() -> None:
    rules = guard("role:a, book.move, none, allow", "role:b, book.move, project, allow")
    decision = rules.decide(ANN, "book.move", {}, authority(), NOW)
    assert decision.reason == "This takes role:a without scope or role:b for its project."


def test_a_refusal_names_the_roles_that_would_help() -> None:
    decision = RULES.decide(ANN, "change.edit", touches(*BILLING), authority(), NOW)
    expected = "This takes role:owner for its service or role:manager for its service."
    assert decision.reason == expected
    assert (decision.line, decision.number, decision.grant) == (None, None, None)


# Roles and what they are held for.


def test_every_grant_by_which_somebody_may_ask_is_told_in_the_order_of_the_lines() -> None:
    known = authority(
        grant(ANN, "role:manager", "service", "billing", id="m1"),
        grant(ANN, "role:manager", "service", "any", id="m2"),
        grant(ANN, "role:owner", "service", "billing", id="o1"),
        grant(ANN, "role:owner", "service", "billing", since=NOW - HOUR, until=NOW, id="over"),
        grant(ANN, "role:owner", "service", "shop", id="elsewhere"),
    )
    asked = ("change.edit", touches(*BILLING), known, NOW)
    assert RULES.grants(ANN, *asked) == ("o1", "m2", "m1")
    assert RULES.decide(ANN, *asked).grant == "o1"
    assert RULES.grants(ANN, "change.edit", touches(*BOTH), known, NOW) == ("o1", "m2")
    assert RULES.grants(BEN, *asked) == ()


def test_the_deciding_line_and_the_grant_are_told() -> None:
    known = authority(grant(ANN, "role:manager", "service", "billing", id="g7"))
    decision = RULES.decide(ANN, "change.edit", touches(*BILLING), known, NOW)
    assert decision.allowed
    assert decision.line == "p, role:manager, change.edit, service, allow"
    assert (decision.number, decision.grant, decision.reason) == (2, "g7", "")


def test_the_first_line_decides_when_several_allow() -> None:
    known = authority(grant(ANN, "role:manager"), grant(ANN, "role:owner", "service", "billing"))
    assert RULES.decide(ANN, "change.edit", touches(*BILLING), known, NOW).number == 1


@pytest.mark.parametrize(
    "scope, value, allowed",
    [
        ("service", "billing", True),
        ("service", "any", True),
        (None, "any", True),
        ("service", "shop", False),
        ("environment", "billing", False),
        ("environment", "any", False),
        ("service", "bill", False),
        ("service", "billing\n", False),
        ("service", "*", False),
    ],
)
def test_a_role_counts_for_what_it_is_held_for(
    scope: str | None, value: str, allowed: bool
) -> None:
    assert (
        asks(RULES, ANN, "change.edit", BILLING, grant(ANN, "role:owner", scope, value)) is allowed
    )


def test_a_role_must_be_held_for_every_value_touched() -> None:
    billing = grant(ANN, "role:owner", "service", "billing")
    shop = grant(ANN, "role:owner", "service", "shop")
    assert not asks(RULES, ANN, "change.edit", BOTH, billing)
    assert asks(RULES, ANN, "change.edit", BOTH, billing, shop)
    assert asks(RULES, ANN, "change.edit", BOTH, grant(ANN, "role:owner", "service"))


def test_one_line_decides_so_two_roles_do_not_add_up() -> None:
    owner = grant(ANN, "role:owner", "service", "billing")
    manager = grant(ANN, "role:manager", "service", "shop")
    assert not asks(RULES, ANN, "change.edit", BOTH, owner, manager)


def test_where_nothing_is_known_to_be_touched_only_a_role_for_any_counts() -> None:
    assert not asks(RULES, ANN, "change.edit", (), grant(ANN, "role:owner", "service", "billing"))
    assert asks(RULES, ANN, "change.edit", (), grant(ANN, "role:owner", "service"))


def test_a_role_held_for_some_value_does_not_grow_to_what_has_no_scope() -> None:
    assert not asks(RULES, ANN, "board.dissolve", (), grant(ANN, "role:manager", "service"))
    assert asks(RULES, ANN, "board.dissolve", (), grant(ANN, "role:manager"))


# Time and standing.


@pytest.mark.parametrize(
    "since, until, allowed",
    [
        (NOW, None, True),
        (NOW + timedelta(microseconds=1), None, False),
        (NOW - HOUR, NOW, False),
        (NOW - HOUR, NOW + timedelta(microseconds=1), True),
    ],
)
def test_a_grant_counts_from_its_first_moment_up_to_its_last(
    since: datetime, until: datetime | None, allowed: bool
) -> None:
    held = grant(ANN, "role:owner", "service", "billing", since=since, until=until)
    assert asks(RULES, ANN, "change.edit", BILLING, held) is allowed


def test_an_ended_grant_does_not_hide_a_running_one() -> None:
    ended = grant(ANN, "role:owner", "service", "billing", until=NOW, id="g1")
    runs = grant(ANN, "role:owner", "service", "billing", id="g2")
    for_all = grant(ANN, "role:owner", "service", until=NOW, id="g0")
    known = authority(ended, runs, for_all)
    assert RULES.decide(ANN, "change.edit", touches(*BILLING), known, NOW).grant == "g2"


@pytest.mark.parametrize("status", [Status.PROPOSED, Status.REVOKED])
def test_a_grant_that_is_not_active_gives_nothing(status: Status) -> None:
    held = grant(ANN, "role:owner", "service", "billing", status=status)
    assert not asks(RULES, ANN, "change.edit", BILLING, held)


def test_the_suspended_may_nothing() -> None:
    held = grant(ANN, "role:owner", "service", "billing")
    assert not asks(RULES, ANN, "change.edit", BILLING, held, principal(ANN, suspended=True))
    assert not asks(RULES, ANN, "change.open", (), principal(ANN, suspended=True))


# Everyone.


def test_everyone_is_every_known_person_and_no_machine() -> None:
    assert asks(RULES, ANN, "change.open", (), principal(ANN))
    assert not asks(RULES, ANN, "change.open", ())
    assert not asks(RULES, BOT, "change.open", (), principal(BOT))


def test_a_line_for_everyone_uses_no_grant() -> None:
    known = authority(principal(ANN), grant(ANN, "role:manager"))
    decision = RULES.decide(ANN, "change.open", {}, known, NOW)
    assert (decision.number, decision.grant) == (4, None)


def test_everyone_cannot_be_granted() -> None:
    assert "role:everyone" not in RULES.roles
    assert not asks(RULES, BOT, "change.open", (), principal(BOT), grant(BOT, "role:everyone"))


# Deny outweighs.

FROZEN = guard(
    "role:owner, change.edit, service, allow",
    "role:frozen, change.edit, environment, deny",
    "role:everyone, change.close, none, deny",
    "role:owner, change.close, service, allow",
)


def test_one_deny_outweighs_every_allow_and_is_told() -> None:
    owner = grant(ANN, "role:owner")
    frozen = grant(ANN, "role:frozen", "environment", "production", id="g9")
    ask = touches(*BILLING, ("environment", "production"), ("environment", "staging"))
    decision = FROZEN.decide(ANN, "change.edit", ask, authority(owner, frozen), NOW)
    assert not decision.allowed
    assert (decision.number, decision.grant) == (2, "g9")
    assert "Line 2 of the policy denies it" in decision.reason
    staging = touches(*BILLING, ("environment", "staging"))
    assert FROZEN.decide(ANN, "change.edit", staging, authority(owner, frozen), NOW).allowed


def test_a_deny_holds_where_nothing_is_known_to_be_touched() -> None:
    frozen = grant(ANN, "role:frozen", "environment", "production")
    assert not asks(FROZEN, ANN, "change.edit", BILLING, grant(ANN, "role:owner"), frozen)
    assert asks(FROZEN, ANN, "change.edit", BILLING, grant(ANN, "role:owner"))


def test_a_deny_by_a_role_without_scope_holds_everywhere() -> None:
    frozen = grant(ANN, "role:frozen")
    ask = (*BILLING, ("environment", "staging"))
    assert not asks(FROZEN, ANN, "change.edit", ask, grant(ANN, "role:owner"), frozen)


def test_a_deny_ends_with_its_grant() -> None:
    ended = grant(ANN, "role:frozen", "environment", "production", until=NOW)
    ask = (*BILLING, ("environment", "production"))
    assert asks(FROZEN, ANN, "change.edit", ask, grant(ANN, "role:owner"), ended)


def test_what_is_denied_to_everyone_no_role_opens() -> None:
    assert not asks(FROZEN, ANN, "change.close", BILLING, principal(ANN), grant(ANN, "role:owner"))
    assert asks(FROZEN, BOT, "change.close", BILLING, principal(BOT), grant(BOT, "role:owner"))


# Names that are meant to be mixed up.


def test_a_person_named_as_a_role_gains_nothing() -> None:
    assert not asks(RULES, "role:owner", "change.edit", BILLING)
    assert not asks(RULES, "role:everyone", "change.open", (), principal("role:everyone"))


@pytest.mark.parametrize(
    "action", ["change", "change.edi", "change.edit_all", "change.edit\n", "*", "change.*", ""]
)
def test_an_action_is_matched_as_a_whole(action: str) -> None:
    assert not asks(RULES, ANN, action, BILLING, grant(ANN, "role:owner"))


@pytest.mark.parametrize("by", ["user:an", "user:ann\n", "user:ann2", "user:*", "*", ""])
def test_a_person_is_matched_as_a_whole(by: str) -> None:
    assert not asks(RULES, by, "change.edit", BILLING, grant(ANN, "role:owner"))


def test_a_service_called_any_is_none_that_others_hold() -> None:
    ask = (("service", "any"),)
    assert not asks(RULES, ANN, "change.edit", ask, grant(ANN, "role:owner", "service", "billing"))


# The reverse questions.


def test_who_may_ask_is_told_with_grant_and_line() -> None:
    known = authority(
        grant(BEN, "role:owner", "service", "billing", id="g1"),
        grant(ANN, "role:manager", id="g2"),
        grant("user:cem", "role:owner", "service", "shop"),
        grant("user:dee", "role:owner", "service", "billing", until=NOW),
        grant(ANN, "role:owner", "service", id="g3"),
    )
    who = RULES.who("change.edit", touches(*BILLING), known, NOW)
    told = {person: (right.grant, right.line.number) for person, right in who.people.items()}
    assert told == {ANN: ("g3", 1), BEN: ("g1", 1)}
    assert list(who.people) == [ANN, BEN]
    assert who.everyone is None
    assert RULES.who("change.open", {}, known, NOW).everyone == RULES.lines[3]
    assert RULES.who("board.dissolve", {}, known, NOW).people.keys() == {ANN}


def test_who_leaves_out_whom_a_line_denies() -> None:
    frozen = grant(BEN, "role:frozen", "environment", "production")
    known = authority(grant(ANN, "role:owner"), grant(BEN, "role:owner"), frozen)
    ask = touches(*BILLING, ("environment", "production"))
    assert FROZEN.who("change.edit", ask, known, NOW).people.keys() == {ANN}
    assert FROZEN.who("change.close", ask, known, NOW).everyone is None


READING = guard(
    "role:auditor, log.read, none, allow",
    "role:auditor, evidence.read, service, allow",
    "role:owner, evidence.read, service, allow",
    "role:owner, evidence.read, project, allow",
    "role:everyone, board.read, none, allow",
)


def test_reach_is_the_union_of_what_a_reader_holds() -> None:
    known = authority(
        grant(ANN, "role:owner", "service", "billing"),
        grant(ANN, "role:auditor", "service", "shop"),
        grant(ANN, "role:owner", "project", "gitaly"),
        grant(ANN, "role:owner", "service", "ended", until=NOW),
        grant(ANN, "role:owner", "environment", "production"),
    )
    reach = READING.reach(ANN, "evidence.read", known, NOW)
    assert not reach.everything
    assert reach.values == {"service": {"billing", "shop"}, "project": {"gitaly"}}
    assert READING.reach(ANN, "log.read", known, NOW) == (False, {})
    assert READING.reach(BEN, "evidence.read", known, NOW) == (False, {})


@pytest.mark.parametrize("scope", ["service", None])
def test_whoever_holds_a_role_for_any_reaches_everything(scope: str | None) -> None:
    known = authority(grant(ANN, "role:auditor", scope))
    assert READING.reach(ANN, "evidence.read", known, NOW).everything
    assert READING.reach(ANN, "log.read", known, NOW).everything is (scope is None)


def test_everyone_reaches_what_is_for_everyone() -> None:
    assert READING.reach(ANN, "board.read", authority(principal(ANN)), NOW).everything
    assert not READING.reach(BOT, "board.read", authority(principal(BOT)), NOW).everything


def test_whom_a_line_denies_something_reaches_nothing() -> None:
    frozen = grant(ANN, "role:frozen", "environment", "production")
    known = authority(grant(ANN, "role:owner"), frozen)
    assert FROZEN.reach(ANN, "change.edit", known, NOW) == (False, {})
    assert FROZEN.reach(ANN, "change.edit", authority(grant(ANN, "role:owner")), NOW).everything


# What is hidden.


SECRETS = guard(
    "role:bot, book.read_embargoed, project, allow",
    "role:bot, book.read_embargoed, service, allow",
    "role:bot, book.edit, project, allow",
    "role:cleared, book.read_embargoed, project, allow",
    "role:manager, book.read_embargoed, service, allow",
)
OWNED = principal(BOT, owner=ANN)
APP, OTHER = (("project", "app"),), (("project", "other"),)


@pytest.mark.req("S1-12", "X-05")
@pytest.mark.parametrize(
    "own, theirs, seen, values",
    [
        (("project", "any"), None, (), {}),
        (("project", "any"), ("role:cleared", "project", "app"), (APP,), {"project": {"app"}}),
        (("project", "app"), ("role:cleared", "project", "any"), (APP,), {"project": {"app"}}),
        (("project", "app"), ("role:cleared", "project", "other"), (), {}),
        (("project", "app"), ("role:manager", "service", "shop"), (), {}),
        (("service", "any"), ("role:cleared", "project", "app"), (APP,), {"project": {"app"}}),
        (("project", "app"), ("role:manager", "service", "any"), (APP,), {"project": {"app"}}),
        (("project", "any"), ("role:cleared", None, "any"), (APP, OTHER), None),
        ((None, "any"), ("role:cleared", "project", "app"), (APP,), {"project": {"app"}}),
        (("project", "any"), ("role:cleared", "project", "any"), (APP, OTHER), None),
    ],
)
def test_a_program_sees_of_what_is_hidden_what_its_owner_sees_by_the_same_kind(
    own: tuple[str | None, str],
    theirs: tuple[str, str | None, str] | None,
    seen: tuple[tuple[tuple[str, str], ...], ...],
    values: dict[str, set[str]] | None,
) -> None:
    held = [grant(ANN, *theirs)] if theirs else []
    known = authority(OWNED, principal(ANN), grant(BOT, "role:bot", *own), *held)
    reading = "book.read_embargoed"
    for each in (APP, OTHER):
        at = touches(*each)
        assert SECRETS.decide(BOT, reading, at, known, NOW).allowed is (each in seen)
        assert (BOT in SECRETS.who(reading, at, known, NOW).people) is (each in seen)
        edits = own in ((None, "any"), ("project", "any"), each[0])
        assert SECRETS.decide(BOT, "book.edit", at, known, NOW).allowed is edits
    reach = SECRETS.reach(BOT, reading, known, NOW)
    told = {kind: set(found) for kind, found in reach.values.items() if found}
    assert (None if reach.everything else told) == values


@pytest.mark.req("S1-12", "X-05")
def test_it_sees_nothing_once_its_owner_is_suspended_or_their_time_is_over() -> None:
    bot, ends = grant(BOT, "role:bot", "project"), NOW + HOUR
    known = authority(OWNED, principal(ANN), bot, grant(ANN, "role:cleared", "project", until=ends))
    asked = (BOT, "book.read_embargoed", touches(*APP), known)
    assert SECRETS.decide(*asked, NOW).allowed
    assert not SECRETS.decide(*asked, ends).allowed
    known.learn(principal(ANN, suspended=True))
    assert not SECRETS.decide(*asked, NOW).allowed
    known.learn(principal(ANN))
    known.learn(principal(BOT))
    assert not SECRETS.decide(*asked, NOW).allowed, "nobody answers for it"


@pytest.mark.req("S1-12", "X-04", "X-05")
def test_an_account_linked_to_its_owners_shows_it_nothing() -> None:
    own = grant(BOT, "role:bot", "project")
    theirs = grant(BEN, "role:cleared", "project")
    linked = replace(principal(ANN), linked=(BEN,))
    known = authority(OWNED, linked, principal(BEN), own, theirs)
    assert SECRETS.decide(BEN, "book.read_embargoed", touches(*APP), known, NOW).allowed
    assert not SECRETS.decide(BOT, "book.read_embargoed", touches(*APP), known, NOW).allowed
    assert not any(SECRETS.reach(BOT, "book.read_embargoed", known, NOW).values.values())


# What a policy knows.


def test_roles_that_let_their_holder_decide_are_approving() -> None:
    text = "p, role:a, change.approve, service, allow\np, role:b, change.edit, none, allow\n"
    text += "p, role:c, change.approve, service, deny\np, role:b, change.approve, board, deny"
    found = Guard.compile(MODEL, text, deciding={"change.approve", "grant.confirm"})
    assert found.approving == {"role:a"}
    assert found.roles == {"role:a", "role:b", "role:c"}


def test_roles_that_let_their_holder_read_what_is_hidden_are_approving() -> None:
    text = "p, role:a, book.read_embargoed, project, allow\np, role:b, book.read, project, allow\n"
    assert Guard.compile(MODEL, text).approving == {"role:a"}


def test_a_newer_guard_leaves_the_older_one_as_it_was() -> None:
    known = authority(grant(ANN, "role:owner"))
    older, newer = guard("role:owner, change.edit, none, allow"), guard("role:b, x.y, none, allow")
    assert older.decide(ANN, "change.edit", {}, known, NOW).allowed
    assert not newer.decide(ANN, "change.edit", {}, known, NOW).allowed
    with pytest.raises(AttributeError):
        older.roles = frozenset()  # type: ignore[misc]


# Whoever answers for a program.


@pytest.mark.req("X-04", "X-05")
def test_a_program_may_nothing_while_who_owns_it_is_suspended() -> None:
    held = grant(BOT, "role:owner", "service", "billing")
    for away in (False, True):
        known = authority(held, principal(BOT, owner=ANN), principal(ANN, suspended=away))
        decision = RULES.decide(BOT, "change.edit", touches(*BILLING), known, NOW)
        assert decision.allowed is not away
        assert ("editPrincipal" in decision.reason) is away
        found = RULES.who("change.edit", touches(*BILLING), known, NOW)
        assert set(found.people) == (set() if away else {BOT})
