"""Decodes the rows of a requirement matrix."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from domain.approval.approval import Rule
from domain.calendar.holiday import known_place
from domain.calendar.window import find_zone
from domain.playbook.rules import SCOPES, role
from domain.playbook.tables import among, known
from domain.playbook.toml_table import Table
from domain.process.cycle import Cycle
from domain.process.release import (
    ANNOUNCE,
    CLOSE,
    DEPLOY,
    ENTER_PHASE,
    PUBLISH,
    TAG,
    Environment,
    Matter,
    PhaseRow,
    RequirementRow,
)

PLACES: Final = ("environment",)
_KIND: Final = re.compile(r"[a-z][a-z0-9_]*/[a-z][a-z0-9_]*")
LONGEST_HOURS: Final = 366 * 24


class Keys(NamedTuple):
    """The keys that a row about something must have, and those that it may have."""

    needed: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()


KEYS: Final[Mapping[Matter, Keys]] = {
    Matter.CHANGES_PRESENT: Keys((), ("since_last", "by_change")),
    Matter.CHANGES_AUTHORISED: Keys((), ("merge_requests",)),
    Matter.CYCLE: Keys(("cycle",)),
    Matter.EVIDENCE: Keys(("evidence",), ("reporter", "every", "environment", "quality")),
    Matter.ATTESTATION: Keys(
        ("role",), ("scope", "only_if_failed", "reporter", "independent", "quality")
    ),
    Matter.APPROVAL: Keys((), ("rules", "in_advance", "reporter")),
    Matter.CHANGES_DEPLOYED: Keys(("environment",)),
    Matter.BACKPORTS: Keys((), ("evidence", "reporter")),
    Matter.SYNCED: Keys((), ("reporter",)),
    Matter.AGREED: Keys(("accord",)),
    Matter.SUPPORTED: Keys((), ("accord",)),
    Matter.DEPLOYED: Keys(("environment",)),
    Matter.DWELL: Keys(("environment", "hours")),
    Matter.ROLLBACK_PLAN: Keys((), ("role", "scope", "independent")),
    Matter.NOTES: Keys((), ("role", "scope", "independent")),
    Matter.TASKS: Keys((), ("phase",)),
    Matter.PHASE: Keys(("phase",)),
    Matter.HEALTH: Keys(("environment",)),
    Matter.HOLIDAY: Keys(("holidays", "zone")),
    Matter.REVIEW: Keys((), ("feedback",)),
    Matter.WATCHED: Keys((), ("environment",)),
    Matter.TRACED: Keys((), ("evidence", "reporter")),
}
"""What the rows of each matter take beyond what every row has; the others take nothing."""
OWN_KEYS: Final = tuple(
    dict.fromkeys(key for keys in KEYS.values() for key in (*keys.needed, *keys.allowed))
)


class Given(NamedTuple):
    """What the text says elsewhere, which a row may name."""

    environments: tuple[str, ...]
    places: tuple[Environment, ...]
    phases: tuple[PhaseRow, ...]
    rules: tuple[Rule, ...]
    cycles: tuple[Cycle, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The environments of the process, by name."""
        return tuple(place.name for place in self.places)


def requirement(table: Table, given: Given) -> RequirementRow:
    """One row; a key that means nothing for what the row is about is a fault."""
    return _checked(table, _row(table, given), given.cycles)


def _row(table: Table, given: Given) -> RequirementRow:
    own = table.path[:2]
    return RequirementRow(
        name=table.name("name"),
        title=table.text("title"),
        about=_about(table),
        gates=_gates(table, given.environments, given.phases),
        evidence=table.names("evidence"),
        reporter=role(table, "reporter"),
        every=table.flag("every", default=False),
        role=role(table, "role"),
        scope=_scope(table),
        only_if_failed=table.name("only_if_failed") if table.has("only_if_failed") else None,
        independent=table.flag("independent", default=False),
        rules=known(table, "rules", [rule.name for rule in given.rules], "rule", (*own, "rule")),
        in_advance=table.names("in_advance"),
        environment=among(table, "environment", given.names, "environment", PLACES),
        hours=table.number("hours", 1, LONGEST_HOURS) if table.has("hours") else None,
        phase=among(table, "phase", [e.name for e in given.phases], "phase", (*own, "phase")),
        quality=table.flag("quality", default=False),
        holidays=_holidays(table),
        zone=_zone(table),
        cycle=among(table, "cycle", [each.name for each in given.cycles], "cycle", ("cycle",)),
        since_last=table.flag("since_last", default=False),
        by_change=table.flag("by_change", default=False),
        feedback=table.flag("feedback", default=False),
        merge_requests=_kinds(table),
        accord=table.name("accord") if table.has("accord") else None,
        waivable_by=role(table, "waivable_by"),
        source=table.optional("source"),
    )


def _checked(table: Table, row: RequirementRow, cycles: tuple[Cycle, ...]) -> RequirementRow:
    """The row as it is, once what does not go together is noted."""
    _check_cycle(table, row, cycles)
    if row.about is Matter.ATTESTATION and row.reporter and not row.only_if_failed:
        message = "a reporter tells what only_if_failed names, so it needs that"
        table.note("reporter", message, judging=("only_if_failed", "reporter"))
    if row.about is Matter.PUBLISHED and not {TAG, PUBLISH}.isdisjoint(row.gates):
        table.note("gates", "what is tagged or published is out only after that")
    if row.about is Matter.TRACED and bool(row.evidence) is not bool(row.reporter):
        message = "evidence of what a commit contains needs a reporter, who tells it"
        table.note("reporter", message, judging=("evidence", "reporter"))
    return row


def _check_cycle(table: Table, row: RequirementRow, cycles: tuple[Cycle, ...]) -> None:
    """Note a gate of which the cycle says nothing."""
    places = {place for each in cycles if each.name == row.cycle for place in each.environments}
    unsure = table.faults.spoilt(("cycle",), "name", "environments") or table.spoilt("cycle")
    for position, gate in enumerate(row.gates if row.cycle and not unsure else ()):
        act, _, place = gate.partition(":")
        if act != DEPLOY or place not in places:
            path = (*table.path, "gates", position)
            table.faults.note(path, f"the cycle {row.cycle} says nothing of {gate}")


def _about(table: Table) -> Matter:
    """What the row is about; notes the keys it lacks for that, and those that mean nothing."""
    about = table.choice("about", Matter)
    if table.spoilt("about"):
        return about
    keys = KEYS.get(about, Keys())
    for key in keys.needed:
        if not table.rest.get(key):
            table.note(None, f"a requirement about {about} needs {key}")
    for key in OWN_KEYS:
        if table.has(key) and key not in (*keys.needed, *keys.allowed):
            table.note(key, f"{key} means nothing for a requirement about {about}")
    return about


def _scope(table: Table) -> str | None:
    scope = table.optional("scope")
    if scope and scope not in SCOPES[:3]:
        table.note("scope", f"scope must be one of {', '.join(SCOPES[:3])}, not {scope!r}")
    return scope


def _kinds(table: Table) -> tuple[str, ...]:
    kinds = table.words("merge_requests")
    for position, kind in enumerate(kinds):
        if not _KIND.fullmatch(kind):
            path = (*table.path, "merge_requests", position)
            table.faults.note(path, f"{kind!r} is no playbook and kind, such as gitaly/component")
    return kinds


def _holidays(table: Table) -> tuple[str, ...]:
    places = table.words("holidays")
    for position, place in enumerate(places):
        if not known_place(place):
            path = (*table.path, "holidays", position)
            table.faults.note(path, f"no holidays are known of {place!r}")
    return places


def _zone(table: Table) -> str | None:
    zone = table.optional("zone")
    if zone is not None and not table.spoilt("zone") and find_zone(zone) is None:
        table.note("zone", f"there is no zone {zone!r}")
    return zone


def _gates(
    table: Table, environments: tuple[str, ...], phases: tuple[PhaseRow, ...]
) -> tuple[str, ...]:
    gates = table.words("gates", required=True)
    later = tuple(f"{ENTER_PHASE}:{phase.name}" for phase in phases[1:])
    deploys = tuple(f"{DEPLOY}:{name}" for name in environments)
    open_to = (TAG, *deploys, PUBLISH, ANNOUNCE, CLOSE, *later)
    unsure = _unsure(table)
    for position, gate in enumerate(gates):
        if gate not in open_to and gate.partition(":")[0] not in unsure:
            path = (*table.path, "gates", position)
            table.faults.note(path, f"{gate!r} is none of {', '.join(open_to)}")
    return gates


def _unsure(table: Table) -> frozenset[str]:
    """The acts of which it is not known what they may name, since that is at fault itself."""
    own, spoilt = table.path[:2], table.faults.spoilt
    found = {DEPLOY} if spoilt(own, "environments") or spoilt(PLACES, "name") else set[str]()
    return frozenset(found | ({ENTER_PHASE} if spoilt((*own, "phase"), "name") else set()))
