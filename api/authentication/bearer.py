"""Who asks: the caller behind a bearer credential, be it an API token or an OIDC token."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Literal, Protocol

import anyio.to_thread

from api.authentication.tokens import PREFIX, Find, check
from domain.grant.aggregate import Scope

BEARER: Final = "bearer "
CREDENTIAL_LENGTH: Final = 8 * 1024
"""Characters of a credential that are looked at; a longer one is not accepted."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as their identity provider knows them."""

    issuer: str
    subject: str


@dataclass(frozen=True, slots=True)
class MappedGrant:
    """A role that membership in a provider's group gives, for as long as a token says so."""

    group: str
    role: str
    scope: Scope | None = None
    """The kind of thing the role is limited to; None for a role without scope."""
    value: str = "any"
    """The thing it is limited to, or `any`."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What a valid OIDC token says about who shows it."""

    identity: Identity
    credential: str
    groups: tuple[str, ...] = ()
    grants: tuple[MappedGrant, ...] = ()
    issued: datetime | None = field(default=None, compare=False)
    """When the provider made the token, if it says so."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and what their credential allows at the most."""

    kind: Literal["token", "oidc"]
    credential: str
    """Which credential was shown, as the log may name it: never any part of its secret."""
    principal: str | None
    """The principal's id; None for a person of the provider who is not known here yet."""
    identity: Identity | None = None
    actions: frozenset[str] | None = None
    """The only actions the credential may ask for; None for all that the principal may."""
    groups: tuple[str, ...] = ()
    grants: tuple[MappedGrant, ...] = ()
    issued: datetime | None = field(default=None, compare=False)
    """When the credential was made, if it says so."""


class Verifier(Protocol):
    """Checks the bearer tokens of one identity provider."""

    async def verify(self, token: str) -> Verified | None:
        """What the token says, or None if it is not to be believed."""


def utc_now() -> datetime:
    """The time by this machine's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Authenticator:
    """Finds the caller for an Authorization header.

    `find` and `identify` may wait for a database: they are called in a thread.
    """

    find: Find
    pepper: bytes
    verifier: Verifier | None = None
    identify: Callable[[Identity], str | None] = lambda _: None
    clock: Callable[[], datetime] = utc_now

    def __repr__(self) -> str:
        """Nothing of what it knows."""
        return "Authenticator()"

    async def __call__(self, authorization: str) -> Caller | None:
        """The caller, or None: unknown, revoked, expired, forged and malformed are all alike."""
        credential = bearer(authorization)
        if credential is None:
            return None
        if credential.startswith(PREFIX):
            return await self._by_token(credential)
        return await self._by_oidc(credential) if self.verifier else None

    async def _by_token(self, text: str) -> Caller | None:
        stored = await anyio.to_thread.run_sync(check, text, self.find, self.pepper, self.clock())
        if stored is None:
            return None
        named = f"token:{stored.public_id}"
        return Caller("token", named, stored.principal, actions=stored.actions)

    async def _by_oidc(self, token: str) -> Caller | None:
        verified = await self.verifier.verify(token) if self.verifier else None
        if verified is None:
            return None
        principal = await anyio.to_thread.run_sync(self.identify, verified.identity)
        return Caller(
            "oidc",
            verified.credential,
            principal,
            verified.identity,
            groups=verified.groups,
            grants=verified.grants,
            issued=verified.issued,
        )


def bearer(authorization: str) -> str | None:
    """The credential of a bearer header, if it is one line of printable ASCII and not too long."""
    scheme, credential = authorization[: len(BEARER)], authorization[len(BEARER) :].strip(" ")
    fits = 0 < len(credential) <= CREDENTIAL_LENGTH and credential.isascii()
    return credential if scheme.lower() == BEARER and fits and " " not in credential else None
