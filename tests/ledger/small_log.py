"""The four events and the keys that the published vectors of envelopes, notes and bundles share."""

from __future__ import annotations

from hashlib import sha256

import msgspec

from domain.digest import canonical
from ledger.checkpoint import Checkpoint
from ledger.envelope import SEALED, Envelope, Part, commit_parts, encode_envelope
from ledger.merkle import CompactRange, leaf_hash
from ledger.signing import SigningKey

ORIGIN = "changegate.example/log"
# The secret keys of the first two test vectors of RFC 8032, 7.1: known to everyone.
SEEDS = [
    bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"),
    bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"),
]
KEYS = [SigningKey.from_seed(ORIGIN, seed) for seed in SEEDS]
AT = "2026-11-20T19:04:40.123456Z"


def salt(name: str) -> bytes:
    """A salt anyone can make again; real ones are random."""
    return sha256(f"salt of {name}".encode()).digest()


def parts_of(number: int) -> list[Part]:
    """The parts of an event, with salts anyone can make again."""
    contents = {
        "facts": canonical({"number": number}),
        "title": f"Tïtle {number}".encode(),
        "steps.0.note": b"",
    }
    return [Part(name, salt(f"{number} {name}"), content) for name, content in contents.items()]


def envelope(number: int) -> Envelope:
    """The envelope of that event."""
    return Envelope(
        id=f"ev_{number}",
        at=AT,
        kind="change.opened",
        aggregate="change",
        subject="chg_1",
        version=number,
        actor="user:1",
        credential="tok_1",
        request=f"req_{number}",
        policy="pol_1",
        outcome="recorded",
        commit=commit_parts(parts_of(number)),
    )


def sealed() -> tuple[Envelope, Part]:
    """The envelope of event 2, hidden."""
    part = Part(SEALED, salt("2 sealed"), encode_envelope(envelope(2)))
    return Envelope(id="hidden_1", at=AT, kind=SEALED, commit=commit_parts([part])), part


def envelopes() -> list[Envelope]:
    """A usual one, one with every key, one with the least keys, a sealed one."""
    most = msgspec.structs.replace(
        envelope(1), behalf="user:2", happened="1999-12-31T23:59:59.000000Z", subject='ünï "q" \\'
    )
    least = Envelope(id="ev_3", at=AT, kind="log.opened", commit=commit_parts(parts_of(3)))
    return [envelope(0), most, least, sealed()[0]]


def log() -> list[bytes]:
    """The envelopes of the small log that checkpoints and the bundle are of."""
    return [encode_envelope(each) for each in envelopes()]


def head(size: int) -> Checkpoint:
    """Its head after the first entries."""
    leaves = [leaf_hash(each) for each in log()[:size]]
    return Checkpoint(ORIGIN, size, CompactRange().extend(leaves).root())
