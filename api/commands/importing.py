"""`changegate import`: merge requests, releases and security fixes of files, clones of git."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Final

import typer

from api.commands.acting import principal
from api.commands.paths import path_argument
from api.commands.saying import BROKEN, Stop, installation, progress, say, say_json

if TYPE_CHECKING:
    from api.importing.claiming import Noun, Outcome
    from api.importing.running import Batch, Read, Tally
    from api.machine.installation import Installation

STOPPED: Final = 130
"""The exit status of what was stopped by Ctrl-C, as shells have it."""
app: Final = typer.Typer(help="Bring in what other systems recorded.", no_args_is_help=True)


@app.callback()
def only() -> None:
    """Bring in what other systems recorded."""


As = Annotated[
    str | None,
    typer.Option(
        "--as", help="Handle or id of the importer who claims it; the operator unless given."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Answer for a program.")]


@app.command("merge-requests")
def merge_requests(
    file: Annotated[Path, path_argument(help="A merge request in JSON on each line.")],
    by: As = None,
    json: Json = False,
) -> None:
    """Record merges that took place elsewhere, as claims; twice the same file adds nothing.

    A bad line is named on standard error with its number, and nothing of it is kept. Exits with 0
    when every line is recorded, 1 when some are bad, 2 when the file or the log cannot be used.
    Ctrl-C keeps what was recorded; a second run goes on from there.
    """
    from api.importing.rows import MERGE, read_merge

    _import_file(file, by, json, read_merge, (MERGE,))


@app.command()
def releases(
    file: Annotated[Path, path_argument(help="A release in JSON, with its commits, on each line.")],
    by: As = None,
    json: Json = False,
) -> None:
    """Record releases that were tagged elsewhere, and their commits; twice the same adds nothing.

    A bad line is named on standard error with its number, and nothing of it is kept: neither the
    release nor any of its commits. Exits as `import merge-requests` does.
    """
    from api.importing.releases import COMMITTED, TAGGED, read_release

    _import_file(file, by, json, read_release, (TAGGED, COMMITTED))


@app.command("security-fixes")
def security_fixes(
    file: Annotated[
        Path, path_argument(help="A security fix in JSON, with its merge requests, on each line.")
    ],
    by: As = None,
    json: Json = False,
) -> None:
    """Record security fixes that were merged elsewhere, as claims; twice the same adds nothing.

    A bad line is named on standard error with its number, and nothing of it is kept. Exits as
    `import merge-requests` does.
    """
    from api.importing.fixes import FIXED, read_fix

    _import_file(file, by, json, read_fix, (FIXED,))


@app.command()
def git(
    clone: Annotated[Path, path_argument(help="The folder of a local clone.")],
    project: Annotated[
        str | None,
        typer.Option(help="The project's full path; that of the clone's `origin` unless given."),
    ] = None,
    by: As = None,
    json: Json = False,
) -> None:
    """Record the tags and commits of a local clone; twice the same clone adds nothing.

    Nothing of the clone is run: no hook, no filter, no command in its configuration. Commits that
    no tag reaches are left out. Exits as `import merge-requests` does.
    """
    from api.importing.git import Unusable
    from api.importing.origin import named_by
    from api.importing.releases import COMMITTED, TAGGED
    from api.importing.repository import Clone
    from api.importing.running import batches

    _check_folder(clone)
    try:
        called = named_by(Clone(clone, "").origin()) if project is None else project
        if called is None:
            raise Stop(f"{clone} has no `origin` that names a project: say it with --project")
        with installation() as log:
            found = batches(Clone(clone, called).releases())
            tally = _import(log, found, ("tags read", None), by, json, (TAGGED, COMMITTED))
    except Unusable as fault:
        raise Stop(f"{clone} cannot be read by git: {fault}") from fault
    _answer(tally, json, "tags")


def _check_folder(clone: Path) -> None:
    if not clone.exists():
        raise Stop(f"there is no folder {clone}: name that of a clone")
    if clone.is_file():
        raise Stop(f"{clone} is a file: name the folder of a clone")


def _import_file(file: Path, by: str | None, json: bool, read: Read, nouns: Sequence[Noun]) -> None:
    from api.importing.lines import Unread
    from api.importing.running import batches, read_lines

    try:
        with opened(file) as (source, size), installation() as log:
            found = batches(read_lines(source, read))
            tally = _import(log, found, ("bytes read", size), by, json, nouns)
    except Unread as fault:
        raise Stop(f"the file cannot be read on: {fault}; what was recorded stays") from fault
    _answer(tally, json, "lines")


def _answer(tally: Tally, json: bool, called: str) -> None:
    if json:
        say_json(_summary(tally))
    else:
        say(_sentence(tally, called))
    if tally.stopped:
        raise Stop("stopped; run the import again to go on", STOPPED)
    if tally.bad:
        raise Stop(f"{tally.bad} of {tally.lines} {called} are bad", BROKEN)


@contextmanager
def opened(file: Path) -> Iterator[tuple[BinaryIO, int | None]]:
    """The file and its size, None for one without; raises Stop when it cannot be opened."""
    try:
        source, size = file.open("rb"), file.stat().st_size
    except OSError as fault:
        from api.machine.files import told

        raise Stop(told(file, fault)) from fault
    except ValueError as fault:  # a name that no file can have
        raise Stop(f"{file} cannot be read: {fault}") from fault
    with source:
        yield source, size or None


def _import(  # noqa: PLR0917  (what is imported, in whose name, and who is told what)
    log: Installation,
    found: Iterable[tuple[int, Batch]],
    measure: tuple[str, int | None],
    by: str | None,
    json: bool,
    nouns: Sequence[Noun],
) -> Tally:
    from api.importing.claiming import Importer, Unrecorded
    from api.importing.running import Told, settle, stoppable
    from domain.kernel import OPERATOR

    claimant = OPERATOR if by is None else _importer(log, by, nouns)
    writer = log.writer()
    try:
        with progress(*measure) as moved, stoppable() as stopped:
            told = Told(_tell_json if json else _tell, moved)
            return settle(found, Importer(log.reader, writer, claimant), told, stopped)
    except Unrecorded as fault:
        raise Stop(str(fault)) from fault
    finally:
        writer.close()


def _importer(log: Installation, named: str, nouns: Sequence[Noun]) -> str:
    """The principal of this name; raises Stop unless there is one who may claim these."""
    from datetime import UTC, datetime

    from api.hiding.visibility import Sight

    found = principal(log, named)
    with log.reader.connection() as connection:
        sight = Sight(log.reader, connection, found, None, datetime.now(UTC))
        for noun in nouns:
            if not sight.may(noun.action):
                things = f"{noun.called}s"
                raise Stop(f"{named} may not claim {things}: that takes role:importer", BROKEN)
    return found


# Telling.


def _tell(outcome: Outcome) -> None:
    for problem in outcome.problems:
        where = f" {'.'.join(problem.path)}:" if problem.path else ""
        place = f"line {outcome.line}" if outcome.name is None else f"tag {outcome.name}"
        text = f"{place}:{where} {problem.message} ({problem.code})"
        typer.echo(text, err=True)


def _tell_json(outcome: Outcome) -> None:
    import msgspec

    if outcome.problems:
        told: dict[str, object] = {"line": outcome.line, "problems": outcome.problems}
        if outcome.name is not None:
            told |= {"tag": outcome.name}
        typer.echo(msgspec.json.encode(told), err=True)


def _summary(tally: Tally) -> dict[str, object]:
    return {
        "lines": tally.lines,
        "added": tally.added,
        "known": tally.known,
        "bad": tally.bad,
        "claims": tally.claims,
        "stopped": tally.stopped,
        "seconds": round(tally.seconds, 3),
        "lines_per_second": round(tally.rate),
        "claims_per_second": round(tally.claims / tally.seconds) if tally.seconds else 0,
    }


def _sentence(tally: Tally, called: str) -> str:
    return (
        f"{tally.lines} {called}: {tally.added} added, {tally.known} known already, "
        f"{tally.bad} bad; {tally.seconds:.1f} s, {tally.rate:,.0f} {called} a second"
    )
