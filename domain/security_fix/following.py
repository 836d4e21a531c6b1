"""A fix that follows one that is out, and brings it to the versions which that did not reach."""

from __future__ import annotations

from typing import Any, Final

from domain.authority import Authority
from domain.kernel import Context, Problems, Records, distinct
from domain.security_fix.standing import finders
from domain.security_fix.state import SecurityFix, Status

FOLLOWED: Final = "It was found by whom the fix that it follows was."
"""How it is refused to name its finder as it is opened."""
NONE: Final = (
    "There is no such fix of the product and its project that is out. What is under way is "
    "followed once its release is published."
)
NEWER: Final = "It was followed by a fix that is out as well: follow that."


def followed(
    problems: Problems, context: Context, id: str | None, service: str, project: str
) -> SecurityFix | None:
    """The fix that is to be followed, if one is; noted where that is not out, or not the last.

    What is hidden is answered like what is not there.
    """
    if id is None:
        return None
    found = context.records.get(SecurityFix, id)
    out = found is not None and found.status is Status.RELEASED and not found.embargoed
    if found is None or not out or (found.service, found.project) != (service, project):
        problems.add("unknown_fix", NONE, "follows")
        return None
    newer = any(each.follows == id for each in _released(context.records, found))
    problems.unless(not newer, "followed_before", NEWER, "follows")
    return found


def _released(records: Records, near: SecurityFix) -> tuple[SecurityFix, ...]:
    """What is out of the same product and project."""
    return records.find(
        SecurityFix, service=near.service, project=near.project, status=Status.RELEASED
    )


def finder_of(
    before: SecurityFix | None, reporter: str | None, by: str, authority: Authority
) -> dict[str, Any]:
    """Who found it, and whom that keeps out: as it is of the fix that it follows, if one is.

    What is ported may be another hole, so that who opens it is kept out as well until a second
    person agrees that it was found by the same; whoever was kept out before is freed by no word of
    theirs (X-04).
    """
    if before is None:
        return {"reporter": reporter}
    kept = {"kept_out": distinct((*before.kept_out, by)), "finder_agreed": before.finder_agreed}
    found = {"report": before.report, "reporter": before.finder, "follows": before.id}
    return found | kept | {"proposed": by not in finders(before, authority)}
