"""How a walker does what gates say of locks, exemptions and the calendar."""

from __future__ import annotations

from typing import Any, Final

from tests.api.company import window
from tests.api.walker.tale import noun_of
from tests.api.walker.walk import Step, Table

EXEMPTED: Final = {
    "Change": "change",
    "MergeRequest": "mergeRequest",
    "Deployment": "deployment",
    "Release": "release",
}


def _asked(step: Step) -> tuple[str, dict[str, Any]]:
    kind = EXEMPTED[noun_of(step.subject)]
    given = {"lock": step.about("Lock"), kind: step.subject, "reason": "It cannot wait."}
    return "requestExemption", given


def _exempted(step: Step) -> tuple[str, dict[str, Any]]:
    """The newest open wish that this be exempt from the lock."""
    kind = EXEMPTED[noun_of(step.subject)]
    wanted = {"lock": step.about("Lock"), "status": "OPEN"}
    told = f"{{ id {kind} {{ id }} }}"
    every = step.tale.listed("exemptions", told, by=step.who, filter=wanted)
    own = [each for each in every if each[kind] and each[kind]["id"] == step.subject]
    return "approveExemption", {"id": own[0]["id"] if own else step.about("Lock")}


def _lifted(step: Step) -> tuple[str, dict[str, Any]]:
    return "liftLock", {"id": step.about("Lock"), "reason": "It is over."}


def _lock_confirmed(step: Step) -> tuple[str, dict[str, Any]]:
    lock = step.about("Lock")
    seen = step.tale.read("lock", "{ revision }", id=lock)["revision"]
    return "confirmLock", {"id": lock, "seen": seen}


def _replanned(step: Step) -> tuple[str, dict[str, Any]]:
    """The same at another time."""
    entry = step.about("CalendarEntry")
    told = "{ version plan { title kind service environments severity } }"
    now = step.tale.read("calendarEntry", told, id=entry)
    plan = {name: value for name, value in now["plan"].items() if value is not None}
    plan["window"] = window(24 * step.tale.random.randint(1000, 2000), 2)
    return "replanCalendarEntry", {"id": entry, "plan": plan, "seen": now["version"]}


def _cancelled(step: Step) -> tuple[str, dict[str, Any]]:
    return "cancelCalendarEntry", {"id": step.about("CalendarEntry"), "reason": "Not now."}


DEEDS: Final[Table] = {
    "exemption.request": _asked,
    "exemption.approve": _exempted,
    "lock.lift": _lifted,
    "lock.confirm": _lock_confirmed,
    "calendar_entry.replan": _replanned,
    "calendar_entry.cancel": _cancelled,
}
"""Those about what stands in the way of many records."""
