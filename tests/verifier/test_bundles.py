"""The offline verifier tells good bundles from bad ones, and says in which way they are bad."""

from __future__ import annotations

from base64 import b64encode

import pytest

from domain.digest import canonical
from ledger.bundle import (
    checkpoint_line,
    entry_line,
    header_line,
    receipt_line,
)
from ledger.checkpoint import Checkpoint, format_receipt, sign_checkpoint
from ledger.envelope import Part, canonical_json, decode_envelope
from tests.verifier.booklet import GOOD, HEADER, KEY, ORIGIN, SECOND_KEY, Book, book, hidden
from tests.verifier.conftest import Verify

LOG = book(20)


# Good bundles.


@pytest.mark.parametrize("size", [0, 1, 2, 7, 20])
def test_a_whole_log_is_good(verify: Verify, size: int) -> None:
    assert verify(LOG.whole(size)) == GOOD


def test_a_choice_of_proved_entries_is_good(verify: Verify) -> None:
    lines = [HEADER, checkpoint_line(LOG.note())]
    lines += [LOG.entry(position, proved=True) for position in (0, 3, 4, 19)]
    assert verify(lines) == GOOD


def test_a_whole_log_of_many_tiles_is_good(verify: Verify) -> None:
    assert verify(book(600).whole()) == GOOD


def test_either_key_of_a_rotation_will_do(verify: Verify) -> None:
    both = [HEADER, checkpoint_line(LOG.note(None, [KEY, SECOND_KEY])), *LOG.entries()]
    assert verify(both) == GOOD
    after = [HEADER, checkpoint_line(LOG.note(None, [SECOND_KEY])), *LOG.entries()]
    assert verify(after)[0] == 1
    assert verify(after, "--key", str(SECOND_KEY.verifier)) == GOOD
    assert verify(after) == GOOD  # the key has been remembered


def test_the_keys_of_a_bundle_are_trusted_on_first_contact_alone(verify: Verify) -> None:
    assert verify(LOG.whole(7), "--first-contact") == GOOD
    other = header_line(ORIGIN, [SECOND_KEY.verifier])
    forged = [other, checkpoint_line(LOG.note(9, [SECOND_KEY])), *LOG.entries(9)]
    assert verify(forged, "--first-contact") == (1, {"unsigned": 2, "unproven entry": 1})


# Altered entries and proofs.


def test_an_entry_changed_in_a_whole_log_is_found(verify: Verify) -> None:
    line = LOG.envelopes[5].replace(b'"user:1"', b'"user:2"')
    lines = LOG.whole()
    lines[2 + 5] = entry_line(5, line, LOG.parts[5], None)
    assert verify(lines) == (1, {"altered entry": 1})


def test_an_entry_changed_under_its_proof_is_found(verify: Verify) -> None:
    line = LOG.envelopes[5].replace(b'"user:1"', b'"user:2"')
    changed = entry_line(5, line, LOG.parts[5], LOG.inclusion(5))
    assert verify([HEADER, checkpoint_line(LOG.note()), changed]) == (1, {"altered entry": 1})


def test_an_entry_that_is_no_envelope_is_found_though_the_tree_holds_it(verify: Verify) -> None:
    odd = Book([b'{"v": 1}'], [[]])
    assert verify(odd.whole()) == (1, {"altered entry": 1})


def test_entries_in_another_order_are_found(verify: Verify) -> None:
    lines = LOG.whole()
    swapped = [
        entry_line(5, LOG.envelopes[6], LOG.parts[6], None),
        entry_line(6, LOG.envelopes[5], LOG.parts[5], None),
    ]
    assert verify([*lines[:7], *swapped, *lines[9:]]) == (1, {"altered entry": 1})


def test_a_missing_entry_leaves_the_later_ones_unproven(verify: Verify) -> None:
    lines = LOG.whole()
    assert verify([*lines[:10], *lines[11:]]) == (1, {"unproven entry": 12})


def test_an_entry_after_the_signed_head_is_unproven(verify: Verify) -> None:
    lines = [HEADER, checkpoint_line(LOG.note(19)), *LOG.entries(20)]
    assert verify(lines) == (1, {"unproven entry": 1})


def test_a_log_cut_at_its_end_is_unproven(verify: Verify) -> None:
    assert verify(LOG.whole()[:-1]) == (1, {"unproven entry": 1})


@pytest.mark.parametrize("fault", ["short", "long", "swapped", "flipped", "other"])
def test_a_broken_audit_path_is_found(verify: Verify, fault: str) -> None:
    path = LOG.inclusion(5)
    broken = {
        "short": path[:-1],
        "long": [*path, bytes(32)],
        "swapped": [path[1], path[0], *path[2:]],
        "flipped": [bytes([path[0][0] ^ 1]) + path[0][1:], *path[1:]],
        "other": LOG.inclusion(6),
    }[fault]
    line = entry_line(5, LOG.envelopes[5], LOG.parts[5], broken)
    assert verify([HEADER, checkpoint_line(LOG.note()), line]) == (1, {"altered entry": 1})


# Payloads.


def payload(*parts: object, position: int = 5) -> list[bytes]:
    line = entry_line(position, LOG.envelopes[position], parts, LOG.inclusion(position))  # type: ignore[arg-type]
    return [HEADER, checkpoint_line(LOG.note()), line]


FACTS, TITLE = LOG.parts[5]


@pytest.mark.parametrize(
    "parts",
    [
        (FACTS, TITLE._replace(content=b"Other")),
        (FACTS, TITLE._replace(salt=bytes(32))),
        (FACTS, TITLE._replace(name="titles")),
        (FACTS._replace(content=b"{}"), TITLE),
        (FACTS,),
        (FACTS, TITLE, Part("more", bytes(32), b"")),
        (FACTS, hidden(TITLE)._replace(commitment=bytes(32))),
        (hidden(FACTS, "erased"), TITLE),
        (),
    ],
)
def test_an_altered_payload_is_found(verify: Verify, parts: tuple[object, ...]) -> None:
    assert verify(payload(*parts)) == (1, {"altered payload": 1})


def test_a_payload_under_a_wrong_commitment_is_told_by_its_part(verify: Verify) -> None:
    told = payload(FACTS, TITLE)
    other = b64encode(TITLE._replace(content=b"Other").content)
    told[2] = told[2].replace(b64encode(TITLE.content), other)
    assert verify(told) == (1, {"altered payload": 1})


def test_a_withheld_payload_is_told_and_bad_only_when_all_is_asked_for(verify: Verify) -> None:
    assert verify(payload(FACTS, hidden(TITLE))) == (0, {"withheld payload": 1})
    assert verify(payload(FACTS, hidden(TITLE)), "--complete") == (1, {"withheld payload": 1})


def test_an_entry_without_any_part_withholds_its_payload(verify: Verify) -> None:
    line = entry_line(5, LOG.envelopes[5], None, LOG.inclusion(5))
    lines = [HEADER, checkpoint_line(LOG.note()), line]
    assert verify(lines) == (0, {"withheld payload": 1})


def erased_log(names: list[str], *, subject: str = "chg1", kind: str = "change.erased") -> Book:
    log = book(3)
    erased = canonical_json({"aggregate": "change", "parts": names, "subject": subject})
    log.record({"facts": erased}, kind)
    return log


def erased_lines(log: Book) -> list[bytes]:
    facts, title = log.parts[1]
    lines = log.whole()
    lines[2 + 1] = entry_line(1, log.envelopes[1], [facts, hidden(title, "erased")], None)
    return lines


def test_an_erased_part_is_erased_and_not_altered(verify: Verify) -> None:
    assert verify(erased_lines(erased_log(["title"])), "--complete") == (0, {"erased": 1})


@pytest.mark.parametrize(
    "log",
    [
        erased_log(["plan"]),
        erased_log(["title"], subject="chg2"),
        erased_log(["title"], kind="change.closed"),
        book(4),
    ],
)
def test_an_erasure_that_no_event_explains_is_called_withheld(verify: Verify, log: Book) -> None:
    assert verify(erased_lines(log)) == (0, {"erased": 1, "withheld payload": 1})


def test_an_erasing_event_without_parts_is_altered(verify: Verify) -> None:
    log = book(1)
    log.record({"facts": b"{}"}, "change.erased")
    assert verify(log.whole()) == (1, {"altered payload": 1})


# Sealed events.


def sealed_log() -> Book:
    log = book(2)
    log.record({"facts": b"{}", "title": b"Hole"}, sealed=True)
    return log


def sealed_lines(log: Book, *parts: object) -> list[bytes]:
    lines = log.whole()
    lines[-1] = entry_line(2, log.envelopes[2], parts, None)  # type: ignore[arg-type]
    return lines


def test_a_revealed_event_is_good_and_a_hidden_one_withheld(verify: Verify) -> None:
    log = sealed_log()
    seal, *parts = log.parts[2]
    assert verify(log.whole(), "--complete") == GOOD
    assert verify(sealed_lines(log, hidden(seal))) == (0, {"withheld payload": 1})
    assert verify(sealed_lines(log, seal)) == (0, {"withheld payload": 1})
    assert verify(sealed_lines(log, seal, parts[0], hidden(parts[1])))[1] == {"withheld payload": 1}


def test_parts_that_the_sealed_envelope_does_not_lead_to_are_altered(verify: Verify) -> None:
    log = sealed_log()
    seal, facts, title = log.parts[2]
    wrong_id = seal._replace(content=seal.content.replace(b'"ev2"', b'"ev3"'))
    for parts in (
        (hidden(seal), facts, title),
        (facts, title),
        (seal, facts),
        (seal._replace(content=seal.content.replace(b'"user:1"', b'"user:2"')), facts, title),
        (wrong_id, facts, title),
        (hidden(seal, "erased"),),
    ):
        assert verify(sealed_lines(log, *parts)) == (1, {"altered payload": 1})


def test_a_seal_over_the_envelope_of_another_event_is_altered(verify: Verify) -> None:
    log = sealed_log()
    at = decode_envelope(log.envelopes[2]).at
    outer = log.envelopes[2].replace(at.encode(), at.replace("20", "19", 1).encode())
    decode_envelope(outer)
    log.envelopes[2] = outer
    assert verify(log.whole()) == (1, {"altered payload": 1})


# Receipts.


def receipt(position: int, envelope: bytes, size: int = 9) -> list[bytes]:
    text = format_receipt(position, LOG.inclusion(position, size), LOG.note(size))
    return [HEADER, receipt_line(text, envelope)]


def test_a_receipt_stands_alone(verify: Verify) -> None:
    assert verify(receipt(5, LOG.envelopes[5])) == GOOD


def test_a_receipt_does_not_prove_another_entry(verify: Verify) -> None:
    assert verify(receipt(5, LOG.envelopes[6])) == (1, {"altered entry": 1})
    assert verify(receipt(5, b"{}")) == (1, {"altered entry": 1})


def test_a_receipt_under_the_checkpoint_of_a_stranger_proves_nothing(verify: Verify) -> None:
    text = format_receipt(5, LOG.inclusion(5, 9), LOG.note(9, [SECOND_KEY]))
    assert verify([HEADER, receipt_line(text, LOG.envelopes[5])]) == (1, {"unsigned": 2})


def test_the_checkpoint_of_a_receipt_counts_like_any_other(verify: Verify) -> None:
    assert verify(LOG.whole(20)) == GOOD
    fork = LOG.forked()
    text = format_receipt(5, fork.inclusion(5, 20), fork.note(20))
    lines = [HEADER, receipt_line(text, fork.envelopes[5])]
    assert verify(lines) == (1, {"equivocation": 1})


def test_a_malformed_receipt_is_found(verify: Verify) -> None:
    for text in ("", "c2sp.org/tlog-proof@v1\nindex 05\n\n" + LOG.note()):
        lines = [HEADER, checkpoint_line(LOG.note()), receipt_line(text, LOG.envelopes[5])]
        assert verify(lines) == (1, {"altered entry": 1})


def test_a_root_that_no_entry_made_is_found(verify: Verify) -> None:
    note = sign_checkpoint(Checkpoint(ORIGIN, 20, bytes(32)), [KEY])
    assert verify([HEADER, checkpoint_line(note), *LOG.entries()]) == (1, {"altered entry": 1})


def test_bundle_lines_are_canonical_json() -> None:
    assert (
        canonical({"type": "bundle", "v": 1, "origin": ORIGIN, "keys": [str(KEY.verifier)]}) + b"\n"
    ) == HEADER
