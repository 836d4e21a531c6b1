"""Taking back what was merged: guarded where a kind says so, since it undoes a fix (S1-52)."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from domain.accord.asking import matter_of, may_ask
from domain.accord.standing import agreed, electorate, standings, suits
from domain.accord.state import Accord
from domain.accord.state import Status as Open
from domain.approval import Standpoint
from domain.askers import check_firsthand
from domain.gate import Act, Finding, Requirement, evaluate
from domain.gate import Status as Is
from domain.kernel import Context, Problems, Text, is_person
from domain.merge_request.events import Reverted
from domain.merge_request.question import Question
from domain.merge_request.state import MergeRequest, Status
from domain.passage import require
from domain.playbook import Playbook, process
from domain.process_accord import AccordKind
from domain.wording import NOTE, check_given

TITLE = "Those whom the process names agreed to take it back"


def reverting(ask: Question) -> tuple[Requirement, ...]:
    """What holds before a merged one is taken back."""
    return (
        Requirement("status", "It was merged, and stands", lambda: _merged(ask)),
        Requirement("accord", TITLE, lambda: _accord(ask), "S1-52"),
    )


def _merged(ask: Question) -> Finding:
    title, state = "It was merged, and stands", ask.state
    if state.status is Status.MERGED and state.reverted_at is None:
        return Finding("status", Is.SATISFIED, title)
    message = f"It is {state.status.value}."
    if state.reverted_at is not None:
        message = "It was taken back before."
    return Finding("status", Is.UNSATISFIED, title, message=message, code="not_merged")


def _accord(ask: Question) -> Finding:
    """The accord that its kind asks for; a kind that asks for none lets anybody it lets."""
    if ask.kind.reverts_by is None:
        return Finding("accord", Is.NOT_APPLICABLE, TITLE)
    kind = _kind(ask, ask.kind.reverts_by)
    about = ask.records.find(Accord, subject=ask.state.id, kind=kind.name)
    found = (e for e in about if suits(e, kind.name, ask.state.playbook, ask.records))
    ways = {each.name for each in kind.paths if each.opens}
    proposed = [each for each in found if each.terms.path in ways or not kind.paths]
    good = tuple(each.id for each in proposed if agreed(each, ask.authority, ask.at))
    if good:
        return Finding("accord", Is.SATISFIED, TITLE, good, source=kind.source)
    return Finding(
        "accord",
        Is.UNSATISFIED,
        TITLE,
        missing=tuple(each.title for each in kind.parties),
        message=" ".join(kind.reasons) or "Nobody agreed to it.",
        code="not_agreed",
        source=kind.source,
        acts=(_next(ask, kind, proposed),),
    )


def _next(ask: Question, kind: AccordKind, proposed: list[Accord]) -> Act:
    """That a party agrees to what was proposed, or that somebody proposes one of the ways."""
    for each in proposed:
        if people := _awaited(ask, each):
            return Act("accord.agree", people, description="Agree to it, as each party.")
    paths = "; or ".join(f"{each.title} ({each.name})" for each in kind.paths)
    act = ask.act("accord.propose", f"Propose a way: {paths or kind.title}.")
    matter, now = matter_of(ask.state), (ask.authority, ask.at, ask.records)
    able = (e for e in act.people if is_person(e) and may_ask(kind, matter, e, *now))
    return replace(act, people=frozenset(able))


def _awaited(ask: Question, accord: Accord) -> frozenset[str]:
    """Those who may agree as parties who have not."""
    if accord.status is not Open.OPEN:
        return frozenset()
    voters = electorate(accord, ask.authority, ask.at)
    now = standings(accord, ask.authority, ask.at).rules
    left = [each.rule for each in now if each.status is not Standpoint.SATISFIED]
    able = frozenset[str]().union(*voters.entitled(left).values())
    given = {vote.person for each in now if each.rule not in left for vote in each.counted}
    return (able - voters.excluded - given) & ask.who("accord.agree")


def _kind(ask: Question, name: str) -> AccordKind:
    """The kind of accord in the pinned playbook; LookupError when it is not there, which blocks."""
    playbook = ask.records.get(Playbook, ask.state.playbook)
    found = process(playbook.body).accord(name) if playbook else None
    if found is None:
        raise LookupError(f"the playbook has no accord {name}")
    return found


def revert(
    state: MergeRequest,
    context: Context,
    *,
    reason: Annotated[Text, "Why it is taken back."],
) -> list[Any]:
    """Take back what was merged, if the gate lets it: it undoes a fix, and may tell of it (S1-52).

    The three reasons against it and the other ways stand in the answer of the gate (S1-53, S1-54).
    """
    problems = Problems()
    check_firsthand(problems, context)
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    ask = Question(state, context.at, context.authority, context.records, context.by)
    return [Reverted(reason, require(evaluate(reverting(ask))))]
