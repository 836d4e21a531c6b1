"""A fix that follows one that is out, and brings it to the versions which that did not reach."""

from __future__ import annotations

from typing import Any, Final

from domain.kernel import Context, Records, refusal
from domain.security_fix.state import SecurityFix, Status

FOLLOWED: Final = "It was found by whom the fix that it follows was."
"""How it is refused to name its finder as it is opened."""
NONE: Final = (
    "There is no such fix of the product and its project that is out. What is under way is "
    "followed once its release is published."
)
NEWER: Final = "It was followed by a fix that is out as well: follow that."


def followed(context: Context, id: str | None, service: str, project: str) -> SecurityFix | None:
    """The fix that is to be followed, if one is; a Refusal where that is not out, or not the last.

    What is hidden is answered like what is not there.
    """
    if id is None:
        return None
    found = context.records.get(SecurityFix, id)
    out = found is not None and found.status is Status.RELEASED and not found.embargoed
    if found is None or not out or (found.service, found.project) != (service, project):
        raise refusal("unknown_fix", NONE, "follows")
    if any(each.follows == id for each in _released(context.records, found)):
        raise refusal("followed_before", NEWER, "follows")
    return found


def _released(records: Records, near: SecurityFix) -> tuple[SecurityFix, ...]:
    """What is out of the same product and project."""
    return records.find(
        SecurityFix, service=near.service, project=near.project, status=Status.RELEASED
    )


def finder_of(before: SecurityFix | None, reporter: str | None) -> dict[str, Any]:
    """Who found it, and whom that keeps out: as it is of the fix that it follows, if one is."""
    if before is None:
        return {"reporter": reporter}
    kept = {"kept_out": before.kept_out, "finder_agreed": before.finder_agreed}
    return {"report": before.report, "reporter": before.finder, "follows": before.id, **kept}
