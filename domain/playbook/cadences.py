"""Decodes the cadences and the release cycles of a playbook."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from domain.calendar.cadence import (
    FARTHEST,
    MOST_MILESTONES,
    MOST_PLACES,
    Cadence,
    Milestone,
    OnHoliday,
    check_cadence,
    check_milestone,
)
from domain.calendar.recurrence import Recurrence
from domain.clash.clash import Cause, Severity
from domain.kernel import Problems
from domain.playbook.tables import among, each
from domain.playbook.toml_table import Table
from domain.process.cycle import Cycle, Effect, Shortcut, Week
from domain.process.process import ClashRow

_YEAR: Final = 366
_KEYS: Final = {"places": "holidays", "milestones": "milestone"}
"""What is called otherwise in a text."""


def cadence(table: Table) -> Cadence:
    """A cadence with its milestones; one that never comes about is a fault."""
    found = Cadence(
        table.name("name"),
        table.text("title"),
        Recurrence(table.text("rrule"), table.text("start"), table.text("zone")),
        table.choice("on_holiday", OnHoliday, OnHoliday.KEEP),
        _few(table, "holidays", MOST_PLACES),
        table.words("rest"),
        table.number("reach", 1, FARTHEST, 7),
        each(table, "milestone", _milestone),
        table.optional("source"),
    )
    if len(found.milestones) > MOST_MILESTONES:
        table.note("milestone", f"a cadence has at most {MOST_MILESTONES} milestones")
    if all(_written(found)) and not table.spoilt("holidays", "rest", "on_holiday", "reach"):
        problems = Problems()
        check_cadence(problems, found)
        for problem in problems:
            key = problem.path[0] if problem.path else None
            if key != "milestones":  # told where each stands
                table.note(_KEYS.get(key or "", key), problem.message)
    return found


def _written(found: Cadence) -> Iterable[str]:
    """What a cadence must say; what is missing was told already."""
    return found.recurrence.rrule, found.recurrence.start, found.recurrence.zone


def _few(table: Table, key: str, most: int) -> tuple[str, ...]:
    words = table.words(key)
    if len(words) > most:
        table.note(key, f"{key} names more than {most}")
    return words[:most]


def _milestone(table: Table) -> Milestone:
    found = Milestone(
        table.name("name"),
        table.text("title"),
        table.number("days", -_YEAR, _YEAR),
        table.flag("working", default=False),
        table.optional("time"),
        table.optional("source"),
    )
    problems = Problems()
    check_milestone(problems, found)
    for problem in problems:
        table.note(problem.path[-1], problem.message, judging=("days", "time"))
    return found


def cycle(table: Table, cadences: tuple[Cadence, ...]) -> Cycle:
    """A release cycle; its short cuts must say what happens in each week and environment."""
    found = Cycle(
        table.name("name"),
        table.text("title"),
        among(table, "cadence", {each.name for each in cadences}, "cadence", ("cadence",)) or "",
        table.names("environments", required=True),
        table.number("weeks", 1, 52, 1),
        tuple(map(_shortcut, rows := table.tables("shortcut"))),
        table.number("longest_weeks", 1, 520) if table.has("longest_weeks") else None,
        table.optional("source"),
    )
    for row in rows:
        row.close()
    if not found.cadence:
        table.note("cadence", "a cycle names the cadence it keeps", judging=("cadence",))
    if not table.spoilt("environments", "kind", "week", "environment"):
        _covered(table, found)
    return found


def _shortcut(table: Table) -> Shortcut:
    return Shortcut(
        table.name("kind"),
        table.choice("week", Week),
        table.name("environment"),
        table.choice("effect", Effect),
        table.optional("source"),
    )


def _covered(table: Table, cycle: Cycle) -> None:
    """Each kind of short cut says once what it does in each week in each environment (X-05)."""
    keys = [(row.kind, row.week, row.environment) for row in cycle.shortcuts]
    for position, (row, key) in enumerate(zip(cycle.shortcuts, keys, strict=True)):
        path = (*table.path, "shortcut", position)
        if row.environment not in cycle.environments:
            table.faults.note(path, f"there is no environment {row.environment!r} in the cycle")
        if keys.count(key) > 1:
            table.faults.note(path, f"{row.kind} says twice what it does in that week there")
    for kind in sorted({row.kind for row in cycle.shortcuts}):
        for week in Week:
            missing = [at for at in cycle.environments if (kind, week, at) not in keys]
            if missing:
                table.note(
                    "shortcut", f"{kind} does not say what it does in {', '.join(missing)} ({week})"
                )


def clash_rows(table: Table | None) -> tuple[ClashRow, ...]:
    """How grave which cause of clashes is: `[clash]` with a severity for each cause named."""
    if table is None:
        return ()
    named = [cause for cause in Cause if table.has(cause.value)]
    found = tuple(ClashRow(cause, table.choice(cause.value, Severity)) for cause in named)
    if any(row.cause is Cause.UNKNOWN for row in found):
        table.note("unknown", "what is unknown blocks; that is not a playbook's to decide")
    if any(row.cause is Cause.LEAD_TIME for row in found):
        table.note("lead_time", "a kind's `lead_hours` always block")
    if any(row.cause is Cause.HOLIDAY for row in found):
        table.note("holiday", "a requirement about holidays always blocks")
    table.close()
    return found
