"""Whether what is tagged and deployed is made of what the release contains, and of nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from domain.gate import Act, Finding, or_else
from domain.process.release import RequirementRow
from domain.release.evidence.alone import alone, commit_alone
from domain.release.evidence.results import Result, compared, failed_anywhere, moved_on, reporting
from domain.release.gate.question import Question, found
from domain.release.state import Target

TRACED: Final = "Aim it at what the release contains, and nothing else."
UNKNOWN: Final = "Say which commit it is made from."
ALONE: Final = "Aim it at the very commit that the one thing in it was merged as."
"""What is told of aiming it: at what, where nobody said so yet, and where it contains one thing."""


def traced(ask: Question, row: RequirementRow, _gate: str) -> tuple[Finding, ...]:
    """Of every version's commit CI said that it holds just what the release contains (X-01).

    The newest report of those who count decides, which names this release's manifest. Where none
    does, a release of one thing alone is made of that if it is aimed at the very commit that this
    was merged as, and CI never said of the commit that it holds something else: what contains
    several is a commit of none of them.
    """
    return tuple(_traced(ask, row, ask.state.target(each)) for each in ask.state.plan.versions)


def holds_what_it_lists(ask: Question, row: RequirementRow) -> bool:
    """Whether every version is made of what the release contains, and of nothing else."""
    made = [ask.state.target(each) for each in ask.state.plan.versions]
    return bool(made) and all(_is_made(ask, row, each, _told(ask, row, each)) for each in made)


def _told(ask: Question, row: RequirementRow, target: Target) -> tuple[Result, ...]:
    """What was reported of its commit and package, compared with what the release has in it."""
    if target.commit is None:
        return ()
    return tuple(compared(ask, row, name, target) for name in row.evidence)


def _is_made(ask: Question, row: RequirementRow, target: Target, told: tuple[Result, ...]) -> bool:
    if any(each.reports for each in told):
        return all(each.holds for each in told)
    bad = any(failed_anywhere(ask, row, name, target) for name in row.evidence)
    return not bad and alone(ask, target)


def _traced(ask: Question, row: RequirementRow, target: Target) -> Finding:
    told = _told(ask, row, target)
    title, holds = f"{target.version} is made of what is included", _is_made(ask, row, target, told)
    acts, *more = ((),) if holds else _ways(ask, row, target, told)
    answer = found(row, title, holds, *_lacking(ask, row, target, told), *acts)
    evidence = tuple(dict.fromkeys(id for e in told for id in e.evidence))
    return replace(or_else(answer, *more), evidence=evidence)


def _ways(
    ask: Question, row: RequirementRow, target: Target, told: tuple[Result, ...]
) -> tuple[tuple[Act, ...], ...]:
    """To report of its commit, to aim it at another where CI says that this holds something else.

    Or at that of the one thing in it, which nobody has to report of.
    """
    anew, aim = _reporting(ask, row, "what it is made of"), _aiming(ask, TRACED)
    if not anew:
        return ((aim,),)
    if target.commit is None:
        ways = [(_aiming(ask, UNKNOWN), *anew)]
    elif any(report.outcome != "passed" for each in told for report in each.reports):
        ways = [anew, (aim, *_reporting(ask, row, "that other commit"))]
    else:
        ways = [anew]
    return (*ways, (_aiming(ask, ALONE),)) if _alone(ask, row, target) else tuple(ways)


def _reporting(ask: Question, row: RequirementRow, of: str) -> tuple[Act, ...]:
    what = f"Report {' and '.join(row.evidence)} of {of}, with its manifest."
    return reporting(ask, row, what) if row.evidence else ()


def _aiming(ask: Question, told: str) -> Act:
    return ask.act("release.aim", told)


def _alone(ask: Question, row: RequirementRow, target: Target) -> bool:
    """Whether it would be made of what it contains once it is aimed at that alone."""
    commit = commit_alone(ask)
    then = replace(target, commit=commit, package=None)
    return commit is not None and _is_made(ask, row, then, _told(ask, row, then))


def _lacking(
    ask: Question, row: RequirementRow, target: Target, told: tuple[Result, ...]
) -> tuple[str, str]:
    """The code and the words for a version that is not made of what is included."""
    if target.commit is None:
        return "target_unknown", f"Nobody has said which commit {target.version} is made of."
    reports = ((each.name, report.outcome) for each in told for report in each.reports)
    bad = [f"{name} {outcome.in_words}" for name, outcome in reports if outcome != "passed"]
    names, code = " and ".join(row.evidence), "commit_not_included"
    if bad:
        message = f"Nobody says that {target.commit} holds just what is in it: {', '.join(bad)}."
    elif any(moved_on(ask, row, each, target) for each in row.evidence):
        message = f"{names} of {target.commit} names what is in it as it stood, not as it stands."
    elif names:
        message = f"No {names} that names its manifest says that {target.commit} holds just that."
    else:
        message = f"It does not contain one thing alone, merged as {target.commit}."
    return code, message
