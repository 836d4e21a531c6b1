"""Patch releases over GraphQL: who takes part, fixes and backports, and the way to a close."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from api.demo.cast import Role, projects, services
from tests.api.company import Headquarters

PROJECT = "gitlab-org/security/shop"
LINES = ("17-6", "17-5", "17-4")
BRANCHES = tuple(f"{each}-stable-ee" for each in LINES)
NUMBERS = itertools.count(1_000)
ADDRESS = "https://about.example/releases/patch"
SIGNERS = (("saga", "appsec"), ("mads", "maintainer"))
CAST = {
    "rhea": (services("role:release_manager"), projects("role:release_manager")),
    "rune": (services("role:release_manager"), projects("role:release_manager")),
    "saga": (projects("role:appsec"),),
    "mads": (projects("role:maintainer"),),
    "dina": (projects("role:developer"), projects("role:maintainer"), projects("role:cleared")),
}


def hire(hq: Headquarters) -> None:
    """Those who take part in patches: two release managers, security, a maintainer, a developer.

    Nobody, where they have been hired before.
    """
    if "patchbot" in hq.tokens:
        return
    places = [Role("role:release_manager", "environment", each) for each in PLACES]
    for handle, roles in CAST.items():
        managing = roles if handle not in ("rhea", "rune") else (*roles, *places)
        hq.hire(handle, f"patch {handle}", *managing)
    owner = "viktor"
    hq.hire("patchci", None, Role("role:ci_bot", "project", "any"), owner=owner)
    bot = (projects("role:release_bot"), services("role:release_bot"))
    hq.hire("patchbot", None, *bot, owner=owner)
    for each in ("17.6", "17.5", "17.4"):
        told = {"service": "storefront", "line": each, "releasedAt": "2026-01-01T00:00:00Z"}
        hq.do("rhea", "EnterStableLine", **told)


SEEING = ("TagRelease", "PublishRelease", "AnnounceRelease", "AttestRelease")
PLACES = ("gstg", "gprd", "release")


def commit() -> str:
    return f"{next(NUMBERS):040x}"


class Patch:
    """A patch release, as its manager takes it along."""

    def __init__(self, hq: Headquarters, kind: str = "planned_patch", **more: Any) -> None:
        """Plan it, with versions of its own, for a day on which preparation may begin."""
        self.hq, self.kind, self.mark, self.hosted = hq, kind, next(NUMBERS), ""
        due = datetime.now(UTC) + timedelta(days=1)
        when = more.pop("scheduled", due.isoformat())
        own = tuple(f"{each.replace('-', '.')}.{self.mark}" for each in LINES)
        plan: dict[str, Any] = {"title": "Patch", "service": "storefront", "versions": own}
        plan |= {"project": PROJECT, "notes": "Closes a hole."} | more
        told: dict[str, Any] = {"playbook": kind, "kind": kind, "plan": plan}
        if kind == "planned_patch":
            told["scheduled"] = when
        self.id: str = hq.do("rhea", "OpenRelease", **told)["id"]
        self.commits = {version: commit() for version in plan["versions"]}

    def do(self, name: str, /, **given: Any) -> Any:
        """What the manager of the release did."""
        return self.by("rhea", name, **given)

    def by(self, who: str, name: str, /, **given: Any) -> Any:
        """What somebody did with the release as it is."""
        seen = {"seen": self.state["revision"]} if name in SEEING else {}
        return self.hq.do(who, name, id=self.id, **seen, **given)

    @property
    def state(self) -> Any:
        return self.hq.ask("rhea", "Release", id=self.id)

    def codes(self, action: str, **asked: Any) -> set[str]:
        """Why an act is not possible."""
        told = {"id": self.id, "action": action, **asked}
        found = self.hq.ask("rhea", "ReleaseGate", **told)["can"]["verdict"]["findings"]
        return {each["code"] for each in found if each["code"]}

    def request(self, kind: str, target: str, **more: Any) -> tuple[str, str]:
        """A merge request that a developer opened; its id and its head."""
        told: dict[str, Any] = {"playbook": "planned_patch", "kind": kind, "project": PROJECT}
        told["head"] = commit()
        told |= {"base": "b" * 40, "target": target, "number": next(NUMBERS)} | more
        told.setdefault("title", "Close the hole")
        told.setdefault("embargoed", True)
        return self.hq.do("dina", "OpenMergeRequest", **told)["id"], told["head"]

    def bug(self, *targets: str) -> list[tuple[str, str]]:
        """The fix of a bug that is merged in the open, and in the release."""
        made = [self.request("bug_fix", each, embargoed=False) for each in targets]
        for id, head in made:
            self.report("package_and_test", head)
            self.hq.do("mads", "SignOffMergeRequest", id=id, rule="maintainer", seen=1)
            self.merge(id)
        self.do("IncludeRelease", mergeRequests=[id for id, _ in made])
        return made

    def fix(self) -> list[tuple[str, str]]:
        """A complete fix with its backports, all of them in the release that it is linked to."""
        return self.linked()[1]

    def linked(self) -> tuple[str, list[tuple[str, str]]]:
        """The same, with the id of the fix."""
        fix, made = self.complete()
        self.hq.do("rhea", "LinkSecurityFix", id=fix, tracker=self.id)
        self.do("IncludeRelease", mergeRequests=[id for id, _ in made])
        return fix, made

    def labelled(self) -> tuple[str, list[tuple[str, str]]]:
        """A fix that its label finds complete, so that it is linked to the next; all in this."""
        fix, made = self.complete(label=False)
        self.hq.do("dina", "LabelSecurityFix", id=fix, label="security-target")
        self.do("IncludeRelease", mergeRequests=[id for id, _ in made])
        return fix, made

    def complete(self, *, label: bool = True) -> tuple[str, list[tuple[str, str]]]:
        """A fix with everything it takes; its id, and its merge requests with their heads.

        It wears its label before it is complete, so that it is linked to none of those open.
        """
        told: dict[str, Any] = {"playbook": "planned_patch", "kind": "vulnerability"}
        told |= {"service": "storefront", "project": PROJECT, "title": "Close the hole"}
        fix: str = self.hq.do("noor", "OpenSecurityFix", **told)["id"]
        self.hq.do("saga", "AssessSecurityFix", id=fix, severity="high")
        made = [self.request("strict", "master")]
        made += [self.request("backport", branch) for branch in BRANCHES]
        for id, head in made:
            self.join(fix, id)
            self.ready(id, head, *SIGNERS[id != made[0][0] :])
        if label:
            self.hq.do("dina", "LabelSecurityFix", id=fix, label="security-target")
        for item in ("private", "assessed", "tested", "backported", "advisory"):
            self.hq.do("dina", "TickSecurityFix", id=fix, item=item)
        return fix, made

    def join(self, fix: str, part: str) -> None:
        """Make a merge request part of a fix."""
        self.hq.do("dina", "AddSecurityFixMergeRequest", id=fix, mergeRequest=part)

    def aim(self) -> None:
        for version, made in self.commits.items():
            self.do("AimRelease", releaseVersion=version, commit=made)

    def ready(self, id: str, head: str, *signers: tuple[str, str]) -> None:
        """Have it signed off, its pipeline pass, and the release bot take it."""
        self.report("pipeline", head)
        self.hq.do("dina", "AssignMergeRequest", id=id, assignee=self.hq.id("release-bot"))
        for who, rule in signers:
            self.hq.do(who, "SignOffMergeRequest", id=id, rule=rule, seen=1)

    def merge(self, id: str) -> None:
        self.hq.do("rhea", "MergeMergeRequest", id=id, seen=1)

    def agree(self) -> None:
        """Agree on when it goes out, as its two parties."""
        when = self.propose(self.id)
        for who, rule in (("saga", "appsec"), ("rune", "release_managers")):
            given = {"id": when["id"], "rule": rule, "seen": when["revision"]}
            self.hq.do(who, "AgreeToAccord", **given)

    def propose(self, release: str) -> Any:
        """Terms about when a release goes out."""
        due = (datetime.now(UTC) + timedelta(hours=3)).isoformat()
        terms = {"wording": "As soon as it is tested.", "due": due}
        told = {"playbook": "critical_patch", "kind": "timeline", "subject": release}
        return self.hq.do("saga", "ProposeAccord", **told, terms=terms)

    def finish(self, phase: str) -> None:
        for task in self.state["tasks"]:
            if task["phase"] == phase and task["status"] == "OPEN":
                self.do("CompleteReleaseTask", number=task["number"])

    def enter(self) -> str:
        return str(self.do("EnterReleasePhase")["phase"])

    def report(self, name: str, *subjects: str, **more: Any) -> None:
        for subject in subjects:
            told = {"project": PROJECT, "name": name, "subject": subject, "outcome": "PASSED"}
            self.hq.do("patchci", "ReportEvidence", **told | more)

    def compare(self, release: str, *commits: str) -> None:
        """Let it report that these commits hold what a release contains, and nothing else."""
        told = self.hq.ask("rhea", "Release", id=release)["manifest"]
        self.report("contents", *commits, manifest=told)

    def host(self, *ids: str, **more: Any) -> str:
        """Deploy merge requests to the hosted service with a package of its own."""
        version = f"17.{next(NUMBERS)}.202603021200"
        plan: dict[str, Any] = {"title": "Package", "service": "storefront", "versions": [version]}
        plan["project"] = PROJECT
        told = {"playbook": "gitlab", "kind": "auto_deploy", "plan": plan, "embargoed": True} | more
        hosted = self.hosted = self.hq.do("rhea", "OpenRelease", **told)["id"]
        made = commit()
        self.hq.do("rhea", "IncludeRelease", id=hosted, mergeRequests=list(ids))
        self.hq.do("rhea", "AimRelease", id=hosted, releaseVersion=version, commit=made)
        self.report("pipeline", made)
        self.compare(hosted, made)
        deploy(self.hq, hosted, "gstg")
        self.report("staging_tests", made, environment="gstg")
        deploy(self.hq, hosted, "gprd")
        return str(hosted)

    def to_preparation(self, fix: list[tuple[str, str]], **more: Any) -> None:
        """From the first steps to preparation: merged, hosted, ported."""
        (first, _), *ports = fix
        self.finish("first_steps")
        assert self.enter() == "early_merge"
        self.merge(first)
        self.host(first, **more)
        self.report("applies", *(head for _, head in ports))
        assert self.enter() == "backports"
        for id, _ in ports:
            self.merge(id)
        assert self.enter() == "preparation"

    def to_publication(self, fix: list[tuple[str, str]]) -> None:
        """From what is in it to where nothing but publishing it is left."""
        self.aim()
        self.enter()
        self.to_preparation(fix)
        self.tag_and_test()

    def tag(self, version: str) -> str:
        """The name of a tag, which no other release of the project has."""
        return f"v{version}-{self.mark}"

    def tag_and_test(self) -> None:
        for name in ("pipeline", "package_and_test"):
            self.report(name, *self.commits.values())
        self.compare(self.id, *self.commits.values())
        for version in self.commits:
            told = {"releaseVersion": version, "name": self.tag(version)}
            self.do("TagRelease", **told)
        deploy(self.hq, self.id, "release")
        self.report("qa", *self.commits.values(), environment="release")

    def sync(self, **other: str) -> None:
        """Report that both sides are the same, but for what `other` says of the far side."""
        names = dict.fromkeys(("master", *BRANCHES), "d" * 40)
        refs = [{"kind": "BRANCH", "name": name, "here": at} for name, at in names.items()]
        tags = ((self.tag(version), made) for version, made in self.commits.items())
        refs += [{"kind": "TAG", "name": name, "here": made} for name, made in tags]
        told = [each | {"there": other.get(each["name"], each["here"])} for each in refs]
        self.hq.do("patchbot", "ReportSync", release=self.id, repository=PROJECT, refs=told)


def deploy(hq: Headquarters, id: str, environment: str) -> None:
    told = {"id": id, "environment": environment}
    seen = hq.ask("rhea", "Release", id=id)["revision"]
    hq.do("rhea", "DeployRelease", seen=seen, **told)
    hq.do("rhea", "SettleReleaseDeployment", progress="SUCCEEDED", **told)
