"""What reported evidence says of a release: the newest report on each commit and package counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from domain.evidence import Evidence, Outcome
from domain.office import holds
from domain.process_release import RequirementRow
from domain.release.question import Question
from domain.release.standing import scopes_of
from domain.release.state import Target


@dataclass(frozen=True, slots=True)
class Result:
    """What is known under a name: the reports that count, and what is not there.

    It holds when every version has a report, and the newest on each of its subjects passed.
    """

    name: str
    reports: tuple[Evidence, ...]
    missing: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Everything passed and nothing is missing: skipped and neutral are no result (X-05)."""
        passed = all(each.outcome is Outcome.PASSED for each in self.reports)
        return bool(self.reports) and passed and not self.missing

    @property
    def failed(self) -> bool:
        """Something failed."""
        return any(each.outcome is Outcome.FAILED for each in self.reports)

    @property
    def evidence(self) -> tuple[str, ...]:
        """The ids of the reports that count."""
        return tuple(each.id for each in self.reports)


def passed(
    ask: Question, row: RequirementRow, name: str, of: tuple[str, ...] | None = None
) -> Result:
    """What the evidence of this name says of these versions, or all, by reporters who count."""
    versions = ask.state.plan.versions if of is None else of
    found = {version: tuple(_of(ask, row, name, ask.state.target(version))) for version in versions}
    missing = tuple(f"{name} of {version}" for version, reports in found.items() if not reports)
    reports = {each.id: each for every in found.values() for each in every}
    return Result(name, tuple(reports.values()), missing)


def _of(ask: Question, row: RequirementRow, name: str, target: Target) -> Iterator[Evidence]:
    """The newest report that counts on the version's commit, and that on its package."""
    for subject in filter(None, (target.commit, target.package)):
        reports = reversed(ask.reports.get((subject, name), []))
        counting = (each for each in reports if _counts(ask, row, each))
        yield from islice(counting, 1)


def counts(ask: Question, row: RequirementRow, reporter: str, project: str | None = None) -> bool:
    """Whether a reporter is known and holds the role that the row asks for.

    A role that is held for projects is to be held for the `project` reported of, if that is given.
    """
    scopes = scopes_of(ask.state)
    if project is not None:
        scopes = {**scopes, "project": frozenset((project,))}
    return holds(ask.authority, reporter, row.reporter, scopes, ask.at)


def _counts(ask: Question, row: RequirementRow, report: Evidence) -> bool:
    """Whether it counts, and is of the right project, place and time.

    Of a place the release goes to it says something since the release went there the last time:
    nobody tested there before what came later (S0-18, S1-35).
    """
    if row.environment is not None and report.environment != row.environment:
        return False
    if row.environment in ask.kind.environments:
        delivery = ask.state.delivery(row.environment or "")
        if delivery is None or report.reported_at < delivery.started_at:
            return False
    known = report.project in ask.projects
    return known and counts(ask, row, report.reporter, report.project)
