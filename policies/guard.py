"""Decides who may ask for what: an adopted policy, compiled once and swapped by reference."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.authority import Authority
from domain.grant.holdings import every_covering
from domain.kernel import Scopes, is_person
from domain.office import UNANSWERED, answered
from domain.wording import ANY
from policies.coverage import (
    NOTHING,
    NOWHERE,
    covering,
    touching,
    values_held,
)
from policies.decision import Decision, Reach, Right, Who
from policies.owners import Held, common, covered, everything, owners
from policies.rules import EMBARGOED, EVERYONE, Line, read
from policies.ruling import NOBODY, Ruling, Way, allowed, denied, ruling

__all__ = ["Decision", "Guard", "Line", "Reach", "Right", "Who"]

NO_NAMES: frozenset[str] = frozenset()
UNOWNED = Decision(allowed=False, line=None, number=None, grant=None, reason=UNANSWERED)
"""What a program is answered for which nobody answers."""


@dataclass(frozen=True, slots=True, eq=False)
class Guard:
    """A compiled policy. It never changes, so readers of an older one finish undisturbed.

    `roles` are all that may be granted under it, `approving` those by which somebody may ask for
    a deciding command or read what is under embargo: each takes a second person to give.
    """

    lines: tuple[Line, ...]
    rulings: Mapping[str, Ruling]
    roles: frozenset[str]
    approving: frozenset[str]

    @staticmethod
    def compile(
        model: str,
        rules: str,
        *,
        actions: Collection[str] | None = None,
        deciding: Collection[str] = NO_NAMES,
    ) -> Guard:
        """The guard of these two texts; raises PolicyFault with every fault of both.

        `actions` are the names there are; None takes any, for a policy that was checked when it
        was proposed. `deciding` names the actions that decide something.
        """
        lines = read(model, rules, actions)
        by_action: dict[str, list[Line]] = {}
        for line in lines:
            by_action.setdefault(line.action, []).append(line)
        return Guard(
            lines,
            {action: ruling(found) for action, found in by_action.items()},
            frozenset(line.role for line in lines) - {EVERYONE},
            frozenset(
                line.role
                for line in lines
                if line.allows and (line.action in deciding or line.action.endswith(EMBARGOED))
            ),
        )

    def decide(
        self, by: str, action: str, scopes: Scopes, authority: Authority, at: datetime
    ) -> Decision:
        """Whether this principal may ask for this action in these scopes at this moment.

        A line allows who holds its role for every value of its scope kind that the action
        touches, and denies who holds it for one of them; one deny outweighs every allow. A kind
        of which nothing is known to be touched is held only by who holds the role for `any`. A
        program sees of what is hidden only what its owner sees, and may nothing while that one is
        suspended.
        """
        ruling = self.rulings.get(action, NOBODY)
        if ruling.denying or not is_person(by):
            denied = self._refused(by, ruling, scopes, authority, at)
            if denied is not None:
                return denied
        held = authority.by_person.get(by)
        if held is not None and not ruling.keys.isdisjoint(held):
            for way in ruling.allows:
                key, kind, line = way
                place = held.get(key)
                if place is not None:
                    grant = covering(place, scopes.get(kind, NOWHERE) if kind else NOWHERE, at)
                    if grant is not None and (
                        not ruling.hidden or _owned(by, ruling, scopes, authority, at)
                    ):
                        return allowed(line, grant)
        if ruling.everyone is not None and _anyone(by, authority):
            return ruling.everyone
        return ruling.refusal

    def grants(
        self, by: str, action: str, scopes: Scopes, authority: Authority, at: datetime
    ) -> tuple[str, ...]:
        """Every grant by which a person may ask for this, the one that `decide` tells first."""
        ruling = self.rulings.get(action, NOBODY)
        plain = is_person(by) and not ruling.denying  # by whatever grant covers it
        if not plain and not self.decide(by, action, scopes, authority, at).allowed:
            return ()
        held, found = authority.by_person.get(by, NOTHING), list[str]()
        for key, kind, _ in ruling.allows:
            if (place := held.get(key)) is not None:
                values = scopes.get(kind, NOWHERE) if kind else NOWHERE
                found += every_covering(place, values, at)
        return tuple(dict.fromkeys(found))

    def _refused(
        self, by: str, ruling: Ruling, scopes: Scopes, authority: Authority, at: datetime
    ) -> Decision | None:
        """Whatever grants there are: for want of an owner in service, or by a line."""
        if not answered(authority, by):
            return UNOWNED
        return self._denied(by, ruling, scopes, authority, at)

    def _denied(
        self, by: str, ruling: Ruling, scopes: Scopes, authority: Authority, at: datetime
    ) -> Decision | None:
        if ruling.deny_everyone is not None and _anyone(by, authority):
            return ruling.deny_everyone
        held = authority.by_person.get(by, NOTHING)
        for way in ruling.denies:
            grant = touching(held.get(way.key), way.kind, scopes, at)
            if grant is not None:
                return denied(way.line, grant)
        return None

    # The reverse questions.

    def allowing(self, action: str) -> tuple[Line, ...]:
        """The lines that allow the action, in their order."""
        return tuple(line for line in self.lines if line.action == action and line.allows)

    def who(self, action: str, scopes: Scopes, authority: Authority, at: datetime) -> Who:
        """Who may ask for the action in these scopes at this moment, and by what."""
        ruling = self.rulings.get(action, NOBODY)
        found: dict[str, Right] = {}
        for way in ruling.allows:
            for person, grant in _holders(way, scopes, authority, at).items():
                if self._refused(person, ruling, scopes, authority, at) is not None:
                    continue
                if ruling.hidden and not _owned(person, ruling, scopes, authority, at):
                    continue
                found.setdefault(person, Right(grant, way.line))
        for_all = [line for line in self.allowing(action) if line.role == EVERYONE]
        everyone = for_all[0] if for_all and not ruling.deny_everyone else None
        return Who(dict(sorted(found.items())), everyone)

    def reach(self, by: str, action: str, authority: Authority, at: datetime) -> Reach:
        """For what values of which scope kinds this principal may ask for the action.

        Meant for reading, where rows show by what a reader holds; no line denies reading. Of
        another action, whoever a line denies it for anything at all reaches nothing.
        """
        ruling = self.rulings.get(action, NOBODY)
        if self._denied(by, ruling, {}, authority, at) is not None:
            return Reach(everything=False, values={})
        values = _values(by, ruling, authority, at)
        if everything(values):
            return Reach(everything=True, values={})
        return Reach(everything=False, values={k: found for k, found in values.items() if k})


def _values(by: str, ruling: Ruling, authority: Authority, at: datetime) -> Held:
    """For what somebody is let, by kind; of what is hidden a program only for what its owner is."""
    own = _held(by, ruling, authority, at)
    if not ruling.hidden or is_person(by):
        return own
    return common(own, (_held(each, ruling, authority, at) for each in owners(by, authority)))


def _held(by: str, ruling: Ruling, authority: Authority, at: datetime) -> Held:
    everyone = ruling.everyone is not None and _anyone(by, authority)
    held = authority.by_person.get(by, NOTHING)
    values: dict[str | None, frozenset[str]] = {None: frozenset((ANY,))} if everyone else {}
    for way in ruling.allows:
        grants = held.get(way.key)
        if grants and (found := values_held(grants, at)):
            values[way.kind] = values.get(way.kind, NOWHERE) | found
    return values


def _owned(by: str, ruling: Ruling, scopes: Scopes, authority: Authority, at: datetime) -> bool:
    """Whether who owns a program sees this that is hidden, too."""
    return is_person(by) or covered(_values(by, ruling, authority, at), scopes)


def _anyone(by: str, authority: Authority) -> bool:
    """Whether this is a person who is known and not suspended."""
    return is_person(by) and authority.person(by) is not None and not authority.suspended(by)


def _holders(way: Way, scopes: Scopes, authority: Authority, at: datetime) -> Mapping[str, str]:
    role, kind = way.key
    if kind is not None:
        return authority.holders(role, kind, scopes.get(kind, NOWHERE), at)
    anywhere = authority.holders(role, None, NOWHERE, at)
    found = {one: authority.covering(one, role, None, NOWHERE, at) for one in anywhere}
    return {person: grant for person, grant in found.items() if grant is not None}
