"""Merging: the gate of a merge request, which also says by whom (S2-02)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Final

from domain.approval.approval import Standings
from domain.askers import check_firsthand
from domain.authority import Authority
from domain.belonging import everybody
from domain.evidence.reports import hiding
from domain.exemption.hands import hands
from domain.gate import Act, Finding, Requirement, There, Verdict, evaluate, nowhere, with_people
from domain.gate import Status as Is
from domain.kernel import Context, Problems, Records
from domain.lock.blocking import Target, lock_findings
from domain.merge_request.checks import SIGN, approvals, requirements
from domain.merge_request.events import Merged
from domain.merge_request.once import is_elsewhere, once_open
from domain.merge_request.phased import TITLE, in_phase
from domain.merge_request.question import Question, Who, unknown
from domain.merge_request.reverting import reverting
from domain.merge_request.standing import last_approver
from domain.merge_request.state import MergeRequest, Status
from domain.passage import require
from domain.process.process import Merger
from domain.wording import check_commit

ACTION: Final = "merge_request.merge"
_OWN: Final = "Who had a hand in it or found what it fixes has another merge it."
_TITLES: Final = {
    Merger.LAST_APPROVER: "Who approved last merges",
    Merger.APPROVER: "Somebody who approved merges",
    Merger.NOT_AUTHOR: "Somebody without a hand in it merges",
}


def merge(
    state: MergeRequest,
    context: Context,
    *,
    merge_commit: Annotated[str | None, "The commit the merge made, once it is known."] = None,
) -> list[Any]:
    """Merge it, if the gate lets this person: signed off as it is, merged by who may (S2-02)."""
    problems = Problems()
    check_firsthand(problems, context)
    if merge_commit is not None:
        check_commit(problems, merge_commit, "merge_commit")
        free = not _taken(state, merge_commit, context.records)
        message = "Another merge request of the project has this commit, or was merged as it."
        problems.unless(free, "merge_commit_taken", message, "merge_commit")
    problems.settle()
    at, authority, records = context.at, context.authority, context.records
    by, sees = context.by, context.sees
    found = verdict(state, "merge", at=at, authority=authority, records=records, by=by, sees=sees)
    commits = (merge_commit,) if state.embargoed else ()
    reports = hiding(commits, state.project, records, merge_request=state.id)
    return [Merged(state.head, state.target, require(found), merge_commit), *reports]


def _taken(state: MergeRequest, commit: str, records: Records) -> bool:
    """Whether it is of another merge request that may be told of where this one is.

    What is merged as its own head may be that of another one too, such as towards another branch.
    """
    merged = records.find(MergeRequest, merge_commit=commit, project=state.project)
    heads = records.find(MergeRequest, head=commit, project=state.project)
    found = merged if commit == state.head else (*merged, *heads)
    return any(e.id != state.id and (state.embargoed or not e.embargoed) for e in found)


def verdict(
    state: MergeRequest,
    action: str,
    *,
    at: datetime,
    authority: Authority,
    records: Records,
    by: str | None = None,
    who: Who = unknown,
    there: There = nowhere,
    sees: Callable[[str, Any], bool] = everybody,
) -> Verdict:
    """What the gate of `merge` or `revert` says to `by`; KeyError for another action."""
    ask = Question(state, at, authority, records, by, who, there=there, sees=sees)
    return evaluate(GATES[action](ask))


def _merging(ask: Question) -> tuple[Requirement, ...]:
    """What it takes, in the order it is met: who merges does so once nothing else is left."""
    then = ask if ask.who is unknown else once_open(ask)
    return (
        Requirement("status", "The merge request is open", lambda: _open(ask)),
        *requirements(then),
        Requirement("locks", "No lock is in force", lambda: _locks(ask)),
        Requirement("release", TITLE, lambda: _release(ask), "S1-31"),
        Requirement("merger", "Who merges may", lambda: _merger(then), "S2-02"),
    )


def _open(ask: Question) -> Finding:
    title = "The merge request is open"
    if ask.state.status is Status.OPEN:
        return Finding("status", Is.SATISFIED, title)
    message = f"It is {ask.state.status.value}."
    answer = Finding("status", Is.UNSATISFIED, title, message=message, code="not_open")
    if ask.state.status is not Status.CLOSED:
        return answer
    if is_elsewhere(ask):
        return replace(answer, message="It was closed, and is open here under another id.")
    return replace(answer, acts=(ask.act("merge_request.reopen", "Open it again."),))


def _release(ask: Question) -> Finding:
    return in_phase(ask, ask.kind.merges_in)


def _locks(ask: Question) -> tuple[Finding, ...]:
    target = Target(
        ask.state.id,
        projects=frozenset((ask.state.project,)),
        merging=True,
        hands=lambda: hands(ask.state, ask.authority, ask.records),
        cleared=_cleared(ask),
    )
    found = lock_findings(target, ask.at, ask.records, ask.authority, ask.there)
    return tuple(with_people(each, ask.who) for each in found)


def _cleared(ask: Question) -> Callable[[], frozenset[str]] | None:
    """Who may know of a hidden one; nothing where everybody may, or nobody is looked up."""
    if not ask.state.embargoed or ask.who is unknown:
        return None
    return lambda: ask.who("merge_request.read_embargoed")


def _merger(ask: Question) -> Finding:
    """Whether the asker is the one who merges; until all have approved nobody is."""
    kind, own = ask.kind, ask.by in ask.own
    title, source = _TITLES[kind.merger], kind.source
    if any(each.status.blocks for each in approvals(ask)):
        if own:
            return _not_you(title, "own_merge_request", _OWN, _to_come(ask))
        message = "It follows from the approvals."
        return Finding("merger", Is.NOT_APPLICABLE, title, message=message, source=source)
    people = _mergers(ask, kind.merger, ask.now)
    if ask.by is not None and not own and (people is None or ask.by in people):
        return Finding("merger", Is.SATISFIED, title, (ask.by,), source=source)
    answer = _by_others(ask, title, people)
    return replace(answer, code="own_merge_request", message=_OWN) if own else answer


def _to_come(ask: Question) -> frozenset[str]:
    """Who may merge it once all have approved: of those who did or still may, as its kind says."""
    able = ask.who(ACTION) - ask.own
    if ask.kind.merger is Merger.NOT_AUTHOR:
        return able
    last = ask.kind.merger is Merger.LAST_APPROVER
    given = () if last else (vote.person for each in ask.now.rules for vote in each.approvals)
    left = (each.accounts.get(who, who) for each in ask.now.rules for who in each.candidates)
    return able.intersection((*given, *left)) or able


def _by_others(ask: Question, title: str, people: frozenset[str] | None) -> Finding:
    """The finding that others merge it, with those of them who may."""
    able = ask.who(ACTION) - ask.own
    if people is None or ask.who is unknown:
        return _not_you(title, "not_the_merger", f"{title}.", able if people is None else people)
    if people and not people & able:
        return _unmerged(ask, title, able)
    return _not_you(title, "not_the_merger", f"{title}.", people & able)


def _unmerged(ask: Question, title: str, able: frozenset[str]) -> Finding:
    """Where none of those who would merge may, such as a delegate: one who may approves it anew."""
    entitled = frozenset(
        each.accounts.get(person, person)
        for each in ask.now.rules
        for person in each.entitled - each.excluded
    )
    message = f"{title}: the policy lets none of them. Who may merge approves it, last of all."
    act = Act(SIGN, entitled & able & ask.who(SIGN), description=message)
    return replace(_not_you(title, "not_the_merger", message), acts=(act,))


def _mergers(ask: Question, merger: Merger, now: Standings) -> frozenset[str] | None:
    """Who merges, of those the policy lets ask for it; None for anybody it lets."""
    if merger is Merger.NOT_AUTHOR:
        return None
    if merger is Merger.LAST_APPROVER:
        last = last_approver(ask.state, now)
        return frozenset((last,) if last else ())
    return frozenset(vote.person for each in now.rules for vote in each.approvals)


def _not_you(title: str, code: str, message: str, people: frozenset[str] = frozenset()) -> Finding:
    return Finding(
        "merger",
        Is.UNSATISFIED,
        title,
        message=message,
        code=code,
        source="S2-02",
        acts=(Act(ACTION, people, description=message),),
    )


GATES: Final = {"merge": _merging, "revert": reverting}
"""The requirements of every guarded act, by the command that asks for it."""
