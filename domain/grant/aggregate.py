"""Grants: who holds which role for what, given by whom, and since when.

Nobody gives a role to oneself, nor to an account or program of one's own. A role that lets its
holder decide (an approving role; the adopted policy tells) takes effect once a second person has
confirmed it, who is neither who gave it nor who gets it. The one exception is the operator at the
machine, whose grants take effect at once, for a role that fewer than two people hold: with fewer,
nobody could give it to a third and have that confirmed.

A group of the directory maps to grants like any other, not to rights of another sort. When a
person signs in, the directory's program records what the configured mapping says: role and scope,
with the group's name and the mapping's digest, for at most 31 days that `renew` prolongs and
`revoke` ends. One of an approving role waits for a person to confirm it, once. Who owns that
program gets nothing through it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final

from domain.askers import askers, asking, check_active, check_first, check_firsthand, rights
from domain.authorship import accounts
from domain.grant.checks import (
    Offer,
    check_giver,
    check_lease,
    check_mapped,
    check_offer,
)
from domain.grant.events import Confirmed, Given, GroupMapped, Renewed, Revoked, evolve
from domain.grant.state import Grant, Scope, Status
from domain.kernel import OPERATOR, Aggregate, Command, Context, Problems, Scopes, Text
from domain.term import check_term
from domain.wording import ANY, NOTE, check_given

__all__ = ["AGGREGATE", "Grant", "Scope", "Status"]

Holder = Annotated[str, "Who gets the role, a person or a program."]
Role = Annotated[str, "The role, such as role:release_manager."]
Kind = Annotated[Scope | None, "The kind of thing the role is limited to; none unless given."]
Value = Annotated[
    str | None, "The thing the role is limited to, a board by its id, or `any` for every one."
]


_ANEW: Final = "turn it down (`revokeGrant`), and somebody else gives it anew (`giveGrant`)."


def give(
    _state: None,
    context: Context,
    *,
    person: Holder,
    role: Role,
    scope: Kind = None,
    value: Value = None,
    since: Annotated[datetime | None, "When the role begins to be held; now unless given."] = None,
    until: Annotated[datetime | None, "When it ends; never unless given."] = None,
    reason: Annotated[Text, "Why this principal should hold the role."],
) -> list[Any]:
    """Give a role; one that lets its holder decide waits for a second person (S1-55, S4-27)."""
    problems = Problems()
    check_given(problems, reason, NOTE, "reason")
    begin = check_term(problems, context.at, since, until)
    offer = Offer(person, role, scope, value or ANY, begin, until)
    check_offer(problems, context, offer, value)
    check_giver(problems, context, offer)
    problems.settle()
    approving = role in context.authority.approving
    return [Given(*offer, approving, context.by == OPERATOR, reason, *rights(context))]


def map_group(
    _state: None,
    context: Context,
    *,
    person: Holder,
    role: Role,
    scope: Kind = None,
    value: Value = None,
    until: Annotated[datetime, "When the role ends, unless it is renewed before."],
    group: Annotated[str, "The group, as the directory names it."],
    mapping: Annotated[str, "The digest of the mapping that gives the group this role."],
) -> list[Any]:
    """Record what a group of the directory brings; for the program that signs people in."""
    problems = Problems()
    check_lease(problems, context, until)
    offer = Offer(person, role, scope, value or ANY, context.at, until)
    check_offer(problems, context, offer, value)
    check_mapped(problems, context, offer, group, mapping)
    problems.settle()
    approving = role in context.authority.approving
    term = (context.at, until)
    told = (person, role, scope, offer.value, *term, approving, group, mapping)
    return [GroupMapped(*told, *rights(context))]


def confirm(state: Grant, context: Context) -> list[Any]:
    """Agree, as a second person, that the role be held; it is effective from now on.

    Only while who gave it still may: else one person alone would give it.
    """
    problems = Problems()
    check_firsthand(problems, context)
    newly = state.confirmed_at is None and state.role in context.authority.approving
    waits = state.status is Status.PROPOSED or (state.status is Status.ACTIVE and newly)
    problems.unless(waits, "not_awaited", "This grant waits for nobody.")
    problems.unless(not state.has_run_out(context.at), "run_out", "Its time is over.")
    check_active(problems, context, state.person)
    if waits:
        _check_two(problems, state, context)
    problems.settle()
    return [Confirmed()]


def _check_two(problems: Problems, state: Grant, context: Context) -> None:
    """Note a confirmation by who gave or gets it, or of what was given by one who lost that."""
    proposers = (state.granted_by, state.granted_behalf)
    givers = accounts(filter(None, proposers), context.authority, state.granted_at)
    apart = givers.isdisjoint(asking(context))
    problems.unless(apart, "own_proposal", "Who gave it may not confirm it.")
    own = state.person in askers(context)
    problems.unless(not own, "own_grant", "Who gets it may not confirm it.")
    others = state.granted_grants
    check_first(problems, context, proposers, state.granted_grant, _ANEW, others=others)


def renew(
    state: Grant,
    context: Context,
    *,
    until: Annotated[datetime, "When the role ends, unless it is renewed again."],
) -> list[Any]:
    """Prolong what a group brought; a grant that ran out is not renewed but recorded anew."""
    problems = Problems()
    check_firsthand(problems, context)
    problems.unless(state.group is not None, "not_mapped", "No group brought this grant.")
    problems.unless(state.revoked_at is None, "revoked_already", "This grant was revoked.")
    problems.unless(not state.has_run_out(context.at), "run_out", "Its time is over.")
    check_lease(problems, context, until)
    problems.settle()
    longer = state.until is not None and until > state.until
    return [Renewed(until)] if longer else []


def revoke(
    state: Grant,
    context: Context,
    *,
    reason: Annotated[Text, "Why the role is taken away, or the proposal turned down."],
) -> list[Any]:
    """Take a role away or turn its proposal down; votes that used it and still wait are void."""
    problems = Problems()
    check_firsthand(problems, context)
    check_given(problems, reason, NOTE, "reason")
    problems.unless(state.revoked_at is None, "revoked_already", "This grant was revoked.")
    problems.settle()
    return [Revoked(reason)]


def _scopes(state: Grant | None, _command: str, arguments: Mapping[str, Any]) -> Scopes:
    """Where a grant is given is where its role would be held."""
    scope = state.scope if state else arguments.get("scope")
    value = state.value if state else arguments.get("value")
    return {Scope(scope).value: frozenset((value or ANY,))} if scope else {}


AGGREGATE = Aggregate(
    "grant",
    Grant,
    events=(Given, GroupMapped, Confirmed, Renewed, Revoked),
    evolve=evolve,
    commands=(
        Command(give, operator=True),
        Command(map_group),
        Command(confirm, deciding=True),
        Command(renew),
        Command(revoke, operator=True),
    ),
    scopes=_scopes,
    indexed=("person", "role", "scope", "value", "status", "granted_by", "group"),
    fold=3,
)
