"""Approval in advance: it stands for the word of others while every test passes (S3-14)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from domain.evidence.state import Evidence, Outcome
from domain.gate import Finding
from domain.gate import Status as Is
from domain.process.release import RequirementRow
from domain.release.evidence.made_of import packages_of
from domain.release.evidence.manifest import manifest
from domain.release.evidence.of_project import projects_of_subject
from domain.release.evidence.results import Result, counts, passed, stands
from domain.release.gate.question import Question

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
        more = "" if len(lacking) <= MOST_NAMED else f" and {len(lacking) - MOST_NAMED} more"
        told = ", ".join(lacking[:MOST_NAMED]) + more
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
    return f"{report.name}{place} is {report.outcome.value}"


def approved(row: RequirementRow, now: Advance) -> Finding:
    """That it counts, with the reports by which it does."""
    ids = tuple(id for each in now.results for id in each.evidence)
    message = "Approved in advance, for as long as every test passes."
    return Finding(row.name, Is.SATISFIED, row.title, ids, (), message, source=row.source)


def digests_built(ask: Question) -> frozenset[str]:
    """The digests of what was built here of its versions, beside those that it names."""
    built = packages_of(ask.state, ask.records).values()
    found = frozenset(each.digest for packages in built for each in packages if each.digest)
    return found - ask.subjects


def _last(ask: Question, row: RequirementRow) -> Iterator[Evidence | None]:
    """The newest word on each check of its commits and packages, named or not; None if it hides.

    Each place where one ran has its own: that it passed elsewhere takes no failure away. A pass
    counts if the word of who reports it does. That something did not pass counts from anybody who
    is in office: what is asked for beside it is but the approval, or word, of others.
    """
    for reports in (ask.reports, ask.reported(digests_built(ask))):
        for (subject, name), every in reports.by_name.items():
            for place in dict.fromkeys(each.environment for each in every):
                speaks = partial(_speaks, ask, row, place)
                yield from reports.last(name, (subject,), speaks)
                if reports.hides(name, (subject,), speaks):
                    yield None


def _speaks(ask: Question, row: RequirementRow, place: str | None, report: Evidence) -> bool:
    """Whether it says of this place something of the release.

    It is of its project, and of its contents if of any.
    """
    if report.environment != place:
        return False
    if report.project not in ask.projects or report.manifest not in (None, manifest(ask)):
        return False
    if report.outcome is Outcome.PASSED:
        return _of_it(ask, report) and counts(ask, row, report)
    return stands(ask, None, report.reporter, report.project)


def _of_it(ask: Question, report: Evidence) -> bool:
    """Whether it is of the very project that its commit is of; of several it has to be known."""
    return ask.projects == {report.project} or report.project in projects_of_subject(
        ask, report.subject
    )
