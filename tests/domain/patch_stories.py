"""Patch releases of a small organisation: fixes, their backports, and where everything stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from domain.accord.state import Terms
from domain.grant.aggregate import Scope
from domain.inclusion import Inclusion, ItemKind, item_id
from domain.merge_request.state import MergeRequest, Status
from domain.release.parts import Plan, Progress
from domain.release.state import Release
from domain.rotation.state import Frequency, Layer, LayerInForce, Rotation
from domain.rotation.state import Status as Running
from domain.security_fix.state import Part, SecurityFix
from domain.security_fix.state import Status as FixStatus
from domain.stable_line.state import StableLine
from domain.sync.state import Ref, RefKind
from tests.domain.given import DAY, NOON
from tests.domain.organisation import SERVICE, adopted, person
from tests.domain.release_stories import (
    DATE,
    PLAN,
    PROJECT,
    QUINN,
    RITA,
    SAM,
    Office,
    filled,
    hold,
    merged,
    opened,
)

APPSEC, BOT = "user:" + "a9" * 16, "bot:" + "b7" * 16
FINDER = "user:" + "f3" * 16
"""Who found what is fixed, also of application security."""
VERSIONS = ("17.6.1", "17.5.3", "17.4.5")
BRANCHES = ("17-6-stable-ee", "17-5-stable-ee", "17-4-stable-ee")
COMMITS = {version: f"{at}" * 40 for at, version in enumerate(VERSIONS, start=4)}
PATCH = replace(PLAN, title="Patch", versions=VERSIONS, notes="Fixes a hole.", series=None)
PIPELINE = "9" * 40
BOOK = "playbook planned_patch"
REGIONS = ("east", "west")
MANAGERS = ("user:" + "e1" * 16, "user:" + "e2" * 16)


def patch_office() -> Office:
    """The office, with who takes part in patches, all cleared, and the playbooks for them."""
    office = Office(knows=lambda _record: True)
    office.learn(
        person(APPSEC),
        person(BOT),
        person(FINDER),
        hold(APPSEC, "role:appsec", Scope.PROJECT, PROJECT),
        hold(FINDER, "role:appsec", Scope.PROJECT, PROJECT),
        hold(BOT, "role:release_bot"),
        adopted("planned_patch"),
        adopted("critical_patch"),
        *(line(each) for each in ("17.6", "17.5", "17.4", "17.3")),
    )
    return office


def line(name: str) -> StableLine:
    """A line of the product that came out before everything told here."""
    return StableLine(f"line {name}", 1, SERVICE, name, NOON - 90 * DAY, RITA, NOON - 90 * DAY)


def on_duty(office: Office, who: tuple[str, ...] = MANAGERS) -> None:
    """Put release managers on duty, one for each region."""
    office.learn(*(person(each) for each in who))
    layers = tuple(
        LayerInForce(
            Layer(f"{at}", (each,), "2026-01-01T00:00", "UTC", Frequency.WEEKLY, region=at),
            NOON - 60 * DAY,
        )
        for at, each in zip(REGIONS, who, strict=False)
    )
    rotation = Rotation(
        id="rotation",
        version=1,
        status=Running.ACTIVE,
        name="Release managers",
        service=SERVICE,
        purpose=None,
        regions=REGIONS[: len(who)],
        handles=(),
        escalation=(),
        established_by=RITA,
        established_at=NOON - 60 * DAY,
        layers=layers,
    )
    office.learn(rotation)


def accord(office: Office, by: str, subject: str, kind: str, **more: Any) -> str:
    """Terms that somebody proposed."""
    id = office.fresh()
    terms = Terms("As we said.", **more)
    playbook = "critical_patch" if kind == "timeline" else "planned_patch"
    told = {"playbook": playbook, "kind": kind, "subject": subject, "terms": terms}
    office.ask(by, "accord.propose", id, **told)
    return id


def request(id: str, target: str, **changes: Any) -> MergeRequest:
    """A merge request that is open, with a head of its own."""
    told: dict[str, Any] = {"status": Status.OPEN, "target": target, "head": id[:1] * 40}
    return merged(id, **told | changes)


def fix(name: str = "a", targets: Iterable[str] = BRANCHES) -> tuple[MergeRequest, ...]:
    """A security fix: the merge request for the default branch, and one for each target."""
    every = ("master", *targets)
    told = {"playbook": BOOK, "fix": name * 32}
    return tuple(
        request(
            f"{name}{at}" * 16,
            target,
            head=f"{name}{at}" * 20,
            kind="backport" if at else "strict",
            **told,
        )
        for at, target in enumerate(every)
    )


def linked(parts: Iterable[MergeRequest], tracker: str | None, name: str = "7") -> SecurityFix:
    """A fix of these merge requests, and the release it is linked to."""
    return SecurityFix(
        id=name * 32,
        version=1,
        status=FixStatus.FIXING if tracker is None else FixStatus.LINKED,
        kind="vulnerability",
        playbook=BOOK,
        service=SERVICE,
        project=PROJECT,
        title="Close the hole",
        description="",
        component=None,
        dependency=None,
        severity="high",
        opened_by=APPSEC,
        reporter=FINDER,
        finder_agreed=True,
        opened_at=DATE - 9 * DAY,
        known_since=DATE - 9 * DAY,
        due_at=None,
        items=(),
        parts=tuple(Part(each.id, APPSEC, DATE - 8 * DAY) for each in parts),
        tracker=tracker,
        labels=("security-target",),
    )


def ported_bug(name: str = "f", target: str = BRANCHES[0], **changes: Any) -> MergeRequest:
    """A backport of the fix of a bug, in the open."""
    return request(name * 32, target, **{"kind": "bug_fix", "playbook": BOOK, **changes})


def prepared(office: Office, kind: str = "planned_patch", plan: Plan = PATCH, **more: Any) -> str:
    """A patch release with one linked fix, whose versions are aimed at the stable branches."""
    id = opened(office, kind, kind, plan, **more)
    office.learn(*fix(), linked(fix(), id, "a"))
    office.ask(RITA, "release.include", id, merge_requests=[each.id for each in fix()])
    for version, commit in COMMITS.items():
        office.ask(RITA, "release.aim", id, release_version=version, commit=commit)
    return id


def begin(office: Office, id: str, at: datetime = DATE - 2 * DAY) -> None:
    """Take the first steps, and go on to early merging."""
    office.at = at
    office.ask(RITA, "release.enter_phase", id)
    office.finish_tasks(id, "first_steps")
    office.ask(RITA, "release.enter_phase", id)


def merge(office: Office, *requests: MergeRequest) -> None:
    office.learn(*(replace(each, status=Status.MERGED) for each in requests))


def host(office: Office, *requests: MergeRequest) -> str:
    """Deploy these to the hosted service, with a package of its own."""
    every = (each for each in office.states.values() if isinstance(each, Release))
    number = sum(each.kind == "auto_deploy" for each in every)
    plan = replace(PLAN, title="Package", versions=(f"17.7.{202603021200 + number}",))
    id = filled(office, "gitlab", "auto_deploy", plan, scheduled=None)
    office.ask(RITA, "release.exclude", id, merge_requests=("m" * 32,), reason="Another time.")
    office.ask(RITA, "release.include", id, merge_requests=[each.id for each in requests])
    version = plan.versions[0]
    office.ask(RITA, "release.aim", id, release_version=version, commit=PIPELINE)
    office.report("pipeline", subject=PIPELINE)
    office.compare(id, PIPELINE)
    office.deploy(id, "gstg")
    office.report("staging_tests", subject=PIPELINE, environment="gstg")
    office.deploy(id, "gprd")
    return id


def report_all(office: Office, *names: str, **more: Any) -> None:
    """Report of the commit of every version that something passed."""
    for commit in COMMITS.values():
        office.report(*names, subject=commit, **more)


def compare_all(office: Office, id: str) -> None:
    """Report that the commit of every version holds what the release contains."""
    for commit in COMMITS.values():
        office.compare(id, commit)


def apply_backports(office: Office, *requests: MergeRequest) -> None:
    for each in requests:
        office.report("applies", subject=each.head)


def to_preparation(office: Office, id: str, day: datetime | None = DATE - DAY) -> None:
    """From early merging on: fixes deployed, backports merged, preparation reached."""
    first, *ports = fix()
    merge(office, first)
    host(office, first)
    apply_backports(office, *ports)
    office.at = day or office.at
    office.ask(RITA, "release.enter_phase", id)
    merge(office, *ports)
    office.ask(RITA, "release.enter_phase", id)


def tag_and_test(office: Office, id: str) -> None:
    """Tag every version, deploy to the test instance, and let QA look."""
    report_all(office, "pipeline", "package_and_test")
    compare_all(office, id)
    for version in office.release(id).plan.versions:
        told = {"release_version": version, "name": f"v{version}"}
        office.ask(RITA, "release.tag", id, **told)
    office.deploy(id, "release")
    report_all(office, "qa", environment="release")


def refs(office: Office, id: str, **other: str) -> tuple[Ref, ...]:
    """Everything that must be the same, as it is when it is; `other` differs on the far side."""
    names = (*((RefKind.BRANCH, each, "d" * 40) for each in ("master", *BRANCHES)),)
    tags = ((RefKind.TAG, each.name, each.commit) for each in office.release(id).tags)
    return tuple(
        Ref(kind, name, commit, other.get(name, commit)) for kind, name, commit in (*names, *tags)
    )


def report_sync(office: Office, id: str, told: tuple[Ref, ...], by: str = BOT) -> None:
    asked = {"release": id, "repository": PROJECT, "refs": told}
    office.ask(by, "sync.report", office.fresh(), **asked)


ADDRESS = "https://about.example/releases/patch"

__all__ = ["ADDRESS", "QUINN", "SAM", "Inclusion", "ItemKind", "Progress", "item_id"]
