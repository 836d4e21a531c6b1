"""`changegate schema`: the contract that front ends are written against."""

from __future__ import annotations

from typing import Annotated

import typer

from api.commands.saying import BROKEN, Stop, say


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(schema)


def schema(
    check: Annotated[bool, typer.Option("--check", help="Only compare, write nothing.")] = False,
    show: Annotated[bool, typer.Option("--print", help="Print the schema instead.")] = False,
    publish: Annotated[bool, typer.Option("--publish", help="Promise it to clients.")] = False,
) -> None:
    """Write frontend-schema/ from the code, or check that it is up to date."""
    from api import frontend
    from api.schema import sdl

    if show:
        say(sdl().rstrip("\n"))
        return
    if check:
        if old := frontend.stale():
            raise Stop(f"out of date: {', '.join(old)}; run `make schema`", BROKEN)
        faults = frontend.broken()
    else:
        for path in frontend.write():
            say(f"wrote {path}")
        faults = frontend.publish() if publish else ()
    if faults:
        raise Stop("breaks what clients were promised: " + " ".join(faults), BROKEN)
