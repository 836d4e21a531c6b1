"""What a fix may have lost since it was found complete and linked: a release looks at it again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final, NamedTuple

from domain.authority import Authority
from domain.gate import Act, Finding
from domain.gate import Status as Is
from domain.kernel import Records
from domain.merge_request.checks import approvals
from domain.merge_request.question import Question
from domain.merge_request.standing import finders as barring
from domain.merge_request.state import MergeRequest, Status
from domain.process.support import branch_name
from domain.security_fix.earlier import earlier
from domain.security_fix.seconding import NAME, SAY, Who, deciding, judged, kept_from
from domain.security_fix.standing import kind_of, policy_of
from domain.security_fix.state import SecurityFix


class Loss(NamedTuple):
    """What a fix lacks, in words, and the act that mends it by itself, if one does.

    Else it takes another merge request, and `how` says which; where none is for some `branches`,
    for these. `people` are those of whom as many are `needed`, where that is known here.
    """

    said: str
    action: str = ""
    how: str = ""
    people: frozenset[str] | None = None
    needed: int = 1
    rule: str | None = None
    branches: tuple[str, ...] = ()


LEAVE_OUT: Final = "leave out the version where the policy does not ask for it (`editRelease`)"
SIGN_OFF: Final = "merge_request.sign_off"
VOID: Final = "a part that who found the vulnerability had approved waits for another approval"
BY_FINDER: Final = Loss(
    "a part of it was merged by the word of who found the vulnerability",
    how="Add another in the place of what is taken back, which others approve.",
)
"""What was merged by that: it is taken back, and another part, which others approve, is merged."""


def lost(
    state: SecurityFix,
    parts: Collection[MergeRequest],
    branches: Collection[str],
    records: Records,
    authority: Authority,
    *,
    at: datetime,
    who: Who,
) -> Iterator[Loss]:
    """What it lacks of what it had: by itself, by these parts and what is out, for these branches.

    Its merge requests have gates of their own; what they go by is not asked again (S1-19 to S1-21,
    S1-26). LookupError when its playbook is gone, which blocks.
    """
    if state.severity is None:
        yield from _unassessed(state, authority, at, who)
    if any(item.ticked_at is None for item in state.items):
        yield Loss("boxes are open", "security_fix.tick", "Tick what is done.")
    label = kind_of(state, records).label
    if label not in state.labels:
        yield Loss(f"it does not wear {label}", "security_fix.label", f"Label it {label}.")
    own = (branch_name(each.target) for each in parts if not each.given_up)
    aimed = {*own, *earlier(state, records)}
    main = policy_of(state, records).default_branches
    if aimed.isdisjoint(main):
        how = "Add a merge request for the default branch."
        yield Loss("nothing of it is for the default branch", how=how, branches=main[:1])
    missing = [each for each in branches if each not in aimed]
    if missing:
        named = ", ".join(missing)
        how = f"Add a merge request for each of {named}, or instead of all this {LEAVE_OUT}."
        yield Loss(f"nothing of it is for {named}", how=how, branches=tuple(missing))
    going = [each for each in parts if not each.given_up]
    if any(rests_on_finder(state, each, authority) for each in going):
        yield BY_FINDER
    for each in going:
        yield from _waiting(state, each, records, authority, at=at, who=who)


def _unassessed(state: SecurityFix, authority: Authority, at: datetime, who: Who) -> Iterator[Loss]:
    able, seconds = deciding(state, who("security_fix.assess"), authority, at, who)
    said = "it is not assessed"
    yield from _seconding(said, seconds)
    yield Loss(said, "security_fix.assess", "Assess it.", able)


def _seconding(said: str, seconds: frozenset[str]) -> Iterator[Loss]:
    """The word that frees somebody to settle it, where nobody may without that."""
    if seconds:
        yield Loss(said, NAME, SAY, seconds)


def rests_on_finder(state: SecurityFix, found: MergeRequest, authority: Authority) -> bool:
    """Whether it was merged by a word of who counts as the finder by now, by any account.

    What counted for nothing as it was merged is in nobody's way.
    """
    return found.merged_at is not None and _spoke(state, found, authority, found.rested_on)


def _spoke(
    state: SecurityFix, found: MergeRequest, authority: Authority, ids: Collection[str]
) -> bool:
    out = barring(kept_from(state, found), authority)
    told = (each for each in found.votes if each.id in ids)
    return any(not out.isdisjoint((vote.person, vote.seat)) for vote in told)


def _waiting(
    state: SecurityFix,
    found: MergeRequest,
    records: Records,
    authority: Authority,
    *,
    at: datetime,
    who: Who,
) -> Iterator[Loss]:
    """The approvals that an open one lacks since a word of its finder counts no more."""
    words = {each.id for each in found.votes}
    if found.status is not Status.OPEN or not _spoke(state, found, authority, words):
        return
    kept, seconds = judged(state, found, authority, at, who)
    yield from _seconding(VOID, seconds)
    ask = Question(kept, at, authority, records)
    for each in approvals(ask):
        if each.standing is not None and each.status.blocks:
            told, rule = each.standing, each.standing.rule
            how = f"{rule.title}, for {branch_name(found.target)}."
            yield Loss(VOID, SIGN_OFF, how, told.candidates, told.missing, rule.name)


UNLESS: Final = (
    "Where somebody else found it, whoever says so of themselves is freed once two others say that."
)
"""What else helps than to take it back, where somebody is kept out by their own word."""
MERGED: Final = "It is merged"


def merged(
    state: SecurityFix,
    found: MergeRequest,
    authority: Authority,
    who: Callable[[str, str], frozenset[str]],
) -> Finding:
    """Its gate let it be merged; but not by the word of who is kept from it by now.

    `who` names those who may ask for an action in a project.
    """
    if not rests_on_finder(state, found, authority):
        return Finding("merged", Is.SATISFIED, MERGED, (found.merge_commit or found.head,))
    message, project = "Who found the vulnerability had approved it.", state.project
    if state.own_words:
        message = f"{message} {UNLESS}"
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
        "Who found the vulnerability had approved it",
        message=message,
        code="own_report",
        acts=acts if state.tracker else (acts[0], acts[2]),
    )
