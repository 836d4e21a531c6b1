"""Numbers say by which definition they are worked out, from what, and what does not count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.elsewhere.release_record import Cut, Version
from domain.metrics.metrics import (
    Definition,
    Exclusion,
    Fact,
    mean,
    median,
    share,
    sources_digest,
    total,
)
from domain.metrics.releases import DAYS, Leads, Tagged, patch_intervals, years

HOURS = Definition("waiting", 2, "hours", "How long things wait.")
NEW_YEAR = datetime(2024, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def facts(*values: int) -> list[Fact]:
    return [Fact(f"record {at}", value) for at, value in enumerate(values)]


@pytest.mark.req("X-06")
def test_a_number_carries_its_definition_its_sources_and_what_is_left_out() -> None:
    found = median(HOURS, facts(3, 1, 2), [Exclusion("merge", 4), Exclusion("none", 0)])
    assert (found.value, found.count, found.definition) == ("2.00", 3, HOURS)
    assert found.excluded == (Exclusion("merge", 4),)
    assert found.sources == ("record 0", "record 1", "record 2")
    assert found.sources_digest == sources_digest(["record 2", "record 0", "record 1"])


def test_the_median_of_an_even_number_lies_between_the_middle_two() -> None:
    assert median(HOURS, facts(3_600, 7_200), unit=3_600).value == "1.50"
    assert median(HOURS, facts(1, 1, 100, 100), unit=1).value == "50.50"


def test_halves_are_rounded_up_and_nothing_is_ever_a_float() -> None:
    assert mean(HOURS, facts(1, 0, 0, 0, 0, 0, 0, 0)).value == "0.13"
    assert share(HOURS, facts(1, 1, 0)).value == "0.6667"
    assert mean(HOURS, facts(2**53, 2**53 + 1)).value == "9007199254740992.50"


@pytest.mark.req("X-05")
def test_nothing_to_count_is_no_number_and_not_zero() -> None:
    for work_out in (median, mean, share):
        assert work_out(HOURS, []).value is None
    assert total(HOURS, []).value == "0"
    assert share(HOURS, facts(0, 0)).value == "0.0000"


def test_a_number_of_many_sources_names_the_first_and_digests_all() -> None:
    found = total(HOURS, facts(*range(250)))
    assert (found.count, len(found.sources)) == (250, 100)
    assert found.sources_digest == sources_digest(found.every_source)
    assert found.sources_digest != total(HOURS, facts(*range(249))).sources_digest


# Releases.


@pytest.mark.parametrize(
    "version,cut",
    [
        (Version(1, 0, 0), Cut.MAJOR),
        (Version(1, 2, 0), Cut.MINOR),
        (Version(0, 0, 1), Cut.PATCH),
        (Version(1, 0, 0, "rc.1"), Cut.PRERELEASE),
    ],
)
def test_the_numbers_of_a_version_say_what_kind_of_release_it_is(
    version: Version, cut: Cut
) -> None:
    assert version.cut is cut


def tagged(id: str, at: datetime, cut: Cut = Cut.PATCH, line: str | None = "1.0") -> Tagged:
    return Tagged(id, cut, line, at)


@pytest.mark.req("S0-25", "S3-28")
def test_patches_are_measured_from_the_release_before_on_their_line() -> None:
    releases = [
        tagged("b", NEW_YEAR + 3 * DAY),
        tagged("a", NEW_YEAR, Cut.MINOR),
        tagged("c", NEW_YEAR + 2 * DAY, line="1.1"),
        tagged("d", NEW_YEAR + 3 * DAY + DAY),
    ]
    found = patch_intervals(releases)
    assert found == {"a": None, "b": 3 * DAY, "c": None, "d": DAY}
    [year] = years("shop", releases, {})
    within = [(each.days, each.share.numerator, each.share.count) for each in year.patch_intervals]
    assert within == [(1, 1, 2), (3, 2, 2), (7, 2, 2), (14, 2, 2)]
    assert tuple(each.days for each in year.patch_intervals) == DAYS
    assert year.patch_intervals[0].share.excluded == (Exclusion("first of its line", 1),)


@pytest.mark.req("S0-25")
def test_a_year_leaves_out_what_is_no_release_proper_and_says_so() -> None:
    releases = [
        tagged("a", NEW_YEAR),
        tagged("b", NEW_YEAR + DAY, Cut.PRERELEASE),
        tagged("c", NEW_YEAR + DAY, Cut.OTHER, None),
        tagged("d", NEW_YEAR - timedelta(seconds=1)),
    ]
    leads = {2024: Leads((Fact("x", 7_200), Fact("y", 3_600)), merges=3, backwards=1)}
    before, year = years("shop", releases, leads)
    assert (before.year, before.lead_time.value) == (2023, None)
    assert (year.releases.value, year.lead_time.value) == ("1", "1.50")
    assert [each.reason for each in year.releases.excluded] == [
        "before a release proper",
        "no version",
    ]
    assert [each.count for each in year.lead_time.excluded] == [3, 1]
    assert [each.releases.count for each in year.months] == [1] + [0] * 11
