"""Whose word frees somebody to sign a merge request off, where too few others may."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from domain.authorship import accounts
from domain.gate import Act, Finding
from domain.gate import Status as Is
from domain.merge_request.authorship import merely_named, named_as, others_behind
from domain.merge_request.question import Question, unknown
from domain.merge_request.standing import standings
from domain.merge_request.state import AuthorshipDecline, MergeRequest
from domain.security_fix.seconding import LEFT, NAME, SAY, judged
from domain.security_fix.state import SecurityFix
from domain.titles import person_name

DECLINE: Final = "merge_request.decline_authorship"
AGREE: Final = "merge_request.agree_decline"
NAMED: Final = "Too few may approve it whom others did not merely name as having written it."
_SAY: Final = "Say that they wrote nothing of it, if that is so."


def freed(ask: Question) -> tuple[Question, Finding] | None:
    """The question as it stands once enough people are free to approve, and whose word that takes.

    None where nobody's word frees enough of them, and where the gate is decided and not explained
    (S1-20, S2-02).
    """
    if ask.who is unknown:
        return None
    return _of_finder(ask) or _of_named(ask)


def _of_finder(ask: Question) -> tuple[Question, Finding] | None:
    """Who found what it fixes was said by one alone: a second word frees whom that keeps out."""
    id = ask.state.fix or ask.state.related
    fix = ask.records.get(SecurityFix, id) if id else None
    if fix is None:
        return None
    state, seconds = judged(fix, ask.state, ask.authority, ask.at, ask.who)
    if not seconds:
        return None
    acts = (Act(NAME, seconds, description=SAY),)
    return replace(ask, state=state), _blocked("finder", LEFT, "own_find", "S1-20", *acts)


def _of_named(ask: Question) -> tuple[Question, Finding] | None:
    """People whom others merely named say that they wrote nothing, and a second person agrees.

    It takes as few of them as possible: one where that is enough, else all.
    """
    named = tuple(sorted(merely_named(ask.state, ask.authority)))
    some = [(each,) for each in named] + ([named] if len(named) > 1 else [])
    for people in some:
        state = _without(ask, people)
        if not standings(state, ask.authority, ask.at).impossible:
            acts = tuple(_declining(ask, people))
            found = _blocked("authorship", NAMED, "named_by_others", "S2-02", *acts)
            return replace(ask, state=state), found
    return None


def _without(ask: Question, people: tuple[str, ...]) -> MergeRequest:
    """The merge request as it stands once it is agreed that these people wrote nothing of it."""
    said = (_agreed(ask, each) for each in people)
    return replace(ask.state, declines=(*ask.state.declines, *said))


def _agreed(ask: Question, person: str) -> AuthorshipDecline:
    own = named_as(ask.state, person, ask.authority)
    others = others_behind(own, ask.state, person, ask.authority)
    return AuthorshipDecline(person, ask.at, None, ask.at, tuple(own), others)


def _declining(ask: Question, people: tuple[str, ...]) -> Iterator[Act]:
    """The acts: those who have not said so yet say it, and others agree with each of them."""
    said = {e.declined_by for e in ask.state.declines if e.agreed_at is None}
    if left := frozenset(people) - said:
        yield Act(DECLINE, left & ask.who(DECLINE), len(left), _SAY)
    able = ask.who(AGREE) - ask.own - accounts(people, ask.authority, ask.at)
    for each in people:
        name = person_name(ask.authority.person(each))
        told = f"Agree that {name} wrote nothing of it, if that is so, as a second person."
        yield Act(AGREE, able, 1, told)


def _blocked(name: str, message: str, code: str, source: str, *acts: Act) -> Finding:
    title = message.rstrip(".")
    return Finding(
        name, Is.UNSATISFIED, title, message=message, code=code, source=source, acts=acts
    )
