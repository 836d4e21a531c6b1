"""A fix that was linked stays as complete as it was found, or goes out with nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.approval.approval import Choice, OpenRule, Rule, Vote
from domain.gate import Reference
from domain.grant.aggregate import Scope
from domain.merge_request.state import MergeRequest, Status
from domain.release.embargo import shown
from domain.release.gate.gates import asked
from domain.release.gate.question import Question
from domain.security_fix.lasting import UNLESS
from domain.security_fix.linking import readiness
from domain.security_fix.parts import add_merge_request, remove_merge_request
from domain.security_fix.state import FinderProposal, Item, SecurityFix
from domain.security_fix.state import Status as FixStatus
from tests.domain.given import asked_by
from tests.domain.organisation import refused
from tests.domain.patch_stories import (
    APPSEC,
    BRANCHES,
    FINDER,
    PATCH,
    VERSIONS,
    fix,
    linked,
    patch_office,
)
from tests.domain.release_stories import PROJECT, RAY, RITA, Office, hold, opened

GATES = ("enter_phase:early_merge", "enter_phase:backports", "enter_phase:preparation", "publish")
CODES = {"fix_incomplete", "fix_not_included", "fix_not_linked"}
ID = "7" * 32


def story(versions: tuple[str, ...] = VERSIONS) -> tuple[Office, str, list[MergeRequest]]:
    """A hidden patch with a fix and its backports, all merged."""
    told = {"fix": ID, "embargoed": True, "status": Status.MERGED}
    parts = [replace(each, **told) for each in fix()]  # type: ignore[arg-type]
    office = patch_office()
    plan = replace(PATCH, versions=versions)
    id = opened(office, "planned_patch", "planned_patch", plan, embargoed=True)
    office.learn(*parts, linked(parts, id))
    office.ask(RITA, "release.include", id, merge_requests=[each.id for each in parts])
    return office, id, parts


def told(office: Office, id: str) -> set[str]:
    """What every gate says of it, which is the same."""
    found = [office.codes(id, gate) & CODES for gate in GATES]
    assert all(each == found[0] for each in found)
    return found[0]


BARE = ["security_fix.unlink", "security_fix.link"]
COMPLETING = [BARE[0], "security_fix.add_merge_request", BARE[1], "release.include"]
REPLACING = ["merge_request.revert", *COMPLETING]
REOPENING = ["merge_request.reopen", "release.include"]
AIMING = ["merge_request.retarget", "release.include"]


def because(office: Office, id: str, acts: list[str] = COMPLETING) -> str:
    """What the fix is said to lack, to who may see it; nobody else is told more than that."""
    [bare] = [e for e in office.verdict(id, "publish").blocking if e.code == "fix_incomplete"]
    assert bare.message == "What is linked to it is not as complete any more as it was."
    assert [each.action for each in bare.acts] == BARE
    given = (office.release(id), office.at, office.authority, office.records)
    seen = asked(Question(*given, sees=lambda _record: True), "publish").blocking
    [finding] = [each for each in seen if each.code == "fix_incomplete"]
    assert finding.lacking == bare.lacking == (Reference("security_fix", ID),)
    assert [each.action for each in finding.acts] == acts
    return finding.message


@pytest.mark.req("S1-19", "S1-26", "S1-27")
def test_a_fix_that_was_linked_keeps_its_label_and_its_ticked_boxes() -> None:
    office, id, parts = story()
    assert told(office, id) == set()
    good = linked(parts, id)
    office.learn(replace(good, labels=()))
    assert told(office, id) == {"fix_incomplete"}
    assert "security-target" in because(office, id, ["security_fix.label"])
    office.learn(replace(good, items=(Item("tested", "A test shows it"),)))
    assert told(office, id) == {"fix_incomplete"}
    assert "boxes are open" in because(office, id, ["security_fix.tick"])


@pytest.mark.req("S1-20", "S1-21", "S1-27")
@pytest.mark.parametrize("branch", ["master", *BRANCHES])
def test_a_fix_reaches_every_branch_with_something_that_goes_out(branch: str) -> None:
    office, id, parts = story()
    [gone] = [each for each in parts if each.target == branch]
    closed, away = replace(gone, status=Status.CLOSED), replace(gone, target="17-3-stable-ee")
    opened = replace(away, status=Status.OPEN)
    for lost, acts in ((closed, REOPENING), (away, COMPLETING), (opened, AIMING)):
        office.learn(lost)
        assert told(office, id) == {"fix_incomplete"}
        given = {"merge_requests": [gone.id], "reason": "It is given up."}
        office.ask(RITA, "release.exclude", id, **given)
        assert "fix_incomplete" in told(office, id)
        wanted = "the default branch" if branch == "master" else branch
        assert wanted in because(office, id, acts)
        office.learn(gone)
        office.ask(RITA, "release.include", id, merge_requests=[gone.id])
        assert told(office, id) == set()


@pytest.mark.req("S1-27", "S1-52", "X-05")
@pytest.mark.parametrize("branch", ["master", *BRANCHES])
def test_what_was_taken_back_goes_out_no_more(branch: str) -> None:
    office, id, parts = story()
    [gone] = [each for each in parts if each.target == branch]
    office.learn(replace(gone, reverted_at=office.at))
    assert told(office, id) == {"fix_incomplete"}
    given = {"merge_requests": [gone.id], "reason": "It was taken back."}
    office.ask(RITA, "release.exclude", id, **given)
    assert told(office, id) == {"fix_incomplete"}, "and nothing waits for it"
    assert not shown(office.release(id), office.records)


@pytest.mark.req("S1-27", "S1-32", "S1-52")
def test_another_takes_the_place_of_what_was_taken_back() -> None:
    office, id, (main, *ports) = story()
    back = replace(main, reverted_at=office.at)
    other = replace(main, id="c" * 32, head="c" * 40)
    office.learn(back, other, linked([back, other, *ports], id))
    assert told(office, id) == {"fix_not_included"}, "the fix has all that it needs"
    office.ask(RITA, "release.include", id, merge_requests=[other.id])
    assert told(office, id) == set()
    fix_shown = ("security_fix.disclose", ID)
    assert fix_shown in {(e.action, e.subject) for e in shown(office.release(id), office.records)}
    state = linked([back, *ports], None)
    found = readiness(state, office.at, office.authority, office.records)
    [slot] = [each for each in found.slots if each.branch == "master"]
    assert {each.code for each in slot.findings} == {"merge_request_missing"}


@pytest.mark.req("S1-19", "S1-27")
@pytest.mark.parametrize("kept", [0, 1, 3])
def test_what_is_linked_and_not_in_the_patch_yet_is_only_to_be_put_in(kept: int) -> None:
    office, id, parts = story()
    ids = [each.id for each in parts[kept:]]
    office.ask(RITA, "release.exclude", id, merge_requests=ids, reason="It is linked alone.")
    assert told(office, id) == {"fix_not_included"}
    office.learn(replace(linked(parts, id), items=(Item("tested", "A test shows it"),)))
    assert told(office, id) == {"fix_not_included", "fix_incomplete"}
    assert because(office, id, ["security_fix.tick"]).endswith("more: boxes are open.")
    office.learn(linked(parts[1:], id))
    assert "fix_incomplete" in told(office, id), "nothing of it is for the default branch"


@pytest.mark.req("S1-12", "S1-27")
def test_a_patch_that_is_not_out_is_not_shown_while_hidden_fixes_are_linked_to_it() -> None:
    office, id, parts = story()
    with refused("release_not_out"):
        office.ask(RITA, "release.reveal", id)
    office.learn(linked(parts, None))
    assert not shown(office.release(id), office.records)
    with refused("carries_hidden"):
        office.ask(RITA, "release.reveal", id)
    ids = [each.id for each in parts]
    office.ask(RITA, "release.exclude", id, merge_requests=ids, reason="They wait.")
    with refused("needs_second_person"):
        office.ask(RITA, "release.reveal", id)
    office.ask(APPSEC, "release.reveal", id)
    assert not office.release(id).embargoed


@pytest.mark.req("S1-21", "S1-27")
def test_each_fix_of_a_patch_has_to_reach_every_branch_by_itself() -> None:
    office, id, _ = story()
    other = "8" * 32
    state = {"fix": other, "embargoed": True, "status": Status.MERGED}
    second = [replace(each, **state) for each in fix("b", BRANCHES[:2])]  # type: ignore[arg-type]
    office.learn(*second, linked(second, id, "8"))
    office.ask(RITA, "release.include", id, merge_requests=[each.id for each in second])
    assert told(office, id) == {"fix_incomplete"}
    plan = replace(PATCH, versions=VERSIONS[:2])
    office.ask(RITA, "release.edit", id, plan=plan)
    assert told(office, id) == set(), "that it needs the third is for another finding"
    assert "line_not_covered" in office.codes(id, "tag")


@pytest.mark.req("S1-20", "S1-27")
def test_no_part_of_it_was_merged_by_the_word_of_who_counts_as_its_finder_by_now() -> None:
    office, id, (main, *ports) = story()
    approved = replace(main, votes=(vote(main, office),), merged_at=office.at, rested_on=("v",))
    office.learn(approved)
    assert told(office, id) == {"fix_incomplete"}
    assert "who found" in because(office, id, REPLACING)
    assert UNLESS not in because(office, id, REPLACING)
    state = office.states[SecurityFix, ID]
    claims = (FinderProposal(FINDER, FINDER, office.at, of_self=True),)
    office.learn(replace(state, reporter=RAY, finder_proposals=claims))
    assert UNLESS in because(office, id, REPLACING), "as the fix itself says"
    office.learn(state)
    back, other = replace(approved, reverted_at=office.at), replace(main, id="c" * 32)
    office.learn(back, other, linked([back, other, *ports], id))
    office.ask(RITA, "release.include", id, merge_requests=[other.id])
    assert told(office, id) == set(), "that is the way out"


@pytest.mark.req("S1-20", "S1-27")
def test_what_others_approved_anew_is_in_nobodys_way() -> None:
    office, id, (main, *_) = story()
    rule = Rule("appsec", "Application security", role="role:appsec", scope="project")
    void, anew = vote(main, office), vote(main, office, RAY, "w")
    signs = hold(RAY, "role:appsec", Scope.PROJECT, PROJECT)
    waits = replace(main, status=Status.OPEN, rules=(OpenRule(rule, 1, 2),), votes=(void,))
    office.learn(signs)
    office.learn(waits)
    assert told(office, id) == {"fix_incomplete"}
    assert "waits for another approval" in because(office, id, ["merge_request.sign_off"])
    office.learn(replace(waits, votes=(void, anew)))
    assert told(office, id) == set()
    merged = replace(main, votes=(void, anew), merged_at=office.at, rested_on=("w",))
    office.learn(merged)
    assert told(office, id) == set(), "it did not rest on that"


def vote(on: MergeRequest, office: Office, by: str = FINDER, id: str = "v") -> Vote:
    """An approval for application security."""
    grant = hold(by, "role:appsec", Scope.PROJECT, PROJECT).id
    return Vote(by, "appsec", 1, on.digest, Choice.APPROVE, grant, office.at, id=id)


@pytest.mark.req("S1-27")
def test_what_is_linked_takes_in_no_other_merge_request_and_lets_none_go() -> None:
    office, id, parts = story()
    fresh = replace(parts[1], id="c" * 32, fix=None)
    office.learn(fresh)
    found = linked(parts, id)
    context = asked_by(RITA, *office.states.values(), at=office.at)
    free: SecurityFix = replace(found, status=FixStatus.FIXING)
    with refused("linked"):
        add_merge_request(found, context, merge_request=fresh.id)
    with refused("linked"):
        remove_merge_request(found, context, merge_request=parts[1].id)
    assert add_merge_request(free, context, merge_request=fresh.id)
    assert remove_merge_request(free, context, merge_request=parts[1].id)
