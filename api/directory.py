"""What a provider's groups bring: leases of roles, recorded by the directory's program."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import anyio.to_thread
import msgspec

from api.authentication import Caller, MappedGrant
from api.ids import new_id
from api.logs import log
from domain.grant import Grant, Status
from ledger.request import Answer, Request
from ledger.request import Status as Outcome

LEASE: Final = timedelta(days=7)
RENEWED_BELOW: Final = timedelta(days=3)
REMEMBERED_S: Final = 300.0
"""How long a person's groups are taken as settled, unless the token names others."""


@dataclass(slots=True)
class Directory:
    """Keeps a person's mapped grants in line with the groups their token names.

    `program` is the bot that holds `role:directory`; `digest` names the mapping file. An approving
    role still waits for a second person's confirmation, whatever a group says.
    """

    program: str
    digest: str
    grants_of: Callable[[str], tuple[Grant, ...]]
    submit: Callable[[Request], Awaitable[Answer]]
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    _settled: dict[str, tuple[tuple[MappedGrant, ...], float]] = field(default_factory=dict)

    async def settle(self, caller: Caller) -> None:
        """Record what is new, renew what runs out, revoke what the groups no longer bring."""
        person = caller.principal
        if person is None or caller.kind != "oidc" or self._is_settled(person, caller.grants):
            return
        held = await anyio.to_thread.run_sync(self.grants_of, person)
        for request in self.requests(person, caller.grants, held):
            answer = await self.submit(request)
            if answer.status is not Outcome.DONE:
                codes = [problem.code for problem in answer.problems]
                log.warning("group_not_mapped", action=request.action, codes=codes)
        self._settled[person] = (caller.grants, time.monotonic())

    def _is_settled(self, person: str, grants: tuple[MappedGrant, ...]) -> bool:
        known = self._settled.get(person)
        if known is None or known[0] != grants:
            return False
        return time.monotonic() - known[1] < REMEMBERED_S

    def requests(
        self, person: str, wanted: Iterable[MappedGrant], held: Iterable[Grant]
    ) -> list[Request]:
        """What has to be asked for so that the person holds what the groups bring, and no more."""
        now = self.clock()
        mapped = [
            each
            for each in held
            if each.group is not None and each.status is not Status.REVOKED and _lasts(each, now)
        ]
        found: list[Request] = []
        brought: set[str] = set()
        for offer in wanted:
            matching = [each for each in mapped if _brings(offer, each)]
            brought.update(each.id for each in matching)
            if not matching:
                found.append(self._map(person, offer, now))
            found.extend(self._renew(each, now) for each in matching if _runs_out(each, now))
        return found + [self._revoke(each) for each in mapped if each.id not in brought]

    def _map(self, person: str, offer: MappedGrant, now: datetime) -> Request:
        return self._request(
            "grant.map_group",
            new_id(),
            person=person,
            role=offer.role,
            scope=offer.scope,
            value=offer.value if offer.scope else None,
            until=now + LEASE,
            group=offer.group,
            mapping=self.digest,
        )

    def _renew(self, grant: Grant, now: datetime) -> Request:
        return self._request("grant.renew", grant.id, until=now + LEASE)

    def _revoke(self, grant: Grant) -> Request:
        reason = "The identity provider no longer names the group."
        return self._request("grant.revoke", grant.id, reason=reason)

    def _request(self, action: str, subject: str, **arguments: Any) -> Request:
        encoded = msgspec.json.encode(arguments)
        return Request(new_id(), action, subject, encoded, self.program, credential="directory")


def _lasts(grant: Grant, now: datetime) -> bool:
    return grant.until is None or now < grant.until


def _runs_out(grant: Grant, now: datetime) -> bool:
    return grant.until is not None and grant.until - now < RENEWED_BELOW


def _brings(offer: MappedGrant, grant: Grant) -> bool:
    same = (grant.group, grant.role, grant.scope) == (offer.group, offer.role, offer.scope)
    return same and (offer.scope is None or grant.value == offer.value)
