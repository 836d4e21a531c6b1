"""The entries of a bundle: whether each is in the signed tree and its parts are its own."""

from __future__ import annotations

import json
from typing import Any

from verifier.bundle import Entry, Part
from verifier.envelope import commit, commitment, read_envelope
from verifier.findings import Findings, Kind
from verifier.heads import Heads
from verifier.tree import GrowingTree, Refused, check_inclusion, hash_leaf

SEALED = "sealed"
NEVER_ERASED = ("facts", SEALED)
Claim = tuple[str | None, str | None, str]


class Entries:
    """Takes the entries in rising order; memory does not grow with them, erasures apart."""

    def __init__(self, findings: Findings, heads: Heads) -> None:
        """Prove against the newest checkpoint, and keep the roots the checkpoints ask for."""
        self.count = 0
        self.computed: dict[int, bytes] = {}
        self._findings = findings
        self._heads = heads
        self._newest = heads.newest
        self._sizes = heads.sizes
        self._tree = GrowingTree()
        self._claims: dict[Claim, int] = {}
        self._unsigned_tail = False
        self._compute()

    def add(self, entry: Entry) -> None:
        """Check one entry and its parts."""
        self.count += 1
        leaf = hash_leaf(entry.envelope)
        follows = entry.position == self._tree.size
        if follows:
            self._tree.add(leaf)
            self._compute()
        if entry.path is not None:
            self._check_path(entry.position, leaf, entry.path)
        elif not follows:
            self._findings.add(Kind.UNPROVEN_ENTRY, f"entry {entry.position} has no proof")
        else:
            self._unsigned_tail = True
        try:
            envelope = read_envelope(entry.envelope)
        except Refused as fault:
            self._findings.add(Kind.ALTERED_ENTRY, f"entry {entry.position}: {fault}")
        else:
            self._check_payload(entry, envelope)

    def finish(self) -> None:
        """Judge the entries without a path as a whole, and the erasures that nothing explains."""
        size, root = self._newest or (0, b"")
        if self._newest and self._tree.size >= size and self.computed[size] != root:
            text = f"the entries after {self._heads.reached(self.computed)} do not add up to the"
            self._findings.add(Kind.ALTERED_ENTRY, f"{text} signed root of {size}")
        elif self._unsigned_tail and self._tree.size != size:
            text = f"{self._tree.size} entries stand in a row, the checkpoint signs {size}"
            self._findings.add(Kind.UNPROVEN_ENTRY, text)
        for (_, _, name), index in self._claims.items():
            text = f"entry {index}: {name} is called erased, but no erasure of it is shown"
            self._findings.add(Kind.WITHHELD_PAYLOAD, text)

    def _compute(self) -> None:
        if self._tree.size in self._sizes:
            self.computed[self._tree.size] = self._tree.root()

    def _check_path(self, index: int, leaf: bytes, path: list[bytes]) -> None:
        if self._newest is None:
            self._findings.add(Kind.UNPROVEN_ENTRY, f"entry {index}: no checkpoint to prove it by")
            return
        try:
            check_inclusion(leaf, index, self._newest[0], path, self._newest[1])
        except Refused as fault:
            self._findings.add(Kind.ALTERED_ENTRY, f"entry {index}: {fault}")

    def _check_payload(self, entry: Entry, envelope: dict[str, Any]) -> None:
        parts = entry.parts
        try:
            if parts is not None and envelope["kind"] == SEALED:
                envelope, parts = self._unseal(entry.position, envelope, parts)
            elif parts is None:
                self._withheld(entry.position, "all parts")
            if parts is not None:
                self._check_parts(entry.position, envelope, parts)
        except Refused as fault:
            self._findings.add(Kind.ALTERED_PAYLOAD, f"entry {entry.position}: {fault}")

    def _unseal(
        self, index: int, outer: dict[str, Any], parts: list[Part]
    ) -> tuple[dict[str, Any], list[Part] | None]:
        """The true envelope and its parts; None for those if they are withheld."""
        hidden = [part for part in parts if part.name == SEALED]
        others = [part for part in parts if part.name != SEALED]
        _check_commit(outer, hidden)
        if hidden[0].content is None:
            if others:
                raise Refused("parts are shown that no shown envelope commits to")
            self._check_part(index, outer, hidden[0])
            return outer, None
        _check_content(hidden[0])
        true = read_envelope(hidden[0].content)
        if true["at"] != outer["at"] or true["kind"] == SEALED:
            raise Refused("the sealed part holds the envelope of another event")
        if not others:
            self._withheld(index, "all parts of the sealed event")
        return true, others or None

    def _check_parts(self, index: int, envelope: dict[str, Any], parts: list[Part]) -> None:
        _check_commit(envelope, parts)
        for part in parts:
            self._check_part(index, envelope, part)
            if part.name == "facts" and part.content is not None:
                self._explain(envelope, part.content)

    def _check_part(self, index: int, envelope: dict[str, Any], part: Part) -> None:
        if part.content is not None:
            _check_content(part)
        elif not part.erased:
            self._withheld(index, part.name)
        elif part.name in NEVER_ERASED:
            raise Refused(f"{part.name} is called erased, which it never is")
        else:
            self._findings.add(Kind.ERASED, f"entry {index}: {part.name}")
            self._claims[envelope["aggregate"], envelope["subject"], part.name] = index

    def _explain(self, envelope: dict[str, Any], facts: bytes) -> None:
        """An erasing event explains why parts of its subject are gone from the entries before."""
        if envelope["kind"].rpartition(".")[2] != "erased":
            return
        try:
            told = json.loads(facts)
            names = [str(name) for name in told["parts"]]
            aggregate, subject = told["aggregate"], told["subject"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise Refused("the facts of an erasing event name no parts") from None
        for name in names:
            self._claims.pop((aggregate, subject, name), None)

    def _withheld(self, index: int, what: str) -> None:
        self._findings.add(Kind.WITHHELD_PAYLOAD, f"entry {index}: {what}")


def _check_commit(envelope: dict[str, Any], parts: list[Part]) -> None:
    commitments = {part.name: part.commitment for part in parts}
    if not parts or commit(commitments) != envelope["commit"]:
        raise Refused("its parts are not those it committed to")


def _check_content(part: Part) -> None:
    if part.salt is None or part.content is None:
        raise Refused(f"{part.name} is not shown")
    if commitment(part.salt, part.content) != part.commitment:
        raise Refused(f"{part.name} is not what was committed to")
