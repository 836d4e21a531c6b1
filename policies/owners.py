"""What a program sees of what is hidden: no more than who owns it (S1-12).

Who owns a program makes tokens for it, and sees by these whatever it sees.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from domain.authority import Authority
from domain.kernel import Scopes
from domain.wording import ANY
from policies.coverage import NOWHERE

Held = Mapping[str | None, frozenset[str]]
"""The values for which somebody is let, by scope kind; with none for everything."""


def owners(program: str, authority: Authority) -> tuple[str, ...]:
    """Who owns the program, by the very account that makes its tokens; nobody while suspended.

    Accounts linked to that one give it nothing: a link takes one administrator, a clearance two.
    """
    known = authority.person(program)
    owner = known.owner if known else None
    return () if owner is None or authority.suspended(owner) else (owner,)


def everything(held: Held) -> bool:
    """Whether somebody is let for whatever is touched."""
    return any(ANY in found for found in held.values())


def covered(held: Held, scopes: Scopes) -> bool:
    """Whether somebody is let for all that is touched of one kind."""
    return everything(held) or any(
        touched and touched <= held.get(kind, NOWHERE) for kind, touched in scopes.items()
    )


def common(own: Held, theirs: Iterable[Held]) -> Held:
    """What both a program and its owner are let see: by one kind, or all that the other is."""
    seen: dict[str | None, frozenset[str]] = {}
    for held in theirs:
        for kind, found in held.items():
            seen[kind] = seen.get(kind, NOWHERE) | found
    if everything(seen):
        return own
    if everything(own):
        return seen
    return {kind: found & seen.get(kind, NOWHERE) for kind, found in own.items()}
