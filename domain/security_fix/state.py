"""A security fix as it stands: what is wrong, how grave, what is done, and what it is linked to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from domain.kernel import Internal, Personal, Text, distinct
from domain.word import ShowingProposal


class Status(StrEnum):
    """Where a security fix stands; whether it is complete is worked out whenever it is asked.

    ASSESSING: nobody has said yet how grave it is. FIXING: it is worked on. LINKED: it goes out
    with the release it is linked to. RELEASED: everybody may know of it. DISMISSED: there is
    nothing to fix.
    """

    ASSESSING = "assessing"
    FIXING = "fixing"
    LINKED = "linked"
    RELEASED = "released"
    DISMISSED = "dismissed"


ENDED: Final = (Status.RELEASED, Status.DISMISSED)
"""Where nothing of a fix is worked on any more."""


@dataclass(frozen=True, slots=True)
class Item:
    """A box of the checklist, and who ticked it when."""

    name: str
    title: str
    ticked_by: str | None = None
    ticked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A merge request of a fix; what it is for follows from the branch it aims at.

    One that is `related` carries nothing of it, and is shown with it.
    """

    merge_request: str
    added_by: str
    added_at: datetime
    related: bool = False


@dataclass(frozen=True, slots=True)
class Review:
    """What the readiness review found when the label was put on, or when it was asked for again."""

    at: datetime
    complete: bool
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TakenOff:
    """That it was taken off a release, by whom, and when the last time."""

    tracker: str
    by: str
    at: datetime | None = None
    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FinderProposal:
    """Whom somebody says to have found it, which takes the word of another.

    Who says it `of_self` is kept out at once, and until two say that it was another.
    """

    reporter: Annotated[str, "Who is said to have found it."]
    proposed_by: Annotated[str, "Who says so."]
    proposed_at: Annotated[datetime, "When they said so."]
    of_self: Annotated[bool, "Whether they say it of themselves, which keeps them out."] = False


@dataclass(frozen=True, slots=True)
class SecurityFix:
    """The implementation issue of a fix: hidden from the first until it is published (S1-18).

    `report` and `reporter` tell where it came from; its finder signs nothing of it off. `due_at`
    follows from the severity and the playbook's remediation times, from when it became known.
    `tracker` is the release it is linked to: what is not linked is not included (S1-27), and
    `versions` are those the fix had to cover when it was linked.
    """

    id: str
    version: int
    status: Status
    kind: Annotated[str, "What kind of fix, in the playbook's words."]
    playbook: str
    service: Annotated[str, "The product that is vulnerable."]
    project: Annotated[str, "The project it is fixed in, by its full path."]
    title: Text
    description: Text
    component: Annotated[Text | None, "The part of the product that is vulnerable."]
    dependency: Annotated[Text | None, "What is depended on, if that is what is vulnerable."]
    severity: Annotated[str | None, "How grave it is, in the playbook's words."]
    opened_by: str
    opened_at: datetime
    known_since: Annotated[datetime, "When it became known: what remediation is counted from."]
    due_at: Annotated[datetime | None, "By when it is to be remedied; null until it is assessed."]
    items: tuple[Item, ...]
    report: Internal[str | None] = None
    reporter: Annotated[str | None, "Who found it, if they have an account here."] = None
    credit: Annotated[Personal | None, "Who is thanked in the advisory."] = None
    advisory: Annotated[str | None, "The id of the advisory."] = None
    cve: Annotated[str | None, "The CVE id."] = None
    assessed_by: str | None = None
    labels: tuple[str, ...] = ()
    parts: Internal[tuple[Part, ...]] = ()
    review: Annotated[Review | None, "What the last readiness review found."] = None
    tracker: Annotated[str | None, "The release it goes out with."] = None
    versions: Annotated[tuple[str, ...], "The versions it covered when it was linked."] = ()
    linked_by: str | None = None
    linked_at: datetime | None = None
    dismissed_because: Text | None = None
    embargoed: bool = True
    revealed_at: datetime | None = None
    rank: Internal[int | None] = None
    dismissed_by: Annotated[str | None, "Who said that there is nothing to fix."] = None
    unlinked: Internal[tuple[TakenOff, ...]] = ()
    finder_proposals: Annotated[
        tuple[FinderProposal, ...], "Who is said to have found it, by whom, until another says so."
    ] = ()
    finder_agreed: Internal[bool] = False
    follows: Annotated[
        str | None, "The fix that is out, and that this one brings to more versions."
    ] = None
    kept_before: Internal[tuple[str, ...]] = ()
    dismissed_grant: Internal[str | None] = None
    dismissed_grants: Internal[tuple[str, ...]] = ()  # by what else it might have been
    reveal_proposals: Annotated[
        tuple[ShowingProposal, ...], "Who says that everybody may know of it, until another does."
    ] = ()

    @property
    def finder(self) -> str:
        """Who counts as having found it: who is named, else who opened it (S1-20)."""
        return self.reporter or self.opened_by

    @property
    def kept_out(self) -> tuple[str, ...]:
        """Who counts as its finder, or says so of themselves (X-04).

        And who opened it, while they alone say who found it; where it follows another fix, those
        whom that kept out.
        """
        alone = self.reporter is not None and not self.finder_agreed and self.follows is None
        opener = (self.opened_by,) if alone else ()
        return distinct((self.finder, *opener, *self.own_words, *self.kept_before))

    @property
    def own_words(self) -> tuple[str, ...]:
        """Who says of themselves that they found it."""
        return tuple(each.reporter for each in self.finder_proposals if each.of_self)

    @property
    def merge_requests(self) -> tuple[str, ...]:
        """The ids of its merge requests: of those that carry it."""
        return tuple(part.merge_request for part in self.parts if not part.related)

    @property
    def related(self) -> tuple[str, ...]:
        """The ids of those that carry nothing of it, and are shown with it."""
        return tuple(part.merge_request for part in self.parts if part.related)

    @property
    def belonging(self) -> frozenset[str]:
        """The ids of all that is hidden with it."""
        return frozenset(part.merge_request for part in self.parts)
