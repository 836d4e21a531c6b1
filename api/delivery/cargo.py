"""Reads what deployments brought: changes, merge requests and commits, and since when known."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from sqlalchemy import select

from api.delivery.log import Log
from domain.change.state import Change
from domain.delivery import carrying, changes, commits
from domain.delivery.carrying import Brought
from domain.delivery.commits import Carried
from domain.delivery.happening import Happening
from domain.inclusion import Inclusion, ItemKind
from domain.merge_request.state import MergeRequest
from domain.package import Package
from ledger.store import batches

ADDED: Final = "inclusion.added"
BUILT: Final = "package.added"
TIED: Final = (changes.FINISHED, *carrying.TIES)


@dataclass(frozen=True)
class Cargo:
    """What these deployments brought, each told of by what happened to it."""

    log: Log
    stories: Sequence[Sequence[Happening]]

    # What was brought.

    @cached_property
    def wishes(self) -> dict[str, Mapping[str, Any]]:
        """What was requested, by deployment."""
        told = (each for mine in self.stories for each in mine)
        return {e.subject: e.facts["wish"] for e in told if e.kind == "deployment.requested"}

    @cached_property
    def held(self) -> list[Happening]:
        """What was put into their releases, and taken out."""
        wishes = self.wishes.values()
        ids = {wish["belongs_to"] for wish in wishes if wish.get("belongs_to")}
        return self.log.told(Inclusion, carrying.ITEMS, ids, column="release")

    @cached_property
    def ties(self) -> list[Happening]:
        """The ties of the changes that came, and how these ended."""
        named = {one for wish in self.wishes.values() for one in wish.get("changes", ())}
        added = (each.facts for each in self.held if each.kind == ADDED)
        named |= {each["reference"] for each in added if each["kind"] == ItemKind.CHANGE}
        return self.log.told(Change, TIED, named)

    @cached_property
    def brought(self) -> dict[str, Brought]:
        """What each deployment that arrived brought, by its id."""
        told = (each for mine in self.stories for each in mine)
        return carrying.brought(told, self.ties, self.held)

    @property
    def finished(self) -> list[Happening]:
        """How the changes ended that came."""
        return [each for each in self.ties if each.kind == changes.FINISHED]

    # The commits among it.

    @cached_property
    def commits(self) -> dict[str, frozenset[str]]:
        """The commits that came with each, as items of its release or by its package."""
        packages = {wish["package"] for wish in self.wishes.values() if "package" in wish}
        added = self.log.told(Package, (BUILT,), packages)
        built = {each.subject: each.facts["built"]["commit"] for each in added}
        found = {}
        for id, one in self.brought.items():
            package = self.wishes.get(id, {}).get("package")
            found[id] = one.commits | ({built[package]} if package in built else set())
        return found

    @cached_property
    def requests(self) -> list[Happening]:
        """What tells of commits: of the merge requests that came, and that merged the same."""
        tied = {one for each in self.brought.values() for one in each.merges}
        named = {one for each in self.commits.values() for one in each}
        first = self._of_requests(tied | self._merging(named))
        told = Carried(requests=first)
        same = self._merging({*told.heads.values(), *told.merging})
        return [*first, *self._of_requests(same - {each.subject for each in first})]

    def _of_requests(self, ids: Collection[str]) -> list[Happening]:
        return self.log.told(MergeRequest, commits.KINDS, ids)

    def _merging(self, named: Collection[str]) -> set[str]:
        """The merge requests, as far as they may be known, that merged one of these commits."""
        table = self.log.table(MergeRequest)
        ids = select(table.c.id).where(self.log.sight.visible(MergeRequest))
        return {
            id
            for some in batches(named)
            for column in (table.c.head, table.c.merge_commit)
            for id in self.log.sight.connection.execute(ids.where(column.in_(some))).scalars()
        }

    @cached_property
    def carried(self) -> Carried:
        """The commits that came with each deployment, and what tells of them."""
        told = Carried(self._seen(self), self.commits, self.requests)
        named = {one for id in self.brought for one in told.brought(id)}
        added = self.log.told(Inclusion, (ADDED,), named, column="reference")
        items = [each for each in added if each.facts["kind"] == ItemKind.COMMIT]
        return Carried(told.merges, told.commits, told.requests, items)

    def _seen(self, cargo: Cargo) -> dict[str, frozenset[str]]:
        """Of the merge requests that other cargo brought those that are known here."""
        seen = {each.subject for each in self.requests}
        return {id: each.merges & seen for id, each in cargo.brought.items()}

    # What may have come before.

    @cached_property
    def known_since(self) -> int | None:
        """The place in the log of the first event that tells of any of it; None of nothing.

        Nothing arrived before it was known: a merge request had been opened, a commit was in a
        release or in a package.
        """
        carried = self.carried
        named = {one for id in self.brought for one in carried.brought(id)} | set(carried.merging)
        packages = self.log.told(Package, (BUILT,), named, column="commit")
        told = [*carried.requests, *carried.items, *packages]
        return min((each.position for each in told), default=None)

    def after(self, earlier: Iterable[Sequence[Happening]]) -> Carried:
        """What came, with the deployments that may have brought some of it before."""
        before, carried = Cargo(self.log, list(earlier)), self.carried
        return Carried(
            self._seen(before) | dict(carried.merges),
            before.commits | dict(carried.commits),
            carried.requests,
            carried.items,
        )
