"""`changegate serve`."""

from __future__ import annotations

import typer

from api.commands.saying import Stop, installation, say


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(serve)


def serve() -> None:
    """Serve GraphQL: one writer process and CHANGEGATE_EDGES edge processes, until Ctrl-C."""
    from api import logs
    from api.preflight import faults
    from api.processes.parent import CannotServe, answers_at, service

    with installation() as opened:
        logs.configure(opened.settings)
        wrong = list(faults(opened))
        if wrong:
            raise Stop("; ".join(f"{name}: {reason}" for name, reason in wrong))
        if opened.demo:
            raise Stop("this log is a demo's: serve it with `changegate demo --serve`")
        opened.signer()
        try:
            with service(opened.settings) as running:
                running.run(lambda: say(f"Changegate answers at {answers_at(running.listener)}"))
        except CannotServe as fault:
            raise Stop(str(fault)) from fault
