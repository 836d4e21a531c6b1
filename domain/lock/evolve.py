"""What may become true of a lock, and how that folds into its state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from domain.authorship import actors
from domain.kernel import Recorded, Text, moved
from domain.lock.state import Doubt, Lifting, Lock, Status, Terms, Word
from domain.lock.timing import slips


@dataclass(frozen=True, slots=True)
class Declared:
    """A lock was declared; with a doubt it waits for a second person.

    `grant` is by what right, which early logs do not tell, here as in what follows, and
    `other_grants` by what else they might have.
    """

    terms: Terms
    doubts: tuple[Doubt, ...]
    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Amended:
    """A lock says something else now, or will once a second person confirms it."""

    terms: Terms
    doubts: tuple[Doubt, ...]
    revision: int
    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LiftRequested:
    """Somebody asks to end a lock before its time; until a second person agrees it stays in force.

    `doubts` are those of what stays in force.
    """

    reason: Text
    revision: int
    doubts: tuple[Doubt, ...]
    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A second person meant it as it stands, whatever looked like a slip."""

    revision: int
    grant: str | None


@dataclass(frozen=True, slots=True)
class Declined:
    """What waited for a second person was turned down, or taken back.

    `doubts` are those of what stays in force.
    """

    reason: Text
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Lifted:
    """A lock was ended before its time."""

    reason: Text


@dataclass(frozen=True, slots=True)
class Expired:
    """A lock whose time is over was put away."""


EVENTS: Final = (Declared, Amended, LiftRequested, Confirmed, Declined, Lifted, Expired)


def evolve(state: Lock | None, recorded: Recorded) -> Lock:
    """Fold one event; TypeError for one that is none of a lock's, or not its first."""
    event = recorded.event
    if isinstance(event, Declared):
        return _declared(event, recorded)
    if state is None:
        raise TypeError(f"a lock does not begin with {type(event).__name__}")
    return moved(state, recorded, **_changes(state, event, recorded))


def _declared(event: Declared, recorded: Recorded) -> Lock:
    return Lock(
        id=recorded.subject,
        version=recorded.version,
        status=Status.PROPOSED if event.doubts else Status.ACTIVE,
        kind=event.terms.kind,
        terms=event.terms,
        revision=1,
        declared_by=recorded.by,
        declared_at=recorded.at,
        contributors=actors((), recorded),
        doubts=event.doubts,
        as_of=recorded.version,
        word=_word(event, recorded),
    )


def _word(event: Declared | Amended, recorded: Recorded) -> Word:
    return Word(recorded.by, recorded.behalf, event.grant, event.other_grants)


def _changes(state: Lock, event: Any, recorded: Recorded) -> dict[str, Any]:
    match event:
        case Amended():
            return _amended(state, event, recorded)
        case LiftRequested(reason=reason, doubts=doubts):
            right = (recorded.behalf, event.grant, event.other_grants)
            asked = Lifting(recorded.by, recorded.at, reason, *right)
            return {
                "revision": event.revision,
                "proposal": None,
                "lifting": asked,
                "doubts": doubts,
            }
        case Confirmed():
            return _confirmed(state, recorded)
        case Declined(reason=reason, doubts=doubts):
            if state.status is Status.ACTIVE:
                return {"proposal": None, "lifting": None, "doubts": doubts}
            return {"status": Status.DECLINED, **_ended(reason, recorded)}
        case Lifted(reason=reason):
            return {"status": Status.LIFTED, "proposal": None, **_ended(reason, recorded)}
        case Expired():
            return {"status": Status.OVER, "proposal": None, "ended_at": recorded.at}
        case _:
            raise TypeError(f"{type(event).__name__} is no event of a lock")


def _confirmed(state: Lock, recorded: Recorded) -> dict[str, Any]:
    """It says what was proposed; that this takes something away is in doubt no more."""
    terms = state.proposal or state.terms
    return {
        "status": Status.ACTIVE,
        "terms": terms,
        "kind": terms.kind,
        "proposal": None,
        "doubts": slips(state.doubts),
        "confirmed_by": recorded.by,
        "confirmed_at": recorded.at,
        "as_of": recorded.version,
    }


def _amended(state: Lock, event: Amended, recorded: Recorded) -> dict[str, Any]:
    """One in doubt waits beside what is in force; any other takes effect, and nothing waits."""
    written = {
        "revision": event.revision,
        "doubts": event.doubts,
        "contributors": actors(state.contributors, recorded),
        "lifting": None,
        "word": _word(event, recorded),
    }
    if event.doubts and state.status is Status.ACTIVE:
        return {**written, "proposal": event.terms}
    status = Status.PROPOSED if event.doubts else Status.ACTIVE
    said = {"terms": event.terms, "kind": event.terms.kind, "as_of": recorded.version}
    return {**written, **said, "status": status, "proposal": None}


def _ended(reason: str, recorded: Recorded) -> dict[str, Any]:
    return {"ended_by": recorded.by, "ended_at": recorded.at, "ended_because": reason}
