"""What a fix may have lost since it was found complete and linked: a release looks at it again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from domain.authority import Authority
from domain.gate import Act, Finding
from domain.gate import Status as Is
from domain.kernel import Records, distinct
from domain.merge_request.standing import finders as barring
from domain.merge_request.state import MergeRequest
from domain.process.support import branch_name
from domain.security_fix.earlier import earlier
from domain.security_fix.standing import kind_of, policy_of
from domain.security_fix.state import SecurityFix


class Loss(NamedTuple):
    """What a fix lacks, in words, and the act that mends it by itself, if one does."""

    said: str
    action: str = ""
    how: str = ""


BY_FINDER: Final = Loss("who found the vulnerability approved a part of it")
"""What others have to approve anew: it is taken back, and another part takes its place."""


def lost(
    state: SecurityFix,
    parts: Collection[MergeRequest],
    branches: Collection[str],
    records: Records,
    authority: Authority,
) -> Iterator[Loss]:
    """What it lacks of what it had: by itself, by these parts and what is out, for these branches.

    Its merge requests have gates of their own; what they go by is not asked again (S1-19 to S1-21,
    S1-26). LookupError when its playbook is gone, which blocks.
    """
    if state.severity is None:
        yield Loss("it is not assessed", "security_fix.assess", "Assess it.")
    if any(item.ticked_at is None for item in state.items):
        yield Loss("boxes are open", "security_fix.tick", "Tick what is done.")
    label = kind_of(state, records).label
    if label not in state.labels:
        yield Loss(f"it does not wear {label}", "security_fix.label", f"Label it {label}.")
    own = (branch_name(each.target) for each in parts if not each.given_up)
    aimed = {*own, *earlier(state, records)}
    if aimed.isdisjoint(policy_of(state, records).default_branches):
        yield Loss("nothing of it is for the default branch")
    missing = [each for each in branches if each not in aimed]
    if missing:
        yield Loss(f"nothing of it is for {', '.join(missing)}")
    going = (each for each in parts if not each.given_up)
    if any(approved_by_finder(state, each, authority) for each in going):
        yield BY_FINDER


def approved_by_finder(state: SecurityFix, found: MergeRequest, authority: Authority) -> bool:
    """Whether somebody decided on it who counts as the finder by now, by whichever account."""
    kept_out = replace(found, excluded=distinct((*found.excluded, *state.kept_out)))
    out = barring(kept_out, authority)
    return any(not out.isdisjoint((vote.person, vote.seat)) for vote in found.votes)


MERGED: Final = "It is merged"


def merged(
    state: SecurityFix,
    found: MergeRequest,
    authority: Authority,
    who: Callable[[str, str], frozenset[str]],
) -> Finding:
    """Its gate let it be merged; but who is kept from it by now may not have approved it then.

    `who` names those who may ask for an action in a project.
    """
    if not approved_by_finder(state, found, authority):
        return Finding("merged", Is.SATISFIED, MERGED, (found.merge_commit or found.head,))
    message, project = "Who found the vulnerability had approved it.", state.project
    revert = Act("merge_request.revert", who("merge_request.revert", found.project))
    unlink = Act("security_fix.unlink", who("security_fix.unlink", project))
    add = Act("security_fix.add_merge_request", who("security_fix.add_merge_request", project))
    instead = f"Add another one for {branch_name(found.target)}, which others approve."
    acts = (
        replace(revert, description="Take back what was merged."),
        replace(unlink, description="Take the fix off its release meanwhile."),
        replace(add, description=instead),
    )
    return Finding(
        "merged",
        Is.UNSATISFIED,
        message.rstrip("."),
        message=message,
        code="own_report",
        acts=acts if state.tracker else (acts[0], acts[2]),
    )
