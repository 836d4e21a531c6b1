"""Releases that wait for, or derive from, each other: each must exist, and none leads to itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from domain.kernel import Context, Problems, Records
from domain.playbook.aggregate import Playbook
from domain.process.release import ReleaseKind
from domain.release.commands.parent import faults
from domain.release.commands.wording import MOST_DEPENDENCIES
from domain.release.embargo import known
from domain.release.state import Plan, Release

CIRCLE: Final = "releases_in_a_circle"
Under = tuple[str, ReleaseKind]
Next = Callable[[Plan], Iterable[str]]
"""The releases that a plan names."""


def check_dependencies(problems: Problems, context: Context, id: str, plan: Plan) -> None:
    """Note releases that are not there, or that wait for this one, whichever way around."""
    path, before = ("plan", "depends_on"), len(problems)
    message = f"At most {MOST_DEPENDENCIES} of these."
    problems.unless(len(plan.depends_on) <= MOST_DEPENDENCIES, "too_many", message, *path)
    once = len(set(plan.depends_on)) == len(plan.depends_on)
    problems.unless(once, "named_twice", "A release stands here twice.", *path)
    if len(problems) > before:
        return
    for at, other in enumerate(plan.depends_on):
        if other != id and known(context.records.get(Release, other)) is None:
            problems.add("unknown_release", "There is no such release.", *path, str(at))
        elif _leads_to(context.records, other, id, lambda each: each.depends_on):
            message = "That release waits for this one, so neither could ever go out."
            problems.add(CIRCLE, message, *path, str(at))


def check_parent(
    problems: Problems, context: Context, id: str, plan: Plan, under: Under | None
) -> None:
    """Note a parent that is missing, of another kind, series or service, or derived from this one.

    `under` is the playbook's id and the kind of the release. Its parent's kind is one of that
    playbook, in whichever version; where none is named any will do (S0-03). Without `under`, as
    where the playbook has no such kind, only what goes for every kind is looked at.
    """
    kind, path = under[1] if under else None, ("plan", "parent_release")
    if plan.parent_release is None:
        if kind is not None and kind.parent is not None:
            message = f"A {kind.title} derives from a {kind.parent}; name it."
            problems.add("parent_missing", message, *path)
        return
    parent = known(context.records.get(Release, plan.parent_release))
    if parent is None or (under and not _fits(parent, context.records, *under)):
        message = "There is no such release of the kind it derives from."
        problems.add("unknown_release", message, *path)
    elif _leads_to(context.records, parent.id, id, _parents):
        problems.add(CIRCLE, "That release is this one, or derives from it.", *path)
    elif kind is not None:
        for code, told in faults(parent, plan, kind):
            problems.add(code, told, *path)


def _fits(parent: Release, records: Records, playbook: str, kind: ReleaseKind) -> bool:
    if kind.parent is None or parent.kind != kind.parent:
        return kind.parent is None
    book, own = (records.get(Playbook, each) for each in (parent.playbook, playbook))
    return book is not None and own is not None and book.name == own.name


def _parents(plan: Plan) -> tuple[str, ...]:
    return () if plan.parent_release is None else (plan.parent_release,)


def _leads_to(records: Records, id: str, wanted: str, names: Next) -> bool:
    """Whether the release, or one it leads to, is the wanted one; each is looked at once."""
    seen: set[str] = set()
    left = {id}
    while left:
        if wanted in left:
            return True
        seen |= left
        found = records.find(Release, id=frozenset(left))
        left = {other for each in found for other in names(each.plan)} - seen
    return False
