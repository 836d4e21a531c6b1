"""What goes out with a release: any number of changes, merge requests and commits, many at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final

from domain.askers import check_claim, rights
from domain.change.state import Change
from domain.evidence.bare import hiding_bare
from domain.inclusion import Inclusion, ItemKind, item_id
from domain.kernel import Context, Problems, Text, Then, refusal
from domain.merge_request.state import MergeRequest
from domain.release.commands.going_out import check_still
from domain.release.commands.late import check_included
from domain.release.commands.own_service import CODE as OTHER_SERVICE
from domain.release.commands.own_service import foreign, told
from domain.release.commands.ties import check_projects
from domain.release.events import Excluded, Included, Item
from domain.release.standing import kind_of
from domain.release.state import ENDED, Release, contents_after, digest_of
from domain.wording import NOTE, check_commit, check_given

MOST_AT_ONCE: Final = 400
"""How many items one request may move; there may be any number of requests."""


@dataclass(frozen=True, slots=True)
class CommitItem:
    """A commit that goes out, and the change or merge request that answers for it."""

    commit: Annotated[str, "The full hash."]
    covered_by: Annotated[str | None, "The change or merge request it belongs to."] = None


def include(
    state: Release,
    context: Context,
    *,
    changes: Annotated[tuple[str, ...], "Changes that go out."] = (),
    merge_requests: Annotated[tuple[str, ...], "Merge requests that go out."] = (),
    commits: Annotated[tuple[CommitItem, ...], "Commits that go out."] = (),
) -> list[Any]:
    """Put things into the release, up to 400 at once: a new revision; what is in stays in.

    Past its cut-off it takes back what was in it by then, of security fixes once they are linked to
    it, and what stands in for a part of such a fix that was taken back.

    Changes, also those that answer for commits, are of its service, unless its kind spans services.
    """
    _check_open(state, context)
    items = _items(changes, merge_requests, commits)
    check_included(state, items, context.records)
    known = _known(context, state, items)
    fresh = tuple(each for each in items if not _is_in(known.get(_key(each))))
    problems = Problems()
    if fresh:
        check_still(problems, state, context)
    _check_items(problems, context, state, fresh)
    problems.settle()
    if not fresh:
        return []
    puts = [_put(state, each, known.get(_key(each))) for each in fresh]
    bare = (each.reference for each in fresh if each.kind is ItemKind.COMMIT)
    reports = hiding_bare(bare, state, context.records)
    return [Included(fresh, *_moved(state, fresh, "in", len(fresh))), *puts, *reports]


def exclude(
    state: Release,
    context: Context,
    *,
    changes: Annotated[tuple[str, ...], "Changes that do not go out."] = (),
    merge_requests: Annotated[tuple[str, ...], "Merge requests that do not go out."] = (),
    commits: Annotated[tuple[str, ...], "Commits that do not go out."] = (),
    reason: Annotated[Text, "Why they wait for another release."],
) -> list[Any]:
    """Take things out of the release: a new revision, which voids every vote."""
    _check_open(state, context)
    items = _items(changes, merge_requests, [CommitItem(each) for each in commits])
    known = _known(context, state, items)
    problems = Problems()
    check_given(problems, reason, NOTE, "reason")
    inside = all(_is_in(known.get(_key(each))) for each in items)
    problems.unless(inside, "not_included", "The release does not contain all of these.")
    problems.unless(items, "nothing_named", "Name what is to be taken out.")
    problems.settle()
    contents, revision, digest = _moved(state, items, "out", -len(items))
    grant, others = rights(context)
    right = {"grant": grant, "other_grants": others} if state.embargoed else {}
    takes = [Then("inclusion.remove", item_id(state.id, *_key(each)), right) for each in items]
    return [Excluded(items, contents, reason, revision, digest), *takes]


def withhold(
    state: Release, _context: Context, *, items: tuple[Item, ...], reason: str
) -> list[Any]:
    """Let go of a merge request that is hidden from now on, and of commits of it.

    Why is for who may know of it.
    """
    contents, revision, digest = _moved(state, items, "out", -len(items))
    return [Excluded(items, contents, reason, revision, digest)]


def _check_open(state: Release, context: Context) -> None:
    if state.status in ENDED:
        raise refusal("ended", "The release has ended.")
    if state.published_at is not None:
        raise refusal("published_before", "What was published stays as it was published.")
    problems = Problems()
    check_claim(problems, context)
    problems.settle()


def _items(
    changes: Iterable[str], merge_requests: Iterable[str], commits: Iterable[CommitItem]
) -> tuple[Item, ...]:
    """Everything named, each once; raises Refusal for more than may move at once."""
    items = {
        _key(each): each
        for each in (
            *(Item(ItemKind.CHANGE, id) for id in changes),
            *(Item(ItemKind.MERGE_REQUEST, id) for id in merge_requests),
            *(Item(ItemKind.COMMIT, each.commit, each.covered_by) for each in commits),
        )
    }
    if len(items) > MOST_AT_ONCE:
        raise refusal("too_many", f"At most {MOST_AT_ONCE} at once.")
    return tuple(items.values())


def _key(item: Item) -> tuple[ItemKind, str]:
    return item.kind, item.reference


def _known(
    context: Context, state: Release, items: Iterable[Item]
) -> dict[tuple[ItemKind, str], Inclusion]:
    """Those of the items that are in the release, or were once."""
    ids = frozenset(item_id(state.id, *_key(each)) for each in items)
    found = context.records.find(Inclusion, id=ids) if ids else ()
    return {(each.kind, each.reference): each for each in found}


def _is_in(known: Inclusion | None) -> bool:
    return known is not None and known.included


def _put(state: Release, item: Item, known: Inclusion | None) -> Then:
    id = item_id(state.id, *_key(item))
    if known is not None:
        return Then("inclusion.add_again", id, {"covered_by": item.covered_by})
    said = {"kind": item.kind, "reference": item.reference, "covered_by": item.covered_by}
    hidden = {"embargoed": state.embargoed}
    return Then("inclusion.add", id, {"release": state.id, **said, **hidden})


def _moved(state: Release, items: tuple[Item, ...], way: str, by: int) -> tuple[str, int, str]:
    """Contents, revision and digest once the items went in or out."""
    contents = contents_after(state.contents, {way: items})
    count, revision = state.item_count + by, state.revision + 1
    after = replace(state, contents=contents, item_count=count, revision=revision)
    return contents, revision, digest_of(after)


def _check_items(
    problems: Problems, context: Context, state: Release, items: tuple[Item, ...]
) -> None:
    """Note what is not there, and what a release of this service does not carry.

    An embargoed merge request is as unknown as an absent one, but for a release that is hidden too.
    """
    changes, merge_requests = _there(context, items, hidden=state.embargoed)
    kind = kind_of(state, context.records)
    beside = {each.project for each in merge_requests.values()} - {state.plan.project}
    check_projects(problems, context, state.plan.service, beside, "merge_requests")
    strangers = {each.id: each for each in foreign(kind, state.plan, changes.values())}
    for each in items:
        stranger, path = _stranger(each, strangers)
        if stranger is not None:
            problems.add(OTHER_SERVICE, told(state.plan, stranger), *path)
        if each.kind is ItemKind.COMMIT:
            check_commit(problems, each.reference, "commits")
            answers = each.covered_by in (None, *changes, *merge_requests)
            message = "There is no such change or merge request."
            problems.unless(answers, "unknown_subject", message, "commits", "covered_by")
        elif each.kind is ItemKind.CHANGE:
            known = each.reference in changes
            problems.unless(known, "unknown_change", "There is no such change.", "changes")
        else:
            known = each.reference in merge_requests
            message = "There is no such one."
            problems.unless(known, "unknown_merge_request", message, "merge_requests")


def _there(
    context: Context, items: tuple[Item, ...], *, hidden: bool
) -> tuple[dict[str, Change], dict[str, MergeRequest]]:
    """The changes among what is named, and the open-handed merge requests, by id."""
    named = {each.reference for each in items if each.kind is not ItemKind.COMMIT}
    ids = frozenset(named | {each.covered_by for each in items if each.covered_by})
    if not ids:
        return {}, {}
    changes = context.records.find(Change, id=ids)
    requests = context.records.find(MergeRequest, id=ids)
    open_handed = {each.id: each for each in requests if hidden or not each.embargoed}
    return {each.id: each for each in changes}, open_handed


def _stranger(item: Item, strangers: Mapping[str, Change]) -> tuple[Change | None, tuple[str, ...]]:
    """The change of another service that would go out or answer with it, and where it is named."""
    if item.kind is ItemKind.COMMIT:
        return strangers.get(item.covered_by or ""), ("commits", "covered_by")
    change = strangers.get(item.reference) if item.kind is ItemKind.CHANGE else None
    return change, ("changes",)
