"""What every writer must agree on before it decides: the policy in force, and who holds what."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from domain.authority import Authority
from ledger.judging import Halted, Judge, Rules
from ledger.registry import Registry
from ledger.scene import Pending
from ledger.view import View
from ledger.writes import Database, Head, Writes

AUTHORITY: Final = ("principal", "grant", "board", "delegation")
"""The aggregates that say who holds what."""
ERASURE: Final = "erasure"
MOVING: Final = (*AUTHORITY, ERASURE)
"""Those that move the head's place of who holds what: an erasure may empty what they say."""
POLICY: Final = "policy"
MANY: Final = 20_000
"""With more changes than this, everything is read anew."""

Subjects = dict[str, set[str]]
"""Ids by the name of their aggregate."""


@dataclass(slots=True)
class Agreed:
    """One writer's copy, brought up to date when the head says that another writer changed it."""

    registry: Registry
    database: Database
    rules: Rules
    view: View
    authority: Authority = field(default_factory=Authority)
    judge: Judge | None = None
    policy: str | None = None
    position: int | None = None
    generation: int | None = None
    _touched: Subjects = field(default_factory=dict)

    def refresh(self, head: Head) -> None:
        """Learn what is stale."""
        if head.policy is None:
            self.judge = self.policy = None
        elif head.policy != self.policy:
            self._adopt(self._in_force(head.policy))
        if self.position is None or head.generation != self.generation:
            self._load()
        elif head.authority_position != self.position or self._touched:
            self._catch_up(self.position)
        self.position, self.generation = head.authority_position, head.generation

    def forget(self) -> None:
        """A batch was rolled back after it had been followed, or nobody knows: look again."""
        self.judge = self.policy = None

    def follow(self, pending: Pending, position: int, writes: Writes) -> None:
        """Let an event of this batch count for the requests after it."""
        name = pending.aggregate.name
        if name in AUTHORITY:
            self._learn(name, pending.after)
        if name in MOVING:
            writes.head = replace(writes.head, authority_position=position)
        if name == POLICY and pending.after.status == "adopted" and pending.after.id != self.policy:
            self._adopt(pending.after)
            writes.head = replace(writes.head, policy=self.policy, policy_position=position)

    def committed(self, head: Head) -> None:
        """The batch is stored: the copy is as new as this head."""
        self.position = head.authority_position
        self._touched.clear()

    def repainted(self, aggregate: str, state: Any) -> None:
        """A state was folded again with emptied parts."""
        if aggregate in AUTHORITY:
            self._learn(aggregate, state)

    def _learn(self, name: str, state: Any) -> None:
        """Learn what is not stored yet."""
        self._touched.setdefault(name, set()).add(state.id)
        self.authority.learn(state)

    def _in_force(self, id: str) -> Any:
        """The policy that the head names; one that nobody adopted stops all writing."""
        policy = self.view.at((POLICY, id))
        if policy is None or policy.status != "adopted":
            raise Halted("policy_not_adopted", "The head names a policy that nobody adopted.")
        return policy

    def _adopt(self, policy: Any) -> None:
        self.judge = self.rules.compile(policy)
        self.policy = policy.id
        self._tell(self.authority)

    def _tell(self, authority: Authority) -> None:
        """Which roles there are, and which let their holder decide, is a matter of the policy."""
        if self.judge is not None:
            authority.roles = self.judge.roles
            authority.approving = self.judge.approving

    def _load(self) -> None:
        fresh = Authority()
        self._tell(fresh)
        for name in AUTHORITY:
            aggregate = self.registry.by_name.get(name)
            for state in self.database.find(aggregate, {}) if aggregate else ():
                fresh.learn(state)
        self.authority = fresh
        self._touched.clear()

    def _catch_up(self, position: int) -> None:
        """Learn what others stored since a position, and what was learnt but perhaps not stored."""
        rows = self.database.changed(kinds_of(self.registry, MOVING), position + 1)
        changed = subjects_of(self.registry, rows, self.database.states)
        for name, ids in self._touched.items():
            changed.setdefault(name, set()).update(ids)
        if sum(map(len, changed.values())) > MANY:
            self._load()
            return
        for name, ids in changed.items():
            aggregate = self.registry.by_name[name]
            found = {each.id: each for each in self.database.states(aggregate, sorted(ids))}
            learn(self.authority, aggregate.state, ids, found)
        self._touched.clear()


def kinds_of(registry: Registry, names: Collection[str]) -> list[str]:
    """The kinds of events of these aggregates."""
    return [kind for kind, (aggregate, _) in registry.kinds.items() if aggregate.name in names]


def subjects_of(
    registry: Registry,
    rows: Iterable[tuple[str, str]],
    find: Callable[[Any, list[str]], Iterable[Any]],
) -> Subjects:
    """What has changed, of rows of aggregate and subject; of an erasure, whose parts it emptied."""
    changed: Subjects = {}
    for name, subject in rows:
        changed.setdefault(name, set()).add(subject)
    if erasures := changed.pop(ERASURE, None):
        for each in find(registry.by_name[ERASURE], sorted(erasures)):
            if each.aggregate in AUTHORITY:
                changed.setdefault(each.aggregate, set()).add(each.subject)
    return changed


def learn(authority: Authority, kind: type, ids: Iterable[str], states: dict[str, Any]) -> None:
    """Let an authority know these states, and nothing of those ids that have none."""
    for id in ids:
        if id in states:
            authority.learn(states[id])
        else:
            authority.forget(kind, id)
