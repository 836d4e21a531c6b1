"""What the readiness of security fixes is judged by, read together for many at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

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

OF_SERVICE: Final = frozenset(("release", "stable_line"))
"""What is asked for by the service, and not by the project."""


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
    served: Who = field(default=unknown)
    """The same of what is for a service: `served(action, service)`."""
    cleared: Callable[[str], frozenset[str]] | None = None
    """Who may know of hidden fixes of a project; None where all who may ask do."""
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
        """An act that would help the fix, with who may ask for it and may know of the fix.

        What lines are out is no secret: who enters them need not know what for.
        """
        noun = action.partition(".")[0]
        if noun in OF_SERVICE:
            people = self.served(action, state.service)
        else:
            people = self.who(action, state.project)
        told = people if noun == "stable_line" else self.knowing(state, people)
        return Act(action, told, description=description)

    def helping(self, state: SecurityFix) -> Who:
        """Who may ask for an action in a project, of those who may know of the fix."""
        return lambda action, project: self.knowing(state, self.who(action, project))

    def knowing(self, state: SecurityFix, people: frozenset[str]) -> frozenset[str]:
        """Those of the people who may know of the fix."""
        if not state.embargoed or self.cleared is None:
            return people
        return people & self.cleared(state.project)

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
