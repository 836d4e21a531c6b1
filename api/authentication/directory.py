"""What a provider's groups bring: leases of roles, recorded by the directory's program."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple, Protocol

import anyio
import anyio.to_thread
import msgspec

from api.authentication.bearer import Caller, MappedGrant
from api.http.logs import log
from api.ids import new_id
from domain.grant.aggregate import Grant
from ledger.request import Answer, Request
from ledger.request import Status as Outcome

LEASE: Final = timedelta(days=7)
RENEWED_BELOW: Final = timedelta(days=3)
BEGINNING: Final = datetime.min.replace(tzinfo=UTC)
ACTIONS: Final = ("grant.map_group", "grant.renew", "grant.revoke")
REMEMBERED_S: Final = 300.0
"""How long what a token names is taken as settled."""


class Settled(NamedTuple):
    """What a token said when it was last acted upon, and when that was."""

    grants: tuple[MappedGrant, ...]
    issued: datetime | None
    at: float


class Held(Protocol):
    """What the log says of accounts, asked in a thread."""

    def grants_of(self, person: str) -> tuple[Grant, ...]:
        """Every grant a person has been given."""

    def may(self, principal: str, action: str) -> bool:
        """Whether the policy lets a principal ask for an action."""


@dataclass(slots=True)
class Directory:
    """Keeps a person's mapped grants in line with the groups their token names.

    `program` is the bot that holds `role:directory`; `digest` names the mapping file. An approving
    role still waits for a second person's confirmation, whatever a group says. A token says what
    was so when it was issued: it changes nothing that the directory did later, so that showing an
    older token brings no group back. What a person revoked or turned down no group brings back.
    """

    program: str
    digest: str
    known: Held
    submit: Callable[[Request], Awaitable[Answer]]
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    _settled: dict[str, Settled] = field(default_factory=dict)
    _settling: dict[str, anyio.Lock] = field(default_factory=dict)

    async def settle(self, caller: Caller) -> None:
        """Record what is new, renew what runs out, revoke what the groups no longer bring."""
        person = caller.principal
        if person is None or caller.kind != "oidc" or self._is_settled(person, caller):
            return
        async with self._settling.setdefault(person, anyio.Lock()):
            if not self._is_settled(person, caller):
                await self._settle(person, caller)

    async def _settle(self, person: str, caller: Caller) -> None:
        held = await anyio.to_thread.run_sync(self.known.grants_of, person)
        heard = True
        for request in self.requests(person, caller.grants, held, caller.issued):
            answer = await self.submit(request)
            if answer.status is not Outcome.DONE:
                codes = [problem.code for problem in answer.problems]
                log.warning("group_not_mapped", action=request.action, codes=codes)
            heard = heard and answer.status is not Outcome.FAILED
        if heard:
            self._settled[person] = Settled(caller.grants, caller.issued, time.monotonic())

    def _is_settled(self, person: str, caller: Caller) -> bool:
        known = self._settled.get(person)
        if known is None or (known.grants, known.issued) != (caller.grants, caller.issued):
            return False
        return time.monotonic() - known.at < REMEMBERED_S

    def fault(self) -> str | None:
        """Why groups cannot be mapped, if they cannot."""
        if all(self.known.may(self.program, action) for action in ACTIONS):
            return None
        return (
            "CHANGEGATE_OIDC_DIRECTORY names no program that holds role:directory and whose owner "
            "is not suspended"
        )

    def requests(
        self,
        person: str,
        wanted: Iterable[MappedGrant],
        held: Iterable[Grant],
        issued: datetime | None,
    ) -> list[Request]:
        """What has to be asked for so that the person holds what the groups bring, and no more.

        `issued` is when the token was made that names the groups; one that does not say so only
        adds to what was never changed.
        """
        now, said = self.clock(), issued or BEGINNING
        mapped = [each for each in held if each.group is not None]
        lasting = [each for each in mapped if _lasts(each, now)]
        found: list[Request] = []
        brought: set[str] = set()
        for offer in dict.fromkeys(wanted):
            matching = [each for each in lasting if _brings(offer, each)]
            brought.update(each.id for each in matching)
            if not matching and not any(self._taken(offer, each, said) for each in mapped):
                found.append(self._map(person, offer, now))
            found.extend(self._renew(each, now) for each in matching if _runs_out(each, now))
        gone = (each for each in lasting if each.id not in brought and each.granted_at < said)
        return found + [self._revoke(each) for each in gone]

    def _taken(self, offer: MappedGrant, grant: Grant, said: datetime) -> bool:
        """Whether what a token offers was revoked by a person, or after the token was made."""
        if grant.revoked_at is None or not _brings(offer, grant):
            return False
        return grant.revoked_by != self.program or said <= grant.revoked_at

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
    return grant.revoked_at is None and (grant.until is None or now < grant.until)


def _runs_out(grant: Grant, now: datetime) -> bool:
    return grant.until is not None and grant.until - now < RENEWED_BELOW


def _brings(offer: MappedGrant, grant: Grant) -> bool:
    same = (grant.group, grant.role, grant.scope) == (offer.group, offer.role, offer.scope)
    return same and (offer.scope is None or grant.value == offer.value)
