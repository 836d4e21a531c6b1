"""Signed notes as C2SP fixes them: text, signature lines, verifier keys, Ed25519 only."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, NamedTuple, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ED25519: Final = b"\x01"
MAX_NOTE_BYTES: Final = 256 * 1024
MAX_SIGNATURES: Final = 64
MAX_NAME: Final = 256
KEY_ID_BYTES: Final = 4
PUBLIC_KEY_BYTES: Final = 32

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_NO_NAME = re.compile(r"[\x00-\x20+\ud800-\udfff]")
_DASH = "\u2014 "


class BadNote(ValueError):
    """A note, key or checkpoint that is malformed, or not signed by a key that is trusted."""


class Signature(NamedTuple):
    """One line below a note: who signed, the short id of the key, and the signature itself."""

    name: str
    key_id: bytes
    signature: bytes

    def line(self) -> str:
        """The line as it stands in the note, without its newline."""
        return f"{_DASH}{self.name} {b64encode(self.key_id + self.signature).decode()}"


class Note(NamedTuple):
    """The text, ending in a newline, and the signatures below it, none of them verified yet."""

    text: str
    signatures: tuple[Signature, ...]


class Signer(Protocol):
    """Whatever can sign a note's text in the name of a key."""

    def sign(self, text: str) -> Signature:
        """The signature over the text."""
        ...


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public Ed25519 key with the name its signatures bear."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.public) != PUBLIC_KEY_BYTES:
            raise BadNote("an Ed25519 public key has 32 bytes")

    @property
    def key_id(self) -> bytes:
        """The first four bytes of SHA-256(name ‖ newline ‖ 0x01 ‖ public key)."""
        seed = self.name.encode() + b"\n" + ED25519 + self.public
        return sha256(seed).digest()[:KEY_ID_BYTES]

    def __str__(self) -> str:
        """The line other programs take: name+hexid+base64(0x01 ‖ public key)."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(ED25519 + self.public).decode()}"

    @classmethod
    def parse(cls, line: str) -> VerifierKey:
        """The key of such a line; raises BadNote if any character of it is not as it should be."""
        try:
            name, key_id, encoded = line.split("+", 2)
        except ValueError:
            raise BadNote("a verifier key reads name+hexid+base64") from None
        public = read_base64(encoded)
        if public[:1] != ED25519:
            raise BadNote("only Ed25519 keys are known")
        key = cls(name, public[1:])
        if key.key_id.hex() != key_id:
            raise BadNote("the key id does not belong to this name and key")
        return key

    def verify(self, text: str, signature: bytes) -> None:
        """Raise BadNote unless the signature over the text is this key's."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            raise BadNote(f"the signature of {self.name} is not its key's") from None


def sign_note(text: str, signers: Sequence[Signer]) -> str:
    """The text signed by each signer in turn; two of them while one key replaces another."""
    if not signers:
        raise BadNote("a note needs a signature")
    note = f"{text}\n" + "".join(f"{each.sign(text).line()}\n" for each in signers)
    if parse_note(note).text != text:
        raise BadNote("a note's text ends in a newline")
    return note


def open_note(note: str | bytes, keys: Iterable[VerifierKey]) -> tuple[str, list[VerifierKey]]:
    """The text of a note and the given keys that signed it.

    Signatures of unknown keys are passed over; one of a given key that fails spoils the note.
    Raises BadNote for that, for a malformed note, and when none of the keys has signed.
    """
    text, signatures = parse_note(note)
    known: dict[tuple[str, bytes], VerifierKey] = {}
    for key in keys:
        if known.setdefault((key.name, key.key_id), key) != key:
            raise BadNote(f"two keys share the id {key.key_id.hex()} of {key.name}")
    signed: dict[VerifierKey, None] = {}
    for name, key_id, signature in signatures:
        if signer := known.get((name, key_id)):
            signer.verify(text, signature)
            signed[signer] = None
    if not signed:
        raise BadNote("no known key has signed the note")
    return text, list(signed)


def parse_note(note: str | bytes) -> Note:
    """The parts of a note, unverified; raises BadNote for anything C2SP does not allow."""
    whole = _decoded(note)
    body, blank, below = whole.rpartition("\n\n")
    if not blank or not below.endswith("\n"):
        raise BadNote("a note is a text, an empty line and signature lines")
    lines = below[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise BadNote(f"a note has at most {MAX_SIGNATURES} signatures")
    return Note(f"{body}\n", tuple(_signature(line) for line in lines))


def check_name(name: str) -> None:
    """Raise BadNote unless a key may have this name: no space of any kind, no plus, no control."""
    if not 0 < len(name) <= MAX_NAME or _NO_NAME.search(name) or any(map(str.isspace, name)):
        raise BadNote("a key's name is empty, too long, or holds a character it may not")


def read_base64(text: str) -> bytes:
    """The bytes of standard base64 in its one canonical spelling; raises BadNote otherwise."""
    try:
        decoded = b64decode(text, validate=True)
    except (NotBase64, ValueError):
        decoded = None
    if decoded is None or b64encode(decoded).decode() != text:
        raise BadNote("this is no canonical base64")
    return decoded


def _decoded(note: str | bytes) -> str:
    try:
        raw = note if isinstance(note, bytes) else note.encode()
        text = raw.decode()
    except UnicodeError:
        raise BadNote("a note is UTF-8 text") from None
    if len(raw) > MAX_NOTE_BYTES:
        raise BadNote(f"a note has at most {MAX_NOTE_BYTES} bytes")
    if _CONTROL.search(text):
        raise BadNote("a note holds no control character but the newline")
    return text


def _signature(line: str) -> Signature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space:
        raise BadNote("a signature line reads dash, name, base64")
    check_name(name)
    signature = read_base64(encoded)
    if len(signature) <= KEY_ID_BYTES:
        raise BadNote("a signature line holds a key id and a signature")
    return Signature(name, signature[:KEY_ID_BYTES], signature[KEY_ID_BYTES:])
