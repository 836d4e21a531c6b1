"""What of the calendar binds changes and releases: of locks what their gates find in force."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from api.calendar.planned import Around
from api.gates import Moment, moment_of
from api.hands import read_contents
from api.hiding.visibility import Sight
from api.records import KnownRecords
from domain.change.exempted import binding as exempted
from domain.change.question import Question as ChangeQuestion
from domain.change.state import Change
from domain.clash.clash import Cause, Dated, Plan
from domain.exemption.state import Exemption
from domain.lock.state import Lock
from domain.release.gate.question import Question
from domain.release.gate.spared import binding
from domain.release.state import Release


class BoundChanges:
    """What is planned around changes, but for the locks from which they are exempt."""

    def __init__(self, sight: Sight, ids: Collection[str]) -> None:
        """All of them are asked for at one moment, which is looked up where a lock exempts."""
        self._sight, self._ids = sight, frozenset(ids)
        self._moment: Moment | None = None

    def around(self, change: Change, known: Around) -> Around:
        """What is planned around one of them, as far as it binds the window it has."""
        if not any(each.exempts for each in known.dated):
            return known
        moment = self._moment = self._moment or moment_of(self._sight)
        records, authority = moment.records, moment.standing.authority
        _read_exempting(records, known.dated, self._ids)
        ask = ChangeQuestion(change, moment.at, authority, records)
        return replace(known, dated=tuple(exempted(ask, known.dated)))


def _read_exempting(records: KnownRecords, dated: Iterable[Dated], ids: Collection[str]) -> None:
    """Read at once the locks that name who may exempt from them, and what was asked of those."""
    records.gather(Lock, "id", frozenset(each.id for each in dated if each.exempts))
    records.gather(Exemption, "subject", frozenset(ids))


class BoundReleases:
    """What is planned around releases, where locks spare what their gates find spared."""

    def __init__(self, sight: Sight, inside: Mapping[str, Collection[str]]) -> None:
        """All of them are asked for at one moment; `inside` names what each carries."""
        self._moment, self._inside = moment_of(sight), inside

    def around(self, release: Release, plan: Plan, known: Around) -> Around:
        """What is planned around one of them; where a lock may spare, what is in all is read."""
        near = known.without(self._inside[release.id])
        authority, records = self._moment.standing.authority, self._moment.records
        if any(each.exempts for each in near.dated):
            _read_exempting(records, near.dated, self._inside)
        if any(each.cause is Cause.LOCK and each.spares for each in near.dated):
            read_contents(records, self._inside)
        ask = Question(release, plan.since, authority, records, now=self._moment.at)
        return replace(near, dated=tuple(binding(ask, plan, near.dated)))
