"""A real installation with people and grants, asked through the schema as a client would."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from strawberry.types import ExecutionResult

from api.context import Access, Asker, new_id
from api.derived.cursors import Cursors
from api.derived.identity import global_id
from api.history.past import PastRecords, PastSight, Then
from api.machine.first import issue_token
from api.machine.founding import adopt_shipped, found_log
from api.machine.installation import Desk, Installation
from api.schema import make_schema
from api.settings import Settings
from domain.kernel import OPERATOR
from ledger.request import Answer, Request
from ledger.store import Reader
from tests import migrated

SCOPED = {"scope": "service", "value": "any"}
ROLES = {
    "rita": ["requester"],
    "ava": ["assessor"],
    "mia": ["change_manager"],
    "max": ["change_manager"],
    "ivo": ["implementer"],
    "aud": ["auditor"],
}
TEAMS = ("second", "first")
SCHEMA = make_schema()
FIELDS = "id version revision status risk"
OPEN = f"""
mutation($i: OpenChangeInput!) {{
  openChange(input: $i) {{ change {{ {FIELDS} }} problems {{ code message path }} }}
}}
"""


class Office:
    """A founded log with the shipped policy and playbooks, and one person for each role."""

    def __init__(self, folder: Path, database: str = "") -> None:
        """Found the log, adopt what is shipped, let people in."""
        if not database:
            database = str(folder / "office.sqlite")
            migrated.copy_to(Path(database))
        settings = Settings(
            database=database,
            signing_key=folder / "log.key",
            token_pepper="p" * 32,
        )
        found_log(settings, origin="office.example/log")
        self.installation = Installation.open(settings)
        self.writer = self.installation.writer()
        self.desk = Desk(self.writer)
        adopt_shipped(self.desk)
        self.reader = self.installation.reader
        self.submitted: list[Request] = []
        self.access = Access(self.reader, self.submit, Cursors(b"c" * 32))
        self.people = {handle: self.person(handle) for handle in ROLES}
        for handle, roles in ROLES.items():
            for role in roles:
                self.grant(handle, role, **({} if role == "auditor" else SCOPED))

    def close(self) -> None:
        """Let the database go."""
        self.writer.close()
        self.installation.close()

    async def submit(self, request: Request) -> Answer:
        """Ask the writer in place."""
        self.submitted.append(request)
        return self.writer.submit(request)

    def person(self, handle: str) -> str:
        """Register somebody."""
        told: dict[str, Any] = {
            "handle": handle,
            "name": handle.title(),
            "team": TEAMS[handle < "m"],
        }
        person = f"user:{new_id()}"
        return self.desk.ask("principal.register", person, kind="human", mail=None, **told).subject

    def grant(self, handle: str, role: str, **more: Any) -> str:
        """Give somebody a role, as the operator."""
        person = self.people[handle]
        if role == "cleared":
            more = {"until": datetime.now(UTC) + timedelta(days=90), **more}
        given = {"person": person, "role": f"role:{role}", "reason": "Needed.", **more}
        return self.desk.ask("grant.give", **given).subject

    def seat(self, board: str, handle: str, by: str, second: str) -> str:
        """Seat somebody on a board, as one of two who keep it and the other; the seat."""
        person = self.people[handle]
        self.desk.ask("board.seat", board, by=self.people[by], person=person)
        known = self.writer.agreed.authority.board(board)
        assert known is not None
        [seat] = [each.id for each in known.seats if each.person == person and each.waits]
        self.desk.ask("board.confirm_seat", board, by=self.people[second], seat=seat)
        return seat

    def token(self, handle: str) -> str:
        """Give somebody a token."""
        lasts = timedelta(days=1)
        return issue_token(self.desk, b"p" * 32, self.people[handle], name="Test", lasts=lasts)

    def id(self, handle: str) -> str:
        """The global id of somebody."""
        return global_id("Principal", self.people[handle])

    def ask(self, document: str, by: str, **variables: Any) -> ExecutionResult:
        """Execute a document as somebody."""
        context = self.access.context(Asker(self.people[by]), new_id())
        result = asyncio.run(
            SCHEMA.execute(document, variable_values=variables, context_value=context)
        )
        assert isinstance(result, ExecutionResult)
        return result

    def data(self, document: str, by: str, **variables: Any) -> Any:
        """The data of an answer without errors."""
        result = self.ask(document, by, **variables)
        assert result.errors is None, result.errors
        return result.data

    def change(self, by: str = "rita", title: str = "Renew the certificate", **more: Any) -> Any:
        """A change that somebody drafted."""
        given = {"playbook": "itsm", "kind": "normal", "content": content(title, **more)}
        payload = self.data(OPEN, by, i=given)["openChange"]
        assert payload["problems"] == []
        return payload["change"]

    def act(self, verb: str, by: str, change: Any, **given: Any) -> Any:
        """Do something to a change as it stands; the change afterwards."""
        now = self.data(f"query($i: ID!) {{ change(id: $i) {{ {FIELDS} }} }}", by, i=change["id"])
        kind = f"{verb[0].upper()}{verb[1:]}Input"
        seen = {"seen": now["change"]["revision"]} if verb in SEES_REVISION else {}
        document = f"""mutation($i: {kind}!) {{
            {verb}(input: $i) {{ change {{ {FIELDS} }} problems {{ code message path }} }}
        }}"""
        payload = self.data(document, by, i={"id": change["id"], **seen, **given})[verb]
        assert payload["problems"] == [], payload["problems"]
        return payload["change"]


SEES_REVISION = {"submitChange", "approveChange", "rejectChange", "implementChange"}


def past_records(reader: Reader, connection: Connection, until: int) -> PastRecords:
    """Other objects as the operator is told that they stood before the event at a position."""
    now = datetime.now(UTC)
    return PastSight(reader, connection, OPERATOR, None, now, then=Then(until, now)).records


def content(title: str, **more: Any) -> dict[str, Any]:
    """What a normal change of low risk says, in a window that is open now."""
    since, until = (datetime.now(UTC) + timedelta(hours=hours) for hours in (-1, 5))
    return {
        "title": title,
        "service": "billing",
        "description": "The certificate runs out.",
        "reason": "Customers could not pay.",
        "configurationItems": ["lb-1"],
        "environments": ["production"],
        "implementationPlan": "Replace it.",
        "testPlan": "Look at it.",
        "backoutPlan": "Put the old one back.",
        "communicationPlan": "Tell support.",
        "impact": "low",
        "probability": "unlikely",
        "window": {
            "since": since.strftime("%Y-%m-%dT%H:%M"),
            "until": until.strftime("%Y-%m-%dT%H:%M"),
            "zone": "UTC",
        },
        **more,
    }
