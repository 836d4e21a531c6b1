"""Facts that are spelled at once are those that are spelled piece by piece."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from api.deployment import REGISTRY
from domain.approval.approval import OpenRule, Rule
from domain.change.events import Assessed
from domain.digest import NotCanonical
from ledger import codec, facts
from tests.golden.files import example

RULE = Rule("cab_two", "Two of the board", board="cab", number=2, mandatory=("user:1",))
ODD = (
    "Zwei vom Beirat, über alles",
    'A "quoted" \\ line\n',
    "a\x00b",
    "\ud800",
    "v1.25, 1e9",
    "a\x7f",
)


@pytest.mark.parametrize("kind", sorted(REGISTRY.kinds))
def test_every_kind_of_event_is_spelled_alike(kind: str) -> None:
    event = example(REGISTRY.kinds[kind][1])
    assert facts.encode_event(event) == codec.encode_event(event)


@pytest.mark.parametrize("title", ODD)
def test_odd_text_is_spelled_alike(title: str) -> None:
    event = Assessed((OpenRule(replace(RULE, title=title), 2, 8),))
    assert spelled(facts, event) == spelled(codec, event)


@pytest.mark.parametrize("number", [2**53 - 1, 2**53, -(2**53), 2**70, 1.0, 2.5, 1e30])
def test_odd_numbers_are_spelled_or_refused_alike(number: Any) -> None:
    event = Assessed((OpenRule(RULE, 2, number),))
    assert spelled(facts, event) == spelled(codec, event)


@dataclass(frozen=True, slots=True)
class Plain:
    first: int
    second: str = ""


def test_nothing_of_a_number_that_comes_first_is_missed() -> None:
    assert spelled(facts, Plain(10**16)) is NotCanonical
    assert spelled(facts, Plain(7, "1234567890123456")) == spelled(
        codec, Plain(7, "1234567890123456")
    )


def spelled(how: Any, event: object) -> Any:
    try:
        return how.encode_event(event)
    except NotCanonical:
        return NotCanonical
