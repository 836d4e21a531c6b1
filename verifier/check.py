"""One run over a bundle: first its checkpoints, then its entries, then what they say together."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from verifier.bundle import Consistency, Entry, Header, Note, Receipt, Unreadable, read
from verifier.entries import Entries
from verifier.envelope import read_envelope
from verifier.findings import Findings, Kind
from verifier.heads import Heads
from verifier.memory import Memory, Seen
from verifier.note import Checkpoint, Key, open_checkpoint, parse_key, parse_proof
from verifier.tree import Refused, check_inclusion, hash_leaf


class Report(NamedTuple):
    """What a run looked at and found."""

    origin: str
    signed: int
    entries: int
    receipts: int
    findings: Findings


class Run:
    """The checks of one bundle under given keys."""

    def __init__(self, origin: str, keys: list[Key], seen: Seen, findings: Findings) -> None:
        """Check a log of this origin by these keys, in the light of what was seen before."""
        self.receipts = 0
        self._origin = origin
        self._keys = keys
        self._findings = findings
        self.heads = Heads(findings, seen.head)

    def gather(self, path: Path) -> None:
        """First pass: checkpoints, the proofs between them, and receipts."""
        for line in read(path):
            if isinstance(line, Note):
                self._open(line.note)
            elif isinstance(line, Consistency):
                self.heads.offer(line)
            elif isinstance(line, Receipt):
                self.receipts += 1
                self._check_receipt(line)
        if self.heads.newest is None:
            self._findings.add(Kind.UNSIGNED, "the bundle holds no checkpoint of a trusted key")

    def walk(self, path: Path) -> int:
        """Second pass: the entries; answers how many there are."""
        entries = Entries(self._findings, self.heads)
        for line in read(path):
            if isinstance(line, Entry):
                entries.add(line)
        entries.finish()
        self.heads.judge(entries.computed)
        return entries.count

    def _open(self, note: str) -> Checkpoint | None:
        try:
            head = open_checkpoint(note, self._origin, self._keys)
        except Refused as fault:
            self._findings.add(Kind.UNSIGNED, str(fault))
            return None
        self.heads.add(head)
        return head

    def _check_receipt(self, receipt: Receipt) -> None:
        try:
            proof = parse_proof(receipt.text)
            head = self._open(proof.note)
            read_envelope(receipt.envelope)
            if head:
                leaf = hash_leaf(receipt.envelope)
                check_inclusion(leaf, proof.position, head.size, proof.path, head.root)
        except Refused as fault:
            self._findings.add(Kind.ALTERED_ENTRY, f"receipt {self.receipts}: {fault}")


def check(
    path: Path, trusted: list[Key], memory: Memory, *, first_contact: bool, complete: bool
) -> Report:
    """Judge a bundle and, if it is good, remember its newest checkpoint.

    Keys come from the caller and from the memory; those the bundle names are used only on first
    contact, when asked for. Raises Unreadable.
    """
    header = next(read(path))
    if not isinstance(header, Header):
        raise Unreadable("the bundle has no header")
    seen, findings = memory.seen(header.origin), Findings(complete=complete)
    keys = _keys(header, [*trusted, *seen.keys], first_contact=first_contact)
    run = Run(header.origin, keys, seen, findings)
    run.gather(path)
    count = run.walk(path)
    size, root = run.heads.newest or (0, b"")
    if findings.good and (seen.head is None or size >= seen.head.size):
        memory.remember(Checkpoint(header.origin, size, root), keys)
    return Report(header.origin, size, count, run.receipts, findings)


def _keys(header: Header, trusted: list[Key], *, first_contact: bool) -> list[Key]:
    if trusted:
        return trusted
    if not first_contact:
        raise Unreadable(
            f"no key of {header.origin} is trusted yet: give one with --key, or take those of the "
            "bundle with --first-contact"
        )
    try:
        return [parse_key(line) for line in header.keys]
    except Refused as fault:
        raise Unreadable(f"the header's keys: {fault}") from None
