"""Merges recorded elsewhere: claimed once, with what is not known kept apart from no."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from domain.merge_record import AGGREGATE, Elsewhere, MergeRecord, duties, record_id
from tests.domain.given import NOON
from tests.domain.organisation import ROBOT, Story, refused

MERGE = Elsewhere(
    project="gitlab-org/gitaly",
    number=7,
    merge_commit="5" * 40,
    title="Count objects once",
    target="master",
    default_branch=True,
    authors=("ada",),
    approved_by=("ben", "cat"),
    reviewed_by=(),
    merged_by="cat",
)
MERGED_AT = datetime.fromisoformat("2023-01-02T21:09:39+00:00")


def claimed(merge: Elsewhere = MERGE) -> MergeRecord:
    story = Story(AGGREGATE, (), subject=record_id(merge.project, merge.number, merge.merge_commit))
    story.ask(ROBOT, "claim", merge=merge, claimed=True, happened=MERGED_AT)
    return story.state  # type: ignore[no-any-return]


def test_a_claim_keeps_when_it_took_place_and_who_claims_it() -> None:
    state = claimed()
    assert (state.merged_at, state.claimed_at, state.claimed_by) == (MERGED_AT, NOON, ROBOT)
    assert AGGREGATE.columns["year"][1](state) == 2023


def test_what_is_told_of_a_merge_is_recorded_only_as_a_claim() -> None:
    story = Story(AGGREGATE, (), subject=record_id(MERGE.project, 7, MERGE.merge_commit))
    with refused("not_a_claim"):
        story.ask(ROBOT, "claim", merge=MERGE)


def test_the_same_merge_has_the_same_id() -> None:
    assert claimed().id == claimed(replace(MERGE, title="Other")).id
    others = {
        record_id("gitlab-org/gitaly", 7, "6" * 40),
        record_id("gitlab-org/gitaly", 8, "5" * 40),
        record_id("gitlab-org/other", 7, "5" * 40),
        claimed().id,
    }
    assert len(others) == 4
    with refused("other_subject"):
        Story(AGGREGATE, ()).ask(ROBOT, "claim", merge=MERGE, claimed=True, happened=MERGED_AT)


@pytest.mark.parametrize(
    "known,told",
    [
        ({}, (2, False, False, False)),
        ({"merged_by": "ada"}, (2, True, False, True)),
        ({"merged_by": "dan"}, (2, False, False, True)),
        ({"approved_by": ("ada", "cat")}, (2, False, True, False)),
        ({"approved_by": ("cat",)}, (1, False, False, False)),
        ({"approved_by": ()}, (0, False, False, True)),
        ({"approved_by": None}, (None, False, None, None)),
        ({"merged_by": None}, (2, None, False, None)),
        ({"authors": None}, (2, None, None, False)),
        ({"authors": ()}, (2, None, None, False)),
        ({"authors": (), "approved_by": ()}, (0, None, False, True)),
        ({"authors": None, "approved_by": None, "merged_by": None}, (None, None, None, None)),
    ],
)
def test_what_was_not_recorded_is_unknown_and_never_no(known: dict[str, Any], told: Any) -> None:
    found = duties(replace(MERGE, **known))
    assert told == (
        found.approvals,
        found.merged_by_author,
        found.approved_by_author,
        found.merged_by_non_approver,
    )


@pytest.mark.parametrize(
    "changes,code",
    [
        ({"project": ""}, "name_unusable"),
        ({"number": 0}, "number_unusable"),
        ({"merge_commit": "HEAD"}, "not_a_commit"),
        ({"merged_head": "HEAD"}, "not_a_commit"),
        ({"title": ""}, "text_missing"),
        ({"title": "a\x00"}, "text_unreadable"),
        ({"approved_by": ("a", "a")}, "named_twice"),
        ({"authors": ("\n",)}, "name_unusable"),
        ({"merged_by": "\ud800"}, "text_unreadable"),
    ],
)
def test_a_claim_that_cannot_be_kept_is_refused(changes: dict[str, Any], code: str) -> None:
    merge = replace(MERGE, **changes)
    with refused(code):
        claimed(merge)


def test_a_merge_is_claimed_once() -> None:
    story = Story(AGGREGATE, (), subject=record_id(MERGE.project, 7, MERGE.merge_commit))
    told = {"merge": MERGE, "claimed": True, "happened": MERGED_AT}
    story.ask(ROBOT, "claim", **told)
    with pytest.raises(TypeError):
        story.ask(ROBOT, "claim", **told)


def rows(file: str) -> list[dict[str, Any]]:
    folder = os.environ.get("CHANGEGATE_REAL_DATA")
    if not folder:
        pytest.skip("CHANGEGATE_REAL_DATA names no folder")
    return [json.loads(line) for line in (Path(folder) / file).read_text().split("\n") if line]


def read(row: dict[str, Any]) -> Elsewhere:
    """A row as a claim: without any trailer nothing of approval or merger was recorded."""
    recorded = row["approved_by"] or row["merged_by"]
    return Elsewhere(
        project=row["mr_project"],
        number=row["mr_iid"],
        merge_commit=row["sha"],
        title=row["title"],
        target=row["target_branch"],
        default_branch=row["default_branch_first_parent"],
        security=row["security"],
        merged_head=row["merged_head"],
        authors=tuple(row["authors"]) or None,
        approved_by=tuple(row["approved_by"]) if recorded else None,
        merged_by=row["merged_by"],
    )


TOLD = ("merged_by_author", "approved_by_author", "merged_by_non_approver")


@pytest.mark.real
@pytest.mark.parametrize(
    "file,known,unknown",
    [
        (
            "gitaly-merge-requests.jsonl",
            {
                "merges": 5847,
                "default_branch": 5575,
                "two_approvals": 764,
                "merged_by_author": 6,
                "approved_by_author": 11,
                "merged_by_non_approver": 337,
            },
            {
                "approvals": 4306,
                "merged_by_author": 4507,
                "approved_by_author": 4507,
                "merged_by_non_approver": 4306,
            },
        ),
        (
            "omnibus-merge-requests.jsonl",
            {
                "merges": 1368,
                "default_branch": 1087,
                "two_approvals": 775,
                "merged_by_author": 1,
                "approved_by_author": 49,
                "merged_by_non_approver": 246,
            },
            {"merged_by_author": 6, "approved_by_author": 6},
        ),
    ],
)
def test_real_merges_tell_who_broke_the_separation_of_duties(
    file: str, known: dict[str, Any], unknown: Any
) -> None:
    told, untold = Counter[str](), Counter[str]()
    states = [claimed(read(row)) for row in rows(file)]
    for state in states:
        told["merges"] += 1
        told["default_branch"] += state.default_branch
        told["two_approvals"] += (state.approvals or 0) >= 2
        untold["approvals"] += state.approvals is None
        for name in TOLD:
            told[name] += getattr(state, name) is True
            untold[name] += getattr(state, name) is None
    assert dict(told) == known
    assert dict(+untold) == unknown
    assert len({state.id for state in states}) == known["merges"]
