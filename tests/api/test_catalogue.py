"""Every code that is answered stands in the catalogue, and no other."""

import ast

import pytest

from api.catalogue import codes
from api.errors import CATALOGUE
from domain.change.state import Status
from tests.api.codes_in_source import codes_in_source, codes_of

SPELLED_LATER = {f"not_in_{status.value}" for status in Status} | {
    "commit_not_included",
    "embargoed",
    "line_missing",
    "merge_request_missing",
    "merge_requests_several",
    "not_deployed",
    "older_stands_there",
    "owner_suspended",
    "other_stands_there",
    "parent_aborted",
    "parent_of_other_series",
    "parent_of_other_service",
    "production_passed_off",
    "release_in_the_open",
    "template_missing",
    "template_not_in_force",
    "unknown_commit",
}
"""Codes whose end depends on a status, or that are chosen before they are told."""


def test_every_code_in_the_source_is_in_the_catalogue() -> None:
    found = codes_in_source()
    missing = {code: sorted(files) for code, files in found.items() if code not in codes()}
    assert missing == {}


def test_nothing_in_the_catalogue_is_never_answered() -> None:
    assert codes().keys() - codes_in_source().keys() - CATALOGUE.keys() - SPELLED_LATER == set()


def test_every_meaning_is_a_sentence() -> None:
    for code, meaning in codes().items():
        assert code == code.lower()
        assert meaning[0].isupper(), code
        assert meaning.endswith("."), code
        assert len(meaning) <= 120, code


@pytest.mark.parametrize(
    "source, code",
    [
        ('refusal("not_read", "No.")', "not_read"),
        ('problems.add("not_read", "No.")', "not_read"),
        ('problems.unless(x, "not_read" if y else "too_old", "No.")', "too_old"),
        ('NO = "not_read"\nProblem(NO, "No.")', "not_read"),
        ('Finding("a", b, code="not_read")', "not_read"),
        ('_CODES = {1: "not_read"}', "not_read"),
        ("from domain.calendar.times import UNKNOWN as NO\nProblem(NO)", "calendar_unknown"),
    ],
)
def test_a_code_is_found_however_it_is_answered(source: str, code: str) -> None:
    assert code in set(codes_of(ast.parse(source)))
