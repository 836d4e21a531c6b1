"""What a fix may have lost since it was found complete and linked: a release looks at it again."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from domain.authority import Authority
from domain.kernel import Records, distinct
from domain.merge_request.standing import finders as barring
from domain.merge_request.state import MergeRequest
from domain.process.support import branch_name
from domain.security_fix.standing import kind_of, policy_of
from domain.security_fix.state import SecurityFix


def lost(
    state: SecurityFix,
    parts: Collection[MergeRequest],
    branches: Collection[str],
    records: Records,
    authority: Authority,
) -> Iterator[str]:
    """In words, what it lacks of what it had: by itself, by these parts, for these branches.

    Its merge requests have gates of their own; what they go by is not asked again (S1-19 to S1-21,
    S1-26). LookupError when its playbook is gone, which blocks.
    """
    if state.severity is None:
        yield "it is not assessed"
    if any(item.ticked_at is None for item in state.items):
        yield "boxes are open"
    label = kind_of(state, records).label
    if label not in state.labels:
        yield f"it does not wear {label}"
    aimed = {branch_name(each.target) for each in parts if not each.given_up}
    if aimed.isdisjoint(policy_of(state, records).default_branches):
        yield "nothing of it is for the default branch"
    missing = [each for each in branches if each not in aimed]
    if missing:
        yield f"nothing of it is for {', '.join(missing)}"
    if any(approved_by_finder(state, each, authority) for each in parts):
        yield "who found the vulnerability approved a part of it"


def approved_by_finder(state: SecurityFix, found: MergeRequest, authority: Authority) -> bool:
    """Whether somebody decided on it who counts as the finder by now, by whichever account."""
    kept_out = replace(found, excluded=distinct((*found.excluded, *state.kept_out)))
    out = barring(kept_out, authority)
    return any(not out.isdisjoint((vote.person, vote.seat)) for vote in found.votes)
