"""What keeps a role from being given as asked."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from domain.askers import askers, check_active, check_firsthand
from domain.grant.state import Grant, Scope
from domain.kernel import OPERATOR, Context, Problems, is_person
from domain.term import overlap
from domain.wording import ANY, check_name

CLEARANCE: Final = "role:cleared"
PROGRAMS: Final = "role:cleared_bot"
"""The clearance of a program: it reads and acts, and decides nothing, whatever a policy allows."""
CLEARANCES: Final = (CLEARANCE, PROGRAMS)
"""The roles that show what is hidden, and are never held for good."""
LONGEST_CLEARANCE: Final = timedelta(days=366)
LONGEST_LEASE: Final = timedelta(days=31)
"""How long a mapped grant lasts without being renewed."""
FOUNDERS: Final = 2
"""So many people have to hold a role before the operator may appoint nobody to it any more."""

_ROLE: Final = re.compile(r"role:[a-z][a-z0-9_]{0,59}")
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")


class Offer(NamedTuple):
    """What is to be held, by whom, and for how long."""

    person: str
    role: str
    scope: Scope | None
    value: str
    since: datetime
    until: datetime | None


def check_role(problems: Problems, context: Context, role: str) -> None:
    """Note a role that is misspelt or that the adopted policy does not know."""
    good = _ROLE.fullmatch(role)
    problems.unless(good, "role_unusable", "A role is written role:<name>, in lower case.", "role")
    known = not context.authority.roles or role in context.authority.roles
    problems.unless(known, "unknown_role", "The adopted policy has no such role.", "role")


def check_scope(
    problems: Problems, context: Context, scope: Scope | None, value: str | None
) -> None:
    """Note a scope kind without a value, a value without a kind, and a board nobody knows."""
    if scope is None:
        message = "A value stands with the kind of thing it is."
        problems.unless(value is None, "value_without_scope", message, "value")
    elif value is None:
        problems.add("value_missing", "Say for what, or `any`.", "value")
    elif value != ANY:
        check_name(problems, value, "value")
        lost = scope is Scope.BOARD and context.authority.board(value) is None
        problems.unless(not lost, "unknown_board", "There is no such board.", "value")


def check_offer(problems: Problems, context: Context, offer: Offer, value: str | None) -> None:
    """Note what is wrong with a grant, whoever gives it; `value` is as it was asked for."""
    check_firsthand(problems, context)
    check_active(problems, context, offer.person, "person")
    check_role(problems, context, offer.role)
    check_scope(problems, context, offer.scope, value)
    own = offer.person in askers(context)
    problems.unless(not own, "own_grant", "Nobody gives a role to oneself.", "person")
    program = offer.role in context.authority.approving and not is_person(offer.person)
    program = program and offer.role != PROGRAMS
    problems.unless(not program, "machine", "A program holds no role that decides.", "person")


def check_giver(problems: Problems, context: Context, offer: Offer) -> None:
    """Note a grant that is held already, that has no end, or that is not the operator's to give."""
    _check_clearance(problems, context, offer)
    known = (each for each in context.authority.grants_of(offer.person) if each.group is None)
    held = any(
        _same(each, offer) and overlap(offer.since, offer.until, each.since, each.until)
        for each in known
    )
    problems.unless(not held, "held_already", "This is held, or proposed, already.", "role")
    if context.by == OPERATOR:
        held_by = context.authority.holders(offer.role, None, frozenset(), context.at)
        people = {context.authority.linked(each) for each in held_by}
        message = "Enough people hold this role to give and confirm it themselves."
        problems.unless(len(people) < FOUNDERS, "needs_second_person", message, "role")


def _check_clearance(problems: Problems, context: Context, offer: Offer) -> None:
    """Note a clearance that is not for a time: it is a dated grant."""
    if offer.role not in CLEARANCES:
        return
    dated = offer.until is not None
    problems.unless(dated, "until_missing", "A clearance is given for a time.", "until")
    near = offer.until is None or offer.until <= context.at + LONGEST_CLEARANCE
    message = f"At most {LONGEST_CLEARANCE.days} days from now."
    problems.unless(near, "until_too_far", message, "until")


def check_mapped(
    problems: Problems, context: Context, offer: Offer, group: str, source: str
) -> None:
    """Note a group's grant that is asked for by a person, of nowhere, or in force already."""
    message = "Only the directory's program says what a group brings."
    problems.unless(not is_person(context.by), "not_a_program", message)
    check_name(problems, group, "group")
    good = _DIGEST.fullmatch(source)
    problems.unless(good, "digest_unusable", "A digest is sha256:<64 hex>.", "mapping")
    known = (each for each in context.authority.grants_of(offer.person) if each.group == group)
    held = any(_same(each, offer) and not each.has_run_out(context.at) for each in known)
    problems.unless(not held, "held_already", "This is held, or proposed, already.", "role")


def check_lease(problems: Problems, context: Context, until: datetime) -> None:
    """Note a time that has passed, or that is too far away."""
    problems.unless(until > context.at, "until_passed", "This moment has passed.", "until")
    message = f"At most {LONGEST_LEASE.days} days from now."
    problems.unless(until <= context.at + LONGEST_LEASE, "until_too_far", message, "until")


def _same(grant: Grant, offer: Offer) -> bool:
    same = (grant.role, grant.scope, grant.value) == (offer.role, offer.scope, offer.value)
    return same and grant.revoked_at is None
