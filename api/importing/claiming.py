"""Claims into the log: what is known already is compared, the rest is asked for in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Final

import msgspec
from sqlalchemy import select

from api.context import new_id
from api.importing.rows import NAMES, Claim, placed
from domain.kernel import OPERATOR, Problem, Recorded
from domain.merge_record import Claimed, MergeRecord, duties, evolve
from ledger.request import Answer, Request, Status
from ledger.store import Reader
from ledger.writer import Writer

ACTION: Final = "merge_record.claim"
ABOUT_THE_CLAIM: Final = ("id", "version", "claimed_by", "claimed_at")
"""Fields of a record that say nothing of the merge."""


class Fate(StrEnum):
    """What became of a line: recorded now, recorded before, or not at all."""

    ADDED = "added"
    KNOWN = "known"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one line, and why nothing of it was kept if it is bad."""

    line: int
    fate: Fate
    problems: tuple[Problem, ...] = ()


class Unrecorded(RuntimeError):
    """The log takes nothing more for now; what was recorded before stays."""

    def __init__(self, line: int, problem: Problem) -> None:
        """Stop at this line for this reason."""
        super().__init__(f"stopped at line {line}: {problem.message} ({problem.code})")


@dataclass(slots=True)
class Importer:
    """Claims merges in the name of `by`, which may be the operator at the machine."""

    reader: Reader
    writer: Writer
    by: str

    def settle(self, claims: Sequence[Claim]) -> Iterator[Outcome]:
        """What becomes of each of a batch; a merge is claimed once, whatever claims it again.

        Raises Unrecorded when the log takes nothing more, with a part of the batch recorded.
        """
        known = self._records([each.id for each in claims])
        fresh = [each for each in claims if each.id not in known]
        answers = self.writer.run([self._request(each) for each in fresh])
        asked = {claim.line: answer for claim, answer in zip(fresh, answers, strict=True)}
        taken = [each.id for each in fresh if _taken(asked[each.line])]
        known |= self._records(taken)
        for each in claims:
            answer = asked.get(each.line)
            if answer is None or _taken(answer):
                yield self._compared(each, known[each.id])
            else:
                yield _outcome(each, answer)

    def _request(self, claim: Claim) -> Request:
        return Request(
            id=new_id(),
            action=ACTION,
            subject=claim.id,
            arguments=msgspec.json.encode({"merge": claim.merge}),
            by=self.by,
            credential=OPERATOR,  # in whoever's name, it is asked for at the machine itself
            claimed=True,
            happened=claim.merged_at,
        )

    def _records(self, ids: Sequence[str]) -> dict[str, MergeRecord]:
        if not ids:
            return {}
        table = self.reader.snapshot(MergeRecord)
        statement = select(*self.reader.columns(MergeRecord)).where(table.c.id.in_(ids))
        with self.reader.connection() as connection:
            rows = connection.execute(statement).all()
        found = [self.reader.state_of(MergeRecord, row) for row in rows]
        return {each.id: each for each in found}

    def _compared(self, claim: Claim, known: MergeRecord) -> Outcome:
        """Known if it says the same as before; a claim is never written over."""
        differing = _differing(claim, known)
        if differing:
            differing -= self._erased(claim.id)
        if not differing:
            return Outcome(claim.line, Fate.KNOWN)
        message = "This merge is recorded already, and told differently here."
        told = (differing & NAMES.keys()) or differing
        paths = sorted(NAMES.get(name, name) for name in told)
        problems = [Problem("claimed_differently", message, (path,)) for path in paths]
        return Outcome(claim.line, Fate.BAD, tuple(problems))

    def _erased(self, id: str) -> set[str]:
        """The fields of a record that were erased, with which nothing can be compared."""
        events, parts = self.reader.tables.events, self.reader.tables.parts
        statement = (
            select(parts.c.name)
            .select_from(events.join(parts, parts.c.position == events.c.position))
            .where(events.c.aggregate == "merge_record", events.c.subject == id)
            .where(parts.c.content.is_(None))
        )
        with self.reader.connection() as connection:
            names = connection.execute(statement).scalars().all()
        return {name.removeprefix("merge.") for name in names}


def _taken(answer: Answer) -> bool:
    return any(problem.code == "already_exists" for problem in answer.problems)


def _outcome(claim: Claim, answer: Answer) -> Outcome:
    if answer.status is Status.DONE:
        return Outcome(claim.line, Fate.ADDED)
    if answer.status is Status.FAILED:
        raise Unrecorded(claim.line, answer.problems[0])
    return Outcome(claim.line, Fate.BAD, tuple(placed(each) for each in answer.problems))


def _differing(claim: Claim, known: MergeRecord) -> set[str]:
    """The fields in which a claim says something else than the record."""
    told = evolve(None, _recorded(claim, known))
    names = {field.name for field in fields(MergeRecord)} - set(ABOUT_THE_CLAIM)
    return {name for name in names if getattr(told, name) != getattr(known, name)}


def _recorded(claim: Claim, known: MergeRecord) -> Recorded:
    return Recorded(
        event=Claimed(claim.merge, duties(claim.merge)),
        id="",
        subject=claim.id,
        version=1,
        at=known.claimed_at,
        by=known.claimed_by,
        happened=claim.merged_at,
        claimed=True,
    )
