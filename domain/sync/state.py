"""Where branches and tags stood on both sides when somebody looked after a release."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated


class RefKind(StrEnum):
    """What a name in a repository stands for."""

    BRANCH = "branch"
    TAG = "tag"


@dataclass(frozen=True, slots=True)
class Ref:
    """A branch or tag, and its commit on either side; None where it is not there."""

    kind: Annotated[RefKind, "Whether it is a branch or a tag."]
    name: Annotated[str, "Its name."]
    here: Annotated[str | None, "Its commit where the release was made."] = None
    there: Annotated[str | None, "Its commit where everybody sees it."] = None

    @property
    def same(self) -> bool:
        """Whether it is there on both sides, at one commit."""
        return self.here is not None and self.here == self.there


@dataclass(frozen=True, slots=True)
class Sync:
    """One report of a repository, never changed: a newer one takes its place."""

    id: str
    version: int
    release: str
    repository: str
    refs: tuple[Ref, ...]
    reporter: str
    reported_at: datetime
