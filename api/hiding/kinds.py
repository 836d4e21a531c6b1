"""The kinds of records of which some hide, as one reader sees them by the rights they hold."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache, partial

from api.hiding.parts import Kind, Owners, Part, Reached
from api.hiding.veil import VEILS, Veil, veil
from domain.belonging import ABOUT, ALONG, BELONGING, CARRIED, OWN, TELLING
from ledger.registry import Registry
from ledger.tables import Tables


@dataclass(slots=True)
class Kinds:
    """Kinds as a reader sees them; `reach` says how far a right reaches that they hold."""

    registry: Registry
    tables: Tables
    principal: str
    reach: Callable[[str], Reached]
    _known: dict[tuple[str, str, bool], Kind] = field(default_factory=dict)

    def part(self, name: str) -> Part:
        """A kind, and what is told of it where it belongs to something."""
        kind, of = self.kind(name), BELONGING.get(name, {})
        owners = self._owners(of)
        along = self._owners(of, carried=True) if name in ALONG else owners
        whose = ALONG.get(name)
        full = along if whose is None else owners
        return Part(kind, owners, full, along, whose, whose_own(name))

    def kind(self, name: str, action: str = "", *, carried: bool = False) -> Kind:
        """A kind, and what of it is seen by a right, or as the reader's own."""
        key = (name, action, carried)
        if key not in self._known:
            table = self.tables.snapshot(self.registry.by_name[name])
            reach = self.reach(action or uncovers(name))
            own = (*OWN.get(name, ()), *(whose_own(name) if carried else ()))
            self._known[key] = Kind(name, table, reach, own, self._owners(ABOUT.get(name, {})))
        return self._known[key]

    def _owners(self, belonging: Mapping[str, Collection[str]], *, carried: bool = False) -> Owners:
        kind = partial(self.kind, carried=carried)
        return tuple((column, tuple(map(kind, names))) for column, names in belonging.items())


@lru_cache(maxsize=VEILS)
def veiled(
    registry: Registry, tables: Tables, principal: str, reaches: tuple[Reached, ...]
) -> Veil:
    """The veil of who reaches so far by the `rights` that matter, in their order."""
    held = dict(zip(rights(registry), reaches, strict=True))
    kinds = Kinds(registry, tables, principal, held.__getitem__)
    parts = tuple(kinds.part(each.name) for each in registry.hiding)
    telling = tuple((kinds.kind(name, f"{name}.read"), at) for name, at in TELLING.items())
    return veil(principal, parts, telling, tables.events)


@cache
def rights(registry: Registry) -> tuple[str, ...]:
    """The rights by which anything is seen that may hide, or that tells of it."""
    hiding = (uncovers(each.name) for each in registry.hiding)
    return (*hiding, *(f"{name}.read" for name in TELLING))


def uncovers(name: str) -> str:
    """The right by which what hides of a kind is seen."""
    return f"{name}.read_embargoed"


def whose_own(name: str) -> tuple[str, ...]:
    """The columns that hold whose own a record is to carry on while it is hidden."""
    return CARRIED[name].whose if name in CARRIED else ()
