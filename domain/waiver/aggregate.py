"""The aggregate `waiver`: asked for, granted by somebody independent, declined, revoked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from domain.askers import asking, check_first, check_firsthand, rights
from domain.authorship import accounts
from domain.kernel import (
    Aggregate,
    Command,
    Context,
    Problems,
    Recorded,
    Scopes,
    Text,
    is_person,
    moved,
    refusal,
)
from domain.process.release import RequirementRow
from domain.release.embargo import release_named
from domain.release.gate.question import asked_of
from domain.release.gate.voters import involved
from domain.release.gate.waiving import rights_to_waive
from domain.release.standing import kind_of
from domain.release.state import ENDED, Release
from domain.settled import settled
from domain.waiver.state import Status, Waiver
from domain.wording import NOTE, check_given

LONGEST: Final = timedelta(days=90)
"""How long a waiver may last."""
_ANEW: Final = "somebody else asks for it anew (`requestWaiver`)."


# Events.


@dataclass(frozen=True, slots=True)
class Requested:
    """Somebody asked that a requirement be lifted, by right of a grant, or of another (X-04)."""

    release: str
    service: str
    requirement: str
    gate: str
    digest: str
    reason: Text
    expires_at: datetime
    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Granted:
    """Somebody independent lifted the requirement, by right of a grant (X-04)."""

    role: str
    grant: str
    comment: Text | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Declined:
    """The requirement stands."""

    objection: Text


@dataclass(frozen=True, slots=True)
class Revoked:
    """The requirement stands again."""

    reason: Text


def evolve(state: Waiver | None, recorded: Recorded) -> Waiver:
    """Fold one event; TypeError for one that is no event of a waiver, or not its first."""
    event, by, at = recorded.event, recorded.by, recorded.at
    if isinstance(event, Requested):
        return _requested(event, recorded)
    changes: dict[str, Any]
    match event:
        case Granted(role=role, grant=grant) if state:
            changes = {"role": role, "grant": grant, "approved_by": by, "approved_at": at}
            changes |= {"other_grants": event.other_grants}
            return moved(state, recorded, status=Status.GRANTED, **changes)
        case Declined(objection=objection) if state:
            changes = {"objection": objection, "declined_by": by, "declined_at": at}
            return moved(state, recorded, status=Status.DECLINED, **changes)
        case Revoked(reason=reason) if state:
            changes = {"revoked_because": reason, "revoked_by": by, "revoked_at": at}
            return moved(state, recorded, status=Status.REVOKED, **changes)
    raise TypeError(f"{type(event).__name__} does not belong here")


def _requested(event: Requested, recorded: Recorded) -> Waiver:
    return Waiver(
        id=recorded.subject,
        version=recorded.version,
        status=Status.REQUESTED,
        release=event.release,
        service=event.service,
        requirement=event.requirement,
        gate=event.gate,
        digest=event.digest,
        reason=event.reason,
        expires_at=event.expires_at,
        requested_by=recorded.by,
        requested_at=recorded.at,
        requested_grant=event.grant,
        requested_grants=event.other_grants,
    )


# Commands.


def request(
    _state: None,
    context: Context,
    *,
    release: Annotated[str, "The release."],
    requirement: Annotated[str, "The requirement, in the playbook's words."],
    gate: Annotated[str, "The act it is lifted for: tag, deploy:ENVIRONMENT, publish or close."],
    reason: Annotated[Text, "Why it may be lifted."],
    expires_at: Annotated[datetime, "Until when, at most 90 days ahead."],
) -> list[Any]:
    """Ask that a requirement be lifted for the release as it is now."""
    problems = Problems()
    check_firsthand(problems, context)
    known = release_named(problems, context.records, release)
    if known is not None:
        _row(problems, known, context, requirement, gate)
    check_given(problems, reason, NOTE, "reason")
    _check_term(problems, context, expires_at)
    found = settled(problems, known)
    told = (release, found.plan.service, requirement, gate, found.digest, reason, expires_at)
    return [Requested(*told, *rights(context))]


def _row(
    problems: Problems, release: Release, context: Context, requirement: str, gate: str
) -> RequirementRow | None:
    """The row that is to be lifted, which must stand at the gate and be somebody's to waive."""
    problems.unless(release.status not in ENDED, "ended", "The release has ended.", "release")
    row = kind_of(release, context.records).row(requirement)
    if row is None or gate not in row.gates:
        message = "The playbook has no such requirement at this gate."
        problems.add("unknown_requirement", message, "requirement")
        return None
    message = "The playbook lets nobody waive this."
    problems.unless(row.waivable_by, "not_waivable", message, "requirement")
    return row


def _check_term(problems: Problems, context: Context, expires_at: datetime) -> None:
    ahead = expires_at > context.at
    problems.unless(ahead, "until_passed", "The end lies in the past.", "expires_at")
    near = expires_at <= context.at + LONGEST
    message = f"It may last {LONGEST.days} days at most."
    problems.unless(near, "until_too_far", message, "expires_at")


def grant(
    state: Waiver,
    context: Context,
    *,
    comment: Annotated[Text | None, "A remark for the record."] = None,
) -> list[Any]:
    """Lift the requirement, as somebody who holds its role and has no hand in the release."""
    release = _open(state, context)
    problems = Problems()
    check_firsthand(problems, context)
    row = _row(problems, release, context, state.requirement, state.gate)
    _check_term(problems, context, state.expires_at)
    same = state.digest == release.digest
    problems.unless(same, "moved_on", "The release is another one than was asked for.")
    _check_independent(problems, state, release, context)
    held = _held(release, context, row)
    role = row.waivable_by if row and row.waivable_by else ""
    problems.unless(held, "not_entitled", f"This is for {role or 'nobody'}.")
    if comment is not None:
        check_given(problems, comment, NOTE, "comment")
    problems.settle()
    return [Granted(role, held[0], comment, held[1:])]


def _held(release: Release, context: Context, row: RequirementRow | None) -> tuple[str, ...]:
    known = context.by, context.authority, context.at
    return rights_to_waive(release, row, *known) if row else ()


def _check_independent(
    problems: Problems, state: Waiver, release: Release, context: Context
) -> None:
    """Note that who grants it is no second person, or that who asked for it counts no more."""
    problems.unless(is_person(context.by), "not_a_person", "Only a person waives.")
    wished = accounts((state.requested_by,), context.authority, state.requested_at)
    apart = (involved(asked_of(release, context)) | wished).isdisjoint(asking(context))
    message = "Who asked for it, or had a hand in the release, does not grant it."
    problems.unless(apart, "not_independent", message)
    right, others = state.requested_grant, state.requested_grants
    check_first(problems, context, (state.requested_by,), right, _ANEW, others=others)


def decline(
    state: Waiver, context: Context, *, objection: Annotated[Text, "Why the requirement stands."]
) -> list[Any]:
    """Leave the requirement as it is."""
    _open(state, context)
    problems = Problems()
    check_firsthand(problems, context)
    check_given(problems, objection, NOTE, "objection")
    problems.settle()
    return [Declined(objection)]


def revoke(
    state: Waiver, context: Context, *, reason: Annotated[Text, "Why it holds again."]
) -> list[Any]:
    """Let the requirement hold again, before the waiver runs out."""
    if state.status not in (Status.REQUESTED, Status.GRANTED):
        raise refusal("already_settled", f"It is {state.status.value} already.")
    problems = Problems()
    check_firsthand(problems, context)
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    return [Revoked(reason)]


def _open(state: Waiver, context: Context) -> Release:
    if state.status is not Status.REQUESTED:
        raise refusal("already_settled", f"It is {state.status.value} already.")
    release = context.records.get(Release, state.release)
    if release is None:
        raise LookupError("its release is missing")
    return release


def _scopes(state: Waiver | None, _command: str, _arguments: Mapping[str, Any]) -> Scopes:
    return {"service": frozenset((state.service,) if state else ())}


AGGREGATE: Final = Aggregate(
    "waiver",
    Waiver,
    events=(Requested, Granted, Declined, Revoked),
    evolve=evolve,
    commands=(
        Command(request),
        Command(grant, deciding=True),
        Command(decline, deciding=True),
        Command(revoke, deciding=True),
    ),
    scopes=_scopes,
    indexed=("release", "status", "service", "expires_at"),
    fold=3,
)
