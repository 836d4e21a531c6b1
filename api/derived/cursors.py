"""Cursors: where a page ended, encrypted, so that they tell nothing and cannot be made up."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.kernel import refusal

LONGEST: Final = 2_000
_CONTEXT: Final = b"changegate cursor v1"
Key = tuple[Any, ...]


class Cursors:
    """Seals and opens the cursors of one installation.

    AES-SIV needs no nonce: a position always has the same cursor, which clients may cache by, and
    equal cursors tell only that the position is the same. The list, its order and its filter are
    authenticated with it, so that a cursor of another list does not open.
    """

    def __init__(self, secret: bytes) -> None:
        """Derive the key from the installation's secret, at least 16 bytes."""
        if len(secret) < 16:
            raise ValueError("a cursor key needs at least 16 bytes of secret")
        derived = HKDF(SHA256(), length=64, salt=None, info=_CONTEXT).derive(secret)
        self._cipher = AESSIV(derived)

    def seal(self, key: Sequence[Any], bound: bytes) -> str:
        """The cursor of a position: the sort values and the id of its row."""
        sealed = self._cipher.encrypt(msgspec.json.encode(key), [bound])
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def open(self, cursor: str, bound: bytes, kinds: Sequence[type], argument: str) -> Key:
        """The position of a cursor; raises Refusal `bad_cursor` for one of anything else."""
        try:
            plain = self._cipher.decrypt(_decode(cursor), [bound])
        except (InvalidTag, ValueError, binascii.Error):
            message = "This cursor is not of this list, in this order and with this filter."
            raise refusal("bad_cursor", message, argument) from None
        values = msgspec.json.decode(plain)
        return tuple(_read(value, kind) for value, kind in zip(values, kinds, strict=True))


def _decode(cursor: str) -> bytes:
    if len(cursor) > LONGEST:
        raise ValueError("longer than any cursor")
    return base64.b64decode(
        cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True
    )


def _read(value: Any, kind: type) -> Any:
    return datetime.fromisoformat(value) if issubclass(kind, datetime) else value
