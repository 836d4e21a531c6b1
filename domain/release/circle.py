"""Releases that wait for each other: each must exist, and none may wait for itself in the end."""

from __future__ import annotations

from domain.kernel import Context, Problems, Records
from domain.release.embargo import known
from domain.release.state import Plan, Release
from domain.release.wording import MOST_DEPENDENCIES


def check_dependencies(problems: Problems, context: Context, id: str, plan: Plan) -> None:
    """Note releases that are not there, or that wait for this one, whichever way around."""
    path = ("plan", "depends_on")
    message = f"At most {MOST_DEPENDENCIES} of these."
    problems.unless(len(plan.depends_on) <= MOST_DEPENDENCIES, "too_many", message, *path)
    once = len(set(plan.depends_on)) == len(plan.depends_on)
    problems.unless(once, "named_twice", "A release stands here twice.", *path)
    if problems:
        return
    for at, other in enumerate(plan.depends_on):
        if other != id and known(context.records.get(Release, other)) is None:
            problems.add("unknown_release", "There is no such release.", *path, str(at))
        elif _waits_for(context.records, other, id):
            message = "That release waits for this one, so neither could ever go out."
            problems.add("releases_in_a_circle", message, *path, str(at))


def _waits_for(records: Records, id: str, wanted: str) -> bool:
    """Whether the release, or one it waits for, is the wanted one; each is looked at once."""
    seen: set[str] = set()
    left = {id}
    while left:
        if wanted in left:
            return True
        seen |= left
        found = records.find(Release, id=frozenset(left))
        left = {other for each in found for other in each.plan.depends_on} - seen
    return False
