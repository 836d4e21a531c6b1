"""The aggregate `accord`: its events, its commands, and what is kept beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from domain import inbox
from domain.accord import agreeing, opening
from domain.accord.evolve import EVENTS, evolve
from domain.accord.standing import scopes_of
from domain.accord.state import Accord, Status
from domain.inbox import CAST_BY, Awaited, Cast
from domain.kernel import Aggregate, Audience, Command, Rows, Scopes, Seen


@dataclass(frozen=True, slots=True)
class KeptOut:
    """A person who may not agree."""

    person: str


def awaited(state: Accord) -> tuple[Awaited, ...]:
    """The open parties as an inbox finds them."""
    rules = state.rules if state.status is Status.OPEN else ()
    content, scopes = (state.revision, state.digest), scopes_of(state.service, state.project)
    return inbox.awaited(rules, state.votes, content, scopes, frozenset(state.excluded))


def _scopes(state: Accord | None, _command: str, _arguments: Mapping[str, Any]) -> Scopes:
    return scopes_of(state.service, state.project) if state else {}


AGGREGATE: Final = Aggregate(
    "accord",
    Accord,
    events=EVENTS,
    evolve=evolve,
    commands=(
        Command(opening.propose),
        Command(opening.revise, seen=Seen.VERSION),
        Command(agreeing.agree, seen=Seen.REVISION, deciding=True),
        Command(agreeing.object, seen=Seen.REVISION, deciding=True),
        Command(agreeing.withdraw),
        Command(agreeing.supersede, internal=True),
        Command(agreeing.conceal, internal=True),
        Command(agreeing.disclose, internal=True),
    ),
    scopes=_scopes,
    rows=(
        Rows("accord_awaited", Awaited, awaited, ("role", "board", "person")),
        Rows("accord_votes", Cast, lambda state: inbox.casts(state.votes), CAST_BY),
        Rows(
            "accord_people",
            KeptOut,
            lambda state: tuple(KeptOut(each) for each in state.excluded),
            ("person",),
        ),
    ),
    indexed=("status", "kind", "subject", "service", "project", "embargoed"),
    audience=Audience.EMBARGOED,
    fold=4,
)
