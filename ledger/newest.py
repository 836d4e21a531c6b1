"""The newest checkpoint: signed after a commit, kept by the next one or when nothing waits."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import Protocol

import msgspec

from ledger.request import Answer
from ledger.writes import Database, DatabaseFault, Head

LOG = logging.getLogger("changegate.ledger")


class Signer(Protocol):
    """Signs the head after it is committed."""

    def sign(self, size: int, root: bytes) -> str:
        """The checkpoint note over a head."""

    def rest(self) -> None:
        """Nothing waits: keep what is kept outside the database."""


@dataclass(slots=True)
class Newest:
    """One writer's newest checkpoint, until the database holds it."""

    database: Database
    signer: Signer | None
    size: int = 0
    note: str | None = None

    def sign(self, head: Head) -> None:
        """Sign what is committed already; a fault here must not make it look undone."""
        if self.signer is None:
            return
        try:
            self.size, self.note = head.size, self.signer.sign(head.size, head.range.root())
        except Exception:
            LOG.exception("the head of %d events was not signed", head.size)

    def kept_in(self, head: Head) -> Head:
        """The head with this checkpoint, unless another writer has kept a newer one."""
        if self.note is None or self.size <= head.signed_size:
            return head
        return replace(head, signed_size=self.size, checkpoint=self.note)

    def shown_in(self, answer: Answer) -> Answer:
        """The answer with this checkpoint if it covers the answer's events."""
        if self.note is None or answer.position is None or answer.position >= self.size:
            return answer
        return msgspec.structs.replace(answer, checkpoint=self.note)

    def rest(self) -> None:
        """Nothing waits: keep the checkpoint, which the next batch would have kept.

        What it covers is committed, so a fault here is logged and the next rest tries again.
        """
        if self.note is None:
            return
        try:
            self.database.sign(self.size, self.note)
            if self.signer is not None:
                self.signer.rest()
        except (DatabaseFault, OSError):
            LOG.exception("the checkpoint of %d events was not kept", self.size)
        else:
            self.note = None

    def catch_up(self) -> None:
        """Sign what was committed by a writer that died before it signed."""
        try:
            head = self.database.open({}, []).head
        finally:
            self.database.rollback()
        if head.signed_size < head.size:
            self.sign(head)
            self.rest()
