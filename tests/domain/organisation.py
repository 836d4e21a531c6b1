"""A small organisation with its boards, grants and playbooks, and stories told in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.adoption import Status as Adoption
from domain.adoption import text_digest
from domain.board.aggregate import Board, Seat, SeatKind
from domain.calendar.window import Window
from domain.content import Content
from domain.gate import Finding
from domain.grant.aggregate import Grant, Scope
from domain.grant.aggregate import Status as Granted
from domain.kernel import Aggregate, Recorded, Refusal, Then
from domain.playbook.aggregate import Playbook
from domain.playbook.aggregate import process as playbook_process
from domain.principal.aggregate import Kind, Principal
from tests.domain.given import DAY, NOON, asked_by

PLAYBOOKS = Path(__file__).parents[2] / "policies" / "playbooks"
LONG_AGO = NOON - 100 * DAY
HOUR = timedelta(hours=1)

(ANN, OWEN, ASA, MAX, SUE, CHAIR, CAB_ONE, CAB_TWO, CAB_THREE, ECAB_ONE, ECAB_TWO, ENG, DUTY) = (
    f"user:{digit * 32}" for digit in "123456789abcd"
)
ROBOT = "bot:" + "e" * 32
TEAMS = {ENG: "payments", ANN: "payments", DUTY: "operations", OWEN: "payments"}
SERVICE = "ledger"
CLAIM: tuple[str, ...] = ("claimed", "happened")
WINDOW = Window(
    since=NOON + DAY,
    until=NOON + DAY + 2 * HOUR,
    local_since="2026-03-03T13:00:00",
    local_until="2026-03-03T15:00:00",
    zone="Europe/Berlin",
)
CONTENT = Content(
    title="Move the ledger to its new disks",
    service=SERVICE,
    description="The old disks are nearly full.",
    reason="Without it bookings stop in May.",
    configuration_items=("db-1", "db-2"),
    environments=("production",),
    implementation_plan="Attach, copy, switch.",
    test_plan="Book and read back.",
    backout_plan="Switch back.",
    communication_plan="Mail to accounting.",
    impact="medium",
    probability="possible",
    window=WINDOW,
)
MODERATE, LOW = CONTENT, replace(CONTENT, impact="low", probability="unlikely")
HIGH = replace(CONTENT, impact="high", probability="likely")


def person(id: str, **changes: Any) -> Principal:
    """A registered principal."""
    kind = Kind.BOT if id.startswith("bot:") else Kind.HUMAN
    named = ("someone", "Someone", None)
    known = Principal(id, 1, kind, *named, TEAMS.get(id), None, ANN, LONG_AGO)
    return replace(known, handle=id, **changes)


def grant(who: str, role: str, scope: Scope | None, value: str, **changes: Any) -> Grant:
    """A confirmed grant."""
    given = Grant(
        id=f"grant {role} {who}",
        version=2,
        person=who,
        role=role,
        scope=scope,
        value=value,
        since=LONG_AGO,
        until=None,
        approving=True,
        reason=None,
        granted_by=OWEN,
        granted_at=LONG_AGO,
        status=Granted.ACTIVE,
        confirmed_by=SUE,
        confirmed_at=LONG_AGO,
    )
    return replace(given, **changes)


def revoked(given: Grant, at: datetime = NOON) -> Grant:
    """The grant, taken away."""
    return replace(given, status=Granted.REVOKED, revoked_by=OWEN, revoked_at=at)


def board(kind: str, *members: str, chair: str | None = None) -> Board:
    """A board that decides for everything."""
    seats = [_seat(kind, who, SeatKind.MEMBER) for who in members]
    if chair:
        seats.insert(0, _seat(kind, chair, SeatKind.CHAIR))
    return Board(kind * 4, 1, kind, kind, None, ("any",), OWEN, LONG_AGO, tuple(seats))


def _seat(kind: str, who: str, seat: SeatKind) -> Seat:
    return Seat(f"seat {kind} {who}", who, seat, LONG_AGO, None, None, OWEN, LONG_AGO)


def adopted(name: str, text: str | None = None) -> Playbook:
    """A playbook in force: one of those that are shipped, or the text given."""
    body = (PLAYBOOKS / f"{name}.toml").read_text() if text is None else text
    return Playbook(
        id=f"playbook {name}",
        version=2,
        name=playbook_process(body).name,
        title=name,
        number=1,
        body=body,
        digest=text_digest(body),
        based_on=None,
        reason="",
        proposed_by=OWEN,
        proposed_at=LONG_AGO,
        status=Adoption.ADOPTED,
    )


CAB = board("cab", CAB_ONE, CAB_TWO, CAB_THREE, chair=CHAIR)
ECAB = board("ecab", ECAB_ONE, ECAB_TWO)
ASSESSOR = grant(ASA, "role:assessor", Scope.SERVICE, SERVICE)
MANAGER = grant(MAX, "role:change_manager", Scope.SERVICE, SERVICE)
OWNER = grant(SUE, "role:service_owner", Scope.SERVICE, SERVICE)
EVERYBODY = (ANN, OWEN, ASA, MAX, SUE, CHAIR, CAB_ONE, CAB_TWO, CAB_THREE, ECAB_ONE, ECAB_TWO)
PEOPLE = tuple(person(each) for each in (*EVERYBODY, ENG, DUTY, ROBOT))
WORLD = (*PEOPLE, CAB, ECAB, ASSESSOR, MANAGER, OWNER, adopted("itsm"))


@dataclass
class Story:
    """What becomes of one subject as people ask for things, a minute apart."""

    aggregate: Aggregate[Any]
    world: tuple[Any, ...] = WORLD
    at: datetime = NOON
    subject: str = "5" * 32
    state: Any = None
    told: list[Recorded] = field(default_factory=list)
    rights: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The grants by which the policy lets somebody; where none are told it asks for none."""

    def ask(self, by: str, verb: str, /, **arguments: Any) -> list[Any]:
        """Let somebody ask for a command, and fold what it yields; answers the events."""
        run = next(each.run for each in self.aggregate.commands if each.name == verb)
        claim = {name: arguments.pop(name) for name in CLAIM if name in arguments}
        behalf = arguments.get("behalf")
        claimed = claim | by_right(by, self.rights)
        context = asked_by(
            by, *self.others, at=self.at, subject=self.subject, behalf=behalf, **claimed
        )
        events = run(self.state, context, **arguments)
        for event in events:
            if not isinstance(event, Then):
                self._fold(event, by, claim)
        self.at += timedelta(minutes=1)
        return events

    @property
    def others(self) -> tuple[Any, ...]:
        """Everything on record, this subject included."""
        return self.world if self.state is None else (*self.world, self.state)

    def _fold(self, event: Any, by: str, claim: dict[str, Any]) -> None:
        version = self.state.version + 1 if self.state else 1
        id = f"{self.subject}-{version}.0"  # each is a request of its own
        known = Recorded(event, id, self.subject, version, self.at, by, None, **claim)
        self.told.append(known)
        self.state = self.aggregate.evolve(self.state, known)

    def learn(self, *states: Any) -> None:
        """Let the world change: a state replaces the one with its type and id."""
        known = {(type(each), each.id): each for each in (*self.world, *states)}
        self.world = tuple(known.values())


def by_right(by: str, rights: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    """What a request says of the grants by which the policy lets somebody."""
    held = rights.get(by, ())
    return {"grant": held[0], "grants": rights.__getitem__} if held else {}


def kinds(events: list[Any]) -> list[str]:
    """The names of events, for telling what followed."""
    return [type(each).__name__ for each in events]


@contextmanager
def refused(*codes: str) -> Iterator[pytest.ExceptionInfo[Refusal]]:
    """What is asked inside is refused, for these reasons at least."""
    with pytest.raises(Refusal) as caught:
        yield caught
    assert set(codes) <= {problem.code for problem in caught.value.problems}, caught.value


def midday(day: int) -> datetime:
    """Noon of a day in March."""
    return datetime(2026, 3, day, 12, tzinfo=UTC)


def ways(finding: Finding) -> list[list[str]]:
    """What satisfies it, each of these by itself."""
    return [[act.action for act in acts] for acts in (finding.acts, *finding.instead)]
