"""People, a board and changes for it to approve, made by the commands of the shipped process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from api.context import new_id
from api.derived.zones import ZONE_RULES
from api.machine.installation import Desk
from domain.calendar.window import resolve
from domain.grant.checks import CLEARANCE
from ledger.request import Answer, Request, Status

SERVICES = tuple(f"service-{number:02d}" for number in range(20))
MEMBERS = 8
"""Of the board: two of them approve a moderate risk, half of them with their chair a high one."""
RATINGS = (("low", "unlikely"), ("medium", "possible"), ("high", "likely"))
"""Impact and probability of changes of low, moderate and high risk, as the process rates them."""
VOTES = (2, 3, 6)
"""How many approvals a change of each risk needs, from its assessment on."""
BATCH = 1024
WHY = "To measure."
KIND: dict[str, Any] = {"playbook": "itsm", "kind": "normal"}


@dataclass(slots=True)
class Organisation:
    """Who writes, assesses and owns, and the board: its chair comes last, since all need it."""

    desk: Desk
    board: list[str] = field(default_factory=list)
    administrators: list[str] = field(default_factory=list)
    requester: str = ""
    assessor: str = ""
    manager: str = ""
    owner: str = ""
    events: int = 0  # in the log, as far as was asked in batches

    def build(self) -> None:
        """Let people in, give them their roles, seat the board."""
        self.administrators = [self._administrator(), self._administrator()]
        self.requester = self.person("role:requester", "service")
        self.assessor = self.person("role:assessor", "service")
        self.manager = self.person("role:change_manager", "service")
        self.owner = self.person("role:service_owner", "service")
        self.board = [self.person("role:cab_member", "board") for _ in range(MEMBERS)]
        ask, by = self.desk.ask, self.administrators[0]
        cab = ask("board.establish", by=by, kind="cab", name="Board", services=["any"]).subject
        second = self.administrators[1]
        for member in self.board:
            ask("board.seat", cab, by=by, person=member)
            ask("board.confirm_seat", cab, by=second, seat=self._seat(cab, member))
        chair = self._seat(cab, self.board[-1])
        ask("board.appoint_chair", cab, by=by, seat=chair)
        ask("board.confirm_chair", cab, by=second, seat=chair)

    def _seat(self, board: str, member: str) -> str:
        known = self.desk.writer.agreed.authority.board(board)
        assert known is not None
        return next(seat.id for seat in known.seats if seat.person == member)

    def person(self, role: str, scope: str | None = None) -> str:
        """Somebody new with a role, for anything of its scope kind."""
        person = self._registered()
        self.give(person, role, scope, "any")
        return person

    def give(self, person: str, role: str, scope: str | None, value: str) -> None:
        """Let an administrator give a role, and another confirm it if that must be."""
        first, second = self.administrators
        where: dict[str, Any] = {"scope": scope, "value": value} if scope else {}
        if role == CLEARANCE:
            where["until"] = datetime.now(UTC) + timedelta(days=365)
        given = self.desk.ask("grant.give", by=first, person=person, role=role, reason=WHY, **where)
        if role in self.desk.writer.agreed.authority.approving:
            self.desk.ask("grant.confirm", given.subject, by=second)

    def _administrator(self) -> str:
        person = self._registered()
        self.desk.ask("grant.give", person=person, role="role:administrator", reason=WHY)
        return person

    def _registered(self) -> str:
        number = new_id()
        name = f"p{number[-12:]}"
        told: dict[str, Any] = {"handle": name, "name": name, "mail": None, "team": name}
        return self.desk.ask("principal.register", f"user:{number}", kind="human", **told).subject

    def changes(self, number: int) -> list[str]:
        """Submitted changes: one of low, one of moderate, one of high risk, and so on."""
        ids = [new_id() for _ in range(number)]
        openings = [
            request("change.open", id, self.requester, content=content(nth), **KIND)
            for nth, id in enumerate(ids)
        ]
        self.ask(openings)
        self.ask(request("change.submit", id, self.requester, seen=1) for id in ids)
        return ids

    @staticmethod
    def enough(votes: int) -> int:
        """How many changes need so many votes."""
        return votes * len(RATINGS) // sum(VOTES) + len(RATINGS)

    def votes(self, risk: int) -> list[tuple[str, str]]:
        """Who approves a change of this risk under which rule, in their order."""
        deciding = (
            [("change_manager", self.manager)],
            [("cab_two", member) for member in self.board[:2]],
            [
                ("service_owner", self.owner),
                *[("cab_half", member) for member in self.board[-MEMBERS // 2 :]],
            ],
        )
        return [("assessment", self.assessor), *deciding[risk]]

    def approvals(self, changes: Sequence[str]) -> Iterator[Request]:
        """Every vote that is due: the first of each change, then the second of each, and so on."""
        due = [self.votes(risk) for risk in range(len(RATINGS))]
        for turn in range(max(VOTES)):
            for nth, change in enumerate(changes):
                votes = due[nth % len(due)]
                if turn < len(votes):
                    yield approval(change, *votes[turn])

    def ask(self, requests: Iterable[Request]) -> None:
        """Ask in batches, as many at once as the writer takes."""
        waiting = list(requests)
        for start in range(0, len(waiting), BATCH):
            for answer in self.desk.writer.run(waiting[start : start + BATCH]):
                check(answer)
                self.events = max(self.events, (answer.position or 0) + 1)
        self.desk.writer.rest()


def approval(change: str, rule: str, person: str) -> Request:
    """One person's vote, under a key."""
    return request(
        "change.approve", change, person, seen=1, key=new_id(), rule=rule, comment="Sound."
    )


def request(
    action: str,
    subject: str,
    by: str,
    /,
    *,
    seen: int | None = None,
    key: str | None = None,
    **told: Any,
) -> Request:
    """A request as the edge makes it."""
    return Request(
        id=new_id(),
        action=action,
        subject=subject,
        arguments=msgspec.json.encode(told),
        by=by,
        credential="token:bench",
        seen=seen,
        key=key,
    )


def check(answer: Answer) -> None:
    """Stop when a request was not done: a refusal is quick, and would be measured as such."""
    assert answer.status is Status.DONE, answer


def content(number: int) -> dict[str, Any]:
    """What a change says, as long as people write."""
    impact, probability = RATINGS[number % len(RATINGS)]
    service = SERVICES[number % len(SERVICES)]
    begin = datetime.now(UTC).replace(tzinfo=None, microsecond=0) + timedelta(days=3)
    return {
        "title": f"Move {service} to the new cluster, step {number}",
        "service": service,
        "description": "The nodes of the old cluster are out of support by the end of the year.",
        "reason": "A node that fails cannot be replaced any more, and takes customers with it.",
        "configuration_items": [f"{service}-db", f"{service}-web"],
        "environments": ["production"],
        "implementation_plan": "1. Drain one node. 2. Move it. 3. Watch it. 4. Repeat.",
        "test_plan": "The smoke tests, and the dashboard of error rates.",
        "backout_plan": "Move the node back; it takes five minutes.",
        "communication_plan": "A note in the status channel before and after.",
        "impact": impact,
        "probability": probability,
        "window": resolve(begin, begin + timedelta(hours=2), "Europe/Berlin", ZONE_RULES),
    }
