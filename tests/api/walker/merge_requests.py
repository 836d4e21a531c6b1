"""Merge requests of every kind, brought somewhere and disturbed, for a walker to go on with."""

from __future__ import annotations

from typing import Any, Final

from tests.api.walker import mischief
from tests.api.walker.deeds_beside import DEEDS as BESIDE
from tests.api.walker.deeds_merge_requests import DEEDS as OWN
from tests.api.walker.deeds_people import DEEDS as PEOPLE
from tests.api.walker.gate import Gate, Goal
from tests.api.walker.mischief import WHY, Step, anybody, soon
from tests.api.walker.tale import Tale
from tests.api.walker.walk import Walk, attempt, holding, onlooker

PROJECT: Final = "gitlab-org/gitaly"
KINDS: Final = (
    *(("gitaly", "component"), ("gitaly", "component"), ("security", "strict")),
    *(("security", "backport"), ("security", "bug_backport"), ("planned_patch", "bug_fix")),
)
WRITING: Final = ("uma", "uma", "release-bot")
SIGNING: Final = ("rosa", "sam", "tara", "quinn", "noor")
PRONE: Final = (*SIGNING, "uma", "viktor", "wren", "yusuf", "build-bot", "release-bot")
"""Those to whom things happen here."""
READING: Final = ("wanda", "rosa", "quinn", "wren", "sam", "noor", "viktor", "yusuf")
"""Those who may know of what is hidden, after one who may not."""
GOAL: Final = Goal("mergeRequest", "MERGE", "merge_request.merge", "mergeMergeRequest")
DEEDS: Final = {**OWN, **BESIDE, **PEOPLE}


def opened(tale: Tale) -> str:
    """A merge request that somebody opens, perhaps in the name of others."""
    playbook, kind = tale.random.choice(KINDS)
    given: dict[str, Any] = {"playbook": playbook, "kind": kind, "project": PROJECT}
    given |= {"number": len(tale.lines) + 1, "title": f"Mend {len(tale.lines)}"}
    given |= {"head": commit(tale), "base": commit(tale), "target": "master"}
    given["embargoed"] = playbook == "security" and tale.random.random() < 0.5
    if tale.random.random() < 0.3:
        given["author"] = tale.world.id(anybody(tale, *PRONE))
    if tale.random.random() < 0.4:
        given["contributors"] = [tale.world.id(each) for each in tale.random.sample(PRONE, 2)]
    return tale.do(anybody(tale, *WRITING), "openMergeRequest", **given)


def commit(tale: Tale) -> str:
    """The hash of a commit."""
    return f"{tale.random.getrandbits(160):040x}"


def _about(tale: Tale, id: str) -> Any:
    told = "{ revision head signOffs { rule { name } } }"
    found = (tale.read("mergeRequest", told, by=who, id=id) for who in READING)
    return next(filter(None, found), {"revision": 1, "head": "", "signOffs": []})


def push(tale: Tale, id: str) -> None:
    """Somebody moves the head."""
    given: dict[str, Any] = {"id": id, "head": commit(tale), "base": commit(tale)}
    if tale.random.random() < 0.4:
        given["contributors"] = [tale.world.id(anybody(tale, *PRONE))]
    tale.ask(anybody(tale, *WRITING, "rosa"), "pushMergeRequest", **given)


def retarget(tale: Tale, id: str) -> None:
    """Somebody aims at another branch."""
    given = {"id": id, "target": "17-6-stable", "base": commit(tale)}
    tale.ask(anybody(tale, *WRITING, "sam"), "retargetMergeRequest", **given)


def sign(tale: Tale, id: str) -> None:
    """A few decide, most of them for it."""
    for _ in range(tale.random.randint(1, 5)):
        now = _about(tale, id)
        rules = [each["rule"]["name"] for each in now["signOffs"]]
        if not rules:
            return
        given = {"id": id, "rule": tale.random.choice(rules), "seen": now["revision"]}
        no = tale.random.random() < 0.2
        given |= {"reason": WHY} if no else {}
        mutation = "rejectMergeRequest" if no else "signOffMergeRequest"
        tale.ask(anybody(tale, *SIGNING), mutation, **given)


def take_back(tale: Tale, id: str) -> None:
    """Somebody takes their decision back."""
    now = _about(tale, id)
    for each in now["signOffs"]:
        given = {"id": id, "rule": each["rule"]["name"], "seen": now["revision"]}
        tale.ask(anybody(tale, *SIGNING), "withdrawMergeRequestSignOff", **given)


def report(tale: Tale, id: str) -> None:
    """A pipeline ends, one way or the other."""
    outcome = tale.random.choice(("PASSED", "PASSED", "FAILED", "SKIPPED", "RUNNING"))
    given = {"project": PROJECT, "name": "pipeline", "outcome": outcome}
    given["subject"] = _about(tale, id)["head"] or commit(tale)
    tale.ask(anybody(tale, "build-bot", "build-bot", "release-bot"), "reportEvidence", **given)


def assign(tale: Tale, id: str) -> None:
    """Somebody gives it to somebody."""
    other = tale.world.id(anybody(tale, *PRONE, "release-bot", "release-bot"))
    tale.ask(anybody(tale, "uma", "rosa", "quinn"), "assignMergeRequest", id=id, assignee=other)


def close(tale: Tale, id: str) -> None:
    """Somebody closes it."""
    tale.ask(anybody(tale, "uma", "rosa"), "closeMergeRequest", id=id, reason=WHY)


def reopen(tale: Tale, id: str) -> None:
    """Somebody opens it again."""
    tale.ask(anybody(tale, "uma", "rosa"), "reopenMergeRequest", id=id)


def conceal(tale: Tale, id: str) -> None:
    """Somebody hides it."""
    tale.ask(anybody(tale, "quinn", "noor"), "concealMergeRequest", id=id, reason=WHY)


def reveal(tale: Tale, id: str) -> None:
    """Somebody shows it."""
    tale.ask(anybody(tale, "quinn", "viktor"), "revealMergeRequest", id=id)


def decline(tale: Tale, id: str) -> None:
    """Somebody says that they wrote nothing of it, and another agrees."""
    who = anybody(tale, *PRONE)
    tale.ask(who, "declineMergeRequestAuthorship", id=id)
    if tale.random.random() < 0.5:
        given = {"id": id, "person": tale.world.id(who)}
        tale.ask(anybody(tale, *SIGNING), "agreeToMergeRequestDecline", **given)


def merge_lock(tale: Tale, _id: str) -> None:
    """Nothing is to be merged for a while."""
    terms: dict[str, Any] = {
        "title": f"Freeze {len(tale.lines)}",
        "kind": "MERGE",
        "projects": tale.random.choice(([PROJECT], [])),
        "exempters": [tale.world.id(each) for each in tale.random.sample(mischief.people(tale), 3)],
        "exempting": tale.random.choice((1, 2)),
        "until": soon(5),
    }
    tale.ask(anybody(tale, "viktor", "wren"), "declareLock", terms=terms)


def exempt(tale: Tale, id: str) -> None:
    """Somebody asks that it be exempt from a lock."""
    for each in tale.listed("locks", "{ id }", filter={"status": "ACTIVE"})[:1]:
        given = {"lock": each["id"], "mergeRequest": id, "reason": WHY}
        tale.ask(anybody(tale, *PRONE), "requestExemption", **given)


PROGRESS: Final[tuple[Step, ...]] = (sign, sign, report, assign)
TURNS: Final[tuple[Step, ...]] = (
    *(push, retarget, take_back, close, reopen, conceal, reveal, decline, merge_lock, exempt),
    *(report, sign),
)
HELPING: Final = (
    *("merge_request.sign_off", "merge_request.withdraw_sign_off", "merge_request.recount"),
    *("merge_request.reopen", "merge_request.decline_authorship"),
)


def told(tale: Tale) -> Walk:
    """A merge request in some state, and somebody's wish to have it merged."""
    tale.prone, id = PRONE, opened(tale)
    for _ in range(tale.random.randint(0, 12)):
        kinds = tale.random.choice((PROGRESS, PROGRESS, TURNS, mischief.STEPS))
        tale.random.choice(kinds)(tale, id)
    walk = Walk(tale, GOAL, id, DEEDS, holding(GOAL, PROJECT=PROJECT), tried=_tried)
    walk.reader = onlooker(tale, GOAL, id, READING)
    return walk


def _tried(walk: Walk, gate: Gate) -> None:
    attempt(walk, gate, list(HELPING), sorted(set(PRONE)))
