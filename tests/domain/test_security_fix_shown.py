"""When a fix is shown, and by whom: once it is out, or by another than who dismissed it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.kernel import Recorded, Then
from domain.merge_request.events import Untied
from domain.merge_request.evolve import evolve
from domain.merge_request.state import Status as MergeStatus
from domain.security_fix.aggregate import AGGREGATE
from domain.security_fix.events import Revealed
from domain.security_fix.state import Part, Status
from domain.showing import seconded
from tests.domain.fix_stories import (
    APPSEC,
    ENGINEER,
    MAINTAINER,
    MANAGER,
    OTHER_APPSEC,
    Workshop,
    held,
    inside,
    labelled,
    out,
    submitted,
    tracker,
)
from tests.domain.given import NOON, authority
from tests.domain.organisation import ROBOT, Story, kinds, person, refused, revoked


def test_everything_of_a_fix_is_revealed_in_one_request() -> None:
    shop = labelled(tracker())
    with refused("release_not_out"):
        shop.fix.ask(MANAGER, "reveal")
    out(shop)
    revealed, *then = shop.fix.ask(MANAGER, "reveal")
    assert kinds([revealed]) == ["Revealed"]
    assert {(each.action, each.subject) for each in then} == {
        ("merge_request.disclose", story.subject) for story in shop.parts.values()
    }
    assert (shop.fix.state.status, shop.fix.state.embargoed) == (Status.RELEASED, False)
    with refused("not_embargoed"):
        shop.fix.ask(MANAGER, "reveal")


def test_what_was_opened_twice_in_the_open_is_closed_and_the_report_is_shown() -> None:
    shop = labelled(tracker())
    twin = replace(shop.parts["master"].state, id="7" * 32, embargoed=False, fix=None)
    report = replace(submitted().state, fix=shop.fix.subject)
    out(shop)
    shop.learn(twin, report)
    then = shop.fix.ask(MANAGER, "reveal")[1:]
    assert [each.subject for each in then if each.action == "merge_request.close"] == [twin.id]
    shown = Then("vulnerability_report.disclose", report.id)
    assert then[-1] == shown


def test_a_merge_request_of_a_fix_is_not_revealed_by_itself() -> None:
    shop = labelled()
    with refused("part_of_fix"):
        shop.parts["master"].ask(APPSEC, "reveal")


def taken_off(by: str, **changes: Any) -> tuple[Workshop, Story]:
    """A fix, and the merge request that somebody took off it."""
    shop = Workshop(**changes)
    part = shop.add("master")
    (_, untie) = shop.fix.ask(by, "remove_merge_request", merge_request=part.subject)
    part.ask(by, untie.action.partition(".")[2])
    shop.learn()
    return shop, part


@pytest.mark.req("S1-12", "S1-50")
def test_nor_is_it_shown_by_who_takes_it_off_its_hidden_fix() -> None:
    _, part = taken_off(APPSEC)
    for who in (APPSEC, OTHER_APPSEC, ENGINEER):
        with refused("part_of_fix"):
            part.ask(who, "reveal")
    assert kinds(part.ask(MANAGER, "reveal")) == ["RevealProposed"]
    assert part.ask(MANAGER, "reveal") == []
    assert kinds(part.ask(MAINTAINER, "reveal")) == ["Revealed"]


@pytest.mark.req("S1-12", "S1-50", "X-04")
@pytest.mark.parametrize("lost", [True, False])
def test_that_somebody_took_it_off_is_no_first_word(lost: bool) -> None:
    _, part = taken_off(APPSEC)
    if lost:
        part.learn(person(APPSEC, suspended=True))
    assert not seconded(part.state, (MANAGER,), authority(*part.world))
    assert kinds(part.ask(MANAGER, "reveal")) == ["RevealProposed"]
    assert part.state.embargoed
    assert seconded(part.state, (MAINTAINER,), authority(*part.world))


@pytest.mark.req("S1-12", "S1-50", "X-04")
def test_who_let_it_be_shown_before_it_was_part_of_a_fix_says_so_anew_afterwards() -> None:
    shop, part = taken_off(APPSEC)
    assert kinds(part.ask(MANAGER, "reveal")) == ["RevealProposed"]
    events = shop.fix.ask(APPSEC, "add_merge_request", merge_request=part.subject)
    part.ask(APPSEC, "tie", **events[1].arguments)
    part.ask(APPSEC, "untie")
    assert kinds(part.ask(MAINTAINER, "reveal")) == ["RevealProposed"]
    assert part.state.embargoed
    assert kinds(part.ask(MANAGER, "reveal")) == ["Revealed"]


@pytest.mark.req("S1-12", "S1-20")
def test_once_it_is_shown_it_tells_not_who_found_what_it_was_taken_off() -> None:
    _, part = taken_off(APPSEC)
    part.state = replace(part.state, alarms=("appsec",))
    finder = part.state.excluded
    assert len(finder) == 1
    part.ask(MANAGER, "reveal")
    part.ask(MAINTAINER, "reveal")
    assert (part.state.excluded, part.state.kept_out, part.state.alarms) == ((), (), ())


@pytest.mark.req("S1-20")
def test_who_found_what_it_belongs_to_stays_kept_out_once_it_is_shown() -> None:
    shop, part = taken_off(APPSEC)
    other = replace(shop.fix.state, id="f" * 32)
    part.ask(APPSEC, "tie", fix=other.id, excluded=(MAINTAINER,))
    part.ask(APPSEC, "keep_out", excluded=(MANAGER,), freed=(MAINTAINER,))
    assert len(part.state.excluded) == 2
    part.ask(APPSEC, "disclose")
    assert part.state.excluded == (MANAGER,)


@pytest.mark.req("S1-12", "S1-50", "X-04")
@pytest.mark.parametrize("by, role", [(ENGINEER, ()), (APPSEC, (APPSEC,))])
def test_what_who_wrote_it_takes_off_is_shown_by_two_others(by: str, role: tuple[str, ...]) -> None:
    shop, part = taken_off(by)
    part.state = replace(part.state, contributors=(*part.state.contributors, *role))
    assert kinds(part.ask(MANAGER, "reveal")) == ["RevealProposed"]
    with refused("part_of_fix"):
        part.ask(by, "reveal")
    assert part.ask(MANAGER, "reveal") == []
    assert kinds(part.ask(MAINTAINER, "reveal")) == ["Revealed"]
    assert shop.fix.state.embargoed


@pytest.mark.req("S1-12", "S1-50")
def test_who_put_it_on_again_has_another_take_it_off() -> None:
    shop, part = taken_off(APPSEC)
    events = shop.fix.ask(APPSEC, "add_merge_request", merge_request=part.subject)
    part.ask(APPSEC, "tie", **events[1].arguments)
    shop.learn()
    shop.fix.ask(MANAGER, "remove_merge_request", merge_request=part.subject)
    part.ask(MANAGER, "untie")
    with refused("part_of_fix") as caught:
        part.ask(MANAGER, "reveal")
    assert "two others" in caught.value.problems[0].message
    assert kinds(part.ask(APPSEC, "reveal")) == ["RevealProposed"]
    assert kinds(part.ask(MAINTAINER, "reveal")) == ["Revealed"]


@pytest.mark.req("S1-12")
def test_who_took_it_off_is_one_of_two_who_show_it_once_the_fix_is_out() -> None:
    shop, part = taken_off(APPSEC)
    for change in ({}, {"status": Status.DISMISSED, "dismissed_by": MANAGER}):
        shop.fix.state = replace(shop.fix.state, **change)
        shop.learn()
        with refused("part_of_fix"):
            part.ask(APPSEC, "reveal")
    shop.fix.state = replace(shop.fix.state, embargoed=False)
    shop.learn()
    with refused("needs_second_person"):
        part.ask(ENGINEER, "reveal")
    assert kinds(part.ask(APPSEC, "reveal")) == ["RevealProposed"]
    assert kinds(part.ask(MANAGER, "reveal")) == ["Revealed"]


def test_a_program_takes_it_off_for_somebody() -> None:
    _, part = taken_off(APPSEC)
    told = Recorded(Untied("7" * 32), "", part.subject, 9, NOON, ROBOT, MANAGER)
    off = [(each.fix, each.by) for each in evolve(part.state, told).taken_off]
    assert off[1:] == [("7" * 32, ROBOT), ("7" * 32, MANAGER)]


@pytest.mark.req("S1-12", "S1-27", "S1-50")
@pytest.mark.parametrize("as_commits", [False, True])
def test_a_fix_is_out_with_all_of_it(as_commits: bool) -> None:
    shop = labelled(tracker())
    out(shop, without="17-0-stable", as_commits=as_commits)
    with refused("release_not_out"):
        shop.fix.ask(MANAGER, "reveal")
    left = shop.parts["17-0-stable"]
    left.state = replace(left.state, status=MergeStatus.MERGED)
    shop.learn()
    with refused("release_not_out"):
        shop.fix.ask(MANAGER, "reveal")
    shop.learn(inside(left.state, as_commits))
    assert isinstance(shop.fix.ask(MANAGER, "reveal")[0], Revealed)


@pytest.mark.req("S1-27")
def test_a_fix_that_a_release_left_behind_goes_out_with_another() -> None:
    shop = labelled(tracker())
    out(shop, without="17-0-stable")
    assert kinds(shop.fix.ask(MANAGER, "unlink", reason="It went without it.")) == ["Unlinked"]
    assert shop.fix.state.status is Status.FIXING


@pytest.mark.req("S1-12", "S1-50")
def test_what_was_dismissed_is_shown_by_another() -> None:
    shop = Workshop()
    part = shop.add("master")
    shop.fix.ask(APPSEC, "dismiss", reason="It is meant to be so.")
    shop.learn()
    for who in (APPSEC, OTHER_APPSEC, ENGINEER):
        with refused("needs_second_person"):
            shop.fix.ask(who, "reveal")
        with refused("part_of_fix"):
            part.ask(who, "reveal")
    revealed, *then = shop.fix.ask(MANAGER, "reveal")
    assert kinds([revealed]) == ["Revealed"]
    assert then == [Then("merge_request.disclose", part.subject)]
    assert shop.fix.state.status is Status.DISMISSED


@pytest.mark.req("S1-12", "S1-50")
def test_what_was_dismissed_along_may_become_part_of_another_fix() -> None:
    shop = Workshop()
    part = shop.add("master")
    shop.fix.ask(APPSEC, "dismiss", reason="Another one tells of it.")
    shop.fix.ask(MANAGER, "remove_merge_request", merge_request=part.subject)
    part.ask(MANAGER, "untie")
    shop.learn()
    assert part.state.fix is None
    with refused("part_of_fix"):
        part.ask(MANAGER, "reveal")
    shop.fix.state = replace(shop.fix.state, status=Status.RELEASED)
    with refused("fix_ended"):
        shop.fix.ask(MANAGER, "remove_merge_request", merge_request=part.subject)


@pytest.mark.req("S1-12", "S1-50")
def test_what_was_taken_off_a_hidden_fix_is_not_shown_along_with_another() -> None:
    shop, part = taken_off(APPSEC)
    parts = (Part(part.subject, APPSEC, NOON),)
    told = {"status": Status.DISMISSED, "dismissed_by": APPSEC, "unlinked": ()}
    other = replace(shop.fix.state, id="8" * 32, parts=parts, **told)
    part.state = replace(part.state, fix=other.id)
    nothing = Story(AGGREGATE, (*shop.fix.world, shop.fix.state), subject=other.id, state=other)
    nothing.learn(part.state)
    assert nothing.ask(MANAGER, "reveal")[1:] == []
    shop.learn(nothing.state)
    with refused("part_of_fix"):
        part.ask(APPSEC, "reveal")
    assert kinds(part.ask(MANAGER, "reveal")) == ["RevealProposed"]
    assert kinds(part.ask(MAINTAINER, "reveal")) == ["Revealed"]


@pytest.mark.req("S1-12", "S1-50", "X-04")
@pytest.mark.parametrize("how", ["suspended", "revoked"])
def test_who_dismissed_it_and_may_no_more_is_no_first_of_two_who_show_it(how: str) -> None:
    shop = Workshop()
    part = shop.add("master")
    shop.fix.ask(APPSEC, "dismiss", reason="It is meant to be so.")
    shop.learn()
    if how == "suspended":
        shop.fix.learn(person(APPSEC, suspended=True))
    else:
        given = held(APPSEC, "role:appsec")
        shop.fix.state = replace(shop.fix.state, dismissed_grant=given.id)
        shop.fix.learn(revoked(given))
    assert kinds(shop.fix.ask(MANAGER, "reveal")) == ["RevealProposed"]
    assert shop.fix.ask(MANAGER, "reveal") == []
    [said] = shop.fix.state.reveal_proposals
    assert (said.proposed_by, shop.fix.state.embargoed) == (MANAGER, True)
    with refused("needs_second_person"):
        shop.fix.ask(ENGINEER, "reveal")
    revealed, *then = shop.fix.ask(MAINTAINER, "reveal")
    assert (kinds([revealed]), shop.fix.state.reveal_proposals) == (["Revealed"], ())
    assert then == [Then("merge_request.disclose", part.subject)]


@pytest.mark.req("S1-12", "S1-50", "X-04")
def test_nor_is_who_said_so_instead_once_they_may_no_more() -> None:
    shop = Workshop()
    shop.fix.ask(APPSEC, "dismiss", reason="It is meant to be so.")
    shop.fix.learn(person(APPSEC, suspended=True))
    shop.fix.ask(MANAGER, "reveal")
    shop.fix.learn(person(MANAGER, suspended=True))
    assert kinds(shop.fix.ask(MAINTAINER, "reveal")) == ["RevealProposed"]
    assert shop.fix.state.embargoed
    shop.fix.learn(person(APPSEC))
    assert kinds(shop.fix.ask(MAINTAINER, "reveal")) == ["Revealed"]
