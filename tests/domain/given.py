"""History, request, outcome: what tests of the domain read as."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, TypeVar

import pytest

from domain.authority import Authority
from domain.board.aggregate import Board
from domain.delegation.aggregate import Delegation
from domain.grant.aggregate import Grant
from domain.kernel import Aggregate, Context, Recorded, Refusal, Then
from domain.principal.aggregate import Principal
from domain.sides import Wanted

S = TypeVar("S")

SUBJECT = "5" * 32
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""When requests are made; histories begin a day earlier, an event a minute."""
DAY = timedelta(days=1)
ADA, BEN, CAT, DAN = (f"user:{letter * 32}" for letter in "abcd")
ROBOT = "bot:" + "e" * 32


# History.


@dataclass(frozen=True)
class Told:
    """An event with who asked for it and when, where that matters."""

    event: Any
    by: str = ADA
    at: datetime | None = None
    behalf: str | None = None
    happened: datetime | None = None


def given(aggregate: Aggregate[S], *events: Any, subject: str = SUBJECT, by: str = ADA) -> S:
    """The state after these events; wrap one in `Told` to say by whom and when."""
    state: Any = None
    for number, each in enumerate(events):
        told = each if isinstance(each, Told) else Told(each, by)
        at = told.at or NOON - DAY + timedelta(minutes=number)
        state = aggregate.evolve(state, recorded(told, number + 1, at, subject))
    assert state is not None, "a history has events"
    return state  # type: ignore[no-any-return]


def then(aggregate: Aggregate[S], state: S | None, context: Context, events: list[Any]) -> S:
    """The state after what a command yielded; consequences elsewhere are left out."""
    after: Any = state
    for event in events:
        if not isinstance(event, Then):
            version = 1 if after is None else after.version + 1
            told = Told(event, context.by, context.at, context.behalf, context.happened)
            after = aggregate.evolve(after, recorded(told, version, context.at, context.subject))
    return after  # type: ignore[no-any-return]


def recorded(told: Told, version: int, at: datetime, subject: str) -> Recorded:
    """The event as the log would tell it."""
    return Recorded(
        event=told.event,
        id=f"{subject}.{version}",
        subject=subject,
        version=version,
        at=at,
        by=told.by,
        behalf=told.behalf,
        happened=told.happened,
        claimed=told.happened is not None,
    )


# Request.


@dataclass
class Known:
    """Records in memory: the states a request may read, told apart by type and id."""

    states: dict[tuple[type, str], Any] = field(default_factory=dict)

    def get(self, state: type[S], id: str) -> S | None:
        return self.states.get((state, id))

    def together(self, *asked: Wanted) -> None:
        """Nothing is cheaper than what is in memory."""

    def find(self, state: type[S], **equal: object) -> tuple[S, ...]:
        """States whose fields equal these values; of derived columns windows alone are known."""
        spans = {name: equal.pop(name) for name in _SPANS if name in equal}
        wanted = {name: _wanted(value) for name, value in equal.items()}
        found = [
            each
            for (kind, _), each in sorted(self.states.items(), key=lambda item: item[0][1])
            if kind is state
            and all(_plain(getattr(each, name)) in values for name, values in wanted.items())
            and all(_lies(each, name, span) for name, span in spans.items())
        ]
        return tuple(found)


def known(*states: Any) -> Known:
    """Records that hold these states."""
    return Known({(type(each), each.id): each for each in states})


def authority(
    *states: Any,
    approving: frozenset[str] = frozenset(),
    roles: frozenset[str] = frozenset(),
) -> Authority:
    """What is known of grants, boards, principals and delegations among these states."""
    found = Authority(roles=roles, approving=approving)
    for each in states:
        if isinstance(each, Grant | Board | Principal | Delegation):
            found.learn(each)
    return found


def asked_by(
    person: str,
    *states: Any,
    at: datetime = NOON,
    subject: str = SUBJECT,
    under: Authority | None = None,
    **more: Any,
) -> Context:
    """A request by this person, with these other states on record.

    `under` replaces the authority that is otherwise made of the states; `more` are further fields
    of the context, such as `behalf`.
    """
    return Context(
        at=at,
        by=person,
        subject=subject,
        records=known(*states),
        authority=authority(*states) if under is None else under,
        **more,
    )


def later(context: Context, by: timedelta = DAY) -> Context:
    """The same request at a later time."""
    return replace(context, at=context.at + by)


# Outcome.


@contextmanager
def refused(*codes: str) -> Iterator[None]:
    """What is asked inside is refused for exactly these reasons, in any order."""
    with pytest.raises(Refusal) as caught:
        yield
    assert sorted(problem.code for problem in caught.value.problems) == sorted(codes)


_SPANS = ("window_since", "window_until")


def _lies(state: Any, name: str, span: Any) -> bool:
    """Whether an end of a change's window is on the side that is asked for."""
    window = state.content.window
    return window is not None and bool(span.holds(getattr(window, name.removeprefix("window_"))))


def _plain(value: object) -> object:
    return value.value if isinstance(value, Enum) else value


def _wanted(value: object) -> frozenset[object]:
    values = value if isinstance(value, frozenset) else (value,)
    return frozenset(_plain(each) for each in values)
