"""What goes out with a release: any number of things, in and out again, never unnoticed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.adoption import Status
from domain.change.state import Change, Link, LinkKind, Outcome
from domain.change.state import Status as ChangeStatus
from domain.gate import Finding
from domain.inclusion import Inclusion, ItemKind
from domain.kernel import Refusal, Then
from domain.merge_request.state import Status as MergeStatus
from domain.playbook.aggregate import Playbook
from domain.release.commands.contents import CommitItem
from domain.release.events import Item
from domain.release.gate.gates import asked
from domain.release.gate.question import Question
from domain.release.state import Progress
from tests.domain.change_stories import scheduled
from tests.domain.given import DAY
from tests.domain.organisation import (
    ANN,
    ASSESSOR,
    CONTENT,
    PLAYBOOKS,
    SERVICE,
    WORLD,
    adopted,
    refused,
    ways,
)
from tests.domain.release_stories import (
    COMMIT,
    OTHER,
    PLAN,
    RITA,
    Office,
    approved_change,
    filled,
    merged,
    opened,
)

LIVE = "deploy:production"
VERSIONS = {"auto_deploy": "17.3.202601061200", "patch": "17.3.1"}


def included(office: Office, release: str) -> set[str]:
    found = office.records.find(Inclusion, release=release)
    return {each.reference for each in found if each.included}


@pytest.mark.req("S3-21", "S3-34")
def test_many_things_are_put_in_at_once_and_stand_in_rows_of_their_own() -> None:
    office = Office()
    train = opened(office)
    commits = tuple(CommitItem(f"{n:040x}") for n in range(1, 401))
    events = office.ask(RITA, "release.include", train, commits=commits)
    assert len(events) == 401
    assert office.release(train).item_count == len(included(office, train)) == 400
    with refused("too_many"):
        more = (*commits, CommitItem("f" * 40))
        office.ask(RITA, "release.include", train, commits=more)
    assert office.ask(RITA, "release.include", train, commits=commits) == []


@pytest.mark.req("S1-12", "X-04", "X-05")
def test_who_hides_what_is_in_it_has_no_hand_in_it_and_who_takes_something_out_has() -> None:
    office = Office()
    train = filled(office)
    before = office.release(train)
    taken = {"items": (Item(ItemKind.MERGE_REQUEST, "m" * 32),), "reason": "A hole."}
    office.follow(ANN, Then("release.withhold", train, taken))
    without = office.release(train)
    assert without.contributors == before.contributors
    assert (without.revision, without.item_count) == (before.revision + 1, before.item_count - 1)
    assert without.digest != before.digest
    more = (CommitItem("d" * 40),)
    office.ask(RITA, "release.include", train, commits=more)
    office.ask(ANN, "release.exclude", train, commits=("d" * 40,), reason="It waits.")
    assert office.release(train).contributors == (*before.contributors, ANN)


def test_what_goes_out_and_comes_back_leaves_another_digest() -> None:
    office = Office()
    train = filled(office)
    before = office.release(train)
    told = {"merge_requests": ("m" * 32,)}
    with refused("text_missing"):
        office.ask(RITA, "release.exclude", train, **told, reason=" ")
    office.ask(RITA, "release.exclude", train, **told, reason="Not ready.")
    assert included(office, train) == set()
    assert office.release(train).item_count == 0
    with refused("not_included"):
        office.ask(RITA, "release.exclude", train, **told, reason="Not ready.")
    office.ask(RITA, "release.include", train, **told)
    after = office.release(train)
    assert included(office, train) == {"m" * 32}
    assert (after.item_count, after.revision) == (1, before.revision + 2)
    assert after.contents != before.contents
    with refused("nothing_named"):
        office.ask(RITA, "release.exclude", train, reason="Nothing.")


def test_what_is_not_there_or_hidden_cannot_be_put_in() -> None:
    office = Office()
    train = opened(office)
    office.learn(merged("e" * 32, embargoed=True))
    for told, code in (
        ({"changes": ("0" * 32,)}, "unknown_change"),
        ({"merge_requests": ("0" * 32,)}, "unknown_merge_request"),
        ({"merge_requests": ("e" * 32,)}, "unknown_merge_request"),
        ({"commits": (CommitItem("abc"),)}, "not_a_commit"),
        ({"commits": (CommitItem(COMMIT, "0" * 32),)}, "unknown_subject"),
        ({"commits": (CommitItem(COMMIT, "e" * 32),)}, "unknown_subject"),
    ):
        with refused(code):
            office.ask(RITA, "release.include", train, **told)
    assert included(office, train) == set()


@pytest.mark.req("S3-02", "S0-08")
def test_only_what_is_authorised_may_be_in_a_release_that_is_deployed() -> None:
    office = Office()
    train = filled(office)
    assert "not_authorised" not in office.codes(train, LIVE)
    office.learn(merged(status=MergeStatus.OPEN))
    assert "not_authorised" in office.codes(train, LIVE)
    office.learn(merged())
    office.ask(RITA, "release.include", train, commits=(CommitItem(OTHER),))
    assert "not_authorised" in office.codes(train, LIVE)


@pytest.mark.req("S3-02")
@pytest.mark.parametrize("status", ChangeStatus)
def test_a_change_is_authorised_once_its_gate_let_it_begin(status: ChangeStatus) -> None:
    office = Office()
    train = opened(office)
    office.learn(approved_change(status=status))
    office.ask(RITA, "release.include", train, changes=("c" * 32,))
    begun = {ChangeStatus.IMPLEMENTING, ChangeStatus.REVIEW, ChangeStatus.CLOSED}
    assert ("not_authorised" not in office.codes(train, LIVE)) is (status in begun)


@pytest.mark.req("S1-20", "S3-02")
def test_what_is_not_approved_is_taken_out_or_else_submitted_and_approved() -> None:
    office = Office()
    train = opened(office)
    office.learn(ASSESSOR, approved_change(status=ChangeStatus.DRAFT))
    office.ask(RITA, "release.include", train, changes=("c" * 32,))

    out, (first, *more, last) = ways(unauthorised(office, train))
    assert out == OUT
    assert (first, set(more)) == ("change.submit", {"change.approve"})
    assert last == "release.wait", "its window opens later"
    office.ask(RITA, "release.include", train, commits=(CommitItem(OTHER),))
    assert ways(unauthorised(office, train)) == [OUT], "that does not help the commit"


def unauthorised(office: Office, release: str) -> Finding:
    """What is said to be authorised by nobody, or otherwise, as it goes out to users."""
    known = (office.at, office.authority, office.records, lambda _: frozenset((RITA, ANN)))
    found = asked(Question(office.release(release), *known), LIVE).findings
    (lacking,) = (each for each in found if each.code == "not_authorised")
    return lacking


OUT = ["release.exclude"]
EDIT = ["change.edit"]


@pytest.mark.req("X-01", "S3-02")
def test_what_is_approved_for_another_time_waits_for_it_or_for_another_that_is_approved() -> None:
    office = Office()
    office.learn(*WORLD)
    train = opened(office)
    change: Change = replace(scheduled().state, links=(Link(LinkKind.COMMIT, COMMIT),))
    window = change.content.window
    assert window is not None
    office.learn(change)
    office.ask(RITA, "release.include", train, commits=(CommitItem(COMMIT, change.id),))
    office.at = window.since - DAY
    early = unauthorised(office, train)
    assert ways(early) == [OUT, ["release.wait"], EDIT]
    assert early.instead[0][0].description == f"The window opens at {window.since.isoformat()}."
    assert "approved for another time: commit" in early.message
    office.at = window.until
    assert ways(unauthorised(office, train)) == [OUT, EDIT], "it is over"
    office.at = window.since
    assert "not_authorised" not in office.codes(train, LIVE)
    other = replace(change, id="e" * 32)
    later = replace(window, since=window.until, until=window.until + DAY)
    office.learn(replace(other, content=replace(other.content, window=later)))
    office.ask(RITA, "release.include", train, changes=(other.id,))
    office.at = window.since - DAY
    assert ways(unauthorised(office, train)) == [OUT, EDIT * 2], "they are never open at once"
    office.at = window.until
    assert ways(unauthorised(office, train)) == [OUT, EDIT]
    office.at -= DAY / 24
    office.learn(replace(office.states[Change, other.id], status=ChangeStatus.IMPLEMENTING))
    assert "not_authorised" not in office.codes(train, LIVE), "what has begun may end later"


@pytest.mark.req("X-01", "S3-02")
def test_what_is_approved_for_other_places_is_approved_for_this_one_or_taken_out() -> None:
    office = Office()
    office.learn(*WORLD)
    train = opened(office)
    change: Change = scheduled(replace(CONTENT, environments=("staging",))).state
    office.learn(change)
    office.ask(RITA, "release.include", train, changes=(change.id,))
    assert change.content.window is not None
    office.at = change.content.window.since
    found = unauthorised(office, train)
    assert "approved, but not for production" in found.message
    assert ways(found) == [OUT, EDIT]
    office.learn(replace(change, status=ChangeStatus.IMPLEMENTING))
    assert ways(unauthorised(office, train)) == [OUT], "it says what it says"


@pytest.mark.req("X-01", "S3-02")
@pytest.mark.parametrize("status", [ChangeStatus.REVIEW, ChangeStatus.CLOSED])
@pytest.mark.parametrize("outcome", Outcome)
def test_a_change_that_ended_badly_was_not_delivered(
    status: ChangeStatus, outcome: Outcome
) -> None:
    office = Office()
    monthly = filled(office, "gitlab", "monthly", replace(PLAN, versions=("17.3.0",)))
    train = opened(office)
    bad = outcome in (Outcome.ROLLED_BACK, Outcome.UNSUCCESSFUL)
    office.learn(replace(approved_change(status=status), outcome=outcome))
    office.ask(RITA, "release.include", train, changes=("c" * 32,))
    office.ask(RITA, "release.include", monthly, commits=(CommitItem(COMMIT, "c" * 32),))
    for release, gate in ((train, LIVE), (monthly, "tag"), (monthly, "publish")):
        assert ("change_not_delivered" in office.codes(release, gate)) is bad
    office.ask(RITA, "release.exclude", train, changes=("c" * 32,), reason="Later.")
    office.learn(approved_change("e" * 32))
    office.ask(RITA, "release.include", train, changes=("e" * 32,))
    assert "change_not_delivered" not in office.codes(train, LIVE)


@pytest.mark.req("S3-02")
@pytest.mark.parametrize(
    "kind,places",
    [
        ("major", ("test", "staging", "production")),
        ("minor", ("staging", "production")),
        ("standard", ("staging", "production")),
    ],
)
def test_a_release_goes_nowhere_with_a_change_that_is_a_draft(kind: str, places: Any) -> None:
    office = Office()
    release = opened(office, "itsm_releases", kind)
    for status, blocked in ((ChangeStatus.DRAFT, True), (ChangeStatus.IMPLEMENTING, False)):
        office.learn(approved_change(status=status))
        office.ask(RITA, "release.include", release, changes=("c" * 32,))
        for place in places:
            assert ("not_authorised" in office.codes(release, f"deploy:{place}")) is blocked


@pytest.mark.req("S3-02", "S0-08")
@pytest.mark.parametrize("kind,place", [("auto_deploy", "gstg"), ("patch", "release")])
def test_what_nobody_merged_goes_to_no_instance(kind: str, place: str) -> None:
    office = Office()
    monthly = filled(office, "gitlab", "monthly", replace(PLAN, versions=("17.3.0",)))
    parent = monthly if kind == "patch" else None
    plan = replace(PLAN, versions=(VERSIONS[kind],), parent_release=parent)
    release = filled(office, "gitlab", kind, plan)
    assert "not_authorised" not in office.codes(release, f"deploy:{place}")
    office.learn(merged(status=MergeStatus.OPEN))
    assert "not_authorised" in office.codes(release, f"deploy:{place}")


def test_a_commit_is_answered_for_by_its_merge_request() -> None:
    office = Office()
    train = opened(office)
    office.learn(merged())
    item = CommitItem(COMMIT, "m" * 32)
    office.ask(RITA, "release.include", train, commits=(item,))
    assert "not_authorised" not in office.codes(train, LIVE)
    office.learn(merged(status=MergeStatus.CLOSED))
    assert "not_authorised" in office.codes(train, LIVE)


@pytest.mark.req("S4-11")
def test_nothing_merged_means_no_release() -> None:
    office = Office()
    train = opened(office)
    assert {"nothing_included", "target_unknown"} <= office.codes(train, "tag")


@pytest.mark.req("S0-06", "S1-32", "X-01")
def test_what_another_release_carried_counts_as_deployed_until_it_is_rolled_back() -> None:
    office = Office()
    packaged = filled(office, "gitlab", "monthly", replace(PLAN, versions=("17.5.0",)))
    other = filled(office, "gitlab", "auto_deploy", replace(PLAN, versions=("17.5.202603021200",)))
    gate = "deploy:release"
    assert "changes_not_deployed" in office.codes(packaged, gate)
    office.report("pipeline")
    office.deploy(other, "gstg")
    office.report("staging_tests", environment="gstg")
    office.deploy(other, "gprd")
    assert "changes_not_deployed" not in office.codes(packaged, gate)
    office.settle(other, "gprd", Progress.ROLLED_BACK, "Errors rose.")
    assert "changes_not_deployed" in office.codes(packaged, gate)


@pytest.mark.req("S3-02", "X-01")
def test_a_change_authorises_only_the_live_environment_that_it_was_approved_for() -> None:
    office = Office()
    train = opened(office)
    change = approved_change()
    office.learn(change)
    office.ask(RITA, "release.include", train, changes=(change.id,))
    assert "not_authorised" not in office.codes(train, LIVE)
    tried = replace(change.content, environments=("staging",))
    office.learn(replace(change, content=tried))
    assert "not_authorised" in office.codes(train, LIVE)
    assert "not_authorised" not in office.codes(train, "deploy:staging")


def of_service(service: str, id: str = "c" * 32) -> Change:
    change = replace(approved_change(id), links=(Link(LinkKind.COMMIT, OTHER),))
    return replace(change, content=replace(change.content, service=service))


ROADS: tuple[dict[str, Any], ...] = (
    {"changes": ("c" * 32,)},
    {"commits": (CommitItem(OTHER, "c" * 32),)},
)
"""How a change comes into a release: itself, or as what answers for a commit."""


@pytest.mark.req("S3-02", "X-01")
@pytest.mark.parametrize("told", ROADS)
def test_a_change_of_another_service_is_put_into_no_release(told: dict[str, Any]) -> None:
    office = Office()
    train = opened(office)
    office.learn(of_service("billing"), of_service(SERVICE, "d" * 32))
    with pytest.raises(Refusal) as refusal:
        office.ask(RITA, "release.include", train, **told)
    (problem,) = refusal.value.problems
    assert problem.code == "change_of_other_service"
    assert f"belongs to the service billing, the release to {SERVICE}" in problem.message
    assert "c" * 32 not in problem.message
    bulk = {"changes": ("d" * 32, *told.get("changes", ())), "commits": told.get("commits", ())}
    with refused("change_of_other_service"):
        office.ask(RITA, "release.include", train, **bulk)
    assert included(office, train) == set()


@pytest.mark.req("S3-02", "X-01")
@pytest.mark.parametrize("told", ROADS)
def test_what_moves_to_another_service_later_keeps_the_release_from_going(
    told: dict[str, Any],
) -> None:
    office = Office()
    train = opened(office)
    office.learn(of_service(SERVICE))
    office.ask(RITA, "release.include", train, **told)
    assert not office.codes(train, LIVE) & {"not_authorised", "change_of_other_service"}
    office.learn(of_service("billing"))
    assert office.codes(train, LIVE) >= {"not_authorised", "change_of_other_service"}
    found = office.verdict(train, LIVE).findings
    (message,) = (each.message for each in found if each.code == "change_of_other_service")
    assert "the service billing" in message


@pytest.mark.req("S3-02", "X-01")
@pytest.mark.parametrize("told", ROADS)
def test_a_release_moves_to_no_service_whose_changes_it_does_not_hold(told: dict[str, Any]) -> None:
    office = Office()
    train = opened(office)
    office.learn(of_service(SERVICE))
    office.ask(RITA, "release.include", train, **told)
    moved = replace(office.release(train).plan, service="billing")
    with refused("change_of_other_service"):
        office.ask(RITA, "release.edit", train, plan=moved)
    commits = [each.commit for each in told.get("commits", ())]
    gone = {"changes": told.get("changes", ()), "commits": commits}
    office.ask(RITA, "release.exclude", train, **gone, reason="Not ours.")
    office.ask(RITA, "release.edit", train, plan=moved)
    assert office.release(train).service == "billing"


def adopt_anew(office: Office, number: int, *, spans: bool) -> None:
    """Adopt a playbook of trains that carry what any service changes, or what their own does."""
    text = (PLAYBOOKS / "mozilla.toml").read_text()
    flag = f'name = "train"\nspans_services = {str(spans).lower()}'
    found = adopted("mozilla", text.replace('name = "train"', flag, 1))
    for each in office.records.find(Playbook, name="mozilla"):
        office.learn(replace(each, status=Status.SUPERSEDED))
    office.learn(replace(found, id=f"joint {number}", number=number))


@pytest.mark.req("S3-02", "S3-21", "X-02")
@pytest.mark.parametrize("told", ROADS)
def test_a_kind_that_spans_services_carries_what_any_of_them_changes(told: dict[str, Any]) -> None:
    office = Office()
    office.learn(of_service("billing"))
    own = opened(office)
    with refused("change_of_other_service"):
        office.ask(RITA, "release.include", own, **told)
    adopt_anew(office, 2, spans=True)
    with refused("change_of_other_service"):
        office.ask(RITA, "release.include", own, **told)
    office.ask(RITA, "release.take_playbook", own, reason="It is a joint train.")
    office.ask(RITA, "release.include", own, **told)
    assert not office.codes(own, LIVE) & {"not_authorised", "change_of_other_service"}
    office.ask(RITA, "release.edit", own, plan=replace(office.release(own).plan, service="carts"))
    adopt_anew(office, 3, spans=False)
    with refused("change_of_other_service"):
        office.ask(RITA, "release.take_playbook", own, reason="It is no joint train.")


@pytest.mark.req("S3-02", "X-01")
def test_a_change_of_another_service_answers_for_no_commit() -> None:
    office = Office()
    train = opened(office)
    change = of_service(SERVICE)
    office.learn(change)
    covered = (CommitItem(OTHER, change.id),)
    office.ask(RITA, "release.include", train, commits=covered)
    assert "not_authorised" not in office.codes(train, LIVE)
    office.learn(replace(change, content=replace(change.content, service="billing")))
    assert "not_authorised" in office.codes(train, LIVE)


@pytest.mark.req("S3-02", "S1-24", "X-05")
def test_a_merge_request_answers_for_what_was_signed_off_and_merged_and_for_no_other_commit() -> (
    None
):
    office = Office()
    signed, joined, smuggled = COMMIT, "e" * 40, "f" * 40
    office.learn(merged(merge_commit=joined))
    for commit, codes in ((signed, set()), (joined, set()), (smuggled, {"not_authorised"})):
        id = opened(office, "itsm_releases", "minor")
        office.ask(RITA, "release.include", id, commits=(CommitItem(commit, "m" * 32),))
        assert office.codes(id, LIVE) & {"not_authorised"} == codes, commit
    office.learn(merged(merge_commit=joined, project="elsewhere"))
    id = opened(office, "itsm_releases", "minor")
    office.ask(RITA, "release.include", id, commits=(CommitItem(joined, "m" * 32),))
    assert "not_authorised" in office.codes(id, LIVE), "it is of another project"


@pytest.mark.req("S3-02", "X-01", "X-05")
@pytest.mark.parametrize(
    "link,request_,good",
    [
        (None, merged(), False),
        (Link(LinkKind.COMMIT, COMMIT), None, True),
        (Link(LinkKind.COMMIT, OTHER), None, False),
        (Link(LinkKind.KNOWLEDGE, COMMIT), None, False),
        (Link(LinkKind.MERGE_REQUEST, "m" * 32), merged(), True),
        (Link(LinkKind.MERGE_REQUEST, "m" * 32), merged(head=OTHER, merge_commit=COMMIT), True),
        (Link(LinkKind.MERGE_REQUEST, "m" * 32), merged(head=OTHER), False),
        (Link(LinkKind.MERGE_REQUEST, "m" * 32), merged(status=MergeStatus.OPEN), False),
        (Link(LinkKind.MERGE_REQUEST, "m" * 32), merged(project="elsewhere"), False),
        (Link(LinkKind.MERGE_REQUEST, "m" * 32), merged(embargoed=True), False),
        (Link(LinkKind.MERGE_REQUEST, "n" * 32), merged(), False),
    ],
)
def test_a_change_answers_for_the_commits_it_is_tied_to_itself_and_for_no_others(
    link: Link | None, request_: Any, good: bool
) -> None:
    office = Office()
    train = opened(office)
    change = replace(approved_change(), links=(link,) if link else ())
    office.learn(change, *((request_,) if request_ else ()))
    office.ask(RITA, "release.include", train, commits=(CommitItem(COMMIT, change.id),))
    assert ("not_authorised" not in office.codes(train, LIVE)) == good


@pytest.mark.req("X-01", "S1-52")
@pytest.mark.parametrize("way", ["merge_requests", "commits", "changes"])
def test_what_was_merged_and_taken_back_goes_nowhere(way: str) -> None:
    office = Office()
    id = opened(office, "itsm_releases", "major")
    request = merged()
    tie = Link(LinkKind.MERGE_REQUEST, request.id)
    change = replace(approved_change(), links=(tie,))
    office.learn(request, change)
    put: dict[str, Any] = {
        "merge_requests": (request.id,),
        "commits": (CommitItem(COMMIT, request.id),),
        "changes": (change.id,),
    }
    office.ask(RITA, "release.include", id, **{way: put[way]})
    office.ask(RITA, "release.aim", id, release_version="1.2.0", commit=COMMIT)
    gates = ("deploy:test", LIVE)
    assert not any("not_merged" in office.codes(id, gate) for gate in gates)
    office.learn(replace(request, reverted_at=office.at))
    office.compare(id)
    for gate in gates:
        (told,) = [e for e in office.verdict(id, gate).blocking if e.code == "not_merged"]
        assert told.lacking or told.missing
