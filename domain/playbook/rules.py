"""Decodes the approval rules of a playbook."""

from __future__ import annotations

import re
from typing import Final

from domain.approval.approval import Quorum, Rule
from domain.playbook.toml_table import Table
from domain.process.process import CHAIR, Phase, RuleRow

MAX_APPROVALS: Final = 1000
MAX_STAGES: Final = 20
SCOPES: Final = ("service", "project", "environment", "board")
"""The scope kinds a role may be demanded for."""

_ROLE: Final = re.compile(r"role:[a-z][a-z0-9_]{0,62}")
_PERSON: Final = re.compile(r"user:[0-9a-f]{32}")


def rule_row(table: Table, risks: tuple[str, ...]) -> RuleRow:
    """A rule with the phase it is asked in and the risks it is asked for."""
    phase = table.choice("phase", Phase)
    wanted = table.names("risks")
    for position, risk in enumerate(wanted):
        if risk not in risks and not table.faults.spoilt(("risk",), "risks"):
            path = (*table.path, "risks", position)
            table.faults.note(path, f"risk {risk!r} is not in the list of risks")
    return RuleRow(rule(table), phase, wanted)


def rule(table: Table) -> Rule:
    """One approval rule; a rule that nobody could ever fill is a fault."""
    _fillable(table)
    quorum = table.choice("quorum", Quorum, Quorum.COUNT)
    return Rule(
        table.name("name") or "unnamed",
        table.text("title"),
        role(table, "role"),
        _scope(table),
        table.name("board") if table.has("board") else None,
        _people(table, "people", ()),
        quorum,
        _number(table, quorum),
        _people(table, "mandatory", (CHAIR,)),
        table.flag("veto", default=False),
        table.number("stage", 1, MAX_STAGES, 1),
        table.flag("distinct", default=True),
        table.optional("source"),
        table.flag("other_team", default=False),
    )


def role(table: Table, key: str) -> str | None:
    """A role, or None when the key is not there."""
    found = table.optional(key)
    if found and not _ROLE.fullmatch(found):
        table.note(key, f"{found!r} is no role: role: and a lower-case name")
    return found


def _scope(table: Table) -> str | None:
    scope = table.optional("scope")
    if scope and scope not in SCOPES:
        table.note("scope", f"scope must be one of {', '.join(SCOPES)}, not {scope!r}")
    return scope


def _number(table: Table, quorum: Quorum) -> int:
    """How many, or how many percent; `all` and `any` say it themselves."""
    if table.spoilt("quorum"):
        return table.number("number", 1, MAX_APPROVALS, 1)
    if quorum in (Quorum.COUNT, Quorum.PERCENT):
        return table.number("number", 1, 100 if quorum is Quorum.PERCENT else MAX_APPROVALS)
    if table.has("number"):
        table.note("number", f"quorum {quorum} takes no number")
        table.number("number", 1, MAX_APPROVALS, 1)
    return 1


def _people(table: Table, key: str, also: tuple[str, ...]) -> tuple[str, ...]:
    people = table.words(key)
    for position, person in enumerate(people):
        if person not in also and not _PERSON.fullmatch(person):
            path = (*table.path, key, position)
            table.faults.note(path, f"{person!r} is no person: user: and 32 hex digits")
    return people


def _fillable(table: Table) -> None:
    """Looks at what is written, right or wrong, so that one mistake is told once."""
    if not any(map(table.has, ("role", "board", "people"))):
        table.note(None, "nobody may fill the rule: it names no role, board or people")
    if table.has("scope") and not table.has("role"):
        table.note("scope", "a scope says for what the role is held, so it needs a role")
    mandatory = table.rest.get("mandatory")
    if isinstance(mandatory, list) and CHAIR in mandatory and not table.has("board"):
        table.note("mandatory", "the chair is a board's, so the rule needs a board")
