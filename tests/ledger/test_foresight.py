"""What a command foresees is folded once, and never taken for anything else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.authority import Authority
from domain.kernel import Context, Recorded
from ledger.scene import Foresight
from tests.ledger.shelf import BOOK, Condition, Lent, Note, Noted, Shelved

AT = datetime(2027, 1, 31, 12, tzinfo=UTC)
TEXT = Noted(Note("user:anna", "Read.", AT))


class Nothing:
    """Records that nobody asks for anything."""


def ahead(state: Any, aggregate: Any = BOOK) -> Foresight:
    found = Foresight(aggregate, state)
    records: Any = Nothing()
    found.context = Context(AT, "user:anna", "b1", records, Authority(), request="r1")
    return found


def shelved() -> Any:
    event = Shelved("T", None, Condition.GOOD, embargoed=False)
    return BOOK.evolve(None, Recorded(event, "r0.0", "b1", 1, AT, "user:anna"))


def test_what_is_foreseen_is_what_is_recorded() -> None:
    state, lent = shelved(), Lent(AT, ())
    found = ahead(state)
    noted = found.fold(state, TEXT)
    after = found.fold(noted, lent)
    first = Recorded(TEXT, "r1.0", "b1", 2, AT, "user:anna")
    second = Recorded(lent, "r1.1", "b1", 3, AT, "user:anna")
    assert noted == BOOK.evolve(state, first)
    assert after == BOOK.evolve(noted, second)
    assert found.kept(state, TEXT, "r1.0") == (noted, first)
    assert found.kept(noted, lent, "r1.1") == (after, second)


@pytest.mark.parametrize("other", ["event", "state", "id"])
def test_anything_else_is_folded_by_itself(other: str) -> None:
    state = shelved()
    found = ahead(state)
    found.fold(state, TEXT)
    told = {"before": state, "event": TEXT, "id": "r1.0"}
    unlike = {
        "event": {"event": replace(TEXT)},
        "state": {"before": replace(state)},
        "id": {"id": "r1.1"},
    }
    assert found.kept(**told | unlike[other]) is None


def test_what_a_subject_that_is_made_becomes_is_foreseen_too() -> None:
    event = Shelved("T", None, Condition.GOOD, embargoed=False)
    found = ahead(None)
    assert found.fold(None, event).version == 1
    assert found.kept(None, event, "r1.0") is not None
