"""`changegate import deployments FILE`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.importing import STOPPED, opened
from api.commands.paths import path_argument
from api.commands.saying import BROKEN, Stop, installation, progress, say, say_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import BinaryIO

    from api.importing.claiming import Outcome
    from api.importing.deployments import DeploymentImporter, Told
    from api.importing.running import Tally
    from api.machine.installation import Installation


def register(app: typer.Typer) -> None:
    """Add the command to those that import."""
    app.command("deployments")(deployments)


def deployments(
    file: Annotated[Path, path_argument(help="A package and its deployment in JSON on each line.")],
    by: Annotated[
        str | None,
        typer.Option(
            "--as", help="Handle or id of the importer who claims it; the operator unless given."
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Answer for a program.")] = False,
) -> None:
    """Record packages and deployments elsewhere, as claims; twice the same file adds nothing.

    A bad line is named on standard error with its number. Exits with 0 when every line is recorded,
    1 when some are bad, 2 when the file or the log cannot be used. Ctrl-C keeps what was recorded;
    a second run goes on from there.
    """
    with opened(file) as (source, size), installation() as log:
        tally = _import(log, source, size, by)
    if json:
        counted = {"lines": tally.lines, "added": tally.added, "known": tally.known}
        say_json(counted | {"bad": tally.bad, "stopped": tally.stopped})
    else:
        kept = f"{tally.added} added, {tally.known} known already"
        say(f"{tally.lines} lines: {kept}, {tally.bad} bad")
    if tally.stopped:
        raise Stop("stopped; run the import again to go on", STOPPED)
    if tally.bad:
        raise Stop(f"{tally.bad} of {tally.lines} lines are bad", BROKEN)


def _import(log: Installation, source: BinaryIO, size: int | None, by: str | None) -> Tally:
    from api.importing.claiming import Unrecorded
    from api.importing.deployments import DeploymentImporter
    from api.importing.lines import Unread
    from domain.kernel import OPERATOR

    principal = OPERATOR if by is None else _importer(log, by)
    writer = log.writer()
    try:
        with progress("bytes read", size) as moved:
            importer = DeploymentImporter(log.reader, writer, principal)
            return _settled(source, importer, moved)
    except Unread as fault:
        raise Stop(f"the file cannot be read on: {fault}; what was recorded stays") from fault
    except Unrecorded as fault:
        raise Stop(str(fault)) from fault
    finally:
        writer.close()


def _settled(source: BinaryIO, importer: DeploymentImporter, moved: Callable[[int], None]) -> Tally:
    from api.importing.running import Tally, stoppable

    tally = Tally()
    with stoppable() as stopped:
        for end, batch in _batches(source):
            for outcome in importer.settle_lines(batch):
                tally.count(outcome)
                _tell(outcome)
            moved(end)
            if stopped():
                tally.stopped = True
                break
    return tally


def _batches(source: BinaryIO) -> Iterator[tuple[int, Sequence[Told | Outcome]]]:
    """What the lines say, some at a time, with how many bytes have been read by then."""
    from api.importing.deployments import read_line
    from api.importing.lines import lines
    from api.importing.running import BATCH

    batch: list[Told | Outcome] = []
    end = 0
    for line in lines(source):
        batch.append(read_line(line))
        end = line.end
        if len(batch) == BATCH:
            yield end, batch
            batch = []
    if batch:
        yield end, batch


def _tell(outcome: Outcome) -> None:
    for problem in outcome.problems:
        where = f" {'.'.join(problem.path)}:" if problem.path else ""
        text = f"line {outcome.line}:{where} {problem.message} ({problem.code})"
        typer.echo(text, err=True)


def _importer(log: Installation, named: str) -> str:
    """The principal of this name; raises Stop unless there is one who may claim both."""
    from datetime import UTC, datetime

    from api.hiding.visibility import Sight
    from api.importing.deployments import ACTIONS

    with log.reader.connection() as connection:
        authority = log.reader.standing(connection).authority
        found = named if authority.person(named) else authority.named(named)
        if found is None:
            raise Stop(f"nobody here is called {named}")
        sight = Sight(log.reader, connection, found, None, datetime.now(UTC))
        if not all(map(sight.may, ACTIONS)):
            message = f"{named} may not claim packages and deployments: that takes role:importer"
            raise Stop(message, BROKEN)
    return found
