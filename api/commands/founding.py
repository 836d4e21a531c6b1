"""`changegate init` and `changegate migrate`."""

from __future__ import annotations

from typing import Annotated

import typer

from api.commands.saying import Stop, endings, say, settings


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(init)
    app.command()(migrate)


def init(
    admin: Annotated[str, typer.Option(help="Handle of the first administrator.")],
    name: Annotated[str | None, typer.Option(help="Their name; the handle if not given.")] = None,
    mail: Annotated[str | None, typer.Option(help="Their mail address.")] = None,
    issuer: Annotated[str | None, typer.Option(help="Issuer that signs them in.")] = None,
    subject: Annotated[str | None, typer.Option(help="Who they are at the issuer.")] = None,
    origin: Annotated[str | None, typer.Option(help="Name of the log, such as a domain.")] = None,
) -> None:
    """Found a log: tables, key, event 0, the shipped policy and playbooks, an administrator.

    Appointing the first administrator is recorded as the operator's own act. Their token is
    printed once.
    """
    from api.first import appoint
    from api.founding import adopt_shipped, found_log
    from api.installation import Desk, Installation
    from api.keys import pepper

    if (issuer is None) != (subject is None):
        raise Stop("give both --issuer and --subject, or neither")
    with endings():
        chosen = settings()
        found_log(chosen, origin=origin)
        opened = Installation.open(chosen)
        writer = opened.writer()
        try:
            desk = Desk(writer)
            adopt_shipped(desk)
            identity = {"issuer": issuer, "subject": subject} if issuer else None
            token = appoint(desk, pepper(chosen), admin, name or admin, mail, identity)
        finally:
            writer.close()
            opened.close()
    say(f"The log {opened.origin} begins. Its verifier key is")
    say(f"  {opened.key.verifier}")
    say(f"{admin} is its first administrator, with this token, shown only now:")
    say(f"  {token}")


def migrate() -> None:
    """Bring the database to this version's revision; rebuild what a changed fold made stale."""
    from api.migrating import upgrade
    from api.revision import needed
    from ledger.databases import admin_engine
    from ledger.rebuilding import rebuild

    from api.commands.saying import installation, progress

    with endings():
        chosen = settings()
        upgrade(chosen.url)
    with installation() as opened, progress("rebuilding") as told:
        engine = admin_engine(opened.settings.url)
        try:
            count = rebuild(opened.reader, engine, everything=False, progress=told)
        finally:
            engine.dispose()
    say(f"The database is at revision {needed()}; {count} snapshots were rebuilt.")
