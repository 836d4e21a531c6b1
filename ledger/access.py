"""Recording refusals by policy and by gates: one event per person, action and hour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any, Final

from msgspec.structs import replace

from domain.access import Access, access_id, counted, series
from domain.kernel import Context
from ledger import recording
from ledger.deciding import Decided
from ledger.request import Request
from ledger.scene import Scene, run, scopes_of, secret
from ledger.writes import Database, Writes

NOUN: Final = "access"
SCOPES_TOLD: Final = 1000
"""Characters of the scopes that are kept."""
VERBS: Final = {"denied": "access.deny", "refused": "access.refuse"}


def note_denials(decided: Decided, scene: Scene, writes: Writes, database: Database) -> None:
    """Record a denial by policy or a refused guarded act, the first of its hour as an event.

    The others of the hour are counted beside the log; their number is recorded when the next
    hour's first denial comes. What is under embargo is counted apart, each record by itself. The
    events bear an id of their own, since the request itself did nothing.
    """
    known = NOUN in scene.registry.by_name
    if known and (decided.denied is not None or decided.findings):
        Doorkeeper(scene, writes, database).note(decided)


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Keeps the count of who was turned away, within one batch."""

    scene: Scene
    writes: Writes
    database: Database

    def note(self, decided: Decided) -> None:
        """Count one refusal; the first of its hour is an event too."""
        outcome = "denied" if decided.denied is not None else "refused"
        hour = _hour(self.scene.at)
        own = replace(
            decided.request,
            id=f"{decided.request.id}.{outcome}",
            claimed=False,
            happened=None,
        )
        hidden = own.subject if _embargoed(own, self.scene) else None
        now = series(outcome, own.action, hidden)
        begun = next(self._begun(own, outcome, hour, hidden), None)
        kept = access_id(own.id) if begun is None else counted(begun)
        if begun is None:
            self._settle_earlier(own, outcome, hour, hidden)
            self._record(own, VERBS[outcome], kept, _arguments(decided, hour, self.scene))
        for name in {now, kept}:
            key = (own.by, name, hour)
            self.writes.denials[key] = self.writes.denials.get(key, 0) + 1

    def _begun(
        self, request: Request, outcome: str, hour: datetime, hidden: str | None
    ) -> Iterator[Access]:
        """What is counted so within an hour: not with a record that was shown and is hidden now."""
        own = self._series(request, outcome, hour, hidden)
        return (each for each in own if hidden is not None or not self._hidden_since(each))

    def _series(
        self, request: Request, outcome: str, hour: datetime, hidden: str | None
    ) -> Iterator[Access]:
        """What was counted within an hour in the open, or for this hidden record."""
        told = {"person": request.by, "action": request.action, "outcome": outcome, "hour": hour}
        found = self.scene.view.find(Access, **told)
        if hidden is None:
            return (each for each in found if not each.embargoed)
        return (each for each in found if each.embargoed and each.record == hidden)

    def _hidden_since(self, begun: Access) -> bool:
        aggregate = self.scene.registry.actions[begun.action].aggregate.name
        return begun.record is not None and secret(aggregate, begun.record, self.scene)

    def _settle_earlier(
        self, request: Request, outcome: str, hour: datetime, hidden: str | None
    ) -> None:
        """Record how often it had happened by the end of the last hour in which it did.

        What is hidden now comes last, so that no number of what is told is left out.
        """
        last = self.database.denied(request.by, series(outcome, request.action, hidden))
        if last is None or last[0] == hour:
            return
        numbers = count()
        every = self._series(request, outcome, last[0], hidden)
        for each in sorted(every, key=self._hidden_since):
            found = self.database.denied(request.by, counted(each))
            if found is not None and each.count < found[1]:
                own = replace(request, id=f"{request.id}.counted{next(numbers) or ''}")
                self._record(own, f"{NOUN}.count", each.id, {"count": found[1]})

    def _record(
        self, request: Request, action: str, subject: str, arguments: dict[str, Any]
    ) -> None:
        scene = self.scene
        context = Context(
            at=scene.at,
            by=request.by,
            subject=subject,
            records=scene.view,
            authority=scene.authority,
            request=request.id,
            policy=scene.policy,
        )
        events = list(run(scene.registry.actions[action], context, arguments, scene))
        scene.view.settle()
        recording.record(request, events, self.writes, scene.policy)


def _arguments(decided: Decided, hour: datetime, scene: Scene) -> dict[str, Any]:
    request = decided.request
    told: dict[str, Any] = {"person": request.by, "action": request.action, "hour": hour}
    told |= {"record": _named(request, scene), "embargoed": _embargoed(request, scene)}
    if decided.denied is None:
        return told | {"codes": decided.findings}
    reason = decided.answer.problems[0].message
    line = decided.denied or None
    return told | {"line": line, "reason": reason, "scopes": _scopes(decided, scene)}


def _scopes(decided: Decided, scene: Scene) -> str | None:
    """Where the act would have taken place."""
    request = decided.request
    action = scene.registry.actions[request.action]
    state = scene.view.at((action.aggregate.name, request.subject))
    if state is None and not action.creates:
        return None
    arguments = action.arguments(request.arguments)
    scopes = scopes_of(action, state, arguments, "", scene)  # as far as everybody may know
    told = [f"{kind}={value}" for kind in sorted(scopes) for value in sorted(scopes[kind])]
    return ", ".join(told)[:SCOPES_TOLD] or None


def _named(request: Request, scene: Scene) -> str | None:
    """The record the act was meant for, unless it is new."""
    action = scene.registry.actions[request.action]
    state = scene.view.at((action.aggregate.name, request.subject))
    return None if state is None else request.subject


def _embargoed(request: Request, scene: Scene) -> bool:
    """Whether the record is under embargo, so that the refusal must not tell that it exists."""
    action = scene.registry.actions[request.action]
    return secret(action.aggregate.name, request.subject, scene)


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
