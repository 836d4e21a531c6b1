"""The log's private keys: made once, read from a file or from the environment, never stored."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.note import Signature, VerifierKey, check_name

MAX_KEY_BYTES: Final = 16 * 1024
ROOT: Final = 0
"""The user who may let a group read a key: root, as the services do that hand out secrets."""


class UnusableKey(ValueError):
    """A signing key that is missing, cannot be read, or is of another kind; says which."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 key that signs in the name of a log; the private half is never printed."""

    name: str
    private: Ed25519PrivateKey = field(repr=False, compare=False)
    public: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        check_name(self.name)
        object.__setattr__(self, "public", self.private.public_key().public_bytes_raw())

    @property
    def verifier(self) -> VerifierKey:
        """The public half, for everyone who checks."""
        return VerifierKey(self.name, self.public)

    def sign(self, text: str) -> Signature:
        """The Ed25519 signature over the text of a note."""
        return Signature(self.name, self.verifier.key_id, self.private.sign(text.encode()))

    @classmethod
    def from_seed(cls, name: str, seed: bytes) -> SigningKey:
        """The key of these 32 secret bytes."""
        return cls(name, Ed25519PrivateKey.from_private_bytes(seed))


def load_signing_key(name: str, path: Path) -> SigningKey:
    """The key in a PKCS #8 PEM file, signing under this name; raises UnusableKey.

    So it does for a file that is open to more users than its owner, or than a group to which root
    opened it: whoever reads the key can sign another log.
    """
    try:
        with path.open("rb") as stored:
            found = os.fstat(stored.fileno())
            pem = stored.read(MAX_KEY_BYTES + 1)
    except OSError as fault:
        raise UnusableKey(f"the signing key {path} cannot be read: {fault.strerror}") from fault
    if exposed(found.st_mode, found.st_uid):
        raise UnusableKey(
            f"the signing key {path} has mode {stat.S_IMODE(found.st_mode):04o}, open to more than"
            " its owner: chmod 600 it (640 at most, where it is root's)"
        )
    return _parse(name, pem, f"the signing key {path}")


def exposed(mode: int, owner: int) -> bool:
    """Whether a file of this mode and owner is open to users who have no need of a secret in it.

    As PostgreSQL judges its own key: 0600 or less, or 0640 or less if root owns it.
    """
    allowed = stat.S_IRUSR | stat.S_IWUSR
    if owner == ROOT:
        allowed |= stat.S_IRGRP
    return bool(stat.S_IMODE(mode) & (stat.S_IRWXG | stat.S_IRWXO) & ~allowed)


def read_signing_key(name: str, pem: str) -> SigningKey:
    """The key in a PKCS #8 PEM text, as an environment variable holds it; raises UnusableKey.

    Newlines may be spelled as backslash and n, as some ways of setting a variable leave them.
    """
    if not pem.strip():
        raise UnusableKey("the signing key in the environment is empty")
    return _parse(name, pem.replace("\\n", "\n").encode(), "the signing key in the environment")


def generate_signing_key(name: str, path: Path) -> SigningKey:
    """Make a key and write it to a new file only its owner may read; an old file stays."""
    key = SigningKey(name, Ed25519PrivateKey.generate())
    pem = key.private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    try:
        stored = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as fault:
        raise UnusableKey(f"the signing key {path} cannot be made: {fault.strerror}") from fault
    with os.fdopen(stored, "wb") as out:
        out.write(pem)
        out.flush()
        os.fsync(out.fileno())
    _sync_folder(path.parent)
    return key


def _parse(name: str, pem: bytes, what: str) -> SigningKey:
    """Read the key; whatever cryptography says is kept from the message, it might quote the key."""
    if len(pem) > MAX_KEY_BYTES:
        raise UnusableKey(f"{what} is larger than any key")
    try:
        private = serialization.load_pem_private_key(pem, password=None)
    except TypeError:
        raise UnusableKey(f"{what} is encrypted; give it without a password") from None
    except (ValueError, UnsupportedAlgorithm):
        raise UnusableKey(f"{what} is no private key in PKCS #8 PEM") from None
    if not isinstance(private, Ed25519PrivateKey):
        raise UnusableKey(f"{what} is no Ed25519 key")
    return SigningKey(name, private)


def _sync_folder(folder: Path) -> None:
    """Make the file's name as durable as its content."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
