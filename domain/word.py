"""A word that what is hidden may be known, which takes that of another as well."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol

from domain.kernel import Internal, Recorded


@dataclass(frozen=True, slots=True)
class ShowingProposal:
    """That somebody says everybody may know of it; it is shown once another does."""

    proposed_by: Annotated[str, "Who says so."]
    proposed_at: Annotated[datetime, "When they said so."]
    grant: Internal[str | None] = None
    other_grants: Internal[tuple[str, ...]] = ()


class Said(Protocol):
    """What tells of such a word: by what right it was said, and by what else it might have been."""

    @property
    def grant(self) -> str | None: ...  # noqa: D102
    @property
    def other_grants(self) -> tuple[str, ...]: ...  # noqa: D102


def said_anew(
    before: tuple[ShowingProposal, ...], event: Said, recorded: Recorded
) -> tuple[ShowingProposal, ...]:
    """Those before and this one, which takes the place of what the same person said."""
    others = (each for each in before if each.proposed_by != recorded.by)
    right = (event.grant, event.other_grants)
    return (*others, ShowingProposal(recorded.by, recorded.at, *right))
