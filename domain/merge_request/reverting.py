"""Taking back what was merged: guarded where a kind says so, since it undoes a fix (S1-52)."""

from __future__ import annotations

from typing import Annotated, Any

from domain.accord.standing import agreed
from domain.accord.state import Accord
from domain.askers import check_firsthand
from domain.gate import Act, Finding, Requirement, evaluate
from domain.gate import Status as Is
from domain.kernel import Context, Problems, Text
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
    found = ask.records.find(Accord, subject=ask.state.id, kind=kind.name)
    ways = {each.name for each in kind.paths if each.opens}
    open_ones = (each for each in found if each.terms.path in ways or not kind.paths)
    good = tuple(each.id for each in open_ones if agreed(each, ask.authority, ask.at))
    if good:
        return Finding("accord", Is.SATISFIED, TITLE, good, source=kind.source)
    acts = [
        Act("accord.propose", description=f"{each.title} ({each.name}).") for each in kind.paths
    ]
    return Finding(
        "accord",
        Is.UNSATISFIED,
        TITLE,
        missing=tuple(each.title for each in kind.parties),
        message=" ".join(kind.reasons) or "Nobody agreed to it.",
        code="not_agreed",
        source=kind.source,
        acts=tuple(acts) or (Act("accord.propose", description="Propose to take it back."),),
    )


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
