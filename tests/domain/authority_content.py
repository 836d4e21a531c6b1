"""Everything an index of who holds what knows, to compare one with another."""

from __future__ import annotations

from typing import Any

from domain.authority import Authority


def content(authority: Authority) -> dict[str, Any]:
    """All its dictionaries; a container that was emptied is as good as none."""
    accounts, granted = authority._accounts, authority._granted
    index = granted.index
    seating, lending = authority._seating, authority._lending
    return {
        "roles": (authority.roles, authority.approving),
        "grants": granted.grants,
        "granted": filled(granted._of),
        "held": granted.held,
        "by_person": index.by_person,
        "by_role": {key: filled(place) for key, place in filled(index.by_role).items()},
        "accounts": (accounts._known, accounts._suspended, accounts._handles),
        "identities": accounts._identities,
        "ties": filled(accounts.ties),
        "boards": (seating._boards, seating._seats, filled(seating._kinds)),
        "delegations": (lending._known, filled(lending._to), filled(lending._from)),
    }


def filled(index: dict[Any, Any]) -> dict[Any, Any]:
    """The index without empty containers."""
    return {key: value for key, value in index.items() if value}
