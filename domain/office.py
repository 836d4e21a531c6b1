"""Whether somebody, a person or a program, is in an office: known, not suspended, with its role."""

from __future__ import annotations

from datetime import datetime

from domain.authority import Authority
from domain.kernel import Scopes


def holds(authority: Authority, who: str, role: str | None, scopes: Scopes, at: datetime) -> bool:
    """Whether they are known, not suspended, and hold the role there, if one is asked for."""
    if authority.person(who) is None or authority.suspended(who):
        return False
    return role is None or any(name == role for name, _ in authority.roles_for(who, scopes, at))
