"""The `changegate` command: everything an operator does at the machine itself."""

from __future__ import annotations

import sys
from typing import Final

import typer

from api.commands import (
    authority,
    clock,
    demo,
    founding,
    importing,
    importing_deployments,
    keys,
    log,
    patches,
    running,
    schema,
    tokens,
    upgrading,
)
from api.commands.saying import Stop, endings, warn

app: Final = typer.Typer(
    name="changegate",
    help="Decides whether a change may go out, and proves afterwards that it was right.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for part in (founding, upgrading, running, demo, log, schema, patches):
    part.register(app)
app.add_typer(tokens.app, name="token")
importing_deployments.register(importing.app)
app.add_typer(importing.app, name="import")
app.add_typer(authority.policy, name="policy")
app.add_typer(authority.playbook, name="playbook")
app.add_typer(keys.app, name="key")
app.add_typer(clock.app, name="clock")


def main() -> None:
    """Run the command; what an operator can mend ends with one clear sentence and no traceback."""
    try:
        with endings():
            app(prog_name="changegate")
    except Stop as stop:
        warn(str(stop))
        sys.exit(stop.status)


if __name__ == "__main__":
    main()
