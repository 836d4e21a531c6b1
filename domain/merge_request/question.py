"""A question to the gate of a merge request: everything it looks at, each read at most once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from domain.approval.approval import Standings
from domain.authority import Authority
from domain.belonging import CARRIED, everybody
from domain.evidence.reports import judged
from domain.evidence.state import Evidence
from domain.gate import Act, There, nowhere
from domain.kernel import Records
from domain.merge_request.reports import Told, reports_on
from domain.merge_request.standing import involved, kind_of, standings
from domain.merge_request.state import MergeRequest
from domain.process.process import MergeRequestKind

Who = Callable[[str], frozenset[str]]
"""Who may ask for an action in the project, by the policy and what they hold now."""
_NOBODY: Final[frozenset[str]] = frozenset()


def unknown(_action: str) -> frozenset[str]:
    """Nobody: inside the writer it is decided, not explained, so nobody is looked up."""
    return _NOBODY


def knowing(state: MergeRequest, action: str, who: Who) -> frozenset[str]:
    """Who may ask for an action and may know of the merge request that it is about.

    Of a hidden one it is the cleared, and who wrote or opened it where they carry it on by that.
    """
    people = who(action)
    noun, _, verb = action.partition(".")
    if not state.embargoed or noun not in ("merge_request", "exemption"):
        return people
    carried = noun in CARRIED and verb in CARRIED[noun].acts
    own = {state.writer, state.opened_by} if carried else ()
    return people & who("merge_request.read_embargoed").union(own)


@dataclass
class Question:
    """A merge request at a moment, who would merge it, and what its gate looks at.

    `reports` are what was reported of its head, where somebody has read that already; `sees` tells
    who may know of it, and of a release that has it.
    """

    state: MergeRequest
    at: datetime
    authority: Authority
    records: Records
    by: str | None = None
    who: Who = field(default=unknown)
    reports: tuple[Evidence, ...] | None = None
    there: There = field(default=nowhere)
    sees: Callable[[str, Any], bool] = field(default=everybody)

    @cached_property
    def kind(self) -> MergeRequestKind:
        """Its kind; LookupError when the playbook is gone."""
        return kind_of(self.state, self.records)

    @cached_property
    def now(self) -> Standings:
        """How the rules stand."""
        return standings(self.state, self.authority, self.at)

    @cached_property
    def own(self) -> frozenset[str]:
        """Who had a hand in it."""
        return involved(self.state, self.authority)

    @cached_property
    def told(self) -> Told:
        """What was reported of the head, as far as it counts; read only where the kind asks."""
        found = self.reports
        if found is None:
            asked = self.kind.evidence or self.kind.conditions
            found = reports_on(self.records, (self.state,)) if asked else ()
        hidden, own = self.state.embargoed, (self.state.id,)
        on_head = [each for each in found if each.subject == self.state.head]
        reports = judged(on_head, self.records, hidden=hidden, shown=own)
        return Told(self.state, self.kind, reports, self.authority, self.at, who=self.who)

    def act(self, action: str, description: str) -> Act:
        """That somebody who may asks for the action."""
        return Act(action, self.who(action), 1, description)
