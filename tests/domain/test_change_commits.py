"""A tie to a commit hides with the merge request that has it, if it was made before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.belonging import in_the_open
from domain.change.draft import link, unlink
from domain.change.events import Linked, Unlinked
from domain.change.links import open_ties, withheld
from domain.change.state import Change, Link, LinkKind, Since
from domain.merge_request.state import MergeRequest
from tests.domain.change_stories import drafted
from tests.domain.given import DAY, NOON, asked_by, known, refused
from tests.domain.merge_stories import opened
from tests.domain.organisation import ANN

COMMIT, OTHER = "c" * 40, "d" * 40
COMMITS = LinkKind.COMMIT
TIE, SECOND = Link(COMMITS, COMMIT), Link(COMMITS, OTHER)
REQUEST: MergeRequest = opened().state
HOLE = replace(REQUEST, head=COMMIT, embargoed=True, concealed_at=NOON)
MADE = Since(COMMIT, NOON - DAY)


def tied() -> Change:
    """A change that was tied to two commits, the one before something of it was hidden."""
    change: Change = drafted().state
    made = (MADE, Since(OTHER, NOON - DAY))
    return replace(change, links=(TIE, SECOND), commits=made)


@pytest.mark.parametrize("has", [{}, {"merge_commit": COMMIT}, {"earlier_heads": (COMMIT,)}])
def test_a_tie_to_any_commit_of_what_was_hidden_since_hides(has: dict[str, object]) -> None:
    hole = replace(HOLE, head=OTHER, **has) if has else HOLE  # type: ignore[arg-type]
    assert withheld((MADE, Since("e" * 40, NOON - DAY)), (hole,), known()) == {MADE}


def test_no_other_tie_hides() -> None:
    after = Since(COMMIT, NOON + DAY)
    shown, first = replace(HOLE, embargoed=False), replace(HOLE, concealed_at=None)
    twin = replace(REQUEST, id="1" * 32, head=COMMIT)
    assert withheld((after,), (HOLE,), known()) == set()
    assert withheld((MADE,), (shown, first), known()) == set()
    assert withheld((MADE,), (HOLE,), known(twin)) == set()


def test_a_tie_that_hides_is_none_to_who_is_not_cleared_and_counts_for_no_limit() -> None:
    change = tied()
    other = asked_by(ANN, change, HOLE, subject=change.id, knows=in_the_open)
    with refused("not_linked"):
        unlink(change, other, kind=COMMITS, reference=COMMIT)
    [again] = link(change, other, kind=COMMITS, reference=COMMIT)
    assert isinstance(again, Linked)
    assert link(change, other, kind=COMMITS, reference=OTHER) == []
    assert open_ties(change, known(HOLE)) == (SECOND,)
    cleared = asked_by(ANN, change, HOLE, subject=change.id, knows=lambda _: True)
    [cut] = unlink(change, cleared, kind=COMMITS, reference=COMMIT)
    assert isinstance(cut, Unlinked)


def test_since_when_it_is_tied_goes_by_the_last_time() -> None:
    story = drafted()
    for verb in ("link", "unlink", "link"):
        story.ask(ANN, verb, kind=COMMITS, reference=COMMIT)
    change: Change = story.state
    assert change.links == (TIE,)
    assert [each.commit for each in change.commits] == [COMMIT]
    story.ask(ANN, "unlink", kind=COMMITS, reference=COMMIT)
    assert story.state.commits == ()
