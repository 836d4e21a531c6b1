"""Reports on commits and packages: what is told of them in the open, and what hides."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from domain.evidence_state import Evidence
from domain.kernel import Records, Then
from domain.merge_request.state import MergeRequest
from domain.release.state import Release


def in_the_open(
    reports: Collection[Evidence], records: Records, shown: Collection[str] = ()
) -> tuple[Evidence, ...]:
    """Those that are of nothing hidden now: what is, is as absent, until it is shown.

    Of the merge requests and releases in `shown` it is known already that they are not hidden.
    """
    requests = frozenset(e.merge_request for e in reports if e.merge_request).difference(shown)
    releases = frozenset(e.release for e in reports if e.release).difference(shown)
    secret = records.find(MergeRequest, id=requests) if requests else ()
    made = records.find(Release, id=releases) if releases else ()
    hidden = {each.id for each in secret if each.embargoed}
    hidden |= {each.id for each in made if each.embargoed}
    return tuple(e for e in reports if hidden.isdisjoint((e.merge_request, e.release)))


def hiding(
    subjects: Iterable[str | None],
    project: str | None,
    records: Records,
    *,
    merge_request: str | None = None,
    release: str | None = None,
) -> list[Then]:
    """That what was reported of these commits and packages for the project, or for any, hides.

    So it does from the moment they become part of something hidden; what hides with something else
    already is left there. What is hidden in one project takes nothing from the gates of another:
    there nobody could tell why they closed.
    """
    wanted = frozenset(each for each in subjects if each)
    found = records.find(Evidence, subject=wanted) if wanted else ()
    given = {"merge_request": merge_request, "release": release}
    owner = merge_request or release
    own = (each for each in found if project in (None, each.project))
    free = (e for e in own if not e.embargoed and owner not in (e.merge_request, e.release))
    return [Then("evidence.conceal", each.id, given) for each in free]
