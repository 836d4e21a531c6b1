"""Whoever is given something to do with what is hidden may know of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from domain.authority import Authority
from domain.authorship import accounts, lost
from domain.gate import Act
from domain.grant.checks import CLEARANCES
from domain.grant.state import Grant, Status
from domain.kernel import Context, Problems, is_person
from domain.office import OWNER_SUSPENDED, UNANSWERED, answered
from domain.titles import person_name
from domain.wording import ANY

_READ: Final = "merge_request.read_embargoed"


def is_told(context: Context, record: Any, who: str) -> bool:
    """Whether somebody may know of a record, hidden or not."""
    return not getattr(record, "embargoed", False) or context.sees(who, record)


def check_cleared(
    problems: Problems, context: Context, record: Any, who: str, project: str | None, *path: str
) -> None:
    """Note somebody who may not know of a hidden record, and who could change that (S1-12).

    A program does not while who owns it is suspended, whatever clearances there are.
    """
    if is_told(context, record, who):
        return
    if not answered(context.authority, who):
        noted = any((e.code, e.path) == (OWNER_SUSPENDED, path) for e in problems)
        problems.unless(noted, OWNER_SUSPENDED, UNANSWERED, *path)
        return
    place = f"in {project}" if project else "once it names a project"
    given = "them role:cleared"
    if not is_person(who):
        given = "it role:cleared_bot, and who owns it role:cleared,"
    message = (
        f"They may not know of what is hidden: an administrator gives {given} {place}, and a "
        "second one confirms it."
    )
    problems.add("not_cleared", message, *path)


def clearing(
    authority: Authority,
    people: Collection[str],
    project: str,
    who: Callable[[str], frozenset[str]],
    at: datetime,
) -> tuple[Act, ...]:
    """That one of these, who may not know of what is hidden, is cleared, by two (S1-12).

    Where one was given that and it waits, the second is left, while who gave it still may. `who`
    tells who may ask for an action.
    """
    give, confirm = "grant.give", "grant.confirm"
    then = "Confirm what was given, as a second administrator."
    able, every = who(confirm), sorted({*people, *_owners(authority, people)})
    waiting = [each for person in every for each in _waiting(authority, person, project)]
    stands = [each for each in waiting if not _is_void(each, authority)]
    if seconds := frozenset[str]().union(*(_seconds(authority, e, able) for e in stands)):
        return (Act(confirm, seconds, 1, then),)
    wanted = _wanted(authority, people, project, who(_READ), at)
    told = f"Give {wanted} in {project}, as far as that is over or was never there."
    anew = (Act(give, who(give), 1, told), Act(confirm, able, 1, then))
    return (_turn_down(who), *anew) if waiting else anew


def _turn_down(who: Callable[[str], frozenset[str]]) -> Act:
    told = "Turn down what was given by somebody who is suspended, or has lost the right to."
    return Act("grant.revoke", who("grant.revoke"), 1, told)


def _is_void(grant: Grant, authority: Authority) -> bool:
    """Whether nobody may confirm it: who gave it may not any more."""
    givers, right = (grant.granted_by, grant.granted_behalf), grant.granted_grant
    return lost(givers, right, authority, others=grant.granted_grants)


def _owners(authority: Authority, people: Iterable[str]) -> frozenset[str]:
    """Who owns the programs among these."""
    known = (authority.person(each) for each in people if not is_person(each))
    return frozenset(each.owner for each in known if each is not None and each.owner)


def _wanted(
    authority: Authority,
    people: Collection[str],
    project: str,
    knowing: frozenset[str],
    at: datetime,
) -> str:
    """Which clearance whom is to be given: of a program that has it, and its owner not, the owner.

    `knowing` are those who may know of what is hidden there.
    """
    named, bots = _named(authority, people), all(not is_person(each) for each in people)
    if not bots:
        return f"{named} role:cleared"
    owners = _owners(authority, people)
    if owners & knowing:
        return f"{named} role:cleared_bot"
    held = (each for bot in people for each in _clearances(authority, bot, project))
    if owners and any(e.status is Status.ACTIVE and not e.has_run_out(at) for e in held):
        return f"{_named(authority, owners)} role:cleared"
    return f"{named} role:cleared_bot, and who owns it role:cleared"


def _named(authority: Authority, people: Iterable[str]) -> str:
    return " or ".join(sorted(person_name(authority.person(each)) for each in people))


def _clearances(authority: Authority, person: str, project: str) -> Iterator[Grant]:
    """What somebody was given that clears them for the project, whatever became of it."""
    for each in authority.grants_of(person):
        if each.role in CLEARANCES and each.value in (ANY, project):
            yield each


def _waiting(authority: Authority, person: str, project: str) -> Iterator[Grant]:
    """The clearances for the project that wait for a second person."""
    every = _clearances(authority, person, project)
    return (each for each in every if each.status is Status.PROPOSED)


def _seconds(authority: Authority, grant: Grant, able: frozenset[str]) -> frozenset[str]:
    """Those who may confirm it: neither who gave it nor who gets it."""
    givers = filter(None, (grant.granted_by, grant.granted_behalf))
    own = accounts(givers, authority, grant.granted_at) | authority.linked(grant.person)
    return able - own - {grant.person}
