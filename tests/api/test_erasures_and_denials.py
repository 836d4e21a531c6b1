"""Erasing what a person may have erased, and what is kept of those who were turned away."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from api.machine.agreement import head_faults
from api.machine.installation import Failed
from domain.access import Access
from domain.change.state import Change
from domain.kernel import ERASED
from ledger.databases import admin_engine
from ledger.verifying import verify_contents, verify_tree
from tests.api.office import Office


@pytest.fixture
def office(database: str, tmp_path: Path) -> Iterator[Office]:
    """An office on SQLite and on PostgreSQL, with somebody who looks after privacy."""
    found = Office(tmp_path, database)
    found.people["pia"] = found.person("pia")
    found.grant("pia", "privacy_officer")
    yield found
    found.close()


def drafted(office: Office, **more: str) -> str:
    """The id of a fresh change."""
    office.change(**more)
    table = office.reader.snapshot(Change)
    with office.reader.connection() as connection:
        found: list[str] = list(connection.execute(select(table.c.id)).scalars())
    return found[-1]


def erase(office: Office, subject: str, *parts: str, aggregate: str = "change") -> None:
    ground = "Article 17, asked for by the person."
    office.desk.ask(
        "erasure.erase",
        by=office.people["pia"],
        aggregate=aggregate,
        subject=subject,
        parts=list(parts),
        ground=ground,
    )


def refused(office: Office, subject: str, *parts: str, aggregate: str = "change") -> list[str]:
    with pytest.raises(Failed) as no:
        erase(office, subject, *parts, aggregate=aggregate)
    return [problem.code for problem in no.value.problems]


def faults(office: Office) -> list[str]:
    reader, key = office.reader, office.installation.key.verifier
    checks = (verify_tree(reader, [key]), verify_contents(reader), head_faults(reader))
    return [each.code for check in checks for each in check]


def test_an_erased_text_is_gone_from_the_state_the_past_and_the_log(office: Office) -> None:
    change = drafted(office)
    erase(office, change, "content.description")
    with office.reader.connection() as connection:
        now = office.reader.get(connection, Change, change)
        head = office.reader.head(connection)
        then = office.reader.as_of(connection, Change, change, position=head.size - 2)
        parts = office.reader.tables.parts
        kept = connection.execute(
            select(parts.c.content, parts.c.salt).where(parts.c.name == "content.description")
        ).all()
    assert now is not None
    assert then is not None
    assert (now.content.description, then.content.description) == (ERASED, ERASED)
    assert now.content.title != ERASED
    assert [tuple(row) for row in kept] == [(None, None)]


def bytes_of(office: Office) -> bytes:
    """Everything that stands in the embedded database's files."""
    file = Path(str(office.reader.engine.url.database))
    beside = file.with_name(f"{file.name}-wal")
    return file.read_bytes() + beside.read_bytes()


EMBEDDED = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@EMBEDDED
def test_an_erased_text_leaves_no_bytes_in_the_files(office: Office) -> None:
    change = drafted(office, description="Unverwechselbar, and " * 300)
    assert b"Unverwechselbar" in bytes_of(office)
    erase(office, change, "content.description")
    assert b"Unverwechselbar" not in bytes_of(office)


@EMBEDDED
def test_where_somebody_was_reading_erased_bytes_go_with_the_next_batch(office: Office) -> None:
    change = drafted(office, description="Unverwechselbar.")
    with office.reader.connection() as connection:
        assert office.reader.get(connection, Change, change)
        erase(office, change, "content.description")
        assert b"Unverwechselbar" in bytes_of(office)
    drafted(office)
    assert b"Unverwechselbar" not in bytes_of(office)


def test_the_log_verifies_after_an_erasure(office: Office) -> None:
    erase(office, drafted(office), "content.description", "content.reason")
    assert faults(office) == []


def test_a_person_is_erased_from_the_authority_too(office: Office) -> None:
    ava = office.people["ava"]
    erase(office, ava, "handle", "name", aggregate="principal")
    assert office.writer.agreed.authority.named("ava") is None
    assert faults(office) == []


def test_what_is_not_there_and_what_is_kept_whole_cannot_be_erased(office: Office) -> None:
    change = drafted(office)
    assert refused(office, change, "content.salary") == ["unknown_part"]
    assert refused(office, "0" * 32, "content.title") == ["not_found"]
    assert refused(office, "log", "reason", aggregate="log") == ["not_erasable"]
    assert refused(office, change, "body", aggregate="unheard_of") == ["not_erasable"]


def test_only_who_looks_after_privacy_erases(office: Office) -> None:
    office.people["pia"] = office.people["mia"]
    assert refused(office, drafted(office), "content.title") == ["forbidden"]


def denied(office: Office) -> list[Access]:
    """Everything kept of those who were turned away."""
    with office.reader.connection() as connection:
        rows = connection.execute(select(*office.reader.columns(Access))).all()
        return [office.reader.state_of(Access, row) for row in rows]


def knock(office: Office, change: str) -> None:
    with pytest.raises(Failed):
        office.desk.ask("change.cancel", change, by=office.people["aud"], reason="Because.")


def test_many_denials_in_an_hour_are_one_event(office: Office) -> None:
    change = drafted(office)
    for _ in range(5):
        knock(office, change)
    [kept] = denied(office)
    assert (kept.person, kept.action, kept.count) == (office.people["aud"], "change.cancel", 1)
    scopes = "environment=production, service=billing"
    assert (kept.record, kept.scopes) == (change, scopes)
    assert faults(office) == []


def test_the_number_of_an_hour_is_recorded_when_the_next_begins(office: Office) -> None:
    change = drafted(office)
    now = [datetime.now(UTC).replace(minute=10) + timedelta(hours=1)]
    office.writer.clock = lambda: now[0]
    for _ in range(5):
        knock(office, change)
    now[0] += timedelta(hours=2)
    knock(office, change)
    assert sorted(each.count for each in denied(office)) == [1, 5]
    assert faults(office) == []
    denials = office.reader.tables.denials
    engine = admin_engine(office.installation.settings.url)
    with engine.begin() as connection:
        connection.execute(update(denials).where(denials.c.count == 5).values(count=4))
    engine.dispose()
    assert faults(office) == ["denials_altered"]


def test_a_gate_that_refuses_is_recorded_with_its_findings(office: Office) -> None:
    office.change(backoutPlan="")
    with office.reader.connection() as connection:
        change = connection.execute(select(office.reader.snapshot(Change).c.id)).scalars().one()
    with pytest.raises(Failed):
        office.desk.ask("change.submit", change, by=office.people["rita"], seen=1)
    [kept] = denied(office)
    assert (kept.outcome.value, kept.action) == ("refused", "change.submit")
    assert kept.codes


def test_an_erasure_does_not_excuse_what_is_emptied_after_it(office: Office) -> None:
    """Each part that was emptied needs an erasure of its own time."""
    change = drafted(office)
    erase(office, change, "content.description")
    with office.reader.connection() as connection:
        content = office.reader.get(connection, Change, change)
        assert content is not None
    for title in ("Second", "Third"):
        state = office.writer.view.get(Change, change)
        assert state is not None
        said = replace(state.content, title=title, description="Anew.")
        office.desk.ask(
            "change.edit", change, by=office.people["rita"], seen=state.version, content=said
        )
    assert faults(office) == []
    engine = admin_engine(office.installation.settings.url)
    with engine.begin() as connection:
        parts = office.reader.tables.parts
        middle = (
            select(parts.c.position)
            .where(parts.c.name == "content.description", parts.c.content.is_not(None))
            .order_by(parts.c.position)
            .limit(1)
        )
        position = connection.execute(middle).scalar_one()
        connection.execute(
            update(parts)
            .where(parts.c.position == position, parts.c.name == "content.description")
            .values(salt=None, content=None)
        )
    engine.dispose()
    assert "part_emptied" in faults(office)
