"""How long a right lasts: from its first moment up to, but not including, its last."""

from __future__ import annotations

from datetime import datetime

from domain.kernel import Problems


def in_force(since: datetime, until: datetime | None, at: datetime) -> bool:
    """Whether a right that begins at `since` and has ended at `until` is in force at `at`."""
    return since <= at and (until is None or at < until)


def overlap(
    since: datetime, until: datetime | None, other_since: datetime, other_until: datetime | None
) -> bool:
    """Whether two terms have a moment in common."""
    return (until is None or other_since < until) and (other_until is None or since < other_until)


def check_term(
    problems: Problems, at: datetime, since: datetime | None, until: datetime | None
) -> datetime:
    """Note a term that begins before `at`, or ends before it begins; answer its beginning.

    A right given for the past would make decisions good that were not, so it begins now or later.
    """
    problems.unless(
        since is None or since >= at, "since_passed", "This moment has passed.", "since"
    )
    begin = at if since is None else since
    if until is not None and until <= at:
        problems.add("until_passed", "This moment has passed.", "until")
    elif until is not None and until <= begin:
        problems.add("ends_before_it_begins", "It ends before it begins.", "until")
    return begin
