"""Requirements about what a release contains, and about what has to go first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from domain.change.covering import commits_of, requests_of
from domain.deployment.dwelling import NOT_WORKING
from domain.gate import Act, Finding, or_else
from domain.inclusion import Inclusion, ItemKind
from domain.merge_request.state import Status
from domain.process.release import RequirementRow
from domain.release.checks.astray import ELSEWHERE, helping, wanting
from domain.release.checks.moving import merging_ways
from domain.release.checks.shut import including
from domain.release.evidence.carried import identity
from domain.release.gate.naming import how_many, item_name, listed, of_items
from domain.release.gate.question import Question, found
from domain.release.state import Release
from domain.release.whereabouts.brought import holding
from domain.release.whereabouts.live import Arrivals, arrivals
from domain.release.whereabouts.mending import mending
from domain.release.whereabouts.there import ELSE_THERE, GAVE_WAY, running

_BROUGHT: Final = {
    "": "",
    NOT_WORKING: "found not to work in",
    ELSE_THERE: "replaced by something else in",
    GAVE_WAY: "replaced by something older in",
}
"""What became of what was brought somewhere, best first: it runs, or how it is said why not."""
_PUT_IN: Final = "Put in the changes that answer for what is in it."
_TIE: Final = "Tie a change to what it brings; then have it approved anew."
_ONCE: Final = 2
"""The version of what was put in and taken out once."""


def present(ask: Question, row: RequirementRow, _gate: str) -> Finding:
    """Something goes out: nothing merged means no release (S4-11); of changes in it, if asked.

    With `by_change` a change is in it, and whatever else is in it is of one of these (S3-34).
    """
    inside = any(each.included for each in ask.ever_included)  # as far as who asks is told
    if ask.state.item_count == 0 or not inside:
        message = "The release is empty."
        return found(row, row.title, None, "nothing_included", message, *putting_in(ask))
    if row.by_change and (left := _without_change(ask)):
        acts = (ask.act("release.include", _PUT_IN), Act("change.link", description=_TIE))
        return every(ask, row, left, "without_change", "of no change that is in it", *acts)
    if _is_news(ask, row):
        return found(row, row.title, "it is", "", "")
    message = "Everything in it went out with the releases before."
    return found(row, row.title, None, "nothing_merged", message, *putting_in(ask))


def putting_in(ask: Question) -> tuple[Act, ...]:
    """What helps where nothing is in it."""
    return including(ask, "Put in what is to go out.")


def _without_change(ask: Question) -> list[Inclusion]:
    """What no change in it answers for, or all while there is none.

    What is hidden is asked for none, since no change is tied to it.
    """
    if not ask.changes:
        return list(ask.items)
    commits = (commits_of(each, (), None) for each in ask.changes.values())
    of_one = requests_of(ask.changes.values()).union(ask.changes, *commits)
    return [each for each in ask.items if not _is_of_one(ask, each, of_one)]


def _is_of_one(ask: Question, item: Inclusion, names: Collection[str]) -> bool:
    """Whether an item, or the merge request that it is or is of, goes by one of these names."""
    ids = [id for id in (item.reference, item.covered_by) if id]
    near = [ask.merge_requests[id] for id in ids if id in ask.merge_requests]
    told = (*ids, *(id for each in near for id in (each.head, each.merge_commit)))
    return any(id in names for id in told) or any(each.embargoed for each in near)


def _is_news(ask: Question, row: RequirementRow) -> bool:
    """Whether something in it went out with no release of its kind and service before."""
    if not row.since_last:
        return True
    alike = {
        each.id: each
        for each in ask.others.values()
        if (each.kind, each.service) == (ask.state.kind, ask.state.service)
    }
    went = {id: arrivals(ask, each) for id, each in alike.items()}
    gone = {
        name
        for each in ask.ever_carried
        if each.release in went and _went_out(each, went[each.release])
        for name in _names(ask, each, alike[each.release])
    }
    return any(gone.isdisjoint(_names(ask, each)) for each in ask.items)


def _went_out(item: Inclusion, came: Arrivals) -> bool:
    """Whether it was in its release as that arrived, also if it was taken out since.

    Once that came anew without it, only where people used it before. Of what came in more than
    once it is not known when it came in first.
    """
    if (taken := item.taken_at) is None:
        return bool(came.anywhere)
    without = any(at > taken for at in came.anywhere)
    again = item.version > _ONCE
    counted = came.used if without else came.anywhere
    return any((again or item.put_at <= at) and at < taken for at in counted)


def deployed(ask: Question, row: RequirementRow, _gate: str) -> tuple[Finding, ...]:
    """Everything included runs in the environment, by this release or another (S0-06).

    What was found not to work there, or gave way to something older, runs there no more. What was
    given up is not brought there: it is taken out.
    """
    where = row.environment or ""
    by, told = _by_what_became_of_it(ask, where), list[Finding]()
    ways = _bringing(ask, where, next((e for e, which in by.items() if ask.state.id in which), ""))
    left = [] if ask.state.id in by.get("", ()) else list(ask.originals)
    gone = _given_up(ask, left, _brought(ask, by.get("", {})))
    left = [each for each in left if each not in gone]
    for code in filter(by.get, _BROUGHT):
        names, lacking = _brought(ask, by[code]), _BROUGHT[code]
        those = [each for each in left if not names.isdisjoint(_names(ask, each))]
        ids = {each.id for each in those}
        left = [each for each in left if each.id not in ids]
        if code and those:
            told.append(every(ask, row, those, code, f"{lacking} {where}", *ways[0]))
    stray = [each for each in wanting(ask) if each in left]
    left = [each for each in left if each not in stray]
    if left or not (told or gone or stray):
        ways = tuple((*merges, *each) for merges in _merging(ask, left) for each in ways)
        told.append(every(ask, row, left, "changes_not_deployed", f"not in {where}", *ways[0]))
    told = [or_else(each, *ways[1:]) for each in told]
    if stray:
        lacking, (first, *rest) = f"not in {where}, and {ELSEWHERE}", helping(ask, stray)
        answer = every(ask, row, stray, "changes_not_deployed", lacking, *first)
        told.append(or_else(answer, *rest))
    if gone:
        out = ask.act("release.exclude", "Take out what was given up.")
        lacking = f"given up, and not in {where}"
        told.append(every(ask, row, gone, "changes_not_deployed", lacking, out))
    return tuple(told)


def _merging(ask: Question, left: Iterable[Inclusion]) -> Iterator[tuple[Act, ...]]:
    """That what is open is merged first, in each way: only what is merged goes anywhere."""
    own = (ask.request_of(each) for each in left)
    waiting = [each for each in own if each is not None and each.status is Status.OPEN]
    for acts, _ in merging_ways(ask, waiting, "Merge what is open of that first."):
        yield acts if waiting else ()


def _given_up(
    ask: Question, left: Collection[Inclusion], there: Collection[tuple[ItemKind, str]]
) -> list[Inclusion]:
    """What was closed, or taken back after it was merged, and is not `there`."""
    every = ((each, ask.request_of(each)) for each in left)
    gone = [each for each, request in every if request is not None and request.given_up]
    return [e for e in gone if not any(name in there for name in _names(ask, e))]


def _bringing(ask: Question, where: str, code: str) -> tuple[tuple[Act, ...], ...]:
    """What brings there what lacks: this release, where its kind goes there, or another.

    `code` is that of why what this one contains does not run there.
    """
    other = ask.act("release.deploy", f"Deploy to {where}, with another release, what lacks.")
    own = mending(ask, where, code) if where in ask.kind.environments else ()
    return (*own, (other,))


def _by_what_became_of_it(ask: Question, environment: str) -> dict[str, dict[str, Release]]:
    """This and the others with what it contains, by the code why that does not run there, or ""."""
    found: dict[str, dict[str, Release]] = {}
    for each in (ask.state, *holding(ask, ask.others.values(), environment).values()):
        lacking = running(ask, each, environment)
        found.setdefault(lacking.code if lacking else "", {})[each.id] = each
    return found


def _brought(ask: Question, by: Mapping[str, Release]) -> set[tuple[ItemKind, str]]:
    """What the release contains that these have, by all that it goes by there."""
    carriers = (each for each in ask.ever_carried if each.included and each.release in by)
    return {name for each in carriers for name in _names(ask, each, by[each.release])}


def _names(
    ask: Question, item: Inclusion, of: Release | None = None
) -> tuple[tuple[ItemKind, str], ...]:
    """What an item goes by: itself, and the merge request that it is a commit of."""
    project = (of or ask.state).plan.project
    return _key(item), identity(item, ask.merge_requests, project)


def _key(item: Inclusion) -> tuple[ItemKind, str]:
    return item.kind, item.reference


def every(
    ask: Question, row: RequirementRow, left: list[Inclusion], code: str, lacking: str, *acts: Act
) -> Finding:
    """A finding that is satisfied when nothing is left, and else names the first of it."""
    count = how_many(ask, (ask.request_of(each) for each in left))
    message = f"{count} {lacking}: {listed(item_name(ask, each) for each in left)}."
    return of_items(found(row, row.title, not left, code, message, *acts), left)
