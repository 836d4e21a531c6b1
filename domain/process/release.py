"""A kind of release as data: its phases, environments, requirements and approvals."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from domain.approval.approval import Rule
from domain.lock.state import Countersign
from domain.process.support import Support

TAG: Final = "tag"
DEPLOY: Final = "deploy"
PUBLISH: Final = "publish"
ANNOUNCE: Final = "announce"
CLOSE: Final = "close"
ENTER_PHASE: Final = "enter_phase"
ACTS: Final = (TAG, DEPLOY, PUBLISH, ANNOUNCE, CLOSE, ENTER_PHASE)
"""The guarded acts: `deploy:staging` by environment, `enter_phase:backports` by phase."""


class ReleaseStatus(StrEnum):
    """Where a release stands; playbooks give these fixed meanings names of their own (S3-22)."""

    PLANNING = "planning"
    BUILDING = "building"
    TESTING = "testing"
    APPROVING = "approving"
    DEPLOYING = "deploying"
    REVIEWING = "reviewing"
    CLOSED = "closed"
    ABORTED = "aborted"


class EnvironmentKind(StrEnum):
    """What an environment is for, which says what counts as tested and what as live."""

    TEST = "test"
    STAGING = "staging"
    PRODUCTION = "production"


class Strategy(StrEnum):
    """How a deployment reaches everybody (S3-10)."""

    ROLLING = "rolling"
    CANARY = "canary"
    BLUE_GREEN = "blue_green"


class Matter(StrEnum):
    """The closed set of what a requirement may be about; what cannot be evaluated blocks (X-05).

    EVIDENCE: all of `evidence` passed for every version's commit or package. ATTESTATION: somebody
    with `role` said that it holds. APPROVAL: the `rules` are met. CHANGES_PRESENT: something is
    included. CHANGES_AUTHORISED: everything included is authorised. CHANGES_DEPLOYED: everything
    included has reached `environment`, but for backports, which get there as what they were ported
    from. BACKPORTS: every backport is to the branch of one of the versions, each version has one,
    and all of `evidence` passed for the head of each. SINGLE_CHANGE: one thing is included beside
    its backports. FIXES_LINKED: the merge requests of the security fixes linked to it are included,
    and those of no others. TAGGED: every version is tagged as it is. DEPLOYED: this very release is
    in `environment`; DWELL: for `hours`. ROLLBACK_PLAN, NOTES, STRATEGY: it is written down. TASKS:
    those up to `phase` are done. PHASE: the release has reached `phase`. SCHEDULED: the scheduled
    time has come. DEPENDENCIES: the releases it waits for went first. REPOSITORIES: the tags of
    other repositories are entered. HEALTH: monitors call `environment` healthy. HOLIDAY: the day in
    `zone` is no holiday. REVIEW: it was looked back on. ANNOUNCED: it was announced. SYNCED:
    branches and tags are reported to be the same on both sides. AGREED: every party agreed to an
    `accord` about it. SUPPORTED: its versions are those of the support policy, others by `accord`.
    CYCLE: `cycle` lets it. WATCHED: what brought it works. TRACED: it is as listed. PUBLISHED: out.
    """

    EVIDENCE = "evidence"
    ATTESTATION = "attestation"
    APPROVAL = "approval"
    CHANGES_PRESENT = "changes_present"
    CHANGES_AUTHORISED = "changes_authorised"
    CHANGES_DEPLOYED = "changes_deployed"
    BACKPORTS = "backports"
    SINGLE_CHANGE = "single_change"
    FIXES_LINKED = "fixes_linked"
    TAGGED = "tagged"
    DEPLOYED = "deployed"
    DWELL = "dwell"
    ROLLBACK_PLAN = "rollback_plan"
    NOTES = "notes"
    STRATEGY = "strategy"
    TASKS = "tasks"
    PHASE = "phase"
    SCHEDULED = "scheduled"
    DEPENDENCIES = "dependencies"
    REPOSITORIES = "repositories"
    HEALTH = "health"
    HOLIDAY = "holiday"
    REVIEW = "review"
    CYCLE = "cycle"
    ANNOUNCED = "announced"
    AGREED = "agreed"
    SUPPORTED = "supported"
    SYNCED = "synced"
    WATCHED = "watched"
    TRACED = "traced"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class Environment:
    """A place that releases are deployed to, and when what is overridden there is signed."""

    name: str
    title: str
    kind: EnvironmentKind
    countersign: Countersign = Countersign.AFTERWARDS


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task that comes with the kind: whose it is, when it is due, what it waits for.

    `due_days` counts from the scheduled date, before it when negative. `after` names tasks.
    """

    name: str
    title: str
    role: str | None = None
    due_days: int | None = None
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PhaseRow:
    """A phase: the fixed meaning it has, its tasks, and how early it may begin.

    `opens_days` counts from the scheduled date, before it when negative; none means any time.
    """

    name: str
    title: str
    status: ReleaseStatus
    opens_days: int | None = None
    tasks: tuple[TaskRow, ...] = ()
    source: str | None = None


@dataclass(frozen=True, slots=True)
class RequirementRow:
    """One row of the matrix: what it is about, and the guarded acts that need it.

    `gates` holds `enter_phase:PHASE`, `tag`, `deploy:ENVIRONMENT`, `publish`, `announce`, `close`.
    `waivable_by` may waive it. The rest is for what it is about: `reporter` has the role whose
    evidence counts, `every` that nothing else that was reported may have failed (S1-47),
    `only_if_failed` the evidence whose failure makes an attestation needed, `in_advance` that which
    stands for the approval while all of it passes (S3-14), `independent` keeps out whoever may not
    approve the release, `quality` marks the result of QA (S0-18), `since_last` that something went
    out with none of the kind before (S4-11), `by_change` that changes answer for all in it (S3-34),
    `feedback` that users were heard (S3-11), `merge_requests` which PLAYBOOK/KIND it takes (S1-16).
    """

    name: str
    title: str
    about: Matter
    gates: tuple[str, ...]
    evidence: tuple[str, ...] = ()
    reporter: str | None = None
    every: bool = False
    role: str | None = None
    scope: str | None = None
    only_if_failed: str | None = None
    independent: bool = False
    rules: tuple[str, ...] = ()
    in_advance: tuple[str, ...] = ()
    environment: str | None = None
    hours: int | None = None
    phase: str | None = None
    quality: bool = False
    holidays: tuple[str, ...] = ()
    zone: str | None = None
    cycle: str | None = None
    since_last: bool = False
    by_change: bool = False
    feedback: bool = False
    merge_requests: tuple[str, ...] = ()
    accord: str | None = None
    waivable_by: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class StateName:
    """What a process calls one of the fixed meanings."""

    status: ReleaseStatus
    title: str


class ResourcePurpose(StrEnum):
    """What is found at a resource.

    READ: something to read. DISCUSS: a channel to talk in. ANNOUNCE: one in which news is told.
    """

    READ = "read"
    DISCUSS = "discuss"
    ANNOUNCE = "announce"


@dataclass(frozen=True, slots=True)
class Resource:
    """An entry of the resource directory: where something about the process is found (S0-30).

    `purpose` tells channels for discussion and for announcements from what is to be read (S0-22).
    """

    name: str
    title: str
    location: str
    purpose: ResourcePurpose = ResourcePurpose.READ


@dataclass(frozen=True, slots=True)
class ReleaseKind:
    """One kind of release. `aliases` are what other vocabularies call it (S0-31).

    `version_form` says what its versions look like, `parent` the kind that its releases derive
    from (S0-03), `duties` the offices somebody holds for a release. `environments` are in the order
    of promotion. `support` tells the lines that fixes go to, and their branches. Once
    `cut_off` is entered nothing more is included (S1-11). With `embargo` its releases are hidden
    from all who are not cleared until they are published. With `spans_services` they carry changes
    of any service, and else only those of their own. With `independent` it also takes others than
    who had a hand in what a release contains to approve it, to attest what takes somebody
    independent, and to waive. `activity` is what locks that spare activities know its releases by.
    """

    name: str
    title: str
    version_form: str
    environments: tuple[str, ...]
    phases: tuple[PhaseRow, ...]
    requirements: tuple[RequirementRow, ...]
    rules: tuple[Rule, ...] = ()
    strategies: tuple[Strategy, ...] = ()
    duties: tuple[str, ...] = ()
    states: tuple[StateName, ...] = ()
    resources: tuple[Resource, ...] = ()
    aliases: tuple[str, ...] = ()
    parent: str | None = None
    source: str | None = None
    support: Support | None = None
    cut_off: str | None = None
    embargo: bool = False
    spans_services: bool = False
    independent: bool = False
    activity: str | None = None

    @property
    def gates(self) -> tuple[str, ...]:
        """Every gate of the kind, in the order in which a release passes them."""
        deploys = tuple(f"{DEPLOY}:{each}" for each in self.environments)
        used = {gate for row in self.requirements for gate in row.gates}
        phases = tuple(f"{ENTER_PHASE}:{each.name}" for each in self.phases)
        every = (*phases, TAG, *deploys, PUBLISH, ANNOUNCE, CLOSE)
        return tuple(each for each in every if each in used)

    def rows(self, gate: str) -> tuple[RequirementRow, ...]:
        """The requirements of a gate, in the playbook's order."""
        return tuple(row for row in self.requirements if gate in row.gates)

    def row(self, name: str) -> RequirementRow | None:
        """The requirement of this name."""
        return next((row for row in self.requirements if row.name == name), None)

    def phase(self, name: str) -> PhaseRow | None:
        """The phase of this name."""
        return next((phase for phase in self.phases if phase.name == name), None)

    def titled(self, status: ReleaseStatus) -> str:
        """What the process calls a state."""
        return next((each.title for each in self.states if each.status is status), status.value)


@dataclass(frozen=True, slots=True)
class ReleaseProcess:
    """What a playbook says of releases."""

    environments: tuple[Environment, ...] = ()
    kinds: tuple[ReleaseKind, ...] = ()

    def kind(self, name: str) -> ReleaseKind | None:
        """The kind of release of this name, or that another vocabulary calls so."""
        named = (kind for kind in self.kinds if name == kind.name)
        aliased = (kind for kind in self.kinds if name in kind.aliases)
        return next(named, None) or next(aliased, None)

    def environment(self, name: str) -> Environment | None:
        """The environment of this name."""
        return next((each for each in self.environments if each.name == name), None)


NO_RELEASES: Final = ReleaseProcess()
"""What a playbook without releases says of them."""
