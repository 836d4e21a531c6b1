"""A change as it stands: its states, its content, what was decided, and what is still owed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from domain.approval.approval import OpenRule, Vote
from domain.content import Content
from domain.digest import content_digest
from domain.kernel import Internal, Text
from domain.process.process import Fulfilment, Path


class Status(StrEnum):
    """Where a change stands on its way from draft to closed."""

    DRAFT = "draft"
    ASSESSING = "assessing"
    AUTHORIZING = "authorizing"
    SCHEDULED = "scheduled"
    IMPLEMENTING = "implementing"
    REVIEW = "review"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    ON_HOLD = "on_hold"


class Outcome(StrEnum):
    """How the implementation of a change went."""

    SUCCESSFUL = "successful"
    WITH_ISSUES = "with_issues"
    UNSUCCESSFUL = "unsuccessful"
    ROLLED_BACK = "rolled_back"


class LinkKind(StrEnum):
    """What a change is tied to.

    A PREDECESSOR is a change that must be finished first, a COMMIT one that goes out with it.
    """

    REQUEST = "request"
    PROBLEM = "problem"
    INCIDENT = "incident"
    KNOWLEDGE = "knowledge"
    MERGE_REQUEST = "merge_request"
    PREDECESSOR = "predecessor"
    COMMIT = "commit"

    @property
    def binding(self) -> bool:
        """Whether it says what goes out or when, so that an approval covers it."""
        return self in (LinkKind.MERGE_REQUEST, LinkKind.PREDECESSOR, LinkKind.COMMIT)


class TaskStatus(StrEnum):
    """Whether a task is still to be done."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Link:
    """A tie to a record: an id of ours for merge requests and changes, else a name outside."""

    kind: LinkKind
    reference: str


@dataclass(frozen=True, slots=True)
class Since:
    """When the change was tied to a commit."""

    commit: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TemplateUse:
    """The template a standard change was opened from, and the number of its approved version."""

    template: str
    number: int


@dataclass(frozen=True, slots=True)
class Rejection:
    """The latest rejection: of which rule and revision, by whom, when, and why."""

    rule: str
    revision: int
    by: str
    at: datetime
    reason: Text


@dataclass(frozen=True, slots=True)
class Hold:
    """Why and by whom a change was put on hold, and where it stood."""

    status: Status
    by: str
    at: datetime
    reason: Text


@dataclass(frozen=True, slots=True)
class Glass:
    """A wish to break the glass for one revision, and when its second person confirmed it."""

    by: str
    second: str
    revision: int
    at: datetime
    reason: Text
    confirmed_at: datetime | None = None
    grant: Annotated[Internal[str | None], "By what right it was asked for."] = None
    number: Annotated[int, "Which wish about this revision it is; each replaces the last."] = 1
    before: Annotated[Internal[tuple[str, ...]], "Who was asked by the wishes before it."] = ()
    other_grants: Annotated[Internal[tuple[str, ...]], "By what else it might have been."] = ()


@dataclass(frozen=True, slots=True)
class Obligation:
    """What is owed after the fact, until when, and what settles it.

    An approval is settled as well once too few can give it, and then it is `refused`.
    """

    name: str
    title: str
    fulfilled_by: Fulfilment
    due: datetime
    rule: OpenRule | None = None
    source: str | None = None
    fulfilled_at: datetime | None = None
    fulfiller: str | None = None
    write_up: Text | None = None
    refused: Annotated[bool, "Whether too few approved it: others said no or nothing."] = False


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do before the change can close; `after` numbers the tasks it waits for."""

    number: int
    title: Text
    assignee: str | None = None
    after: tuple[int, ...] = ()
    status: TaskStatus = TaskStatus.OPEN
    settled_by: str | None = None
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Retrospect:
    """The post-implementation review: who looked back, what they found and what is learned."""

    by: str
    at: datetime
    findings: Text
    lessons: Text | None = None
    grant: Annotated[Internal[str | None], "By what right they looked back."] = None
    other_grants: Annotated[Internal[tuple[str, ...]], "By what else they might have."] = ()


@dataclass(frozen=True, slots=True)
class Naming:
    """Somebody answered for a change, or no longer did, because `by` named them or another."""

    owner: str
    by: str


@dataclass(frozen=True, slots=True)
class Change:
    """A change to a service, on its way from draft to closed.

    `rules` are the approval rules opened for this revision, in the phases reached so far, and
    `votes` the newest decisions on them; `voided` counts the votes that fell with earlier
    revisions. `afterwards` are votes on obligations. `alarms` names rules found impossible.
    `former_owners` answered for it once, and so never decide on it, but those whom others named
    alone, and who had no hand in it; `namings` tell who named whom. `answered` are those who did
    as the work began or was over.
    """

    id: str
    version: int
    status: Status
    kind: str
    path: Path
    playbook: str
    content: Content
    risk: str | None
    revision: int
    digest: str
    requester: str
    owner: str
    author: str
    opened_at: datetime
    contributors: tuple[str, ...] = ()
    template: TemplateUse | None = None
    links: tuple[Link, ...] = ()
    rules: Internal[tuple[OpenRule, ...]] = ()
    votes: Internal[tuple[Vote, ...]] = ()
    voided: int = 0
    alarms: tuple[str, ...] = ()
    rejection: Rejection | None = None
    hold: Hold | None = None
    glass: Glass | None = None
    obligations: tuple[Obligation, ...] = ()
    afterwards: Internal[tuple[Vote, ...]] = ()
    tasks: tuple[Task, ...] = ()
    implementers: tuple[str, ...] = ()
    started_at: datetime | None = None
    finished_at: datetime | None = None
    outcome: Outcome | None = None
    outcome_note: Text | None = None
    review: Retrospect | None = None
    cancelled_because: Text | None = None
    ended_at: datetime | None = None
    former_owners: tuple[str, ...] = ()
    commits: Internal[tuple[Since, ...]] = ()
    namings: Internal[tuple[Naming, ...]] = ()
    answered: Internal[tuple[str, ...]] = ()
    declined_owners: Annotated[
        tuple[str, ...], "Who said that they do not answer for it, though others had named them."
    ] = ()

    @property
    def held(self) -> Status | None:
        """Where it stands again once it is resumed; what was given up on hold stays so."""
        return self.hold.status if self.hold and self.status is Status.ON_HOLD else None

    @property
    def unfinished(self) -> bool:
        """Whether it has begun and is not over, on hold too: that takes nothing back."""
        begun = self.status is Status.IMPLEMENTING or self.started_at is not None
        return begun and self.finished_at is None and self.status not in ENDED


@dataclass(frozen=True, slots=True)
class Covered:
    """What the digest of a revision covers, and so what an approval names."""

    kind: str
    playbook: str
    template: TemplateUse | None
    content: Content
    risk: str | None
    links: tuple[Link, ...]
    revision: int


def without(links: Iterable[Link], tie: Link) -> tuple[Link, ...]:
    """The ties but for one."""
    return tuple(each for each in links if each != tie)


def digest_of(state: Change) -> str:
    """The digest of what people decide on: also the revision, so that no content comes back."""
    bound = tuple(link for link in state.links if link.kind.binding)
    covered = Covered(
        kind=state.kind,
        playbook=state.playbook,
        template=state.template,
        content=state.content,
        risk=state.risk,
        links=bound,
        revision=state.revision,
    )
    return content_digest(covered)


EDITABLE = frozenset((Status.DRAFT, Status.ASSESSING, Status.AUTHORIZING, Status.SCHEDULED))
"""Where content may change; beyond draft that voids the votes and returns the change to draft."""
DECIDABLE = frozenset((Status.ASSESSING, Status.AUTHORIZING, Status.SCHEDULED))
"""Where votes on the change itself are taken."""
UNDER_WAY = frozenset((Status.IMPLEMENTING, Status.REVIEW))
"""Where votes after the fact are taken."""
ENDED = frozenset((Status.CLOSED, Status.CANCELLED))
"""Where nothing happens any more."""
