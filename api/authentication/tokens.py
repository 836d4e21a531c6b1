"""API tokens: how one looks, how it is kept without being known, and how it is checked."""

import hmac
import re
import secrets
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
PREFIX: Final = "cg_"
PUBLIC_LENGTH: Final = 16
SECRET_LENGTH: Final = 43  # digits to base 62 that 32 bytes need
SUM_LENGTH: Final = 6
SHAPE: Final = re.compile(
    rf"({PREFIX}([0-9A-Za-z]{{{PUBLIC_LENGTH}}})_([0-9A-Za-z]{{{SECRET_LENGTH}}}))_"
    rf"([0-9A-Za-z]{{{SUM_LENGTH}}})",
    re.ASCII,
)
"""`cg_<public id>_<secret>_<CRC-32 of all before>`, all to base 62: a scanner that finds one in a
repository can tell it from chance without asking anybody."""
NO_HASH: Final = bytes(32)
CONTEXT: Final = b"changegate api token v1\0"


@dataclass(frozen=True, slots=True)
class Minted:
    """A new token. `text` is shown once and kept nowhere; `hash` is what is stored."""

    public_id: str
    hash: bytes
    text: str

    def __repr__(self) -> str:
        """Only the public id."""
        return f"Minted({self.public_id})"


@dataclass(frozen=True, slots=True)
class StoredToken:
    """What is kept of a token: enough to recognise it, not enough to make it."""

    public_id: str
    hash: bytes
    principal: str
    """The person or bot it speaks for."""
    actions: frozenset[str] | None = None
    """The only actions it may ask for; None for all that its principal may."""
    expires: datetime | None = None
    revoked: datetime | None = None

    def is_valid(self, at: datetime) -> bool:
        """Whether it is neither revoked nor run out at a time with a zone."""
        return self.revoked is None and (self.expires is None or at < self.expires)


Find = Callable[[str], StoredToken | None]
"""Looks a token up by its public id, wherever tokens are kept."""


def mint(pepper: bytes) -> Minted:
    """Make a new token from 32 random bytes, hashed under the pepper."""
    public_id = "".join(secrets.choice(DIGITS) for _ in range(PUBLIC_LENGTH))
    secret = base62(int.from_bytes(secrets.token_bytes(32)), SECRET_LENGTH)
    body = f"{PREFIX}{public_id}_{secret}"
    return Minted(public_id, keyed_hash(public_id, secret, pepper), f"{body}_{checksum(body)}")


def check(text: str, find: Find, pepper: bytes, at: datetime) -> StoredToken | None:
    """The stored token that `text` is, if it is valid at `at`.

    An unknown token takes the same steps as a revoked, an expired or a wrong one, and the answer
    is the same None.
    """
    if (shape := SHAPE.fullmatch(text)) is None or checksum(shape[1]) != shape[4]:
        return None
    stored = find(shape[2])
    shown = keyed_hash(shape[2], shape[3], pepper)
    equal = hmac.compare_digest(shown, stored.hash if stored else NO_HASH)
    return stored if stored and equal and stored.is_valid(at) else None


def keyed_hash(public_id: str, secret: str, pepper: bytes) -> bytes:
    """HMAC-SHA256 of id and secret. A random secret needs no slow hash, only a secret key."""
    return hmac.digest(pepper, CONTEXT + f"{public_id}\0{secret}".encode(), sha256)


def checksum(body: str) -> str:
    """The CRC-32 of a token's text, to base 62."""
    return base62(zlib.crc32(body.encode()), SUM_LENGTH)


def base62(number: int, length: int) -> str:
    """A number to base 62, with leading zeros up to `length` digits."""
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 62)
        digits.append(DIGITS[digit])
    return "".join(reversed(digits))
