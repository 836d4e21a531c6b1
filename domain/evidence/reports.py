"""Reports on commits and packages: what is told of them in the open, and what hides."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime

from domain.evidence.state import Evidence
from domain.inclusion import Inclusion
from domain.kernel import Records, Then
from domain.merge_request.state import MergeRequest
from domain.package import Package
from domain.process.release import ReleaseStatus
from domain.release.state import Release
from domain.release.whereabouts.under_way import GOING_ON

Counts = Callable[[Evidence], bool]
"""Whether the word of a report counts for whoever judges."""


class Reports:
    """What was reported of commits and packages, as far as whoever judges by it may know of it."""

    def __init__(self, every: Iterable[Evidence], untold: Collection[str] = ()) -> None:
        """Judge by these; of those that are `untold` it is not known how they ended."""
        self.untold = untold
        self.by_name: dict[tuple[str, str], list[Evidence]] = {}
        for each in sorted(every, key=lambda each: (each.reported_at, each.id)):
            self.by_name.setdefault((each.subject, each.name), []).append(each)

    def told(self, subject: str, name: str) -> list[Evidence]:
        """What may be told of this name on a subject, oldest first."""
        found = self.by_name.get((subject, name), ())
        return [each for each in found if each.id not in self.untold]

    def last(self, name: str, subjects: Iterable[str], counts: Counts) -> tuple[Evidence, ...]:
        """The newest report of this name on each subject, of those that count, in that order.

        None at all where one of these is hidden: then it is not known how the check ended, whatever
        was reported before or of another subject. So hiding a report opens nothing in the open.
        """
        found = self._newest(name, subjects, counts)
        return () if self._hide(found) else found

    def hides(self, name: str, subjects: Iterable[str], counts: Counts) -> bool:
        """Whether one of these is hidden."""
        return self._hide(self._newest(name, subjects, counts))

    def _hide(self, found: Iterable[Evidence]) -> bool:
        return any(each.id in self.untold for each in found)

    def _newest(self, name: str, subjects: Iterable[str], counts: Counts) -> tuple[Evidence, ...]:
        every = (reversed(self.by_name.get((each, name), ())) for each in subjects)
        newest = (next(filter(counts, each), None) for each in every)
        return tuple(each for each in newest if each is not None)


def judged(
    reports: Collection[Evidence], records: Records, *, hidden: bool, shown: Collection[str] = ()
) -> Reports:
    """These reports for whoever judges by them: all of them in secret, else what may be told.

    What names the manifest of a hidden release says nothing in the open, neither good nor bad: it
    is a word on that release. Of the merge requests and releases in `shown` it is known already
    that they are not hidden.
    """
    if hidden:
        return Reports(reports)
    secret = _secret(reports, records, shown)
    near = [each for each in reports if not (each.apart and each.release in secret)]
    return Reports(near, _of(reports, secret))


def untold(
    reports: Collection[Evidence], records: Records, shown: Collection[str] = ()
) -> frozenset[str]:
    """The ids of those that are of something hidden now."""
    return _of(reports, _secret(reports, records, shown))


def _of(reports: Collection[Evidence], secret: frozenset[str]) -> frozenset[str]:
    return frozenset(e.id for e in reports if not secret.isdisjoint((e.merge_request, e.release)))


def _secret(
    reports: Collection[Evidence], records: Records, shown: Collection[str]
) -> frozenset[str]:
    """The merge requests and releases that these are of and that are hidden now."""
    requests = frozenset(e.merge_request for e in reports if e.merge_request).difference(shown)
    releases = frozenset(e.release for e in reports if e.release).difference(shown)
    found = records.find(MergeRequest, id=requests) if requests else ()
    made = records.find(Release, id=releases) if releases else ()
    hidden = {each.id for each in found if each.embargoed}
    return frozenset(hidden | {each.id for each in made if each.embargoed})


def in_the_open(
    reports: Collection[Evidence], records: Records, shown: Collection[str] = ()
) -> tuple[Evidence, ...]:
    """Those that are of nothing hidden now: what is, is as absent, until it is shown."""
    hidden = untold(reports, records, shown)
    return tuple(each for each in reports if each.id not in hidden)


def open_to_all(
    subjects: Collection[str],
    project: str | None,
    records: Records,
    *,
    besides: str | None = None,
    before: datetime | None = None,
) -> frozenset[str]:
    """Which commits and packages everybody may know of, however much that is hidden has them too.

    A merge request in the open, `besides` this one, has one as its head, was merged as it, or had
    it as something was reported of it; or a release in the open that goes on is made of one, or
    that was closed with what it is a commit of; or it is, or a package was built of it that was
    recorded `before` that moment, if one is given.
    """
    if not subjects:
        return frozenset()
    wanted, own = frozenset(subjects), {} if project is None else {"project": project}
    headed = records.find(MergeRequest, head=wanted, **own)
    requests = (*headed, *records.find(MergeRequest, merge_commit=wanted, **own))
    made = records.find(Release, status=GOING_ON, embargoed=False)
    near = (each for each in made if project is None or each.plan.project in (None, project))
    aims = {subject for each in near for t in each.targets for subject in (t.commit, t.package)}
    others = [each for each in requests if not each.embargoed and each.id != besides]
    commits = {commit for each in others for commit in (each.head, each.merge_commit)}
    known = wanted.intersection(aims | commits | set(_built(wanted, records, before)))
    known |= _reported(wanted - known, own, besides, records)
    hidden = frozenset(each.id for each in requests).difference(each.id for each in others)
    return known | _closed_with(wanted - known, hidden, records)


def _reported(
    wanted: frozenset[str], own: Mapping[str, str], besides: str | None, records: Records
) -> frozenset[str]:
    """Those that a merge request in the open had as its head when a report was there."""
    found = records.find(Evidence, subject=wanted, **own) if wanted else ()
    tied = frozenset(id for each in found for id in _headed(each)) - {besides}
    requests = records.find(MergeRequest, id=tied) if tied else ()
    shown = {each.id for each in requests if not each.embargoed}
    return frozenset(each.subject for each in found if not shown.isdisjoint(_headed(each)))


def _headed(report: Evidence) -> tuple[str, ...]:
    """The merge requests whose head it is of, or was."""
    own = (report.merge_request,) if report.merge_request else ()
    return (*own, *report.heads)


def heading(head: str, project: str, merge_request: str, records: Records) -> list[Then]:
    """That a report which was there before a merge request in the open had this head knows of it.

    So what was told of it stays told once that moved on, whatever hidden thing has the commit then.
    One report of a commit is enough.
    """
    found = records.find(Evidence, subject=head, project=project)
    told = [each for each in found if not each.embargoed]
    if not told or any(merge_request in _headed(each) for each in told):
        return []
    return [Then("evidence.head", told[0].id, {"merge_request": merge_request})]


def _closed_with(
    wanted: frozenset[str], hidden: frozenset[str], records: Records
) -> frozenset[str]:
    """Those that releases in the open are made of which were closed with what is hidden there."""
    if not wanted or not hidden:
        return frozenset()
    inside = records.find(Inclusion, reference=wanted | hidden)
    ids = frozenset(each.release for each in inside)
    ended = records.find(Release, id=ids, embargoed=False) if ids else ()
    closed = (each for each in ended if each.status is ReleaseStatus.CLOSED)
    aims = {subject for each in closed for t in each.targets for subject in (t.commit, t.package)}
    return wanted.intersection(aims)


def _built(
    wanted: frozenset[str], records: Records, before: datetime | None
) -> Iterator[str | None]:
    """The commits and digests of packages that read for everybody; none of what is only claimed."""
    named = records.find(Package, digest=wanted)
    for each in (*records.find(Package, commit=wanted), *named):
        if not each.claimed and (before is None or each.built_at < before):
            yield from (each.commit, each.digest)


def hiding(
    subjects: Iterable[str | None],
    project: str | None,
    records: Records,
    *,
    merge_request: str | None = None,
    release: str | None = None,
    seen: bool = False,
) -> list[Then]:
    """That what was reported of these commits and packages for the project, or for any, hides.

    So it does from the moment they become part of something hidden; what hides with something else
    already is left there. What is hidden in one project takes nothing from the gates of another,
    nor from what everybody may know by now: there nobody could tell why they closed. Nor does it
    take what was told `at_large`, but where everybody had `seen` what hides now.
    """
    wanted = frozenset(each for each in subjects if each)
    wanted -= open_to_all(wanted, project, records, besides=merge_request)
    found = records.find(Evidence, subject=wanted) if wanted else ()
    given = {"merge_request": merge_request, "release": release}
    owner = merge_request or release
    near = (each for each in found if seen or not each.at_large)
    own = (each for each in near if project in (None, each.project))
    free = (e for e in own if not e.embargoed and owner not in (e.merge_request, e.release))
    return [Then("evidence.conceal", each.id, given) for each in free]
