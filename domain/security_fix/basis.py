"""What the readiness of security fixes is judged by, read together for many at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from domain.authority import Authority
from domain.belonging import everybody
from domain.evidence.state import Evidence
from domain.gate import Act
from domain.kernel import Records
from domain.merge_request.reports import reports_on
from domain.merge_request.state import MergeRequest
from domain.release.state import Release
from domain.security_fix.goal import is_given_up
from domain.security_fix.state import SecurityFix

Who = Callable[[str, str], frozenset[str]]
"""Who may ask for an action of an aggregate in a project: `who(action, project)`."""


def unknown(_action: str, _project: str) -> frozenset[str]:
    """Nobody: inside the writer it is decided, not explained, so nobody is looked up."""
    return frozenset()


@dataclass
class Basis:
    """What the readiness of several fixes is judged by, read together on first use."""

    records: Records
    authority: Authority
    at: datetime
    who: Who = field(default=unknown)
    sees: Callable[[str, MergeRequest], bool] = field(default=everybody)
    requests: dict[str, MergeRequest] = field(default_factory=dict)
    releases: dict[str, Release] = field(default_factory=dict)
    reports: tuple[Evidence, ...] = ()

    @property
    def explains(self) -> bool:
        """Whether people are looked up, to tell who helps, and not only whether it is whole."""
        return self.who is not unknown

    def tracker(self, state: SecurityFix) -> Release | None:
        """The release it goes out with, unless that was given up."""
        return None if self.given_up(state) else self.releases.get(state.tracker or "")

    def given_up(self, state: SecurityFix) -> bool:
        """Whether the release it was linked to was given up."""
        found = self.releases.get(state.tracker or "")
        return found is not None and is_given_up(found)

    def act(self, state: SecurityFix, action: str, description: str) -> Act:
        """An act that would help the fix, with who may ask for it."""
        return Act(action, self.who(action, state.project), description=description)

    def read(self, fixes: Iterable[SecurityFix]) -> None:
        """Read what these fixes consist of and follow, what was reported on it, and releases."""
        every = tuple(fixes)
        known = (*every, *self._followed(every))
        ids = frozenset(id for fix in known for id in fix.merge_requests)
        own = frozenset(fix.tracker for fix in every if fix.tracker)
        out = self.records.find(Release, id=own) if own else ()
        self.releases = {each.id: each for each in out}
        found = self.records.find(MergeRequest, id=ids) if ids else ()
        self.requests = {each.id: each for each in found}
        self.reports = reports_on(self.records, found)

    def _followed(self, fixes: Iterable[SecurityFix]) -> Iterator[SecurityFix]:
        """The fixes that these follow, and those that they follow, read a step at a time."""
        ids = frozenset(fix.follows for fix in fixes if fix.follows)
        while ids:
            found = self.records.find(SecurityFix, id=ids)
            yield from found
            ids = frozenset(fix.follows for fix in found if fix.follows)
