"""Requirement ids on tests name requirements that exist, and the report counts them."""

import ast

import pytest

from tests.requirements import GROUPS, TESTS, known, marked, places, report

DECORATED = """
pytestmark = [pytest.mark.req("S0-01")]

@pytest.mark.req("S1-20", "S1-21")
@pytest.mark.parametrize("n", [pytest.param(1, marks=pytest.mark.req("X-07"))])
def test_something(n): ...
"""


def test_every_id_on_a_test_is_a_requirement() -> None:
    unknown = {
        id: where
        for id, where in places(sorted(TESTS.rglob("test_*.py"))).items()
        if id not in known()
    }
    assert unknown == {}


def test_there_are_as_many_requirements_as_the_sources_have() -> None:
    assert len(set(known())) == sum(GROUPS.values()) == 182
    assert known()[0] == "S0-01"
    assert known()[-1] == "X-07"


def test_ids_are_found_wherever_pytest_takes_marks() -> None:
    found = {id for id, _where in marked(ast.parse(DECORATED), "example")}
    assert found == {"S0-01", "S1-20", "S1-21", "X-07"}


@pytest.mark.parametrize("mark", ["req", "req()", "req(1 + 1)", "req(*ids)", "req(id='S0-01')"])
def test_an_id_that_is_no_plain_string_is_refused(mark: str) -> None:
    with pytest.raises(ValueError, match="example:1: a requirement is named by a plain string"):
        list(marked(ast.parse(f"pytestmark = pytest.mark.{mark}"), "example"))


def test_the_report_counts_each_group_and_names_what_is_missing() -> None:
    lines = report([*known()[:30], "X-07", "S9-99"]).splitlines()
    assert lines[0] == "S0      30 of  31   missing: S0-31"
    assert lines[-2] == "X        1 of   7   missing: X-01 X-02 X-03 X-04 X-05 X-06"
    assert lines[-1] == "all     31 of 182"
