"""What it takes to leave out what is hidden from the lists that tell of anything."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import Connection

from api.demo.cast import Role
from api.hiding import visibility
from api.hiding.wording import spelled
from ledger.kept import Kept
from tests.api.company import Headquarters
from tests.api.counted import statements

LISTS = ("events", "accesses", "erasures")
AUDITOR = "audi"


def read_whole(connection: Connection, page: str) -> set[str]:
    """What a statement reads from end to end, or from an end, where an index could help."""
    if connection.dialect.name == "sqlite":
        asked = f"explain query plan {page}"
        told = connection.exec_driver_sql(asked, ("",) * page.count("?"))
        return {each for row in told for each in re.findall(r"\bSCAN (\w+)", row[3])}
    names = list(dict.fromkeys(re.findall(r"%\(\w+\)s", page)))
    for number, name in enumerate(names, start=1):
        page = page.replace(name, f"${number}")
    connection.exec_driver_sql("set local enable_seqscan = off")  # so little is quicker read whole
    told = connection.exec_driver_sql(f"explain (generic_plan) {page}")
    return {each for row in told for each in re.findall(r"\bSeq Scan on (\w+)", row[0])}


def asked(hq: Headquarters, name: str) -> list[str]:
    """The statements by which an auditor is told the first page of a list."""
    if AUDITOR not in hq.tokens:
        hq.hire(AUDITOR, "auditors", Role("role:auditor"))
    document = f"query {{ {name}(first: 50) {{ edges {{ node {{ id }} }} }} }}"
    with statements(hq.engine) as seen:
        assert "errors" not in hq.post(AUDITOR, document).json()
    return seen


@pytest.mark.parametrize("name", LISTS)
def test_a_page_of_what_was_done_reads_nothing_else_whole(
    hq: Headquarters, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where so much hides that it is looked for in the statement."""
    monkeypatch.setattr(hq.installation.reader, "kept", Kept())
    monkeypatch.setattr(visibility, "gather", lambda *_: None)
    [page] = [each for each in asked(hq, name) if "WITH secret" in each]
    assert "EXISTS" not in page, "the whole log may be read once to answer it for all rows"
    with hq.engine.connect() as connection:
        gathered = {"secret", "beside"}  # what hides, and what one event tells of or follows from
        assert read_whole(connection, page) <= {name, *gathered}


def test_what_hides_is_gathered_by_index_and_given_to_a_page_of_the_log(
    hq: Headquarters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hq.installation.reader, "kept", Kept())
    seen = asked(hq, "events")
    [gathering] = [each for each in seen if "WITH secret" in each]
    [page] = [each for each in seen if "AS hushed" in each]
    with hq.engine.connect() as connection:
        assert read_whole(connection, page) <= {"events", "beside", "given"}
        assert read_whole(connection, gathering) <= {"secret", "found"}
    assert not any("WITH secret" in each for each in asked(hq, "events")), "it is kept"


def test_postgresql_compiles_no_statement_of_a_reader(hq: Headquarters) -> None:
    with hq.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            assert connection.exec_driver_sql("show jit").scalar() == "off"


def test_only_names_of_our_own_stand_in_a_statement() -> None:
    assert str(spelled("release.included")) == "'release.included'"
    for odd in ("", "a b", "it's", "a'--"):
        with pytest.raises(ValueError, match="no name of ours"):
            spelled(odd)
