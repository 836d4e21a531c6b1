"""`changegate serve`."""

from __future__ import annotations

import typer

from api.commands.saying import say, settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(serve)


def serve() -> None:
    """Serve GraphQL: one writer process and CHANGEGATE_EDGES edge processes, until Ctrl-C.

    Exits with 1 when it cannot serve for now (the database is down), 2 when that needs mending.
    """
    from api.http import logs
    from api.processes.parent import answers_at, service

    chosen = settings()
    logs.configure(chosen)
    with service(chosen) as running:
        running.run(lambda: say(f"Changegate answers at {answers_at(running.listener)}"))
    say("Ended.")
