"""Envelopes and the commitments to their parts, from the bytes alone."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from verifier.tree import Refused

NAMES = (
    *("actor", "aggregate", "at", "commit", "credential", "for", "happened", "id", "kind"),
    *("outcome", "policy", "request", "subject", "v", "version"),
)
PART_NAME = re.compile("[A-Za-z0-9_.:-]{1,200}")
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
HEX_HASH = re.compile("[0-9a-f]{64}")


def read_envelope(line: bytes) -> dict[str, Any]:
    """The keys and values of an envelope's canonical bytes; raises Refused for any other bytes."""
    try:
        envelope = json.loads(line.decode(), parse_float=_no_float, parse_constant=_no_float)
        spelled = json.dumps(
            envelope, ensure_ascii=False, sort_keys=True, separators=(",", ":")
        ).encode()
    except (ValueError, RecursionError):
        raise Refused("the envelope is no JSON of whole numbers and texts") from None
    if spelled != line or not isinstance(envelope, dict) or tuple(envelope) != NAMES:
        raise Refused("the envelope is not spelled canonically")
    _check_values(envelope)
    return envelope


def commitment(salt: bytes, content: bytes) -> bytes:
    """How an envelope names a part without showing it."""
    return sha256(b"\x02" + salt + content).digest()


def commit(commitments: Mapping[str, bytes]) -> str:
    """What an envelope's `commit` must be for parts of these names and commitments."""
    for name in commitments:
        if not PART_NAME.fullmatch(name):
            raise Refused(f"{name[:80]!r} is no name for a part")
    pairs = [[name, commitments[name].hex()] for name in sorted(commitments)]
    return sha256(b"\x03" + json.dumps(pairs, separators=(",", ":")).encode()).hexdigest()


def _check_values(envelope: dict[str, Any]) -> None:
    if envelope["v"] != 1 or isinstance(envelope["v"], bool):
        raise Refused("the envelope is of a version this verifier does not know")
    version = envelope["version"]
    if version is not None and (type(version) is not int or not 0 <= version < 2**53):
        raise Refused("the version is no number")
    for name in NAMES:
        if name not in ("v", "version"):
            _check_text(name, envelope[name])
    _check_moment(envelope["at"])
    _check_moment(envelope["happened"] or envelope["at"])
    if not HEX_HASH.fullmatch(envelope["commit"]):
        raise Refused("the commit is no hash")
    known = {name for name in NAMES if envelope[name] is not None}
    if envelope["kind"] == "sealed" and known != {"v", "id", "at", "kind", "commit"}:
        raise Refused("a sealed envelope tells more than it may")


def _check_text(name: str, value: object) -> None:
    if value is None and name not in ("id", "at", "kind", "commit"):
        return
    if not isinstance(value, str) or not 0 < len(value) <= 1000:
        raise Refused(f"{name} is no text of 1 to 1000 characters")
    if "\0" in value or not unicodedata.is_normalized("NFC", value):
        raise Refused(f"{name} holds NUL or is not in normalisation form C")


def _check_moment(text: str) -> None:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"{text[:40]!r} is no moment") from None
    if not MOMENT.fullmatch(text):
        raise Refused(f"{text[:40]!r} is not spelled as a moment")


def _no_float(text: str) -> None:
    raise ValueError(text)
