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

from domain.elsewhere.merge_record import (
    AGGREGATE,
    Elsewhere,
    MergeRecord,
    Part,
    Told,
    TookPart,
    duties,
    record_id,
    took_part,
)
from domain.kernel import ERASED
from tests.domain.given import DAY, NOON
from tests.domain.organisation import ROBOT, Story, refused

YES, NO, UNKNOWN = Told.YES, Told.NO, Told.UNKNOWN
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


@pytest.mark.req("X-05")
@pytest.mark.parametrize(
    "known,answers",
    [
        ({}, (2, NO, NO, NO)),
        ({"merged_by": "ada"}, (2, YES, NO, YES)),
        ({"merged_by": "dan"}, (2, NO, NO, YES)),
        ({"approved_by": ("ada", "cat")}, (2, NO, YES, NO)),
        ({"approved_by": ("cat",)}, (1, NO, NO, NO)),
        ({"approved_by": ()}, (0, NO, NO, YES)),
        ({"approved_by": None}, (None, NO, UNKNOWN, UNKNOWN)),
        ({"merged_by": None}, (2, UNKNOWN, NO, UNKNOWN)),
        ({"authors": None}, (2, UNKNOWN, UNKNOWN, NO)),
        ({"authors": ()}, (2, UNKNOWN, UNKNOWN, NO)),
        ({"authors": (), "approved_by": ()}, (0, UNKNOWN, NO, YES)),
        (
            {"authors": None, "approved_by": None, "merged_by": None},
            (None, UNKNOWN, UNKNOWN, UNKNOWN),
        ),
    ],
)
def test_what_was_not_recorded_is_unknown_and_never_no(known: dict[str, Any], answers: Any) -> None:
    found = duties(replace(MERGE, **known))
    assert answers == (
        found.approvals,
        found.merged_by_author,
        found.approved_by_author,
        found.merged_by_non_approver,
    )


@pytest.mark.parametrize("known,answer", [(True, YES), (False, NO), (None, UNKNOWN)])
def test_the_branch_may_be_unknown_too(known: bool | None, answer: Told) -> None:
    assert claimed(replace(MERGE, default_branch=known)).default_branch is answer


def test_everybody_the_records_name_is_found_by_their_part() -> None:
    state = claimed(replace(MERGE, reviewed_by=("dan",)))
    assert took_part(state) == (
        TookPart("ada", Part.AUTHOR),
        TookPart("ben", Part.APPROVER),
        TookPart("cat", Part.APPROVER),
        TookPart("dan", Part.REVIEWER),
        TookPart("cat", Part.MERGER),
    )


def test_nobody_is_found_by_what_was_not_recorded_or_was_erased() -> None:
    nobody = replace(MERGE, authors=None, approved_by=None, merged_by=None)
    assert took_part(claimed(nobody)) == ()
    assert took_part(replace(claimed(nobody), merged_by=ERASED)) == ()


def test_the_year_is_that_of_utc() -> None:
    state = claimed(MERGE)
    year = AGGREGATE.columns["year"][1]
    assert (
        year(replace(state, merged_at=datetime.fromisoformat("2024-01-01T00:30:00+01:00"))) == 2023
    )


def test_what_is_still_to_come_is_not_claimed() -> None:
    story = Story(AGGREGATE, (), subject=record_id(MERGE.project, 7, MERGE.merge_commit))
    with refused("still_to_come"):
        story.ask(ROBOT, "claim", merge=MERGE, claimed=True, happened=NOON + DAY)


@pytest.mark.parametrize(
    "changes,code",
    [
        ({"project": ""}, "name_unusable"),
        ({"number": 0}, "number_unusable"),
        ({"number": 2**31}, "number_unusable"),
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
        told["default_branch"] += state.default_branch is YES
        told["two_approvals"] += (state.approvals or 0) >= 2
        untold["approvals"] += state.approvals is None
        for name in TOLD:
            told[name] += getattr(state, name) is YES
            untold[name] += getattr(state, name) is UNKNOWN
    assert dict(told) == known
    assert dict(+untold) == unknown
    assert len({state.id for state in states}) == known["merges"]
