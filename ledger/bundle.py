"""Lines of a bundle: what an auditor takes away and checks without the server."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from ledger.envelope import Part, canonical_json
from ledger.note import VerifierKey

FORMAT = 1


class Hidden(NamedTuple):
    """A part of which only the commitment is given: it was erased, or the reader may not see it."""

    name: str
    commitment: bytes
    state: Literal["erased", "withheld"]


def header_line(origin: str, keys: Iterable[VerifierKey]) -> bytes:
    """The first line: whose log it is, and the keys that sign it."""
    return _line("bundle", {"v": FORMAT, "origin": origin, "keys": [str(key) for key in keys]})


def checkpoint_line(note: str) -> bytes:
    """A signed checkpoint; entries are proved against the largest one of the bundle."""
    return _line("checkpoint", {"note": note})


def consistency_line(old: int, new: int, proof: Sequence[bytes]) -> bytes:
    """The proof that the tree of `new` leaves extends the one of `old`."""
    return _line("consistency", {"old": old, "new": new, "hashes": [_b64(each) for each in proof]})


def entry_line(
    position: int,
    envelope: bytes,
    parts: Iterable[Part | Hidden] | None,
    proof: Sequence[bytes] | None,
) -> bytes:
    """One entry, in rising order of position.

    All its parts are named, shown or not; None withholds even their names. Without a proof the
    bundle must hold every entry from 0 to the size of the largest checkpoint.
    """
    told: dict[str, object] = {"index": position, "envelope": _b64(envelope)}
    if parts is not None:
        told["parts"] = [_part(part) for part in parts]
    if proof is not None:
        told["proof"] = [_b64(each) for each in proof]
    return _line("entry", told)


def receipt_line(text: str, envelope: bytes) -> bytes:
    """A receipt (tlog-proof) and the envelope it proves."""
    return _line("receipt", {"text": text, "envelope": _b64(envelope)})


def _part(part: Part | Hidden) -> dict[str, str]:
    told = {"name": part.name, "commitment": _b64(part.commitment)}
    if isinstance(part, Hidden):
        return {**told, "state": part.state}
    return {**told, "salt": _b64(part.salt), "content": _b64(part.content)}


def _line(kind: str, told: Mapping[str, object]) -> bytes:
    return canonical_json({"type": kind, **told}) + b"\n"


def _b64(content: bytes) -> str:
    return b64encode(content).decode()
