"""The aggregate `merge_request`: its events, its commands, and what is kept beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from domain import inbox
from domain.inbox import CAST_BY, Awaited, Cast
from domain.kernel import Aggregate, Audience, Command, Internal, Rows, Scopes, Seen, distinct
from domain.merge_request import demanding, embargo, revising
from domain.merge_request.authorship import agree_decline, decline_authorship
from domain.merge_request.evolve import EVENTS, evolve
from domain.merge_request.merging import merge
from domain.merge_request.reverting import revert
from domain.merge_request.signing import reject, sign_off, withdraw_sign_off
from domain.merge_request.state import MergeRequest, Status


@dataclass(frozen=True, slots=True)
class Contributed:
    """A person who had a hand in it, and so may neither sign it off nor merge it."""

    person: str


def contributed(state: MergeRequest) -> tuple[Contributed, ...]:
    """Author and contributors of every revision, and who else is kept from signing it off."""
    people = distinct((*state.hands, *state.excluded))
    return tuple(Contributed(each) for each in people)


def awaited(state: MergeRequest) -> tuple[Awaited, ...]:
    """The open rules as an inbox finds them.

    Where somebody decided whom two freed, rows cannot tell whether that counts: who agreed may have
    lost their word since.
    """
    rules = state.rules if state.status is Status.OPEN else ()
    scopes = {"project": frozenset((state.project,))}
    own = frozenset((*state.hands, *state.excluded))
    ways = inbox.awaited(rules, state.votes, (state.revision, state.digest), scopes, own)
    if state.freed.isdisjoint(each.seat for each in state.votes):
        return ways
    return tuple(replace(each, filled=False, waits=False) for each in ways)


def _scopes(state: MergeRequest | None, _command: str, arguments: Mapping[str, Any]) -> Scopes:
    project = state.project if state else arguments.get("project")
    return {"project": frozenset((project,) if project else ())}


AGGREGATE: Final = Aggregate(
    "merge_request",
    MergeRequest,
    events=EVENTS,
    evolve=evolve,
    commands=(
        Command(revising.open),
        Command(revising.push),
        Command(revising.retarget),
        Command(decline_authorship),
        Command(agree_decline),
        Command(sign_off, seen=Seen.REVISION, deciding=True),
        Command(reject, seen=Seen.REVISION, deciding=True),
        Command(withdraw_sign_off, seen=Seen.REVISION, deciding=True),
        Command(revising.recount),
        Command(merge, seen=Seen.REVISION, guarded=True),
        Command(revert, guarded=True),
        Command(revising.close),
        Command(revising.reopen),
        Command(embargo.conceal, deciding=True),
        Command(embargo.reveal, deciding=True),
        Command(demanding.assign),
        Command(demanding.demand, internal=True),
        Command(embargo.disclose, internal=True),
        Command(embargo.tie, internal=True),
        Command(embargo.untie, internal=True),
        Command(embargo.keep_out, internal=True),
    ),
    scopes=_scopes,
    columns={
        "search": (str, lambda state: state.title.casefold()),
        "writer": (Internal[str], lambda state: state.writer),
    },
    rows=(
        Rows("merge_request_awaited", Awaited, awaited, ("role", "board", "person")),
        Rows("merge_request_votes", Cast, lambda state: inbox.casts(state.votes), CAST_BY),
        Rows("merge_request_people", Contributed, contributed, ("person",)),
    ),
    indexed=(
        "status",
        "project",
        "number",
        "author",
        "target",
        "embargoed",
        "fix",
        "head",
        "merge_commit",
        "opened_by",
        "writer",
    ),
    audience=Audience.EMBARGOED,
    fold=19,
)
