"""`changegate clock accept`."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from api.commands.saying import BROKEN, Stop, desk_in, installation, say

app: Final = typer.Typer(help="The clock that the log goes by.", no_args_is_help=True)


@app.callback()
def only() -> None:
    """The clock that the log goes by."""


@app.command()
def accept(
    reason: Annotated[str, typer.Option(help="Why the clock is right; it is recorded.")],
) -> None:
    """Vouch for a clock that stands behind the log, so that writing goes on.

    A clock that is wrong is to be set right instead: nothing is lost while writing waits.
    """
    from api.machine.preflight import behind
    from domain.log import SUBJECT

    with installation() as opened:
        with opened.reader.connection() as connection:
            by = behind(connection, opened.reader.head(connection))
        if by is None:
            raise Stop("the clock is not behind the log", BROKEN)
        with desk_in(opened) as desk:
            desk.ask("log.accept_clock", SUBJECT, reason=reason)
    say(f"The clock, {by.total_seconds():.0f} s behind the log, was accepted; writing goes on.")
