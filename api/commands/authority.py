"""`changegate policy check|explain|adopt` and `changegate playbook check|adopt`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from api.commands.saying import BROKEN, Stop, installation, say, say_json

policy: Final = typer.Typer(help="Who may ask for what.", no_args_is_help=True)
playbook: Final = typer.Typer(help="Processes: kinds, rules, quorums.", no_args_is_help=True)
Folder = Annotated[Path, typer.Argument(help="Folder with model.conf and policy.csv.")]
File = Annotated[Path, typer.Argument(help="A playbook, in TOML.")]
Proposer = Annotated[str, typer.Option("--by", help="Handle of the policy owner who proposes it.")]
Reason = Annotated[str, typer.Option(help="Why; it is recorded.")]
Json = Annotated[bool, typer.Option("--json", help="Answer for a program.")]


@policy.command("check")
def check_policy(folder: Folder = Path("policies")) -> None:
    """Read a policy as the service would; every fault is named with file and line."""
    model, rules = _texts(folder)
    faults = _policy_faults(model, rules)
    for fault in faults:
        say(f"{folder}/{fault}")
    if faults:
        raise Stop(f"{len(faults)} faults", BROKEN)
    say("The policy can be adopted.")


@policy.command("adopt")
def adopt_policy(by: Proposer, reason: Reason, folder: Folder = Path("policies")) -> None:
    """Propose a policy in a person's name; it is in force once another policy owner adopts it."""
    model, rules = _texts(folder)
    faults = _policy_faults(model, rules)
    if faults:
        raise Stop("\n".join(map(str, faults)), BROKEN)
    _propose("policy", by, {"model": model, "rules": rules, "reason": reason}, name=None)


@policy.command("explain")
def explain(
    person: Annotated[str, typer.Argument(help="Handle or id.")],
    action: Annotated[str, typer.Argument(help="Such as change.approve.")],
    scope: Annotated[
        list[str] | None, typer.Option(help="Where, such as service=billing; may be repeated.")
    ] = None,
    json: Json = False,
) -> None:
    """Say whether a person may ask for an action, by which line and which grant."""
    from datetime import UTC, datetime

    with installation() as opened:
        with opened.reader.connection() as connection:
            standing = opened.reader.standing(connection)
    if standing.judge is None:
        raise Stop("no policy has been adopted")
    known = standing.authority.person(person)
    found = person if known else standing.authority.named(person)
    if found is None:
        raise Stop(f"nobody here is called {person}")
    at = datetime.now(UTC)
    decision = standing.judge.decide(found, action, _scopes(scope or []), standing.authority, at)
    if json:
        told = {"allowed": decision.allowed, "line": decision.line, "grant": decision.grant}
        say_json(told | {"reason": decision.reason})
        return
    say(f"{'allowed' if decision.allowed else 'denied'}: {decision.reason}")
    say(f"line: {decision.line or 'none'}; grant: {decision.grant or 'none'}")


@playbook.command("check")
def check_playbook(file: File) -> None:
    """Read a playbook as the service would; every fault is named with file and line."""
    _decoded(file)
    say(f"{file} can be adopted.")


@playbook.command("adopt")
def adopt_playbook(file: File, by: Proposer, reason: Reason) -> None:
    """Propose a playbook in a person's name; another policy owner adopts it."""
    found = _decoded(file)
    _propose("playbook", by, {"body": _text(file), "reason": reason}, name=found.name)


def _decoded(file: Path) -> Any:
    from domain.playbook import PlaybookFault, decode

    try:
        return decode(_text(file), file=str(file))
    except PlaybookFault as broken:
        raise Stop(str(broken), BROKEN) from broken


def _policy_faults(model: str, rules: str) -> tuple[Any, ...]:
    from api.rules import actions, deciding
    from policies.guard import Guard
    from policies.rules import PolicyFault

    try:
        Guard.compile(model, rules, actions=actions(), deciding=deciding())
    except PolicyFault as broken:
        return broken.faults
    return ()


def _propose(noun: str, by: str, arguments: dict[str, Any], name: str | None) -> None:
    from api.installation import Desk

    with installation() as opened:
        with opened.reader.connection() as connection:
            proposer = opened.reader.standing(connection).authority.named(by)
            current = _adopted(opened, connection, noun, name)
        if proposer is None:
            raise Stop(f"nobody here is called {by}")
        writer = opened.writer()
        try:
            answer = Desk(writer).ask(f"{noun}.propose", by=proposer, based_on=current, **arguments)
        finally:
            writer.close()
    say(f"Proposed as {answer.subject}; another policy owner puts it into force.")


def _adopted(opened: Any, connection: Any, noun: str, name: str | None) -> str | None:
    """The version in force of the policy, or of the playbook of this name."""
    from sqlalchemy import select

    table = opened.reader.tables.snapshots[noun]
    statement = select(table.c.id).where(table.c.status == "adopted")
    if name is not None:
        statement = statement.where(table.c.name == name)
    found: str | None = connection.execute(statement).scalar_one_or_none()
    return found


def _texts(folder: Path) -> tuple[str, str]:
    return _text(folder / "model.conf"), _text(folder / "policy.csv")


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as fault:
        raise Stop(f"{file} cannot be read: {fault}") from fault


def _scopes(given: list[str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for each in given:
        kind, equals, value = each.partition("=")
        if not (kind and equals and value):
            raise Stop(f"a scope is written KIND=VALUE, not {each}")
        found.setdefault(kind, set()).add(value)
    return {kind: frozenset(values) for kind, values in found.items()}
