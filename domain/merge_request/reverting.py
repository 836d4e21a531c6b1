"""Taking back what was merged: guarded, where it undoes the fix of a vulnerability (S1-52)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from domain.accord.agreements import AGREE, lacking
from domain.accord.asking import matter_of
from domain.accord.following import proposing, voters_of
from domain.accord.standing import scopes_of
from domain.accord.state import Accord
from domain.approval.approval import Rule
from domain.approval.electorate import Electorate
from domain.askers import check_firsthand
from domain.authorship import accounts
from domain.finders import found_by
from domain.gate import Act, Finding, Requirement, evaluate, or_else
from domain.gate import Status as Is
from domain.kernel import Context, Problems, Text, is_person
from domain.merge_request.events import Reverted
from domain.merge_request.guarding import Guard, around, called, guard, holding, proposals
from domain.merge_request.question import Question, unknown
from domain.merge_request.state import MergeRequest, Status
from domain.passage import require
from domain.process.accord import APPSEC, AccordKind
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
    """The accord that it takes; what mends no vulnerability, anybody whom the policy lets."""
    found = guard(ask)
    if found is None:
        return Finding("accord", Is.NOT_APPLICABLE, TITLE)
    kind, proposed = found.kind, proposals(ask, found)
    if good := holding(ask, proposed):
        return Finding("accord", Is.SATISFIED, TITLE, good, source=kind.source)
    first, *others = _agreeing(ask, proposed) or _from_proposing(ask, found)
    answer = Finding(
        "accord",
        Is.UNSATISFIED,
        TITLE,
        missing=tuple(each.title for each in kind.parties),
        message=" ".join((*kind.reasons, *_around(ask, found))) or "Nobody agreed to it.",
        code="not_agreed",
        source=kind.source,
        acts=first,
    )
    return or_else(answer, *others)


def _around(ask: Question, found: Guard) -> Iterator[str]:
    """How it is said that another path than to take it back was agreed on."""
    titles = {each.name: each.title for each in found.kind.paths if not each.opens}
    for path in dict.fromkeys(each.terms.path for each in around(ask, found)):
        if path in titles:
            yield f"It was agreed to leave it as it is: {titles[path]} ({path})."


def _agreeing(ask: Question, proposed: list[Accord]) -> list[tuple[Act, ...]]:
    """What agreements lack to what was proposed, as each party that has not agreed."""
    may, known = ask.who(AGREE), (ask.authority, ask.at, ask.records)
    return [way for each in proposed for way in lacking(each, may, *known)]


def _from_proposing(ask: Question, found: Guard) -> tuple[tuple[Act, ...], ...]:
    """Each way to have it agreed on, from its being proposed on."""
    act, kind, state = _proposing(ask, found), found.kind, ask.state
    if ask.who is unknown:
        return ((act,),)
    matter = matter_of(state, ask.authority)
    out = ask.own if kind.independent else frozenset[str]()
    if any(each.role == APPSEC for each in kind.parties):
        out |= found_by((), (state,), ask.authority)
    voters = voters_of(matter, out, ask.authority, ask.at)
    may = ask.who(AGREE)
    return proposing(act, kind, matter, voters, records=ask.records, may=may)


def _proposing(ask: Question, found: Guard) -> Act:
    """That somebody proposes one of the ways."""
    kind = found.kind
    told = f"Propose {called(ask, found)}: {_paths(kind, opens=True) or kind.title}."
    if around := _paths(kind, opens=False):
        told += f" What is proposed to leave it as it is opens nothing: {around}."
    people = frozenset(filter(is_person, ask.who("accord.propose")))
    if ask.state.embargoed:
        people &= ask.who("merge_request.read_embargoed")
    if kind.independent:
        told += " Who proposes it agrees to nothing."
        people = frozenset(each for each in people if _leaves(ask, kind, each))
    return Act("accord.propose", people, description=told)


def _paths(kind: AccordKind, *, opens: bool) -> str:
    """The paths of an accord that open the way, or those that lead around it."""
    paths = (each for each in kind.paths if each.opens is opens)
    return "; or ".join(f"{each.title} ({each.name})" for each in paths)


def _leaves(ask: Question, kind: AccordKind, person: str) -> bool:
    """Whether each party that is a role has somebody left to agree to what a person proposes."""
    out = ask.own | accounts((person,), ask.authority, ask.at)
    scopes = scopes_of(None, ask.state.project)
    voters = Electorate(ask.authority, ask.at, scopes, out)
    parties = (Rule(each.name, each.title, each.role, each.scope) for each in kind.parties)
    return all(
        any(voters.stands(who) and who not in out for who in voters.grants(each))
        for each in parties
        if each.role is not None
    )


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
