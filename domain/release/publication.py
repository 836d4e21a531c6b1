"""What lets a release be published in spite of a lock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from domain.deployment.state import Override
from domain.kernel import Internal


@dataclass(frozen=True, slots=True)
class PublicationOverride:
    """Somebody let the release be published in spite of the locks in force.

    It is for this revision of it, and for publishing it; where another takes its place before, it
    is told no more.
    """

    revision: Annotated[int, "The revision of the release that it is for."]
    override: Annotated[Override, "Who let it go on, in spite of what, why, and who signed that."]
    planners: Internal[tuple[str, ...]] = ()

    @property
    def owing(self) -> bool:
        """Whether it was published by it, and no second person has signed that."""
        return self.override.used_at is not None and self.override.countersigned_at is None
