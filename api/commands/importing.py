"""`changegate import merge-requests FILE`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Final

import typer

from api.commands.acting import principal
from api.commands.saying import BROKEN, Stop, installation, progress, say, say_json

if TYPE_CHECKING:
    from api.importing.claiming import Outcome
    from api.importing.running import Tally
    from api.installation import Installation

STOPPED: Final = 130
"""The exit status of what was stopped by Ctrl-C, as shells have it."""
app: Final = typer.Typer(help="Bring in what other systems recorded.", no_args_is_help=True)


@app.callback()
def only() -> None:
    """Bring in what other systems recorded."""


@app.command("merge-requests")
def merge_requests(
    file: Annotated[Path, typer.Argument(help="A merge request in JSON on each line.")],
    by: Annotated[
        str | None,
        typer.Option(
            "--as",
            help="Handle or id of the importer who claims it; the operator unless given.",
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Answer for a program.")] = False,
) -> None:
    """Record merges that took place elsewhere, as claims; twice the same file adds nothing.

    A bad line is named on standard error with its number, and nothing of it is kept. Exits with 0
    when every line is recorded, 1 when some are bad, 2 when the file or the log cannot be used.
    Ctrl-C keeps what was recorded; a second run goes on from there.
    """
    with opened(file) as (source, size), installation() as log:
        tally = _import(log, source, size, by, json)
    if json:
        say_json(_summary(tally))
    else:
        say(_sentence(tally))
    if tally.stopped:
        raise Stop("stopped; run the import again to go on", STOPPED)
    if tally.bad:
        raise Stop(f"{tally.bad} of {tally.lines} lines are bad", BROKEN)


@contextmanager
def opened(file: Path) -> Iterator[tuple[BinaryIO, int | None]]:
    """The file and its size, None for one without; raises Stop when it cannot be opened."""
    try:
        source, size = file.open("rb"), file.stat().st_size
    except (OSError, ValueError) as fault:
        raise Stop(f"{file} cannot be read: {fault}") from fault
    with source:
        yield source, size or None


def _import(
    log: Installation, source: BinaryIO, size: int | None, by: str | None, json: bool
) -> Tally:
    from api.importing.claiming import Importer, Unrecorded
    from api.importing.lines import Unread
    from api.importing.running import Told, run, stoppable
    from domain.kernel import OPERATOR

    claimant = OPERATOR if by is None else _importer(log, by)
    writer = log.writer()
    try:
        with progress("bytes read", size) as moved, stoppable() as stopped:
            told = Told(_tell_json if json else _tell, moved)
            return run(source, Importer(log.reader, writer, claimant), told, stopped)
    except Unread as fault:
        raise Stop(f"the file cannot be read on: {fault}; what was recorded stays") from fault
    except Unrecorded as fault:
        raise Stop(str(fault)) from fault
    finally:
        writer.close()


def _importer(log: Installation, named: str) -> str:
    """The principal of this name; raises Stop unless there is one who may claim merges."""
    from datetime import UTC, datetime

    from api.importing.claiming import ACTION
    from api.visibility import Sight

    found = principal(log, named)
    with log.reader.connection() as connection:
        sight = Sight(log.reader, connection, found, None, datetime.now(UTC))
        if not sight.may(ACTION):
            raise Stop(f"{named} may not claim merges: that takes role:importer", BROKEN)
    return found


# Telling.


def _tell(outcome: Outcome) -> None:
    for problem in outcome.problems:
        where = f" {'.'.join(problem.path)}:" if problem.path else ""
        text = f"line {outcome.line}:{where} {problem.message} ({problem.code})"
        typer.echo(text, err=True)


def _tell_json(outcome: Outcome) -> None:
    import msgspec

    if outcome.problems:
        told = {"line": outcome.line, "problems": outcome.problems}
        typer.echo(msgspec.json.encode(told), err=True)


def _summary(tally: Tally) -> dict[str, object]:
    return {
        "lines": tally.lines,
        "added": tally.added,
        "known": tally.known,
        "bad": tally.bad,
        "stopped": tally.stopped,
        "seconds": round(tally.seconds, 3),
        "lines_per_second": round(tally.rate),
    }


def _sentence(tally: Tally) -> str:
    return (
        f"{tally.lines} lines: {tally.added} added, {tally.known} known already, "
        f"{tally.bad} bad; {tally.seconds:.1f} s, {tally.rate:,.0f} lines a second"
    )
