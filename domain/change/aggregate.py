"""The aggregate `change`: its events, its commands, and what is kept beside it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from domain.change import answering, draft, reading
from domain.change.debt import fulfil_obligation
from domain.change.evolve import EVENTS, evolve
from domain.change.glass import break_glass, confirm_break_glass
from domain.change.state import Change
from domain.change.submission import submit
from domain.change.tasks import add_task, complete_task, drop_task, edit_task, reopen_task
from domain.change.votes import abstain, approve, recount, reject, withdraw_vote
from domain.change.work import cancel, close, finish, hold, implement, resume, review
from domain.inbox import CAST_BY, Awaited, Cast
from domain.kernel import Aggregate, Command, Rows, Seen

DECIDED_BY: Final = (
    "status",
    "rules",
    "votes",
    "obligations",
    "afterwards",
    "revision",
    "digest",
    "content",
    *("requester", "owner", "former_owners", "namings", "answered", "declined_owners"),
    *("contributors", "implementers", "glass"),
)
TAKING_PART: Final = ("requester", "owner", "author", "contributors", "implementers")
TIED_BY: Final = ("links", "content")
WINDOW: Final = ("window_since", "window_until")
AGGREGATE: Final = Aggregate(
    "change",
    Change,
    events=EVENTS,
    evolve=evolve,
    commands=(
        Command(draft.open),
        Command(draft.edit, seen=Seen.VERSION),
        Command(answering.assign),
        Command(answering.decline_ownership),
        Command(answering.decline_request),
        Command(draft.link),
        Command(draft.unlink),
        Command(submit, seen=Seen.REVISION, guarded=True),
        Command(approve, seen=Seen.REVISION, deciding=True),
        Command(reject, seen=Seen.REVISION, deciding=True),
        Command(abstain, seen=Seen.REVISION, deciding=True),
        Command(withdraw_vote, seen=Seen.REVISION, deciding=True),
        Command(recount),
        Command(implement, seen=Seen.REVISION, guarded=True),
        Command(finish),
        Command(review, deciding=True),
        Command(close, guarded=True),
        Command(cancel),
        Command(hold),
        Command(resume),
        Command(break_glass, seen=Seen.REVISION, guarded=True),
        Command(confirm_break_glass, seen=Seen.REVISION, deciding=True, guarded=True),
        Command(fulfil_obligation),
        Command(add_task),
        Command(edit_task, seen=Seen.VERSION),
        Command(complete_task),
        Command(drop_task),
        Command(reopen_task),
    ),
    scopes=reading.scopes,
    columns={
        "title": (str, lambda state: state.content.title),
        "service": (str, lambda state: state.content.service),
        "search": (str, reading.search_text),
        "window_since": (datetime, lambda state: _bound(state, "since")),
        "window_until": (datetime, lambda state: _bound(state, "until")),
        "due": (datetime, reading.due),
        "bypassed": (bool, lambda state: bool(state.glass and state.glass.confirmed_at)),
    },
    column_needs={
        **dict.fromkeys(("title", "service", "search", *WINDOW), ("content",)),
        "due": ("obligations",),
        "bypassed": ("glass",),
    },
    rows=(
        Rows("change_awaited", Awaited, reading.awaited, ("role", "board", "person"), DECIDED_BY),
        Rows("change_people", reading.Involved, reading.involved_rows, ("person",), TAKING_PART),
        Rows("change_votes", Cast, reading.cast_rows, CAST_BY, ("votes", "afterwards")),
        Rows("change_relations", reading.Related, reading.related_rows, ("reference",), TIED_BY),
    ),
    indexed=(
        "status",
        "kind",
        "service",
        "risk",
        "requester",
        "owner",
        "window_since",
        "window_until",
        "due",
        "bypassed",
    ),
    fold=12,
)


def _bound(state: Change, name: str) -> datetime | None:
    window = state.content.window
    found: datetime | None = getattr(window, name) if window else None
    return found
