"""C2SP signed notes, checkpoints and tlog-proofs, read strictly."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from verifier.tree import LIMIT, NOTHING, Refused

SIGNATURE_LINE = re.compile("\u2014 ([^ +]+) ([A-Za-z0-9+/]+=*)")
NUMBER = re.compile("0|[1-9][0-9]{0,18}")
CONTROL = re.compile("[\x00-\x09\x0b-\x1f]")
NO_NAME = re.compile("[\x00-\x20+\ud800-\udfff]")
MOST_SIGNATURES = 64
MOST_BYTES = 256 * 1024
MOST_HASHES = 63


class Key(NamedTuple):
    """A verifier key: the name it signs under, its short id, the Ed25519 public key."""

    name: str
    id: bytes
    public: bytes

    def line(self) -> str:
        """The key as its line name+hexid+base64."""
        return f"{self.name}+{self.id.hex()}+{b64encode(bytes([1]) + self.public).decode()}"


class Checkpoint(NamedTuple):
    """A signed head of a log."""

    origin: str
    size: int
    root: bytes


class Proof(NamedTuple):
    """A tlog-proof: where the entry stands, its audit path, and the signed checkpoint's note."""

    position: int
    path: list[bytes]
    note: str


def parse_key(line: str) -> Key:
    """The key of a line name+hexid+base64; raises Refused."""
    name, _, rest = line.partition("+")
    hexid, _, encoded = rest.partition("+")
    public = from_base64(encoded)
    _check_name(name)
    id = sha256(name.encode() + b"\n" + public).digest()[:4]
    if len(public) != 33 or public[0] != 1 or id.hex() != hexid:
        raise Refused(f"{line[:80]!r} is no Ed25519 verifier key")
    return Key(name, id, public[1:])


def open_checkpoint(note: str, origin: str, keys: Iterable[Key]) -> Checkpoint:
    """The checkpoint in the note, if keys of that origin have signed it; raises Refused."""
    text, signatures = _split(note)
    own = {(key.name, key.id): key.public for key in keys if key.name == origin}
    known = [each for each in signatures if each[:2] in own]
    if not known:
        raise Refused("no trusted key of the log has signed the checkpoint")
    for name, id, signature in known:
        _check_signature(own[name, id], signature, text)
    return _checkpoint(text, origin)


def parse_proof(text: str) -> Proof:
    """The parts of a tlog-proof; raises Refused."""
    head, blank, note = text.partition("\n\n")
    lines = head.split("\n")
    if not blank or lines.pop(0) != "c2sp.org/tlog-proof@v1":
        raise Refused("this is no tlog-proof")
    if lines and lines[0].startswith("extra ") and not from_base64(lines.pop(0)[6:]):
        raise Refused("the extra line is empty")
    if not lines or not lines[0].startswith("index "):
        raise Refused("the tlog-proof names no index")
    position = _number(lines.pop(0)[6:])
    if len(lines) > MOST_HASHES:
        raise Refused("the audit path is too long")
    return Proof(position, [hash_of(line) for line in lines], note)


def from_base64(text: str) -> bytes:
    """The bytes of canonical standard base64; raises Refused."""
    try:
        content = b64decode(text, validate=True)
    except (Error, ValueError):
        raise Refused("a text is no base64") from None
    if b64encode(content).decode() != text:
        raise Refused("a base64 text is not canonical")
    return content


def hash_of(text: str) -> bytes:
    """The 32 bytes of a hash in base64; raises Refused."""
    content = from_base64(text)
    if len(content) != 32:
        raise Refused("a hash has 32 bytes")
    return content


def _split(note: str) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    try:
        size = len(note.encode())
    except UnicodeEncodeError:
        raise Refused("a note holds a lone surrogate") from None
    if size > MOST_BYTES or CONTROL.search(note):
        raise Refused("a note is too long or holds control characters")
    body, blank, lines = note.rpartition("\n\n")
    if not blank or not lines.endswith("\n") or lines.count("\n") > MOST_SIGNATURES:
        raise Refused("a note is a text, an empty line and signature lines")
    return f"{body}\n", [_signature(line) for line in lines[:-1].split("\n")]


def _signature(line: str) -> tuple[str, bytes, bytes]:
    match = SIGNATURE_LINE.fullmatch(line)
    if not match:
        raise Refused("a signature line is malformed")
    _check_name(match[1])
    content = from_base64(match[2])
    if len(content) < 5:
        raise Refused("a signature is too short")
    return match[1], content[:4], content[4:]


def _check_signature(public: bytes, signature: bytes, text: str) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text.encode())
    except InvalidSignature:
        raise Refused("a signature of the log does not fit the checkpoint") from None


def _checkpoint(text: str, origin: str) -> Checkpoint:
    lines = text.split("\n")
    if len(lines) != 4 or lines[3]:
        raise Refused("a checkpoint has three lines")
    head = Checkpoint(lines[0], _number(lines[1]), hash_of(lines[2]))
    if head.origin != origin:
        raise Refused(f"the checkpoint is of {head.origin}, not of {origin}")
    if head.size == 0 and head.root != NOTHING:
        raise Refused("an empty log has another root")
    return head


def _number(text: str) -> int:
    if not NUMBER.fullmatch(text) or int(text) > LIMIT:
        raise Refused("a size or index is no plain decimal number")
    return int(text)


def _check_name(name: str) -> None:
    if not 0 < len(name) <= 256 or NO_NAME.search(name) or any(map(str.isspace, name)):
        raise Refused("a key's name is empty, too long, or holds a character it may not")
