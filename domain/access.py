"""Access: what the policy denied and what gates refused, one record per person, action and hour.

What is hidden is counted apart, each by itself, so that none tells of another. The writer records
these itself, so that trying again and again fills a count and not the log. What is too long is cut:
nothing about a refusal may keep it from being recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Any, Final

from domain.kernel import (
    Aggregate,
    Audience,
    Command,
    Context,
    Problems,
    Recorded,
    Text,
    moved,
)
from domain.wording import NOTE

MOST_CODES: Final = 50
"""How many findings of a gate are kept; more than that is a longer way of saying no."""


class Outcome(StrEnum):
    """DENIED by the policy, or REFUSED by the gate of a guarded act."""

    DENIED = "denied"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Access:
    """How often a person was turned away from an action within an hour, and why the first time.

    `record` is what the act was meant for, `scopes` where it would have taken place, `line` the
    deciding line of the policy, `codes` what the gate found wanting. Of one that is
    `embargoed` only they know who may know of its record.
    """

    id: str
    version: int
    person: str
    action: str
    hour: datetime
    outcome: Outcome
    count: int
    record: str | None
    scopes: Text | None
    line: str | None
    reason: Text | None
    codes: tuple[str, ...]
    recorded_at: datetime
    embargoed: bool = False


# Events.


@dataclass(frozen=True, slots=True)
class Denied:
    """The policy turned the person away, so often up to now within this hour."""

    person: str
    action: str
    hour: datetime
    count: int
    record: str | None
    scopes: Text | None
    line: str | None
    reason: Text
    embargoed: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """The gate of a guarded act refused the person, with these findings."""

    person: str
    action: str
    hour: datetime
    count: int
    record: str | None
    codes: tuple[str, ...]
    embargoed: bool = False


@dataclass(frozen=True, slots=True)
class Counted:
    """It happened again; this often in all within the hour."""

    count: int


def evolve(state: Access | None, recorded: Recorded) -> Access:
    """Fold one event."""
    event = recorded.event
    match event:
        case Denied():
            return _begun(event, recorded, Outcome.DENIED, line=event.line, reason=event.reason)
        case Refused():
            return _begun(event, recorded, Outcome.REFUSED, codes=event.codes)
        case Counted(count=count) if state is not None:
            return moved(state, recorded, count=count)
        case _:
            raise TypeError(f"{type(event).__name__} is no event of an access here")


def _begun(
    event: Denied | Refused,
    recorded: Recorded,
    outcome: Outcome,
    *,
    line: str | None = None,
    reason: str | None = None,
    codes: tuple[str, ...] = (),
) -> Access:
    return Access(
        id=recorded.subject,
        version=recorded.version,
        person=event.person,
        action=event.action,
        hour=event.hour,
        outcome=outcome,
        count=event.count,
        record=event.record,
        scopes=event.scopes if isinstance(event, Denied) else None,
        line=line,
        reason=reason,
        codes=codes,
        recorded_at=recorded.at,
        embargoed=event.embargoed,
    )


def access_id(request: str) -> str:
    """The id of the record that begins with this request, which tells of nothing but that.

    Whoever may work out the id of a record could tell from it what else there is.
    """
    return sha256(request.encode()).hexdigest()[:32]


def series(outcome: str, action: str, hidden: str | None) -> str:
    """Under what the hours are known in which a person was turned away so.

    Apart for each `hidden` record, of which no other series tells.
    """
    return f"{outcome}:{action}" if hidden is None else f"{outcome}:{action}:embargoed:{hidden}"


def counted(access: Access) -> str:
    """Under what it is counted: its own id, but for one that was begun when series counted."""
    hidden = access.record if access.embargoed else None
    former = series(access.outcome.value, access.action, hidden)
    told = f"{access.person}\0{former}\0{access.hour.isoformat()}"
    return former if access_id(told) == access.id else access.id


# Commands. All of them are the writer's own.


def deny(
    _state: None,
    context: Context,
    *,
    person: Annotated[str, "Who was turned away."],
    action: Annotated[str, "What they asked for."],
    hour: Annotated[datetime, "The beginning of the hour."],
    count: Annotated[int, "How often within the hour up to now."] = 1,
    record: Annotated[str | None, "What the act was meant for."] = None,
    scopes: Annotated[Text | None, "Where it would have taken place."] = None,
    line: Annotated[str | None, "The deciding line of the policy."] = None,
    reason: Annotated[Text, "The sentence the person was answered."],
    embargoed: Annotated[bool, "Whether the record is under embargo."] = False,
) -> list[Any]:
    """Record that the policy turned somebody away."""
    problems = Problems()
    _check_hour(problems, hour, count)
    problems.settle()
    where = None if scopes is None else scopes[:NOTE]
    told = (record, where, line, reason[:NOTE], embargoed)
    return [Denied(person, action, hour, count, *told)]


def refuse(
    _state: None,
    context: Context,
    *,
    person: Annotated[str, "Who was refused."],
    action: Annotated[str, "The guarded act they asked for."],
    hour: Annotated[datetime, "The beginning of the hour."],
    count: Annotated[int, "How often within the hour up to now."] = 1,
    record: Annotated[str | None, "What the act was meant for."] = None,
    codes: Annotated[tuple[str, ...], "The codes of what the gate found wanting."],
    embargoed: Annotated[bool, "Whether the record is under embargo."] = False,
) -> list[Any]:
    """Record that the gate of a guarded act refused somebody."""
    problems = Problems()
    _check_hour(problems, hour, count)
    problems.unless(codes, "codes_missing", "A gate refuses for a reason.", "codes")
    problems.settle()
    return [Refused(person, action, hour, count, record, codes[:MOST_CODES], embargoed)]


def count(
    state: Access, context: Context, *, count: Annotated[int, "How often in all."]
) -> list[Any]:
    """Record that it went on within the hour; a count that did not rise is no event."""
    return [Counted(count)] if count > state.count else []


def _check_hour(problems: Problems, hour: datetime, count: int) -> None:
    whole = (hour.minute, hour.second, hour.microsecond) == (0, 0, 0)
    problems.unless(whole, "out_of_range", "An hour begins on the hour.", "hour")
    problems.unless(count > 0, "out_of_range", "It happened at least once.", "count")


AGGREGATE = Aggregate(
    "access",
    Access,
    events=(Denied, Refused, Counted),
    evolve=evolve,
    commands=(
        Command(deny, internal=True),
        Command(refuse, internal=True),
        Command(count, internal=True),
    ),
    indexed=("person", "action", "hour", "outcome"),
    fold=2,
    audience=Audience.SCOPED,
    plural="accesses",
)
