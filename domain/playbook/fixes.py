"""Decodes the support policies and the kinds of security fix of a playbook."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from domain.playbook.tables import among, each
from domain.playbook.toml_table import Table
from domain.process.fix import ItemRow, SecurityFixKind, SeverityRow
from domain.process.support import Support

MOST_LINES: Final = 50
"""How many lines a fix may have to reach."""
LONGEST_SLA: Final = 3660
"""How many days a remedy may take at most."""
_BRANCH: Final = re.compile(r"[A-Za-z0-9._/-]*N[A-Za-z0-9._/-]*")


def supports(root: Table) -> tuple[Support, ...]:
    """The support policies, which fixes go by."""
    return each(root, "support", _support)


def _support(table: Table) -> Support:
    found = Support(
        table.name("name"),
        table.text("title"),
        table.number("bug_lines", 1, MOST_LINES),
        table.number("security_lines", 1, MOST_LINES),
        table.text("stable_branch"),
        table.words("default_branches", required=True),
        table.optional("source"),
    )
    if found.stable_branch and not _BRANCH.fullmatch(found.stable_branch):
        table.note("stable_branch", "stable_branch is a branch with an N for each number of a line")
    return found


def security_fixes(
    root: Table, policies: Collection[str], merge_requests: Collection[str]
) -> tuple[SecurityFixKind, ...]:
    """The kinds of security fix; each goes by a policy and by kinds of merge request at hand."""

    def kind(table: Table) -> SecurityFixKind:
        what = "kind of merge request"
        found = SecurityFixKind(
            table.name("name"),
            table.text("title"),
            among(table, "support", policies, "support policy", ("support",)) or "",
            table.text("label"),
            among(table, "default_kind", merge_requests, what, ("merge_request",)) or "",
            among(table, "backport_kind", merge_requests, what, ("merge_request",)) or "",
            each(table, "item", _item),
            each(table, "severity", _severity),
            table.names("trackers"),
            table.optional("source"),
        )
        for key in ("support", "default_kind", "backport_kind"):
            if not getattr(found, key):
                table.note(key, f"a kind of security fix says its {key}", judging=(key,))
        if not found.items or not found.severities:
            message = "a kind of security fix has a checklist and severities"
            table.note(None, message, judging=("item", "severity"))
        return found

    return each(root, "security_fix", kind)


def _item(table: Table) -> ItemRow:
    return ItemRow(table.name("name"), table.text("title"))


def _severity(table: Table) -> SeverityRow:
    return SeverityRow(
        table.name("name"), table.text("title"), table.number("days", 1, LONGEST_SLA)
    )
