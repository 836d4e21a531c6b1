"""Claims into the log: what is known already is compared, the rest is asked for in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import msgspec
from sqlalchemy import select

from api.context import new_id
from api.importing import wholes
from api.importing.wholes import Parts
from domain.kernel import OPERATOR, Problem, Recorded
from ledger.request import Answer, Request, Status
from ledger.store import Reader
from ledger.writer import Writer

ABOUT_THE_CLAIM: Final = ("id", "version", "claimed_by", "claimed_at")
"""Fields of a record that say nothing of what took place."""
AT_ONCE: Final = 500
"""How many ids one statement names, and how many requests are made up at once."""


@dataclass(frozen=True, slots=True)
class Noun:
    """What is claimed: the aggregate, and how what is told becomes its event and its state.

    `names` maps fields of the claim to those of the row they were read from, and `parts` says what
    all other claims of its line are to it.
    """

    aggregate: str
    argument: str
    state: type
    event: Callable[[Any], Any]
    evolve: Callable[[Any, Recorded], Any]
    called: str
    names: Mapping[str, str] = field(default_factory=dict)
    parts: Parts | None = None

    @property
    def action(self) -> str:
        """What it takes to claim it."""
        return f"{self.aggregate}.claim"


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that was told, and when it took place. `id` is that of its record.

    `place` is where in its line it was told.
    """

    noun: Noun
    id: str
    told: Any
    happened: datetime
    place: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """What one line tells: one claim or several, of which all are kept or none.

    `name` is what the line is called where it is no line of a file.
    """

    line: int
    claims: tuple[Claim, ...]
    name: str | None = None


class Fate(StrEnum):
    """What became of a line: recorded now, recorded before, or not at all."""

    ADDED = "added"
    KNOWN = "known"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one line, and why nothing of it was kept if it is bad.

    `added` is how many of its claims were recorded now.
    """

    line: int
    fate: Fate
    problems: tuple[Problem, ...] = ()
    added: int = 0
    name: str | None = None


class Unrecorded(RuntimeError):
    """The log takes nothing more for now; what was recorded before stays."""

    def __init__(self, line: int, problem: Problem) -> None:
        """Stop at this line for this reason."""
        super().__init__(f"stopped at line {line}: {problem.message} ({problem.code})")


@dataclass(slots=True)
class Importer:
    """Claims what lines tell in the name of `by`, which may be the operator at the machine."""

    reader: Reader
    writer: Writer
    by: str

    def settle(self, entries: Sequence[Entry]) -> Iterator[Outcome]:
        """What becomes of each of a batch; what took place is claimed once, whoever claims it.

        A line that tells of something otherwise than it is known is left out whole. Raises
        Unrecorded when the log takes nothing more, with a part of the batch recorded.
        """
        known = self._records([each for entry in entries for each in entry.claims])
        with self.reader.connection() as connection:
            before = wholes.recorded(self.reader, connection, entries, known)
        bad, fresh = self._sorted(entries, known, before)
        asked: dict[tuple[int, str], Answer] = {}
        for at in range(0, len(fresh), AT_ONCE):
            some = fresh[at : at + AT_ONCE]
            answers = self.writer.run([self._request(each) for _, each in some])
            for (line, each), answer in zip(some, answers, strict=True):
                asked[line, each.id] = answer
        taken = self._records([each for line, each in fresh if _taken(asked[line, each.id])])
        for entry in entries:
            yield bad.get(entry.line) or self._outcome(entry, asked, taken)

    def _sorted(
        self,
        entries: Sequence[Entry],
        known: Mapping[str, Any],
        parts: Mapping[str, frozenset[str]],
    ) -> tuple[dict[int, Outcome], list[tuple[int, Claim]]]:
        """The lines that contradict what is known or told before, and the claims to ask for.

        A line of one claim is asked for whatever the batch says of it before: only its answer
        tells. One of several is kept whole or not at all, so it is compared before it is asked.
        `parts` tells what is known of each whole.
        """
        had = dict(parts)
        bad: dict[int, Outcome] = {}
        fresh: list[tuple[int, Claim]] = []
        told: dict[str, Claim] = {}
        for entry in entries:
            before = told if len(entry.claims) > 1 else {}
            problems = [
                problem
                for each in entry.claims
                for problem in self._contradicting(each, known.get(each.id), before.get(each.id))
            ]
            problems += wholes.compared(entry, had)
            if problems:
                bad[entry.line] = Outcome(entry.line, Fate.BAD, tuple(problems), 0, entry.name)
                continue
            unknown = (each for each in entry.claims if each.id not in known)
            fresh += ((entry.line, each) for each in unknown if each.id not in before)
            told |= {each.id: each for each in entry.claims}
            had |= wholes.told(entry)
        return bad, fresh

    def _contradicting(self, claim: Claim, known: Any, earlier: Claim | None) -> list[Problem]:
        if known is None and earlier is not None:
            known = _state(earlier, None)
        return [] if known is None else self._compared(claim, known)

    def _outcome(
        self, entry: Entry, asked: Mapping[tuple[int, str], Answer], taken: Mapping[str, Any]
    ) -> Outcome:
        line = entry.line
        mine = [(one, asked[line, one.id]) for one in entry.claims if (line, one.id) in asked]
        problems: list[Problem] = []
        added = 0
        for claim, answer in mine:
            if unrecorded(answer):
                raise Unrecorded(line, answer.problems[0])
            if _taken(answer):
                problems += self._compared(claim, taken[claim.id])
            elif answer.status is Status.DONE:
                added += 1
            else:
                problems += [placed(each, claim) for each in answer.problems]
        fate = Fate.BAD if problems else Fate.ADDED if added else Fate.KNOWN
        return Outcome(line, fate, tuple(problems), added, entry.name)

    def _request(self, claim: Claim) -> Request:
        return Request(
            id=new_id(),
            action=claim.noun.action,
            subject=claim.id,
            arguments=msgspec.json.encode({claim.noun.argument: claim.told}),
            by=self.by,
            credential=OPERATOR,  # in whoever's name, it is asked for at the machine itself
            claimed=True,
            happened=claim.happened,
        )

    def _records(self, claims: Sequence[Claim]) -> dict[str, Any]:
        nouns = {each.noun.aggregate: each.noun for each in claims}
        found: dict[str, Any] = {}
        with self.reader.connection() as connection:
            for noun in nouns.values():
                ids = [each.id for each in claims if each.noun is noun]
                table = self.reader.snapshot(noun.state)
                statement = select(*self.reader.columns(noun.state))
                for at in range(0, len(ids), AT_ONCE):
                    some = statement.where(table.c.id.in_(ids[at : at + AT_ONCE]))
                    for row in connection.execute(some):
                        state: Any = self.reader.state_of(noun.state, row)
                        found[state.id] = state
        return found

    def _compared(self, claim: Claim, known: Any) -> list[Problem]:
        """Nothing if it says the same as before; a claim is never written over."""
        differing = _differing(claim, known)
        if differing:
            differing -= self._erased(claim)
        names = claim.noun.names
        told = (differing & names.keys()) or differing
        message = f"This {claim.noun.called} is recorded already, and told differently here."
        paths = sorted(names.get(name, name) for name in told)
        return [Problem("claimed_differently", message, (*claim.place, path)) for path in paths]

    def _erased(self, claim: Claim) -> set[str]:
        """The fields of a record that were erased, with which nothing can be compared."""
        events, parts = self.reader.tables.events, self.reader.tables.parts
        statement = (
            select(parts.c.name)
            .select_from(events.join(parts, parts.c.position == events.c.position))
            .where(events.c.aggregate == claim.noun.aggregate, events.c.subject == claim.id)
            .where(parts.c.content.is_(None))
        )
        with self.reader.connection() as connection:
            names = connection.execute(statement).scalars().all()
        return {name.removeprefix(f"{claim.noun.argument}.") for name in names}


def placed(problem: Problem, claim: Claim) -> Problem:
    """A problem of a claim where its field stands in the row."""
    path = problem.path
    within = path[1:] if path[:1] == (claim.noun.argument,) else path
    first, rest = within[:1], within[1:]
    names = (claim.noun.names.get(each, each) for each in first)
    return Problem(problem.code, problem.message, (*claim.place, *names, *rest))


def unrecorded(answer: Answer) -> bool:
    """Whether the log takes nothing more: a fault over one claim alone makes its line a bad one."""
    code = answer.problems[0].code if answer.problems else ""
    return answer.status is Status.FAILED and code != "internal"


def _taken(answer: Answer) -> bool:
    return any(problem.code == "already_exists" for problem in answer.problems)


def _differing(claim: Claim, known: Any) -> set[str]:
    """The fields in which a claim says something else than the record."""
    told = _state(claim, known)
    names = {each.name for each in fields(claim.noun.state)} - set(ABOUT_THE_CLAIM)
    return {name for name in names if getattr(told, name) != getattr(known, name)}


def _state(claim: Claim, known: Any) -> Any:
    """The record that a claim would make; who claims it, and when, is taken from a known one."""
    recorded = Recorded(
        event=claim.noun.event(claim.told),
        id="",
        subject=claim.id,
        version=1,
        at=claim.happened if known is None else known.claimed_at,
        by="" if known is None else known.claimed_by,
        happened=claim.happened,
        claimed=True,
    )
    return claim.noun.evolve(None, recorded)
