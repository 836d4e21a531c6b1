"""What stands for a release's contents, to who is not told of all that was moved in it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Connection

from domain.kernel import Recorded
from domain.release.state import Release, cargo_of
from ledger.store import Reader

EVER: Final = 2**62
"""After every position of the log."""
Names = Mapping[str, str]


@dataclass(slots=True)
class _Told:
    """A release as one is told of it, beside how it stood."""

    before: Release
    contents: str
    digest: str

    def follow(self, state: Release, *, untold: bool) -> None:
        """Go on by an event that brought it to this state."""
        if not untold:
            if state.contents != self.before.contents:
                self.contents = state.contents
            if state.digest != self.before.digest:
                self.digest = state.digest
        self.before = state

    def names(self) -> Iterator[tuple[str, str]]:
        """What stands for it, with what would if what is not told of had not been moved."""
        told = replace(self.before, contents=self.contents)
        yield self.before.digest, self.digest
        yield cargo_of(self.before), cargo_of(told)

    def listing(self) -> tuple[str, str]:
        """The same for what it lists."""
        return self.before.listing, replace(self.before, contents=self.contents).listing


def names(
    connection: Connection, reader: Reader, untold: Mapping[str, Collection[int]]
) -> dict[str, Names]:
    """How releases are named that had these versions by what is not told of: true name to told one.

    What did not move as far as is told has one name. That is the first for what people decided on,
    as the event tells that made it so; and the last for what CI compares with, so that it is true
    of what is listed now.
    """
    told: dict[str, _Told] = {}
    named: dict[str, dict[str, str]] = {id: {} for id in untold}
    listed: dict[str, dict[str, str]] = {id: {} for id in untold}
    for recorded, state in reader.stages(connection, Release, untold.keys(), EVER):
        one = told.setdefault(state.id, _Told(state, state.contents, state.digest))
        one.follow(state, untold=_among(recorded, untold))
        named[state.id].update(one.names())
        true, shown = one.listing()
        listed[state.id].pop(true, None)
        listed[state.id][true] = shown
    for id, each in listed.items():
        last = {shown: true for true, shown in each.items()}
        named[id].update((true, last[shown]) for true, shown in each.items())
    return {id: {true: as_ for true, as_ in of.items() if true != as_} for id, of in named.items()}


def _among(recorded: Recorded, untold: Mapping[str, Collection[int]]) -> bool:
    return recorded.version in untold[recorded.subject]
