"""`changegate verify`, `bundle`, `backup` and `restore`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.paths import path_argument
from api.commands.saying import (
    BROKEN,
    Stop,
    installation,
    progress,
    say,
    say_json,
    settings,
)

if TYPE_CHECKING:
    from api.machine.installation import Installation
    from ledger.faults import Fault

Json = Annotated[bool, typer.Option("--json", help="Answer for a program.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (verify, bundle, backup, restore):
        app.command()(command)


def verify(
    tree_only: Annotated[
        bool, typer.Option("--tree-only", help="Only hashes, tree and checkpoint.")
    ] = False,
    json: Json = False,
) -> None:
    """Check the whole log: hashes, tree, checkpoint; then contents, columns and snapshots.

    Exits with 0 when all is as it was recorded, 1 when something was altered, 2 when the log
    cannot be read.
    """
    from api.machine.installation import Altered

    try:
        with installation(unfit=True) as opened:
            size = _readable(opened)
            found = _faults(opened, size, tree_only=tree_only)
    except Altered as fault:
        raise Stop(str(fault), BROKEN) from fault
    _tell(opened.origin, size, found, json=json)
    if found:
        raise Stop("the log is not as it was recorded", BROKEN)


def _tell(origin: str, size: int, found: list[Fault], *, json: bool) -> None:
    from dataclasses import asdict

    if json:
        faults = [asdict(fault) for fault in found]
        say_json({"origin": origin, "events": size, "faults": faults})
        return
    for fault in found:
        where = f" at {fault.position}" if fault.position is not None else ""
        about = f" of {fault.subject}" if fault.subject else ""
        say(f"{fault.code}{where}{about}: {fault.message}")
    say(f"{size} events, {len(found)} faults")


def _readable(opened: Installation) -> int:
    """How many events there are; raises Unready for a log of another key, or without events."""
    from api.machine.installation import Unready, check_key

    with opened.reader.connection() as connection:
        head = opened.reader.head(connection)
    if not head.size:
        raise Unready("the log was not begun to the end: run `changegate init` again")
    if log := opened.log():
        check_key(log, opened.key)
    return head.size


def _faults(opened: Installation, size: int, *, tree_only: bool) -> list[Fault]:
    from api.machine.agreement import head_faults, signature_faults
    from api.machine.triggers import trigger_faults
    from ledger.verifying import verify_contents, verify_tree

    with progress("reading the log", size) as told:
        found = [*_read(verify_tree(opened.reader, [opened.key.verifier], told))]
    found += _read(signature_faults(opened))
    found += _read(trigger_faults(opened.reader))
    if not tree_only:
        with progress("checking contents", size) as told:
            found += _read(verify_contents(opened.reader, told))
            found += _read(head_faults(opened.reader))
    return found


def _read(found: Iterator[Fault]) -> Iterator[Fault]:
    """What a check finds; what was altered so that it cannot even be read is found too."""
    from ledger.faults import Fault

    try:
        yield from found
    except (TypeError, ValueError, LookupError) as fault:
        yield Fault("unreadable", f"what is stored cannot be read on: {type(fault).__name__}")


def bundle(
    file: Annotated[Path, path_argument(help="The file to write; it must not exist.")],
    contents: Annotated[
        bool, typer.Option("--contents", help="With what the entries say, personal data too.")
    ] = False,
    json: Json = False,
) -> None:
    """Write the log so that an auditor can check it elsewhere, with `python -m verifier`."""
    from api.machine.bundling import bundle as write

    with installation() as opened, progress("copying") as told:
        size = write(opened, file, told, contents=contents)
        verifier = str(opened.key.verifier)
    if json:
        say_json({"file": str(file), "events": size, "verifier": verifier})
    else:
        say(f"{file} holds {size} entries. Check them elsewhere:")
        say(f"  python -m verifier {file} --key {verifier}")


def backup(
    file: Annotated[Path, path_argument(help="The file to write; it must not exist.")],
    json: Json = False,
) -> None:
    """Copy the log and its snapshots as of one moment, while the service runs."""
    from api.machine.backups import save

    with installation() as opened, progress("copying") as told:
        size = save(opened, file, told)
    if json:
        say_json({"file": str(file), "events": size})
    else:
        say(f"{file} holds the log's {size} events. Keys are not in it: keep them apart.")


def restore(
    reason: Annotated[str, typer.Option(help="Why the log is restored; it is recorded.")],
    file: Annotated[Path | None, path_argument(help="A file made by `changegate backup`.")] = None,
    accept: Annotated[
        bool,
        typer.Option("--accept", help="Restore nothing: the database itself was put back."),
    ] = False,
    json: Json = False,
) -> None:
    """Put a backup into an empty database; the next event says so, and the fork shows.

    With --accept, the database as it stands is taken for what was restored: after a copy of it
    was put back by other means.
    """
    from api.machine.restoring import accept as record
    from api.machine.restoring import load

    if (file is None) != accept:
        raise Stop("name a backup's file, or give --accept")
    with progress("restoring") as told:
        size = record(settings(), reason) if file is None else load(settings(), file, reason, told)
    if json:
        say_json({"events": size})
    else:
        say(f"The log was restored at {size} events; the restore is its next event.")
