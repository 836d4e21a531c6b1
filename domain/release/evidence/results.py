"""What reported evidence says of a release: the newest report on each commit and package counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from domain.evidence.aggregate import Evidence, Outcome
from domain.gate import Act
from domain.handing_over import those_answered
from domain.office import holds
from domain.process.release import RequirementRow
from domain.release.evidence.hands import own, own_of_any
from domain.release.evidence.manifest import manifest
from domain.release.evidence.of_project import projects_of
from domain.release.gate.question import Question, unknown
from domain.release.standing import scopes_of
from domain.release.state import Target
from domain.release.whereabouts.there import away, not_working


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


def passed(ask: Question, row: RequirementRow, name: str) -> Result:
    """What the evidence of this name says of every version, by reporters who count."""
    versions = ask.state.plan.versions
    found = {version: _of(ask, row, name, ask.state.target(version)) for version in versions}
    missing = tuple(f"{name} of {version}" for version, reports in found.items() if not reports)
    reports = {each.id: each for every in found.values() for each in every}
    return Result(name, tuple(reports.values()), missing)


def compared(ask: Question, row: RequirementRow, name: str, target: Target) -> Result:
    """What is known of the version, compared with the very contents that the release has."""
    anywhere = replace(row, environment=None)
    against = ask.compared_before.union((manifest(ask),))
    return Result(name, _of(ask, anywhere, name, target, against), ())


def moved_on(ask: Question, row: RequirementRow, name: str, target: Target) -> bool:
    """Whether it was compared with the same list, when something on that stood elsewhere."""
    subjects = filter(None, (target.commit, target.package))
    every = (each for subject in subjects for each in ask.reports.told(subject, name))
    before = (
        e for e in every if ask.state.is_listed_in(e.manifest) and e.manifest != manifest(ask)
    )
    return any(counts(ask, row, each) for each in before)


def failed_anywhere(ask: Question, row: RequirementRow, name: str, target: Target) -> bool:
    """Whether it may ever have failed for the version, whatever it compared.

    It did by a report that counts and failed, or that hides: of that nobody knows how it ended.
    """
    anywhere, reports = replace(row, environment=None), ask.reports
    subjects = filter(None, (target.commit, target.package))
    every = (each for subject in subjects for each in reports.by_name.get((subject, name), ()))
    bad = (e for e in every if e.outcome is Outcome.FAILED or e.id in reports.untold)
    return any(_counts(ask, anywhere, each, target) for each in bad)


def _of(
    ask: Question,
    row: RequirementRow,
    name: str,
    target: Target,
    against: frozenset[str] | None = None,
) -> tuple[Evidence, ...]:
    """The newest report that counts on the version's commit, and that on its package.

    With manifests, the newest of those that were compared with one, or did not pass at all.
    """

    def counting(report: Evidence) -> bool:
        near = against is None or _compared_with(report, against)
        return near and _counts(ask, row, report, target)

    subjects = filter(None, (target.commit, target.package))
    return ask.reports.last(name, subjects, counting)


def counts(ask: Question, row: RequirementRow, report: Evidence) -> bool:
    """Whether who reports holds the role that the row asks for, and had no hand in what it is of.

    A role that is held for projects is to be held for the one reported of.
    """
    known = stands(ask, row.reporter, report.reporter, report.project)
    return known and not own(ask, report.reporter, report.subject)


def stands(ask: Question, role: str | None, reporter: str, project: str | None = None) -> bool:
    """Whether a reporter is in office for the project, with the role, if one is asked for."""
    asked = (reporter, role, project)
    if asked not in ask.believed:
        scopes = scopes_of(ask.state)
        if project is not None:
            scopes = {**scopes, "project": frozenset((project,))}
        ask.believed[asked] = holds(ask.authority, reporter, role, scopes, ask.at)
    return ask.believed[asked]


def _compared_with(report: Evidence, contents: frozenset[str]) -> bool:
    """Whether it was compared with these contents; what names none counts against any."""
    against = report.manifest is None and report.outcome is not Outcome.PASSED
    return report.manifest in contents or against


def reporting(ask: Question, row: RequirementRow, description: str) -> tuple[Act, ...]:
    """That somebody reports whose word counts for the row, once somebody answers for them."""
    able = _counting(ask, row, ask.who("evidence.report"))
    if able or row.reporter is None or ask.who is unknown:
        return (Act("evidence.report", able, description=description),)
    place = scopes_of(ask.state)
    holders = (ask.authority.holders(row.reporter, each, of, ask.at) for each, of in place.items())
    left = _counting(ask, row, frozenset().union(*holders))
    people, first = those_answered(ask.authority, left, ask.who)
    told = people if first else frozenset[str]()
    return (*first, Act("evidence.report", told, description=description))


def _counting(ask: Question, row: RequirementRow, people: Iterable[str]) -> frozenset[str]:
    """Those of them whose word counts for the row, and who had no hand in what it is of."""
    known = (each for each in people if stands(ask, row.reporter, each))
    return frozenset(each for each in known if not own_of_any(ask, each))


def _counts(ask: Question, row: RequirementRow, report: Evidence, target: Target) -> bool:
    """Whether it counts, and is of the right project, place and time.

    Of a place the release goes to it says something since the release went there the last time:
    nobody tested there before what came later (S0-18, S1-35). It says nothing once that was found
    not to work, nor does anything pass while another release is tested there instead.
    """
    if row.environment is not None and report.environment != row.environment:
        return False
    if row.environment in ask.kind.environments:
        delivery = ask.state.delivery(row.environment or "")
        if delivery is None or report.reported_at < delivery.started_at:
            return False
        if not_working(ask, delivery):
            return False
        if report.outcome is Outcome.PASSED and away(ask, delivery, report.reported_at):
            return False
    known = report.project in projects_of(ask, target.commit)
    return known and counts(ask, row, report)
