"""Who holds what, now and at past positions: kept, and brought up to date by what has changed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import Connection, select, text

from domain.authority import Authority
from ledger import queries
from ledger.agreed import AUTHORITY, ERASURE, MANY, MOVING, POLICY, kinds_of, learn, subjects_of
from ledger.judging import Halted, Judge
from ledger.taking_back import Changes

if TYPE_CHECKING:
    from ledger.store import Reader

CURRENT: Final = 4
"""How many of the newest standings are kept: slower transactions still ask for an older one."""
PAST: Final = 8
"""How many past standings are kept; what they have in common with the newest they share."""
MOVED: Final = text(
    "SELECT size, hiding, policy, generation, policy_position, authority_position FROM head"
)
"""The log's size, when what hides moved, its policy, and what `Now` is made of: no more."""


class Standing(NamedTuple):
    """Who holds what and the policy in force, as of one position of the log."""

    authority: Authority
    judge: Judge | None
    policy: str | None


class Now(NamedTuple):
    """What tells one standing from the next: which rebuild of the snapshots, and what moved."""

    generation: int
    policy: int
    authority: int


class Mark(NamedTuple):
    """What tells one state of what hides from the next: equal marks, equal states.

    `moved` is the id of an event, which is unlike any other also where a log was rolled back.
    """

    generation: int
    moved: str | None


class Then(NamedTuple):
    """What tells one past standing from another: places in the log, and the last erasure."""

    generation: int
    erased: int | None
    authority: int | None
    policy: str | None


class Standings:
    """The standings of one process; safe to share between threads.

    One that was answered never changes. The next is a branch of it, which learns what has changed
    since; a past one is a branch too, which learns how what has changed since stood then.
    """

    def __init__(self, reader: Reader) -> None:
        """Know nothing yet."""
        self._reader = reader
        self._events = reader.tables.events
        self._moving = tuple(kinds_of(reader.registry, AUTHORITY))
        self._erasing = tuple(kinds_of(reader.registry, (ERASURE,)))
        self._lock, self._folding, self._keeping = Lock(), Lock(), Lock()
        self._now: OrderedDict[Now, Standing] = OrderedDict()
        self._then: OrderedDict[Then, Standing] = OrderedDict()

    def now(self, connection: Connection) -> tuple[Standing, int, Mark]:
        """The authority and the policy in force and the log's size, as this transaction sees it.

        And the mark of what hides.
        """
        size, hiding, policy, *moved = connection.execute(MOVED).one()
        key = Now(*moved)
        with self._lock:
            found = self._now.get(key)
            if found is None:
                found = self._now[key] = self._current(connection, policy, key)
                while len(self._now) > CURRENT:
                    del self._now[min(self._now)]
            return found, size, Mark(key.generation, hiding)

    def then(self, connection: Connection, until: int) -> Standing:
        """The authority and the policy that were in force before the event at a position.

        What was erased since stays erased.
        """
        now, _, mark = self.now(connection)
        asked = queries.stood_before(self._events, self._moving, self._erasing)
        policy, last, erased = connection.execute(asked, {"until": until}).one()
        key = Then(mark.generation, erased, last, policy)
        if (found := self._kept(key)) is None:
            with self._folding:
                if (found := self._kept(key)) is None:
                    found = self._keep(key, self._past(connection, now, until, policy))
        return found

    def visit(
        self,
        connection: Connection,
        moments: Collection[datetime],
        look: Callable[[datetime, Standing], None],
    ) -> None:
        """Look at what was in force right after each of these moments, the latest first.

        What has changed since the earliest is read once and taken back step by step, in as many
        statements for many moments as for two. What one look is given changes for the next.
        """
        if not moments:
            return
        latest, *earlier = sorted(set(moments), reverse=True)
        until = self._reader.after(connection, latest)
        standing = self.then(connection, until)
        look(latest, standing)
        if earlier:
            since = self._reader.after(connection, earlier[-1])
            changes = Changes.read(self._reader, connection, since, until)
            for moment, then in self._back(connection, standing, changes, earlier, since):
                look(moment, then)

    # The newest.

    def _current(self, connection: Connection, adopted: str | None, key: Now) -> Standing:
        authority = self._followed(connection, key) or self._loaded(connection)
        policy = self._policy(connection, adopted)
        if policy is not None and policy.status != "adopted":
            raise Halted("policy_not_adopted", "The head names a policy that nobody adopted.")
        return self._under(authority, policy)

    def _followed(self, connection: Connection, key: Now) -> Authority | None:
        """The newest authority that is kept, with what has changed since; None if that is much."""
        older = [
            each
            for each in self._now
            if each.generation == key.generation and each.authority <= key.authority
        ]
        if not older:
            return None
        base = max(older, key=lambda each: each.authority)
        changed = self._changed(connection, base.authority + 1)
        if sum(len(ids) for ids in changed.values()) > MANY:
            return None
        authority = self._now[base].authority.branch()
        for name, ids in changed.items():
            kind = self._reader.registry.by_name[name].state
            learn(authority, kind, ids, self._reader.find(connection, kind, ids))
        return authority

    def _loaded(self, connection: Connection) -> Authority:
        authority, reader = Authority(), self._reader
        for name in AUTHORITY:
            if aggregate := reader.registry.by_name.get(name):
                for row in connection.execute(select(*reader.columns(aggregate.state))):
                    authority.learn(reader.state_of(aggregate.state, row))
        return authority

    def _under(self, authority: Authority, policy: Any) -> Standing:
        """The standing of this authority, which is its own, under a policy."""
        judge = None if policy is None else self._reader.rules.compile(policy)
        authority.roles = judge.roles if judge else frozenset()
        authority.approving = judge.approving if judge else frozenset()
        return Standing(authority, judge, policy.id if policy else None)

    def _policy(self, connection: Connection, id: str | None) -> Any:
        """The policy with this id, whose text never changes."""
        return None if id is None else self._policies(connection, {id})[id]

    def _policies(self, connection: Connection, ids: Collection[str]) -> dict[str, Any]:
        """The policies with these ids, by id."""
        kind: Any = self._reader.registry.by_name[POLICY].state
        found: dict[str, Any] = self._reader.find(connection, kind, ids)
        if len(found) < len(ids):
            raise Halted("policy_not_adopted", "The head names a policy that is not there.")
        return found

    # The past.

    def _kept(self, key: Then) -> Standing | None:
        """A past standing that is known; nobody waits for it while another one is folded."""
        with self._keeping:
            if (found := self._then.get(key)) is not None:
                self._then.move_to_end(key)
            return found

    def _keep(self, key: Then, standing: Standing) -> Standing:
        with self._keeping:
            self._then[key] = standing
            while len(self._then) > PAST:
                self._then.popitem(last=False)
        return standing

    def _past(
        self, connection: Connection, now: Standing, until: int, policy: str | None
    ) -> Standing:
        changed = self._changed(connection, until)
        if not changed and policy == now.policy:
            return now
        authority = now.authority.branch()
        for name, ids in changed.items():
            kind = self._reader.registry.by_name[name].state
            learn(authority, kind, ids, self._reader.stood(connection, kind, ids, until))
        return self._under(authority, self._policy(connection, policy))

    def _policy_before(self, connection: Connection, until: int) -> str | None:
        """The policy that was adopted last before a position."""
        adopted = queries.adopted_before(self._events)
        found: str | None = connection.execute(adopted, {"until": until}).scalar_one_or_none()
        return found

    def _back(
        self,
        connection: Connection,
        standing: Standing,
        changes: Changes,
        moments: Collection[datetime],
        since: int,
    ) -> Iterator[tuple[datetime, Standing]]:
        """The standings of earlier and earlier moments, each until the next is asked for."""
        before, policies = standing.policy, dict[str, Any]()
        if changes.policies:
            before = self._policy_before(connection, since)
            ids = {each.subject for each in changes.policies} | ({before} if before else set())
            policies = self._policies(connection, ids)
        if changes.moves or changes.policies:
            standing = standing._replace(authority=standing.authority.branch())
        for moment in moments:
            changes.take_back(standing.authority, moment)
            policy = changes.policy(moment, before)
            if policy != standing.policy:
                standing = self._under(standing.authority, policies[policy] if policy else None)
            yield moment, standing

    # What the log says of changes.

    def _changed(self, connection: Connection, since: int) -> dict[str, set[str]]:
        """What says who holds what and has changed since a position, or was erased, by name."""
        events, registry = self._events, self._reader.registry
        kinds = kinds_of(registry, MOVING)
        statement = (
            select(events.c.aggregate, events.c.subject)
            .where(events.c.kind.in_(kinds), events.c.position >= since)
            .distinct()
        )
        return subjects_of(
            registry,
            connection.execute(statement),
            lambda aggregate, ids: self._reader.find(connection, aggregate.state, ids).values(),
        )
