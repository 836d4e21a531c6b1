"""Decodes the kinds of merge request of a playbook."""

from __future__ import annotations

from domain.approval.approval import Rule
from domain.playbook.rules import role, rule
from domain.playbook.tables import each
from domain.playbook.toml_table import Table
from domain.process.process import Merger, MergeRequestKind, RuleCondition


def merge_request(table: Table) -> MergeRequestKind:
    """A kind of merge request; one that nobody has to sign off is a fault."""
    conditions: list[RuleCondition] = []

    def one(row: Table) -> Rule:
        wanted = row.name("only_if_failed") if row.has("only_if_failed") else None
        found = rule(row)
        if wanted is not None:
            conditions.append(RuleCondition(found.name, wanted))
        return found

    found = MergeRequestKind(
        table.name("name"),
        table.text("title"),
        each(table, "rule", one),
        table.choice("merger", Merger),
        table.optional("source"),
        table.name("merges_in") if table.has("merges_in") else None,
        table.names("evidence"),
        role(table, "reporter"),
        role(table, "assignee"),
        tuple(conditions),
        table.name("reverts_by") if table.has("reverts_by") else None,
    )
    if len(found.rules) == len(conditions):
        message = "a kind of merge request without a rule would let everything pass"
        table.note(None, message, judging=("rule",))
    if (found.evidence or found.conditions) and found.reporter is None:
        message = "evidence that decides needs a reporter: the role whose word counts"
        table.note(None, message, judging=("reporter",))
    return found
