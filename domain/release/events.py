"""What may become true of a release; stored for ever, so fields are only ever added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.inclusion import ItemKind
from domain.kernel import Internal, Text
from domain.passage import Passed
from domain.process.release import ReleaseStatus
from domain.release.state import Duty, Plan, Target


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task as it comes into a release."""

    number: int
    title: Text
    phase: str
    name: str | None = None
    role: str | None = None
    assignee: str | None = None
    due_days: int | None = None
    after: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """Something that goes in or out of a release."""

    kind: ItemKind
    reference: str
    covered_by: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A release was planned under a playbook version, which it keeps."""

    kind: str
    playbook: str
    phase: str
    status: ReleaseStatus
    plan: Plan
    scheduled: datetime | None
    digest: str
    tasks: tuple[NewTask, ...] = ()
    duties: tuple[Duty, ...] = ()
    copied_from: str | None = None
    embargoed: bool = False
    contents: Internal[str] = ""
    """What its contents begin with: where it hides, what nobody can guess."""
    grant: str | None = None
    """By what right one that hides was opened."""
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edited:
    """The plan became another one: a new revision, without votes."""

    plan: Plan
    revision: int
    digest: str


@dataclass(frozen=True, slots=True)
class Rescheduled:
    """The date was moved, for this reason: a new revision (S1-09)."""

    scheduled: datetime | None
    reason: Text
    revision: int
    digest: str


@dataclass(frozen=True, slots=True)
class Aimed:
    """It is known what a version is made of: a new revision."""

    target: Target
    revision: int
    digest: str


@dataclass(frozen=True, slots=True)
class Included:
    """Items were put in: a new revision. `contents` is the digest of everything moved so far."""

    items: tuple[Item, ...]
    contents: str
    revision: int
    digest: str


@dataclass(frozen=True, slots=True)
class Excluded:
    """Items were taken out: a new revision."""

    items: tuple[Item, ...]
    contents: str
    reason: Text
    revision: int
    digest: str


@dataclass(frozen=True, slots=True)
class DutiesAssigned:
    """Other people hold the duties of the release."""

    duties: tuple[Duty, ...]


@dataclass(frozen=True, slots=True)
class RepositoryAwaited:
    """Another repository may have to be released as well (S4-02)."""

    repository: str


@dataclass(frozen=True, slots=True)
class RepositoryTagEntered:
    """The tag of another repository was entered by hand (S4-03)."""

    repository: str
    tag: str


@dataclass(frozen=True, slots=True)
class RepositoryFoundUnchanged:
    """Nothing changed in another repository, so that no tag of it is needed."""

    repository: str
    reason: Text


@dataclass(frozen=True, slots=True)
class PlaybookTaken:
    """An open release went over to another version of its playbook, for this reason."""

    playbook: str
    former: str
    number: int
    reason: Text
    revision: int
    digest: str
    tasks: tuple[NewTask, ...] = ()


@dataclass(frozen=True, slots=True)
class PhaseEntered:
    """The release entered its next phase; what counted for its gate, if it has one, is kept."""

    phase: str
    status: ReleaseStatus
    evidence: tuple[Passed, ...] = ()
