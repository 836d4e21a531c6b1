"""How the text of a policy's rules is made of lines, and what such lines allow to somebody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

ALLOW: Final = "allow"
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
    """The actions that some line allows, whoever holds its role; a faulty line allows nothing."""
    lines = (fields(text) for _, text in numbered(rules))
    return frozenset(each[2] for each in lines if len(each) == 5 and each[4] == ALLOW)
