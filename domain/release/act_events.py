"""What becomes true of a release as it is carried out; stored for ever, fields are only added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.deployment.state import Covered
from domain.kernel import Text
from domain.passage import Passed
from domain.release.events import NewTask
from domain.release.state import Progress


@dataclass(frozen=True, slots=True)
class Tagged:
    """The gate let a version be tagged at its commit; what counted then is kept.

    `projects` says in which projects, as far as was known; None where it was not kept.
    """

    version: str
    name: str
    commit: str
    evidence: tuple[Passed, ...]
    projects: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class DeploymentStarted:
    """The gate let the release go to an environment; what counted then is kept."""

    environment: str
    cargo: str
    evidence: tuple[Passed, ...]
    deployment: str | None = None


@dataclass(frozen=True, slots=True)
class Overridden:
    """Somebody let it go somewhere by hand in spite of what `covers` tells, as that stood."""

    number: int
    environment: str
    revision: int
    reason: Text
    requirements: tuple[str, ...]
    evidence: tuple[str, ...]
    before: bool
    due: datetime
    covers: tuple[Covered, ...] = ()
    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Countersigned:
    """A second person stands by an override, by its number."""

    number: int
    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PublicationOverridden:
    """Somebody let it be published in spite of the locks that `covers` tells, as they stood."""

    revision: int
    reason: Text
    requirements: tuple[str, ...]
    evidence: tuple[str, ...]
    before: bool
    due: datetime
    covers: tuple[Covered, ...] = ()
    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PublicationCountersigned:
    """A second person stands by the override of its publication."""

    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeploymentCounted:
    """The gate let what stands in an environment count for the release; what counted is kept.

    `since` is when it came to stand there.
    """

    environment: str
    cargo: str
    evidence: tuple[Passed, ...]
    deployment: str
    since: datetime


@dataclass(frozen=True, slots=True)
class DeploymentSettled:
    """A deployment came to its end, or what it had brought was taken back.

    Of one by hand that succeeded, what counted then is kept. `arrived` is since when what is taken
    back stood there by hand, beneath a deployment kept here that came to nothing. `cancelled` are
    the changes in what stands there again that were cancelled since, as whoever said so knew.
    """

    environment: str
    progress: Progress
    note: Text | None = None
    evidence: tuple[Passed, ...] = ()
    arrived: datetime | None = None
    cancelled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Published:
    """The gate let the release be published, which ends its embargo; what counted is kept."""

    evidence: tuple[Passed, ...]


@dataclass(frozen=True, slots=True)
class RevealProposed:
    """Somebody says that everybody may know of it; it is shown once another does."""

    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Revealed:
    """Its embargo ended before it was published; everybody may know of it."""


@dataclass(frozen=True, slots=True)
class Announced:
    """The gate let it be announced, and there the announcement stands; what counted is kept."""

    location: str
    evidence: tuple[Passed, ...]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Somebody looked back: what was found, what users said, what is learned (S3-11)."""

    findings: Text
    feedback: Text | None = None
    lessons: Text | None = None


@dataclass(frozen=True, slots=True)
class Closed:
    """The gate let the release be closed; what counted then is kept."""

    evidence: tuple[Passed, ...]


@dataclass(frozen=True, slots=True)
class Aborted:
    """The release was given up."""

    reason: Text


# Tasks.


@dataclass(frozen=True, slots=True)
class TaskAdded:
    """Something more is to be done."""

    task: NewTask


@dataclass(frozen=True, slots=True)
class TaskAssigned:
    """Somebody is to do a task, or nobody in particular."""

    number: int
    assignee: str | None


@dataclass(frozen=True, slots=True)
class TaskCompleted:
    """A task is done."""

    number: int


@dataclass(frozen=True, slots=True)
class TaskDropped:
    """A task need not be done, for this reason."""

    number: int
    reason: Text


@dataclass(frozen=True, slots=True)
class TaskReopened:
    """A task has to be done after all."""

    number: int
