"""A version is made of a commit that the release contains, where its playbook demands that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.change.state import Link, LinkKind
from domain.evidence.aggregate import Outcome
from domain.inclusion import Inclusion, ItemKind
from domain.merge_request.state import Status as MergeStatus
from domain.playbook.format import PlaybookFault, decode
from domain.release.commands.contents import CommitItem
from tests.domain.given import NOON
from tests.domain.organisation import MAX, PLAYBOOKS, adopted, refused, ways
from tests.domain.release_stories import (
    COMMIT,
    OTHER,
    RITA,
    WATCH,
    Office,
    approved_change,
    merged,
    opened,
)

TEST, TEXT = "deploy:test", (PLAYBOOKS / "itsm_releases.toml").read_text()
ROW = """[[release.requirement]]
name = "traced"
title = "It is made of what it contains"
about = "traced"
gates = ["deploy:test"]
"""
TOLD = 'evidence = ["contents"]\nreporter = "role:ci_bot"\n'


def text(more: str = "") -> str:
    """The playbook, with the requirement."""
    first = '[[release.requirement]]\nname = "strategy"'
    assert TEXT.count(first) == 1
    return TEXT.replace(first, f"{ROW}{more}\n{first}")


def aimed(*items: tuple[ItemKind, str], more: str = "", others: Any = ()) -> tuple[Office, str]:
    """A release aimed at a commit, with these things in it."""
    made = Office()
    id = opened(made, "itsm_releases", "major")
    made.learn(replace(adopted("itsm_releases", text(more)), id=made.release(id).playbook), *others)
    for at, (kind, reference) in enumerate(items):
        told = (id, kind, reference, None)
        made.learn(Inclusion(f"{at:032}", 1, *told, included=True, put_by=RITA, put_at=NOON))
    made.ask(RITA, "release.aim", id, release_version="1.2.0", commit=COMMIT)
    return made, id


REQUEST = (ItemKind.MERGE_REQUEST, "m" * 32)
SECOND = (ItemKind.MERGE_REQUEST, "n" * 32)
CHANGE = (ItemKind.CHANGE, "c" * 32)


def tied(*links: Link) -> Any:
    """A change that is tied to something."""
    return replace(approved_change(), links=links)


@pytest.mark.req("X-01", "X-05", "S3-02")
@pytest.mark.parametrize(
    "items,others,good",
    [
        ((), (), False),
        (((ItemKind.COMMIT, COMMIT),), (), True),
        (((ItemKind.COMMIT, OTHER),), (), False),
        ((REQUEST,), (merged(),), True),
        ((REQUEST,), (merged(head=OTHER, merge_commit=COMMIT),), True),
        ((REQUEST,), (merged(head=OTHER, merge_commit=COMMIT, merged_by=MAX),), True),
        ((REQUEST,), (merged(head=OTHER, merge_commit=COMMIT, merged_by=RITA),), False),
        ((REQUEST,), (merged(merge_commit=COMMIT, merged_by=RITA),), True),
        ((REQUEST,), (merged(head=OTHER),), False),
        ((REQUEST,), (merged(status=MergeStatus.OPEN),), False),
        ((REQUEST,), (merged(project="elsewhere"),), False),
        ((REQUEST,), (merged(embargoed=True),), False),
        ((CHANGE,), (tied(),), False),
        ((CHANGE,), (tied(Link(LinkKind.COMMIT, COMMIT)),), True),
        ((CHANGE,), (tied(Link(LinkKind.COMMIT, OTHER)),), False),
        ((CHANGE,), (tied(Link(LinkKind.MERGE_REQUEST, "m" * 32)), merged()), True),
        ((CHANGE,), (tied(Link(LinkKind.MERGE_REQUEST, "m" * 32)), merged(head=OTHER)), False),
        ((CHANGE,), (tied(Link(LinkKind.KNOWLEDGE, COMMIT)),), False),
        ((REQUEST,), (merged(merge_commit=OTHER),), False),
        ((REQUEST,), (merged(reverted_at=NOON),), False),
        ((REQUEST, SECOND), (merged(), merged("n" * 32, head=OTHER)), False),
        ((REQUEST, SECOND), (merged(), merged("n" * 32)), False),
        ((REQUEST, (ItemKind.COMMIT, OTHER)), (merged(),), False),
        ((REQUEST, (ItemKind.COMMIT, COMMIT)), (merged(),), True),
        ((REQUEST, CHANGE), (merged(), tied(Link(LinkKind.COMMIT, COMMIT))), True),
        ((REQUEST, CHANGE), (merged(), tied()), False),
        ((CHANGE,), (tied(Link(LinkKind.COMMIT, COMMIT), Link(LinkKind.COMMIT, OTHER)),), False),
        ((), (merged(), tied(Link(LinkKind.COMMIT, COMMIT))), False),
    ],
)
def test_without_a_word_of_ci_a_version_is_made_of_one_thing_alone(
    items: Any, others: Any, good: bool
) -> None:
    made, id = aimed(*items, others=others)
    assert ("commit_not_included" not in made.codes(id, TEST)) == good


@pytest.mark.req("X-01", "X-05")
def test_what_holds_several_is_attested_by_the_pipeline_and_by_nobody_else() -> None:
    made, id = aimed((ItemKind.COMMIT, OTHER), more=TOLD)
    for told, good in (
        ({"by": RITA}, False),
        ({"by": WATCH}, False),
        ({"outcome": Outcome.SKIPPED}, False),
        ({}, True),
        ({"outcome": Outcome.FAILED}, False),
    ):
        made.compare(id, **told)
        assert ("commit_not_included" not in made.codes(id, TEST)) == good, told
    plain, other = aimed((ItemKind.COMMIT, OTHER))
    plain.compare(other)
    assert "commit_not_included" in plain.codes(other, TEST), "its playbook asks nobody"


@pytest.mark.req("X-01", "X-05")
def test_what_ci_says_counts_also_of_one_thing_alone() -> None:
    made, id = aimed(more=TOLD)
    made.ask(RITA, "release.include", id, commits=(CommitItem(COMMIT),))
    assert "commit_not_included" not in made.codes(id, TEST)
    made.compare(id, by=WATCH, outcome=Outcome.FAILED)
    assert "commit_not_included" not in made.codes(id, TEST), "whose word does not count"
    for outcome in (Outcome.FAILED, Outcome.SKIPPED, Outcome.RUNNING):
        made.compare(id, outcome=outcome)
        assert "commit_not_included" in made.codes(id, TEST), outcome
    made.compare(id)
    assert "commit_not_included" not in made.codes(id, TEST)
    out = {"commits": (COMMIT,), "reason": "Not yet."}
    made.ask(RITA, "release.exclude", id, **out)
    made.ask(RITA, "release.include", id, commits=(CommitItem(COMMIT),))
    assert "commit_not_included" in made.codes(id, TEST), "CI once said that it holds other things"
    made.compare(id)
    (told,) = [e for e in made.verdict(id, TEST).findings if e.requirement == "traced"]
    assert told.evidence == (made.told[-1].subject,)


@pytest.mark.req("X-01", "X-05")
def test_what_was_attested_of_other_contents_says_nothing_of_these() -> None:
    made, id = aimed(more=TOLD)
    put = {"commits": (CommitItem(OTHER),)}
    for action, told in (
        ("release.include", put),
        ("release.exclude", {"commits": (OTHER,), "reason": "Not yet."}),
        ("release.include", put),
    ):
        made.ask(RITA, action, id, **told)
        assert "commit_not_included" in made.codes(id, TEST), action
        made.compare(id)
        assert "commit_not_included" not in made.codes(id, TEST), action


@pytest.mark.req("X-01", "X-05")
def test_what_was_attested_for_another_release_says_nothing_of_this() -> None:
    made, id = aimed((ItemKind.COMMIT, OTHER), more=TOLD)
    twin = opened(made, "itsm_releases", "major")
    made.ask(RITA, "release.aim", twin, release_version="1.2.0", commit=COMMIT)
    made.compare(twin)
    assert "commit_not_included" in made.codes(id, TEST)
    made.report("contents")
    assert "commit_not_included" in made.codes(id, TEST), "compared with nothing"
    made.compare(id)
    assert "commit_not_included" not in made.codes(id, TEST)
    made.compare(twin, outcome=Outcome.FAILED)
    assert "commit_not_included" not in made.codes(id, TEST), "that is said of the other"
    made.report("contents", outcome=Outcome.FAILED)
    assert "commit_not_included" in made.codes(id, TEST), "that is said of any"
    made.compare(id)
    assert "commit_not_included" not in made.codes(id, TEST)
    plan = replace(made.release(id).plan, versions=("1.3.0",))
    before = made.manifest(id)
    made.ask(RITA, "release.edit", id, plan=plan)
    assert made.manifest(id) != before, "it goes on from another version"


@pytest.mark.req("S1-12", "X-01")
def test_what_was_compared_with_a_hidden_release_hides_with_it_before_it_is_aimed() -> None:
    made = Office()
    open_to_all = opened(made, "itsm_releases", "major")
    hidden = opened(made, "itsm_releases", "major", embargoed=True)
    for id, hides in ((open_to_all, False), (hidden, True)):
        made.compare(id, OTHER)
        told = made.told[-1].event
        assert (told.embargoed, told.release) == (hides, hidden if hides else None)


@pytest.mark.parametrize(
    "manifest",
    ["", "sha256:" + "A" * 64, "a" * 64, "sha256:" + "a" * 63, "sha256:" + "a" * 64 + "-"],
)
def test_a_manifest_is_the_digest_of_a_release(manifest: str) -> None:
    with refused("digest_unusable"):
        Office().report("contents", manifest=manifest)


def test_a_version_of_which_nobody_named_a_commit_is_made_of_nothing_known() -> None:
    made = Office()
    id = opened(made, "itsm_releases", "major")
    made.learn(replace(adopted("itsm_releases", text()), id=made.release(id).playbook))
    assert "commit_not_included" not in made.codes(id, TEST)
    assert "target_unknown" in made.codes(id, TEST)


@pytest.mark.parametrize("line", TOLD.splitlines())
def test_what_a_commit_contains_is_told_by_a_role_that_is_named(line: str) -> None:
    with pytest.raises(PlaybookFault, match="needs a reporter"):
        decode(text(line + "\n"))


def told(made: Office, id: str) -> list[list[str]]:
    """Each way in which it would be made of what it contains."""
    (found,) = (e for e in made.verdict(id, TEST).blocking if e.requirement == "traced")
    return ways(found)


@pytest.mark.req("X-01", "X-04")
def test_it_is_reported_of_or_aimed_elsewhere_and_not_both_for_nothing() -> None:
    made, id = aimed((ItemKind.COMMIT, OTHER), REQUEST, more=TOLD, others=(merged(),))
    report, aim = "evidence.report", "release.aim"
    assert told(made, id) == [[report]]
    made.compare(id, outcome=Outcome.FAILED)
    assert told(made, id) == [[report], [aim, report]], "at a commit of which that is true"
    made.compare(id)
    assert "commit_not_included" not in made.codes(id, TEST), "a report alone is enough"
    made.learn(replace(made.release(id), targets=()))
    assert told(made, id) == [[aim, report]]
    assert [made.verdict(id, TEST).whole, "target_unknown" in made.codes(id, TEST)] == [True, True]


@pytest.mark.req("X-01", "X-04")
def test_what_contains_one_thing_is_aimed_at_that_or_reported_of() -> None:
    made, id = aimed((ItemKind.COMMIT, OTHER), more=TOLD)
    assert told(made, id) == [["evidence.report"], ["release.aim"]]
    made.ask(RITA, "release.aim", id, release_version="1.2.0", commit=OTHER)
    assert "commit_not_included" not in made.codes(id, TEST)
    plain, other = aimed((ItemKind.COMMIT, OTHER))
    assert told(plain, other) == [["release.aim"]], "its playbook asks nobody"
