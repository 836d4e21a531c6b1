"""What every writer must agree on before it decides: the policy in force, and who holds what."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from domain.authority import Authority
from ledger.judging import Halted, Judge, Rules
from ledger.registry import Registry
from ledger.scene import Pending
from ledger.view import View
from ledger.writes import Database, Head, Writes

AUTHORITY = ("principal", "grant", "board", "delegation")
"""The aggregates that say who holds what; the position of their last change is in the head."""
POLICY = "policy"


@dataclass(slots=True)
class Agreed:
    """One writer's copy, reloaded when the head says that another writer changed it."""

    registry: Registry
    database: Database
    rules: Rules
    view: View
    authority: Authority = field(default_factory=Authority)
    judge: Judge | None = None
    policy: str | None = None
    position: int | None = None

    def refresh(self, head: Head) -> None:
        """Reload what is stale."""
        if head.policy is None:
            self.judge = self.policy = None
        elif head.policy != self.policy:
            self._adopt(self._in_force(head.policy))
        if head.authority_position != self.position:
            self.authority = self._load()
            self.position = head.authority_position
            self._tell_authority()

    def forget(self) -> None:
        """A batch was rolled back after it had been followed: reload everything."""
        self.judge = self.policy = self.position = None

    def follow(self, pending: Pending, position: int, writes: Writes) -> None:
        """Let an event of this batch count for the requests after it."""
        name = pending.aggregate.name
        if name in AUTHORITY:
            self.authority.learn(pending.after)
            writes.head = replace(writes.head, authority_position=position)
        if name == POLICY and pending.after.status == "adopted" and pending.after.id != self.policy:
            self._adopt(pending.after)
            writes.head = replace(writes.head, policy=self.policy, policy_position=position)

    def committed(self, head: Head) -> None:
        """The batch is stored: the copy is as new as this head."""
        self.position = head.authority_position

    def repainted(self, aggregate: str, state: Any) -> None:
        """A state was folded again with emptied parts."""
        if aggregate in AUTHORITY:
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
        self._tell_authority()

    def _tell_authority(self) -> None:
        """Which roles there are, and which let their holder decide, is a matter of the policy."""
        if self.judge is not None:
            self.authority.roles = self.judge.roles
            self.authority.approving = self.judge.approving

    def _load(self) -> Authority:
        fresh = Authority()
        for name in AUTHORITY:
            aggregate = self.registry.by_name.get(name)
            for state in self.database.find(aggregate, {}) if aggregate else ():
                fresh.learn(state)
        return fresh
