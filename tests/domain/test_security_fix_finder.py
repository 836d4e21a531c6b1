"""Who found a vulnerability is named afterwards, by another, and settles nothing of the fix."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.explanation import explain
from domain.kernel import Then
from domain.security_fix.basis import Basis
from domain.security_fix.events import FinderNamed, FinderProposed
from domain.security_fix.queue import awaits
from domain.security_fix.readiness import completeness
from domain.security_fix.state import Status
from tests.domain.fix_stories import (
    APPSEC,
    BRANCHES,
    ENGINEER,
    FINDER,
    MAINTAINER,
    MANAGER,
    OTHER_APPSEC,
    Workshop,
    held,
    opened,
    tracker,
)
from tests.domain.given import NOON, authority, known
from tests.domain.organisation import ROBOT, kinds, person, refused

WHY = {"reason": "They told us in the hall."}


def name(shop: Workshop, finder: str, *by: str) -> list[Any]:
    """Name the finder, by two or by themselves, with what follows for each merge request."""
    for first in by[:-1]:
        shop.fix.ask(first, "name_finder", reporter=finder, **WHY)
    last = by[-1] if by else finder
    events = shop.fix.ask(last, "name_finder", reporter=finder, **WHY)
    for each in events:
        if isinstance(each, Then):
            part = next(e for e in shop.parts.values() if e.subject == each.subject)
            verb = each.action.partition(".")[2]
            part.ask(last, verb, **each.arguments)
    shop.learn()
    return events


@pytest.mark.req("S1-10", "S1-20")
def test_a_finder_named_afterwards_frees_who_opened_it_and_settles_nothing() -> None:
    shop = Workshop(held(FINDER, "role:appsec"))
    shop.add("master")
    with refused("own_find", "own_change"):
        shop.parts["master"].ask(OTHER_APPSEC, "sign_off", rule="appsec")
    name(shop, FINDER, APPSEC, OTHER_APPSEC)
    assert shop.fix.state.finder == FINDER
    for verb, given in (("assess", {"severity": "low"}), ("dismiss", {"reason": "Nothing."})):
        with refused("own_find"):
            shop.fix.ask(FINDER, verb, **given)
    with refused("own_find", "own_change"):
        shop.parts["master"].ask(FINDER, "sign_off", rule="appsec")
    shop.sign("master", appsec=OTHER_APPSEC)
    assert "master" not in shop.missing()
    shop.fix.ask(OTHER_APPSEC, "assess", severity="low")


@pytest.mark.req("S1-20", "X-04")
def test_another_than_who_counts_as_the_finder_names_one() -> None:
    story = opened()
    with refused("own_find"):
        story.ask(OTHER_APPSEC, "name_finder", reporter=FINDER, **WHY)
    said = [FinderProposed(FINDER, WHY["reason"])]
    assert story.ask(APPSEC, "name_finder", reporter=FINDER, **WHY) == said
    assert story.ask(APPSEC, "name_finder", reporter=FINDER, **WHY) == []
    assert story.state.kept_out == (OTHER_APPSEC,), "that one says so is not enough"
    told = [FinderNamed(FINDER, WHY["reason"], agreed=True)]
    assert story.ask(OTHER_APPSEC, "name_finder", reporter=FINDER, **WHY) == told
    assert story.state.kept_out == (FINDER,)
    assert story.ask(MANAGER, "name_finder", reporter=FINDER, **WHY) == []
    with refused("own_find"):
        story.ask(FINDER, "name_finder", reporter=OTHER_APPSEC, **WHY)
    same = opened(reporter=FINDER)
    same.learn(person(FINDER, linked=(APPSEC,)))
    with refused("own_find"):
        same.ask(APPSEC, "name_finder", reporter=ENGINEER, **WHY)


@pytest.mark.req("S1-20", "X-04")
def test_nobody_alone_strikes_out_what_another_said() -> None:
    shop = Workshop()
    shop.whole()
    said = {"reporter": APPSEC, **WHY}
    for by in (MANAGER, MANAGER):
        shop.fix.ask(by, "name_finder", **said)
        assert shop.fix.state.severity == "high"
    [waits] = shop.fix.state.finder_proposals
    assert (waits.reporter, waits.proposed_by) == (APPSEC, MANAGER)
    shop.fix.learn(person(ROBOT, owner=MANAGER))
    shop.fix.ask(ROBOT, "name_finder", **said)
    shop.fix.ask(FINDER, "name_finder", **said)
    assert shop.fix.state.severity == "high", "none of these is of application security"
    name(shop, APPSEC, OTHER_APPSEC)
    assert (shop.fix.state.severity, shop.fix.state.finder_proposals) == (None, ())
    shop.learn()
    assert shop.missing()["master"] == ("approvals_missing",)


@pytest.mark.req("S1-20", "X-04")
def test_a_word_of_oneself_keeps_oneself_out_and_frees_nobody() -> None:
    shop = Workshop(held(FINDER, "role:appsec"))
    shop.whole()
    name(shop, OTHER_APPSEC, APPSEC, ENGINEER)
    [said] = name(shop, MANAGER)[:1]
    assert said == FinderProposed(MANAGER, WHY["reason"], of_self=True)
    assert shop.fix.state.kept_out == (OTHER_APPSEC, MANAGER)
    assert {OTHER_APPSEC, MANAGER} <= set(shop.parts["master"].state.excluded)
    for who in (OTHER_APPSEC, MANAGER):
        with refused("own_find"):
            shop.fix.ask(who, "assess", severity="low")
    with refused("own_find"):
        name(shop, MANAGER, OTHER_APPSEC)
    name(shop, MANAGER, FINDER)
    assert shop.fix.state.kept_out == (MANAGER,), "another of application security says the same"
    assert OTHER_APPSEC not in shop.parts["master"].state.excluded


@pytest.mark.req("S1-20", "X-04")
def test_who_says_it_of_themselves_is_kept_out_at_once_and_takes_it_back_by_the_word_of_two() -> (
    None
):
    shop = Workshop(held(FINDER, "role:appsec"))
    shop.whole()
    shop.fix.ask(ENGINEER, "label", label="security-target")
    name(shop, APPSEC)
    assert shop.missing() == {"fix": ("not_assessed",), "master": ("approvals_missing",)}
    assert shop.fix.state.kept_out == (OTHER_APPSEC, APPSEC)
    with refused("own_find"):
        name(shop, FINDER, APPSEC)
    with refused("own_find"):
        name(shop, ENGINEER, MANAGER, APPSEC)
    name(shop, ENGINEER, FINDER)
    assert shop.fix.state.kept_out == (ENGINEER,)


@pytest.mark.req("S1-20", "X-04")
def test_two_say_again_what_was_agreed_where_somebody_claims_the_find_since() -> None:
    shop = Workshop(held(FINDER, "role:appsec"))
    shop.whole()
    shop.parts["master"].ask(MANAGER, "merge")
    name(shop, ENGINEER, MANAGER, APPSEC)
    assert "master" not in shop.missing()
    name(shop, MAINTAINER)
    assert shop.missing()["master"] == ("own_report",)
    [told] = [
        each.message for each in shop.readiness().verdict.findings if "merged" in each.requirement
    ]
    assert "two others say that" in told
    with refused("own_find"):
        name(shop, ENGINEER, MAINTAINER)
    assert kinds(name(shop, ENGINEER, MANAGER)) == ["FinderProposed"]
    assert shop.fix.state.kept_out == (ENGINEER, MAINTAINER), "one alone frees nobody"
    name(shop, ENGINEER, APPSEC)
    assert shop.fix.state.kept_out == (ENGINEER,)
    assert "master" not in shop.missing()
    assert name(shop, ENGINEER, MANAGER) == []


@pytest.mark.req("S1-10", "S1-20", "X-05")
def test_it_is_said_who_frees_whoever_is_kept_out_for_opening_it_alone() -> None:
    """Both of application security are kept out: one opened it, the other says they found it."""
    shop = Workshop()
    shop.whole()
    shop.fix.ask(ENGINEER, "label", label="security-target")
    name(shop, APPSEC)
    told = acts(shop)
    freed = {OTHER_APPSEC}
    assert told["security_fix.name_finder"] == freed | {MANAGER}
    assert told["security_fix.assess"] == told["merge_request.sign_off"] == freed
    told_by = basis(shop)
    waits = awaits(shop.fix.state, completeness(shop.fix.state, told_by), told_by)
    assert {each.code for each in waits.appsec} == {"not_assessed", "approvals_missing"}
    name(shop, APPSEC, MANAGER)
    assert shop.fix.state.kept_out == (APPSEC,)
    assert "security_fix.name_finder" not in acts(shop)
    shop.fix.ask(OTHER_APPSEC, "assess", severity="high")
    shop.parts["master"].ask(OTHER_APPSEC, "sign_off", rule="appsec")
    assert shop.missing() == {}


@pytest.mark.req("S1-20", "X-05")
def test_nor_is_it_said_that_nobody_may_approve_a_fix_that_is_assessed() -> None:
    shop = Workshop(held(FINDER, "role:appsec"))
    shop.whole()
    shop.fix.ask(ENGINEER, "label", label="security-target")
    shop.fix.ask(FINDER, "assess", severity="low")
    shop.fix.world = (*shop.fix.world, person(FINDER, suspended=True))
    name(shop, APPSEC)
    assert shop.fix.state.severity == "low"
    told = acts(shop)
    assert told["merge_request.sign_off"] == {OTHER_APPSEC}
    assert told["security_fix.name_finder"] == {OTHER_APPSEC, MANAGER}


def basis(shop: Workshop) -> Basis:
    """What its readiness is judged by, where application security and the manager may act."""
    shop.learn()
    judges = frozenset((APPSEC, OTHER_APPSEC))
    able = {"security_fix.assess": judges, "security_fix.name_finder": judges | {MANAGER}}
    able["merge_request.read_embargoed"] = judges | {MAINTAINER, MANAGER}
    people, records = authority(*shop.fix.world), known(*shop.fix.others)
    found = Basis(records, people, shop.fix.at, lambda action, _: able.get(action, frozenset()))
    found.read((shop.fix.state,))
    return found


def acts(shop: Workshop) -> dict[str, set[str]]:
    """Who may do what helps, by what that is, of the fix and its merge request for the default."""
    told = basis(shop)
    verdict = completeness(shop.fix.state, told).verdict
    found = explain(verdict, approve="merge_request.sign_off")
    return {act.action: set(act.people) for way in found.ways for act in way.acts} or {
        found.impossible_reason or "": set()
    }


@pytest.mark.req("S1-20", "X-04")
def test_whoever_sees_a_fix_says_that_they_found_it() -> None:
    story = opened(reporter=ENGINEER)
    told = kinds(story.ask(ENGINEER, "claim_find", reason="I did."))
    assert (told, story.state.kept_out) == (["FinderNamed"], (ENGINEER,))
    other = opened()
    told = kinds(other.ask(MAINTAINER, "claim_find", reason="I did."))
    assert (told, other.state.kept_out) == (["FinderProposed"], (OTHER_APPSEC, MAINTAINER))
    assert other.ask(MAINTAINER, "claim_find", reason="I did.") == []
    with refused("machine"):
        other.ask(ROBOT, "claim_find", reason="I did.")


@pytest.mark.req("S1-20", "X-04")
def test_no_program_has_found_it() -> None:
    with refused("machine"):
        opened(reporter=ROBOT)
    story = opened()
    story.learn(person(ROBOT, owner=MANAGER))
    with refused("machine"):
        story.ask(MANAGER, "name_finder", reporter=ROBOT, **WHY)


@pytest.mark.req("S1-20", "X-04")
def test_whoever_is_suspended_says_nothing_any_more() -> None:
    story = opened()
    story.ask(MANAGER, "name_finder", reporter=FINDER, **WHY)
    story.learn(person(MANAGER, suspended=True))
    story.ask(APPSEC, "name_finder", reporter=FINDER, **WHY)
    assert story.state.reporter is None


@pytest.mark.req("S1-20", "X-04")
@pytest.mark.parametrize("by", [APPSEC, FINDER, MANAGER])
def test_who_opens_a_fix_is_kept_out_until_another_says_who_found_it(by: str) -> None:
    shop = Workshop(reporter=FINDER)
    shop.add("master")
    assert shop.fix.state.kept_out == (FINDER, OTHER_APPSEC)
    for verb, given in (("assess", {"severity": "low"}), ("dismiss", {"reason": "Nothing."})):
        with refused("own_find"):
            shop.fix.ask(OTHER_APPSEC, verb, **given)
    with refused("own_find", "own_change"):
        shop.parts["master"].ask(OTHER_APPSEC, "sign_off", rule="appsec")
    with refused("own_find"):
        name(shop, ENGINEER, OTHER_APPSEC)
    name(shop, FINDER, by)
    assert shop.fix.state.kept_out == (FINDER,)
    assert shop.parts["master"].state.excluded == (FINDER,)
    shop.fix.ask(OTHER_APPSEC, "assess", severity="low")
    shop.sign("master", appsec=OTHER_APPSEC)
    assert "master" not in shop.missing()


@pytest.mark.req("S1-20", "X-04")
def test_what_others_say_of_who_opened_it_takes_two_as_well() -> None:
    story = opened(reporter=APPSEC)
    story.ask(MANAGER, "name_finder", reporter=OTHER_APPSEC, **WHY)
    assert story.state.kept_out == (APPSEC, OTHER_APPSEC)
    story.ask(APPSEC, "name_finder", reporter=OTHER_APPSEC, **WHY)
    assert story.state.kept_out == (OTHER_APPSEC,), "who was named wrongly says so with another"
    story.ask(APPSEC, "assess", severity="low")


@pytest.mark.req("S1-10", "S1-20")
def test_what_the_finder_said_of_the_severity_is_void_and_another_says_it_anew() -> None:
    shop = Workshop()
    shop.whole()
    shop.fix.ask(ENGINEER, "label", label="security-target")
    assert shop.missing() == {}
    name(shop, APPSEC, MANAGER, OTHER_APPSEC)
    state = shop.fix.state
    assert (state.status, state.severity, state.due_at) == (Status.ASSESSING, None, None)
    assert shop.missing() == {"fix": ("not_assessed",), "master": ("approvals_missing",)}
    shop.fix.ask(OTHER_APPSEC, "assess", severity="high")
    assert shop.fix.state.status is Status.FIXING


@pytest.mark.req("S1-20")
def test_what_others_said_stands() -> None:
    shop = Workshop()
    shop.whole()
    due = shop.fix.state.due_at
    name(shop, FINDER)
    assert (shop.fix.state.severity, shop.fix.state.due_at) == ("high", due)
    assert shop.missing() == {"fix": ("label_missing",)}


@pytest.mark.req("S1-20")
def test_their_sign_offs_are_void_on_every_merge_request_and_who_was_freed_may_sign() -> None:
    shop = Workshop(held(OTHER_APPSEC, "role:maintainer"))
    shop.whole()
    name(shop, MAINTAINER, APPSEC, MANAGER)
    lacking = dict.fromkeys(BRANCHES, ("approvals_missing",))
    assert shop.missing() == {"fix": ("label_missing",), **lacking}
    for part in shop.parts.values():
        part.ask(OTHER_APPSEC, "sign_off", rule="maintainer")
    assert shop.missing() == {"fix": ("label_missing",)}


@pytest.mark.req("S1-20")
def test_what_was_merged_with_their_sign_off_is_no_part_of_a_complete_fix() -> None:
    shop = Workshop()
    shop.whole()
    shop.parts["master"].ask(MANAGER, "merge")
    name(shop, APPSEC)
    assert shop.missing()["master"] == ("own_report",)
    assert ways_out(shop) == ["merge_request.revert", "security_fix.add_merge_request"]
    shop.fix.state = replace(shop.fix.state, tracker="d" * 32)
    assert "security_fix.unlink" in ways_out(shop), "none is added while it is linked"
    shop.fix.state = replace(shop.fix.state, tracker=None)
    shop.parts["master"].state = replace(shop.parts["master"].state, reverted_at=NOON)
    assert shop.missing()["master"] == ("merge_request_missing",)


@pytest.mark.req("S1-20", "X-04")
def test_what_was_merged_by_the_approval_of_others_stays_complete() -> None:
    """Whoever is kept out leaves a void word behind, which is in nobody's way."""
    shop = Workshop(held(MANAGER, "role:maintainer"))
    shop.whole()
    name(shop, MAINTAINER)
    lacking = dict.fromkeys(BRANCHES, ("approvals_missing",))
    assert shop.missing() == {"fix": ("label_missing",), **lacking}
    for part in shop.parts.values():
        part.ask(MANAGER, "sign_off", rule="maintainer")
    shop.parts["master"].ask(MANAGER, "merge")
    assert shop.missing() == {"fix": ("label_missing",)}
    name(shop, MANAGER)
    assert shop.missing()["master"] == ("own_report",), "that one it did rest on"


def ways_out(shop: Workshop) -> list[str]:
    [slot] = [each for each in shop.readiness().slots if each.branch == "master"]
    return [act.action for each in slot.findings for act in each.acts]


@pytest.mark.req("S1-20", "S1-27")
def test_a_fix_that_is_linked_stays_linked_and_is_assessed_anew() -> None:
    shop = Workshop(tracker())
    shop.whole()
    shop.fix.ask(ENGINEER, "label", label="security-target")
    assert shop.fix.state.status is Status.LINKED
    name(shop, APPSEC)
    assert (shop.fix.state.status, shop.fix.state.severity) == (Status.LINKED, None)


@pytest.mark.parametrize(
    "given, code",
    [
        ({"reporter": "user:" + "0" * 32}, "unknown_person"),
        ({"reporter": FINDER, "reason": " "}, "text_missing"),
    ],
)
def test_nobody_is_named_who_is_not_known_nor_for_no_reason(
    given: dict[str, Any], code: str
) -> None:
    with refused(code):
        opened().ask(APPSEC, "name_finder", **(WHY | given))


@pytest.mark.req("S1-20")
def test_of_a_report_it_is_known_who_found_it_and_of_what_is_over_nothing_changes() -> None:
    story = opened(reporter=FINDER)
    story.state = replace(story.state, report="c" * 32)
    with refused("finder_reported"):
        story.ask(APPSEC, "name_finder", reporter=OTHER_APPSEC, **WHY)
    over = opened()
    over.ask(APPSEC, "dismiss", reason="It is meant to be so.")
    with refused("fix_ended"):
        over.ask(APPSEC, "name_finder", reporter=FINDER, **WHY)
