"""`changegate key show|rotate`."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from api.commands.saying import installation, say, say_json, settings

app: Final = typer.Typer(help="The key that signs the log's checkpoints.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Answer for a program.")]


@app.command()
def show(json: Json = False) -> None:
    """Print the verifier keys: whoever checks a checkpoint or a receipt needs them."""
    with installation() as opened:
        current = str(opened.key.verifier)
        former = [str(each) for each in opened.verifiers() if str(each) != current]
    if json:
        say_json({"origin": opened.origin, "verifier": current, "former": former})
        return
    say(current)
    for each in former:
        say(f"{each} (formerly)")


@app.command()
def rotate(
    reason: Annotated[str, typer.Option(help="Why another key signs; it is recorded.")],
    json: Json = False,
) -> None:
    """Let another key sign, made here; stop the service before, and start it afterwards.

    The log says so in an event, and one checkpoint is signed by both keys. The old key's file is
    kept beside the new one's: receipts of the past are checked with its public half.
    """
    from api.machine.rotating import rotate as turn

    old, new = turn(settings(), reason)
    if json:
        say_json({"old": str(old), "new": str(new)})
        return
    say(f"From now on the log is signed by\n  {new}")
    say(f"and no longer by\n  {old}")
