"""Security fixes in the demo's company: opened, assessed, and their merge requests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from api.demo.cast import Role, projects
from tests.api.company import Headquarters

PROJECT, PRODUCT = "group/security/product", "product"
CLEARED = Role("role:cleared", "project", PROJECT)
NOW = datetime.now(UTC).replace(microsecond=0)
LINES = (("17.1", 3), ("17.0", 30), ("16.11", 60), ("16.10", 90))
BRANCHES = ("master", "17-1-stable", "17-0-stable", "16-11-stable")


def engineer(hq: Headquarters) -> str:
    """An engineer with a clearance and the right to write; the handle."""
    if "elif" not in hq.tokens:
        hq.hire("elif", "product", projects("role:developer"), projects("role:cleared"))
    return "elif"


def lines(hq: Headquarters) -> None:
    """The lines of the product are known."""
    if getattr(hq, "lines_of_fixes", False):
        return
    for line, days in LINES:
        at = (NOW - timedelta(days=days)).isoformat()
        hq.do("viktor", "EnterStableLine", service=PRODUCT, line=line, releasedAt=at)
    hq.lines_of_fixes = True  # type: ignore[attr-defined]


def fix(hq: Headquarters, by: str = "noor", **more: Any) -> Any:
    """A fix that one of application security opened for another to settle; its id and version."""
    given = {"playbook": "security", "kind": "vulnerability", "service": PRODUCT}
    given |= {"project": PROJECT, "title": "Close the hole", **more}
    return hq.do(by, "OpenSecurityFix", **given)


def merge_request(hq: Headquarters, number: int, target: str, **more: Any) -> str:
    """A merge request of the engineer; its global id."""
    given: dict[str, Any] = {
        "playbook": "security",
        "kind": "strict" if target == "master" else "backport",
        "project": PROJECT,
        "number": number,
        "title": f"Check paths on {target}",
        "head": f"{number:040x}",
        "target": target,
        "base": "b" * 40,
        "embargoed": True,
    }
    return str(hq.do(engineer(hq), "OpenMergeRequest", **given | more)["id"])


def signed(hq: Headquarters, part: str, number: int, target: str) -> None:
    """A merge request is signed off, its pipeline passes, and the release bot is to take it."""
    sign_off = {"id": part, "seen": 1}
    if target == "master":
        hq.do("quinn", "SignOffMergeRequest", rule="appsec", **sign_off)
    hq.do("rosa", "SignOffMergeRequest", rule="maintainer", **sign_off)
    told = {"project": PROJECT, "name": "pipeline", "outcome": "PASSED"}
    payload = hq.ask("build-bot", "ReportEvidence", input={**told, "subject": f"{number:040x}"})
    assert payload["problems"] == []
    hq.do("elif", "AssignMergeRequest", id=part, assignee=hq.id("release-bot"))


def complete(hq: Headquarters, numbers: Iterator[int], **more: Any) -> tuple[str, list[str]]:
    """A fix with everything but its label, and its merge requests; their global ids."""
    lines(hq)
    made, parts = fix(hq, **more)["id"], []
    hq.do("quinn", "AssessSecurityFix", id=made, severity="high")
    for target in BRANCHES:
        number = next(numbers)
        parts.append(merge_request(hq, number, target))
        hq.do("elif", "AddSecurityFixMergeRequest", id=made, mergeRequest=parts[-1])
        signed(hq, parts[-1], number, target)
    for item in ("private", "assessed", "tested", "backported", "advisory"):
        hq.do("elif", "TickSecurityFix", id=made, item=item)
    return made, parts


def monthly(hq: Headquarters, **more: Any) -> str:
    """A monthly release of the product, in the open; its global id."""
    about = {"service": PRODUCT, "project": PROJECT}
    plan: dict[str, Any] = {"title": "17.1", "versions": ["17.1.0"], **about}
    told = {"playbook": "gitlab", "kind": "monthly", "plan": plan}
    return str(hq.do("viktor", "OpenRelease", **told | more)["id"])


def patch(hq: Headquarters) -> str:
    """The next patch release of the product, hidden; its global id."""
    about = {"service": PRODUCT, "project": PROJECT}
    parent, versions = monthly(hq), ["17.1.1", "17.0.2", "16.11.5"]
    plan = {"title": "17.1.1", "versions": versions, "parentRelease": parent, **about}
    told = {"playbook": "gitlab", "kind": "patch", "plan": plan, "embargoed": True}
    return str(hq.do("viktor", "OpenRelease", **told)["id"])


def every(hq: Headquarters, who: str, **wanted: Any) -> Iterator[Any]:
    """The fixes of the product that somebody sees, page by page: other tests left many."""
    page: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
    while page["hasNextPage"]:
        told = {"filter": {"project": PROJECT, **wanted}, "first": 100, "after": page["endCursor"]}
        found = hq.ask(who, "SecurityFixes", **told)
        yield from (each["node"] for each in found["edges"])
        page = found["pageInfo"]
