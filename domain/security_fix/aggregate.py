"""The aggregate `security_fix`: its events, its commands, and where it acts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from domain.kernel import Aggregate, Audience, Command, Scopes, Seen
from domain.security_fix import finding, linking, publishing, working
from domain.security_fix.evolve import EVENTS, evolve
from domain.security_fix.parts import add_merge_request, remove_merge_request
from domain.security_fix.state import SecurityFix


def _scopes(state: SecurityFix | None, _command: str, arguments: Mapping[str, Any]) -> Scopes:
    """The project it is fixed in: who is cleared there knows of it; the product tells nobody."""
    project = state.project if state else arguments.get("project")
    return {"project": frozenset((project,) if project else ())}


AGGREGATE: Final = Aggregate(
    "security_fix",
    SecurityFix,
    events=EVENTS,
    evolve=evolve,
    commands=(
        Command(working.open),
        Command(working.edit, seen=Seen.VERSION),
        Command(working.assess, deciding=True),
        Command(finding.name_finder, deciding=True),
        Command(finding.claim_find),
        Command(working.tick),
        Command(working.untick),
        Command(add_merge_request),
        Command(remove_merge_request),
        Command(linking.label),
        Command(linking.unlabel),
        Command(linking.review),
        Command(linking.link, guarded=True),
        Command(linking.unlink),
        Command(working.dismiss, deciding=True),
        Command(publishing.reveal, deciding=True),
        Command(publishing.disclose, internal=True),
    ),
    scopes=_scopes,
    indexed=("status", "project", "service", "severity", "tracker", "due_at", "embargoed"),
    audience=Audience.EMBARGOED,
    plural="security_fixes",
    fold=8,
)
