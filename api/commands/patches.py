"""`changegate patch-calendar FILE`: planned patch dates beside the days they really came."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from api.commands.importing import opened
from api.commands.paths import path_argument, path_option
from api.commands.saying import Stop, say, say_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.calendar.cadence import Cadence
    from domain.metrics.patch_calendar import Agreement, Patched

SHIPPED: Final = Path(__file__).parents[2] / "policies" / "playbooks" / "planned_patch.toml"
HEADINGS: Final = ("year", "planned", "that day", "1 day", "near", "missed", "batches", "unplanned")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("patch-calendar")(patch_calendar)


def patch_calendar(
    file: Annotated[Path, path_argument(help="A version of the product in JSON on each line.")],
    cadence: Annotated[
        str, typer.Option(help="The cadence that plans the dates, in the playbook's words.")
    ] = "second_and_fourth",
    playbook: Annotated[Path, path_option(help="The playbook with the cadence.")] = SHIPPED,
    lines: Annotated[
        int, typer.Option(min=1, help="Count only batches of patches for so many lines.")
    ] = 1,
    json: Annotated[bool, typer.Option("--json", help="Answer for a program.")] = False,
) -> None:
    """Compare a cadence's dates with the real days of patches, by year; nothing is recorded.

    Each planned date takes the nearest batch within three days, and no batch answers twice. Exits
    with 2 when the file or the playbook cannot be used.
    """
    found = report(_cadence(playbook, cadence), _patches(file), lines)
    if json:
        missing = ("missed", "unplanned")
        say_json([asdict(e) | {name: getattr(e, name) for name in missing} for e in found])
        return
    say("  ".join(HEADINGS))
    for each in found:
        row = (each.year, each.planned, each.on_the_day, each.within_one, each.within_reach)
        rest = (each.missed, each.batches, each.unplanned)
        cells = zip((*row, *rest), HEADINGS, strict=True)
        say("  ".join(f"{value:>{len(heading)}}" for value, heading in cells))


def report(cadence: Cadence, patches: Sequence[Patched], lines: int = 1) -> tuple[Agreement, ...]:
    """The agreement in each year from that of the first patch to that of the last."""
    from domain.calendar.cadence import occurrences
    from domain.metrics.patch_calendar import agreement, batches

    real = batches(patches, lines)
    if not real:
        return ()
    found = []
    for year in range(real[0].day.year, real[-1].day.year + 1):
        since, until = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
        found += [e.local.date() for e in occurrences(cadence, since, until) if e.local]
    return agreement(found, real)


def _patches(file: Path) -> tuple[Patched, ...]:
    from api.importing.lines import Unread
    from api.importing.patches import Unfit, read_patches

    try:
        with opened(file) as (source, _size):
            return read_patches(source)
    except (Unfit, Unread) as fault:
        raise Stop(f"{file}: {fault}") from fault


def _cadence(file: Path, name: str) -> Cadence:
    from domain.playbook.format import PlaybookFault, decode

    try:
        process = decode(file.read_bytes().decode("utf-8"), file=file.name)
    except OSError as fault:
        from api.machine.files import told

        raise Stop(told(file, fault)) from fault
    except UnicodeDecodeError as fault:
        raise Stop(f"{file} is no text in UTF-8") from fault
    except (ValueError, PlaybookFault) as fault:
        raise Stop(f"{file} cannot be used: {fault}") from fault
    found = process.cadence(name)
    if found is None:
        words = ", ".join(each.name for each in process.cadences)
        raise Stop(f"{file.name} has no cadence {name!r}; it has {words or 'none'}")
    return found
