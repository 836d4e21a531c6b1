"""Checkpoints and proofs as text: what the log signs, and the receipt that stands alone."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from ledger.merkle import EMPTY_ROOT, HASH_BYTES, MAX_SIZE
from ledger.note import (
    MAX_NOTE_BYTES,
    BadNote,
    VerifierKey,
    check_name,
    open_note,
    read_base64,
    sign_note,
)
from ledger.proof import verify_inclusion
from ledger.signing import SigningKey

PROOF_HEADER: Final = "c2sp.org/tlog-proof@v1"
MAX_PATH: Final = 63
MAX_PROOF_BYTES: Final = MAX_NOTE_BYTES + 8192

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


class Checkpoint(NamedTuple):
    """The head of a log: whose it is, how many leaves it has, and the root over them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A tlog-proof taken apart: nothing in it is verified, and `extra` never can be."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes


def sign_checkpoint(checkpoint: Checkpoint, keys: Sequence[SigningKey]) -> str:
    """The signed note over a checkpoint; two keys while one replaces the other.

    Every key bears the origin as its name. Raises BadNote for a checkpoint that no one could read.
    """
    parse_checkpoint(checkpoint.text())
    if any(key.name != checkpoint.origin for key in keys):
        raise BadNote("a log signs with keys that bear its origin as their name")
    return sign_note(checkpoint.text(), keys)


def open_checkpoint(note: str | bytes, origin: str, keys: Iterable[VerifierKey]) -> Checkpoint:
    """The checkpoint of this log in a note that one of its keys has signed; raises BadNote.

    Keys under other names, such as those of witnesses, do not speak for the log.
    """
    text, _ = open_note(note, [key for key in keys if key.name == origin])
    checkpoint = parse_checkpoint(text)
    if checkpoint.origin != origin:
        raise BadNote(f"the checkpoint is of {checkpoint.origin}, not of {origin}")
    return checkpoint


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint of a note's text, unsigned; raises BadNote for any other spelling.

    Extension lines are refused: this log writes none, and no one could audit them.
    """
    lines = text.split("\n")
    if len(lines) != 4 or lines[3]:
        raise BadNote("a checkpoint has three lines")
    check_name(lines[0])
    size, root = _decimal(lines[1]), _hash(lines[2])
    if size == 0 and root != EMPTY_ROOT:
        raise BadNote("an empty log has the hash of nothing as its root")
    return Checkpoint(lines[0], size, root)


def format_receipt(
    index: int, path: Sequence[bytes], checkpoint: str, extra: bytes | None = None
) -> str:
    """The tlog-proof text of one leaf: index, audit path, signed checkpoint; stands alone."""
    lines = [PROOF_HEADER, f"index {index}", *(b64encode(each).decode() for each in path)]
    if extra:
        lines.insert(1, f"extra {b64encode(extra).decode()}")
    text = "\n".join(lines) + "\n\n" + checkpoint
    parse_receipt(text)
    return text


def parse_receipt(text: str | bytes) -> Receipt:
    """The parts of a tlog-proof; raises BadNote for any spelling C2SP does not allow."""
    head, blank, checkpoint = _text(text).partition("\n\n")
    lines = head.split("\n")
    if not blank or lines.pop(0) != PROOF_HEADER:
        raise BadNote("this is no tlog-proof")
    extra = b""
    if lines and lines[0].startswith("extra "):
        extra = read_base64(lines.pop(0).removeprefix("extra "))
        if not extra:
            raise BadNote("an empty extra line is left out")
    if not lines or not lines[0].startswith("index "):
        raise BadNote("a tlog-proof names the index of its leaf")
    index = _decimal(lines.pop(0).removeprefix("index "))
    if len(lines) > MAX_PATH:
        raise BadNote(f"an audit path has at most {MAX_PATH} hashes")
    return Receipt(index, tuple(_hash(line) for line in lines), checkpoint, extra)


def verify_receipt(
    text: str | bytes, leaf: bytes, origin: str, keys: Iterable[VerifierKey]
) -> Checkpoint:
    """The signed checkpoint whose tree holds this leaf hash, as the tlog-proof shows.

    Raises BadNote for a malformed text or a signature that does not hold, and the BadProof
    of `ledger.proof` when the leaf is not where the text says.
    """
    receipt = parse_receipt(text)
    checkpoint = open_checkpoint(receipt.checkpoint, origin, keys)
    verify_inclusion(leaf, receipt.index, checkpoint.size, receipt.path, checkpoint.root)
    return checkpoint


def _text(text: str | bytes) -> str:
    try:
        raw = text if isinstance(text, bytes) else text.encode()
        decoded = raw.decode()
    except UnicodeError:
        raise BadNote("a tlog-proof is UTF-8 text") from None
    if len(raw) > MAX_PROOF_BYTES:
        raise BadNote(f"a tlog-proof has at most {MAX_PROOF_BYTES} bytes")
    return decoded


def _decimal(text: str) -> int:
    if not _DECIMAL.fullmatch(text) or int(text) > MAX_SIZE:
        raise BadNote("a size or index is a decimal number without leading zero")
    return int(text)


def _hash(text: str) -> bytes:
    decoded = read_base64(text)
    if len(decoded) != HASH_BYTES:
        raise BadNote("a hash has 32 bytes")
    return decoded
