"""The offline verifier compares signed heads: of one bundle, and with what earlier runs saw."""

from __future__ import annotations

from ledger.bundle import checkpoint_line, consistency_line, header_line
from tests.verifier.booklet import GOOD, HEADER, KEY, SECOND_KEY, book
from tests.verifier.conftest import Verify

LOG = book(20)


# Checkpoints.


def test_a_checkpoint_of_a_stranger_is_unsigned(verify: Verify) -> None:
    note = LOG.note(None, [SECOND_KEY])
    assert verify([HEADER, checkpoint_line(note), *LOG.entries()])[1].keys() == {
        "unsigned",
        "unproven entry",
    }


def test_a_bundle_without_a_checkpoint_proves_nothing(verify: Verify) -> None:
    assert verify([HEADER]) == (1, {"unsigned": 1})
    assert verify([HEADER, LOG.entry(5, proved=True)]) == (1, {"unsigned": 1, "unproven entry": 1})


def test_the_checkpoint_of_another_log_is_refused(verify: Verify) -> None:
    other = header_line("changegate.example/other", [KEY.verifier])
    assert verify([other, checkpoint_line(LOG.note())]) == (1, {"unsigned": 2})


def test_two_signed_roots_for_one_size_are_an_equivocation(verify: Verify) -> None:
    lines = [HEADER, checkpoint_line(LOG.note(9)), checkpoint_line(LOG.forked().note(9))]
    assert verify(lines) == (1, {"equivocation": 1})


def test_a_later_checkpoint_needs_a_proof_that_it_grew(verify: Verify) -> None:
    two = [HEADER, checkpoint_line(LOG.note(9)), checkpoint_line(LOG.note(20))]
    assert verify(two) == (1, {"inconsistency": 1})
    assert verify([*two, LOG.growth(9, 20)]) == GOOD
    assert verify([*two, *LOG.entries()]) == GOOD


def test_checkpoints_of_two_histories_are_inconsistent(verify: Verify) -> None:
    two = [HEADER, checkpoint_line(LOG.note(9)), checkpoint_line(LOG.forked().note(20))]
    for growth in (LOG.growth(9, 20), LOG.forked().growth(9, 20), consistency_line(9, 20, [])):
        assert verify([*two, growth]) == (1, {"inconsistency": 1})
    assert verify([*two, *LOG.forked().entries()]) == (1, {"inconsistency": 1})


# What earlier runs saw.


def test_a_log_that_grew_since_the_last_run_is_good_when_it_shows_how(verify: Verify) -> None:
    assert verify(LOG.whole(9)) == GOOD
    grown = [HEADER, checkpoint_line(LOG.note(20))]
    assert verify(grown) == (1, {"inconsistency": 1})
    assert verify([*grown, LOG.growth(9, 20)]) == GOOD
    assert verify(LOG.whole(20)) == GOOD


def test_a_log_rewritten_since_the_last_run_is_inconsistent(verify: Verify) -> None:
    assert verify(LOG.whole(9)) == GOOD
    fork = LOG.forked()
    assert verify(fork.whole(20)) == (1, {"inconsistency": 1})
    grown = [HEADER, checkpoint_line(fork.note(20)), fork.growth(9, 20)]
    assert verify(grown) == (1, {"inconsistency": 1})


def test_another_root_for_the_size_seen_is_an_equivocation(verify: Verify) -> None:
    assert verify(LOG.whole(9)) == GOOD
    assert verify(LOG.forked().whole(9)) == (1, {"equivocation": 1})


def test_a_smaller_log_than_the_last_run_saw_is_a_rollback(verify: Verify) -> None:
    assert verify(LOG.whole(20)) == GOOD
    assert verify(LOG.whole(9)) == (1, {"rollback": 1})
    assert verify([*LOG.whole(9), LOG.growth(9, 20)]) == GOOD  # an old bundle, shown to be one
    assert verify(LOG.whole(9)) == (1, {"rollback": 1})


def test_a_bad_bundle_is_not_remembered(verify: Verify) -> None:
    lines = LOG.whole(20)
    assert verify([*lines[:5], *lines[6:]])[0] == 1
    assert verify(LOG.whole(9)) == GOOD


def test_an_empty_log_may_grow_into_any(verify: Verify) -> None:
    assert verify(LOG.whole(0)) == GOOD
    assert verify([HEADER, checkpoint_line(LOG.note(20))]) == GOOD
