"""Exemptions: one thing may go on in spite of a lock, on the word of those whom the lock names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from domain.askers import asking, check_claim, check_first, check_firsthand, other_grants, rights
from domain.authorship import accounts, actors, taken
from domain.belonging import in_the_open
from domain.change.state import Change
from domain.deployment.state import Deployment
from domain.exemption.matter import barred, matter
from domain.exemption.state import Approval, Exemption, Status
from domain.kernel import (
    Aggregate,
    Command,
    Context,
    Problems,
    Recorded,
    Text,
    is_person,
    moved,
    refusal,
)
from domain.lock.state import Lock
from domain.lock.state import Status as LockStatus
from domain.merge_request.state import MergeRequest
from domain.release.state import Release
from domain.wording import NOTE, check_given

_ANEW: Final = "somebody else asks for it anew (`requestExemption`)."

# Events.


@dataclass(frozen=True, slots=True)
class Requested:
    """Somebody wished that one thing be exempt from a lock, by right of a grant, or of another."""

    lock: str
    subject: str
    reason: Text
    change: str | None = None
    merge_request: str | None = None
    deployment: str | None = None
    release: str | None = None
    embargoed: bool = False
    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Concealed:
    """What is to go on was hidden meanwhile; what is recorded of the wish from now on is, too."""


@dataclass(frozen=True, slots=True)
class Approved:
    """Somebody whom the lock names approved the exemption of what it was then: of that digest."""

    grant: str | None
    matter: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Declined:
    """Somebody whom the lock names turned the wish down."""

    reason: Text


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The wish was taken back, or what was exempt no longer is."""

    reason: Text


def evolve(state: Exemption | None, recorded: Recorded) -> Exemption:
    """Fold one event; TypeError for one that is none of an exemption's, or not its first."""
    event = recorded.event
    if isinstance(event, Requested):
        return _requested(event, recorded)
    if state is None:
        raise TypeError(f"an exemption does not begin with {type(event).__name__}")
    match event:
        case Concealed():
            return moved(state, recorded, embargoed=True)
        case Approved():
            others = (each for each in state.approvals if each.by != recorded.by)
            told = (event.grant, event.matter, event.other_grants)
            approval = Approval(recorded.by, recorded.at, *told)
            return moved(state, recorded, approvals=(*others, approval))
        case Declined(reason=reason):
            return moved(state, recorded, **_ended(Status.DECLINED, reason, recorded))
        case Withdrawn(reason=reason):
            return moved(state, recorded, **_ended(Status.WITHDRAWN, reason, recorded))
        case _:
            raise TypeError(f"{type(event).__name__} is no event of an exemption")


def _requested(event: Requested, recorded: Recorded) -> Exemption:
    return Exemption(
        id=recorded.subject,
        version=recorded.version,
        status=Status.OPEN,
        lock=event.lock,
        subject=event.subject,
        requested_by=recorded.by,
        requested_at=recorded.at,
        reason=event.reason,
        change=event.change,
        merge_request=event.merge_request,
        deployment=event.deployment,
        release=event.release,
        contributors=actors((), recorded),
        embargoed=event.embargoed,
        requested_grant=event.grant,
        requested_grants=event.other_grants,
    )


def _ended(status: Status, reason: str, recorded: Recorded) -> dict[str, Any]:
    ended = {"ended_by": recorded.by, "ended_at": recorded.at}
    return {"status": status, "ended_because": reason, **ended}


# Commands.


def request(
    _state: None,
    context: Context,
    *,
    lock: Annotated[str, "The lock."],
    reason: Annotated[Text, "Why it cannot wait."],
    change: Annotated[str | None, "The change that is to go on."] = None,
    merge_request: Annotated[str | None, "The merge request that is to be merged."] = None,
    deployment: Annotated[str | None, "The deployment that is to start."] = None,
    release: Annotated[str | None, "The release that is to be deployed."] = None,
) -> list[Any]:
    """Ask those whom a lock names to exempt one thing from it; the wish hides with that."""
    problems = Problems()
    check_claim(problems, context)
    check_given(problems, reason, NOTE, "reason")
    _check_lock(problems, context, lock)
    named = (change, merge_request, deployment, release)
    subject = _subject(problems, context, dict(zip(_SUBJECTS, named, strict=True)))
    problems.settle()
    told = (*named, _hidden(context, named), *rights(context))
    return [Requested(lock, subject, reason, *told)]


def approve(state: Exemption, context: Context) -> list[Any]:
    """Exempt it as it is now, as one of those whom the lock names; again, if it changed since."""
    problems = Problems()
    check_firsthand(problems, context)
    _check_asked(problems, state, context)
    out = barred(state, context.authority, context.records)
    message = "Who wished for it, or had a hand in what is to go on, may not approve it."
    problems.unless(out.isdisjoint(asking(context)), "needs_second_person", message)
    right, others = state.requested_grant, state.requested_grants
    check_first(problems, context, state.contributors, right, _ANEW, others=others)
    now = matter(state, context.records)
    problems.unless(
        not _approved(state, context, now), "approved_already", "You approved it already."
    )
    problems.settle()
    return [*_concealing(state, context), Approved(context.grant, now, other_grants(context))]


def _approved(state: Exemption, context: Context, now: str) -> bool:
    """Whether who asks approved it already as it is now, by a right that stands."""
    mine = (each for each in state.approvals if each.by == context.by)
    return any(
        each.matter in (None, now)
        and not taken((each.grant, *each.other_grants), context.authority)
        for each in mine
    )


def decline(
    state: Exemption, context: Context, *, reason: Annotated[Text, "Why not."]
) -> list[Any]:
    """Turn the wish down, as one of those whom the lock names."""
    problems = Problems()
    check_firsthand(problems, context)
    _check_asked(problems, state, context)
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    return [*_concealing(state, context), Declined(reason)]


def withdraw(
    state: Exemption, context: Context, *, reason: Annotated[Text, "Why it is not needed."]
) -> list[Any]:
    """Take the wish back, as who wished for it."""
    problems = Problems()
    check_claim(problems, context)
    own = accounts(state.contributors, context.authority, state.requested_at)
    problems.unless(not own.isdisjoint(asking(context)), "not_yours", "It is another's wish.")
    problems.unless(state.status is Status.OPEN, "not_open", f"It is {state.status.value}.")
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    return [*_concealing(state, context), Withdrawn(reason)]


def _check_lock(problems: Problems, context: Context, id: str) -> None:
    lock = context.records.get(Lock, id)
    if lock is None or lock.status is not LockStatus.ACTIVE:
        problems.add("unknown_lock", "There is no such lock in force.", "lock")
    elif not lock.terms.exempters:
        problems.add("no_exempters", "The lock names nobody who may exempt from it.", "lock")


def _check_asked(problems: Problems, state: Exemption, context: Context) -> None:
    problems.unless(state.status is Status.OPEN, "not_open", f"It is {state.status.value}.")
    problems.unless(is_person(context.by), "not_a_person", "Only a person decides on it.")
    lock = context.records.get(Lock, state.lock)
    named = lock is not None and context.by in lock.terms.exempters
    problems.unless(named, "not_entitled", "The lock does not name you.")


def _subject(problems: Problems, context: Context, named: Mapping[str, str | None]) -> str:
    """What is to be exempt: exactly one thing; what is hidden from the asker is not there."""
    given = {name: id for name, id in named.items() if id is not None}
    if len(given) != 1:
        raise refusal("one_subject", "Name one thing to exempt.")
    ((name, id),) = given.items()
    found: Any = context.records.get(_SUBJECTS[name], id)
    known = found is not None and context.knows(found)
    problems.unless(known, "unknown_subject", "There is no such record.", name)
    return id


def _hidden(context: Context, named: Iterable[str | None]) -> bool:
    """Whether any of these, named in the order of what may be exempt, is under embargo."""
    pairs = zip(_SUBJECTS.values(), named, strict=True)
    found = (context.records.get(kind, id) for kind, id in pairs if id is not None)
    return not all(in_the_open(each) for each in found)


def _concealing(state: Exemption, context: Context) -> list[Any]:
    """That nobody learns from the log what is done to a wish whose matter was hidden meanwhile."""
    named = (state.change, state.merge_request, state.deployment, state.release)
    return [Concealed()] if not state.embargoed and _hidden(context, named) else []


_SUBJECTS: Final[Mapping[str, type[Any]]] = {
    "change": Change,
    "merge_request": MergeRequest,
    "deployment": Deployment,
    "release": Release,
}


AGGREGATE: Final = Aggregate(
    "exemption",
    Exemption,
    events=(Requested, Concealed, Approved, Declined, Withdrawn),
    evolve=evolve,
    commands=(
        Command(request),
        Command(approve),
        Command(decline),
        Command(withdraw),
    ),
    indexed=("lock", "subject", "status", "merge_request", "release"),
    fold=3,
)
