"""What becomes true of a principal, and how it folds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from domain.kernel import Personal, Recorded, Text, distinct, moved
from domain.principal.state import (
    Absence,
    Former,
    Identity,
    Kind,
    Principal,
    Suspension,
    Unlinking,
    Untied,
)


@dataclass(frozen=True, slots=True)
class Registered:
    """A person or a program was given an account."""

    kind: Kind
    handle: Personal
    name: Personal
    mail: Personal | None = None
    team: str | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class HandleChanged:
    """The principal goes by another handle."""

    handle: Personal


@dataclass(frozen=True, slots=True)
class NameChanged:
    """The principal has another name."""

    name: Personal


@dataclass(frozen=True, slots=True)
class MailChanged:
    """The principal has another mail address, or none."""

    mail: Personal | None


@dataclass(frozen=True, slots=True)
class TeamChanged:
    """The principal belongs to another team, or to none."""

    team: str | None


@dataclass(frozen=True, slots=True)
class OwnerChanged:
    """Another person is responsible for the program."""

    owner: str


@dataclass(frozen=True, slots=True)
class IdentityLinked:
    """The principal was said to be this subject at an issuer, verified at once or later.

    `grant` is by what right that was said, which early logs do not tell.
    """

    issuer: str
    subject: Personal
    verified: bool
    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IdentityVerified:
    """A second person confirmed the identity: from now on it maps to the principal."""

    number: int


@dataclass(frozen=True, slots=True)
class IdentityUnlinked:
    """The identity is the principal's no more."""

    number: int


@dataclass(frozen=True, slots=True)
class AccountLinked:
    """Another account was found to be the same person's."""

    account: str


@dataclass(frozen=True, slots=True)
class UnlinkingProposed:
    """Another account was said not to be the same person's; a second person has to agree.

    `grant` is by what right that was said, which early logs do not tell.
    """

    account: str
    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountUnlinked:
    """Another account was found not to be the same person's."""

    account: str


@dataclass(frozen=True, slots=True)
class Suspended:
    """The principal may not act, and its votes do not count, until reinstated."""

    reason: Text


@dataclass(frozen=True, slots=True)
class Reinstated:
    """The principal may act again."""

    reason: Text


@dataclass(frozen=True, slots=True)
class AbsenceNoted:
    """The person will be away."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class AbsenceEnded:
    """The person is back, or is not going away after all."""

    number: int


EVENTS = (
    Registered,
    HandleChanged,
    NameChanged,
    MailChanged,
    TeamChanged,
    OwnerChanged,
    IdentityLinked,
    IdentityVerified,
    IdentityUnlinked,
    AccountLinked,
    UnlinkingProposed,
    AccountUnlinked,
    Suspended,
    Reinstated,
    AbsenceNoted,
    AbsenceEnded,
)


# Folding.


def evolve(state: Principal | None, recorded: Recorded) -> Principal:
    """Fold one event."""
    event = recorded.event
    if isinstance(event, Registered):
        return _registered(event, recorded)
    if state is None:
        raise TypeError(f"a principal does not begin with {type(event).__name__}")
    return _described(state, recorded) or _tied(state, recorded) or _standing(state, recorded)


def _registered(event: Registered, recorded: Recorded) -> Principal:
    return Principal(
        id=recorded.subject,
        version=recorded.version,
        kind=event.kind,
        handle=event.handle,
        name=event.name,
        mail=event.mail,
        team=event.team,
        owner=event.owner,
        registered_by=recorded.by,
        registered_at=recorded.at,
    )


def _described(state: Principal, recorded: Recorded) -> Principal | None:
    match recorded.event:
        case HandleChanged(handle=handle):
            return moved(state, recorded, handle=handle)
        case NameChanged(name=name):
            return moved(state, recorded, name=name)
        case MailChanged(mail=mail):
            return moved(state, recorded, mail=mail)
        case TeamChanged(team=team):
            before = Former(recorded.at, team=state.team)
            return moved(state, recorded, team=team, former=_left(state, before))
        case OwnerChanged(owner=owner):
            before = Former(recorded.at, owner=state.owner)
            known = state.identities if state.owner in (None, owner) else _to_verify(state)
            former = _left(state, before)
            return moved(state, recorded, owner=owner, former=former, identities=known)
        case _:
            return None


def _to_verify(state: Principal) -> tuple[Identity, ...]:
    """Its identities, to be verified anew: who was responsible before knows what proves them."""
    return tuple(replace(each, verified_by=None) for each in state.identities)


def _left(state: Principal, before: Former) -> tuple[Former, ...]:
    """Each owner and team the principal has had, until the last time it left them."""
    what = (before.owner, before.team)
    if what == (None, None):
        return state.former
    return (*(each for each in state.former if (each.owner, each.team) != what), before)


def _tied(state: Principal, recorded: Recorded) -> Principal | None:
    match recorded.event:
        case IdentityLinked(issuer=issuer, subject=subject, verified=verified) as event:
            verifier = recorded.by if verified else None
            told = (recorded.version, issuer, subject, recorded.by, verifier)
            fresh = Identity(*told, grant=event.grant, other_grants=event.other_grants)
            return moved(state, recorded, identities=(*state.identities, fresh))
        case IdentityVerified(number=number):
            known = tuple(_verified(each, number, recorded.by) for each in state.identities)
            return moved(state, recorded, identities=known)
        case IdentityUnlinked(number=number):
            left = tuple(each for each in state.identities if each.number != number)
            return moved(state, recorded, identities=left)
        case AccountLinked(account=account):
            linked = distinct((*state.linked, account))
            return moved(state, recorded, linked=linked, unlinking=_kept(state, account))
        case UnlinkingProposed(account=account, grant=grant, other_grants=others):
            wish = Unlinking(account, recorded.by, recorded.behalf, grant, others)
            return moved(state, recorded, unlinking=(*_kept(state, account), wish))
        case AccountUnlinked(account=account):
            kept = tuple(each for each in state.linked if each != account)
            gone = {"linked": kept, "untied": (*state.untied, Untied(account, recorded.at))}
            return moved(state, recorded, unlinking=_kept(state, account), **gone)
        case _:
            return None


def _kept(state: Principal, account: str) -> tuple[Unlinking, ...]:
    return tuple(each for each in state.unlinking if each.account != account)


def _verified(identity: Identity, number: int, by: str) -> Identity:
    return replace(identity, verified_by=by) if identity.number == number else identity


def _standing(state: Principal, recorded: Recorded) -> Principal:
    match recorded.event:
        case Suspended(reason=reason):
            return _suspended(state, recorded, reason)
        case Reinstated():
            over = Suspension(state.suspended_since or recorded.at, recorded.at)
            back = _suspended(state, recorded, None)
            return replace(back, suspensions=(*state.suspensions, over))
        case AbsenceNoted(since=since, until=until):
            fresh = Absence(recorded.version, since, until, recorded.by)
            ahead = tuple(each for each in state.absences if each.until > recorded.at)
            return moved(state, recorded, absences=(*ahead, fresh))
        case AbsenceEnded(number=number):
            ended = (_ended(each, number, recorded.at) for each in state.absences)
            left = tuple(each for each in ended if each.since < each.until)
            return moved(state, recorded, absences=left)
        case event:
            raise TypeError(f"{type(event).__name__} is no event of a principal")


def _suspended(state: Principal, recorded: Recorded, reason: str | None) -> Principal:
    suspended = reason is not None
    return moved(
        state,
        recorded,
        suspended=suspended,
        suspended_since=recorded.at if suspended else None,
        suspended_by=recorded.by if suspended else None,
        suspended_reason=reason,
    )


def _ended(absence: Absence, number: int, at: datetime) -> Absence:
    return replace(absence, until=min(absence.until, at)) if absence.number == number else absence
