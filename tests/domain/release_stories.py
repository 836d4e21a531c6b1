"""Releases of a small organisation, told from plan to close with every record they touch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from domain import inclusion, package
from domain.accord.aggregate import AGGREGATE as ACCORD
from domain.authority import Authority
from domain.belonging import everybody, in_the_open
from domain.change.aggregate import AGGREGATE as CHANGE
from domain.change.state import Change, Link, LinkKind
from domain.change.state import Status as ChangeStatus
from domain.deployment.aggregate import AGGREGATE as DEPLOYMENT
from domain.evidence import aggregate as evidence
from domain.evidence.aggregate import Outcome
from domain.grant.aggregate import Grant, Scope
from domain.kernel import Aggregate, Recorded, Then
from domain.merge_request.aggregate import AGGREGATE as MERGE_REQUEST
from domain.merge_request.state import MergeRequest
from domain.merge_request.state import Status as MergeStatus
from domain.release.aggregate import AGGREGATE as RELEASE
from domain.release.evidence.manifest import manifest
from domain.release.gate.gates import verdict
from domain.release.gate.question import Question
from domain.release.state import Judgement, Plan, Progress, Release
from domain.security_fix.aggregate import AGGREGATE as SECURITY_FIX
from domain.sync.aggregate import AGGREGATE as SYNC
from domain.verdict import Verdict
from domain.waiver.aggregate import AGGREGATE as WAIVER
from tests.domain.given import DAY, NOON, Known, asked_by, authority, known
from tests.domain.organisation import (
    ANN,
    CAB,
    CONTENT,
    OWEN,
    PEOPLE,
    SERVICE,
    Story,
    adopted,
    by_right,
    grant,
    person,
)

RITA, QUINN, OSKAR, PAULA, RAY, EVE, SAM = (f"user:{f'a{at}' * 16}" for at in range(1, 8))
CI, WATCH = "bot:" + "c1" * 16, "bot:" + "c2" * 16
PROJECT = "shop"
COMMIT, OTHER = "1" * 40, "2" * 40
PACKAGE = "sha256:" + "3" * 64
DATE = NOON + 29 * DAY + timedelta(hours=3)
"""A Tuesday on which the train goes, an hour after its time."""


def hold(who: str, role: str, scope: Scope = Scope.SERVICE, value: str = SERVICE) -> Grant:
    return replace(grant(who, role, scope, value), id=f"grant {role} {scope} {value} {who}")


CAST = (
    *(person(each) for each in (RITA, QUINN, OSKAR, PAULA, RAY, EVE, SAM, CI, WATCH)),
    hold(RITA, "role:release_manager"),
    hold(QUINN, "role:qa"),
    hold(PAULA, "role:product_owner"),
    hold(RAY, "role:release_reviewer"),
    hold(SAM, "role:software_engineer_in_test"),
    hold(EVE, "role:engineering_manager"),
    hold(EVE, "role:service_owner"),
    hold(CI, "role:ci_bot", Scope.PROJECT, PROJECT),
    hold(WATCH, "role:monitor", Scope.PROJECT, PROJECT),
)
PLAYBOOKS = tuple(adopted(name) for name in ("mozilla", "gitlab", "itsm_releases"))
PLAN = Plan(
    title="Push the shop forward",
    service=SERVICE,
    versions=("1.2.0",),
    project=PROJECT,
    notes="Faster carts.",
    rollback_plan="Deploy the version before.",
)


def merged(id: str = "m" * 32, **changes: Any) -> MergeRequest:
    """A merge request that was merged."""
    found = MergeRequest(
        id=id,
        version=3,
        status=MergeStatus.MERGED,
        kind="component",
        playbook="playbook gitaly",
        project=PROJECT,
        number=7,
        title="Faster carts",
        head=COMMIT,
        target="main",
        base=OTHER,
        revision=1,
        digest="sha256:" + "0" * 64,
        author=SAM,
        opened_at=NOON - 9 * DAY,
    )
    return replace(found, **changes)


def approved_change(id: str = "c" * 32, status: ChangeStatus = ChangeStatus.IMPLEMENTING) -> Change:
    """A change whose gate let it begin, tied to the commit that releases here are made of."""
    story = Story(CHANGE)
    story.subject = id
    story.ask(ANN, "open", playbook="itsm", kind="normal", content=CONTENT, owner=OWEN)
    links = (Link(LinkKind.COMMIT, COMMIT),)
    changed: Change = replace(story.state, status=status, links=links)
    return changed


@dataclass
class Office:
    """Everything on record, as people ask for things a minute apart."""

    at: datetime = NOON
    states: dict[tuple[type, str], Any] = field(default_factory=dict)
    told: list[Recorded] = field(default_factory=list)
    asked: int = 0
    knows: Callable[[Any], bool] = in_the_open
    sees: Callable[[str, Any], bool] = everybody
    rights: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The grants by which the policy lets somebody; where none are told it asks for none."""

    def __post_init__(self) -> None:
        self.learn(*PEOPLE, CAB, *CAST, *PLAYBOOKS, adopted("itsm"))

    def learn(self, *states: Any) -> None:
        """Let the world change: a state replaces the one with its type and id."""
        self.states |= {(type(each), each.id): each for each in states}

    @property
    def authority(self) -> Authority:
        return authority(*self.states.values())

    @property
    def records(self) -> Known:
        return known(*self.states.values())

    def ask(self, by: str, action: str, subject: str, /, **arguments: Any) -> list[Any]:
        """Let somebody ask for a command; fold what it yields, consequences too."""
        noun, _, verb = action.partition(".")
        events = self._run(by, (AGGREGATES[noun], verb), subject, arguments)
        for each in [each for each in events if isinstance(each, Then)]:
            self.follow(by, each, len(events))
        self.at += timedelta(minutes=1)
        return events

    def follow(self, by: str, then: Then, place: int = 1) -> None:
        """Let a consequence follow from a request that yielded so many events before it."""
        noun, _, verb = then.action.partition(".")
        self._run(by, (AGGREGATES[noun], verb), then.subject, dict(then.arguments), place)

    def _run(
        self,
        by: str,
        act: tuple[Aggregate[Any], str],
        subject: str,
        arguments: Any,
        place: int = 0,
    ) -> list[Any]:
        aggregate, verb = act
        run = next(each.run for each in aggregate.commands if each.name == verb)
        state = self.states.get((aggregate.state, subject))
        right = by_right(by, self.rights)
        context = asked_by(by, *self.states.values(), at=self.at, subject=subject, **right)
        context = replace(context, knows=self.knows, sees=self.sees)
        events: list[Any] = run(state, context, **arguments)
        for nth, event in enumerate(events, place):
            if not isinstance(event, Then):
                version = 1 + (state.version if state else 0)
                id = f"{subject}-{version}.{nth}"
                told = Recorded(event, id, subject, version, self.at, by)
                state = aggregate.evolve(state, told)
                self.told.append(told)
                self.learn(state)
        return events

    def fresh(self) -> str:
        """An id that nothing has yet."""
        self.asked += 1
        return f"{self.asked:032x}"

    def release(self, id: str) -> Release:
        found: Release = self.states[Release, id]
        return found

    def verdict(self, id: str, gate: str, at: datetime | None = None) -> Verdict:
        """What a gate says now, or at another time."""
        state, moment = self.release(id), at or self.at
        return verdict(state, gate, at=moment, authority=self.authority, records=self.records)

    def codes(self, id: str, gate: str, at: datetime | None = None) -> set[str]:
        """Why a gate is closed."""
        return set(self.verdict(id, gate, at).codes)

    def report(self, *names: str, outcome: Outcome = Outcome.PASSED, **more: Any) -> None:
        """Let the program that checks report of a commit."""
        told = {"project": PROJECT, "subject": COMMIT, "outcome": outcome} | more
        for name in names:
            by = told.pop("by", CI)
            self.ask(by, "evidence.report", self.fresh(), name=name, **told)

    def manifest(self, id: str) -> str:
        """What a release is to be compared with now."""
        state = self.release(id)
        return manifest(Question(state, self.at, self.authority, self.records))

    def compare(self, id: str, subject: str = COMMIT, **more: Any) -> None:
        """Let it report that a commit holds what a release contains, and nothing else."""
        self.report("contents", subject=subject, manifest=self.manifest(id), **more)

    def deploy(self, id: str, environment: str, by: str = RITA) -> None:
        """Deploy a release, with success."""
        self.ask(by, "release.deploy", id, environment=environment)
        self.settle(id, environment, Progress.SUCCEEDED)

    def settle(
        self,
        id: str,
        environment: str,
        progress: Progress,
        note: str | None = None,
        arrived: datetime | None = None,
    ) -> None:
        told: dict[str, Any] = {"environment": environment, "progress": progress, "note": note}
        told["arrived"] = arrived
        self.ask(RITA, "release.settle_deployment", id, **told)

    def finish_tasks(self, id: str, phase: str | None = None, by: str = RITA) -> None:
        """Do what is to be done, in its order."""
        for task in self.release(id).tasks:
            if task.status == "open" and phase in (None, task.phase):
                who = QUINN if task.role == "role:qa" else by
                self.ask(who, "release.complete_task", id, number=task.number)

    def attest(
        self, by: str, id: str, requirement: str, gate: str, judgement: str = "holds"
    ) -> None:
        said = Judgement(judgement)
        comment = None if said is Judgement.HOLDS else "It crashes."
        told = {"requirement": requirement, "gate": gate, "judgement": said, "comment": comment}
        self.ask(by, "release.attest", id, **told)


AGGREGATES: dict[str, Aggregate[Any]] = {
    each.name: each
    for each in (
        RELEASE,
        inclusion.AGGREGATE,
        evidence.AGGREGATE,
        WAIVER,
        package.AGGREGATE,
        DEPLOYMENT,
        SYNC,
        ACCORD,
        MERGE_REQUEST,
        SECURITY_FIX,
    )
}


def opened(
    office: Office, playbook: str = "mozilla", kind: str = "train", plan: Plan = PLAN, **more: Any
) -> str:
    """A release that Rita planned."""
    id = office.fresh()
    told = {"playbook": playbook, "kind": kind, "plan": plan, "scheduled": DATE} | more
    office.ask(RITA, "release.open", id, **told)
    return id


def filled(office: Office, *args: Any, **more: Any) -> str:
    """A release with a commit and a merged merge request, of a change where that is asked."""
    id = opened(office, *args, **more)
    office.learn(merged())
    told: dict[str, Any] = {"merge_requests": ("m" * 32,)}
    if "itsm_releases" in args:
        office.learn(approved_change())
        told["changes"] = ("c" * 32,)
    office.ask(RITA, "release.include", id, **told)
    for version in office.release(id).plan.versions:
        office.ask(RITA, "release.aim", id, release_version=version, commit=COMMIT)
    return id
