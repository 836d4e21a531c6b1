"""What may become true of a change; stored for ever, so fields are only ever added."""

from __future__ import annotations

from dataclasses import dataclass

from domain.approval.approval import OpenRule
from domain.change.state import Link, Obligation, Outcome, Status, TemplateUse
from domain.content import Content
from domain.kernel import Text
from domain.passage import Passed
from domain.process.process import Path


@dataclass(frozen=True, slots=True)
class Opened:
    """A change was drafted under a playbook version, which it keeps."""

    kind: str
    path: Path
    playbook: str
    content: Content
    risk: str | None
    digest: str
    requester: str
    owner: str
    template: TemplateUse | None = None


@dataclass(frozen=True, slots=True)
class Edited:
    """The content became another one: a new revision, in draft, without votes."""

    content: Content
    risk: str | None
    revision: int
    digest: str


@dataclass(frozen=True, slots=True)
class Assigned:
    """Somebody else answers for the change."""

    owner: str


@dataclass(frozen=True, slots=True)
class Linked:
    """The change was tied to a record; a binding tie makes a new revision, as an edit does."""

    link: Link
    revision: int
    digest: str


@dataclass(frozen=True, slots=True)
class Unlinked:
    """A tie was cut; a binding one makes a new revision, as an edit does."""

    link: Link
    revision: int
    digest: str


@dataclass(frozen=True, slots=True)
class Submitted:
    """The change was put before the people of its first phase, whose rules are fixed now."""

    status: Status
    rules: tuple[OpenRule, ...]
    evidence: tuple[Passed, ...] = ()


@dataclass(frozen=True, slots=True)
class Preapproved:
    """A standard change met every condition of its approval in advance and is scheduled."""

    evidence: tuple[Passed, ...]


@dataclass(frozen=True, slots=True)
class Approved:
    """A person approved this revision under a rule, by right of a grant or seat (X-04)."""

    rule: str
    revision: int
    digest: str
    grant: str
    role: str
    behalf: str | None = None
    comment: Text | None = None
    role_grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A person rejected this revision under a rule, and said why."""

    rule: str
    revision: int
    digest: str
    grant: str
    role: str
    reason: Text
    behalf: str | None = None
    role_grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Abstained:
    """A person took no side under a rule."""

    rule: str
    revision: int
    digest: str
    grant: str
    role: str
    behalf: str | None = None
    comment: Text | None = None
    role_grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VoteWithdrawn:
    """A person took back their decision under a rule."""

    rule: str
    revision: int
    digest: str
    comment: Text | None = None


@dataclass(frozen=True, slots=True)
class QuorumFoundImpossible:
    """Too few people may fill a rule, whatever they decide: somebody must act."""

    rule: str
    needed: int
    lacking: int
    rivals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assessed:
    """The rules of assessing are met; those of authorizing are fixed now."""

    rules: tuple[OpenRule, ...]


@dataclass(frozen=True, slots=True)
class Authorized:
    """The rules of authorizing are met; the change is scheduled."""


@dataclass(frozen=True, slots=True)
class Returned:
    """Rejected: the change went back to draft, as a new revision."""

    rules: tuple[str, ...]
    revision: int
    digest: str


@dataclass(frozen=True, slots=True)
class Started:
    """The gate let the implementation begin; what counted then is kept."""

    evidence: tuple[Passed, ...]
    obligations: tuple[Obligation, ...] = ()


@dataclass(frozen=True, slots=True)
class GlassBreakRequested:
    """A person asked to go ahead without approval, and named who confirms it, by a grant."""

    second: str
    revision: int
    reason: Text
    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GlassBroken:
    """The second person confirmed: implementation begins without approval, and this is owed."""

    revision: int
    digest: str
    requested_by: str
    obligations: tuple[Obligation, ...]
    evidence: tuple[Passed, ...] = ()


@dataclass(frozen=True, slots=True)
class Finished:
    """The implementation is over, with this outcome."""

    outcome: Outcome
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Somebody who did not implement it looked back, by right of a grant."""

    findings: Text
    lessons: Text | None = None
    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ObligationFulfilled:
    """Something owed after the fact was done."""

    name: str
    write_up: Text | None = None


@dataclass(frozen=True, slots=True)
class ObligationRefused:
    """Too few approved after the fact, others said no or nothing; what follows is owed."""

    name: str
    follow_up: Obligation


@dataclass(frozen=True, slots=True)
class Closed:
    """The gate let the change be closed; what counted then is kept."""

    evidence: tuple[Passed, ...]


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The change will not be carried out."""

    reason: Text


@dataclass(frozen=True, slots=True)
class Held:
    """The change was put on hold."""

    reason: Text


@dataclass(frozen=True, slots=True)
class Resumed:
    """The hold ended; the change stands where its votes and rules still carry it."""

    status: Status


@dataclass(frozen=True, slots=True)
class TaskAdded:
    """Something has to be done before the change can close."""

    number: int
    title: Text
    assignee: str | None = None
    after: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskEdited:
    """A task was worded anew, or given to somebody else, or waits for other tasks."""

    number: int
    title: Text
    assignee: str | None = None
    after: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskCompleted:
    """A task was done."""

    number: int


@dataclass(frozen=True, slots=True)
class TaskReopened:
    """A task has to be done after all, or again."""

    number: int


@dataclass(frozen=True, slots=True)
class TaskDropped:
    """A task need not be done."""

    number: int
    reason: Text
