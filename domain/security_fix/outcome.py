"""Whether a security fix went out with a release, and if not, why: by what the release took."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, NamedTuple

from domain.process.fix import SecurityFixKind
from domain.process.release import ReleaseKind
from domain.release.standing import late_phases
from domain.release.state import Release
from domain.security_fix.readiness import Completeness
from domain.security_fix.state import ENDED, SecurityFix


class Cause(StrEnum):
    """Why a fix does not go out with a release.

    OTHER_PRODUCT: the release is of another one. OTHER_KIND: fixes go out with releases of other
    kinds. OPENED_LATER: there was no fix yet when the release took no more. OVER: the fix was out
    or dismissed before. UNLINKED: it was taken off the release. LINKED_ELSEWHERE: it goes out with
    another one. INCOMPLETE: it lacked something when the release took no more. NOT_LINKED: it was
    complete, and nobody linked it. NOT_INCLUDED: it is linked, and the release has not all of its
    merge requests. GIVEN_UP: the release itself does not go out.
    """

    OTHER_PRODUCT = "other_product"
    OTHER_KIND = "other_kind"
    OPENED_LATER = "opened_later"
    OVER = "over"
    UNLINKED = "unlinked"
    LINKED_ELSEWHERE = "linked_elsewhere"
    INCOMPLETE = "incomplete"
    NOT_LINKED = "not_linked"
    NOT_INCLUDED = "not_included"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a release takes of a security fix, by what the release had when it took no more.

    That is when it came to the phase from which nothing more is included, else when it was
    published or given up, else now. What went out is looked at as it was published.
    """

    included: Annotated[bool, "Whether it goes out with the release, or went out with it."]
    taken_until: Annotated[datetime | None, "When it took no more; null while it still does."]
    settled_at: Annotated[datetime | None, "When it was published or given up; null before."]
    causes: Annotated[tuple[Cause, ...], "Why it does not; none if it does."]
    tracker: Annotated[str | None, "The release it was linked to by then."]
    merge_requests: Annotated[tuple[str, ...], "Those of the fix that the release has not."]
    completeness: Annotated[
        Completeness | None, "What it lacked when the release took no more; null before it was."
    ]
    unlinked_at: Annotated[
        datetime | None, "When it was last taken off the release; null if it never was by then."
    ] = None


class Mark(NamedTuple):
    """Something that became true of a release: where and when, of which kind, at which phase."""

    position: int
    at: datetime
    kind: str
    phase: str | None = None


PUBLISHED: Final = "release.published"
OVER: Final = ("release.closed", "release.aborted")
ENTERED: Final = "release.phase_entered"
MARKS: Final = (ENTERED, PUBLISHED, *OVER)
"""The kinds of events by which a release takes no more, or is settled."""


def settled(marks: Iterable[Mark]) -> Mark | None:
    """When it was published, else when it ended, if it did."""
    known = tuple(marks)
    out = (each for each in known if each.kind == PUBLISHED)
    return next(out, next((each for each in known if each.kind in OVER), None))


def full(marks: Iterable[Mark], kind: ReleaseKind) -> Mark | None:
    """When it took no more: by its phase, else as it was settled (S1-11)."""
    known = tuple(marks)
    late = [each.name for each in late_phases(kind)]
    entered = (each for each in known if each.kind == ENTERED and each.phase in late)
    return next(entered, settled(known))


@dataclass(frozen=True, slots=True)
class Taken:
    """A fix beside a release: as it stood when that took no more, and when it was settled.

    `unlinked` says that it was taken off this release, `inside` what the release has, `closed`
    which merge requests were given up.
    """

    release: Release
    kind: SecurityFixKind
    then: SecurityFix | None
    last: SecurityFix | None
    found: Completeness | None
    unlinked: bool
    inside: Collection[str]
    closed: Collection[str]


def absent(taken: Taken) -> tuple[str, ...]:
    """The merge requests of a linked fix that the release has not; closed ones are not missed."""
    last = taken.last
    if last is None or last.tracker != taken.release.id:
        return ()
    lacking = (each for each in last.merge_requests if each not in taken.inside)
    return tuple(each for each in lacking if each not in taken.closed)


def causes(taken: Taken) -> Iterator[Cause]:
    """Everything that keeps it, or kept it, from going out with the release (S1-27)."""
    release, last = taken.release, taken.last
    if release.ended_at is not None and release.published_at is None:
        yield Cause.GIVEN_UP
    if last is not None and last.service != release.service:
        yield Cause.OTHER_PRODUCT
    if release.kind not in taken.kind.trackers:
        yield Cause.OTHER_KIND
    if last is not None and last.tracker == release.id:
        if absent(taken):
            yield Cause.NOT_INCLUDED
    else:
        yield from _unlinked(taken)


def _unlinked(taken: Taken) -> Iterator[Cause]:
    then, last, found = taken.then, taken.last, taken.found
    if then is None or last is None:
        yield Cause.OPENED_LATER
        return
    if taken.unlinked:
        yield Cause.UNLINKED
    if last.tracker is not None:
        yield Cause.LINKED_ELSEWHERE
    if then.status in ENDED:
        yield Cause.OVER
    elif found is None or not found.complete:
        yield Cause.INCOMPLETE
    elif not taken.unlinked and last.tracker is None:
        yield Cause.NOT_LINKED
