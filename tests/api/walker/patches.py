"""A planned patch on its way from its first fix to its close, and what happens to it meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from tests.api.walker import mischief
from tests.api.walker.deeds_patches import table
from tests.api.walker.gate import Goal
from tests.api.walker.mischief import WHY, anybody
from tests.api.walker.patch_made import MAIN, MANAGER, PROJECT, SERVICE, WRITER, Made, branch
from tests.api.walker.tale import Tale
from tests.api.walker.walk import Walk, holding

ENTER: Final = Goal("release", "ENTER_PHASE", "release.enter_phase", "enterReleasePhase")
CLOSE: Final = Goal("release", "CLOSE", "release.close", "closeRelease")
GOALS: Final = (ENTER, ENTER, ENTER, ENTER, ENTER, CLOSE)
"""The phases one after the other, the last of them once it is published; then its close."""
REPEATED: Final = frozenset(("security_fix.unlink", "security_fix.link", "release.exclude"))
PRONE: Final = ("quinn", "noor", "rosa", "sam", "wren")


def _part(made: Made, *statuses: str) -> Any:
    found = [each for each in made.parts() if each["status"] in statuses]
    return made.tale.random.choice(found) if found else None


def close(made: Made) -> None:
    """Somebody closes what is to be merged."""
    if part := _part(made, "OPEN"):
        made.tale.ask(WRITER, "closeMergeRequest", id=part["id"], reason=WHY)


def retarget(made: Made) -> None:
    """Somebody aims it at a branch that is of no version, or of another."""
    target = made.tale.random.choice(("elsewhere", "17-3-stable-ee", branch("17.5.0"), MAIN))
    if part := _part(made, "OPEN"):
        given = {"id": part["id"], "target": target, "base": made.commit()}
        made.tale.ask(WRITER, "retargetMergeRequest", **given)


def push(made: Made) -> None:
    """Somebody moves the head of it."""
    if part := _part(made, "OPEN"):
        given = {"id": part["id"], "head": made.commit(), "base": made.commit()}
        made.tale.ask(WRITER, "pushMergeRequest", **given)


def exclude(made: Made) -> None:
    """Somebody takes out one, or all of a fix."""
    part = _part(made, "OPEN", "MERGED", "CLOSED")
    ids = [part["id"]]
    if made.tale.random.random() < 0.4:
        ids = [each["id"] for each in made.parts() if each["fix"] == part["fix"]]
    given = {"id": made.id, "mergeRequests": ids, "reason": WHY}
    made.tale.ask(MANAGER, "excludeRelease", **given)


def unlink(made: Made) -> None:
    """Somebody takes a fix off the patch."""
    given = {"id": made.tale.random.choice(made.fixes), "reason": WHY}
    made.tale.ask(MANAGER, "unlinkSecurityFix", **given)


def drop(made: Made) -> None:
    """Somebody leaves out a version, or gives one a number more."""
    now = made.state
    plan = {**now["plan"], "versions": list(now["plan"]["versions"])}
    plan["versions"].remove(made.tale.random.choice(plan["versions"]))
    if plan["versions"]:
        given = {"id": made.id, "plan": plan, "seen": now["version"]}
        made.tale.ask(MANAGER, "editRelease", **given)


def fail(made: Made) -> None:
    """What ran on a head failed."""
    part = _part(made, "OPEN", "MERGED")
    name = made.tale.random.choice(("applies", "pipeline"))
    if part:
        told = {"project": PROJECT, "name": name, "outcome": "FAILED", "subject": part["head"]}
        made.tale.ask("build-bot", "reportEvidence", **told)


def revert(made: Made) -> None:
    """What was merged is taken back, as both parties agreed."""
    if not (part := _part(made, "MERGED")):
        return
    told = {"playbook": "planned_patch", "kind": "revert", "subject": part["id"]}
    terms = {"wording": "It takes the service down.", "path": "take_back"}
    accord, problems = made.tale.told("wren", "proposeAccord", **told, terms=terms)
    if not problems:
        for who, rule in (("quinn", "appsec"), (MANAGER, "release_managers")):
            made.tale.ask(who, "agreeToAccord", id=accord, rule=rule, seen=1)
        made.tale.ask(MANAGER, "revertMergeRequest", id=part["id"], reason=WHY)


def untick(made: Made) -> None:
    """Somebody loses a role, or is kept from acting, or may again."""
    kind = made.tale.random.choice((mischief.revoke, mischief.suspend, mischief.reinstate))
    kind(made.tale, made.id)


def lock(made: Made) -> None:
    """Nothing goes to a place, or is merged, for a while."""
    terms: dict[str, Any] = {
        "title": f"Freeze {len(made.tale.lines)}",
        "kind": made.tale.random.choice(("HARD", "SOFT", "MERGE")),
        "exempters": [made.tale.world.id(each) for each in ("wren", "quinn", "sam")],
        "exempting": 1,
        "until": mischief.soon(5),
    }
    terms |= {"projects": [PROJECT]} if terms["kind"] == "MERGE" else {"services": [SERVICE]}
    made.tale.ask(anybody(made.tale, "viktor", "wren"), "declareLock", terms=terms)


TURNS: Final = (
    *(close, close, retarget, push, push, exclude, exclude, unlink, drop, fail, revert, revert),
    untick,
)


@dataclass
class Journey:
    """The way of a patch from one goal to the next."""

    made: Made

    def go(self) -> str:
        """Walk on while it goes on; how it ended."""
        made, random = self.made, self.made.tale.random
        for goal in GOALS:
            if random.random() < 0.5:
                random.choice(TURNS)(made)
            holders = holding(goal, SERVICE=SERVICE)
            walk = Walk(made.tale, goal, made.id, table(made), holders, reader=MANAGER)
            walk.repeated, walk.rounds = REPEATED, 3
            ended = walk.go()
            if ended != "reached" or made.state["status"] == "ABORTED":
                return ended
        return "reached"


def told(tale: Tale) -> Journey:
    """A patch with a fix or two, before its first phase."""
    tale.prone, made = PRONE, Made(tale)
    made.plan()
    for _ in range(tale.random.choice((1, 2))):
        made.mend()
    return Journey(made)
