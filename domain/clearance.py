"""Whoever is given something to do with what is hidden may know of it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from domain.authority import Authority
from domain.gate import Act
from domain.kernel import Context, Problems, is_person
from domain.office import OWNER_SUSPENDED, UNANSWERED, answered
from domain.titles import person_name


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
) -> tuple[Act, ...]:
    """That one of these, who may not know of what is hidden, is cleared, by two (S1-12).

    `who` tells who may ask for an action.
    """
    named = " or ".join(sorted(person_name(authority.person(each)) for each in people))
    bots = all(not is_person(each) for each in people)
    given = "role:cleared_bot, and who owns it role:cleared" if bots else "role:cleared"
    told = f"Give {named} {given} in {project}, as far as that is over or was never there."
    then = "Confirm what was given, as a second administrator."
    give, confirm = "grant.give", "grant.confirm"
    return Act(give, who(give), 1, told), Act(confirm, who(confirm), 1, then)
