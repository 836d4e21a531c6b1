"""Who may say that something passes after all that was reported not to."""

from __future__ import annotations

from domain.evidence.state import Evidence
from domain.gate import Act
from domain.grant.state import Grant, Scope
from domain.process.release import RequirementRow
from domain.release.evidence.hands import own
from domain.release.evidence.results import stands
from domain.release.gate.question import Question
from domain.term import in_force
from domain.wording import ANY


def answers(ask: Question, row: RequirementRow, said: Evidence, who: str) -> bool:
    """Whether somebody's word takes back what was said: their own, or one of the same role.

    Theirs is no word of others if they had a hand in it. Where who said it cannot take it back any
    more, the word of whom the row asks for does.
    """
    able = stands(ask, None, who, said.project) and not own(ask, who, said.subject)
    if not able:
        return False
    alike = any(stands(ask, role, who, said.project) for role in _roles(ask, said))
    asked = stands(ask, row.reporter, who, said.project)
    return who == said.reporter or alike or (asked and not _still(ask, said))


def _still(ask: Question, said: Evidence) -> bool:
    """Whether who said it may speak still: they hold what they held, and had no hand in it."""
    roles, who = _roles(ask, said), said.reporter
    held = bool(roles) and all(stands(ask, role, who, said.project) for role in roles)
    return held and not own(ask, who, said.subject)


def _roles(ask: Question, said: Evidence) -> frozenset[str]:
    """What they held for the project as they said it, whatever has become of that since."""
    grants = ask.authority.grants_of(said.reporter)
    return frozenset(each.role for each in grants if _held(each, said))


def _held(grant: Grant, said: Evidence) -> bool:
    begun = max(grant.since, grant.confirmed_at or grant.since)
    there = grant.scope is Scope.PROJECT and grant.value in (said.project, ANY)
    known = not grant.approving or grant.confirmed_at is not None
    term = in_force(begun, grant.until, said.reported_at)
    return there and known and term and in_force(begun, grant.revoked_at, said.reported_at)


def answering(ask: Question, row: RequirementRow, reports: tuple[Evidence, ...]) -> Act:
    """That somebody reports that it passed, whose word answers one of these reports."""
    known = ask.who("evidence.report")
    able = (who for who in known if any(answers(ask, row, each, who) for each in reports))
    told = "Have who reported what did not pass, or one of the same role, report that it passed."
    return Act("evidence.report", frozenset(able), description=told)
