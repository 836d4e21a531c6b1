"""A version is made of a commit that the release contains, where its playbook demands that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.change.state import Link, LinkKind
from domain.evidence import Outcome
from domain.inclusion import Inclusion, ItemKind
from domain.merge_request.state import Status as MergeStatus
from domain.playbook_format import PlaybookFault, decode
from tests.domain.given import NOON
from tests.domain.organisation import PLAYBOOKS, adopted
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
        ((), (merged(), tied(Link(LinkKind.COMMIT, COMMIT))), False),
    ],
)
def test_a_version_is_made_of_a_commit_that_is_included(
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
        made.report("contents", **told)
        assert ("commit_not_included" not in made.codes(id, TEST)) == good, told
    plain, other = aimed((ItemKind.COMMIT, OTHER))
    plain.report("contents")
    assert "commit_not_included" in plain.codes(other, TEST), "its playbook asks nobody"


@pytest.mark.parametrize("line", TOLD.splitlines())
def test_what_a_commit_contains_is_told_by_a_role_that_is_named(line: str) -> None:
    with pytest.raises(PlaybookFault, match="needs a reporter"):
        decode(text(line + "\n"))
