"""Bundles of a small log, good ones and ones with a single fault."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ledger.bundle import (
    Hidden,
    checkpoint_line,
    consistency_line,
    entry_line,
    header_line,
)
from ledger.checkpoint import Checkpoint, sign_checkpoint
from ledger.envelope import (
    Envelope,
    Part,
    canonical_json,
    commit_parts,
    encode_envelope,
    salted,
    seal,
)
from ledger.merkle import CompactRange, leaf_hash
from ledger.signing import SigningKey
from tests.ledger.forest import grove

ORIGIN = "changegate.example/log"
KEY = SigningKey.from_seed(ORIGIN, bytes([7] * 32))
SECOND_KEY = SigningKey.from_seed(ORIGIN, bytes([8] * 32))


def envelope(number: int, commit: str, kind: str = "change.opened") -> Envelope:
    """An envelope of one change."""
    at = f"2026-11-20T19:04:{number % 60:02d}.123456Z"
    return Envelope(
        id=f"ev{number}",
        at=at,
        kind=kind,
        commit=commit,
        actor="user:1",
        aggregate="change",
        subject="chg1",
        version=number,
    )


@dataclass
class Book:
    """A log in memory: envelopes, parts, and the tree over them."""

    envelopes: list[bytes] = field(default_factory=list)
    parts: list[list[Part]] = field(default_factory=list)

    def record(
        self, contents: dict[str, bytes], kind: str = "change.opened", *, sealed: bool = False
    ) -> int:
        """Append an event with these parts; answers its position."""
        position, parts = len(self.envelopes), salted(contents)
        written = envelope(position, commit_parts(parts), kind)
        if sealed:
            written, hidden = seal(written)
            parts = [hidden, *parts]
        self.envelopes.append(encode_envelope(written))
        self.parts.append(parts)
        return position

    def leaves(self) -> list[bytes]:
        """The leaf hashes."""
        return [leaf_hash(each) for each in self.envelopes]

    def head(self, size: int | None = None) -> Checkpoint:
        """The head of the first entries, of all if no size is given."""
        leaves = self.leaves()[:size]
        return Checkpoint(ORIGIN, len(leaves), CompactRange().extend(leaves).root())

    def note(self, size: int | None = None, keys: Sequence[SigningKey] = (KEY,)) -> str:
        """The signed checkpoint of that head."""
        return sign_checkpoint(self.head(size), keys)

    def inclusion(self, position: int, size: int | None = None) -> list[bytes]:
        """The audit path to that head."""
        leaves = self.leaves()[:size]
        return grove(leaves).tree(len(leaves)).inclusion(position)

    def growth(self, old: int, new: int) -> bytes:
        """The line that proves growth."""
        leaves = self.leaves()[:new]
        return consistency_line(old, new, grove(leaves).tree(new).consistency(old))

    def entry(self, position: int, *, proved: bool = False, size: int | None = None) -> bytes:
        """The line of an entry with all its parts."""
        proof = self.inclusion(position, size) if proved else None
        return entry_line(position, self.envelopes[position], self.parts[position], proof)

    def entries(self, size: int | None = None) -> list[bytes]:
        """The lines of all entries, without proofs."""
        return [self.entry(position) for position in range(len(self.envelopes[:size]))]

    def whole(self, size: int | None = None) -> list[bytes]:
        """The bundle of the first entries, complete."""
        return [HEADER, checkpoint_line(self.note(size)), *self.entries(size)]

    def forked(self, position: int = 3) -> Book:
        """The same log, rewritten from one position on."""
        fork = Book(list(self.envelopes), list(self.parts))
        fork.envelopes[position] = fork.envelopes[position].replace(b'"user:1"', b'"user:2"')
        return fork


HEADER = header_line(ORIGIN, [KEY.verifier])


GOOD: tuple[int, dict[str, int]] = (0, {})
"""Exit code and findings of a bundle without fault."""


def book(count: int = 20) -> Book:
    """A log of some events with a title each."""
    made = Book()
    for number in range(count):
        facts = canonical_json({"number": number})
        made.record({"facts": facts, "title": f"Title {number}".encode()})
    return made


def hidden(part: Part, state: str = "withheld") -> Hidden:
    """The part with its commitment alone."""
    assert state in ("erased", "withheld")
    return Hidden(part.name, part.commitment, "erased" if state == "erased" else "withheld")


def bind(path: Path, lines: Iterable[bytes]) -> Path:
    """Write the bundle into a folder."""
    bundle = path / "log.bundle"
    bundle.write_bytes(b"".join(lines))
    return bundle
