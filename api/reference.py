"""Writes docs/commands.md from the code: `python -m api.reference`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from api.authentication import token_field
from api.catalogue import SOURCE
from api.derived.meanings import description
from api.derived.mutations import mutation_name
from api.derived.nouns import HIDDEN, INPUTS, TYPES
from api.errors import CATALOGUE
from domain.aggregates import AGGREGATES
from domain.kernel import Aggregate, Audience, Command, Seen
from policies.files import shipped
from policies.rules import NONE, Line, read

FILE: Final = Path(__file__).parent.parent / "docs" / "commands.md"
INTRODUCTION: Final = """\
# Commands, events and codes

What can be asked of each noun, by whom under the shipped policy, which events come of it, and with
which codes it may be refused. Written from the code by `make schema`.

A role is held for a scope: `requester (service)` asks for what touches services that the role is
held for, a role without scope is held everywhere. *Everyone* is every known person who is not
suspended. In the last column stand what a request must bring, and how it is treated:

* `seen: revision` or `seen: version`: names what the asker looked at; a later one is `moved_on`.
* `person`: never a program; the roles that may ask are approving roles, given with a second person.
* `recorded`: a refusal by its gate is itself recorded.
* `machine`: the operator at the machine may ask, without any role.
"""
TOKENS: Final = "credential.issue"
"""Asked for by a mutation of its own, whose answer alone shows the token."""
READERS: Final = {
    Audience.SIGNED_IN: "Everybody signed in may read it.",
    Audience.SCOPED: "Who holds `{name}.read` may read it.",
    Audience.EMBARGOED: "Everybody signed in may read it; while it is under embargo only who "
    "holds `{name}.read_embargoed`, and for all others it does not exist.",
}


def text() -> str:
    """The page as it should be."""
    files = shipped()
    roles: dict[str, list[str]] = {}
    for line in read(files.model, files.rules, None):
        roles.setdefault(line.action, []).append(_role(line))
    parts = [INTRODUCTION, *(_noun(each, roles) for each in AGGREGATES), _reading(roles), _codes()]
    return "\n".join(parts)


def write(file: Path = FILE) -> Path:
    """Write the page; where it is."""
    file.write_text(text())
    return file


def _noun(aggregate: Aggregate[Any], roles: Mapping[str, list[str]]) -> str:
    title = aggregate.name.replace("_", " ")
    rows = [_command(aggregate, each, roles) for each in aggregate.commands if not each.internal]
    events = [f"| `{aggregate.kind(each)}` | {_first(each.__doc__)} |" for each in aggregate.events]
    return "\n".join(
        (
            f"## {title[0].upper()}{title[1:]}\n",
            f"{_first(aggregate.state.__doc__)} {READERS[aggregate.audience]}\n".format(
                name=aggregate.name
            ),
            *_table("| command | what it does | who may ask | needs |", rows),
            *_table("| event | what became true |", events),
        )
    )


def _command(aggregate: Aggregate[Any], command: Command, roles: Mapping[str, list[str]]) -> str:
    action = aggregate.action(command)
    name = _published(aggregate, command)
    shown = f"<br>`{name}`" if name else ""
    who = ", ".join(roles.get(action, ())) or ("the operator" if command.operator else "nobody")
    about = _first(command.run.__doc__)
    return f"| `{action}`{shown} | {about} | {who} | {', '.join(_needs(command))} |"


def _published(aggregate: Aggregate[Any], command: Command) -> str | None:
    """The mutation, if there is one."""
    action = aggregate.action(command)
    if action == TOKENS:
        return token_field.NAME
    if command.name in HIDDEN.get(aggregate.name, ()):
        return None
    derived = mutation_name(command.name, TYPES.name(aggregate.state))
    return INPUTS.mutations.get(action, derived)


def _needs(command: Command) -> Iterator[str]:
    if command.seen is not Seen.NOTHING:
        yield f"seen: {command.seen.value}"
    if command.deciding:
        yield "person"
    if command.guarded:
        yield "recorded"
    if command.operator:
        yield "machine"


def _reading(roles: Mapping[str, list[str]]) -> str:
    known = {each.action(command) for each in AGGREGATES for command in each.commands}
    rows = [f"| `{name}` | {', '.join(who)} |" for name, who in roles.items() if name not in known]
    return "\n".join(("## Rights to read\n", *_table("| right | who holds it |", rows)))


def _codes() -> str:
    edge = {code: fault.message for code, fault in CATALOGUE.items()}
    sections = {"http": edge, **tomllib.loads(SOURCE.read_text())}
    parts = ["## Codes\n", "A published code keeps its meaning for ever; messages may change.\n"]
    for name, codes in sections.items():
        title = name.replace("_", " ")
        parts.append(f"### {title[0].upper()}{title[1:]}\n")
        rows = [f"| `{code}` | {meaning} |" for code, meaning in sorted(codes.items())]
        parts += _table("| code | meaning |", rows)
    return "\n".join(parts)


def _table(head: str, rows: list[str]) -> list[str]:
    rule = "|---" * (head.count("|") - 1) + "|"
    return [head, rule, *rows, ""] if rows else []


def _role(line: Line) -> str:
    if line.role == "role:everyone":
        return "everyone"
    name = line.role.removeprefix("role:")
    denied = "" if line.allows else "not "
    return f"{denied}{name}" if line.scope == NONE else f"{denied}{name} ({line.scope})"


def _first(docstring: str | None) -> str:
    """The first paragraph of a docstring, as the schema publishes it."""
    return description(docstring, "").split("\n\n")[0].replace("|", "\\|")


if __name__ == "__main__":
    write()
