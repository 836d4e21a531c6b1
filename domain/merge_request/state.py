"""A merge request as it stands: its head, who had a hand in it, and who signed it off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from domain.approval.approval import OpenRule, Vote
from domain.digest import content_digest
from domain.kernel import Internal, Text, distinct


class Status(StrEnum):
    """Where a merge request stands."""

    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Head:
    """What is to be merged into what: a sign-off names exactly this."""

    project: str
    number: int
    head: str
    target: str
    base: str


@dataclass(frozen=True, slots=True)
class TakenOff:
    """That it was taken off a security fix, and by whom."""

    fix: str
    by: str


@dataclass(frozen=True, slots=True)
class Embargo:
    """A time in which it was hidden, and at the end of which everybody could read all of it."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class RevealProposal:
    """That somebody says everybody may know of it, as it stood in a revision."""

    proposed_by: Annotated[str, "Who says so."]
    proposed_at: Annotated[datetime, "When they said so."]
    revision: Annotated[int, "Of which revision: it says nothing of another."]
    grant: Internal[str | None] = None
    other_grants: Internal[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True)
class AuthorshipDecline:
    """That somebody says they wrote nothing of it, though others named them."""

    declined_by: Annotated[str, "Who says so."]
    declined_at: Annotated[datetime, "When they said so."]
    agreed_by: Annotated[str | None, "Who agreed, as a second person; null before."] = None
    agreed_at: Annotated[datetime | None, "When it was agreed, from when on it counts."] = None
    contributors: Annotated[
        Internal[tuple[str, ...]], "Accounts and programs of theirs that others named."
    ] = ()
    others: Annotated[
        Internal[tuple[str, ...]], "Who else owned those programs, and does not say so."
    ] = ()
    grant: Annotated[Internal[str | None], "By what right it was agreed to."] = None
    other_grants: Annotated[Internal[tuple[str, ...]], "By what else it might have been."] = ()

    @property
    def accounts(self) -> frozenset[str]:
        """By which accounts they wrote nothing of it, as they say."""
        return frozenset((self.declined_by, *self.contributors))


@dataclass(frozen=True, slots=True)
class MergeRequest:
    """A merge request of a project, under the rules of a kind of its pinned playbook.

    `revision` rises with every push and retarget, also back to an earlier head, and `digest`
    covers it, so that no sign-off comes back with a head. `rules` are those opened for this
    revision and `votes` the sign-offs on it; `voided` counts those that fell with earlier ones.
    `embargoed` hides it until it is revealed: from everybody without clearance but who wrote or
    opened it, who carries it on and is told nothing else of what is hidden. `excluded` are those
    who may sign nothing of it off for what they have to do with its security fix, and those whom an
    earlier one of it kept out, until it is shown; `kept_out` are the former. What is `related` to a
    fix carries nothing of it, and is shown with it. `embargoes` are the times in which it was
    hidden before it was shown and then hidden again. `acted` are those who opened,
    pushed to or retargeted it themselves.
    """

    id: str
    version: int
    status: Status
    kind: str
    playbook: str
    project: str
    number: int
    title: Text
    head: str
    target: str
    base: str
    revision: int
    digest: str
    author: str
    opened_at: datetime
    contributors: tuple[str, ...] = ()
    rules: Internal[tuple[OpenRule, ...]] = ()
    votes: Internal[tuple[Vote, ...]] = ()
    voided: int = 0
    alarms: tuple[str, ...] = ()
    merged_by: str | None = None
    merged_at: datetime | None = None
    merge_commit: str | None = None
    closed_because: Text | None = None
    embargoed: bool = False
    revealed_at: datetime | None = None
    assignee: Annotated[str | None, "Who is to take it from here."] = None
    fix: Annotated[str | None, "The security fix it is part of."] = None
    excluded: Internal[tuple[str, ...]] = ()
    concealed_at: Annotated[datetime | None, "When it was hidden that had been shown."] = None
    reverted_by: str | None = None
    reverted_at: datetime | None = None
    reverted_because: Text | None = None
    earlier_heads: Internal[tuple[str, ...]] = ()
    opened_by: Internal[str] = ""
    retargeted_at: Internal[datetime | None] = None
    taken_off: Internal[tuple[TakenOff, ...]] = ()
    concealed_by: Internal[str | None] = None
    related: Internal[str | None] = None
    reveal_proposals: Annotated[
        tuple[RevealProposal, ...], "Who says that everybody may know of it, until another does."
    ] = ()
    rested_on: Annotated[
        Internal[tuple[str, ...]], "The votes that counted as it was merged, by their ids."
    ] = ()
    embargoes: Internal[tuple[Embargo, ...]] = ()
    acted: Internal[tuple[str, ...]] = ()
    kept_out: Internal[tuple[str, ...]] = ()
    declines: Annotated[
        tuple[AuthorshipDecline, ...], "Who says that they wrote nothing of it, and who agreed."
    ] = ()

    @property
    def hands(self) -> tuple[str, ...]:
        """Its author and contributors of every revision, but who wrote nothing, as two said.

        Whether that counts still is for who knows the people (`declining.weighed`). In the place of
        a program of theirs stands who else owned it, and does not say so.
        """
        left = (who for each in self.declines if each.agreed_at for who in each.others)
        named = distinct((self.author, *self.contributors, *left))
        return tuple(each for each in named if each not in self.freed)

    @property
    def freed(self) -> frozenset[str]:
        """By which accounts nothing of it was written, as two said."""
        said = (each.accounts for each in self.declines if each.agreed_at)
        return frozenset[str]().union(*said)

    @property
    def writer(self) -> str:
        """Its author, who carries it on while it is hidden; nobody once two freed them of that."""
        return self.author if self.author in self.hands else ""

    @property
    def freed_at(self) -> datetime | None:
        """When its author was freed of having written it; null while they count as who did."""
        own = [e.agreed_at for e in self.declines if e.agreed_at and self.author in e.accounts]
        return None if self.writer else min(own, default=None)

    @property
    def commits(self) -> tuple[str, ...]:
        """Its head, what it was merged as, and the heads that it had before."""
        merged = (self.merge_commit,) if self.merge_commit else ()
        return (self.head, *merged, *self.earlier_heads)

    @property
    def shown_as_it_stands(self) -> bool:
        """Whether all could see where it stands: it is in the open, or was merged before it hid.

        What is merged never moves, so that nothing is told of what became of it in secret.
        """
        merged, hidden = self.merged_at, self.concealed_at
        return not self.embargoed or bool(merged and hidden and merged <= hidden)

    @property
    def hidden_since(self) -> datetime:
        """When it was hidden for the last time: from the first, or after it was in the open."""
        return self.concealed_at or self.opened_at

    @property
    def given_up(self) -> bool:
        """Whether nothing of it goes out: it was closed, or taken back after it was merged."""
        return self.status is Status.CLOSED or self.reverted_at is not None


@dataclass(frozen=True, slots=True)
class Covered:
    """What the digest covers."""

    kind: str
    playbook: str
    head: Head
    revision: int


def digest_of(kind: str, playbook: str, head: Head, revision: int) -> str:
    """The digest that sign-offs are bound to: also project and number, so none is shared."""
    return content_digest(Covered(kind, playbook, head, revision))


def head_of(state: MergeRequest) -> Head:
    """What is to be merged into what."""
    return Head(state.project, state.number, state.head, state.target, state.base)
