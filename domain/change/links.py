"""What a change may be tied to."""

from __future__ import annotations

from domain.change.state import Change, Link, LinkKind
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


def known(tie: Link, context: Context) -> bool:
    """Whether the asker may know of what it ties to: a tie to what is hidden is as good as none."""
    if tie.kind is not LinkKind.MERGE_REQUEST:
        return True
    found = context.records.get(MergeRequest, tie.reference)
    return found is None or context.knows(found)


def open_ties(state: Change, records: Records) -> tuple[Link, ...]:
    """The ties to nothing that is hidden now: a hidden one counts for no limit, else it told."""
    named = {each.reference for each in state.links if each.kind is LinkKind.MERGE_REQUEST}
    found = records.find(MergeRequest, id=frozenset(named)) if named else ()
    hidden = {each.id for each in found if each.embargoed}
    of = LinkKind.MERGE_REQUEST
    return tuple(e for e in state.links if e.kind is not of or e.reference not in hidden)


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
