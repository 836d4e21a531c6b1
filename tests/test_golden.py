"""What is stored for ever stays readable, and what callers name keeps its name."""

import msgspec
import pytest

from api.deployment import REGISTRY
from domain.kernel import ERASED
from ledger.codec import decode_event, encode_event, hints, marks, strip
from tests.golden import files

STORED = files.events()


def test_no_action_that_was_ever_published_is_gone() -> None:
    assert [name for name in files.actions() if name not in REGISTRY.actions] == []


def test_every_action_is_published() -> None:
    missing = sorted(set(REGISTRY.actions) - set(files.actions()))
    assert missing == [], "add them with: python -m tests.golden"


def test_no_kind_of_event_that_was_ever_stored_is_gone() -> None:
    assert [kind for kind in STORED if kind not in REGISTRY.kinds] == []


def test_every_kind_of_event_has_a_stored_example() -> None:
    missing = sorted(set(REGISTRY.kinds) - set(STORED))
    assert missing == [], "add them with: python -m tests.golden"


@pytest.mark.parametrize("kind", STORED)
def test_a_stored_event_is_read_as_it_was_meant(kind: str) -> None:
    facts, parts = STORED[kind]
    event = decode_event(REGISTRY.kinds[kind][1], facts, parts)
    again, contents = encode_event(event)
    stored, now = msgspec.json.decode(facts), msgspec.json.decode(again)
    assert _told_then(stored, now) == stored
    assert {name: contents[name] for name in parts} == parts
    assert decode_event(REGISTRY.kinds[kind][1], again, contents) == event


def _told_then(stored: object, now: object) -> object:
    """What is written now, without the fields that were added since, at any depth."""
    if isinstance(stored, dict) and isinstance(now, dict):
        return {name: _told_then(stored[name], now[name]) for name in stored}
    if isinstance(stored, list) and isinstance(now, list) and len(stored) == len(now):
        return [_told_then(*pair) for pair in zip(stored, now, strict=True)]
    return now


@pytest.mark.parametrize("kind", [kind for kind in STORED if STORED[kind][1]])
def test_a_stored_event_whose_parts_were_emptied_is_still_read(kind: str) -> None:
    facts, parts = STORED[kind]
    shape = REGISTRY.kinds[kind][1]
    event = decode_event(shape, facts, dict.fromkeys(parts))
    texts = [
        name
        for name, hint in hints(shape).items()
        if marks(hint) and strip(hint) is str and name in parts
    ]
    assert [getattr(event, name) for name in texts] == [ERASED] * len(texts)
