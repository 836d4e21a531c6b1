"""The log's private keys: made once, read from a file or from the environment, never stored."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.note import Signature, VerifierKey, check_name
from ledger.secret_file import Exposed, read_secret_file

MAX_KEY_BYTES: Final = 16 * 1024


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
        pem = read_secret_file(path, MAX_KEY_BYTES + 1)
    except OSError as fault:
        raise UnusableKey(f"the signing key {path} cannot be read: {fault.strerror}") from fault
    except Exposed as fault:
        raise UnusableKey(f"the signing key {fault}") from fault
    return _parse(name, pem, f"the signing key {path}")


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
