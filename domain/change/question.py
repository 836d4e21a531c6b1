"""A question to a gate of a change, and how its findings are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from domain.approval.asking import at_board
from domain.approval.voting import Standing
from domain.authority import Authority
from domain.change.standing import scopes_of
from domain.change.state import Change, Status
from domain.gate import Act, Finding, There, nowhere
from domain.gate import Status as Is
from domain.kernel import Records

Who = Callable[[str], frozenset[str]]
"""Who may ask for an action on this change, by the policy and what they hold now."""
_NOBODY: frozenset[str] = frozenset()


def unknown(_action: str) -> frozenset[str]:
    """Nobody: inside the writer it is decided, not explained, so nobody is looked up."""
    return _NOBODY


@dataclass(frozen=True, slots=True)
class Question:
    """A change, and everything a gate looks at to answer for it."""

    state: Change
    at: datetime
    authority: Authority
    records: Records
    who: Who = unknown
    there: There = nowhere
    now: datetime | None = None
    """Where `at` lies ahead, what moment this is."""
    behind: bool = False
    """Whether this is asked of a change that another one waits for."""

    def of(self, other: Change) -> Question:
        """The same question about another change, with those who may act on that."""
        there = scopes_of(other)
        return replace(self, state=other, who=lambda act: self.there(act, there), behind=True)

    def may(self, standing: Standing) -> frozenset[str] | None:
        """Whom the policy lets approve this change under a rule; None where that is not told."""
        return None if self.there is nowhere else may_approve(self.state, standing, self.there)

    def act(self, action: str, description: str, without: frozenset[str] = _NOBODY) -> Act:
        """That somebody who may, and is not among `without`, asks for the action."""
        return Act(action, self.who(action) - without, description=description)

    def status(self, wanted: Status, *acts: Act) -> Finding:
        """Whether the change is in this status, and what would bring it there."""
        title = f"The change is in {wanted.value}"
        message = f"It is in {self.state.status.value}."
        holds = self.state.status is wanted
        return found("status", title, holds, f"not_in_{wanted.value}", message, *acts)


def may_approve(state: Change, standing: Standing, there: There) -> frozenset[str]:
    """Whom the policy lets approve a change under a rule, before or after the fact."""
    return there("change.approve", at_board(scopes_of(state), standing.rule))


def found(name: str, title: str, holds: object, code: str, message: str, *acts: Act) -> Finding:
    """A finding that is satisfied when `holds` is true, and else says what would help."""
    if holds:
        return Finding(name, Is.SATISFIED, title)
    return Finding(name, Is.UNSATISFIED, title, message=message, code=code, acts=acts)


def aside(name: str, title: str, message: str = "") -> Finding:
    """A finding that asks for nothing here."""
    return Finding(name, Is.NOT_APPLICABLE, title, message=message)
