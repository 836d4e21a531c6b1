"""Principals: the people and programs that act, who they are elsewhere, and whether they may.

Whoever maps an identity to an account decides who may act as its person, and as whom a person
counts. So an identity counts only once somebody else has verified it, that of a new account too: it
may have been another account's before. The operator at the machine counts alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final

from domain.askers import askers, check_first, check_firsthand, rights
from domain.authorship import lost
from domain.kernel import (
    KEEP,
    OPERATOR,
    Aggregate,
    Command,
    Context,
    Keep,
    Personal,
    Problems,
    Seen,
    refusal,
)
from domain.principal.checks import (
    MOST_TIES,
    check_details,
    check_former,
    check_handle,
    check_identity,
    check_linked,
    check_linking,
    check_others,
    check_owner,
    check_second,
    check_subject,
)
from domain.principal.events import (
    EVENTS,
    AccountLinked,
    AccountUnlinked,
    HandleChanged,
    IdentityLinked,
    IdentityUnlinked,
    IdentityVerified,
    MailChanged,
    NameChanged,
    OwnerChanged,
    Registered,
    TeamChanged,
    UnlinkingProposed,
    evolve,
)
from domain.principal.presence import (
    announce_absence,
    end_absence,
    record_absence,
    reinstate,
    suspend,
)
from domain.principal.state import Absence, Identity, Kind, NewIdentity, Principal, Unlinking

__all__ = ["AGGREGATE", "Absence", "Identity", "Kind", "NewIdentity", "Principal"]

Handle = Annotated[Personal, "What the principal is called by; unique, whatever the case."]
Name = Annotated[Personal, "The principal's name, as people read it."]
Mail = Annotated[Personal | None, "The mail address, if any."]
Team = Annotated[str | None, "The team the principal belongs to, if any."]
Untied = Annotated[str, "The account that is another person's after all."]
Number = Annotated[int, "The number of the identity within the account."]

_CHANGED: Final[Mapping[str, Callable[[Any], object]]] = {
    "handle": HandleChanged,
    "name": NameChanged,
    "mail": MailChanged,
    "team": TeamChanged,
    "owner": OwnerChanged,
}


_ANEW: Final = (
    "take it away (`unlinkPrincipalIdentity`), and somebody else links it anew "
    "(`linkPrincipalIdentity`)."
)


# Describing.


def register(
    _state: None,
    context: Context,
    *,
    kind: Annotated[Kind, "Whether it is a person or a program."],
    handle: Handle,
    name: Name,
    mail: Mail = None,
    team: Team = None,
    owner: Annotated[str | None, "The person responsible for a program."] = None,
    identity: Annotated[NewIdentity | None, "Who the principal is at an issuer."] = None,
) -> list[Any]:
    """Give a person or a program an account; it holds no right yet.

    An identity given with it counts once a second person has verified it.
    """
    problems = Problems()
    check_subject(problems, kind, context.subject)
    check_handle(problems, context, handle)
    check_details(problems, {"name": name, "mail": mail, "team": team})
    check_owner(problems, context, kind, owner)
    if identity is not None:
        check_firsthand(problems, context)
        check_identity(problems, context, identity, "identity")
    problems.settle()
    found: list[Any] = [Registered(kind, handle, name, mail, team, owner)]
    if identity is not None:
        found.append(_linked(context, identity))
    return found


def edit(
    state: Principal,
    context: Context,
    *,
    handle: Handle | Keep = KEEP,
    name: Name | Keep = KEEP,
    mail: Mail | Keep = KEEP,
    team: Team | Keep = KEEP,
    owner: Annotated[str, "The person responsible for a program."] | Keep = KEEP,
) -> list[Any]:
    """Describe a principal anew; what is left out stays, and what is the same is no event."""
    given = {"handle": handle, "name": name, "mail": mail, "team": team, "owner": owner}
    new = {each: value for each, value in given.items() if value is not KEEP}
    changed = {each: value for each, value in new.items() if value != getattr(state, each)}
    problems = Problems()
    check_firsthand(problems, context)
    _check_changed(problems, context, state, changed)
    problems.settle()
    return [_CHANGED[each](value) for each, value in changed.items()]


def _check_changed(
    problems: Problems, context: Context, state: Principal, changed: dict[str, Any]
) -> None:
    if "handle" in changed:
        check_handle(problems, context, changed["handle"])
    check_details(problems, changed)
    if "owner" in changed:
        check_owner(problems, context, state.kind, changed["owner"])
    if changed.keys() & {"owner", "team"}:
        check_others(problems, context, state, changed.get("owner"))
        check_former(problems, state, changed)


# Identities and accounts of the same person.


def link_identity(
    state: Principal,
    context: Context,
    *,
    issuer: Annotated[str, "Who vouches for the identity, such as the URL of a sign-in server."],
    subject: Annotated[Personal, "The issuer's own id of the principal."],
) -> list[Any]:
    """Say who the principal is at an issuer; it counts once a second person has verified it."""
    problems = Problems()
    check_firsthand(problems, context)
    check_identity(problems, context, NewIdentity(issuer, subject))
    known = any((each.issuer, each.subject) == (issuer, subject) for each in state.identities)
    problems.unless(not known, "linked_already", "This identity is linked.", "subject")
    few = len(state.identities) < MOST_TIES
    problems.unless(few, "too_many", f"At most {MOST_TIES} of these.", "subject")
    problems.settle()
    return [_linked(context, NewIdentity(issuer, subject))]


def verify_identity(state: Principal, context: Context, *, identity: Number) -> list[Any]:
    """Confirm an identity that somebody else linked; it maps to the principal from now on.

    Only while who linked it still may.
    """
    known = _identity(state, identity)
    problems = Problems()
    check_firsthand(problems, context)
    waits = known.verified_by is None
    problems.unless(waits, "verified_already", "This identity is verified.", "identity")
    own = known.linked_by in askers(context)
    problems.unless(not own, "own_proposal", "Who linked it may not verify it.", "identity")
    if waits:
        by, others = (known.linked_by,), known.other_grants
        check_first(problems, context, by, known.grant, _ANEW, "identity", others=others)
    check_identity(problems, context, NewIdentity(known.issuer, known.subject), "identity")
    problems.settle()
    return [IdentityVerified(identity)]


def unlink_identity(state: Principal, context: Context, *, identity: Number) -> list[Any]:
    """Take an identity away; it maps to nobody from now on."""
    known = _identity(state, identity)
    problems = Problems()
    check_firsthand(problems, context)
    problems.settle()
    return [IdentityUnlinked(known.number)]


def _linked(context: Context, identity: NewIdentity) -> IdentityLinked:
    by_operator = context.by == OPERATOR
    said = (identity.issuer, identity.subject)
    return IdentityLinked(*said, by_operator, *rights(context))


def _identity(state: Principal, number: int) -> Identity:
    known = state.identity(number)
    if known is None:
        raise refusal("unknown_identity", "The account has no such identity.", "identity")
    return known


def link_account(
    state: Principal,
    context: Context,
    *,
    account: Annotated[str, "The other account of the same person."],
) -> list[Any]:
    """Note that two accounts are the same person's; neither may do what the other may not."""
    problems = Problems()
    check_firsthand(problems, context)
    check_linking(problems, context, state, account)
    problems.settle()
    return [AccountLinked(account)]


def unlink_account(state: Principal, context: Context, *, account: Untied) -> list[Any]:
    """Ask to untie an account of another person; the tie counts until a second person agrees.

    Nobody asks for accounts of their own, and linking the account again turns the wish down.
    """
    problems = Problems()
    check_firsthand(problems, context)
    check_linked(problems, state, account)
    check_others(problems, context, state, account)
    waits = _waits(_unlinking(state, account), context)
    problems.unless(not waits, "proposed_already", "This waits for a second person.", "account")
    problems.settle()
    return [UnlinkingProposed(account, *rights(context))]


def _waits(wish: Unlinking | None, context: Context) -> bool:
    """Whether it was asked for, by somebody who still may."""
    if wish is None:
        return False
    asked = (wish.proposed_by, wish.proposed_behalf)
    return not lost(asked, wish.grant, context.authority, others=wish.other_grants)


def confirm_unlinking(state: Principal, context: Context, *, account: Untied) -> list[Any]:
    """Agree, as a second person, that an account is another person's; it is untied from now on."""
    problems = Problems()
    check_firsthand(problems, context)
    check_second(problems, context, _unlinking(state, account))
    check_others(problems, context, state, account)
    problems.settle()
    return [AccountUnlinked(account)]


def _unlinking(state: Principal, account: str) -> Unlinking | None:
    return next((each for each in state.unlinking if each.account == account), None)


AGGREGATE = Aggregate(
    "principal",
    Principal,
    events=EVENTS,
    evolve=evolve,
    commands=(
        Command(register, operator=True),
        Command(edit, seen=Seen.VERSION, operator=True),
        Command(link_identity, operator=True),
        Command(verify_identity, deciding=True),
        Command(unlink_identity, operator=True),
        Command(link_account),
        Command(unlink_account),
        Command(confirm_unlinking, deciding=True),
        Command(suspend, operator=True),
        Command(reinstate, operator=True),
        Command(announce_absence),
        Command(record_absence),
        Command(end_absence),
    ),
    indexed=("handle", "kind", "team", "owner", "suspended"),
    fold=6,
)
