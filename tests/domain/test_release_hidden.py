"""A release is hidden for what is hidden in it, and for no longer than that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.change.state import Link, LinkKind
from domain.gate import Finding, Reference
from domain.gate import Status as Is
from domain.inclusion import Inclusion
from domain.merge_request.state import MergeRequest, Status, TakenOff
from domain.package import Package
from domain.release.commands.contents import CommitItem
from domain.release.commands.planning import open as plan_release
from domain.release.gate.gates import asked, verdict
from domain.release.gate.question import Question, in_view
from domain.release.state import Delivery, Duty, Progress, cargo_of
from domain.security_fix.state import SecurityFix
from domain.security_fix.state import Status as FixStatus
from domain.security_fix.state import TakenOff as FixTakenOff
from tests.domain.given import asked_by
from tests.domain.organisation import MAX, kinds, person, refused, revoked, ways
from tests.domain.patch_stories import BOT, PATCH, fix, linked, patch_office, request
from tests.domain.release_stories import (
    CI,
    COMMIT,
    DATE,
    EVE,
    PLAN,
    QUINN,
    RAY,
    RITA,
    Office,
    approved_change,
    filled,
    hold,
    merged,
    opened,
)

GIVEN = hold(RITA, "role:release_manager")
TAG, STAGING, CLOSE = "tag", "deploy:staging", "close"
OURS = {"nothing_hidden", "still_hidden"}


def codes(office: Office, id: str, gate: str) -> set[str]:
    """What a gate says of its being hidden."""
    return office.codes(id, gate) & OURS


def office() -> tuple[Office, str, MergeRequest]:
    """A hidden release with an ordinary merge request, and a hidden one that is not in it."""
    made = Office()
    made.at = DATE
    hole = request("f" * 32, "master", embargoed=True)
    made.learn(hole)
    return made, filled(made, "itsm_releases", "minor", embargoed=True), hole


@pytest.mark.req("S1-12")
def test_no_digest_of_a_hidden_release_can_be_made_of_what_is_told() -> None:
    office = Office()
    told: dict[str, Any] = {"playbook": "itsm_releases", "kind": "minor", "plan": PLAN}
    found = []
    for salt, embargoed in (("1" * 32, True), ("2" * 32, True), ("3" * 32, False)):
        context = asked_by(RITA, *office.states.values(), at=office.at, salt=salt)
        [event] = plan_release(None, context, **told, scheduled=DATE, embargoed=embargoed)
        found.append(event)
    assert [each.contents for each in found] == ["1" * 32, "2" * 32, ""]
    assert len({each.digest for each in found}) == len(found)
    id = opened(office, "itsm_releases", "minor", embargoed=True)
    state = replace(office.release(id), contents="1" * 32)
    assert state.listing != office.release(id).listing
    assert cargo_of(state) != cargo_of(office.release(id))


@pytest.mark.req("S1-12")
def test_a_release_is_hidden_only_for_something_hidden_in_it() -> None:
    made, id, hole = office()
    for gate in (TAG, STAGING):
        assert codes(made, id, gate) == {"nothing_hidden"}
    with refused("nothing_hidden"):
        made.ask(RITA, "release.deploy", id, environment="staging")
    made.ask(RITA, "release.include", id, merge_requests=[hole.id])
    for gate in (TAG, STAGING):
        assert codes(made, id, gate) == set()
    made.learn(replace(hole, embargoed=False))
    assert codes(made, id, STAGING) == {"nothing_hidden"}
    [found] = [e for e in made.verdict(id, STAGING).findings if e.code == "nothing_hidden"]
    assert ways(found) == [["release.include"], ["release.reveal"]]
    made.ask(RITA, "release.reveal", id)
    assert codes(made, id, STAGING) == set()
    assert "hidden" not in {each.requirement for each in made.verdict(id, STAGING).findings}


@pytest.mark.req("S1-12", "S3-11")
def test_a_release_is_closed_once_everybody_may_know_of_it() -> None:
    made, id, hole = office()
    made.ask(RITA, "release.include", id, merge_requests=[hole.id])
    assert codes(made, id, CLOSE) == {"still_hidden"}
    with refused("still_hidden"):
        made.ask(RITA, "release.close", id)
    part = replace(hole, status=Status.MERGED, fix="7" * 32)
    for hidden in (hole, part, replace(hole, status=Status.CLOSED)):
        made.learn(hidden)
        with refused("carries_hidden"):
            made.ask(RITA, "release.reveal", id)
    made.learn(replace(hole, status=Status.MERGED))
    with refused("carries_hidden"):
        made.ask(RITA, "release.reveal", id)
    made.ask(EVE, "merge_request.reveal", hole.id)
    made.ask(RITA, "release.reveal", id)
    assert codes(made, id, CLOSE) == set()
    assert not made.records.find(MergeRequest, embargoed=True)


@pytest.mark.req("S1-12", "X-06")
def test_who_keeps_it_from_being_shown_is_not_named_for_showing_it() -> None:
    made = Office()
    made.at = DATE
    hole = replace(request("f" * 32, "master", embargoed=True), status=Status.MERGED)
    made.learn(hole)
    id = filled(made, "itsm_releases", "minor", embargoed=True)
    assert {RITA, EVE} <= showing(made, id)
    made.ask(RITA, "release.include", id, merge_requests=[hole.id])
    made.ask(RITA, "release.exclude", id, merge_requests=(hole.id,), reason="Another brings it.")
    assert RITA not in showing(made, id)
    assert EVE in showing(made, id)
    with refused("needs_second_person"):
        made.ask(RITA, "release.reveal", id)
    made.ask(EVE, "release.reveal", id)


def showing(office: Office, id: str) -> frozenset[str]:
    """Whom the gate before closing names for showing it."""
    told: dict[str, Any] = {"authority": office.authority, "records": office.records}
    said = verdict(
        office.release(id), CLOSE, at=office.at, who=lambda _: frozenset((RITA, EVE, MAX)), **told
    )
    [found] = [each for each in said.findings if each.code == "still_hidden"]
    [way] = [way for way in (found.acts, *found.instead) if way[0].action == "release.reveal"]
    return way[0].people


def number(office: Office, id: str) -> int:
    """How many the gate before closing tells to show it."""
    [found] = [each for each in office.verdict(id, CLOSE).findings if each.code == "still_hidden"]
    [way] = [way for way in (found.acts, *found.instead) if way[0].action == "release.reveal"]
    return way[0].count


@pytest.mark.req("S1-12")
@pytest.mark.parametrize("as_commit", [False, True])
def test_a_release_is_revealed_without_what_stays_hidden(as_commit: bool) -> None:
    made, id, hole = office()
    part = replace(hole, status=Status.MERGED, fix="7" * 32)
    made.learn(part)
    commits = (CommitItem(part.head, part.id),)
    put = {"commits": commits} if as_commit else {"merge_requests": (part.id,)}
    made.ask(RITA, "release.include", id, **put)
    with refused("carries_hidden"):
        made.ask(RITA, "release.reveal", id)
    out = {"commits": (part.head,)} if as_commit else {"merge_requests": (part.id,)}
    made.ask(RITA, "release.exclude", id, reason="It waits for its patch.", **out)
    with refused("needs_second_person"):
        made.ask(RITA, "release.reveal", id)
    made.ask(EVE, "release.reveal", id)
    assert not made.release(id).embargoed


@pytest.mark.req("S1-12", "S1-50")
@pytest.mark.parametrize("commit", ["head", "merge_commit", "earlier"])
@pytest.mark.parametrize("aimed", [False, True])
def test_no_revision_of_what_stays_hidden_is_shown_by_its_commit(
    commit: str, *, aimed: bool
) -> None:
    made, id, hole = office()
    earlier = "9" * 40
    whole = replace(hole, status=Status.MERGED, merge_commit="8" * 40, earlier_heads=(earlier,))
    made.learn(replace(whole, fix="7" * 32))
    told = earlier if commit == "earlier" else getattr(whole, commit)
    if aimed:
        version = made.release(id).plan.versions[0]
        made.ask(RITA, "release.aim", id, release_version=version, commit=told)
    else:
        made.ask(RITA, "release.include", id, commits=(CommitItem(told),))
    with refused("carries_hidden"):
        made.ask(RITA, "release.reveal", id)
    made.learn(merged("9" * 32, head=told, merge_commit="6" * 40))
    made.ask(RITA, "release.reveal", id)


@pytest.mark.req("S1-12", "S1-50")
def test_who_took_a_hidden_thing_out_shows_it_once_that_is_shown() -> None:
    made, id, hole = office()
    made.ask(RITA, "release.include", id, merge_requests=[hole.id])
    made.ask(RITA, "release.exclude", id, merge_requests=[hole.id], reason="It waits.")
    with refused("needs_second_person"):
        made.ask(RITA, "release.reveal", id)
    made.learn(replace(hole, embargoed=False))
    made.ask(RITA, "release.reveal", id)
    assert not made.release(id).embargoed


@pytest.mark.req("S1-12", "S1-50")
def test_who_took_a_hidden_fix_off_it_has_another_show_it() -> None:
    made, id, _ = office()
    made.learn(linked((), id))
    made.ask(RITA, "security_fix.unlink", "7" * 32, reason="It waits.")
    with refused("needs_second_person"):
        made.ask(RITA, "release.reveal", id)
    made.ask(EVE, "release.reveal", id)


@pytest.mark.req("S1-12", "S1-50", "X-04")
@pytest.mark.parametrize("how", ["suspended", "revoked"])
@pytest.mark.parametrize("off", ["item", "fix"])
def test_who_took_it_off_and_may_no_more_is_no_first_of_two(off: str, how: str) -> None:
    made, id, hole = office()
    made.learn(hold(MAX, "role:release_manager"))
    if off == "fix":
        made.learn(replace(linked((), id), unlinked=(FixTakenOff(id, RITA, made.at, GIVEN.id),)))
        made.learn(replace(made.states[SecurityFix, "7" * 32], tracker=None))
    else:
        made.ask(RITA, "release.include", id, merge_requests=[hole.id])
        made.ask(RITA, "release.exclude", id, merge_requests=[hole.id], reason="It waits.")
        [out] = made.records.find(Inclusion, included=False)
        made.learn(replace(out, taken_grant=GIVEN.id))
    made.learn(person(RITA, suspended=True) if how == "suspended" else revoked(GIVEN))
    assert (*sorted(showing(made, id)), number(made, id)) == (*sorted((EVE, MAX)), 2)
    assert kinds(made.ask(EVE, "release.reveal", id)) == ["RevealProposed"]
    assert made.ask(EVE, "release.reveal", id) == []
    assert (*showing(made, id), number(made, id)) == (MAX, 1)
    made.ask(MAX, "release.reveal", id)
    found = made.release(id)
    assert (found.embargoed, found.reveal_proposals) == (False, ())


@pytest.mark.req("S1-12", "S1-50", "X-04")
def test_nor_is_a_word_from_before_it_was_taken_out() -> None:
    made = patch_office()
    id = opened(made, "critical_patch", "critical_patch", PATCH, scheduled=None)
    made.learn(person(RITA, suspended=True))
    assert kinds(made.ask(EVE, "release.reveal", id)) == ["RevealProposed"]
    off = (FixTakenOff(id, RAY, made.at),)
    made.learn(person(RAY, suspended=True), replace(linked((), None), unlinked=off))
    assert kinds(made.ask(MAX, "release.reveal", id)) == ["RevealProposed"]
    made.ask(EVE, "release.reveal", id)
    assert not made.release(id).embargoed


@pytest.mark.req("S1-12", "S1-50")
def test_what_its_kind_hides_is_not_shown_by_who_opened_it() -> None:
    made = patch_office()
    id = opened(made, "critical_patch", "critical_patch", PATCH, scheduled=None)
    made.ask(RITA, "release.abort", id, reason="We think again.")
    with refused("needs_second_person"):
        made.ask(RITA, "release.reveal", id)
    made.ask(EVE, "release.reveal", id)
    assert not made.release(id).embargoed


@pytest.mark.req("S1-12", "X-07")
def test_nobody_is_given_work_of_a_hidden_release_who_may_not_know_of_it() -> None:
    made = patch_office()
    id = opened(made, "planned_patch", "planned_patch", PATCH)
    duties = (Duty("release_manager", EVE),)
    made.ask(RITA, "release.assign_duties", id, duties=duties)
    made.sees = lambda who, record: who not in (EVE, QUINN) or not record.embargoed
    made.ask(RITA, "release.assign_duties", id, duties=(*duties, Duty("release_manager", RITA)))
    more = (*made.release(id).duties, Duty("release_manager", QUINN))
    asked: dict[str, dict[str, Any]] = {
        "assign_duties": {"duties": more},
        "assign_task": {"number": 1, "assignee": EVE},
        "add_task": {"title": "Call them.", "assignee": EVE},
    }
    for verb, told in asked.items():
        with refused("not_cleared") as caught:
            made.ask(RITA, f"release.{verb}", id, **told)
        assert "role:cleared in shop" in caught.value.problems[0].message
    made.learn(replace(made.release(id), embargoed=False))
    for verb, told in asked.items():
        made.ask(RITA, f"release.{verb}", id, **told)


@pytest.mark.req("S1-12", "S3-04")
@pytest.mark.parametrize("under", [("planned_patch", "planned_patch"), ("itsm_releases", "minor")])
def test_the_copy_of_a_hidden_release_is_as_hidden(under: tuple[str, str]) -> None:
    made = patch_office()
    plan = PATCH if under[1] == "planned_patch" else replace(PLAN, versions=("1.2.0",))
    id = opened(made, *under, plan, embargoed=True)
    duties = tuple(Duty("release_manager", each) for each in (RITA, EVE))
    made.learn(replace(made.release(id), duties=duties))
    made.sees = lambda who, record: who != EVE or not record.embargoed
    for embargoed in (True, False):
        made.learn(replace(made.release(id), embargoed=embargoed))
        again = made.fresh()
        made.ask(RITA, "release.copy", again, source=id, versions=plan.versions)
        found = made.release(again)
        hides = embargoed or under[1] == "planned_patch"
        assert (found.embargoed, found.copied_from) == (hides, id)
        assert found.duties == (duties[:1] if hides else duties)
    made.learn(replace(made.release(id), embargoed=True))
    made.knows = lambda record: not record.embargoed
    with refused("unknown_release"):
        made.ask(RITA, "release.copy", made.fresh(), source=id, versions=plan.versions)


@pytest.mark.req("S1-12", "S1-25")
def test_nor_a_hidden_merge_request_but_who_wrote_it() -> None:
    made, _, hole = office()
    made.sees = lambda _who, _record: False
    made.learn(person(BOT))
    for who in (hole.author, None):
        made.ask(RITA, "merge_request.assign", hole.id, assignee=who)
    for who, role in ((EVE, "them role:cleared in"), (BOT, "it role:cleared_bot")):
        with refused("not_cleared") as caught:
            made.ask(RITA, "merge_request.assign", hole.id, assignee=who)
        assert role in caught.value.problems[0].message


@pytest.mark.req("S1-12", "S1-50")
def test_what_one_may_not_show_is_not_shown_along_with_a_release() -> None:
    made, id, hole = office()
    made.learn(replace(hole, status=Status.MERGED, concealed_by=RITA))
    made.ask(RITA, "release.include", id, merge_requests=[hole.id])
    for who in (RITA, EVE):
        with refused("carries_hidden"):
            made.ask(who, "release.reveal", id)
    made.ask(RITA, "merge_request.reveal", hole.id)
    with refused("carries_hidden"):
        made.ask(RITA, "release.reveal", id)
    made.ask(EVE, "release.reveal", id)
    assert not made.records.find(MergeRequest, embargoed=True)


@pytest.mark.req("S1-12", "S1-50")
def test_nor_is_what_was_taken_off_a_fix_shown_by_it_before_that_is_out() -> None:
    made, id, hole = office()
    whole = linked((), None)
    off = (TakenOff(whole.id, RITA),)
    made.learn(replace(hole, status=Status.MERGED, taken_off=off), whole)
    made.ask(RITA, "release.include", id, merge_requests=[hole.id])
    with refused("carries_hidden"):
        made.ask(RITA, "release.reveal", id)
    made.learn(replace(whole, status=FixStatus.DISMISSED, dismissed_by=EVE))
    with refused("carries_hidden"):
        made.ask(RITA, "release.reveal", id)
    made.learn(replace(whole, embargoed=False))
    made.ask(EVE, "merge_request.reveal", hole.id)
    made.ask(RITA, "release.reveal", id)
    assert not made.records.find(MergeRequest, embargoed=True)


def monthly() -> tuple[Office, str, list[MergeRequest]]:
    """A hidden release of a kind that asks nothing of fixes, and the parts of a hidden fix."""
    made = patch_office()
    plan = replace(PATCH, versions=("17.7.0",))
    id = opened(made, "gitlab", "monthly", plan, embargoed=True)
    parts = [
        replace(each, status=Status.MERGED, embargoed=True, merge_commit=f"{at}8" * 20)
        for at, each in enumerate(fix())
    ]
    made.learn(*parts, linked(parts, None))
    return made, id, parts


@pytest.mark.req("S1-12", "S1-27", "S1-50")
def test_no_part_of_a_hidden_fix_is_published_by_itself() -> None:
    made, id, (part, *_) = monthly()
    merged = part.merge_commit or ""
    for requests, commits in (
        ((part.id,), ()),
        ((), (CommitItem(part.head, part.id),)),
        ((), (CommitItem(part.head),)),
        ((), (CommitItem(merged),)),
    ):
        assert "carries_hidden" not in made.codes(id, "publish")
        made.ask(RITA, "release.include", id, merge_requests=requests, commits=commits)
        assert "carries_hidden" in made.codes(id, "publish")
        with refused("carries_hidden"):
            made.ask(RITA, "release.publish", id)
        with refused("carries_hidden"):
            made.ask(RITA, "release.reveal", id)
        out = {"merge_requests": requests, "commits": [each.commit for each in commits]}
        made.ask(RITA, "release.exclude", id, reason="It waits for its patch.", **out)
    for commit in (part.head, merged):
        made.ask(RITA, "release.aim", id, release_version="17.7.0", commit=commit)
        assert "carries_hidden" in made.codes(id, "publish")
    made.ask(RITA, "release.aim", id, release_version="17.7.0", commit=COMMIT)
    assert "carries_hidden" not in made.codes(id, "publish")
    made.learn(replace(part, embargoed=False))
    made.ask(RITA, "release.include", id, merge_requests=[part.id])
    assert "carries_hidden" not in made.codes(id, "publish")


@pytest.mark.req("S1-12", "S1-27", "S1-50")
def test_nor_in_the_name_of_a_change_or_a_package() -> None:
    made, id, (part, *_) = monthly()
    change = approved_change()
    made.learn(change)
    made.ask(RITA, "release.include", id, changes=[change.id])
    assert "carries_hidden" not in made.codes(id, "publish")
    ties = (Link(LinkKind.MERGE_REQUEST, part.id), Link(LinkKind.COMMIT, part.head))
    for tie in ties:
        made.learn(replace(change, links=(tie,)))
        assert "carries_hidden" in made.codes(id, "publish")
    made.learn(change)
    digest = "sha256:" + "5" * 64
    built = Package("b" * 32, 1, "shop", "1", "shop", part.head, digest, (), CI, made.at)
    made.learn(built)
    made.ask(RITA, "release.aim", id, release_version="17.7.0", package=digest)
    assert "carries_hidden" in made.codes(id, "publish")


@pytest.mark.req("S1-12", "S1-27")
def test_what_stays_hidden_as_it_is_published_is_named_for_who_may_see_it() -> None:
    made, id, (part, *_) = monthly()
    made.ask(RITA, "release.include", id, merge_requests=[part.id])
    given = (made.release(id), made.at, made.authority, made.records)
    told = []
    for sees in (in_view, lambda _record: True):
        seen = asked(Question(*given, sees=sees), "publish").blocking
        told += [each for each in seen if each.code == "carries_hidden"]
    assert [e.lacking for e in told] == [(Reference("merge_request", part.id),)] * 2
    assert ["a hidden merge request" in each.message for each in told] == [True, False]
    assert [ways(each) for each in told] == [[["release.exclude"]]] * 2, "it is part of a fix"


@pytest.mark.req("S1-12", "S1-27", "S1-30")
def test_what_is_of_a_linked_fix_stays_no_more_once_all_of_it_is_merged_and_in() -> None:
    made, id, (part, *others) = monthly()
    made.learn(replace(part, status=Status.OPEN), linked([part, *others], id))
    own = replace(part, id="e" * 32, head="e" * 40, fix=None, embargoed=False)
    made.learn(own)

    def told() -> list[list[str]]:
        found = made.verdict(id, "publish").findings
        return [way for e in found if e.code == "carries_hidden" for way in ways(e)]

    made.ask(RITA, "release.include", id, merge_requests=[part.id])
    assert told() == [["release.include", "merge_request.merge"]], "only what is in it is merged"
    made.ask(RITA, "release.include", id, merge_requests=[each.id for each in others])
    assert told() == [["merge_request.merge"]]
    made.ask(RITA, "release.include", id, merge_requests=[own.id])
    off = ["security_fix.unlink", "release.exclude"]
    assert told() == [["merge_request.merge"], off], "or it goes out with what else is in it"
    made.learn(part)
    assert told() == []


@pytest.mark.req("S1-12", "S1-50")
def test_what_stays_hidden_leaves_each_place_where_it_is_or_two_show_it() -> None:
    made, id, (part, *_) = monthly()

    def told() -> Finding:
        [found] = [e for e in made.verdict(id, "publish").findings if e.code == "carries_hidden"]
        return found

    made.ask(RITA, "release.aim", id, release_version="17.7.0", commit=part.head)
    assert ways(told()) == [["release.aim"]]
    made.ask(RITA, "release.include", id, merge_requests=[part.id])
    assert ways(told()) == [["release.exclude", "release.aim"]]
    free = replace(part, fix=None, status=Status.OPEN)
    made.learn(free)
    assert ways(told()) == [["release.exclude", "release.aim"], ["merge_request.reveal"]]
    [first] = told().instead
    assert (first[0].count, first[0].people.isdisjoint((part.author,))) == (2, True)
    made.ask(EVE, "merge_request.reveal", part.id)
    [then] = told().instead
    assert (then[0].count, EVE in then[0].people) == (1, False)


@pytest.mark.req("S1-12", "S1-27")
def test_a_commit_that_is_known_by_something_else_tells_of_nothing_that_stays_hidden() -> None:
    made, id, (part, *_) = monthly()
    made.ask(RITA, "release.include", id, commits=(CommitItem(part.head),))
    again = replace(part, id="e" * 32, fix=None)
    made.learn(again)
    assert "carries_hidden" in made.codes(id, "publish")
    made.learn(replace(again, embargoed=False))
    assert "carries_hidden" not in made.codes(id, "publish")


@pytest.mark.req("S1-12", "S3-11")
def test_what_is_live_and_hidden_is_not_given_up_behind_everybody() -> None:
    made, id, hole = office()
    made.ask(RITA, "release.include", id, merge_requests=[hole.id])
    state = made.release(id)
    told = Delivery("production", cargo_of(state), Progress.SUCCEEDED, RITA, made.at)
    for delivery, live in (
        (told, True),
        (replace(told, environment="staging"), False),
        (replace(told, progress=Progress.ROLLED_BACK), False),
        (replace(told, progress=Progress.FAILED), False),
    ):
        made.learn(replace(state, deliveries=(delivery,)))
        if live:
            with refused("still_hidden"):
                made.ask(RITA, "release.abort", id, reason="We think again.")
        else:
            made.ask(RITA, "release.abort", id, reason="We think again.")
    made.learn(replace(state, deliveries=(told,)), replace(hole, status=Status.MERGED))
    made.ask(EVE, "merge_request.reveal", hole.id)
    made.ask(RITA, "release.reveal", id)
    with refused("still_live"):
        made.ask(RITA, "release.abort", id, reason="We think again.")


@pytest.mark.req("S1-12")
def test_a_kind_that_hides_its_releases_is_hidden_from_the_first() -> None:
    made = patch_office()
    id = opened(made, "planned_patch", "planned_patch", PATCH)
    told = {e.requirement: e.status for e in made.verdict(id, TAG).findings}
    assert told["hidden"] is Is.NOT_APPLICABLE
    assert codes(made, id, TAG) == set()
    assert codes(made, id, CLOSE) == {"still_hidden"}
