"""Whether nobody can give the approval that a release waits for, as the people stand now."""

from __future__ import annotations

from domain.approval.dead_end import too_few
from domain.process.release import Matter, RequirementRow
from domain.release.checks.in_advance import advance, coming_to_hold
from domain.release.gate.question import Question
from domain.release.gate.voters import letting, standings
from domain.release.standing import awaiting


def beyond_reach(ask: Question) -> bool:
    """Whether nobody can meet a rule opened for this revision, or what counts in its place.

    That is so whether or not anybody was alarmed: who left, or lost a right, tells no release.
    """
    if not awaiting(ask.state):
        return False
    rules, may = standings(ask).rules, letting(ask)
    if not too_few(rules, may):
        return False
    every = frozenset(each.rule.name for each in rules)
    asking = [each for each in ask.kind.requirements if each.about is Matter.APPROVAL]
    lacking = [each for each in asking if not _spared(ask, each)]
    needed = _named(lacking, every) | (every - _named(asking, every))
    return too_few([each for each in rules if each.rule.name in needed], may)


def _named(rows: list[RequirementRow], every: frozenset[str]) -> frozenset[str]:
    """The rules that these rows ask for, each all where it names none."""
    return frozenset(name for each in rows for name in each.rules or every)


def _spared(ask: Question, row: RequirementRow) -> bool:
    """Whether what is approved in advance counts for the row, or somebody can have it count."""
    now = advance(ask, row)
    acts = () if now.holds else coming_to_hold(ask, row, now)
    return now.holds or (bool(acts) and all(each.people for each in acts))
