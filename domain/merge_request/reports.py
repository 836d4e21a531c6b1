"""What is reported of the head of a merge request: the newest word of who may give it counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from domain.authority import Authority
from domain.evidence_state import Evidence, Outcome
from domain.gate import Act, Finding
from domain.gate import Status as Is
from domain.kernel import Records
from domain.merge_request.state import MergeRequest
from domain.office import holds
from domain.process import MergeRequestKind


def reports_on(records: Records, states: Iterable[MergeRequest]) -> tuple[Evidence, ...]:
    """What was reported of the heads, oldest first, in one question."""
    heads = frozenset(each.head for each in states)
    found = records.find(Evidence, subject=heads) if heads else ()
    return tuple(sorted(found, key=lambda each: (each.reported_at, each.id)))


class Told:
    """The evidence that counts for the head of one merge request at a moment."""

    def __init__(
        self,
        state: MergeRequest,
        kind: MergeRequestKind,
        reports: Sequence[Evidence],
        authority: Authority,
        at: datetime,
    ) -> None:
        """Judge these reports, which may be on other commits too; oldest first."""
        self.state, self.kind, self.authority, self.at = state, kind, authority, at
        self.reports = [each for each in reports if self._counts(each)]

    def newest(self, name: str) -> Evidence | None:
        """The newest report of this name that counts."""
        return next((each for each in reversed(self.reports) if each.name == name), None)

    def _counts(self, report: Evidence) -> bool:
        """Whether it is on this very head, by a known reporter with the role and no hand in it."""
        state, reporter = self.state, report.reporter
        if (report.subject, report.project) != (state.head, state.project):
            return False
        if reporter in (state.author, *state.contributors):
            return False
        scopes = {"project": frozenset((state.project,))}
        return holds(self.authority, reporter, self.kind.reporter, scopes, self.at)

    def findings(self) -> tuple[Finding, ...]:
        """Whether everything that the kind wants passed (S1-23)."""
        return tuple(map(self._finding, self.kind.evidence))

    def _finding(self, name: str) -> Finding:
        """Missing, skipped, neutral, running and failed block alike (X-05)."""
        requirement, title = f"evidence:{name}", f"{name} passed for the head"
        report = self.newest(name)
        if report is not None and report.outcome is Outcome.PASSED:
            return Finding(requirement, Is.SATISFIED, title, (report.id,), source=SOURCE)
        failed = report is not None and report.outcome is Outcome.FAILED
        said = report.outcome.value if report else "not reported"
        return Finding(
            requirement,
            Is.UNSATISFIED,
            title,
            (report.id,) if report else (),
            (f"{name} is {said}",),
            f"{name} is {said} for {self.state.head[:12]}.",
            "evidence_failed" if failed else "evidence_missing",
            SOURCE,
            acts=(self.report(name),),
        )

    def report(self, name: str) -> Act:
        """That somebody who counts reports it."""
        role, project = self.kind.reporter, self.state.project
        found = (
            self.authority.holders(role, "project", frozenset((project,)), self.at) if role else {}
        )
        return Act("evidence.report", frozenset(found), 1, f"Report that {name} passed.")


SOURCE = "S1-23"
