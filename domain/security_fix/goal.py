"""Which versions a fix has to cover: those of the release that it goes out with (X-02, S1-22)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.kernel import Records
from domain.process.release import Matter, ReleaseStatus
from domain.process.support import Support, line_of, order, scope
from domain.release.commands.ties import projects_of
from domain.release.standing import closed_since
from domain.release.standing import kind_of as kind_of_release
from domain.release.state import ENDED as OVER
from domain.release.state import Release
from domain.security_fix.earlier import earlier
from domain.security_fix.standing import kind_of, policy_of
from domain.security_fix.state import SecurityFix
from domain.stable_line.state import StableLine, lines, lines_then


@dataclass(frozen=True, slots=True)
class Goal:
    """The lines that a fix has to cover, and those that the policy reaches beside them, each once.

    Newest first. `beside` are lines that came out since the release was opened: the fix may go
    there as well, and has to once the release has a version of one, unless that is `shut`: then
    it takes nothing more.
    """

    required: tuple[str, ...]
    beside: tuple[str, ...] = ()
    shut: bool = False


def goal(state: SecurityFix, records: Records, at: datetime, release: Release | None) -> Goal:
    """What a fix has to cover to go out with a release; without one, by the policy of the moment.

    A release covers what the policy reached when it was opened, whatever came out or was withdrawn
    since, and what else it has a version of that the policy reaches by now, or reached then by what
    was known of lines. LookupError when a playbook is gone.
    """
    found = records.find(StableLine, service=state.service)
    now = scope(policy_of(state, records), lines(found), at)
    if release is None:
        return Goal(now)
    policy = kind_of_release(release, records).support or policy_of(state, records)
    then = release.opened_at
    asked = scope(policy, lines_then(found, then), then) or now
    known = scope(policy, lines_then(found, then, alone=True), then)
    own = {each for each in _lines(policy, release) if each in now or each in known}
    required = tuple(sorted({*asked, *own}, key=order, reverse=True))
    beside = tuple(each for each in now if each not in required)
    return Goal(required, beside, closed_since(release, records) is not None)


def _lines(policy: Support, release: Release) -> Iterator[str]:
    """The lines that the release has versions of; a version of no line has none."""
    for version in release.plan.versions:
        try:
            yield line_of(policy, version)
        except ValueError:
            continue


def is_given_up(release: Release) -> bool:
    """Whether it does not go out, so that what is linked to it goes out with another.

    What was published is out, also once it was given up.
    """
    return release.status is ReleaseStatus.ABORTED and release.published_at is None


def trackers(state: SecurityFix, records: Records) -> list[Release]:
    """The releases of the product that are still to come, of the kinds that fixes go out with.

    A fix in the open goes by those in the open alone: what it has to cover reads for everybody.
    """
    kinds = kind_of(state, records).trackers
    ahead = records.find(Release, service=state.service, kind=frozenset(kinds)) if kinds else ()
    told = (each for each in ahead if state.embargoed or not each.embargoed)
    return [each for each in told if each.status not in OVER and each.published_at is None]


def taking(state: SecurityFix, records: Records) -> list[Release]:
    """Those of them that still take what is ready (S1-11)."""
    return [each for each in trackers(state, records) if closed_since(each, records) is None]


def hindrance(
    state: SecurityFix, release: Release, records: Records, at: datetime
) -> tuple[str, str] | None:
    """Why a release cannot take the fix, as a code and in words; None where it can.

    What is hidden goes into what is hidden. The release has a version of every line that the fix
    covers for it and is not out there yet, is of a product that its project is known to be of, and
    has room for it.
    """
    title = release.plan.title
    if state.embargoed and not release.embargoed:
        return "release_in_the_open", f"{title} is in the open, and takes nothing that is hidden."
    policy = kind_of_release(release, records).support or policy_of(state, records)
    own, out = set(_lines(policy, release)), earlier(state, records)
    asked = [each for each in goal(state, records, at, release).required if each not in own]
    left = [each for each in asked if policy.branch(each) not in out]
    if left:
        return "line_missing", f"{title} has no version of {', '.join(left)}."
    if not _is_of(state, release, records):
        told = f"{state.project} is not known to be of {release.plan.service}, which {title} is of."
        return "project_of_other_service", told
    if _is_taken(state, release, records):
        return "not_a_single_change", f"{title} is for one fix alone, and has another one."
    return None


def _is_of(state: SecurityFix, release: Release, records: Records) -> bool:
    """Whether its project is known to be of the release's product, as it stays once it is linked.

    Of what is hidden, hidden releases tell that as well.
    """

    def knows(other: Release) -> bool:
        return state.embargoed or not other.embargoed

    if release.plan.project in (None, state.project) or state.tracker == release.id:
        return True
    return bool(projects_of(records, release.plan.service, (state.project,), knows))


def _is_taken(state: SecurityFix, release: Release, records: Records) -> bool:
    """Whether it takes one fix alone, and another one is linked to it."""
    if not _is_single(release, records):
        return False
    return any(each.id != state.id for each in records.find(SecurityFix, tracker=release.id))


def _is_single(release: Release, records: Records) -> bool:
    """Whether it is made for one fix alone (S1-49)."""
    rows = kind_of_release(release, records).requirements
    return any(each.about is Matter.SINGLE_CHANGE for each in rows)


def able(state: SecurityFix, records: Records, at: datetime) -> list[Release]:
    """Those that still take what is ready, and can take this one."""
    ahead = taking(state, records)
    return [each for each in ahead if hindrance(state, each, records, at) is None]


def choices(state: SecurityFix, records: Records, at: datetime) -> list[Release]:
    """What a fix that is complete for it is linked to by itself, the next by date first (S1-27).

    Whatever else is open, so that the history of a fix that is out tells nothing of that. What is
    made for one fix alone gets the one it is made for by hand.
    """
    ahead = (each for each in able(state, records, at) if not _is_single(each, records))
    return sorted(ahead, key=_turn)


def upcoming(state: SecurityFix, records: Records) -> Release | None:
    """The next release that takes what is ready, if there is one."""
    return min(taking(state, records), key=_turn, default=None)


def _turn(release: Release) -> tuple[bool, datetime, str]:
    """What is dated goes by its date, before what is not; that by when it was opened."""
    when = release.scheduled or release.opened_at
    return release.scheduled is None, when, release.id


def aims(state: SecurityFix, records: Records, at: datetime) -> Iterable[str]:
    """Every line that it may go to without asking, for one release or another."""
    ahead = [None, *trackers(state, records)]
    goals = [goal(state, records, at, release) for release in ahead]
    return {line for each in goals for line in (*each.required, *each.beside)}
