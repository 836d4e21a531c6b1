"""How the text of a policy's rules is made of lines, and what such lines allow to somebody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

ALLOW: Final = "allow"
DENY: Final = "deny"
EVERYONE: Final = "role:everyone"
_BETWEEN: Final = ", "


def numbered(rules: str) -> Iterator[tuple[int, str]]:
    """Each line that says something, with its number; empty ones and comments are left out."""
    for number, text in enumerate(rules.split("\n"), start=1):
        if text and not text.startswith("#"):
            yield number, text


def fields(text: str) -> list[str]:
    """The parts of a line: `p`, role, action, scope kind, effect."""
    return text.split(_BETWEEN)


def allowed_to_somebody(rules: str) -> frozenset[str]:
    """The actions that some line allows, whoever holds its role, and none denies to everybody.

    A faulty line allows nothing, and takes nothing.
    """
    every = [each for _, text in numbered(rules) if len(each := fields(text)) == 5]
    denied = {each[2] for each in every if each[4] == DENY and each[1] == EVERYONE}
    return frozenset(each[2] for each in every if each[4] == ALLOW) - denied
