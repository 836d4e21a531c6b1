"""Who asks: the accounts behind a request, and whether what it says was seen at first hand."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from domain.authorship import accounts, lost
from domain.kernel import OPERATOR, Context, Problems, is_person
from domain.office import OWNER_SUSPENDED, UNANSWERED, answered

if TYPE_CHECKING:  # principals are asked for by somebody, too
    from domain.authority import Authority
    from domain.principal.state import Principal


def asking(context: Context) -> frozenset[str]:
    """Who asks and for whom: to look for among the people with every account of theirs.

    One side alone is widened. Else two would count as one because a program was the one's and is
    the other's.
    """
    return frozenset(filter(None, (context.by, context.behalf)))


def askers(context: Context) -> frozenset[str]:
    """The same with every account behind which they stand: to look for these very people there."""
    return accounts(asking(context), context.authority, context.at)


def itself(by: str, authority: Authority, since: datetime) -> frozenset[str]:
    """Who asks, by this very account, with the programs they own since then, or who owns them.

    For what one's own word gives a right to. That a link ties accounts, or that a program got
    another owner, takes one administrator: it takes rights away, and gives none.
    """
    near = filter(None, map(authority.person, authority.linked(by)))
    pairs = ((each.id, each.owner) for each in near if each.owner and _kept(each, since))
    tied = (pair for pair in pairs if by in pair)
    return frozenset((by,)).union(*tied)


def _kept(program: Principal, since: datetime) -> bool:
    """Whether nobody else owned it since then."""
    left = (each.until for each in program.former if each.owner)
    return all(until <= since for until in left)


def check_firsthand(problems: Problems, context: Context) -> None:
    """Note that rights come from acts done here and in person.

    A claim about an act elsewhere gives none, and a delegate votes in another's place and does
    nothing else there: else who lends a seat would lend everything one may.
    """
    lent = is_person(context.by) and context.behalf is not None
    problems.unless(not lent, "not_in_person", "Nobody does this in another person's place.")
    check_claim(problems, context)


def check_claim(problems: Problems, context: Context) -> None:
    """Note that a claim about an act elsewhere gives nobody a right; a delegate's vote may."""
    message = "A claim about an act elsewhere gives nobody a right here."
    problems.unless(not context.claimed, "mere_claim", message)


def other_grants(context: Context) -> tuple[str, ...]:
    """Every grant but `context.grant` by which the policy lets the asker, or whom they act for."""
    if context.grant is None:
        return ()
    found = context.grants(context.behalf or context.by)
    return tuple(each for each in found if each != context.grant)


def rights(context: Context) -> tuple[str | None, tuple[str, ...]]:
    """The grant by which the policy lets the asker, and every other one: kept with their word."""
    return context.grant, other_grants(context)


def check_operator(problems: Problems, context: Context) -> None:
    """Note that only the operator at the machine does this."""
    message = "Only the operator at the machine does this."
    problems.unless(context.by == OPERATOR, "operator_only", message)


def check_active(problems: Problems, context: Context, principal: str, *path: str) -> None:
    """Note a principal that nobody knows or that is suspended, and a program whose owner is."""
    known = context.authority.person(principal) is not None
    problems.unless(known, "unknown_person", "Nobody has this id.", *path)
    free = not context.authority.suspended(principal)
    problems.unless(free, "suspended_person", "This account is suspended.", *path)
    responsible = answered(context.authority, principal)
    problems.unless(responsible, OWNER_SUSPENDED, UNANSWERED, *path)


def check_first(
    problems: Problems,
    context: Context,
    asked: tuple[str | None, ...],
    grant: str | None,
    instead: str,
    *path: str,
    others: tuple[str, ...] = (),
) -> None:
    """Note that who asked first may not any more: one person alone would do what takes two."""
    stays = not lost(asked, grant, context.authority, others=others)
    message = f"Who asked for it is suspended, or has lost the right to: {instead}"
    problems.unless(stays, "proposer_lost", message, *path)


def check_human(problems: Problems, principal: str, *path: str) -> None:
    """Note a program where only a person can stand."""
    problems.unless(is_person(principal), "machine", "This takes a person.", *path)
