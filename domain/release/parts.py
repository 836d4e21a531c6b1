"""What a release is made of: its plan, targets, tags, deliveries, attestations and tasks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from domain.deployment.state import Override
from domain.kernel import Internal, Text
from domain.passage import Passed
from domain.process.release import Strategy


class Purpose(StrEnum):
    """What a release is for, in the order of priority: availability and security first (S0-05)."""

    AVAILABILITY = "availability"
    SECURITY = "security"
    ROUTINE = "routine"

    @property
    def rank(self) -> int:
        """Its place in that order, from 0."""
        return tuple(Purpose).index(self)


class Progress(StrEnum):
    """How a deployment of a release stands."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ROLLED_BACK = "rolled_back"


class Judgement(StrEnum):
    """What somebody who attests says: that it holds, or that something stands against it."""

    HOLDS = "holds"
    FAILS = "fails"


class TaskStatus(StrEnum):
    """Whether a task is still to be done."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a release says of itself, edited and approved as one."""

    title: Annotated[Text, "One line that names the release."]
    service: Annotated[str, "The service that is released."]
    versions: Annotated[tuple[str, ...], "The versions, newest first, in the kind's form."]
    project: Annotated[str | None, "The project its commits and tags are in."] = None
    series: Annotated[str | None, "The series or line the versions belong to, such as 17.5."] = None
    parent_release: Annotated[str | None, "The release it derives from."] = None
    depends_on: Annotated[tuple[str, ...], "The releases that have to go first (S3-35)."] = ()
    purpose: Annotated[Purpose, "What it is for, which gives its priority."] = Purpose.ROUTINE
    strategy: Annotated[Strategy | None, "How it reaches everybody."] = None
    objectives: Annotated[Text, "Scope, objectives and who is told what and when."] = ""
    notes: Annotated[Text, "The release notes."] = ""
    configuration: Annotated[Text, "The configuration changes it needs (S4-13)."] = ""
    deployment_plan: Annotated[Text, "How it is deployed and verified, step by step."] = ""
    rollback_plan: Annotated[Text, "How it is taken back when it does not work."] = ""
    short_circuit: Annotated[Text | None, "Why it cannot wait for its date (S4-16)."] = None


@dataclass(frozen=True, slots=True)
class Target:
    """What a version is made of: its commit, and the digest of the package built from it."""

    version: str
    commit: str | None = None
    package: str | None = None

    def is_made_of(self, other: Target) -> bool:
        """Whether both are of one commit, or of one package, whatever their versions are."""
        same = self.commit is not None and self.commit == other.commit
        return same or (self.package is not None and self.package == other.package)


@dataclass(frozen=True, slots=True)
class Withheld:
    """What stood for the contents before things in it were hidden, and what left it so."""

    contents: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Former:
    """What a hidden release listed, was made of and was of before: late reports still name it."""

    listings: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    projects: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Tag:
    """A version that was tagged: under which name, at which commit, by whom and when."""

    version: str
    name: str
    commit: str
    by: str
    at: datetime
    projects: Annotated[
        tuple[str, ...] | None, "Where it stands, as far as was known; null where it was not kept."
    ] = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """The latest deployment of the release to an environment, and what exactly was deployed.

    `deployment` is the one kept here, whose end settles it; without it somebody says how it ended.
    """

    environment: str
    cargo: str
    progress: Progress
    started_by: str
    started_at: datetime
    settled_by: str | None = None
    settled_at: datetime | None = None
    deployment: str | None = None
    counted_at: Annotated[
        datetime | None, "When what stands there last counted for what the release carries."
    ] = None


@dataclass(frozen=True, slots=True)
class PlaceOverride:
    """Somebody let the release go somewhere by hand in spite of what the environment says.

    It is for this revision of it. Once it set off there by that, it lets nothing else pass, and
    nothing more once that has ended; where another takes its place before, it is told no more.
    """

    number: Annotated[int, "Which of the release's overrides it is, from 1."]
    environment: Annotated[str, "The environment, in the playbook's words."]
    revision: Annotated[int, "The revision of the release that it is for."]
    override: Annotated[Override, "Who let it go on, in spite of what, why, and who signed that."]
    set_off_at: Annotated[datetime | None, "When the release set off there; null before."] = None
    over_at: Annotated[
        datetime | None, "When that had ended, from when on it lets nothing pass; null before."
    ] = None
    evidence: Internal[tuple[Passed, ...]] = ()
    planners: Internal[tuple[str, ...]] = ()

    @property
    def owing(self) -> bool:
        """Whether something went past by it, and no second person has signed that."""
        return self.override.used_at is not None and self.override.countersigned_at is None


@dataclass(frozen=True, slots=True)
class Entered:
    """That a phase was entered, when, and with which cargo."""

    phase: str
    at: datetime
    cargo: str = ""


@dataclass(frozen=True, slots=True)
class Stood:
    """A span in which what was brought by hand was in an environment, by its versions then.

    Without `until` it stands there, or whatever came over it does. `cargo` is what it carried then.
    """

    environment: str
    label: str
    since: datetime
    until: datetime | None = None
    cargo: str = ""
    began: datetime | None = None  # when that set out for there


@dataclass(frozen=True, slots=True)
class Duty:
    """An office somebody holds for this release, in the playbook's words."""

    name: Annotated[str, "The duty, in the playbook's words."]
    person: Annotated[str, "Who holds it."]


@dataclass(frozen=True, slots=True)
class Move:
    """The latest move of the date: from when, to when, by whom, and why (S1-09)."""

    before: datetime | None
    after: datetime | None
    by: str
    at: datetime
    reason: Text


@dataclass(frozen=True, slots=True)
class RepositoryTag:
    """A repository that has to be released as well, and the tag entered for it (S4-02, S4-03).

    `unneeded` says that nothing changed there, so that no tag is waited for.
    """

    repository: str
    tag: str | None = None
    unneeded: bool = False
    entered_by: str | None = None
    entered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attestation:
    """What somebody said of a requirement at a gate, by right of a grant (X-04).

    It counts for what the release was then: `cargo` is what it carries, `digest` all it says. That
    something fails counts as long as the versions are `made` of what they were made of.
    """

    requirement: str
    gate: str
    judgement: Judgement
    person: str
    role: str
    grant: str
    cargo: str
    digest: str
    at: datetime
    id: str
    comment: Text | None = None
    made: Annotated[tuple[Target, ...], "What each version was made of as it was said."] = ()
    service: Annotated[str | None, "The service that the release was of as it was said."] = None
    project: Annotated[str | None, "The project that it named then."] = None
    other_grants: Internal[tuple[str, ...]] = ()  # by which else they might have said it


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do for the release, in a phase; `after` numbers the tasks it waits for.

    `name` is the playbook's, None for one that was added. `due_days` counts from the scheduled
    date, and `due` is when that is.
    """

    number: int
    title: Text
    phase: str
    name: str | None = None
    role: str | None = None
    assignee: str | None = None
    due_days: int | None = None
    due: datetime | None = None
    after: tuple[int, ...] = ()
    status: TaskStatus = TaskStatus.OPEN
    settled_by: str | None = None
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    """The latest rejection: of which rule and revision, by whom, when, and why."""

    rule: str
    revision: int
    by: str
    at: datetime
    reason: Text


@dataclass(frozen=True, slots=True)
class Baseline:
    """How a requirement stood when the release was approved, by the initial of each status.

    One letter for each gate of the kind, in their order: n, s, u, w, b, e, or - where it is not
    asked.
    """

    requirement: str
    statuses: str


@dataclass(frozen=True, slots=True)
class Retrospect:
    """The review after the release: what was found, what users said, what is learned (S3-11)."""

    by: str
    at: datetime
    findings: Text
    feedback: Text | None = None
    lessons: Text | None = None
    seen: Internal[tuple[str, ...]] = ()  # where it had been by then
