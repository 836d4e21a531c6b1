"""Checkpoints and receipts: what the log signed is read, anything else is refused."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.checkpoint import (
    Checkpoint,
    format_receipt,
    open_checkpoint,
    parse_checkpoint,
    parse_receipt,
    sign_checkpoint,
    verify_receipt,
)
from ledger.merkle import EMPTY_ROOT, MAX_SIZE
from ledger.note import BadNote, sign_note
from ledger.proof import BadProof
from ledger.signing import SigningKey
from tests.ledger.forest import LEAVES, grove

ORIGIN = "example.com/log"
KEY = SigningKey.from_seed(ORIGIN, bytes(32))
OTHER = SigningKey.from_seed(ORIGIN, bytes([1] * 32))
WITNESS = SigningKey.from_seed("witness.example", bytes([2] * 32))
ROOT = bytes(range(32))
HEAD = Checkpoint(ORIGIN, 300, grove(LEAVES[:300]).edge.root())
SIGNED = sign_checkpoint(HEAD, [KEY])
KEYS = [KEY.verifier]
PATH = grove(LEAVES[:300]).tree(300).inclusion(7)
RECEIPT = format_receipt(7, PATH, SIGNED)


# Checkpoints.


def test_a_checkpoint_is_three_lines() -> None:
    text = Checkpoint("example.com/behind-the-sofa", 20852163, ROOT).text()
    assert text == "example.com/behind-the-sofa\n20852163\n" + b64encode(ROOT).decode() + "\n"


def test_the_example_of_the_specification_is_read() -> None:
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    read = parse_checkpoint(text)
    assert (read.origin, read.size, read.root[:2]) == (
        "example.com/behind-the-sofa",
        20852163,
        b"\x0a\xc5",
    )
    assert read.text() == text


@given(st.integers(0, MAX_SIZE), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_is_signed_and_opened(size: int, root: bytes) -> None:
    head = Checkpoint(ORIGIN, size, root if size else EMPTY_ROOT)
    assert open_checkpoint(sign_checkpoint(head, [KEY]), ORIGIN, KEYS) == head


def test_either_key_of_a_rotation_opens_the_checkpoint() -> None:
    note = sign_checkpoint(HEAD, [KEY, OTHER])
    for keys in ([KEY.verifier], [OTHER.verifier], [OTHER.verifier, KEY.verifier]):
        assert open_checkpoint(note, ORIGIN, keys) == HEAD


MALFORMED = [
    "",
    "\n",
    f"{ORIGIN}\n1\n",
    f"{ORIGIN}\n1\n{b64encode(ROOT).decode()}",
    f"{ORIGIN}\n1\n{b64encode(ROOT).decode()}\n\n",
    f"{ORIGIN}\n1\n{b64encode(ROOT).decode()}\nextension\n",
    f"\n1\n{b64encode(ROOT).decode()}\n",
    f"two words\n1\n{b64encode(ROOT).decode()}\n",
    *(
        f"{ORIGIN}\n{size}\n{b64encode(ROOT).decode()}\n"
        for size in ("01", "-1", "+1", "1.0", "", " 1", "0x1", "1_0", "٣", str(2**63), "9" * 40)
    ),
    f"{ORIGIN}\n0\n{b64encode(ROOT).decode()}\n",
    f"{ORIGIN}\n1\n{b64encode(ROOT[:31]).decode()}\n",
    f"{ORIGIN}\n1\n{b64encode(ROOT + b'0').decode()}\n",
    f"{ORIGIN}\n1\n{b64encode(ROOT).decode()[:-2]}9=\n",
    f"{ORIGIN}\n1\n{b64encode(ROOT).decode().rstrip('=')}\n",
    f"{ORIGIN}\n1\n{ROOT.hex()}\n",
    f"{ORIGIN}\r\n1\r\n{b64encode(ROOT).decode()}\r\n",
]


@pytest.mark.parametrize("text", MALFORMED)
def test_any_other_spelling_of_a_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        parse_checkpoint(text)
    if text.endswith("\n") and "\r" not in text:
        with pytest.raises(BadNote):
            open_checkpoint(sign_note(text, [KEY]), ORIGIN, KEYS)


def test_a_good_signature_over_the_checkpoint_of_another_log_is_refused() -> None:
    note = sign_note(Checkpoint("example.com/other", 1, ROOT).text(), [KEY])
    with pytest.raises(BadNote, match=r"of example\.com/other, not of example\.com/log"):
        open_checkpoint(note, ORIGIN, KEYS)


def test_a_witness_does_not_speak_for_the_log() -> None:
    note = sign_note(HEAD.text(), [WITNESS])
    with pytest.raises(BadNote, match="no known key"):
        open_checkpoint(note, ORIGIN, [KEY.verifier, WITNESS.verifier])
    both = sign_note(HEAD.text(), [KEY, WITNESS])
    assert open_checkpoint(both, ORIGIN, [WITNESS.verifier, KEY.verifier]) == HEAD


def test_a_stranger_with_the_name_of_the_log_is_not_the_log() -> None:
    with pytest.raises(BadNote, match="no known key"):
        open_checkpoint(sign_checkpoint(HEAD, [OTHER]), ORIGIN, KEYS)


@pytest.mark.parametrize(
    "head",
    [
        Checkpoint(ORIGIN, -1, ROOT),
        Checkpoint(ORIGIN, 0, ROOT),
        Checkpoint(ORIGIN, 1, ROOT[:31]),
        Checkpoint("two\nlines", 1, ROOT),
        Checkpoint("example.com/other", 1, ROOT),
    ],
)
def test_the_log_does_not_sign_what_no_one_could_read(head: Checkpoint) -> None:
    with pytest.raises(BadNote):
        sign_checkpoint(head, [KEY])


def test_any_changed_character_of_a_signed_checkpoint_spoils_it() -> None:
    for at, character in enumerate(SIGNED):
        for other in ("", chr(ord(character) ^ 1), character * 2):
            changed = SIGNED[:at] + other + SIGNED[at + 1 :]
            with pytest.raises(BadNote):
                open_checkpoint(changed, ORIGIN, KEYS)


# Receipts.


def test_a_receipt_has_these_lines() -> None:
    lines = RECEIPT.split("\n")
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 7"]
    assert lines[2 : 2 + len(PATH)] == [b64encode(each).decode() for each in PATH]
    assert RECEIPT.endswith("\n\n" + SIGNED)


@pytest.mark.parametrize("size", [1, 2, 3, 255, 256, 257, 300])
def test_a_receipt_proves_every_leaf_of_a_signed_tree(size: int) -> None:
    stored = grove(LEAVES[:size])
    head = Checkpoint(ORIGIN, size, stored.edge.root())
    note = sign_checkpoint(head, [KEY])
    for index in {0, size // 2, size - 1}:
        receipt = format_receipt(index, stored.tree(size).inclusion(index), note)
        assert verify_receipt(receipt, LEAVES[index], ORIGIN, KEYS) == head
        assert verify_receipt(receipt.encode(), LEAVES[index], ORIGIN, KEYS) == head


def test_a_receipt_may_carry_what_nobody_vouches_for() -> None:
    receipt = format_receipt(7, PATH, SIGNED, b"extra \x00 bytes")
    assert receipt.split("\n")[1] == "extra " + b64encode(b"extra \x00 bytes").decode()
    assert parse_receipt(receipt).extra == b"extra \x00 bytes"
    assert verify_receipt(receipt, LEAVES[7], ORIGIN, KEYS) == HEAD
    assert format_receipt(7, PATH, SIGNED, b"") == RECEIPT


def test_a_receipt_read_and_written_again_is_the_same_text() -> None:
    read = parse_receipt(RECEIPT)
    assert (read.index, list(read.path), read.checkpoint, read.extra) == (7, PATH, SIGNED, b"")
    assert format_receipt(read.index, read.path, read.checkpoint) == RECEIPT


def test_a_receipt_of_one_leaf_does_not_prove_another() -> None:
    with pytest.raises(BadProof):
        verify_receipt(RECEIPT, LEAVES[8], ORIGIN, KEYS)
    with pytest.raises(BadProof):
        verify_receipt(format_receipt(6, PATH, SIGNED), LEAVES[7], ORIGIN, KEYS)


def test_any_changed_character_of_a_receipt_spoils_it() -> None:
    for at, character in enumerate(RECEIPT):
        for other in ("", chr(ord(character) ^ 1), character * 2):
            changed = RECEIPT[:at] + other + RECEIPT[at + 1 :]
            with pytest.raises((BadNote, BadProof)):
                verify_receipt(changed, LEAVES[7], ORIGIN, KEYS)


HASH = b64encode(PATH[0]).decode()


ALTERED = [
    lambda text: text.replace("@v1", "@v2"),
    lambda text: "\n" + text,
    lambda text: text + "\n",
    lambda text: text.replace("index 7", "index 07"),
    lambda text: text.replace("index 7", "index -7"),
    lambda text: text.replace("index 7", "index  7"),
    lambda text: text.replace("index 7", "index 7 "),
    lambda text: text.replace("index 7", f"index {2**63}"),
    lambda text: text.replace("index 7\n", ""),
    lambda text: text.replace("index 7", "index 7\nindex 7"),
    lambda text: text.replace("index 7", "extra \nindex 7"),
    lambda text: text.replace("index 7", "extra\nindex 7"),
    lambda text: text.replace("index 7", "extra QQ\nindex 7"),
    lambda text: text.replace("index 7", "extra QUE=\nextra QUE=\nindex 7"),
    lambda text: text.replace("index 7", "index 7\nextra QUE="),
    lambda text: text.replace(HASH, HASH[:-2] + "="),
    lambda text: text.replace(HASH, ""),
    lambda text: text.replace(HASH, HASH + " "),
    lambda text: text.replace(HASH, f"{HASH}\n" * 63 + HASH),
    lambda text: text.replace("\n\n", "\n", 1),
    lambda text: text.replace("\n", "\r\n"),
    lambda text: text.encode("utf-16"),
    lambda text: text + "\ud800",
    lambda text: text + "x" * 300_000,
    lambda text: text.split("\n\n")[0],
    lambda _: "",
    lambda _: "c2sp.org/tlog-proof@v1",
    lambda _: "c2sp.org/tlog-proof@v1\n\n" + SIGNED,
    lambda _: "c2sp.org/tlog-proof@v1\nextra QUE=\n\n" + SIGNED,
]


@pytest.mark.parametrize("alter", ALTERED)
def test_any_other_spelling_of_a_receipt_is_refused(alter: Callable[[str], str | bytes]) -> None:
    assert alter(RECEIPT) != RECEIPT
    with pytest.raises((BadNote, BadProof)):
        verify_receipt(alter(RECEIPT), LEAVES[7], ORIGIN, KEYS)


@given(st.text() | st.binary())
def test_foreign_text_is_no_receipt(junk: str | bytes) -> None:
    with pytest.raises(BadNote):
        parse_receipt(junk)


pieces = st.sampled_from(
    ["c2sp.org/tlog-proof@v1", "index 7", "index 0", "extra QUE=", HASH, "", SIGNED[:-1], ORIGIN]
)


@given(st.lists(pieces, max_size=9).map("\n".join))
def test_whatever_reads_as_a_receipt_writes_back_the_same(text: str) -> None:
    try:
        read = parse_receipt(text)
    except BadNote:
        return
    assert format_receipt(read.index, read.path, read.checkpoint, read.extra) == text


def test_a_path_longer_than_any_tree_is_not_written() -> None:
    with pytest.raises(BadNote, match="at most 63"):
        format_receipt(0, [ROOT] * 64, SIGNED)
