"""Stories of security fixes up to the point where a test begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from domain.belonging import everybody
from domain.grant.aggregate import Scope
from domain.inclusion import Inclusion, ItemKind, item_id
from domain.merge_request.aggregate import AGGREGATE as MERGE_REQUEST
from domain.merge_request.state import Head, MergeRequest, digest_of
from domain.merge_request.state import Status as MergeStatus
from domain.process.release import ReleaseStatus
from domain.release.state import Plan, Release
from domain.security_fix.aggregate import AGGREGATE
from domain.security_fix.linking import readiness
from domain.security_fix.readiness import Completeness
from domain.security_fix.state import ENDED
from domain.stable_line.state import StableLine
from domain.vulnerability_report import AGGREGATE as REPORT
from tests.domain.given import DAY, NOON, authority, known
from tests.domain.merge_stories import report
from tests.domain.organisation import (
    ANN,
    ASA,
    CAB_ONE,
    CAB_TWO,
    LONG_AGO,
    MAX,
    PEOPLE,
    ROBOT,
    SUE,
    Story,
    adopted,
    grant,
    person,
)

PROJECT, PRODUCT = "gitlab-org/security/gitlab", "gitlab"
APPSEC, OTHER_APPSEC, MAINTAINER, ENGINEER, MANAGER, FINDER = ASA, SUE, CAB_ONE, ANN, MAX, CAB_TWO
FIX = "9" * 32
LABEL = "security-target"
LINES = tuple(
    StableLine(f"line {name}", 1, PRODUCT, name, NOON - days * DAY, MANAGER, LONG_AGO)
    for name, days in (("16.10", 90), ("16.11", 60), ("17.0", 30), ("17.1", 3))
)
BRANCHES = {"master": 1, "17-1-stable": 2, "17-0-stable": 3, "16-11-stable": 4}
OPENING = {
    "playbook": "security",
    "kind": "vulnerability",
    "service": PRODUCT,
    "project": PROJECT,
    "title": "Paths are not checked",
}


def held(who: str, role: str) -> Any:
    """A grant of a role in the project of the fix."""
    return grant(who, role, Scope.PROJECT, PROJECT)


FIX_WORLD = (
    *PEOPLE,
    held(APPSEC, "role:appsec"),
    held(OTHER_APPSEC, "role:appsec"),
    held(MAINTAINER, "role:maintainer"),
    held(ROBOT, "role:release_bot"),
    adopted("security"),
    *LINES,
)


def merge_request(target: str, number: int = 0, **changes: Any) -> MergeRequest:
    """A merge request of the engineer, that aims at a branch."""
    found = number or BRANCHES[target]
    playbook = adopted("security").id
    kind = "strict" if target == "master" else "backport"
    at = Head(PROJECT, found, f"{found:x}" * 40, target, "b" * 40)
    given = MergeRequest(
        id=f"{found:032d}",
        version=1,
        status=MergeStatus.OPEN,
        kind=kind,
        playbook=playbook,
        project=PROJECT,
        number=found,
        title="Check paths",
        head=at.head,
        target=target,
        base=at.base,
        revision=1,
        digest=digest_of(kind, playbook, at, 1),
        author=ENGINEER,
        opened_at=NOON - DAY,
        contributors=(ENGINEER,),
        embargoed=True,
    )
    return replace(given, **changes)


def opened(**changes: Any) -> Story:
    """A fix that one of application security opened, and another is to settle."""
    story = Story(AGGREGATE, FIX_WORLD, subject=FIX)
    story.ask(OTHER_APPSEC, "open", **(OPENING | changes))
    return story


def assessed(**changes: Any) -> Story:
    """A fix of a grave vulnerability."""
    story = opened(**changes)
    story.ask(APPSEC, "assess", severity="high")
    return story


CI = "bot:" + "f" * 32
TRACKER = "d" * 32
COMPLETE_WORLD = (*FIX_WORLD, adopted("gitlab"), person(CI), held(CI, "role:ci_bot"))


def tracker(**changes: Any) -> Release:
    """The next patch release of the product."""
    plan = Plan(title="17.1.1", service=PRODUCT, versions=("17.1.1", "17.0.2", "16.11.5"))
    found = Release(
        id=TRACKER,
        version=1,
        status=ReleaseStatus.PLANNING,
        phase="preparing",
        kind="patch",
        playbook="playbook gitlab",
        plan=plan,
        scheduled=NOON + 5 * DAY,
        revision=1,
        digest="d",
        author=MANAGER,
        opened_at=NOON - DAY,
        embargoed=True,
    )
    return replace(found, **changes)


class Workshop:
    """A fix and its merge requests, each told from its beginning, in one world."""

    def __init__(self, *more: Any, **changes: Any) -> None:
        """Open the fix and say how grave it is."""
        self.fix = assessed(**changes)
        self.fix.world = (*COMPLETE_WORLD, *more)
        self.parts: dict[str, Story] = {}
        self.sees: Callable[[str, Any], bool] = everybody

    def add(self, target: str, number: int = 0, **changes: Any) -> Story:
        """Open a merge request and make it part of the fix; nobody has looked at it."""
        at = number or BRANCHES[target]
        kind = "strict" if target == "master" else "backport"
        story = Story(MERGE_REQUEST, self.fix.world, at=self.fix.at, subject=f"{at:032d}")
        place = {"project": PROJECT, "number": at, "head": f"{at:x}" * 40, "base": "b" * 40}
        wish = {"playbook": "security", "kind": kind, "title": "Check paths", "target": target}
        story.ask(ENGINEER, "open", embargoed=True, **(wish | place | changes))
        self.parts[target] = story
        self.learn()
        if self.fix.state.status not in ENDED:
            events = self.fix.ask(ENGINEER, "add_merge_request", merge_request=story.subject)
            story.ask(ENGINEER, "tie", **events[1].arguments)
        self.learn()
        return story

    def learn(self, *states: Any) -> None:
        """Let everybody know how everything stands."""
        self.fix.learn(*(story.state for story in self.parts.values()), *states)
        for story in self.parts.values():
            story.world = tuple(each for each in self.fix.others if each is not story.state)

    def sign(self, target: str, *, appsec: str = APPSEC, maintainer: str = MAINTAINER) -> None:
        """Have a merge request signed off, its pipeline pass, and the release bot take it."""
        story = self.parts[target]
        if target == "master":
            story.ask(appsec, "sign_off", rule="appsec")
        story.ask(maintainer, "sign_off", rule="maintainer")
        story.ask(ENGINEER, "assign", assignee=ROBOT)
        self.learn(report(story.state, reporter=CI))

    def tick(self) -> None:
        """Tick every box."""
        for item in self.fix.state.items:
            self.fix.ask(ENGINEER, "tick", item=item.name)

    def whole(self) -> None:
        """Everything a complete fix takes, but for the label."""
        for target in BRANCHES:
            self.add(target)
            self.sign(target)
        self.tick()

    def readiness(self) -> Completeness:
        """What is missing now."""
        self.learn()
        people = authority(*self.fix.world)
        standing = (self.fix.at, people, known(*self.fix.others))
        return readiness(self.fix.state, *standing, sees=self.sees)

    def missing(self) -> dict[str, tuple[str, ...]]:
        """The codes of what is missing: of the fix itself, and of each branch."""
        found = self.readiness()
        own = tuple(each.code for each in found.findings if each.status.blocks)
        parts = {
            slot.branch: tuple(each.code for each in slot.findings if each.status.blocks)
            for slot in found.slots
        }
        return {name: told for name, told in {"fix": own, **parts}.items() if told}


def labelled(*more: Any, **changes: Any) -> Workshop:
    """A complete fix that wears its label, with no release to go out with."""
    shop = Workshop(*more, **changes)
    shop.whole()
    shop.fix.ask(ENGINEER, "label", label=LABEL)
    return shop


def out(shop: Workshop, *, without: str = "", as_commits: bool = False) -> None:
    """Publish the release that the fix is linked to, with what is merged of it but for one."""
    parts = {name: story for name, story in shop.parts.items() if name != without}
    for story in parts.values():
        story.state = replace(story.state, status=MergeStatus.MERGED)
    shop.learn(tracker(published_at=NOON), *(inside(e.state, as_commits) for e in parts.values()))


def inside(part: MergeRequest, as_commit: bool) -> Inclusion:
    """That a merge request is in the release, or its head."""
    kind = ItemKind.COMMIT if as_commit else ItemKind.MERGE_REQUEST
    reference = part.head if as_commit else part.id
    id = item_id(TRACKER, kind, reference)
    return Inclusion(
        id, 1, TRACKER, kind, reference, None, included=True, put_by=MANAGER, put_at=NOON
    )


def submitted(**changes: Any) -> Story:
    """A report of a vulnerability, as its finder told it."""
    story = Story(REPORT, COMPLETE_WORLD, subject="c" * 32)
    told = {"service": PRODUCT, "project": PROJECT, "title": "Paths are not checked"}
    story.ask(FINDER, "submit", **(told | {"description": "Ask for ../../etc."} | changes))
    return story
