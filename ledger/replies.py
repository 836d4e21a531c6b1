"""Retries: a request done under a key is answered again, never done again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from domain.kernel import Problem
from ledger.deciding import Denied, absent, authorize_again, fingerprint, foretell
from ledger.request import Answer, Request, Status
from ledger.scene import Scene, visible
from ledger.writes import Reply, ReplyKey, Stored

KEPT: Final = timedelta(hours=48)
"""How long a reply is kept at least; callers are promised 24 hours."""
FORGETS_EVERY: Final = timedelta(hours=1)


def forgotten_before(at: datetime, last: datetime | None) -> datetime | None:
    """From before when replies may go now; None when that was looked at within the hour."""
    return at - KEPT if last is None or at - last > FORGETS_EVERY else None


def key_of(request: Request) -> ReplyKey:
    """What makes a retry recognisable."""
    return ReplyKey(request.by, request.action, request.key or "")


def reply_to(request: Request, answer: Answer, scene: Scene) -> Reply:
    """What is kept of a request that was done under a key."""
    return Reply(
        request=request.id,
        asked=fingerprint(request, scene.registry),
        subject=answer.subject,
        version=answer.version,
        position=answer.position,
        events=len(answer.events),
    )


def answer_from(request: Request, stored: Sequence[Stored]) -> Answer:
    """The answer to a request whose events are in the log."""
    own = [each for each in stored if each.subject == request.subject] or stored
    return Answer(
        request=request.id,
        status=Status.DONE,
        subject=request.subject,
        version=own[-1].version,
        position=stored[-1].position,
        events=tuple(each.id for each in stored),
    )


def answer_again(request: Request, known: Reply, scene: Scene) -> Answer:
    """The earlier outcome, judged by today's rights; other arguments under the key are refused."""
    if bytes(known.asked) != fingerprint(request, scene.registry):
        problem = Problem("key_reused", "This key was used with other arguments.", ("key",))
        return Answer(request.id, Status.REFUSED, request.subject, problems=(problem,))
    action = scene.registry.actions[request.action]
    aggregate, verb = action.aggregate, action.command.name
    state = scene.view.at((aggregate.name, known.subject))
    if state is None or not visible(aggregate, state, request.by, scene, verb):
        return _unseen(request, scene)
    try:
        authorize_again(request, known.subject, scene)
    except Denied as no:
        return Answer(request.id, Status.DENIED, request.subject, problems=(no.problem,))
    return Answer(
        request=request.id,
        status=Status.DONE,
        subject=known.subject,
        version=known.version,
        position=known.position,
        events=tuple(f"{known.request}.{nth}" for nth in range(known.events)),
        again=True,
    )


def _unseen(request: Request, scene: Scene) -> Answer:
    """The answer to who may not know any more of what they did: that of something that never was.

    What they made is about something else, of which they are answered as if they asked just now.
    Whoever would be let make it anew is told that it is not there.
    """
    if not scene.registry.actions[request.action].creates:
        return absent(request, "id")
    answer = foretell(request, scene)
    return absent(request) if answer.status is Status.DONE else answer
