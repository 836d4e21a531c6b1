"""What deployments brought to production: changes, merge requests, commits, as they arrived."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from domain.change.state import LinkKind
from domain.delivery.happening import Happening
from domain.inclusion import ItemKind

TIES: Final = ("change.linked", "change.unlinked")
ITEMS: Final = ("inclusion.added", "inclusion.removed", "inclusion.added_again")
"""The events that put something into a release and take it out."""
INTO: Final = frozenset(("change.linked", "inclusion.added", "inclusion.added_again"))
Moves = dict[str, list[tuple[datetime, bool]]]
"""When each thing was put in or taken out, in order."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What one deployment brought, by id."""

    changes: frozenset[str]
    merges: frozenset[str]
    commits: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Held:
    """What a release held, by the kind of item."""

    changes: Moves = field(default_factory=lambda: defaultdict(list))
    merges: Moves = field(default_factory=lambda: defaultdict(list))
    commits: Moves = field(default_factory=lambda: defaultdict(list))

    def of(self, kind: str) -> Moves:
        """What it held of a kind."""
        if kind == ItemKind.COMMIT:
            return self.commits
        return self.changes if kind == ItemKind.CHANGE else self.merges


def brought(
    deployed: Iterable[Happening], tied: Iterable[Happening], items: Iterable[Happening]
) -> dict[str, Brought]:
    """What each deployment that arrived brought, by its id.

    The changes that its request names and that its release held when it arrived; and the merge
    requests that these were tied to then, or that the release held, as well as its commits. What
    was cut or taken out afterwards was there all the same, and what was added afterwards was not.
    """
    wishes: dict[str, Mapping[str, Any]] = {}
    arrivals: dict[str, datetime] = {}
    for each in deployed:
        if each.kind == "deployment.requested":
            wishes[each.subject] = each.facts["wish"]
        elif each.kind == "deployment.succeeded":
            arrivals.setdefault(each.subject, each.at)
    links, releases = _links(tied), _releases(items)
    found = {}
    for id, at in arrivals.items():
        wish = wishes.get(id, {})
        held = releases.get(wish.get("belongs_to") or "", _Held())
        changes = frozenset((*wish.get("changes", ()), *_inside(held.changes, at)))
        linked = (one for change in changes for one in _inside(links.get(change, {}), at))
        merges = frozenset((*linked, *_inside(held.merges, at)))
        found[id] = Brought(changes, merges, frozenset(_inside(held.commits, at)))
    return found


def _links(tied: Iterable[Happening]) -> dict[str, Moves]:
    """The ties of each change to merge requests."""
    found: defaultdict[str, Moves] = defaultdict(lambda: defaultdict(list))
    for each in tied:
        if each.kind in TIES and each.facts["link"]["kind"] == LinkKind.MERGE_REQUEST:
            moves = found[each.subject][each.facts["link"]["reference"]]
            moves.append((each.at, each.kind in INTO))
    return found


def _releases(items: Iterable[Happening]) -> dict[str, _Held]:
    """What each release held; an item names its release and what it is once, when it is added."""
    found: defaultdict[str, _Held] = defaultdict(_Held)
    moves: dict[str, list[tuple[datetime, bool]]] = {}
    for each in items:
        if each.kind == "inclusion.added":
            held = found[each.facts["release"]].of(each.facts["kind"])
            moves[each.subject] = held[each.facts["reference"]]
        if each.subject in moves:
            moves[each.subject].append((each.at, each.kind in INTO))
    return found


def _inside(moves: Moves, at: datetime) -> Iterator[str]:
    """What was in at a moment, by the last word until then."""
    for one, words in moves.items():
        if next((into for when, into in reversed(words) if when <= at), False):
            yield one
