"""Evidence as it stands: what was reported of one commit or package, by whom, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from domain.kernel import Internal, Text


class Outcome(StrEnum):
    """How a check ended. Only PASSED satisfies; skipped and neutral are no result (X-05)."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    NEUTRAL = "neutral"
    RUNNING = "running"

    @property
    def in_words(self) -> str:
        """What is said of a check that ended so, after its name."""
        return _IN_WORDS.get(self.value, self.value)


_IN_WORDS: Final = {"skipped": "was skipped", "neutral": "was neutral", "running": "is running"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was reported of one commit or package: never changed, only followed by a newer report.

    `subject` is the full hash of a commit, or the digest of a package. `name` is what playbooks ask
    for it by. `manifest` is that of the release it was compared with, if with one. What is of a
    hidden merge request, or of what a hidden release is made of, hides with that. What was `apart`
    names the manifest of a hidden release: it is no word on anything in the open. What it
    says of a branch it says of the one that merge requests with its commit were for by then. What
    is `at_large` was told by who may see nothing that is hidden in the project: it reads for all.
    `heads` are merge requests in the open whose head it was of, or that came to have it since.
    """

    id: str
    version: int
    project: str
    name: str
    outcome: Outcome
    subject: str
    environment: str | None
    link: str | None
    detail: Text | None
    reporter: str
    reported_at: datetime
    manifest: str | None = None
    merge_request: Internal[str | None] = None
    embargoed: Internal[bool] = False
    release: Internal[str | None] = None
    apart: Internal[bool] = False
    branch: Internal[str | None] = None
    at_large: Internal[bool] = False
    heads: Internal[tuple[str, ...]] = ()
