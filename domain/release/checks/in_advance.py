"""Approval in advance: it stands for the word of others while every test passes (S3-14)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from domain.evidence.state import Evidence, Outcome
from domain.gate import Act, Finding
from domain.gate import Status as Is
from domain.process.release import RequirementRow
from domain.release.evidence.answered import answering, answers
from domain.release.evidence.made_of import packages_of
from domain.release.evidence.manifest import manifest
from domain.release.evidence.of_project import projects_of_subject
from domain.release.evidence.results import Result, passed, reporting, stands
from domain.release.gate.question import Question
from domain.wording import first_of

MOST_NAMED: Final = 5
"""How many reports a sentence names."""


@dataclass(frozen=True, slots=True)
class Advance:
    """What the row names, and what was reported last of other checks and did not pass.

    `unknown` says that how some of these ended is hidden, which nobody in the open knows of.
    """

    results: tuple[Result, ...]
    against: tuple[Evidence, ...]
    unknown: bool = False

    @property
    def holds(self) -> bool:
        """Whether everything that is named passed, and nothing else did not."""
        named = all(each.holds for each in self.results)
        return bool(self.results) and named and not self.against and not self.unknown

    @property
    def why_not(self) -> str:
        """What keeps it from standing for an approval, in a sentence; nothing if it does."""
        known = {each.name for each in self.against}
        lacking = [name for each in self.results for name in each.missing]
        bad = (each for each in self.results if not (each.holds or each.missing))
        lacking += [each.name for each in bad if each.name not in known]
        lacking += [ended(each) for each in self.against]
        lacking = list(dict.fromkeys(lacking)) or ["not everything is known"] * self.unknown
        told = first_of(lacking, MOST_NAMED)
        return f" It is not approved in advance, since not every test passed: {told}." * bool(told)


def advance(ask: Question, row: RequirementRow) -> Advance:
    """How the approval in advance stands that a row lets count."""
    results = tuple(passed(ask, row, name) for name in row.in_advance)
    return Advance(results, *(against(ask, row) if row.in_advance else ((), False)))


def against(ask: Question, row: RequirementRow) -> tuple[tuple[Evidence, ...], bool]:
    """What was reported last of any check, named or not, and did not pass; whether some hides."""
    every = tuple(_last(ask, row))
    known = (each for each in every if each is not None)
    return tuple(e for e in known if e.outcome is not Outcome.PASSED), None in every


def ended(report: Evidence) -> str:
    """What was checked, where if that is told, and how it ended."""
    place = f" in {report.environment}" if report.environment else ""
    return f"{report.name}{place} {report.outcome.in_words}"


def approved(row: RequirementRow, now: Advance) -> Finding:
    """That it counts, with the reports by which it does."""
    ids = tuple(id for each in now.results for id in each.evidence)
    message = "Approved in advance, for as long as every test passes."
    return Finding(row.name, Is.SATISFIED, row.title, ids, (), message, source=row.source)


def coming_to_hold(ask: Question, row: RequirementRow, now: Advance) -> tuple[Act, ...]:
    """What is reported for the approval in advance to count; nothing where that is not known."""
    if not row.in_advance or now.unknown:
        return ()
    lacking = [each.name for each in now.results if not each.holds]
    acts = (act for name in lacking for act in reporting(ask, row, f"Report that {name} passed."))
    left = tuple(each for each in now.against if each.name not in lacking)
    return (*acts, *((answering(ask, row, left),) if left else ()))


def digests_built(ask: Question) -> frozenset[str]:
    """The digests of what was built here of its versions, beside those that it names."""
    built = packages_of(ask.state, ask.records).values()
    found = frozenset(each.digest for packages in built for each in packages if each.digest)
    return found - ask.subjects


def _last(ask: Question, row: RequirementRow) -> Iterator[Evidence | None]:
    """The newest word on each check of its commits and packages, named or not; None if it hides.

    Each place where one ran has its own, and so has everybody who reported of it: what somebody
    found not to pass is not forgotten once it passed elsewhere, or for others. That something did
    not pass counts from anybody who is in office: what is asked for beside it is but the approval,
    or word, of others.
    """
    for reports in (ask.reports, ask.reported(digests_built(ask))):
        for every in reports.by_name.values():
            near = [each for each in every if _near(ask, each)]
            for place, who in dict.fromkeys((each.environment, each.reporter) for each in near):
                there = [each for each in near if each.environment == place]
                newest = _newest(ask, row, there, who)
                if newest is not None:
                    yield None if newest.id in reports.untold else newest


def _near(ask: Question, report: Evidence) -> bool:
    """Whether it says something of the release: of its project, and of its contents if of any."""
    return report.project in ask.projects and report.manifest in (None, manifest(ask))


def _newest(
    ask: Question, row: RequirementRow, reports: list[Evidence], who: str
) -> Evidence | None:
    """What somebody said last of a check did not pass, or what answers it since."""
    said: Evidence | None = None
    for each in reports:
        own = each.reporter == who and stands(ask, None, who, each.project)
        if each.outcome is not Outcome.PASSED:
            said = each if own else said
        elif (said or own) and _of_it(ask, each) and answers(ask, row, said or each, each.reporter):
            said = each
    return said


def _of_it(ask: Question, report: Evidence) -> bool:
    """Whether it is of the very project that its commit is of; of several it has to be known."""
    return ask.projects == {report.project} or report.project in projects_of_subject(
        ask, report.subject
    )
