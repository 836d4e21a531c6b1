"""The roll by which votes are counted: the rules with whoever chairs now, and who takes a place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from domain.approval.plain import Count, People, plain_count
from domain.approval.voting import OpenRule, Vote


class Roll(NamedTuple):
    """The rules `asked` about, those that are counted for them, and who is counted under them.

    Nobody is told to be `entitled` where somebody who is mandatory goes by another account.
    """

    asked: Sequence[OpenRule]  # kept, so that no others have their id
    rules: Sequence[OpenRule]
    entitled: People | None
    excluded: frozenset[str]

    def counted(
        self, votes: Iterable[Vote], revision: int, digest: str
    ) -> tuple[Count, People, Collection[str]] | None:
        """What votes that all stand plainly amount to, with the places they were counted by."""
        if self.entitled is None:
            return None
        count = plain_count(
            self.rules,
            votes,
            revision=revision,
            digest=digest,
            entitled=self.entitled,
            excluded=self.excluded,
        )
        return None if count is None else (count, self.entitled, self.excluded)
