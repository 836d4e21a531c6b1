"""What a playbook says of environments that are kept here, which say themselves what they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.environment.readiness import environment_named
from domain.kernel import Records
from domain.playbook.format import process
from domain.playbook.toml_lines import lines
from domain.playbook.toml_table import Fault
from domain.process.release import Environment, EnvironmentKind

LIVE: Final = EnvironmentKind.PRODUCTION


def passed_off(place: Environment, records: Records) -> str | None:
    """What is wrong where a playbook calls production something else, which asks less; else None.

    Where an environment is kept here, its own kind counts. One that asks more of it may.
    """
    kept = environment_named(records, place.name)
    if place.kind is LIVE or kept is None or kept.retired or kept.plan.kind != LIVE:
        return None
    return f"{place.name} is kept here as {LIVE.value}, and is declared as {place.kind.value}"


def faults(body: str, records: Records) -> Iterator[Fault]:
    """Each line of a well-formed text that calls production something else."""
    at = None
    for number, place in enumerate(process(body).releases.environments):
        if (message := passed_off(place, records)) is not None:
            at = at or lines(body)
            line = at.get(("environment", number, "kind"), at["environment", number])
            yield Fault("playbook", line, message)
