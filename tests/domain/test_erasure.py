"""Parts are emptied on a legal ground, by a person, and never on an account of their own."""

from __future__ import annotations

from typing import Any

import pytest

from domain.erasure import AGGREGATE, Erased, erase
from domain.kernel import Erases
from tests.domain.authority_examples import person
from tests.domain.given import ADA, BEN, NOON, SUBJECT, asked_by, given, refused, then

PARTS = ("mail", "name")
ERASED = Erased("principal", ADA, PARTS, "Article 17(1)(b), asked for by the person")


def erasing(who: str = BEN, *states: Any, **changed: Any) -> list[Any]:
    more = changed.pop("more", {})
    fine: dict[str, Any] = {"aggregate": "principal", "subject": ADA, "parts": PARTS}
    ground = {"ground": "Article 17(1)(b), asked for by the person"}
    return erase(None, asked_by(who, *states, **more), **(fine | ground | changed))


def test_an_erasure_tells_the_ledger_what_to_empty() -> None:
    [event] = erasing()
    assert event == ERASED
    assert isinstance(event, Erases)


def test_an_erasure_is_kept_with_its_ground() -> None:
    state = then(AGGREGATE, None, asked_by(BEN), erasing())
    assert (state.aggregate, state.subject, state.parts) == ("principal", ADA, PARTS)
    assert (state.ground, state.erased_by, state.erased_at) == (ERASED.ground, BEN, NOON)


def test_nobody_erases_an_account_of_their_own() -> None:
    with refused("own_account"):
        erasing(ADA)
    with refused("own_account"):
        erasing(BEN, person(ADA, linked=(BEN,)))


def test_a_claim_about_an_erasure_elsewhere_empties_nothing() -> None:
    with refused("mere_claim"):
        erasing(more={"claimed": True})


@pytest.mark.parametrize(
    "wrong,code",
    [
        ({"ground": " "}, "text_missing"),
        ({"parts": ()}, "parts_missing"),
        ({"parts": ("mail", "mail")}, "named_twice"),
        ({"parts": tuple(f"part{number}" for number in range(51))}, "too_many"),
        ({"parts": ("facts'; --",)}, "unknown_part"),
        ({"parts": ("content.plan", "notes.12.text", "_x")}, "unknown_part"),
        ({"aggregate": "Principal"}, "unknown_aggregate"),
        ({"subject": "a b"}, "not_found"),
    ],
)
def test_what_names_no_part_of_a_record_is_refused(wrong: dict[str, Any], code: str) -> None:
    with refused(code):
        erasing(**wrong)


def test_nested_parts_can_be_named() -> None:
    [event] = erasing(aggregate="change", subject=SUBJECT, parts=("content.plan", "notes.12"))
    assert event.parts == ("content.plan", "notes.12")


def test_an_erasure_is_itself_never_erased_and_happens_once() -> None:
    assert not AGGREGATE.erasable
    with pytest.raises(TypeError, match="no event of an erasure"):
        given(AGGREGATE, ERASED, ERASED)


def test_only_a_person_erases() -> None:
    [command] = AGGREGATE.commands
    assert command.deciding
