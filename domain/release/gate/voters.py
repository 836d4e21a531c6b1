"""Who may decide on a release and attest things of it, who may not, and how its rules stand."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from domain.approval.approval import Standing, Standings
from domain.approval.asking import May, at_board
from domain.approval.casting import standings_of
from domain.approval.electorate import Electorate
from domain.change.standing import involved as on_change
from domain.finders import found_by
from domain.gate import There, nowhere
from domain.merge_request.standing import involved as on_merge_request
from domain.office import grants_for
from domain.process.accord import APPSEC
from domain.process.release import RequirementRow
from domain.release.gate.question import Question
from domain.release.standing import authors, scopes_of
from domain.release.state import Release
from domain.security_fix.seconding import without, words

APPROVE: Final = "release.approve"
READ: Final = "release.read_embargoed"


def involved(ask: Question, *, within: bool = False) -> frozenset[str]:
    """Who is not independent of the release, and may never approve it.

    That is everybody who ever wrote on any revision of it. Where its kind asks for independence of
    the contents too, or whoever asks does (`within`), it is also who had a hand in a change or
    merge request that it contains, or that answers for a commit, or in what such a change is tied
    to: who asked for it, answers or wrote for it. Of what is hidden nothing counts in the open.
    """
    people = authors(ask.state, ask.authority)
    if not (ask.kind.independent or within):
        return people
    changes = (on_change(each, ask.authority) for each in ask.changes.values())
    every = (*ask.merge_requests.values(), *ask.tied_to(ask.changes.values()))
    requests = (on_merge_request(each, ask.authority) for each in every)
    return people.union(*changes, *requests)


def kept_from(ask: Question, row: RequirementRow) -> frozenset[str]:
    """Who does not attest what the row is about; of the result of QA, who had a hand inside too."""
    return involved(ask, within=row.quality) if row.independent else frozenset()


def keeps_out(row: RequirementRow) -> bool:
    """Whether who found what is fixed does not attest it: it is for application security.

    Or for somebody independent.
    """
    return row.independent or row.role == APPSEC


def finders(ask: Question) -> frozenset[str]:
    """Who found what is linked to it, or what is in it, and settles nothing of that."""
    return found_by(ask.fixes, ask.merge_requests.values(), ask.authority)


def barred(ask: Question, row: RequirementRow) -> frozenset[str]:
    """Who does not attest the row, whatever roles they hold."""
    own = kept_from(ask, row)
    return own | finders(ask) if keeps_out(row) else own


def rights_to_attest(ask: Question, row: RequirementRow, person: str) -> tuple[str, ...]:
    """Every grant by which somebody may attest what the row is about, in the order they count."""
    kinds = (row.scope, None) if row.scope else ("service", "project", None)
    place = scopes_of(ask.state)
    return grants_for(ask.authority, person, row.role or "", place, ask.at, kinds=kinds)


def electorate(ask: Question) -> Electorate:
    """The people who may approve it."""
    return Electorate(ask.authority, ask.at, scopes_of(ask.state), involved(ask))


def standings(ask: Question, voters: Electorate | None = None) -> Standings:
    """How the rules opened for this revision stand.

    `voters` are its electorate at that moment, for whoever has it already.
    """
    return standings_of(ask.state, voters or electorate(ask))


def letting(ask: Question) -> May | None:
    """Says whom the policy lets approve it under a rule; None where that is not told."""
    if ask.there is nowhere:
        return None
    return lambda standing: may_approve(ask.state, standing, ask.there)


def may_approve(state: Release, standing: Standing, there: There) -> frozenset[str]:
    """Whom the policy lets approve a release under a rule; a hidden one who may know of it."""
    scopes = scopes_of(state)
    people = there(APPROVE, at_board(scopes, standing.rule))
    return people & there(READ, scopes) if state.embargoed else people


def to_be_asked(ask: Question) -> Standings:
    """How the rules of its kind would stand if this revision were put before people now."""
    voters = electorate(ask)
    return standings_of(replace(ask.state, rules=voters.opened(ask.kind.rules)), voters)


def attesting(
    ask: Question, row: RequirementRow, able: frozenset[str]
) -> tuple[frozenset[str], frozenset[str]]:
    """Who of these may attest the row; where nobody may, whom a second word on a finder frees.

    Then who may say it comes along.
    """
    left, own = able - barred(ask, row), kept_from(ask, row)
    fixes = ask.fixes if able and not left else ()
    for fix in fixes:
        for reporter, seconds in words(fix, ask.authority, ask.at, ask.who):
            agreed = replace(
                fix, reporter=reporter, finder_agreed=True, finder_proposals=(), kept_before=()
            )
            every = (without(fix, each, reporter) for each in ask.merge_requests.values())
            others = (agreed if each.id == fix.id else each for each in ask.fixes)
            if freed := able - own - found_by(others, every, ask.authority):
                return freed, seconds
    return left, frozenset()
