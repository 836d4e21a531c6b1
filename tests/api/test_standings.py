"""What a process has at hand of who holds what is what a full reading of the log would find."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from api.deployment import REGISTRY, TABLES
from api.machine.installation import Failed
from api.rules import PolicyRules
from domain.authority import Authority
from domain.principal.aggregate import Principal
from ledger.agreed import AUTHORITY
from ledger.databases import admin_engine
from ledger.rebuilding import rebuild
from ledger.store import Reader, Standing
from ledger.writes import Writes
from tests.api.counted import statements
from tests.api.office import Office
from tests.domain.authority_content import content

DAY = timedelta(days=1)


@pytest.fixture
def office(database: str, tmp_path: Path) -> Iterator[Office]:
    """An office whose operator and people change who holds what, on both databases."""
    office = Office(tmp_path, database)
    for handle in ("ada", "ben", "pia"):
        office.people[handle] = office.person(handle)
    office.grant("pia", "privacy_officer")
    for handle in ("ada", "ben"):
        office.grant(handle, "administrator")
    office.grant("ada", "policy_owner")
    yield office
    office.close()


def another_reader(office: Office) -> Reader:
    """What another process would read with, that knows nothing yet."""
    return Reader(office.reader.engine, REGISTRY, TABLES, PolicyRules())


def held(reader: Reader) -> Any:
    """Everything a reader knows of who holds what now."""
    with reader.connection() as connection:
        return content(reader.standing(connection).authority)


def spelled(authority: Authority) -> dict[str, str]:
    """Everything an authority knows, as text that no later change of it can reach."""
    return {key: repr(value) for key, value in content(authority).items()}


def folded(office: Office, until: int) -> Any:
    """What every subject's events before a position amount to, under the policy of then."""
    authority = Authority()
    with office.reader.connection() as connection:
        policy = office.reader.standing_then(connection, until).policy
        found = office.reader.get(connection, REGISTRY.by_name["policy"].state, policy or "")
        if found is not None:
            judge = PolicyRules().compile(found)
            authority.roles, authority.approving = judge.roles, judge.approving
        for name in AUTHORITY:
            state = REGISTRY.by_name[name].state
            ids = select(office.reader.snapshot(state).c.id)
            for id in connection.execute(ids).scalars().all():
                stood = office.reader.as_of(connection, state, id, position=until - 1)
                if stood is not None:
                    authority.learn(stood)
    return content(authority)


def going_back(office: Office, later: Reader) -> int:
    """At how many moments a reader that goes back from the last finds what another finds at once.

    Those are all moments at which anything was recorded.
    """
    events = office.reader.tables.events
    with office.reader.connection() as connection:
        moments = set(connection.execute(select(events.c.at)).scalars())
        seen: list[datetime] = []

        def look(at: datetime, found: Standing) -> None:
            until = office.reader.after(connection, at)
            then = office.reader.standing_then(connection, until)
            assert content(found.authority) == content(then.authority), at
            assert (found.policy, found.judge) == (then.policy, then.judge)
            seen.append(at)

        later.visit(connection, moments, look)
    assert seen == sorted(moments, reverse=True)
    return len(seen)


class Turmoil:
    """Random changes of who holds what, asked for by whoever may."""

    def __init__(self, office: Office, seed: int) -> None:
        self.office, self.random = office, random.Random(seed)
        self.ask = office.desk.ask
        self.ada, self.ben = office.people["ada"], office.people["ben"]
        self.grants: list[str] = []
        self.boards: list[str] = []
        self.lent: list[tuple[str, str]] = []

    def one(self) -> None:
        """One change; some are refused, which changes nothing."""
        turns = [self.give, self.give, self.revoke, self.person, self.rename, self.link]
        turns += [self.presence, self.board, self.seat, self.lend, self.take_back, self.erase]
        with suppress(Failed, IndexError):
            self.random.choice(turns)()

    def somebody(self) -> str:
        """Anybody but the administrators."""
        keep = {"ada", "ben", "pia"}
        return self.random.choice([v for k, v in self.office.people.items() if k not in keep])

    def give(self) -> None:
        role = self.random.choice(["requester", "implementer", "change_manager"])
        given: dict[str, Any] = {
            "person": self.somebody(),
            "role": f"role:{role}",
            "reason": "Needed.",
        }
        id = self.ask("grant.give", by=self.ada, scope="service", value="zoo", **given).subject
        self.grants.append(id)
        if self.random.random() < 0.7:
            self.ask("grant.confirm", id, by=self.ben)

    def revoke(self) -> None:
        self.ask("grant.revoke", self.grants.pop(), reason="No longer.")

    def person(self) -> None:
        handle = f"p{len(self.office.people)}"
        self.office.people[handle] = self.office.person(handle)

    def rename(self) -> None:
        handle, at = f"x{self.random.randint(0, 5)}", self.somebody()
        version = self.version("principal", at)
        self.ask("principal.edit", at, handle=handle, seen=version)

    def version(self, name: str, id: str) -> int:
        with self.office.reader.connection() as connection:
            state = self.office.reader.get(connection, REGISTRY.by_name[name].state, id)
        assert state is not None
        return int(state.version)

    def link(self) -> None:
        verb = self.random.choice(["link_account", "unlink_account"])
        self.ask(f"principal.{verb}", self.somebody(), by=self.ada, account=self.somebody())

    def presence(self) -> None:
        verb = self.random.choice(["suspend", "reinstate"])
        self.ask(f"principal.{verb}", self.somebody(), reason="So it is.")

    def board(self) -> None:
        told: dict[str, Any] = {
            "kind": "cab",
            "name": f"Board {len(self.boards)}",
            "services": ["any"],
        }
        for handle in ("ada", "ben"):
            self.office.grant(handle, "administrator", scope="board", value="any")
        self.boards.append(self.ask("board.establish", by=self.ben, **told).subject)

    def seat(self) -> None:
        board = self.random.choice(self.boards)
        if self.random.random() < 0.5:
            self.ask("board.seat", board, by=self.ben, person=self.somebody())
            if self.random.random() < 0.7:
                with self.office.reader.connection() as connection:
                    known = self.office.reader.standing(connection).authority.board(board)
                fresh = known.seats[-1].id if known else ""
                self.ask("board.confirm_seat", board, by=self.ada, seat=fresh)
        else:
            with self.office.reader.connection() as connection:
                known = self.office.reader.standing(connection).authority.board(board)
            seat = known.seats[0].id if known else ""
            self.ask("board.unseat", board, by=self.ben, seat=seat, reason="Over.")

    def lend(self) -> None:
        until = (datetime.now(UTC) + DAY).isoformat()
        given: dict[str, Any] = {"role": "role:change_manager", "until": until, "reason": "Away."}
        by = self.somebody()
        lent = self.ask("delegation.give", by=by, delegate=self.somebody(), **given)
        self.lent.append((lent.subject, by))

    def take_back(self) -> None:
        lent, by = self.lent.pop()
        self.ask("delegation.revoke", lent, by=by, reason="Back.")

    def erase(self) -> None:
        if self.random.random() < 0.3:
            about: dict[str, Any] = {
                "aggregate": "principal",
                "parts": ["handle"],
                "ground": "Article 17.",
            }
            subject, pia = self.somebody(), self.office.people["pia"]
            self.ask("erasure.erase", by=pia, subject=subject, **about)


@pytest.mark.parametrize("seed", [3, 14])
def test_what_is_learnt_bit_by_bit_is_what_is_read_at_once(office: Office, seed: int) -> None:
    other_writer = office.installation.writer()
    turmoil, pasts = Turmoil(office, seed), []
    for number in range(60):
        turmoil.one()
        fresh = held(another_reader(office))
        assert held(office.reader) == fresh
        office.desk.writer = (office.writer, other_writer)[number % 3 == 1]
        if number % 6 == 0:
            with office.reader.connection() as connection:
                pasts.append(office.reader.head(connection).size)
    for writer in (office.writer, other_writer):
        office.desk.writer = writer
        with suppress(Failed):
            office.desk.ask("principal.suspend", office.people["mia"], reason="To look.")
        assert content(writer.agreed.authority) == held(another_reader(office))
    other_writer.close()
    later = another_reader(office)
    for until in [1, *pasts]:
        with office.reader.connection() as connection:
            then = content(office.reader.standing_then(connection, until).authority)
            assert content(later.standing_then(connection, until).authority) == then
        assert then == folded(office, until)
    assert held(office.reader) == held(later)
    assert going_back(office, another_reader(office)) > len(pasts)


def test_a_past_that_is_known_takes_two_statements_however_often_it_is_asked(
    office: Office,
) -> None:
    with office.reader.connection() as connection:
        until = office.reader.head(connection).size - 1
        known = office.reader.standing_then(connection, until)
        with statements(office.reader.engine) as seen:
            assert office.reader.standing_then(connection, until) is known
    assert len(seen) == 2, seen


def test_a_change_is_learnt_without_reading_the_rest(office: Office) -> None:
    held(office.reader)
    office.grant("rita", "assessor", scope="service", value="zoo")
    with statements(office.reader.engine) as seen:
        held(office.reader)
    assert not [each for each in seen if "grants" in each and "WHERE" not in each.upper()]
    assert len(seen) <= 4


def test_an_answered_standing_never_changes(office: Office) -> None:
    with office.reader.connection() as connection:
        before = office.reader.standing(connection)
    kept = spelled(before.authority)
    turmoil = Turmoil(office, 8)
    for _ in range(20):
        turmoil.one()
        held(office.reader)
    assert spelled(before.authority) == kept


def test_a_slower_transaction_is_answered_by_what_it_sees(office: Office) -> None:
    mia = office.people["mia"]
    with office.reader.connection() as slow:
        office.reader.head(slow)
        office.desk.ask("principal.suspend", mia, reason="Left.")
        with office.reader.connection() as quick:
            assert office.reader.standing(quick).authority.suspended(mia)
        assert not office.reader.standing(slow).authority.suspended(mia)
    assert held(office.reader) == held(another_reader(office))


def test_many_threads_are_answered_alike_while_it_changes(office: Office) -> None:
    turmoil = Turmoil(office, 21)

    def look(_: int) -> bool:
        with office.reader.connection() as connection:
            here = office.reader.standing(connection)
            there = another_reader(office).standing(connection)
            return content(here.authority) == content(there.authority)

    with ThreadPoolExecutor(4) as pool:
        looks = []
        for number in range(40):
            turmoil.one()
            looks.append(pool.submit(look, number))
        assert all(each.result() for each in looks)


def test_a_rebuild_is_noticed(office: Office) -> None:
    mia = office.people["mia"]
    before = held(office.reader)
    engine = admin_engine(office.installation.settings.url)
    table = office.reader.snapshot(Principal)
    with engine.begin() as connection:
        connection.execute(update(table).where(table.c.id == mia).values(team="another"))
    assert held(office.reader) == before
    rebuild(office.reader, engine, everything=False)
    assert held(office.reader) == held(another_reader(office)) != before
    rebuild(office.reader, engine, everything=True)
    assert held(office.reader) == before
    office.desk.ask("principal.suspend", mia, reason="Left.")
    assert content(office.writer.agreed.authority) == held(office.reader)
    engine.dispose()


def test_a_batch_that_failed_leaves_nothing_behind(office: Office) -> None:
    writer = office.writer
    known = spelled(writer.agreed.authority)
    write = writer.database.write

    def broken(writes: Writes) -> None:
        raise OSError(f"no room for {len(writes.events)} events")

    writer.database.write = broken  # type: ignore[method-assign]
    with pytest.raises(Failed):
        office.person("zoe")
    with pytest.raises(Failed):
        office.grant("rita", "assessor", scope="service", value="zoo")
    writer.database.write = write  # type: ignore[method-assign]
    with pytest.raises(Failed):
        office.desk.ask("principal.suspend", "user:" + "0" * 32, reason="Nobody.")
    assert spelled(writer.agreed.authority) == known
