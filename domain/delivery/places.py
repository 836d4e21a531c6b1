"""Which environments are production, by what was last said of each, or by a playbook."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from domain.delivery.happening import Happening
from domain.process.release import Environment, EnvironmentKind

KINDS: Final = ("environment.defined", "environment.edited", "environment.confirmed")
"""The events that say what an environment is."""


def production(
    happenings: Iterable[Happening],
    declared: Iterable[Environment] = (),
    formerly: Iterable[Environment] = (),
) -> frozenset[str]:
    """The environments of the kind production, by the last plan of each or as one is declared.

    A playbook declares those it knows; that one is kept here as well, and said to be of another
    kind, takes none away. What nothing in force names, and nobody keeps here, is what a version
    that was in force `formerly` called it: what was delivered there stays delivered to production.
    """
    kinds = {each.place: each.facts["plan"]["kind"] for each in happenings}
    kept = {name for name, kind in kinds.items() if kind == EnvironmentKind.PRODUCTION}
    now = tuple(declared)
    named = {*kinds, *(each.name for each in now)}
    live = (*now, *(each for each in formerly if each.name not in named))
    return frozenset((*kept, *(e.name for e in live if e.kind is EnvironmentKind.PRODUCTION)))
