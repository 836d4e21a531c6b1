"""Decodes the releases of a playbook: environments, kinds, phases, tasks and the matrix."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from domain.lock.state import Countersign
from domain.playbook.matrix import Given, requirement
from domain.playbook.matrix_demands import check_matrix
from domain.playbook.rules import role, rule
from domain.playbook.tables import among, each, known
from domain.playbook.toml_table import Table
from domain.process.cycle import Cycle
from domain.process.release import (
    Environment,
    EnvironmentKind,
    PhaseRow,
    ReleaseKind,
    ReleaseProcess,
    ReleaseStatus,
    Resource,
    ResourcePurpose,
    StateName,
    Strategy,
    TaskRow,
)
from domain.process.support import Support
from domain.process.version_form import version_pattern

MOST_TASKS: Final = 60
"""How many tasks a kind of release may bring."""
FARTHEST_DAYS: Final = 366
"""How many days before or after the scheduled date something may be due."""
_FORWARD: Final = tuple(ReleaseStatus)[:-2]
"""The meanings that a phase may have, in the order in which a release goes through them."""
_LOCATION: Final = re.compile(r"(?:https?://|mailto:)\S+|[#@]\S+")


def releases(
    root: Table, cycles: tuple[Cycle, ...], supports: tuple[Support, ...]
) -> ReleaseProcess:
    """What a playbook says of releases; empty when it says nothing."""
    places = each(root, "environment", _environment)
    names = _names(root.rest.get("release"))
    kinds = each(root, "release", lambda table: _kind(table, places, names, cycles, supports))
    if places and not kinds:
        root.note("environment", "environments are there for kinds of release, of which none is")
    return ReleaseProcess(places, kinds)


def _names(written: object) -> tuple[str, ...]:
    """The names of the kinds as they are written, right or wrong, since kinds name each other."""
    kinds = written if isinstance(written, list) else []
    return tuple(str(each.get("name")) for each in kinds if isinstance(each, dict))


def _environment(table: Table) -> Environment:
    return Environment(
        table.name("name"),
        table.text("title"),
        table.choice("kind", EnvironmentKind),
        table.choice("countersign", Countersign, Countersign.AFTERWARDS),
    )


def _kind(
    table: Table,
    places: tuple[Environment, ...],
    kinds: tuple[str, ...],
    cycles: tuple[Cycle, ...],
    supports: tuple[Support, ...],
) -> ReleaseKind:
    names = [place.name for place in places]
    environments = known(table, "environments", names, "environment", ("environment",))
    phases = each(table, "phase", _phase)
    rules = each(table, "rule", rule)
    given = Given(environments, places, phases, rules, cycles)
    kind = ReleaseKind(
        table.name("name"),
        table.text("title"),
        _form(table),
        environments,
        phases,
        each(table, "requirement", lambda row: requirement(row, given)),
        rules,
        tuple(Strategy(name) for name in _strategies(table)),
        table.names("duties"),
        _states(table),
        each(table, "resource", _resource),
        table.words("aliases"),
        among(table, "parent", kinds, "kind of release"),
        table.optional("source"),
        _support(table, supports),
        _cut_off(table, phases),
        table.flag("embargo", default=False),
        table.flag("spans_services", default=False),
        table.flag("independent", default=False),
        table.name("activity") if table.has("activity") else None,
    )
    _check_phases(table, phases)
    check_matrix(table, kind, places)
    return kind


def _cut_off(table: Table, phases: tuple[PhaseRow, ...]) -> str | None:
    later = [phase.name for phase in phases[1:]]
    return among(table, "cut_off", later, "later phase", (*table.path, "phase"))


def _form(table: Table) -> str:
    form = table.text("version_form")
    try:
        version_pattern(form or "N")
    except ValueError as fault:
        table.note("version_form", str(fault))
    return form


def _strategies(table: Table) -> tuple[str, ...]:
    words = [strategy.value for strategy in Strategy]
    return tuple(name for name in known(table, "strategies", words, "strategy") if name in words)


def _states(table: Table) -> tuple[StateName, ...]:
    """What the process calls the fixed meanings, as far as it names them (S3-22)."""
    states = table.table("states")
    if states is None:
        return ()
    named = [status for status in ReleaseStatus if states.has(status.value)]
    found = tuple(StateName(status, states.text(status.value)) for status in named)
    states.close()
    return found


def _support(table: Table, policies: tuple[Support, ...]) -> Support | None:
    """The support policy that says which lines the kind's versions are of."""
    known_names, what = {each.name for each in policies}, "support policy"
    name = among(table, "support", known_names, what, ("support",))
    return next((each for each in policies if each.name == name), None)


def _resource(table: Table) -> Resource:
    location = table.text("location")
    if location and not _LOCATION.fullmatch(location):
        table.note("location", "location must be an address, or a channel or handle with # or @")
    purpose = table.choice("purpose", ResourcePurpose, ResourcePurpose.READ)
    return Resource(table.name("name"), table.text("title"), location, purpose)


def _phase(table: Table) -> PhaseRow:
    phase = PhaseRow(
        table.name("name"),
        table.text("title"),
        table.choice("status", ReleaseStatus),
        _days(table, "opens_days"),
        each(table, "task", _task),
        table.optional("source"),
    )
    if phase.status not in _FORWARD:
        table.note("status", f"a phase cannot mean {phase.status}: closing and aborting are acts")
    return phase


def _task(table: Table) -> TaskRow:
    return TaskRow(
        table.name("name"),
        table.text("title"),
        role(table, "role"),
        _days(table, "due_days"),
        table.names("after"),
    )


def _days(table: Table, key: str) -> int | None:
    return table.number(key, -FARTHEST_DAYS, FARTHEST_DAYS) if table.has(key) else None


def _check_phases(table: Table, phases: tuple[PhaseRow, ...]) -> None:
    """Phases go forward, and their tasks have different names and wait for earlier ones."""
    if not phases:
        table.note(None, "a kind of release needs a phase", judging=("phase",))
    if table.faults.spoilt((*table.path, "phase"), "status"):
        return _check_tasks(table, phases)
    order = [_FORWARD.index(each.status) for each in phases if each.status in _FORWARD]
    for position, (before, after) in enumerate(pairwise(order), start=1):
        if after < before:
            path = (*table.path, "phase", position, "status")
            table.faults.note(path, f"phase {phases[position].name} goes back")
    return _check_tasks(table, phases)


def _check_tasks(table: Table, phases: tuple[PhaseRow, ...]) -> None:
    earlier: list[str] = []
    unsure = table.faults.spoilt((*table.path, "phase"), "name")
    for position, phase in enumerate(phases):
        for number, task in enumerate(phase.tasks):
            path = (*table.path, "phase", position, "task", number)
            if task.name in earlier and not unsure:
                table.faults.note((*path, "name"), f"task {task.name!r} is there twice")
            for name in task.after:
                if name not in earlier and not unsure:
                    table.faults.note((*path, "after"), f"no earlier task is called {name!r}")
            earlier.append(task.name)
    if len(earlier) > MOST_TASKS:
        table.note("phase", f"at most {MOST_TASKS} tasks; these are {len(earlier)}")
