"""Erasures: parts of a record are emptied on a legal ground; the act stays, the words do not.

The log's leaves commit to each part with a salt that goes with it, so the log verifies afterwards
and says `erased`, not `altered`. Whether the record and its parts exist is the ledger's to know.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from domain.askers import askers, check_firsthand
from domain.kernel import (
    Aggregate,
    Audience,
    Command,
    Context,
    Erases,
    Problems,
    Recorded,
    Text,
)
from domain.wording import NOTE, check_given, check_names

MOST_PARTS: Final = 50

_NOUN: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")
_SUBJECT: Final = re.compile(r"[\x21-\x7e]{1,120}")
_PART: Final = re.compile(r"[a-z][a-z0-9_]{0,59}(?:\.(?:[a-z][a-z0-9_]{0,59}|[0-9]{1,4})){0,5}")


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was emptied, where, on which ground, by whom and when."""

    id: str
    version: int
    aggregate: str
    subject: str
    parts: tuple[str, ...]
    ground: Text
    erased_by: str
    erased_at: datetime
    erased_behalf: str | None = None
    embargoed: bool = False


@dataclass(frozen=True, slots=True)
class Erased(Erases):
    """These parts of every event of the subject were emptied, for ever."""

    ground: Text
    embargoed: bool = False


def evolve(state: Erasure | None, recorded: Recorded) -> Erasure:
    """Fold the one event there is."""
    event = recorded.event
    if not isinstance(event, Erased) or state is not None:
        raise TypeError(f"{type(event).__name__} is no event of an erasure here")
    return Erasure(
        id=recorded.subject,
        version=recorded.version,
        aggregate=event.aggregate,
        subject=event.subject,
        parts=event.parts,
        ground=event.ground,
        erased_by=recorded.by,
        erased_at=recorded.at,
        erased_behalf=recorded.behalf,
        embargoed=event.embargoed,
    )


def erase(
    _state: None,
    context: Context,
    *,
    aggregate: Annotated[str, "The kind of record, such as change."],
    subject: Annotated[str, "The id of the record."],
    parts: Annotated[tuple[str, ...], "The texts or personal fields to empty, such as mail."],
    ground: Annotated[Text, "The legal ground, such as an article and who invoked it."],
) -> list[Any]:
    """Empty parts of a record for ever; only a person decides this, and never on an own account.

    Of the erasure in what is hidden, or belongs to that, only they know who may know of it.
    """
    problems = Problems()
    check_firsthand(problems, context)
    good = _NOUN.fullmatch(aggregate)
    problems.unless(good, "unknown_aggregate", "There is no such kind of record.", "aggregate")
    problems.unless(_SUBJECT.fullmatch(subject), "not_found", "There is no such record.", "subject")
    _check_parts(problems, parts)
    check_given(problems, ground, NOTE, "ground")
    own = aggregate == "principal" and subject in askers(context)
    problems.unless(not own, "own_account", "Another person erases this.", "subject")
    problems.settle()
    return [Erased(aggregate, subject, parts, ground, context.secret(aggregate, subject))]


def _check_parts(problems: Problems, parts: tuple[str, ...]) -> None:
    problems.unless(parts, "parts_missing", "Say which parts to empty.", "parts")
    check_names(problems, parts, MOST_PARTS, "parts")
    for at, part in enumerate(parts):
        good = _PART.fullmatch(part)
        problems.unless(good, "unknown_part", "No part is called that.", "parts", str(at))


AGGREGATE = Aggregate(
    "erasure",
    Erasure,
    events=(Erased,),
    evolve=evolve,
    commands=(Command(erase, deciding=True),),
    indexed=("aggregate", "subject", "erased_by"),
    audience=Audience.SCOPED,
    erasable=False,
    fold=2,
)
