"""Whether what an answer says to people can be read by them: names, and no ids of records."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

BARE = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
"""An id of a record, which no client can look up."""
FAULT = re.compile(r"\b[A-Z]\w*(?:Error|Exception|Refusal)\b:|\b\w+Error at |\bTraceback\b")
"""What a program calls its faults."""
SAID = ("message", "missing", "title", "description", "reason", "impossibleReason")
"""What findings, problems, acts and explanations say."""
SAYING = ({"requirement"}, {"code", "message"}, {"action", "description"}, {"ways"})
"""The fields by which those are told from records, whose titles are people's own words."""


def unreadable(answer: Any) -> Iterator[str]:
    """What findings, problems, acts and explanations say with ids or what programs call faults."""
    if isinstance(answer, list):
        for each in answer:
            yield from unreadable(each)
    elif isinstance(answer, dict):
        if any(keys <= answer.keys() for keys in SAYING):
            yield from (each for each in _said(answer) if BARE.search(each) or FAULT.search(each))
        for each in answer.values():
            yield from unreadable(each)


def _said(answer: dict[str, Any]) -> Iterator[str]:
    for name in SAID:
        value = answer.get(name)
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from (each for each in value if isinstance(each, str))
