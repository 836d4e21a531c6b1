"""From the label to the release: a fix is reviewed, and goes out only with what it is linked to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Final

from domain.askers import check_firsthand, rights
from domain.authority import Authority
from domain.belonging import everybody
from domain.gate import Verdict
from domain.kernel import Context, Problems, Records, Text, refusal
from domain.passage import evidence, require
from domain.release.commands.late import check_linked
from domain.release.state import Release
from domain.security_fix.basis import Basis, Who, unknown
from domain.security_fix.events import Labelled, Linked, Reviewed, Unlabelled, Unlinked
from domain.security_fix.evolve import foreseen
from domain.security_fix.goal import choices, is_given_up, trackers
from domain.security_fix.publishing import is_out
from domain.security_fix.readiness import Completeness, completeness
from domain.security_fix.standing import kind_of
from domain.security_fix.state import SecurityFix, Status
from domain.security_fix.working import check_open
from domain.wording import NOTE, check_given, check_name

GIVEN_UP: Final = "The release was given up."
"""Why a fix is taken off such a release."""
MOST_LABELS: Final = 20
"""How many labels a fix may wear."""


def label(
    state: SecurityFix,
    context: Context,
    *,
    label: Annotated[str, "The label, as it is written."],
) -> list[Any]:
    """Put a label on it. The one that the playbook names starts the review of its readiness.

    A fix is linked to the next release by date that still takes what is ready, can take this one,
    and is one that it is complete for; to one made for a single fix it is linked by hand (S1-11,
    S1-26, S1-27).
    """
    problems = Problems()
    check_firsthand(problems, context)
    check_open(problems, state)
    check_name(problems, label, "label")
    problems.unless(len(state.labels) < MOST_LABELS, "too_many", f"At most {MOST_LABELS}.", "label")
    problems.settle()
    if label in state.labels:
        return []
    event = Labelled(label)
    if label != kind_of(state, context.records).label:
        return [event]
    return [event, *_review(foreseen(state, context, event), context)]


def unlabel(
    state: SecurityFix,
    context: Context,
    *,
    label: Annotated[str, "The label, as it is written."],
) -> list[Any]:
    """Take a label off it; without the one that the playbook names it is not complete."""
    problems = Problems()
    check_firsthand(problems, context)
    check_open(problems, state)
    problems.settle()
    return [Unlabelled(label)] if label in state.labels else []


def review(state: SecurityFix, context: Context) -> list[Any]:
    """Review its readiness once more, and link it if it is complete (S1-26)."""
    problems = Problems()
    check_firsthand(problems, context)
    check_open(problems, state)
    wears = kind_of(state, context.records).label in state.labels
    message = "It does not wear the label that asks for a review."
    problems.unless(wears, "label_missing", message)
    problems.settle()
    return _review(state, context)


def _review(state: SecurityFix, context: Context) -> list[Any]:
    off = _off(state, context)
    for each in off:
        state = foreseen(state, context, each)
    return [*off, *_reviewed(state, context)]


def _off(state: SecurityFix, context: Context) -> list[Unlinked]:
    """That it is off the release it was linked to, where that was given up."""
    release = context.records.get(Release, state.tracker) if state.tracker else None
    if release is None or not is_given_up(release):
        return []
    return [Unlinked(release.id, GIVEN_UP, *rights(context))]


def _reviewed(state: SecurityFix, context: Context) -> list[Any]:
    basis = Basis(context.records, context.authority, context.at, sees=context.sees)
    basis.read((state,))
    found, after = _judged(state, basis)
    told = Reviewed(found.complete, () if found.complete else found.verdict.codes)
    if not found.complete or state.status is Status.LINKED or after is None:
        return [told]
    return [told, Linked(after.id, found.versions, evidence(found.verdict))]


def _judged(state: SecurityFix, basis: Basis) -> tuple[Completeness, Release | None]:
    """How complete it is for what it fits best, and what that is: the next by date among equals.

    So that it is linked to what it is complete for, and that what is kept of a review tells nothing
    of what else is open. What is linked is judged for that, and by the policy where nothing is.
    """
    ahead = [] if state.tracker else choices(state, basis.records, basis.at)
    if not ahead:
        return completeness(state, basis, ahead=False), None
    every = [(completeness(state, basis, each, ahead=False), each) for each in ahead]
    return min(every, key=lambda each: len(each[0].verdict.blocking))


def readiness(
    state: SecurityFix,
    at: datetime,
    authority: Authority,
    records: Records,
    who: Who = unknown,
    *,
    release: Release | None = None,
    sees: Callable[[str, Any], bool] = everybody,
) -> Completeness:
    """The completeness of one fix at a moment, for a release if one is given."""
    basis = Basis(records, authority, at, who, sees)
    basis.read((state,))
    return completeness(state, basis, release)


def verdict(state: SecurityFix, action: str, basis: Basis) -> Verdict:
    """What the gate of `link` says, to whichever release; KeyError for another action."""
    judge = {"link": completeness}[action]
    basis.read((state,))
    return judge(state, basis).verdict


def link(
    state: SecurityFix,
    context: Context,
    *,
    tracker: Annotated[str, "The release it is to go out with."],
) -> list[Any]:
    """Let it go out with a release, if it is complete; else it is not included (S1-27).

    Past its cut-off the release takes a fix that was in it then, also with what stands in for a
    part of it that was taken back. What was linked to one that was given up is taken off that.
    """
    problems, off = Problems(), _off(state, context)
    for each in off:
        state = foreseen(state, context, each)
    check_firsthand(problems, context)
    check_open(problems, state)
    other = state.tracker not in (None, tracker)
    problems.unless(not other, "linked", "It is linked to another release.", "tracker")
    ahead = {each.id: each for each in trackers(state, context.records)}
    message = "There is no such open release that fixes of the product go out with."
    problems.unless(tracker in ahead, "not_a_tracker", message, "tracker")
    problems.settle()
    if state.tracker == tracker:
        return []
    check_linked(ahead[tracker], state, context.records)
    standing = (context.at, context.authority, context.records)
    found = readiness(state, *standing, release=ahead[tracker], sees=context.sees)
    return [*off, Linked(tracker, found.versions, require(found.verdict))]


def unlink(
    state: SecurityFix,
    context: Context,
    *,
    reason: Annotated[Text, "Why it does not go out with that."],
) -> list[Any]:
    """Take it off its release, while that has not been published with it."""
    if state.tracker is None:
        raise refusal("without_tracker", "It is linked to no release.")
    problems = Problems()
    check_firsthand(problems, context)
    check_open(problems, state)
    release = context.records.get(Release, state.tracker)
    published = release is not None and release.published_at is not None
    stayed = state.embargoed and not is_out(state, context.records)
    problems.unless(not published or stayed, "published_before", "It was published with it.")
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    return [Unlinked(state.tracker, reason, *rights(context))]


GATES: Final = ("link",)
"""The guarded acts on a fix."""
