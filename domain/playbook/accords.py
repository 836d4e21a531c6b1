"""Decodes the kinds of accord of a playbook."""

from __future__ import annotations

from typing import Final

from domain.playbook.rules import SCOPES, role
from domain.playbook.tables import each
from domain.playbook.toml_table import Table
from domain.process.accord import AccordKind, PartyRow, PathRow, Subject

MOST: Final = 20
"""How many parties, reasons or paths a kind of accord may have."""


def accords(root: Table) -> tuple[AccordKind, ...]:
    """The kinds of accord."""
    return each(root, "accord", _accord)


def _accord(table: Table) -> AccordKind:
    found = AccordKind(
        table.name("name"),
        table.text("title"),
        table.choice("about", Subject),
        each(table, "party", _party),
        table.flag("independent", default=False),
        table.flag("dated", default=False),
        table.words("reasons"),
        each(table, "path", _path),
        table.optional("source"),
    )
    if len(found.parties) < 2:
        table.note(None, "an accord is between two parties at least", judging=("party",))
    if max(map(len, (found.parties, found.reasons, found.paths))) > MOST:
        table.note(None, f"an accord has at most {MOST} parties, reasons and paths")
    return found


def _party(table: Table) -> PartyRow:
    found = PartyRow(
        table.name("name"),
        table.text("title"),
        role(table, "role"),
        table.optional("scope"),
        table.optional("rotation"),
        table.flag("requester", default=False),
        table.optional("source"),
    )
    if sum(map(bool, (found.role, found.rotation, found.requester))) != 1:
        message = "a party is a role, a rotation or the requester, and one of them"
        table.note(None, message, judging=("role", "rotation", "requester"))
    if found.scope and (found.role is None or found.scope not in SCOPES[:2]):
        message = f"scope goes with a role and is one of {', '.join(SCOPES[:2])}"
        table.note("scope", message, judging=("role", "scope"))
    return found


def _path(table: Table) -> PathRow:
    return PathRow(table.name("name"), table.text("title"), table.flag("opens", default=True))
