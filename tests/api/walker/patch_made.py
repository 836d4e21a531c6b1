"""A planned patch of a walk: what it is made of, and how people look at it and fill it."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any, Final

from tests.api.walker.mischief import soon
from tests.api.walker.tale import Tale

PROJECT: Final = "gitlab-org/security/shop"
SERVICE: Final = "storefront"
LINES: Final = ("17.6", "17.5", "17.4")
MAIN: Final = "master"
MANAGER: Final = "viktor"
READERS: Final = ("quinn", "noor", "viktor", "wren")
"""Those who are cleared, one of whom always is."""
WRITER: Final = "uma"
SIGNERS: Final = {"appsec": ("quinn", "noor"), "maintainer": ("sam", "rosa")}
ABOUT: Final = """{ id version revision phase status manifest publishedAt tasks { number status }
  plan { title service project versions notes rollbackPlan }
  targets { version commit } tags { version } }"""
PARTS: Final = """{ id tracker { id } items { name tickedAt }
  mergeRequests { id number target head status revertedAt kind revision } }"""


def branch(version: str) -> str:
    """The stable branch of a version, or of a line."""
    first, second, *_ = version.split(".")
    return f"{first}-{second}-stable-ee"


@dataclass
class Made:
    """The patch, its fixes and what is known of them."""

    tale: Tale
    id: str = ""
    fixes: list[str] = field(default_factory=list)
    hosted: int = 0

    def commit(self) -> str:
        """The hash of a commit that nobody knows yet."""
        return f"{self.tale.random.getrandbits(160):040x}"

    def number(self) -> int:
        """A number that nothing else has."""
        return 1_000 + len(self.tale.lines)

    @property
    def state(self) -> Any:
        """The patch as its manager sees it."""
        return self.tale.read("release", ABOUT, by=MANAGER, id=self.id)

    def fix(self, id: str) -> Any:
        """A fix with its merge requests."""
        told = (self.tale.read("securityFix", PARTS, by=each, id=id) for each in READERS)
        return next(filter(None, told))

    def parts(self) -> list[Any]:
        """The merge requests of all fixes, each with its fix and whether that is linked."""
        told = (self.fix(each) for each in self.fixes)
        return [
            {**part, "fix": fix["id"], "linked": (fix["tracker"] or {}).get("id") == self.id}
            for fix in told
            for part in fix["mergeRequests"]
        ]

    def inside(self) -> set[str]:
        """The merge requests in it, by their ids."""
        told = self.tale.read(
            "inclusions",
            "{ edges { node { reference included } } }",
            by=MANAGER,
            filter={"release": self.id, "included": True},
            first=100,
        )
        references = {each["node"]["reference"] for each in told["edges"]}
        return {each["id"] for each in self.parts() if references & {each["id"], _raw(each["id"])}}

    def lacking(self, fix: str) -> list[str]:
        """The branches for which nothing of a fix goes out."""
        going = {
            each["target"]
            for each in self.fix(fix)["mergeRequests"]
            if each["status"] != "CLOSED" and each["revertedAt"] is None
        }
        wanted = (MAIN, *(branch(each) for each in self.state["plan"]["versions"]))
        return [each for each in wanted if each not in going]

    # How it comes about.

    def plan(self) -> None:
        """Lines that are out, and a patch of each for tomorrow."""
        for line in LINES:
            told = {"service": SERVICE, "line": line, "releasedAt": "2026-01-01T00:00:00Z"}
            self.tale.do(MANAGER, "enterStableLine", **told)
        versions = [f"{line}.{self.number()}" for line in LINES]
        plan: dict[str, Any] = {
            "title": "Patch",
            "service": SERVICE,
            "project": PROJECT,
            "versions": versions,
            "notes": "Closes a hole.",
        }
        told = {"playbook": "planned_patch", "kind": "planned_patch", "scheduled": soon(20)}
        given: dict[str, Any] = {**told, "plan": plan}
        self.id = self.tale.do(MANAGER, "openRelease", **given)

    def mend(self) -> None:
        """A complete fix, linked to the patch and in it."""
        told = {"playbook": "planned_patch", "kind": "vulnerability", "service": SERVICE}
        given = {**told, "project": PROJECT, "title": "Close the hole"}
        fix = self.tale.do("noor", "openSecurityFix", **given)
        self.fixes.append(fix)
        self.tale.do("quinn", "assessSecurityFix", id=fix, severity="high")
        for target in (MAIN, *map(branch, LINES)):
            self.add(fix, target)
        self.tale.do("quinn", "labelSecurityFix", id=fix, label="security-target")
        self.complete(fix)
        self.tale.do(MANAGER, "linkSecurityFix", id=fix, tracker=self.id)
        ids = [each["id"] for each in self.fix(fix)["mergeRequests"]]
        self.tale.do(MANAGER, "includeRelease", id=self.id, mergeRequests=ids)

    def add(self, fix: str, target: str) -> str:
        """A merge request of the fix for a branch."""
        kind = "strict" if target == MAIN else "backport"
        told = {"playbook": "planned_patch", "kind": kind, "project": PROJECT, "target": target}
        told |= {"head": self.commit(), "base": self.commit(), "title": "Close the hole"}
        given = {**told, "number": self.number(), "embargoed": True}
        id = self.tale.do(WRITER, "openMergeRequest", **given)
        self.tale.do("quinn", "addSecurityFixMergeRequest", id=fix, mergeRequest=id)
        return id

    def mend_anew(self, fix: str) -> None:
        """What it lacks comes back where it was closed or aimed elsewhere; else it is made anew."""
        wanted = {MAIN, *(branch(each) for each in self.state["plan"]["versions"])}
        for target in self.lacking(fix):
            parts = self.fix(fix)["mergeRequests"]
            closed = [e for e in parts if e["status"] == "CLOSED" and e["target"] == target]
            strays = [e for e in parts if e["status"] == "OPEN" and e["target"] not in wanted]
            if closed:
                self.tale.do(WRITER, "reopenMergeRequest", id=closed[0]["id"])
            elif strays:
                given = {"id": strays[0]["id"], "target": target, "base": self.commit()}
                self.tale.do(WRITER, "retargetMergeRequest", **given)
            else:
                self.add(fix, target)

    def complete(self, fix: str) -> None:
        """Whatever a fix takes before it is linked."""
        now = self.fix(fix)
        for each in now["items"]:
            if each["tickedAt"] is None:
                self.tale.do("quinn", "tickSecurityFix", id=fix, item=each["name"])
        for part in now["mergeRequests"]:
            if part["status"] == "OPEN":
                self.ready(part)

    def ready(self, part: Any) -> None:
        """Signed off, with a pipeline that passed, and in the hands of the release bot."""
        told = {"project": PROJECT, "name": "pipeline", "outcome": "PASSED"}
        self.tale.ask("build-bot", "reportEvidence", **told, subject=part["head"])
        given = {"id": part["id"], "assignee": self.tale.world.id("release-bot")}
        self.tale.ask(WRITER, "assignMergeRequest", **given)
        rules = ("appsec", "maintainer") if part["kind"] == "strict" else ("maintainer",)
        for rule in rules:
            given = {"id": part["id"], "rule": rule, "seen": part["revision"]}
            for who in SIGNERS[rule]:
                if not self.tale.ask(who, "signOffMergeRequest", **given):
                    break


def _raw(id: str) -> str:
    return base64.b64decode(id).decode().partition(":")[2]
