"""Sets the demo's organisation up, by the commands its own people would use."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from api.demo.cast import FOUNDERS, PANELS, PEOPLE, PROGRAMS, Panel, Role
from api.ids import new_id
from api.machine.first import issue_token
from api.machine.installation import Desk
from domain.change.state import Change
from domain.grant.checks import CLEARANCES
from ledger.request import Answer

WHY: Final = "The demo's organisation."
LASTING: Final = timedelta(days=365)
"""How long tokens and clearances last there."""


@dataclass(slots=True)
class Stage:
    """Who is who by handle, and how they ask."""

    desk: Desk
    people: dict[str, str] = field(default_factory=dict)

    def ask(self, handle: str, action: str, subject: str | None = None, **rest: Any) -> Answer:
        """Ask in a person's name."""
        return self.desk.ask(action, subject, by=self.people[handle], **rest)

    def change(self, id: str) -> Change:
        """A change as it stands."""
        found = self.desk.writer.view.get(Change, id)
        if found is None:
            raise LookupError(f"the demo has no change {id}")
        return found

    def build(self) -> None:
        """Accounts, roles and boards."""
        for player in (*FOUNDERS, *PEOPLE):
            self._register(player.handle, player.name, player.team, "user")
        for player in FOUNDERS:
            for role in player.roles:
                self._give(player.handle, role, by=None)
        for program in PROGRAMS:
            owner = self.people[program.owner]
            self._register(program.handle, program.name, None, "bot", owner=owner)
        for other in (*PEOPLE, *PROGRAMS):
            for role in other.roles:
                self._give(other.handle, role, by="ada", second="ben")
        for panel in PANELS:
            self._establish(panel)

    def _register(self, handle: str, name: str, team: str | None, kind: str, **rest: Any) -> None:
        id = f"{kind}:{new_id()}"
        named: dict[str, Any] = {
            "kind": "human" if kind == "user" else "bot",
            "handle": handle,
            "name": name,
        }
        mail = f"{handle}@demo.invalid" if kind == "user" else None
        self.desk.ask("principal.register", id, mail=mail, team=team, **named, **rest)
        self.people[handle] = id

    def _give(self, handle: str, role: Role, by: str | None, second: str | None = None) -> None:
        arguments: dict[str, Any] = {
            "person": self.people[handle],
            "role": role.name,
            "reason": WHY,
        }
        if role.scope is not None:
            arguments |= {"scope": role.scope, "value": role.value or "any"}
        if role.name in CLEARANCES:
            arguments["until"] = datetime.now(UTC) + LASTING
        if by is None:
            self.desk.ask("grant.give", **arguments)
            return
        given = self.ask(by, "grant.give", **arguments)
        if second is not None and role.name in self.desk.writer.agreed.authority.approving:
            self.ask(second, "grant.confirm", given.subject)

    def _establish(self, panel: Panel) -> None:
        board = self.ask(
            "ada", "board.establish", kind=panel.kind, name=panel.name, services=["any"]
        ).subject
        for handle in (panel.chair, *panel.members):
            self._seat(board, handle)
        for handle, member in panel.alternates:
            self._seat(board, handle, stands_for=self.people[member])
        chair = self._seat_of(board, panel.chair)
        self.ask("ada", "board.appoint_chair", board, seat=chair)
        self.ask("ben", "board.confirm_chair", board, seat=chair)

    def _seat(self, board: str, handle: str, **more: str) -> None:
        self.ask("ada", "board.seat", board, person=self.people[handle], **more)
        self.ask("ben", "board.confirm_seat", board, seat=self._seat_of(board, handle))

    def _seat_of(self, board: str, handle: str) -> str:
        known = self.desk.writer.agreed.authority.board(board)
        seats = known.seats if known else ()
        return next(each.id for each in seats if each.person == self.people[handle])

    def tokens(self, pepper: bytes) -> dict[str, str]:
        """One token for everybody, by handle."""
        return {
            handle: issue_token(
                self.desk, pepper, person, name=f"Demo {secrets.token_hex(2)}", lasts=LASTING
            )
            for handle, person in self.people.items()
        }
