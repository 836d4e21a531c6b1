"""Whoever is given something to do with what is hidden may know of it."""

from __future__ import annotations

from typing import Any

from domain.kernel import Context, Problems, is_person
from domain.office import OWNER_SUSPENDED, UNANSWERED, answered


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
