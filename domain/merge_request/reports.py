"""What is reported of the head of a merge request: the newest word of who may give it counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from domain.authority import Authority
from domain.evidence.reports import Reports
from domain.evidence.state import Evidence, Outcome
from domain.gate import Act, Finding
from domain.gate import Status as Is
from domain.handing_over import those_answered
from domain.kernel import Records
from domain.merge_request.standing import writers
from domain.merge_request.state import MergeRequest
from domain.office import holds
from domain.process.process import MergeRequestKind


def reports_on(records: Records, states: Iterable[MergeRequest]) -> tuple[Evidence, ...]:
    """What was reported of the heads, in one question."""
    heads = frozenset(each.head for each in states)
    return tuple(records.find(Evidence, subject=heads)) if heads else ()


class Told:
    """The evidence that counts for the head of one merge request at a moment."""

    def __init__(
        self,
        state: MergeRequest,
        kind: MergeRequestKind,
        reports: Reports,
        authority: Authority,
        at: datetime,
        *,
        who: Callable[[str], frozenset[str]],
    ) -> None:
        """Judge by these reports of the head; `who` tells who may ask for an action."""
        self.who = who
        self.state, self.kind, self.authority, self.at = state, kind, authority, at
        self.reports = reports
        self.writers = writers(state, authority) if reports.by_name else frozenset()

    def newest(self, name: str) -> Evidence | None:
        """The newest report of this name that counts; None where it is hidden and this is not."""
        return next(iter(self.reports.last(name, (self.state.head,), self._counts)), None)

    def _counts(self, report: Evidence) -> bool:
        """Whether it is by a known reporter with the role who has no hand in the head.

        Nor has anybody behind them (S1-23).
        """
        return report.reporter not in self.writers and self._known(report)

    def _known(self, report: Evidence) -> bool:
        """Whether it is of the project, by a known reporter with the role."""
        if report.project != self.state.project:
            return False
        scopes = {"project": frozenset((self.state.project,))}
        return holds(self.authority, report.reporter, self.kind.reporter, scopes, self.at)

    def _own(self, name: str) -> bool:
        """Whether it was reported, but by who wrote the head."""
        told = self.reports.told(self.state.head, name)
        return any(each.reporter in self.writers and self._known(each) for each in told)

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
        if report is None and self._own(name):
            said += " but by who wrote it, or by a program of theirs, which does not count"
        return Finding(
            requirement,
            Is.UNSATISFIED,
            title,
            (report.id,) if report else (),
            (f"{name} is {said}",),
            f"{name} is {said} for {self.state.head[:12]}.",
            "evidence_failed" if failed else "evidence_missing",
            SOURCE,
            acts=self.report(name),
        )

    def report(self, name: str) -> tuple[Act, ...]:
        """That somebody who counts reports it, once somebody answers for them."""
        role, project = self.kind.reporter, self.state.project
        found = (
            self.authority.holders(role, "project", frozenset((project,)), self.at) if role else {}
        )
        able = frozenset(found) - writers(self.state, self.authority)
        able, first = those_answered(self.authority, able, self.who)
        told = f"Report that {name} passed, as no writer of it."
        return (*first, Act("evidence.report", able, 1, told))


SOURCE = "S1-23"
