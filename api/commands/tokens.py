"""`changegate token create|list|revoke`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from api.commands.acting import known_action, principal
from api.commands.saying import desk_in, installation, say, say_json

if TYPE_CHECKING:
    from api.machine.installation import Installation
    from domain.authority import Authority

app: Final = typer.Typer(help="API tokens of people and programs.", no_args_is_help=True)
Owner = Annotated[str, typer.Argument(help="Handle or id of the person or program.")]
Json = Annotated[bool, typer.Option("--json", help="Answer for a program.")]


@app.command()
def create(
    owner: Owner,
    name: Annotated[str, typer.Option(help="What the token is for.")],
    days: Annotated[int, typer.Option(min=1, max=366, help="How long it lasts.")] = 90,
    action: Annotated[
        list[str] | None, typer.Option(help="An action it may ask for; all unless given.")
    ] = None,
    json: Json = False,
) -> None:
    """Make a token, recorded as the operator's act, and print it this once."""
    from api.machine.first import issue_token
    from api.machine.keys import pepper

    with installation() as opened:
        person, secret = principal(opened, owner), pepper(opened.settings)
        actions = tuple(known_action(each) for each in action or ())
        lasts = timedelta(days=days)
        with desk_in(opened) as desk:
            text = issue_token(desk, secret, person, name=name, lasts=lasts, actions=actions)
    if json:
        say_json({"owner": person, "token": text})
    else:
        say(text)


@app.command("list")
def list_(
    owner: Annotated[str | None, typer.Option(help="Only this person's or program's.")] = None,
    json: Json = False,
) -> None:
    """List the tokens there are, without their secrets."""
    with installation() as opened:
        found = _tokens(opened, principal(opened, owner) if owner else None)
    if json:
        say_json(found)
        return
    for each in found:
        until, who = each["until"][:16], each["handle"] or each["owner"]
        say(f"{each['id']}  {each['state']:8}  until {until}  {who}  {each['name']}")


@app.command()
def revoke(
    id: Annotated[str, typer.Argument(help="The token's public id, as `list` shows it.")],
    reason: Annotated[str, typer.Option(help="Why; it is recorded.")],
) -> None:
    """Revoke a token, for ever and at once."""
    with installation() as opened, desk_in(opened) as desk:
        desk.ask("credential.revoke", id, reason=reason)
    say(f"{id} is revoked.")


def _tokens(opened: Installation, owner: str | None) -> list[dict[str, Any]]:
    from sqlalchemy import select

    from domain.credential import Credential

    table = opened.reader.snapshot(Credential)
    statement = select(*opened.reader.columns(Credential)).order_by(table.c.until, table.c.id)
    if owner is not None:
        statement = statement.where(table.c.owner == owner)
    with opened.reader.connection() as connection:
        known = opened.reader.standing(connection).authority
        rows = connection.execute(statement).all()
    return [_shown(opened.reader.state_of(Credential, row), known) for row in rows]


def _shown(token: Any, known: Authority) -> dict[str, Any]:
    owner = known.person(token.owner)
    state = "valid"
    if token.revoked_at:
        state = "revoked"
    elif token.until <= datetime.now(UTC):
        state = "expired"
    elif token.given_away(known):
        state = "ended"
    return {
        "id": token.id,
        "owner": token.owner,
        "handle": owner.handle if owner and isinstance(owner.handle, str) else None,
        "name": token.name,
        "state": state,
        "until": token.until.isoformat(),
        "actions": list(token.actions),
    }
