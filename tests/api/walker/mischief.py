"""What happens to people, locks and calendars while somebody wants something else done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tests.api.company import window
from tests.api.walker.tale import Tale

WHY: Final = "So it goes."
Step = Callable[[Tale, str], object]
"""Something that somebody does, or tries to, while a record is under way."""


def soon(hours: float) -> str:
    """So many hours from now."""
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


def anybody(tale: Tale, *handles: str) -> str:
    """One of these, or of all people."""
    people = handles or tuple(each for each in tale.world.people if not each.endswith("bot"))
    return tale.random.choice(people)


def people(tale: Tale) -> list[str]:
    """Those to whom things happen, but for programs."""
    return [each for each in tale.prone if not each.endswith("bot")]


def revoke(tale: Tale, _subject: str) -> None:
    """Somebody loses a role."""
    person = tale.world.id(anybody(tale, *tale.prone))
    held = tale.listed("grants", "{ id role status }", filter={"person": person})
    standing = sorted((e["role"], e["id"]) for e in held if e["status"] == "ACTIVE")
    if standing:
        [role] = tale.random.sample(sorted({each for each, _ in standing}), 1)
        grant = next(id for each, id in standing if each == role)
        tale.ask("ada", "revokeGrant", id=grant, reason=WHY)


def suspend(tale: Tale, _subject: str) -> None:
    """Somebody is kept from acting."""
    tale.ask("ada", "suspendPrincipal", id=tale.world.id(anybody(tale, *tale.prone)), reason=WHY)


def reinstate(tale: Tale, _subject: str) -> None:
    """Somebody who was kept from acting may act again."""
    told = tale.listed("principals", "{ id handle }", filter={"suspended": True})
    for each in sorted(told, key=lambda each: str(each["handle"]))[:1]:
        tale.ask("ben", "reinstatePrincipal", id=each["id"], reason=WHY)


def unseat(tale: Tale, _subject: str) -> None:
    """Somebody loses a seat on a board."""
    boards = tale.listed("boards", "{ id name seats { id ended person { handle } } }")
    seats = sorted(
        (each["person"]["handle"], board["name"], board["id"], each["id"])
        for board in boards
        for each in board["seats"]
        if not each["ended"]
    )
    *_, board, seat = tale.random.choice(seats)
    tale.ask("ada", "unseatBoardMember", id=board, seat=seat, reason=WHY)


def leave(tale: Tale, _subject: str) -> None:
    """Somebody goes to another team, or to none."""
    person = tale.world.id(anybody(tale, *tale.prone))
    version = tale.read("principal", "{ version }", id=person)["version"]
    team = tale.random.choice(("operations", "security", "payments", None))
    tale.ask("ada", "editPrincipal", id=person, team=team, seen=version)


def join(tale: Tale, _subject: str) -> None:
    """Two accounts turn out to be one person's."""
    one, other = tale.random.sample(tale.prone, 2)
    tale.ask("ada", "linkPrincipalAccount", id=tale.world.id(one), account=tale.world.id(other))


def depart(tale: Tale, _subject: str) -> None:
    """Somebody is away for a while."""
    who = anybody(tale, *tale.prone)
    tale.ask(who, "announcePrincipalAbsence", id=tale.world.id(who), until=soon(30))


def delegate(tale: Tale, _subject: str) -> None:
    """Somebody on a board lets another decide in their place."""
    boards = sorted(tale.listed("boards", "{ id name }"), key=lambda each: str(each["name"]))
    board = tale.random.choice(boards)["id"]
    who, other = tale.random.sample(tale.prone, 2)
    given = {"delegate": tale.world.id(other), "board": board, "until": soon(48), "reason": WHY}
    tale.ask(who, "giveDelegation", **given)


def lock(tale: Tale, _subject: str) -> None:
    """Somebody stops everything in a place, for a service, or anywhere."""
    terms: dict[str, Any] = {
        "title": f"Freeze {len(tale.lines)}",
        "kind": tale.random.choice(("HARD", "SOFT")),
        "environments": tale.random.choice((["production"], [])),
        "services": tale.random.choice((["billing"], [])),
        "exempters": [tale.world.id(each) for each in tale.random.sample(people(tale), 3)],
        "exempting": tale.random.choice((1, 1, 2, 3)),
    }
    if tale.random.random() < 0.3:
        terms |= {"exempters": [], "exempting": 1}
    if tale.random.random() < 0.8:
        terms["until"] = soon(5)
    declared, problems = tale.told(anybody(tale, *LOCKING), "declareLock", terms=terms)
    if not problems and "until" not in terms:
        confirm(tale, declared)


def confirm(tale: Tale, lock: str) -> None:
    """Somebody agrees to what waits of a lock."""
    seen = tale.read("lock", "{ revision }", id=lock)["revision"]
    tale.ask(anybody(tale, *LOCKING), "confirmLock", id=lock, seen=seen)


def lift(tale: Tale, _subject: str) -> None:
    """Somebody wants a lock lifted; another may have to agree."""
    locks = tale.listed("locks", "{ id terms { title } }", filter={"status": "ACTIVE"})
    for each in sorted(locks, key=lambda each: str(each["terms"]["title"]))[:1]:
        tale.ask(anybody(tale, *LOCKING), "liftLock", id=each["id"], reason=WHY)


def refuse_exemption(tale: Tale, _subject: str) -> None:
    """Somebody whom a lock names turns a wish down."""
    for each in tale.listed("exemptions", "{ id }", filter={"status": "OPEN"})[:1]:
        tale.ask(anybody(tale, *tale.prone), "declineExemption", id=each["id"], reason=WHY)


def enter(tale: Tale, _subject: str) -> None:
    """Something is entered in the calendar that nothing may clash with."""
    plan: dict[str, Any] = {
        "title": f"Sale {len(tale.lines)}",
        "kind": tale.random.choice(("BUSINESS", "BUSINESS", "MAINTENANCE")),
        "window": window(*tale.random.choice(((-1, 3), (1, 2), (20, 4)))),
        "severity": tale.random.choice(("BLOCK", "WARN")),
    }
    if tale.random.random() < 0.7:
        plan["service"] = "billing"
    tale.ask(anybody(tale, "viktor", "wren", "carla", "dario"), "planCalendarEntry", plan=plan)


LOCKING: Final = ("carla", "dario", "viktor", "wren", "pavel", "kofi")
STEPS: Final[tuple[Step, ...]] = (
    *(revoke, suspend, reinstate, unseat, leave, join, depart, delegate),
    *(lock, lock, lift, refuse_exemption, enter),
)
"""All of it."""
