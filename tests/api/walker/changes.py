"""Changes of every kind, brought somewhere and disturbed, for a walker to go on with."""

from __future__ import annotations

from typing import Any, Final

from tests.api.company import HIGH, MODERATE, content, window
from tests.api.walker import mischief
from tests.api.walker.deeds_beside import DEEDS as BESIDE
from tests.api.walker.deeds_changes import DEEDS as OWN
from tests.api.walker.gate import Gate, Goal
from tests.api.walker.mischief import WHY, Step, anybody
from tests.api.walker.tale import Tale
from tests.api.walker.walk import Walk, attempt, holding

ASKING: Final = ("carla", "dario", "nils", "olga")
VOTING: Final = (
    *("mara", "carla", "dario", "erin", "farid", "grace", "hugo", "ivan", "jana", "kofi", "lena"),
    *("rosa", "zora", "yusuf"),
)
PRONE: Final = (
    *("carla", "dario", "erin", "farid", "grace", "hugo", "ivan", "jana", "kofi", "lena"),
    *("mara", "nils", "olga", "pavel", "viktor", "wren", "zora", "yusuf"),
)
"""Those to whom things happen here."""
WORKING: Final = ("pavel", "viktor", "wren")
KINDS: Final = (
    *(("itsm", "normal"), ("itsm", "normal"), ("itsm", "standard"), ("itsm", "emergency")),
    *(("criticality", "c1"), ("criticality", "c2"), ("criticality", "c2_database")),
    *(("criticality", "c3"), ("criticality", "c4")),
)
RISKS: Final[tuple[dict[str, str], ...]] = ({}, MODERATE, HIGH)
GOALS: Final = tuple(
    Goal("change", act.upper(), f"change.{act}", f"{act}Change")
    for act in ("implement", "close", "close", "submit")
)
OPTIONAL: Final = ("description", "reason", "testPlan", "backoutPlan", "impact", "window")
TIMES: Final = ((-1, 6), (-1, 6), (-1, 6), (-9, 8), (30, 6), (400, 3))
"""When a change begins, in hours from now, and how long it takes."""
TRYING: Final = 12
"""How many people try what nobody is said to be able to do."""
DEEDS: Final = {**OWN, **BESIDE}


def wording(tale: Tale) -> dict[str, Any]:
    """What somebody says of a change, now and then too little."""
    risk = tale.random.choice(RISKS)
    when = window(*tale.random.choice(TIMES))
    service = tale.random.choice(("billing", "billing", "storefront"))
    told = content(f"Change {len(tale.lines)}", service, **risk, window=when)
    for each in OPTIONAL:
        if tale.random.random() < 0.07:
            del told[each]
    return told


def opened(tale: Tale) -> str:
    """A change that somebody drafts, perhaps in the name of others."""
    playbook, kind = tale.random.choice(KINDS)
    given: dict[str, Any] = {"playbook": playbook, "kind": kind, "content": wording(tale)}
    for each in ("requester", "owner"):
        if tale.random.random() < 0.2:
            given[each] = tale.world.id(anybody(tale, *PRONE))
    if kind == "standard":
        given["content"] |= {"impact": "low", "probability": "unlikely"}
        if tale.random.random() < 0.9:
            given["template"] = templated(tale, given["content"])
    return drafted(tale, given)


def drafted(tale: Tale, given: dict[str, Any]) -> str:
    """What somebody drafts who may, in the name of people who are not kept from acting."""
    bare = {name: value for name, value in given.items() if name not in ("requester", "owner")}
    for wish in (given, bare):
        for who in tale.random.sample(ASKING, len(ASKING)):
            id, problems = tale.told(who, "openChange", **wish)
            if not problems:
                return id
    raise AssertionError(tale.fault("nobody may draft a change"))


def templated(tale: Tale, told: dict[str, Any]) -> str | None:
    """A template that says the same, put into force if anybody may."""
    given = {name: value for name, value in told.items() if name != "window"}
    proposal = {"playbook": "itsm", "kind": "standard", "content": given}
    template, problems = tale.told("dario", "proposeTemplate", **proposal)
    approved = not problems and not tale.ask("carla", "approveTemplate", id=template, seen=1)
    return template if approved else None


# What people do with it.


def _about(tale: Tale, id: str) -> Any:
    told = "{ version revision status approvals { rule { name } } obligations { name } }"
    return tale.read("change", told, id=id)


def submit(tale: Tale, id: str) -> None:
    """Somebody puts it before those who decide."""
    tale.ask(anybody(tale, *ASKING), "submitChange", id=id, seen=_about(tale, id)["revision"])


def vote(tale: Tale, id: str) -> None:
    """A few decide, most of them for it."""
    for _ in range(tale.random.randint(1, 8)):
        now = _about(tale, id)
        rules = [each["rule"]["name"] for each in now["approvals"]]
        if not rules:
            return
        given = {"id": id, "rule": tale.random.choice(rules), "seen": now["revision"]}
        word = tale.random.choice(("approve", "approve", "approve", "approve", "abstain", "reject"))
        given |= {"reason": WHY} if word == "reject" else {}
        tale.ask(anybody(tale, *VOTING), f"{word}Change", **given)


def take_back(tale: Tale, id: str) -> None:
    """Somebody takes their decision back."""
    now = _about(tale, id)
    for each in now["approvals"]:
        for who in tale.random.sample(VOTING, 4):
            given = {"id": id, "rule": each["rule"]["name"], "seen": now["revision"]}
            tale.ask(who, "withdrawChangeVote", **given)


def edit(tale: Tale, id: str) -> None:
    """Somebody words it anew, so that votes are void."""
    given = {"id": id, "content": wording(tale), "seen": _about(tale, id)["version"]}
    tale.ask(anybody(tale, *ASKING), "editChange", **given)


def hold(tale: Tale, id: str) -> None:
    """Somebody puts it on hold."""
    tale.ask(anybody(tale, "carla", "dario", "kofi", "lena"), "holdChange", id=id, reason=WHY)


def resume(tale: Tale, id: str) -> None:
    """Somebody lets it go on."""
    tale.ask(anybody(tale, "carla", "dario", "kofi", "lena"), "resumeChange", id=id)


def cancel(tale: Tale, id: str) -> None:
    """Somebody gives it up."""
    tale.ask(anybody(tale, *ASKING), "cancelChange", id=id, reason=WHY)


def assign(tale: Tale, id: str) -> None:
    """Somebody names who answers for it."""
    owner = tale.world.id(anybody(tale, *PRONE))
    tale.ask(anybody(tale, *ASKING), "assignChange", id=id, owner=owner)


def follow(tale: Tale, id: str) -> None:
    """It is to wait for another one, which may be under way."""
    other = opened(tale)
    for _ in range(tale.random.randint(0, 5)):
        tale.random.choice((submit, vote, vote, implement, finish, hold, cancel))(tale, other)
    given = {"id": id, "kind": "PREDECESSOR", "reference": other}
    tale.ask(anybody(tale, *ASKING), "linkChange", **given)


def implement(tale: Tale, id: str) -> None:
    """Somebody begins."""
    seen = _about(tale, id)["revision"]
    tale.ask(anybody(tale, *WORKING), "implementChange", id=id, seen=seen)


def finish(tale: Tale, id: str) -> None:
    """Somebody says how it went."""
    outcome = tale.random.choice(("SUCCESSFUL", "WITH_ISSUES", "UNSUCCESSFUL", "ROLLED_BACK"))
    tale.ask(anybody(tale, *WORKING), "finishChange", id=id, outcome=outcome, note=WHY)


def task(tale: Tale, id: str) -> None:
    """Something is left to do, perhaps after something else."""
    given: dict[str, Any] = {"id": id, "title": "Tell them"}
    if tale.random.random() < 0.4:
        given["assignee"] = tale.world.id(anybody(tale, *PRONE))
    if tale.random.random() < 0.3:
        given["after"] = [1]
    tale.ask(anybody(tale, *ASKING, "pavel"), "addChangeTask", **given)


def break_glass(tale: Tale, id: str) -> None:
    """Two want to begin without approval."""
    one, other = tale.random.sample(("carla", "dario", "kofi", "lena", "pavel"), 2)
    seen = _about(tale, id)["revision"]
    given = {"id": id, "reason": WHY, "second": tale.world.id(other), "seen": seen}
    tale.ask(one, "breakGlassForChange", **given)
    tale.ask(other, "confirmBreakGlassForChange", id=id, seen=seen)


def write_up(tale: Tale, id: str) -> None:
    """Somebody writes up what is owed."""
    for each in _about(tale, id)["obligations"]:
        given = {"id": id, "name": each["name"], "writeUp": f"{WHY} It went as people said."}
        tale.ask(anybody(tale, *ASKING, "pavel"), "fulfilChangeObligation", **given)


def exempt(tale: Tale, id: str) -> None:
    """Somebody asks that it be exempt from a lock."""
    for each in tale.listed("locks", "{ id }", filter={"status": "ACTIVE"})[:1]:
        given = {"lock": each["id"], "change": id, "reason": WHY}
        tale.ask(anybody(tale, *PRONE), "requestExemption", **given)


def retire(tale: Tale, _id: str) -> None:
    """A template is taken out of use."""
    for each in tale.listed("templates", "{ id }", filter={"status": "ACTIVE"})[:1]:
        tale.ask("dario", "retireTemplate", id=each["id"], reason=WHY)


PROGRESS: Final[tuple[Step, ...]] = (submit, submit, vote, vote, vote, implement, implement, finish)
TURNS: Final[tuple[Step, ...]] = (
    *(take_back, edit, hold, resume, cancel, assign, follow, task, break_glass, write_up),
    *(exempt, retire, vote, vote),
)
HELPING: Final = (
    *("change.approve", "change.recount", "change.resume", "change.submit", "change.implement"),
    *("change.decline_ownership", "change.decline_request", "change.review", "change.finish"),
)


def told(tale: Tale) -> Walk:
    """A change in some state, and somebody's wish to have something done with it."""
    tale.prone = PRONE
    for _ in range(tale.random.choice((0, 0, 1, 2))):
        tale.random.choice(mischief.STEPS)(tale, "")
    id = opened(tale)
    for _ in range(tale.random.randint(0, 12)):
        kinds = tale.random.choice((PROGRESS, PROGRESS, TURNS, mischief.STEPS))
        tale.random.choice(kinds)(tale, id)
    goal = tale.random.choice(GOALS)
    service = tale.read("change", "{ content { service } }", id=id)["content"]["service"]
    able = holding(goal, SERVICE=service)
    return Walk(tale, goal, id, DEEDS, able, frozenset(("change.open",)), _tried)


def _tried(walk: Walk, gate: Gate) -> None:
    people = sorted(each for each in walk.tale.world.people if not each.endswith("bot"))
    attempt(walk, gate, list(HELPING), walk.tale.random.sample(people, TRYING))
