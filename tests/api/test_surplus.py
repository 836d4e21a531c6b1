"""What early logs kept of a gate and tells of hidden records alone is left out as it is read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import pytest

from api.history.surplus import without_surplus
from domain.gate import Status
from domain.passage import Passed

SECRET, OPEN = "a" * 32, "b" * 32
MET, ASIDE = Status.SATISFIED, Status.NOT_APPLICABLE
LINKED = (Passed("linked", MET),) * 3


@dataclass(frozen=True, slots=True)
class Published:
    """What passed its gate."""

    evidence: tuple[Passed, ...]


def left(*rows: Passed, unseen: Collection[str] = (SECRET,)) -> tuple[Passed, ...]:
    """What is told of what counted."""
    told: Published = without_surplus(Published(rows), unseen)
    return told.evidence


@pytest.mark.req("S1-12")
def test_no_row_tells_that_fixes_were_left_over() -> None:
    assert left(*LINKED, Passed("linked", ASIDE)) == LINKED
    assert left(Passed("linked", ASIDE)) == (Passed("linked", ASIDE),), "the answer itself"


@pytest.mark.req("S1-12")
def test_a_version_is_free_that_only_hidden_releases_go_on_with() -> None:
    first, second = (Passed("version", ASIDE, (each,)) for each in (SECRET, OPEN))
    free = Passed("version", MET)
    assert left(first) == (free,)
    assert left(first, first, *LINKED) == (free, *LINKED), "once, as where nothing is hidden"
    assert left(second, first) == (second,)
    assert left(free, first) == (free,)
    assert left(first, unseen=()) == (first,), "who may see it reads it"
    both = Passed("version", ASIDE, (SECRET, OPEN))
    assert left(both) == (both,), "its ids are left out one by one"


def test_what_keeps_no_evidence_is_told_as_it_is() -> None:
    for event in (Published(()), Passed("linked", MET), object()):
        assert without_surplus(event, (SECRET,)) is event
