"""`changegate policy check|explain|adopt` and `changegate playbook check|adopt`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from api.commands.acting import TokenFile, known_action, person, principal
from api.commands.paths import path_argument, path_option
from api.commands.saying import BROKEN, Stop, desk_in, installation, say, say_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from api.machine.installation import Installation

policy: Final = typer.Typer(help="Who may ask for what.", no_args_is_help=True)
playbook: Final = typer.Typer(help="Processes: kinds, rules, quorums.", no_args_is_help=True)
SHIPPED: Final = Path(__file__).parent.parent.parent / "policies"
Folder = Annotated[
    Path,
    path_argument(
        help="Folder with model.conf and policy.csv.", show_default="what comes with this version"
    ),
]
File = Annotated[Path, path_argument(help="A playbook, in TOML.")]
Proposal = Annotated[
    str | None,
    typer.Option(help="Put this proposal into force, as a second person, instead of a new one."),
]
Reason = Annotated[str | None, typer.Option(help="Why it should change; it is recorded.")]
By = Annotated[
    Path | None, typer.Option("--policy", help="The folder of the policy that is in force.")
]
Under = Annotated[
    list[Path] | None, path_option(help="A playbook in force, in TOML; may be repeated.")
]
Json = Annotated[bool, typer.Option("--json", help="Answer for a program.")]


@policy.command("check")
def check_policy(folder: Folder = SHIPPED, playbook: Under = None, json: Json = False) -> None:
    """Read a policy as the service would; every fault is named with file and line.

    With playbooks named, also what those wait for that it would allow nobody.
    """
    faults = _policy_faults(folder)
    for file in playbook or () if not faults else ():
        faults += _playbook_faults(file, folder)
    _tell_faults(faults, json=json, said=f"The policy in {folder} can be adopted.")


@policy.command("adopt")
def adopt_policy(
    token_file: TokenFile,
    folder: Folder = SHIPPED,
    reason: Reason = None,
    proposal: Proposal = None,
    json: Json = False,
) -> None:
    """Propose a policy, or put one that somebody else proposed into force.

    Whoever acts shows their own token: the operator cannot change the policy in their place.
    """
    if proposal is not None:
        _adopt("policy", proposal, token_file, json=json)
        return
    if faults := _policy_faults(folder):
        _tell_faults(faults, json=json)
    texts = {"model": _text(folder / "model.conf"), "rules": _text(folder / "policy.csv")}
    _propose("policy", None, token_file, texts, reason, json=json)


@policy.command("explain")
def explain(
    who: Annotated[str, typer.Argument(metavar="PERSON", help="Handle or id.")],
    action: Annotated[str, typer.Argument(help="Such as change.approve.")],
    scope: Annotated[
        list[str] | None, typer.Option(help="Where, such as service=billing; may be repeated.")
    ] = None,
    json: Json = False,
) -> None:
    """Say whether a person may ask for an action, by which line and which grant.

    Exits with 0 if they may and 1 if not.
    """
    scopes = _scopes(scope or [])
    with installation() as opened:
        known_action(action)
        asked = principal(opened, who)
        with opened.reader.connection() as connection:
            standing = opened.reader.standing(connection)
    if standing.judge is None:
        raise Stop("no policy has been adopted")
    decision = standing.judge.decide(asked, action, scopes, standing.authority, datetime.now(UTC))
    if json:
        told = {"allowed": decision.allowed, "line": decision.line, "grant": decision.grant}
        say_json(told | {"reason": decision.reason})
    else:
        verdict = "allowed" if decision.allowed else "denied"
        say(f"{verdict}: {decision.reason}" if decision.reason else verdict)
        say(f"line: {decision.line or 'none'}; grant: {decision.grant or 'none'}")
    if not decision.allowed:
        raise typer.Exit(BROKEN)


@playbook.command("check")
def check_playbook(file: File, policy: By = None, json: Json = False) -> None:
    """Read a playbook as the service would; every fault is named with file and line.

    With a policy named, also what waits for a role that it does not know, or for an act that it
    allows nobody: nobody could do it.
    """
    faults = _policy_faults(policy) if policy else []
    told = faults or _playbook_faults(file, policy)
    _tell_faults(told, json=json, said=f"{file} can be adopted.")


@playbook.command("adopt")
def adopt_playbook(
    token_file: TokenFile,
    file: Annotated[Path | None, path_argument(help="A playbook, in TOML.")] = None,
    reason: Reason = None,
    proposal: Proposal = None,
    json: Json = False,
) -> None:
    """Propose a playbook, or put one that somebody else proposed into force.

    Whoever acts shows their own token: the operator cannot change a playbook in their place.
    """
    if proposal is not None:
        _adopt("playbook", proposal, token_file, json=json)
        return
    if file is None:
        raise Stop("name a file to propose, or --proposal to put one into force")
    if faults := _playbook_faults(file):
        _tell_faults(faults, json=json)
    from domain.playbook.aggregate import decode

    body = _text(file)
    _propose("playbook", decode(body).name, token_file, {"body": body}, reason, json=json)


def _tell_faults(faults: list[dict[str, Any]], *, json: bool, said: str = "") -> None:
    """Name all faults and stop, or say that there is none."""
    if json:
        say_json({"faults": faults})
    else:
        for each in faults:
            say(f"{each['file']}:{each['line']}: {each['message']}")
    if faults:
        counted = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise Stop(f"{counted}: this cannot be adopted", BROKEN)
    if not json:
        say(said)


def _policy_faults(folder: Path) -> list[dict[str, Any]]:
    from api.rules import actions, deciding
    from policies.guard import Guard
    from policies.rules import PolicyFault

    if folder.is_file():
        raise Stop(f"{folder} is a file: name the folder that has model.conf and policy.csv")
    if not folder.is_dir():
        raise Stop(f"there is no folder {folder}: name the one with model.conf and policy.csv")
    files = {"model": folder / "model.conf", "rules": folder / "policy.csv"}
    if faults := [fault for each in files.values() for fault in _no_text(each)]:
        return faults
    texts = {name: _text(file) for name, file in files.items()}
    try:
        Guard.compile(**texts, actions=actions(), deciding=deciding())
    except PolicyFault as broken:
        return [_fault(str(files[each.text]), each) for each in broken.faults]
    return []


def _unmet(body: str, folder: Path) -> Iterator[Any]:
    """What a playbook waits for that nobody could do under the policy in a folder."""
    from domain.playbook import needs, unfilled
    from domain.policy_lines import allowed_to_somebody
    from policies.guard import Guard

    rules = _text(folder / "policy.csv")
    yield from unfilled.faults(body, Guard.compile(_text(folder / "model.conf"), rules).roles)
    yield from needs.faults(body, allowed_to_somebody(rules))


def _playbook_faults(file: Path, policy: Path | None = None) -> list[dict[str, Any]]:
    from domain.playbook import circles
    from domain.playbook.aggregate import PlaybookFault, decode

    if faults := _no_text(file):
        return faults
    try:
        decode(_text(file), file=str(file))
    except PlaybookFault as broken:
        return [_fault(each.file, each) for each in broken.faults]
    found = [*circles.faults(_text(file)), *(_unmet(_text(file), policy) if policy else ())]
    return [_fault(str(file), each) for each in found]


def _fault(file: str, fault: Any) -> dict[str, Any]:
    return {"file": file, "line": fault.line, "message": fault.message}


def _propose(
    noun: str,
    name: str | None,
    token_file: Path,
    text: dict[str, str],
    reason: str | None,
    *,
    json: bool,
) -> None:
    if not reason:
        raise Stop("say why with --reason")
    with installation() as opened:
        proposer = person(opened, token_file)
        with opened.reader.connection() as connection:
            current = _current(opened, connection, noun, name)
        given = {**text, "based_on": current, "reason": reason}
        with desk_in(opened) as desk:
            proposed = proposer.ask(desk, f"{noun}.propose", **given).subject
    if json:
        say_json({"proposal": proposed})
        return
    say(f"Proposed as {proposed}; another policy owner puts it into force with")
    say(f"  changegate {noun} adopt --proposal {proposed} --token-file FILE")


def _adopt(noun: str, proposal: str, token_file: Path, *, json: bool) -> None:
    with installation() as opened:
        second = person(opened, token_file)
        with desk_in(opened) as desk:
            second.ask(desk, f"{noun}.adopt", proposal)
    if json:
        say_json({"adopted": proposal})
    else:
        say(f"{proposal} is in force.")


def _current(
    opened: Installation, connection: Connection, noun: str, name: str | None
) -> str | None:
    """The version in force of the policy, or of the playbook of this name."""
    from sqlalchemy import select

    table = opened.reader.tables.snapshots[noun]
    statement = select(table.c.id).where(table.c.status == "adopted")
    if name is not None:
        statement = statement.where(table.c.name == name)
    found: str | None = connection.execute(statement).scalar_one_or_none()
    return found


def _text(file: Path) -> str:
    return file.read_bytes().decode()


def _no_text(file: Path) -> list[dict[str, Any]]:
    """That it is no text in UTF-8, with the line on which that shows, if it is none."""
    read = file.read_bytes()
    try:
        read.decode()
    except UnicodeDecodeError as fault:
        line = read.count(b"\n", 0, fault.start) + 1
        return [{"file": str(file), "line": line, "message": "this is no text in UTF-8"}]
    return []


def _scopes(given: list[str]) -> dict[str, frozenset[str]]:
    from api.derived.identity import read_id
    from domain.grant.state import Scope

    found: dict[str, set[str]] = {}
    for each in given:
        kind, equals, value = each.partition("=")
        if not (kind in set(Scope) and equals and value):
            raise Stop(f"a scope is written KIND=VALUE, KIND one of {', '.join(Scope)}, not {each}")
        board = read_id(value, "Board") if kind == Scope.BOARD else None
        found.setdefault(kind, set()).add(board or value)
    return {kind: frozenset(values) for kind, values in found.items()}
