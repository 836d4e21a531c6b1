"""Who merged and approved what elsewhere: the report by project and year, and the list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.counted import statements
from tests.api.merges import (
    FACTS,
    REPORT,
    Row,
    bring,
    counted,
    facts,
    opened_office,
    random_rows,
    reported,
    row,
    write,
)
from tests.api.office import Office

RECORDS = Path("frontend-schema/operations/MergeRecords.graphql").read_text()
ROWS = random_rows(240, seed=7)
ANSWERS = {True: "YES", False: "NO", None: "UNKNOWN"}
TELLING = (
    row(901, mr_project="zoo/gate", merged_by="p-1", approved_by=["p-2"]),
    row(902, mr_project="zoo/gate", authors=["p-2"], approved_by=["p-2", "p-4"], merged_by="p-4"),
    row(903, mr_project="zoo/gate", authors=[], approved_by=[]),
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp(f"report-{request.param}")
    with opened_office(request, folder) as office:
        office.grant("ivo", "maintainer", scope="project", value="shop/till")
        bring(office, write(folder / "merges.jsonl", (*ROWS, *TELLING)))
        yield office


def listed(office: Office, by: str = "aud", **filter: Any) -> list[Any]:
    """Every merge that fits, page by page."""
    found: list[Any] = []
    after = None
    while True:
        given = {"filter": filter, "first": 50, "after": after}
        page = office.data(RECORDS, by, **given)["mergeRecords"]
        found += [edge["node"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


# The report.


@pytest.mark.req("S2-01", "S2-02", "X-05")
def test_the_report_counts_what_plain_python_counts(office: Office) -> None:
    assert reported(office) == counted([*ROWS, *TELLING])


def test_what_is_not_known_has_a_column_of_its_own(office: Office) -> None:
    [year] = reported(office, project="zoo/gate").values()
    assert year == {
        "merges": 3,
        "defaultBranch": [3, 0, 0],
        "twoApprovals": [1, 2, 0],
        "mergedByAuthor": [1, 1, 1],
        "approvedByAuthor": [1, 2, 0],
        "mergedByNonApprover": [2, 1, 0],
    }


@pytest.mark.parametrize("answer", [True, False])
def test_the_report_can_be_on_the_default_branch_alone(office: Office, answer: bool) -> None:
    chosen = [each for each in ROWS if each["default_branch_first_parent"] is answer]
    found = reported(office, defaultBranch=ANSWERS[answer])
    assert {place: tally for place, tally in found.items() if place[0] != "zoo/gate"} == (
        counted(chosen)
    )


def test_the_report_can_be_narrowed_to_a_project_and_a_year(office: Office) -> None:
    chosen = [
        each
        for each in ROWS
        if each["mr_project"] == "shop/till" and each["merged_at"].startswith("2023")
    ]
    assert reported(office, project="shop/till", year=2023) == counted(chosen)
    assert reported(office, project="nowhere") == {}
    assert reported(office, security=True) == {}


def test_the_report_is_one_statement(office: Office) -> None:
    reported(office)  # whoever reads first learns what was written since
    with statements(office.reader.engine) as seen:
        reported(office)
    assert len(seen) == 1
    assert "GROUP BY" in seen[0]


def test_the_report_comes_in_pages(office: Office) -> None:
    whole, after, found = list(reported(office)), None, []
    while True:
        page = office.data(REPORT, "rita", first=5, after=after)["mergeReport"]
        found += [(edge["node"]["project"], edge["node"]["year"]) for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert found == whole == sorted(whole)
    result = office.ask(REPORT, "rita", filter={"year": 2023}, after=after)
    assert result.errors is not None
    assert str(result.errors[0].original_error) == "bad_cursor"


# The list.


@pytest.mark.req("S2-02", "X-05")
@pytest.mark.parametrize("fact", FACTS)
def test_every_merge_is_in_one_of_three_lists(office: Office, fact: str) -> None:
    told = {(each["mr_project"], each["mr_iid"]): facts(each)[fact] for each in ROWS}
    for answer, spelled in ANSWERS.items():
        found = [(each["project"], each["number"]) for each in listed(office, **{fact: spelled})]
        expected = {place for place, given in told.items() if given is answer}
        assert {place for place in found if place[0] != "zoo/gate"} == expected
        assert len(found) == len(set(found))


def test_the_latest_merges_come_first(office: Office) -> None:
    found = [each["mergedAt"] for each in listed(office)]
    assert len(found) == len(ROWS) + len(TELLING)
    assert found == sorted(found, reverse=True)


def test_merges_are_found_by_number_time_and_words(office: Office) -> None:
    assert [each["title"] for each in listed(office, number=902)] == [TELLING[1]["title"]]
    within = listed(office, since="2023-02-01T00:00:00Z", until="2023-03-01T00:00:00Z")
    february = [each for each in ROWS if each["merged_at"].startswith("2023-02")]
    assert len(within) == len(february) > 0
    assert [each["number"] for each in listed(office, text="PART 903 once")] == [903]
    assert listed(office, text="100%") == []


def test_a_list_takes_as_many_statements_however_long_it_is(office: Office) -> None:
    listed(office)  # whoever reads first learns what was written since
    taken = []
    for first in (1, 100):
        with statements(office.reader.engine) as seen:
            office.data(RECORDS, "aud", first=first)
        taken.append(len(seen))
    assert taken == [3, 3]  # the page, its count, and who may see people


# The people.


def test_who_answers_for_a_project_sees_whom_its_records_name(office: Office) -> None:
    [told] = listed(office, number=902)
    people = {"authors": ["p-2"], "approvers": ["p-2", "p-4"], "merger": "p-4"}
    assert told["people"] == people
    assert all(each["people"] is None for each in listed(office, "rita"))
    for each in listed(office, "ivo"):
        assert (each["people"] is not None) == (each["project"] == "shop/till")


def test_what_was_not_recorded_is_not_shown_as_nobody(office: Office) -> None:
    [told] = listed(office, number=903)
    assert told["people"] == {"authors": None, "approvers": [], "merger": "p-3"}
    early = next(each for each in ROWS if each["merged_by"] is None)
    [told] = listed(office, number=early["mr_iid"])
    assert told["people"] == {"authors": None, "approvers": None, "merger": None}
    assert told["approvals"] is None


@pytest.mark.parametrize(
    "part,field", [("AUTHOR", "authors"), ("APPROVER", "approved_by"), ("MERGER", "merged_by")]
)
def test_merges_are_found_by_whom_they_name(office: Office, part: str, field: str) -> None:
    name = "p-0002"
    expected = {each["mr_iid"] for each in ROWS if name in (each[field] or ())}
    found = {each["number"] for each in listed(office, named=[{"name": name, "part": part}])}
    assert found == expected != set()


def test_merges_are_found_by_all_the_people_they_name(office: Office) -> None:
    wanted = [{"name": "p-0002"}, {"name": "p-0003", "part": "MERGER"}]
    found = {each["number"] for each in listed(office, named=wanted)}
    assert found == {
        each["mr_iid"]
        for each in ROWS
        if each["merged_by"] == "p-0003" and "p-0002" in everybody(each)
    }
    assert len(listed(office, named=[])) == len(ROWS) + len(TELLING)


def everybody(each: Row) -> set[str | None]:
    return {*each["authors"], *each["approved_by"], *each["reviewed_by"], each["merged_by"]}


def test_nobody_finds_people_by_name_whom_they_may_not_see(office: Office) -> None:
    assert listed(office, "rita", named=[{"name": "p-0002"}]) == []
    found = listed(office, "ivo", named=[{"name": "p-0002"}])
    assert {each["project"] for each in found} == {"shop/till"}


def test_a_record_can_be_looked_up_and_its_claim_cannot_be_asked_for(office: Office) -> None:
    document = "{ mergeRecords(first: 1) { edges { node { id claimedBy { handle } } } } }"
    [edge] = office.data(document, "rita")["mergeRecords"]["edges"]
    assert edge["node"]["claimedBy"] is None
    document = "query($i: ID!) { mergeRecord(id: $i) { id mergedAt defaultBranch } }"
    assert office.data(document, "rita", i=edge["node"]["id"])["mergeRecord"]["id"]
    names = "{ __schema { mutationType { fields { name } } } }"
    fields = office.data(names, "rita")["__schema"]["mutationType"]["fields"]
    assert [each["name"] for each in fields if "MergeRecord" in each["name"]] == []


def test_the_guide_asks_what_can_be_answered(office: Office) -> None:
    guide = Path("docs/importing.md").read_text()
    documents = re.findall(r"```graphql\n(.*?)```", guide, re.DOTALL)
    assert len(documents) == 2
    for document in documents:
        office.data(document, "aud")
