"""What a change may be tied to."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from domain.change.state import Change, Link, LinkKind, Since
from domain.evidence.reports import open_to_all
from domain.kernel import Context, Problems, Records
from domain.merge_request.state import MergeRequest
from domain.wording import check_commit, check_name


def check_link(problems: Problems, context: Context, state: Change, tie: Link) -> None:
    """Note a reference that names nothing, or a predecessor that would wait for the change."""
    check_name(problems, tie.reference, "reference")
    if tie.kind is LinkKind.MERGE_REQUEST:
        _check_merge_request(problems, context.records, tie.reference)
    elif tie.kind is LinkKind.PREDECESSOR:
        _check_predecessor(problems, context.records, state, tie.reference)
    elif tie.kind is LinkKind.COMMIT:
        check_commit(problems, tie.reference, "reference")


def known(state: Change, tie: Link, context: Context) -> bool:
    """Whether the asker may know of what it ties to: a tie to what is hidden is as good as none."""
    if tie.kind is LinkKind.COMMIT:
        own = [each for each in state.commits if each.commit == tie.reference]
        hidden = _hidden(own, context.records)
        unseen = (each for each in hidden if not context.knows(each))
        return not withheld(own, unseen, context.records)
    if tie.kind is not LinkKind.MERGE_REQUEST:
        return True
    found = context.records.get(MergeRequest, tie.reference)
    return found is None or context.knows(found)


def withheld(
    ties: Iterable[Since], hidden: Iterable[MergeRequest], records: Records
) -> frozenset[Since]:
    """The ties to commits of merge requests that were hidden since: they hide with these.

    Not those that were made afterwards, by whoever knew of the commit: one that vanished would tell
    what it is of. Nor those to what everybody may know of by something else.
    """
    concealed: dict[str, datetime] = {}
    for each in hidden:
        if each.embargoed and each.concealed_at:
            at = each.concealed_at
            concealed |= {c: max(at, concealed.get(c, at)) for c in each.commits}
    found = {e for e in ties if e.commit in concealed and e.at <= concealed[e.commit]}
    told = open_to_all({each.commit for each in found}, None, records)
    return frozenset(each for each in found if each.commit not in told)


def _hidden(ties: Collection[Since], records: Records) -> tuple[MergeRequest, ...]:
    """What is hidden now, which is little: where there is a tie that may be to a commit of it."""
    return records.find(MergeRequest, embargoed=True) if ties else ()


def open_ties(state: Change, records: Records) -> tuple[Link, ...]:
    """The ties to nothing that is hidden now: a hidden one counts for no limit, else it told."""
    named = {each.reference for each in state.links if each.kind is LinkKind.MERGE_REQUEST}
    found = records.find(MergeRequest, id=frozenset(named)) if named else ()
    hidden = {each.id for each in found if each.embargoed}
    secret = withheld(state.commits, _hidden(state.commits, records), records)
    untold = {LinkKind.MERGE_REQUEST: hidden, LinkKind.COMMIT: {e.commit for e in secret}}
    return tuple(each for each in state.links if each.reference not in untold.get(each.kind, ()))


def _check_merge_request(problems: Problems, records: Records, id: str) -> None:
    """An embargoed one is as unknown as an absent one: everybody may read this side of the tie."""
    found = records.get(MergeRequest, id)
    known = found is not None and not found.embargoed
    problems.unless(known, "unknown_merge_request", "There is no such one.", "reference")


def _check_predecessor(problems: Problems, records: Records, state: Change, id: str) -> None:
    if records.get(Change, id) is None:
        problems.add("unknown_change", "There is no such change.", "reference")
    elif _waits_for(records, id, state.id):
        message = "That change waits for this one, so neither could ever begin."
        problems.add("waits_in_a_circle", message, "reference")


def _waits_for(records: Records, id: str, wanted: str) -> bool:
    """Whether the change, or one it waits for, is the wanted one; each is looked at once."""
    seen: set[str] = set()
    left = [id]
    while left:
        each = left.pop()
        if each == wanted:
            return True
        if each not in seen:
            seen.add(each)
            left += _predecessors(records.get(Change, each))
    return False


def _predecessors(change: Change | None) -> list[str]:
    links = change.links if change else ()
    return [each.reference for each in links if each.kind is LinkKind.PREDECESSOR]
