"""The checkpoints of one log side by side, and whether they tell one growing history."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from verifier.bundle import Consistency
from verifier.findings import Findings, Kind
from verifier.note import Checkpoint
from verifier.tree import NOTHING, Refused, check_consistency


class Heads:
    """Signed checkpoints of one log, by size, with the one remembered from earlier runs."""

    def __init__(self, findings: Findings, remembered: Checkpoint | None) -> None:
        """Start with what was remembered."""
        self._findings = findings
        self._remembered = remembered
        self._roots: dict[int, bytes] = {}
        self._proofs: list[Consistency] = []

    def add(self, head: Checkpoint) -> None:
        """Take a checkpoint whose signature holds; two roots for one size are an equivocation."""
        other = self._roots.setdefault(head.size, head.root)
        if other != head.root:
            self._findings.add(Kind.EQUIVOCATION, f"two signed roots for {head.size} entries")

    def offer(self, proof: Consistency) -> None:
        """Keep a consistency proof for `judge`."""
        self._proofs.append(proof)

    @property
    def newest(self) -> tuple[int, bytes] | None:
        """Size and root of the largest checkpoint of the bundle, None if it holds none."""
        return max(self._roots.items()) if self._roots else None

    @property
    def sizes(self) -> set[int]:
        """The sizes whose roots are worth computing on the way."""
        seen = {self._remembered.size} if self._remembered else set()
        return seen | set(self._roots)

    def reached(self, computed: Mapping[int, bytes]) -> int:
        """The largest signed size whose root the entries add up to."""
        return max((s for s, root in self._roots.items() if computed.get(s) == root), default=0)

    def judge(self, computed: Mapping[int, bytes]) -> None:
        """Report what does not fit together, given the roots computed from the entries."""
        roots = dict(self._roots)
        if self._remembered and self.newest:
            self._recall(self._remembered, roots, self.newest[0], computed)
        for old, new in pairwise(sorted(roots)):
            if not self._grew(old, new, roots, computed):
                text = f"nothing shows that {new} entries extend the {old} signed before"
                self._findings.add(Kind.INCONSISTENCY, text)

    def _recall(
        self, seen: Checkpoint, roots: dict[int, bytes], newest: int, computed: Mapping[int, bytes]
    ) -> None:
        """Put the remembered checkpoint among the others, unless the bundle went behind it."""
        if roots.get(seen.size, seen.root) != seen.root:
            text = f"an earlier run saw another signed root for {seen.size} entries"
            self._findings.add(Kind.EQUIVOCATION, text)
        elif newest >= seen.size:
            roots[seen.size] = seen.root
        elif not self._grew(newest, seen.size, {**roots, seen.size: seen.root}, computed):
            text = f"an earlier run saw {seen.size} entries, this bundle has {newest}"
            self._findings.add(Kind.ROLLBACK, text)

    def _grew(
        self, old: int, new: int, roots: Mapping[int, bytes], computed: Mapping[int, bytes]
    ) -> bool:
        """Whether the entries themselves or an offered proof show that one tree extends another."""
        if old == 0:
            return roots[0] == NOTHING
        if all(computed.get(size) == roots[size] for size in (old, new)):
            return True
        offered = (each.hashes for each in self._proofs if (each.old, each.new) == (old, new))
        return any(_proves(old, new, hashes, roots) for hashes in offered)


def _proves(old: int, new: int, hashes: list[bytes], roots: Mapping[int, bytes]) -> bool:
    try:
        check_consistency(old, new, hashes, roots[old], roots[new])
    except Refused:
        return False
    return True
