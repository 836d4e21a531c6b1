"""The verifier reads notes, keys, checkpoints and receipts as strictly as the log does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ledger.note import sign_note
from tests.ledger.forest import LEAVES
from tests.ledger.test_checkpoint import ALTERED, HEAD, KEY, ORIGIN, RECEIPT, SIGNED
from tests.ledger.test_checkpoint import MALFORMED as NO_CHECKPOINTS
from tests.ledger.test_note import ENOCH_KEY, ENOCH_LINE, MALFORMED, NO_KEYS, NOTE, PETER_KEY, TEXT
from tests.ledger.test_note import PETER_LINE as SIGNED_BY_PETER
from verifier.note import open_checkpoint, parse_key, parse_proof
from verifier.tree import Refused, check_inclusion

KEYS = [parse_key(str(KEY.verifier))]
PETER = parse_key(PETER_KEY)


def reason(note: str) -> str:
    """Why the verifier does not take the note for a checkpoint of PeterNeumann."""
    with pytest.raises(Refused) as refused:
        open_checkpoint(note, "PeterNeumann", [PETER])
    return str(refused.value)


def test_the_published_note_is_signed_though_no_checkpoint() -> None:
    assert reason(NOTE) == "a checkpoint has three lines"
    assert reason(NOTE + ENOCH_LINE) == "a checkpoint has three lines"
    assert reason(NOTE.replace("cryptography", "Cryptography")).startswith("a signature of the log")
    assert reason(f"{TEXT}\n{ENOCH_LINE}").startswith("no trusted key")


@pytest.mark.parametrize("note", [note for note in MALFORMED if isinstance(note, str)])
def test_a_malformed_note_is_refused_before_its_signatures_are_looked_at(note: str) -> None:
    assert not reason(note).startswith(("a checkpoint has", "a signature of", "no trusted key"))


def test_sixty_four_signatures_are_read_and_more_are_not() -> None:
    assert reason(f"{TEXT}\n" + SIGNED_BY_PETER * 64) == "a checkpoint has three lines"
    assert reason(f"{TEXT}\n" + SIGNED_BY_PETER * 65).startswith("a note is")


@pytest.mark.parametrize("line", NO_KEYS)
def test_a_line_that_is_no_key_is_refused(line: str) -> None:
    with pytest.raises(Refused):
        parse_key(line)


@pytest.mark.parametrize("line", [PETER_KEY, ENOCH_KEY, str(KEY.verifier)])
def test_a_key_is_written_as_it_was_read(line: str) -> None:
    assert parse_key(line).line() == line


@pytest.mark.parametrize("name", ["", "a b", "a\u00a0b", "a\nb", "a\x01b", "a\ud800", "x" * 257])
def test_a_name_no_key_may_have_is_refused(name: str) -> None:
    with pytest.raises(Refused):
        parse_key(PETER_KEY.replace("PeterNeumann", name))


@pytest.mark.parametrize("text", [text for text in NO_CHECKPOINTS if text.endswith("\n")])
def test_a_signed_text_that_is_no_checkpoint_is_refused(text: str) -> None:
    if "\r" not in text:
        with pytest.raises(Refused):
            open_checkpoint(sign_note(text, [KEY]), ORIGIN, KEYS)


def test_a_checkpoint_opens_as_it_was_signed() -> None:
    assert tuple(open_checkpoint(SIGNED, ORIGIN, KEYS)) == tuple(HEAD)


@pytest.mark.parametrize("alter", ALTERED)
def test_any_other_spelling_of_a_receipt_is_refused(alter: Callable[[str], str | bytes]) -> None:
    text = alter(RECEIPT)
    if isinstance(text, str):
        with pytest.raises(Refused):
            check_receipt(text)


def check_receipt(text: str) -> None:
    """What the verifier does with a receipt for leaf 7."""
    proof = parse_proof(text)
    head = open_checkpoint(proof.note, ORIGIN, KEYS)
    check_inclusion(LEAVES[7], proof.position, head.size, proof.path, head.root)


def test_a_receipt_opens_as_it_was_written() -> None:
    proof = parse_proof(RECEIPT)
    assert (proof.position, proof.note) == (7, SIGNED)
    check_receipt(RECEIPT)
