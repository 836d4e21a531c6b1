"""Whether somebody, a person or a program, is in an office: known, not suspended, with its role."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # what it indexes asks whether somebody may act
    from domain.authority import Authority
    from domain.kernel import Scopes

OWNER_SUSPENDED: Final = "owner_suspended"
UNANSWERED: Final = (
    "Who owns this program is suspended: an administrator gives it to somebody else "
    "(editPrincipal), who makes new tokens for it (createToken)."
)


def in_service(authority: Authority, who: str) -> bool:
    """Whether they may act: they are known, not suspended, and somebody answers for them."""
    known = authority.person(who) is not None and not authority.suspended(who)
    return known and answered(authority, who)


def answered(authority: Authority, who: str) -> bool:
    """Whether somebody answers for what they do: of a program its owner, while not suspended."""
    known = authority.person(who)
    return known is None or known.owner is None or not authority.suspended(known.owner)


def holds(authority: Authority, who: str, role: str | None, scopes: Scopes, at: datetime) -> bool:
    """Whether they are known, not suspended, and hold the role there, if one is asked for."""
    if authority.person(who) is None or authority.suspended(who):
        return False
    return role is None or any(name == role for name, _ in authority.roles_for(who, scopes, at))
