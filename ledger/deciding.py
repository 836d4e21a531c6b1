"""One request against the view: policy, what was seen, the command, and the events it yields."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from domain.authority import Authority
from domain.kernel import (
    OPERATOR,
    Audience,
    Context,
    Erases,
    Problem,
    Recorded,
    Refusal,
    Scopes,
    Seen,
    Then,
    is_person,
    refusal,
)
from ledger.judging import Judge
from ledger.registry import Action, Registry
from ledger.request import Answer, Request, Status
from ledger.statements import MOST_EVENTS
from ledger.view import View

LOG = logging.getLogger("changegate.ledger")


class Pending(NamedTuple):
    """An event that a request yields, before it has bytes and a position."""

    aggregate: Any
    event: Any
    recorded: Recorded
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Scene:
    """What a batch shares: its time, the judge, who holds what, and the states it sees."""

    at: datetime
    judge: Judge | None
    authority: Authority
    policy: str | None
    view: View
    registry: Registry


@dataclass(slots=True)
class Decided:
    """What became of one request: its answer and, when done, its events in order."""

    request: Request
    answer: Answer
    events: list[Pending] = field(default_factory=list)
    denied: str | None = None
    findings: tuple[str, ...] = ()


class Denied(Exception):
    """The policy's no, with the line that decided."""

    def __init__(self, reason: str, line: str | None) -> None:
        """Deny for this reason."""
        super().__init__(reason)
        self.reason = reason
        self.line = line


class Absent(Exception):
    """There is no such subject, or none this asker may know of."""


def decide(request: Request, scene: Scene) -> Decided:
    """Run one request against the view; what it sets becomes the batch's only when it is done."""
    view = scene.view
    try:
        events = list(_events(request, scene))
    except Refusal as no:
        view.forget()
        answer = _refused(request, Status.REFUSED, no.problems, no.verdict)
        return Decided(request, answer, findings=_guarded(request, scene.registry, no))
    except Denied as no:
        view.forget()
        problems = (Problem("forbidden", no.reason),)
        return Decided(request, _refused(request, Status.DENIED, problems), denied=no.line or "")
    except Absent:
        view.forget()
        problems = (Problem("not_found", "There is no such record.", ("id",)),)
        return Decided(request, _refused(request, Status.ABSENT, problems))
    except Exception:
        view.forget()
        LOG.exception("a command failed", extra={"action": request.action, "request": request.id})
        problems = (Problem("internal", "The service failed; nothing was written."),)
        return Decided(request, _refused(request, Status.FAILED, problems))
    view.settle()
    return Decided(request, _done(request, events), events)


def fingerprint(request: Request, registry: Registry) -> bytes:
    """What makes two requests under one key the same: arguments and, unless made anew, subject."""
    action = registry.actions.get(request.action)
    creates = action is not None and action.command.creates
    subject = "" if creates else request.subject
    told = f"{subject}\0{request.behalf or ''}\0{request.seen}\0".encode()
    return sha256(told + request.arguments).digest()


def _events(request: Request, scene: Scene) -> Iterator[Pending]:
    action = scene.registry.actions.get(request.action)
    if action is None or (action.command.internal and request.by != OPERATOR):
        raise Refusal(Problem("unknown_action", "There is no such action."))
    state = _subject(request, action, scene)
    arguments = action.arguments(request.arguments)
    grant = _authorize(request, action, state, arguments, scene)
    _compare_seen(request, action, state)
    context = _context(request, scene, grant)
    for nth, pending in enumerate(run(action, context, arguments, scene)):
        if nth >= MOST_EVENTS:
            raise Refusal(Problem("too_many_events", "One request yields at most 500 events."))
        yield pending


def _subject(request: Request, action: Action, scene: Scene) -> Any:
    state = scene.view.at((action.aggregate.name, request.subject))
    if action.command.creates:
        if state is not None:
            raise Refusal(Problem("already_exists", "This id is taken.", ("id",)))
        return None
    if state is None or not visible(action.aggregate, state, request.by, scene):
        raise Absent
    return state


def visible(aggregate: Any, state: Any, by: str, scene: Scene) -> bool:
    """Whether an embargoed record may be known to this person; hidden ones answer as absent."""
    if aggregate.audience is not Audience.EMBARGOED or not state.embargoed or by == OPERATOR:
        return True
    if scene.judge is None:
        return False
    action = f"{aggregate.name}.read_embargoed"
    scopes = aggregate.scopes(state, "read_embargoed", {})
    return scene.judge.decide(by, action, scopes, scene.authority, scene.at).allowed


def _authorize(
    request: Request, action: Action, state: Any, arguments: Mapping[str, Any], scene: Scene
) -> str | None:
    if request.by == OPERATOR:
        if not (action.command.operator or action.command.internal):
            raise Denied("The operator at the machine may not ask for this.", None)
        return None
    if request.limits is not None and action.name not in request.limits:
        raise Denied("The token used is not for this action.", None)
    if scene.judge is None:
        raise Denied("No policy has been adopted yet.", None)
    scopes = action.aggregate.scopes(state, action.command.name, arguments)
    grants = [_judged(who, action, scopes, scene) for who in _askers(request, scene)]
    return grants[-1]


def _askers(request: Request, scene: Scene) -> list[str]:
    """Who must be allowed: a delegate acts by the delegator's right, a machine needs both."""
    authority = scene.authority
    for principal in filter(None, (request.by, request.behalf)):
        if authority.person(principal) is None or authority.suspended(principal):
            raise Denied("This account is unknown or suspended.", None)
    if request.behalf is None:
        return [request.by]
    if not is_person(request.by):
        return [request.by, request.behalf]
    if not any(
        one.delegator == request.behalf for one in authority.delegators(request.by, scene.at)
    ):
        raise Denied("There is no delegation in force from this person.", None)
    return [request.behalf]


def _judged(who: str, action: Action, scopes: Scopes, scene: Scene) -> str | None:
    if action.command.deciding and not is_person(who):
        raise Denied("Only a person may decide this.", None)
    assert scene.judge is not None  # noqa: S101  (the caller has refused otherwise)
    found = scene.judge.decide(who, action.name, scopes, scene.authority, scene.at)
    if not found.allowed:
        raise Denied(found.reason, found.line)
    return found.grant


def _compare_seen(request: Request, action: Action, state: Any) -> None:
    wanted = action.command.seen
    if wanted is Seen.NOTHING or state is None or request.by == OPERATOR:
        return
    current: int = getattr(state, wanted.value)
    if request.seen is None:
        raise Refusal(Problem("seen_missing", f"Say which {wanted.value} you saw.", ("seen",)))
    if request.seen != current:
        sentence = f"The {wanted.value} is {current} now, not {request.seen}; look again."
        raise Refusal(Problem("moved_on", sentence, ("seen",)))


def _context(request: Request, scene: Scene, grant: str | None) -> Context:
    return Context(
        at=scene.at,
        by=request.by,
        subject=request.subject,
        records=scene.view,
        authority=scene.authority,
        behalf=request.behalf,
        request=request.id,
        grant=grant,
        policy=scene.policy,
        claimed=request.claimed,
        happened=request.happened,
    )


def run(
    action: Action, context: Context, arguments: Mapping[str, Any], scene: Scene
) -> Iterator[Pending]:
    """Run a command and what follows from it; the view moves with each event."""
    for event in _yielded(action, context, arguments, scene):
        if not isinstance(event, Then):
            yield _apply(action.aggregate, event, context, scene)
            continue
        then = scene.registry.actions[event.action]
        moved = replace(context, subject=event.subject, grant=None)
        for consequence in _yielded(then, moved, event.arguments, scene):
            if isinstance(consequence, Then):
                raise TypeError("a consequence has no consequences")
            yield _apply(then.aggregate, consequence, moved, scene)


def _yielded(
    action: Action, context: Context, arguments: Mapping[str, Any], scene: Scene
) -> list[Any]:
    state = scene.view.at((action.aggregate.name, context.subject))
    if (state is None) is not action.command.creates:
        raise LookupError(f"{action.name} cannot run: its subject is not as it needs")
    return action.command.run(state, context, **arguments)


def _apply(aggregate: Any, event: Any, context: Context, scene: Scene) -> Pending:
    key = (aggregate.name, context.subject)
    before = scene.view.at(key)
    if isinstance(event, Erases):
        check_erasure(event, context.by, scene)
    after, recorded = evolve(aggregate, before, event, context)
    scene.view.put(key, after)
    return Pending(aggregate, event, recorded, before, after)


def check_erasure(erases: Erases, by: str, scene: Scene) -> None:
    """Refuse to empty parts that are not there, or of what is kept whole for ever."""
    aggregate = scene.registry.by_name.get(erases.aggregate)
    if aggregate is None or not aggregate.erasable:
        raise refusal("not_erasable", "Records of this kind are kept whole.", "aggregate")
    state = scene.view.at((aggregate.name, erases.subject))
    if state is None or not visible(aggregate, state, by, scene):
        raise refusal("not_found", "There is no such record.", "subject")
    known = scene.view.parts(aggregate.name, erases.subject)
    for at, part in enumerate(erases.parts):
        if part not in known or part == "sealed":
            raise refusal("unknown_part", "No part is called that.", "parts", str(at))


def evolve(aggregate: Any, before: Any, event: Any, context: Context) -> tuple[Any, Recorded]:
    """Fold one new event; raises TypeError when the fold forgot to raise the version."""
    version = 1 if before is None else before.version + 1
    recorded = Recorded(
        event=event,
        id="",
        subject=context.subject,
        version=version,
        at=context.at,
        by=context.by,
        behalf=context.behalf,
        happened=context.happened,
        claimed=context.claimed,
    )
    after = aggregate.evolve(before, recorded)
    if after.version != version or after.id != context.subject:
        raise TypeError(f"{aggregate.name} folded {type(event).__name__} to a wrong version or id")
    return after, recorded


def _refused(
    request: Request, status: Status, problems: tuple[Problem, ...], verdict: Any = None
) -> Answer:
    return Answer(request.id, status, request.subject, problems=problems, verdict=verdict)


def _guarded(request: Request, registry: Registry, no: Refusal) -> tuple[str, ...]:
    """The codes to record when a guarded act was refused by its gate."""
    action = registry.actions.get(request.action)
    if action is None or not action.command.guarded or no.verdict is None:
        return ()
    return tuple(dict.fromkeys(problem.code for problem in no.problems))


def _done(request: Request, events: list[Pending]) -> Answer:
    version = events[-1].after.version if events else 0
    for pending in events:
        if pending.recorded.subject == request.subject:
            version = pending.after.version
    return Answer(request.id, Status.DONE, request.subject, version)
