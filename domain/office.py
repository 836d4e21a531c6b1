"""Whether somebody, a person or a program, is in an office: known, not suspended, with its role."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Final

from domain.grant.holdings import NOTHING, every_covering

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


def grants_for(
    authority: Authority,
    who: str,
    role: str,
    scopes: Scopes,
    at: datetime,
    *,
    kinds: Iterable[str | None] | None = None,
) -> tuple[str, ...]:
    """Every grant by which they hold the role in these scopes, or in those of them that count."""
    found, held = list[str](), authority.by_person.get(who, NOTHING)
    for kind in (*scopes, None) if kinds is None else kinds:
        place = held.get((role, kind))
        if place is not None and (kind is None or kind in scopes):
            found += every_covering(place, scopes[kind] if kind else frozenset(), at)
    return tuple(dict.fromkeys(found))
