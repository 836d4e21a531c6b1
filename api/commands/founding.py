"""`changegate init` and `changegate appoint`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final

import typer

from api.commands.saying import Stop, desk_in, installation, say, say_json, settings, warn

if TYPE_CHECKING:
    from api.machine.first import Founder
    from api.machine.installation import Desk, Installation

ADMINISTRATOR: Final = "role:administrator"
MOST: Final = 2
Identity = Annotated[
    list[str] | None,
    typer.Option(help="HANDLE=SUBJECT: who they are at CHANGEGATE_OIDC_ISSUER; may be repeated."),
]
Json = Annotated[bool, typer.Option("--json", help="Answer for a program.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(init)
    app.command()(appoint)


def init(
    admin: Annotated[
        list[str],
        typer.Option(help="HANDLE or HANDLE=NAME of an administrator; two, so repeat it."),
    ],
    identity: Identity = None,
    origin: Annotated[
        str | None, typer.Option(help="Name of the log, such as gate.example.org/log.")
    ] = None,
    json: Json = False,
) -> None:
    """Found a log: tables, key, event 0, the shipped policy and playbooks, administrators.

    Appointing administrators is recorded as the operator's own act. Their tokens are printed
    once. What one administrator gives another confirms, so there should be two. A founding that
    was interrupted goes on where it was.
    """
    from api.machine.founding import found_log, has_begun

    chosen = settings()
    founders = _founders(admin, identity or [])
    if len(founders) > MOST:
        raise Stop("name two administrators: they give the role to others, and confirm it")
    if not has_begun(chosen):
        found_log(chosen, origin=origin)
    with installation() as opened:
        tokens = _begin(opened, founders)
        _tell(opened, tokens, json=json)
    if len(founders) < MOST:
        warn(
            "nobody can confirm what a lone administrator gives: appoint another with "
            "`changegate appoint HANDLE`"
        )


def appoint(
    person: Annotated[str, typer.Argument(metavar="HANDLE", help="HANDLE, or HANDLE=NAME if new.")],
    role: Annotated[str, typer.Option(help="The role to hold.")] = ADMINISTRATOR,
    identity: Identity = None,
    json: Json = False,
) -> None:
    """Give a role as the operator, while fewer than two people hold it; this is recorded.

    Whoever is not known yet is registered, and their token is printed once.
    """
    from api.machine.first import appoint as give

    [founder] = _founders([person], identity or [])
    with installation() as opened:
        with opened.reader.connection() as connection:
            known = opened.reader.standing(connection).authority
        new = known.named(founder.handle) is None
        with desk_in(opened) as desk:
            people = give(desk, known, [founder], role)
            tokens = _tokens(opened, desk, people) if new else {}
    if json:
        say_json({"people": people, "tokens": tokens})
        return
    say(f"{founder.handle} holds {role} now.")
    for token in tokens.values():
        say(f"Their token, shown only now:\n  {token}")


def _founders(named: list[str], identities: list[str]) -> list[Founder]:
    """Who was named on the command line; raises Stop for what cannot be read."""
    from api.machine.first import Founder

    subjects = dict(_pair(each, "an identity is written HANDLE=SUBJECT") for each in identities)
    issuer = settings().oidc.issuer
    if subjects and issuer is None:
        raise Stop("an identity is one at CHANGEGATE_OIDC_ISSUER, which is not set")
    pairs = dict(_pair(each, "an administrator is written HANDLE=NAME") for each in named)
    if len({handle.casefold() for handle in pairs}) != len(named):
        raise Stop("an administrator is named twice")
    if strangers := subjects.keys() - pairs.keys():
        raise Stop(f"an identity is given for {min(strangers)}, who is not named")
    return [
        Founder(
            handle,
            name,
            {"issuer": issuer, "subject": subjects[handle]}
            if issuer and handle in subjects
            else None,
        )
        for handle, name in pairs.items()
    ]


def _pair(text: str, otherwise: str) -> tuple[str, str]:
    """A handle and what belongs to it, which is the handle if nothing is said."""
    handle, equals, value = text.partition("=")
    if not handle or (equals and not value):
        raise Stop(f"{otherwise}, not {text}")
    return handle, value or handle


def _begin(opened: Installation, founders: list[Founder]) -> dict[str, str]:
    """Adopt what is not adopted yet and appoint the administrators; answers their tokens."""
    from api.machine.first import appoint as give
    from api.machine.first import is_administered
    from api.machine.founding import adopt_shipped
    from api.machine.preflight import adopted

    with opened.reader.connection() as connection:
        known = opened.reader.standing(connection).authority
        in_force = adopted(opened, connection)
    if is_administered(known, datetime.now(UTC)):
        raise Stop(
            "this database holds a log that has administrators: `changegate appoint` adds one "
            "while there are fewer than two, `changegate token create` makes a new token"
        )
    with desk_in(opened) as desk:
        adopt_shipped(desk, adopted=in_force)
        return _tokens(opened, desk, give(desk, known, founders))


def _tokens(opened: Installation, desk: Desk, people: dict[str, str]) -> dict[str, str]:
    from api.machine.first import TOKEN_LASTS, issue_token
    from api.machine.keys import pepper

    secret = pepper(opened.settings)
    return {
        handle: issue_token(desk, secret, person, name="First sign-in", lasts=TOKEN_LASTS)
        for handle, person in people.items()
    }


def _tell(opened: Installation, tokens: dict[str, str], *, json: bool) -> None:
    verifier = str(opened.key.verifier)
    if json:
        say_json({"origin": opened.origin, "verifier": verifier, "tokens": tokens})
        return
    say(f"The log {opened.origin} begins. Whoever checks it needs its verifier key:")
    say(f"  {verifier}")
    say("Its administrators, each with a token that is shown only now:")
    for handle, token in tokens.items():
        say(f"  {handle}  {token}")
