"""Which environments are production, by what was last said of each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from domain.delivery.happening import Happening
from domain.process_release import EnvironmentKind

KINDS: Final = ("environment.defined", "environment.edited", "environment.confirmed")
"""The events that say what an environment is."""


def production(happenings: Iterable[Happening]) -> frozenset[str]:
    """The environments of the kind production, by the last plan of each."""
    kinds = {each.place: each.facts["plan"]["kind"] for each in happenings}
    return frozenset(name for name, kind in kinds.items() if kind == EnvironmentKind.PRODUCTION)
