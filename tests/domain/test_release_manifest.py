"""What CI compared counts for what is in a release as it stood then, and for nothing after that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.change.state import Link, LinkKind
from domain.evidence.aggregate import Outcome
from domain.inclusion import ItemKind
from domain.merge_request.state import MergeRequest
from domain.merge_request.state import Status as MergeStatus
from domain.process.release import ReleaseStatus
from tests.domain.given import NOON
from tests.domain.organisation import adopted
from tests.domain.patch_stories import begin, fix, host, merge, patch_office, prepared
from tests.domain.release_stories import OTHER, RITA, SAM, Office, merged, opened
from tests.domain.test_release_traced import CHANGE, REQUEST, TEST, TOLD, aimed, tied

THIRD = "3" * 40
TO_IT = Link(LinkKind.MERGE_REQUEST, "m" * 32)
OPEN: dict[str, Any] = {"status": MergeStatus.OPEN, "head": OTHER, "base": "b" * 40}


def lacking(office: Office, id: str) -> bool:
    return "commit_not_included" in office.codes(id, TEST)


def told(office: Office, id: str) -> str:
    """What the gate says of what the version is made of."""
    found = [e for e in office.verdict(id, TEST).findings if e.requirement == "traced"]
    return found[0].message or ""


def request(office: Office) -> MergeRequest:
    found: MergeRequest = office.states[MergeRequest, "m" * 32]
    return found


def compared(*items: Any, others: Any) -> tuple[Office, str]:
    """A release of which CI said that its commit holds what it lists, while that is open."""
    office, id = aimed(*items, more=TOLD, others=(merged(**OPEN), *others))
    office.learn(replace(adopted("gitaly"), id=request(office).playbook))
    office.compare(id)
    assert not lacking(office, id)
    return office, id


@pytest.mark.req("X-01", "X-05")
@pytest.mark.parametrize("items,others", [((REQUEST,), ()), ((CHANGE,), (tied(TO_IT),))])
@pytest.mark.parametrize(
    "action,moved",
    [("push", {"head": THIRD, "base": "4" * 40}), ("retarget", {"target": "b", "base": "4" * 40})],
)
def test_what_moves_on_takes_the_word_of_ci_with_it(
    items: Any, others: Any, action: str, moved: dict[str, Any]
) -> None:
    office, id = compared(*items, others=others)
    before = office.manifest(id)
    kept = {each: getattr(request(office), each) for each in moved}
    for arguments in (moved, kept):
        office.ask(SAM, f"merge_request.{action}", "m" * 32, **arguments)
        assert lacking(office, id), arguments
        assert "as it stood" in told(office, id)
        assert office.manifest(id) != before, "not even where it comes back"
    office.learn(replace(request(office), status=MergeStatus.MERGED))
    assert lacking(office, id)
    office.compare(id)
    assert not lacking(office, id)


@pytest.mark.req("X-01")
def test_to_be_merged_as_it_was_compared_moves_nothing() -> None:
    office, id = compared(REQUEST, others=())
    before = office.manifest(id)
    for commit in (None, THIRD):
        office.learn(replace(request(office), status=MergeStatus.MERGED, merge_commit=commit))
        assert office.manifest(id) == before
    assert not lacking(office, id)


@pytest.mark.req("X-01")
def test_what_answers_for_a_commit_may_move_and_the_commit_stays() -> None:
    office, id = compared((ItemKind.COMMIT, OTHER), others=())
    before = office.manifest(id)
    office.learn(replace(request(office), head=THIRD, digest="sha256:" + "9" * 64))
    assert office.manifest(id) == before


@pytest.mark.req("X-01", "X-05")
def test_what_a_change_is_tied_to_counts_commit_by_commit() -> None:
    office, id = compared(CHANGE, others=(tied(TO_IT),))
    before = office.manifest(id)
    office.learn(tied(TO_IT, Link(LinkKind.KNOWLEDGE, "An article")))
    assert office.manifest(id) == before
    office.learn(tied(TO_IT, Link(LinkKind.COMMIT, THIRD)))
    assert office.manifest(id) != before
    assert lacking(office, id)


@pytest.mark.req("X-01", "X-05")
def test_a_word_on_the_list_alone_counts_no_more() -> None:
    office, id = aimed(REQUEST, more=TOLD, others=(merged(head=OTHER),))
    office.report("contents", manifest=office.release(id).listing)
    assert lacking(office, id)
    assert "as it stood" in told(office, id)
    office.report("contents", manifest=office.release(id).listing, outcome=Outcome.FAILED)
    assert lacking(office, id)
    office.compare(id)
    assert not lacking(office, id)


@pytest.mark.req("S1-12", "X-01")
def test_what_was_compared_with_a_hidden_release_hides_with_it_once_something_moved() -> None:
    office = Office()
    hidden = opened(office, "itsm_releases", "major", embargoed=True)
    office.learn(merged(**OPEN, embargoed=True))
    office.ask(RITA, "release.include", hidden, merge_requests=("m" * 32,))
    before = office.manifest(hidden)
    office.learn(replace(request(office), digest="sha256:" + "9" * 64))
    assert office.manifest(hidden) != before
    for of in (before, office.release(hidden).listing):
        office.report("contents", subject=THIRD, manifest=of)
        event = office.told[-1].event
        assert event.embargoed, of
        assert event.release == hidden


@pytest.mark.req("S1-12", "X-01")
def test_in_the_open_a_manifest_tells_nothing_of_what_hides() -> None:
    """Neither of what a change is tied to, nor of what was hidden once it had gone out."""
    office, id = compared(CHANGE, others=(tied(TO_IT),))
    office.learn(replace(request(office), embargoed=True))
    before = office.manifest(id)
    office.learn(replace(request(office), digest="sha256:" + "9" * 64, status=MergeStatus.MERGED))
    assert office.manifest(id) == before
    office, id = compared(REQUEST, others=())
    gone: dict[str, Any] = {"status": ReleaseStatus.CLOSED, "published_at": NOON}
    office.learn(replace(office.release(id), **gone), replace(request(office), embargoed=True))
    before = office.manifest(id)
    office.learn(replace(request(office), digest="sha256:" + "9" * 64))
    assert office.manifest(id) == before


@pytest.mark.req("S1-32", "X-01")
def test_what_went_to_the_hosted_service_in_the_open_still_counts_once_it_hides() -> None:
    office = patch_office()
    id = prepared(office)
    begin(office, id)
    first = fix()[0]
    merge(office, first)
    office.learn(replace(office.states[MergeRequest, first.id], embargoed=False))
    hosted = host(office, first)
    gate = "enter_phase:backports"
    assert "changes_not_deployed" not in office.codes(id, gate)
    office.learn(replace(office.release(hosted), status=ReleaseStatus.CLOSED))
    office.learn(replace(office.states[MergeRequest, first.id], embargoed=True))
    assert office.release(id).embargoed
    assert not office.release(hosted).embargoed
    assert "changes_not_deployed" not in office.codes(id, gate)
