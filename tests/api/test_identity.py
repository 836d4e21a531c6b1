"""Global ids."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.context import new_id
from api.derived.identity import global_id, read_global_id, read_id

ID = "0190f0c0ffee70008000000000000001"


@pytest.mark.parametrize("id", [ID, f"user:{ID}", "operator"])
def test_a_global_id_finds_its_object_again(id: str) -> None:
    assert read_global_id(global_id("Change", id), ("Change", "Board")) == ("Change", id)


@pytest.mark.parametrize(
    "given",
    [
        global_id("Board", ID),
        global_id("Query", ID),
        global_id("Change", ""),
        global_id("Change", "a b"),
        global_id("Change", "a:b:c"),
        global_id("Change", "x" * 500),
        ID,
        "",
        "%%%",
        global_id("Change", ID)[:-1],
        global_id("Change", ID) + "=",
        f" {global_id('Change', ID)}",
        base64.b64encode(b"Change:\xff").decode(),
        base64.b64encode("Change:ü".encode()).decode(),
        "\ud800",
    ],
)
def test_everything_else_reads_as_nothing(given: str) -> None:
    assert read_id(given, "Change") is None


@given(st.text(st.characters(codec=None)))
def test_no_text_breaks_the_reading(given: str) -> None:
    assert read_id(given, "Change") is None


def test_fresh_ids_sort_by_time_and_are_version_seven() -> None:
    ids = [new_id() for _ in range(50)]
    assert len(set(ids)) == 50
    assert [each[:12] for each in ids] == sorted(each[:12] for each in ids)
    assert all(len(each) == 32 and each[12] == "7" and each[16] in "89ab" for each in ids)
