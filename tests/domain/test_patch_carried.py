"""A fix that was merged is in a release also as a commit of it, and as no other commit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from domain.merge_request.state import MergeRequest, Status
from domain.release.commands.contents import CommitItem
from domain.release.embargo import shown
from tests.domain.given import NOON
from tests.domain.organisation import ways
from tests.domain.patch_stories import (
    PATCH,
    PIPELINE,
    fix,
    linked,
    patch_office,
    ported_bug,
    prepared,
)
from tests.domain.release_stories import PLAN, RITA, Office, filled, opened

STRANGE = "f" * 40
"""A commit of no merge request."""
PORTED = "Every fix runs on the hosted service: what is ported"


def merged_fix(name: str = "a") -> list[MergeRequest]:
    """The merge requests of a hidden fix, merged: each signed off as one commit, made another."""
    told: dict[str, Any] = {"fix": "7" * 32, "embargoed": True, "status": Status.MERGED}
    parts = fix(name)
    made = [f"{at}{name}" * 20 for at in range(len(parts))]
    return [
        replace(part, merge_commit=commit, **told) for part, commit in zip(parts, made, strict=True)
    ]


def commits(parts: Iterable[MergeRequest]) -> tuple[CommitItem, ...]:
    """What they were merged as, each covered by the one that it is of."""
    return tuple(CommitItem(each.merge_commit or "", each.id) for each in parts)


def patch(*parts: MergeRequest, inside: tuple[CommitItem, ...]) -> tuple[Office, str]:
    """A hidden patch that these are linked to as a fix, with these commits in it."""
    office = patch_office()
    id = opened(office, "planned_patch", "planned_patch", PATCH, embargoed=True)
    office.learn(*parts, linked(parts, id))
    office.ask(RITA, "release.include", id, commits=inside)
    return office, id


def lacking(office: Office, id: str, code: str = "fix_not_included") -> set[str]:
    """The merge requests that a gate misses."""
    found = [e for e in office.verdict(id, "publish").findings if e.code == code]
    return {each.id for finding in found for each in finding.lacking}


@pytest.mark.req("S1-27", "S1-30")
@pytest.mark.parametrize("signed_off", [False, True])
def test_a_fix_is_in_a_patch_as_what_was_signed_off_or_what_that_was_merged_as(
    signed_off: bool,
) -> None:
    parts = merged_fix()
    made = [replace(e, merge_commit=e.head) for e in parts] if signed_off else parts
    office, id = patch(*parts, inside=commits(made[1:]))
    assert lacking(office, id) == {parts[0].id}
    office.ask(RITA, "release.include", id, commits=commits(made[:1]))
    assert lacking(office, id) == set()


@pytest.mark.req("S1-27", "X-05")
def test_no_commit_stands_for_a_fix_that_it_is_not_of() -> None:
    first, second, *rest = parts = merged_fix()
    stray, swapped = CommitItem(STRANGE, first.id), CommitItem(first.merge_commit or "", second.id)
    office, id = patch(*parts, inside=(stray, swapped, *commits(rest)))
    assert lacking(office, id) == {first.id, second.id}
    office.ask(RITA, "release.exclude", id, commits=[swapped.commit], reason="It was a slip.")
    office.ask(RITA, "release.include", id, commits=commits(parts[:2]))
    assert lacking(office, id) == set()
    office.learn(replace(first, status=Status.OPEN))
    assert lacking(office, id) == {first.id}, "its head may still move"
    office.learn(replace(first, project="another"))
    assert lacking(office, id) == {first.id}, "hashes tell nothing across projects"


@pytest.mark.req("S1-27", "S1-37", "X-07")
def test_publication_shows_a_fix_that_went_out_as_commits() -> None:
    parts = merged_fix()
    office, id = patch(*parts, inside=commits(parts[1:]))

    def told() -> set[tuple[str, str]]:
        return {(each.action, each.subject) for each in shown(office.release(id), office.records)}

    assert told() == set()
    stray = CommitItem(STRANGE, parts[0].id)
    office.ask(RITA, "release.include", id, commits=(stray,))
    assert told() == set(), "it is not of the fix"
    office.ask(RITA, "release.include", id, commits=commits(parts[:1]))
    whole = {("merge_request.disclose", each.id) for each in parts}
    assert told() == {*whole, ("security_fix.disclose", "7" * 32)}
    package = carrying(office, *commits(parts[:1]), embargoed=True)
    assert ("release.disclose", package) in told()


def carrying(office: Office, *inside: CommitItem, embargoed: bool = False) -> str:
    """A package for the hosted service with these commits, which is not deployed yet."""
    plan = replace(PLAN, title="Package", versions=("17.7.202603021200",))
    more = {"scheduled": None, "embargoed": embargoed}
    id = filled(office, "gitlab", "auto_deploy", plan, **more)
    office.ask(RITA, "release.exclude", id, merge_requests=("m" * 32,), reason="Another time.")
    office.ask(RITA, "release.include", id, commits=inside)
    office.ask(RITA, "release.aim", id, release_version=plan.versions[0], commit=PIPELINE)
    return id


def deploy(office: Office, id: str) -> None:
    office.report("pipeline", subject=PIPELINE)
    office.compare(id, PIPELINE)
    office.deploy(id, "gstg")
    office.report("staging_tests", subject=PIPELINE, environment="gstg")
    office.deploy(id, "gprd")


def unported(office: Office, id: str) -> set[str]:
    """The backports whose origin is not known to run anywhere."""
    found = office.verdict(id, "tag").findings
    [finding] = [each for each in found if each.title == PORTED]
    return {each.id for each in finding.lacking}


def without_main() -> tuple[Office, str, MergeRequest, list[MergeRequest]]:
    """A patch that has the backports of a fix, but not what they were ported from: merged."""
    office = patch_office()
    main, *ports = fix()
    id = prepared(office)
    given = {"merge_requests": [main.id], "reason": "Another time."}
    office.ask(RITA, "release.exclude", id, **given)
    merged = replace(main, status=Status.MERGED, merge_commit="0a" * 20)
    office.learn(merged)
    return office, id, merged, ports


@pytest.mark.req("S1-30", "S1-32")
def test_a_fix_runs_on_the_hosted_service_as_a_commit_of_it_and_as_no_other() -> None:
    office, id, main, ports = without_main()
    package = carrying(office, *commits([main]))
    assert unported(office, id) == {each.id for each in ports}, "it is deployed nowhere"
    deploy(office, package)
    assert unported(office, id) == set()
    office.learn(replace(main, merge_commit=STRANGE))
    assert unported(office, id) == {each.id for each in ports}, "another commit runs there"
    office.learn(replace(main, status=Status.OPEN))
    assert unported(office, id) == {each.id for each in ports}


@pytest.mark.req("S1-32", "X-05")
def test_a_backport_is_ported_from_no_commit_that_only_says_it_is_of_the_fix() -> None:
    office, id, main, ports = without_main()
    office.ask(RITA, "release.include", id, commits=(CommitItem(STRANGE, main.id),))
    assert unported(office, id) == {each.id for each in ports}
    office.ask(RITA, "release.include", id, commits=commits([main]))
    assert unported(office, id) == set()


@pytest.mark.req("S1-32", "X-05")
def test_the_fix_of_a_bug_is_ported_from_a_commit_of_one_and_from_no_other() -> None:
    office = patch_office()
    port, main = ported_bug("d"), ported_bug("e", "master")
    main = replace(main, status=Status.MERGED, merge_commit="0e" * 20)
    plan = replace(PATCH, versions=PATCH.versions[:1])
    id = opened(office, "planned_patch", "planned_patch", plan)
    office.learn(port, main)
    office.ask(RITA, "release.include", id, merge_requests=[port.id])
    office.ask(RITA, "release.include", id, commits=(CommitItem(STRANGE, main.id),))
    assert unported(office, id) == {port.id}
    office.ask(RITA, "release.include", id, commits=commits([main]))
    assert unported(office, id) == set()


def hosted(office: Office, id: str, code: str = "changes_not_deployed") -> bool:
    """Whether all that is in it, but for backports, is said to run on the hosted service."""
    title = PORTED.partition(":")[0]
    [found] = [each for each in office.verdict(id, "tag").findings if each.title == title]
    assert found.code in ("", code)
    return not found.status.blocks


@pytest.mark.req("S0-06", "S1-32", "X-05")
def test_what_is_in_a_patch_runs_there_as_a_commit_of_it_or_as_what_it_is_a_commit_of() -> None:
    office = patch_office()
    id = prepared(office)
    main = replace(fix()[0], status=Status.MERGED, merge_commit="0a" * 20)
    office.learn(main)
    package = carrying(office, *commits([main]))
    assert not hosted(office, id), "it is deployed nowhere"
    deploy(office, package)
    assert hosted(office, id)
    office.learn(replace(main, merge_commit=STRANGE))
    assert not hosted(office, id), "another commit runs there"
    office.learn(main)
    given = {"merge_requests": [main.id], "reason": "It goes out as a commit."}
    office.ask(RITA, "release.exclude", id, **given)
    office.ask(RITA, "release.include", id, commits=(CommitItem(main.head, main.id),))
    assert hosted(office, id), "what was signed off and what it was merged as are one"
    office.ask(RITA, "release.include", id, commits=(CommitItem(STRANGE, main.id),))
    assert not hosted(office, id)


@pytest.mark.req("S1-32", "S1-52", "X-03")
@pytest.mark.parametrize("back", [{"reverted_at": NOON}, {"status": Status.CLOSED}])
def test_what_was_given_up_is_not_deployed_there_but_taken_out(back: dict[str, Any]) -> None:
    office = patch_office()
    id = prepared(office)
    main = replace(fix()[0], status=Status.MERGED, merge_commit="0a" * 20)
    other = replace(main, id="c" * 32, head="c" * 40, merge_commit="0c" * 20)
    office.learn(gone := replace(main, **back), other)

    def told() -> list[tuple[str, list[list[str]]]]:
        found = [e for e in office.verdict(id, "tag").blocking if e.code == "changes_not_deployed"]
        return [(each.lacking[0].id, ways(each)) for each in found if each.title != PORTED]

    out, bring = (gone.id, [["release.exclude"]]), (other.id, [["release.deploy"]])
    assert told() == [out]
    office.ask(RITA, "release.include", id, merge_requests=[other.id])
    assert told() == [bring, out]
    office.learn(main)
    deploy(office, carrying(office, *commits([main, other])))
    office.learn(gone)
    ran = gone.status is Status.MERGED
    assert told() == ([] if ran else [out]), "what runs there does, whatever became of it since"
    office.ask(RITA, "release.exclude", id, merge_requests=[gone.id], reason="It is gone.")
    assert told() == []
