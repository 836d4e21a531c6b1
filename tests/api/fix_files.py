"""Security fixes elsewhere as tests make them: lines of a file, and what plain Python counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha1
from pathlib import Path
from typing import Any

from api.importing.claiming import Importer
from api.importing.fixes import read_fix
from api.importing.running import Tally, Told, run
from domain.kernel import OPERATOR
from tests.api.office import SCOPED, Office

Row = dict[str, Any]
PROJECT, PRODUCT = "shop/security/till", "till"


def merged(number: int, target: str, at: str, **changes: Any) -> Row:
    """A merge request of a fix."""
    told = {
        "mr_iid": number,
        "target_branch": target,
        "source_branch": f"hole-{target}",
        "merged_at": at,
        "sha": sha1(f"{number}".encode(), usedforsecurity=False).hexdigest(),
        "title": "Close the hole",
        "authors": [],
        "approved_by": ["p-1", "p-2"],
        "merged_by": "p-3",
    }
    return told | changes


def fix(parts: Sequence[Row], **changes: Any) -> Row:
    """A line of a file."""
    told = {
        "project": PROJECT,
        "title": "Close the hole",
        "has_default_branch_mr": any(part["target_branch"] == "master" for part in parts),
        "merge_requests": list(parts),
    }
    return told | changes


def bring(office: Office, file: Path) -> Tally:
    """Import a file, whatever is bad in it."""
    importer = Importer(office.reader, office.writer, OPERATOR)
    told = Told(lambda _outcome: None, lambda _done: None)
    with file.open("rb") as source:
        return run(source, read_fix, importer, told, lambda: False)


def enter(office: Office, lines: Iterable[tuple[str, str]], service: str = PRODUCT) -> None:
    """Record which lines came out when, as a release manager."""
    if "max" in office.people:
        office.grant("max", "release_manager", **SCOPED)
    for line, released in sorted(lines, key=_numbers, reverse=True):
        at = datetime.fromisoformat(released)
        told: dict[str, Any] = {"service": service, "line": line, "released_at": at}
        office.desk.ask("stable_line.enter", by=office.people["max"], **told)


def _numbers(line: tuple[str, str]) -> list[int]:
    return [*map(int, line[0].split("."))]


def wanted(lines: Iterable[tuple[str, str]], at: str) -> set[str]:
    """The branches of the three newest lines that were out, by numbers."""
    out = [line for line, released in lines if released <= at]
    newest = sorted(out, key=lambda line: [*map(int, line.split("."))], reverse=True)[:3]
    return {line.replace(".", "-") + "-stable" for line in newest}


def counted(rows: Iterable[Row], lines: Sequence[tuple[str, str]]) -> Row:
    """What the report should say of these lines of a file, worked out from them alone."""
    rows = list(rows)
    found: Row = dict.fromkeys(
        ("full", "alone", "without", "covered", "reached", "short", "open", "approved"), 0
    )
    for row in rows:
        parts = row["merge_requests"]
        first = min(part["merged_at"] for part in parts)
        backports = len(parts) - row["has_default_branch_mr"]
        found["full"] += row["has_default_branch_mr"] and backports >= 3
        found["alone"] += row["has_default_branch_mr"] and not backports
        found["without"] += not row["has_default_branch_mr"]
        needed = wanted(lines, first)
        reached = bool(needed) and needed <= {part["target_branch"] for part in parts}
        found["reached"] += reached
        found["short"] += bool(needed) and not reached
        found["open"] += not needed
        found["covered"] += reached and row["has_default_branch_mr"]
        found["approved"] += all(part["approved_by"] for part in parts)
    return found | {"fixes": len(rows)}


def as_counted(report: Row) -> Row:
    """A report as `counted` words it."""
    items = {item["name"]: item for item in report["items"]}
    return {
        "fixes": report["fixes"],
        "full": report["fullShape"],
        "alone": report["defaultBranchOnly"],
        "without": report["backportsOnly"],
        "covered": report["covered"],
        "reached": items["versions"]["met"],
        "short": items["versions"]["unmet"],
        "open": items["versions"]["notRecorded"],
        "approved": items["approvals"]["met"],
    }
