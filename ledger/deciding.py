"""One request against the view: policy, what was seen, the command, and the events it yields."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import Any

from domain.kernel import OPERATOR, Context, Problem, Refusal, Scopes, Seen, is_person
from domain.office import OWNER_SUSPENDED, UNANSWERED, answered
from ledger.asking import Asking
from ledger.registry import Action, Registry
from ledger.request import NOT_FOR_THIS, Answer, Request, Status
from ledger.scene import Foresight, Pending, Scene, run, scopes_of, secret, visible
from ledger.statements import MOST_EVENTS
from ledger.writes import DatabaseFault

LOG = logging.getLogger("changegate.ledger")


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

    def __init__(self, reason: str, line: str | None, code: str = "forbidden") -> None:
        """Deny for this reason."""
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.problem = Problem(code, reason)


class Absent(Exception):
    """There is no such subject, or none this asker may know of."""


def decide(request: Request, scene: Scene) -> Decided:
    """Run one request against the view; what it sets becomes the batch's only when it is done."""
    decided = _decided(request, scene)
    if decided.answer.status is Status.DONE:
        scene.view.settle()
    else:
        scene.view.forget()
    return decided


def foretell(request: Request, scene: Scene) -> Answer:
    """What one request would be answered; nothing is set."""
    decided = _decided(request, scene)
    scene.view.forget()
    return decided.answer


def absent(request: Request, *path: str) -> Answer:
    """The answer to who asks for what is not there, or what they may not know of."""
    problems = (Problem("not_found", "There is no such record.", path),)
    return _refused(request, Status.ABSENT, problems)


def _decided(request: Request, scene: Scene) -> Decided:
    try:
        events = list(_events(request, scene))
    except Refusal as no:
        answer = _refused(request, Status.REFUSED, no.problems, no.verdict)
        return Decided(request, answer, findings=_guarded(request, scene.registry, no))
    except Denied as no:
        answer = _refused(request, Status.DENIED, (no.problem,))
        return Decided(request, answer, denied=no.line or "")
    except DatabaseFault:
        scene.view.forget()
        raise  # the transaction is spoilt for the whole batch
    except Absent:
        return Decided(request, absent(request, "id"))
    except Exception:
        LOG.exception("a command failed", extra={"action": request.action, "request": request.id})
        problems = (Problem("internal", "The service failed; nothing was written."),)
        return Decided(request, _refused(request, Status.FAILED, problems))
    return Decided(request, _done(request, events), events)


def fingerprint(request: Request, registry: Registry) -> bytes:
    """What makes two requests under one key the same: arguments and, unless made anew, subject."""
    action = registry.actions.get(request.action)
    creates = action is not None and action.creates
    subject = "" if creates else request.subject
    told = f"{subject}\0{request.behalf or ''}\0{request.seen}\0".encode()
    return sha256(told + request.arguments).digest()


def _events(request: Request, scene: Scene) -> Iterator[Pending]:
    action = scene.registry.actions.get(request.action)
    if action is None or (action.command.internal and request.by != OPERATOR):
        raise Refusal(Problem("unknown_action", "There is no such action."))
    state = _subject(request, action, scene)
    arguments = action.arguments(request.arguments)
    scopes = scopes_of(action, state, arguments, request.by, scene)
    grant = _authorize(request, action, arguments, scopes, scene)
    _compare_seen(request, action, state)
    asked = Asking(scene, action, state, scopes)
    ahead = Foresight(action.aggregate, state)
    behalf = _behalf(request, action, arguments)
    context = ahead.context = _context(request, behalf, asked, grant, folds=ahead.fold)
    most = min(action.command.most, MOST_EVENTS)
    for nth, pending in enumerate(run(action, context, arguments, scene, ahead)):
        if nth >= most:
            message = f"One request of this kind yields at most {most} events."
            raise Refusal(Problem("too_many_events", message))
        yield pending


def _subject(request: Request, action: Action, scene: Scene) -> Any:
    state = scene.view.at((action.aggregate.name, request.subject))
    if action.creates:
        if state is not None:
            raise Refusal(Problem("already_exists", "This id is taken.", ("id",)))
        return None
    if state is None or not visible(
        action.aggregate, state, request.by, scene, action.command.name
    ):
        raise Absent
    return state


def authorize_again(request: Request, subject: str, scene: Scene) -> None:
    """Raise Denied when the asker or the token may not ask today for what was done before."""
    action = scene.registry.actions[request.action]
    state = None if action.creates else scene.view.at((action.aggregate.name, subject))
    arguments = action.arguments(request.arguments)
    scopes = scopes_of(action, state, arguments, request.by, scene)
    _authorize(request, action, arguments, scopes, scene)


def _authorize(
    request: Request, action: Action, arguments: Mapping[str, Any], scopes: Scopes, scene: Scene
) -> str | None:
    if request.by == OPERATOR:
        if not (action.command.operator or action.command.internal):
            raise Denied("The operator at the machine may not ask for this.", None)
        return None
    if request.limits is not None and action.name not in request.limits:
        raise Denied(NOT_FOR_THIS, None)
    if scene.judge is None:
        raise Denied("No policy has been adopted yet.", None)
    askers = _askers(request, _behalf(request, action, arguments), scene)
    grants = [_judged(who, action, scopes, scene) for who in askers]
    return grants[-1]


def _behalf(request: Request, action: Action, arguments: Mapping[str, Any]) -> str | None:
    """For whom the asker acts: said of the request, or by the command's own argument.

    A delegation lends a vote, never a whole account: a person acts for another only by commands
    that take `behalf` and know what was lent.
    """
    named: str | None = arguments.get("behalf") or request.behalf
    if named is not None and is_person(request.by) and "behalf" not in action.fields:
        raise Denied("This cannot be done in another person's place.", None)
    return named


def _askers(request: Request, behalf: str | None, scene: Scene) -> list[str]:
    """Who must be allowed: a delegate acts by the delegator's right, a machine needs both."""
    authority = scene.authority
    for principal in filter(None, (request.by, behalf)):
        if authority.person(principal) is None or authority.suspended(principal):
            raise Denied("This account is unknown or suspended.", None)
    if not answered(authority, request.by):
        raise Denied(UNANSWERED, None, OWNER_SUSPENDED)
    if behalf is None:
        return [request.by]
    if not is_person(request.by):
        return [request.by, behalf]
    delegations = authority.delegators(request.by, scene.at)
    if not any(one.delegator == behalf for one in delegations):
        raise Denied("There is no delegation in force from this person.", None)
    return [behalf]


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
    current: int = getattr(state, wanted) - request.uncounted
    if request.seen is None:
        raise Refusal(Problem("seen_missing", f"Say which {wanted} you saw.", ("seen",)))
    if request.seen != current:
        sentence = f"The {wanted} is {current} now, not {request.seen}; look again."
        raise Refusal(Problem("moved_on", sentence, ("seen",)))


def _context(
    request: Request,
    behalf: str | None,
    asked: Asking,
    grant: str | None,
    *,
    folds: Callable[[Any, Any], Any],
) -> Context:
    scene = asked.scene
    return Context(
        at=scene.at,
        by=request.by,
        subject=request.subject,
        records=scene.view,
        authority=scene.authority,
        behalf=behalf,
        request=request.id,
        grant=grant,
        policy=scene.policy,
        claimed=request.claimed,
        happened=request.happened,
        limits=request.limits,
        knows=lambda record: _known(record, request.by, scene),
        secret=lambda kind, id: secret(kind, id, scene),
        may=asked.may,
        grants=asked.grants,
        folds=folds,
        sees=lambda who, record: _known(record, who, scene),
        clears=partial(_clears, request.by, scene),
        salt=os.urandom(16).hex(),
    )


def _clears(by: str, scene: Scene, action: str, scopes: Scopes) -> bool:
    """Whether the policy lets the asker see what is hidden there, or who owns the program."""
    if by == OPERATOR or scene.judge is None:
        return by == OPERATOR
    known = scene.authority.person(by)
    people = filter(None, (by, known.owner if known else None))
    judged = (scene.judge.decide(e, action, scopes, scene.authority, scene.at) for e in people)
    return any(each.allowed for each in judged)


def _known(record: Any, by: str, scene: Scene) -> bool:
    """Whether somebody may know of a record, such as one that the asker names."""
    return visible(scene.registry.by_state[type(record)], record, by, scene)


def _refused(
    request: Request, status: Status, problems: tuple[Problem, ...], verdict: Any = None
) -> Answer:
    return Answer(request.id, status, request.subject, problems=problems, verdict=verdict)


def _guarded(request: Request, registry: Registry, no: Refusal) -> tuple[str, ...]:
    """The codes to record when a guarded act was refused by its gate; its faults are logged."""
    for fault in no.verdict.faults if no.verdict else ():
        told = {"action": request.action, "request": request.id}
        LOG.error("a gate could not be evaluated: %s", fault, extra=told)
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
