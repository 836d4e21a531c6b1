"""A change stays as it was while what it answers for is on its way, and where that stands.

What went out stands where it was neither rolled back nor replaced by another build. What is hidden
holds nothing, since nothing may be told of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple

from domain.change.another_name import as_another, bare, names_of, stands_by_hand
from domain.change.state import Change, Link, LinkKind, Status
from domain.content import Content
from domain.deployment.cancelled import went_with
from domain.deployment.dwelling import joined
from domain.deployment.state import Deployment
from domain.deployment.state import Status as Deployed
from domain.inclusion import Inclusion
from domain.kernel import Problems, Records
from domain.merge_request.state import MergeRequest
from domain.package import Package
from domain.process.release import EnvironmentKind
from domain.release.evidence.made_of import same_build
from domain.release.parts import Progress
from domain.release.standing import pinned
from domain.release.state import Release
from domain.release.whereabouts.by_hand import covered, set_off

_HELD: Final = "It is on its way to {}: it stays as it is until that has ended."
_LEFT: Final = (
    "It went out to {}: have it carried out and say how it went, or have that rolled back."
)
_MOVED: Final = (
    "It went out to {}: have that rolled back first, or open another change for what else is to be."
)
_TIED: Final = "It went out to {} with that, and stays tied to it unless that is rolled back."

_UNDECIDED: Final = frozenset(
    (Status.DRAFT, Status.ASSESSING, Status.AUTHORIZING, Status.ON_HOLD, Status.CANCELLED)
)
"""Where a change answers for nothing."""


class _Out(NamedTuple):
    """Where it stands, and since when at the latest that was settled to go there."""

    where: str
    since: datetime


def check_still(problems: Problems, state: Change, records: Records) -> None:
    """Note that the change is on its way: the gate looked at it as it was then (S3-02)."""
    where = next(_on_the_way(state, records), None)
    problems.unless(where is None, "being_deployed", _HELD.format(where))


def check_not_out(problems: Problems, state: Change, records: Records) -> None:
    """Note that it went out, and is not taken back: it ends by its outcome."""
    if stands := _standing(state, records):
        problems.add("work_begun", _LEFT.format(_named(stands)))


def check_moved(problems: Problems, state: Change, content: Content, records: Records) -> None:
    """Note what would no longer name what went out: its service, or where that stands (X-01)."""
    same = content.service == state.content.service
    gone = set(state.content.environments).difference(content.environments)
    if same and not gone:
        return
    stands = _standing(state, records)
    if stands and not same:
        problems.add("work_begun", _MOVED.format(_named(stands)), "content", "service")
    if left := [each for each in stands if each.where in gone]:
        problems.add("work_begun", _MOVED.format(_named(left)), "content", "environments")


def check_untied(problems: Problems, state: Change, tie: Link, records: Records) -> None:
    """Note a tie by which one knows what went out; one to what came up later may be cut."""
    since = _tied_since(state, tie, records)
    if since is None:
        return
    if stands := [each for each in _standing(state, records) if since <= each.since]:
        problems.add("work_begun", _TIED.format(_named(stands)), "reference")


def _tied_since(state: Change, tie: Link, records: Records) -> datetime | None:
    """Since when it may have gone out with what it is tied to; None where it never may have."""
    if tie.kind is LinkKind.COMMIT:
        found = (each.at for each in state.commits if each.commit == tie.reference)
        return next(found, state.opened_at)
    if tie.kind is LinkKind.MERGE_REQUEST:
        request = records.get(MergeRequest, tie.reference)
        return request.merged_at if request else None
    return None


def _named(places: Collection[_Out]) -> str:
    return ", ".join(dict.fromkeys(each.where for each in places))


# On its way.


def _on_the_way(state: Change, records: Records) -> Iterator[str]:
    for each in records.find(Deployment, status=Deployed.RUNNING):
        if state.id in each.wish.changes:
            yield each.environment
    for release, items in _releases(state, records):
        for one in release.deliveries:
            goes = one.progress is Progress.RUNNING and _held(items, one.started_at)
            if goes and _live(state, release, one.environment, records):
                yield one.environment


# Out.


def _standing(state: Change, records: Records) -> tuple[_Out, ...]:
    """Where it went out to and stands; what was never submitted went nowhere."""
    if state.status is Status.DRAFT and state.revision == 1:
        return ()
    return tuple(sorted({*_deployed(state, records), *_delivered(state, records)}))


def _deployed(state: Change, records: Records) -> Iterator[_Out]:
    """Where what they brought stands that named it, also as another deployment brought it anew."""
    now = records.find(Deployment, current=True)
    own = {"service": state.content.service, "status": Deployed.SUCCEEDED}
    before = [each for each in records.find(Deployment, **own) if not each.current]
    for each in (*now, *before):
        if state.id not in each.wish.changes:
            continue
        if _stands(each, _still_of(state, each, now, before, records), records):
            yield _Out(each.environment, each.started_at or each.requested_at)


def _still_of(
    state: Change,
    one: Deployment,
    now: Collection[Deployment],
    before: Collection[Deployment],
    records: Records,
) -> tuple[Deployment, ...]:
    """What stands, without what brought the same build back for other changes that answer for it.

    That is once another build had taken its place: what merely came over it hides nothing.
    """
    others = (each for each in now if each.id != one.id and one.stands)
    gone = [
        each.id
        for each in others
        if state.id not in (went := went_with(each, records))
        and _answered(each, went, records)
        and _back(one, each, before, records)
    ]
    return tuple(each for each in now if each.id not in gone)


def _answered(one: Deployment, went: Collection[str], records: Records) -> bool:
    """Whether a change that went with it, for this service and place, was approved for it."""
    named = filter(None, (records.get(Change, each) for each in went))
    return any(
        each.status not in _UNDECIDED
        and each.content.service == one.service
        and one.environment in each.content.environments
        for each in named
    )


def _back(
    one: Deployment, other: Deployment, before: Collection[Deployment], records: Records
) -> bool:
    """Whether the other brought the same build back after that was gone since the one."""
    every = (each for each in (one, other, *before) if _same(other, each, records))
    spans = joined(span for each in every for span in each.stands)
    return bool(spans) and one.stands[-1].since < spans[-1].since


def _stands(one: Deployment, now: Collection[Deployment], records: Records) -> bool:
    """Whether the build that it is about stands where it goes, brought by hand over it included."""
    here = [each for each in now if _same(one, each, records)]
    if any(not covered(records, each, hidden=False) for each in here):
        return True
    made = names_of(records.get(Package, one.package)) if one.arrived else frozenset()
    return bool(made) and stands_by_hand(made, one.service, one.environment, records)


def _same(one: Deployment, other: Deployment, records: Records) -> bool:
    """Whether both bring the same build to the same place, by whatever name."""
    if one.environment != other.environment or one.service != other.service:
        return False
    ids = (one.package, other.package)
    return ids[0] == ids[1] or same_build(*(records.get(Package, each) for each in ids))


def _delivered(state: Change, records: Records) -> Iterator[_Out]:
    """Where releases stand that went there with it, of where they bring only what is authorised."""
    for release, items in _releases(state, records):
        for where, *moments in (*_kept(state, release, records), *_by_hand(release, records)):
            if _held(items, *moments) and _live(state, release, where, records):
                yield _Out(where, max(moments))


def _kept(
    state: Change, release: Release, records: Records
) -> Iterator[tuple[str, *tuple[datetime, ...]]]:
    """Where what it went by stands, kept here, and when that set off or last counted.

    What it tried last is told of what stands there as well, if that is the same build; what counted
    for it is whatever it tried since.
    """
    places = frozenset(each.environment for each in release.deliveries)
    own: dict[str, Any] = {"service": release.service, "environment": places}
    now = records.find(Deployment, current=True, **own) if places else ()
    done = records.find(Deployment, status=Deployed.SUCCEEDED, **own) if now else ()
    before = [each for each in done if not each.current]

    def stands(one: Deployment) -> bool:
        return _stands(one, _still_of(state, one, now, before, records), records)

    for each in done:
        if each.wish.belongs_to == release.id and stands(each):
            yield each.environment, each.started_at or each.requested_at
    for counted in release.counted:
        there = records.get(Deployment, counted.deployment) if now else None
        if there is not None and stands(there):
            yield counted.environment, counted.since, counted.at
    for last in release.deliveries:
        tried = records.get(Deployment, last.deployment) if last.deployment else None
        if tried is not None and stands(tried):
            yield last.environment, *filter(None, (last.started_at, last.counted_at))


def _by_hand(release: Release, records: Records) -> Iterator[tuple[str, datetime]]:
    """Where it stands by hand, also beneath what was tried since, and when it set off there."""
    for span in release.stood:
        last = release.delivery(span.environment)
        stands = span.until is None and (
            bare(release, span, records) or as_another(release, span.environment, records)
        )
        if last is not None and stands:
            yield span.environment, set_off(span)


# What releases hold of it.


def _releases(state: Change, records: Records) -> Iterator[tuple[Release, list[Inclusion]]]:
    """The releases that ever had it or a commit of it in them, with what that was."""
    own = records.find(Inclusion, reference=state.id)
    items = [e for e in (*own, *records.find(Inclusion, covered_by=state.id)) if not e.embargoed]
    ids = frozenset(each.release for each in items)
    for release in records.find(Release, id=ids) if ids else ():
        if not release.embargoed:
            yield release, [each for each in items if each.release == release.id]


def _held(items: Collection[Inclusion], *moments: datetime) -> bool:
    """Whether any of them was in its release at one of these moments."""
    return any(each.was_in(at) for each in items for at in moments)


def _live(state: Change, release: Release, environment: str, records: Records) -> bool:
    """Whether it was approved for that, or people use it there."""
    place = pinned(release, records).environment(environment)
    used = place is not None and place.kind is EnvironmentKind.PRODUCTION
    return used or environment in state.content.environments
