"""One edge process: the schema, who may come in, what it reads and whom it asks for changes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.types import ASGIApp

from api.authentication import Authenticator, Caller, Identity, Verifier
from api.context import Access, Asker, RequestContext, Submit
from api.cursors import Cursors
from api.directory import Directory
from api.edge import edge
from api.exchange import exchange_of
from api.health import Check, Readiness, health_routes
from api.http import graphql_app, schema_extensions
from api.installation import Installation
from api.keys import pepper
from api.logs import log
from api.preflight import checks
from api.schema import make_schema
from api.settings import Misconfigured, Settings
from api.tokens import StoredToken, mint
from domain.credential import Credential
from domain.grant import Grant
from ledger.store import Reader, Standing

Close = Callable[[], Awaitable[None]]


def create_app(
    installation: Installation,
    submit: Submit,
    *,
    more_checks: dict[str, Check] | None = None,
    close: Close | None = None,
) -> ASGIApp:
    """The whole application over an installation; `submit` leads to the writer.

    `more_checks` join those of `/readyz`; `close` is awaited when the process ends.
    """
    settings = installation.settings
    entrance = Entrance(installation, submit)
    secret = pepper(settings)
    access = Access(installation.reader, submit, Cursors(secret), partial(mint, secret))
    readiness = Readiness({**checks(installation), **entrance.checks(), **(more_checks or {})})

    async def context(request: HttpRequest, *_: Any) -> RequestContext:
        exchange = exchange_of(request.scope)
        return access.context(_asker(exchange.caller), exchange.id)

    @asynccontextmanager
    async def living(_app: Starlette) -> AsyncIterator[Any]:
        await entrance.prepare()
        yield None
        readiness.stopping = True
        if close is not None:
            await close()
        installation.close()

    schema = make_schema(schema_extensions(settings))
    graphql = graphql_app(schema, context, settings)
    return edge(graphql, entrance, settings, health_routes(readiness), living)


def _asker(caller: Caller | None) -> Asker:
    if caller is None or caller.principal is None:
        raise LookupError("a request without a caller passed the entrance")
    limits = None if caller.actions is None else tuple(sorted(caller.actions))
    return Asker(caller.principal, caller.credential, limits)


@dataclass(slots=True)
class Entrance:
    """Who comes in: known accounts that are not suspended, by token or through OIDC."""

    installation: Installation
    submit: Submit
    _authenticate: Authenticator | None = None
    _directory: Directory | None = None
    _keys: Any = None

    def __post_init__(self) -> None:
        """Choose the ways in; OIDC's libraries are loaded only when it is used."""
        settings = self.installation.settings
        verifier = self._oidc(settings) if settings.oidc.issuer else None
        self._authenticate = Authenticator(
            self._token, pepper(settings), verifier, identify=self._identified
        )

    async def __call__(self, authorization: str) -> Caller | None:
        """The caller behind a credential; None for whoever is not let in, whatever the reason."""
        caller = await self._authenticate(authorization) if self._authenticate else None
        if caller is None:
            return None
        if caller.principal is None:
            log.info("unknown_identity", credential=caller.credential)
            return None
        if self._directory is not None:
            await self._directory.settle(caller)
        return caller

    async def prepare(self) -> None:
        """Fetch the provider's keys before the first request needs them."""
        if self._keys is not None:
            await self._keys.refresh()

    def checks(self) -> dict[str, Check]:
        """What `/readyz` looks at here."""
        return {} if self._keys is None else {"oidc": self._keys.fault}

    def _standing(self) -> Standing:
        reader: Reader = self.installation.reader
        with reader.connection() as connection:
            return reader.standing(connection)

    def _token(self, public_id: str) -> StoredToken | None:
        reader = self.installation.reader
        with reader.connection() as connection:
            found = reader.get(connection, Credential, public_id)
            authority = reader.standing(connection).authority
        if found is None or authority.person(found.owner) is None:
            return None
        return StoredToken(
            found.id,
            bytes.fromhex(found.keyed_hash),
            found.owner,
            frozenset(found.actions) or None,
            found.until,
            found.since if authority.suspended(found.owner) else found.revoked_at,
        )

    def _grants_of(self, person: str) -> tuple[Grant, ...]:
        return self._standing().authority.grants_of(person)

    def _identified(self, identity: Identity) -> str | None:
        authority = self._standing().authority
        found = authority.identified(identity.issuer, identity.subject)
        return None if found is None or authority.suspended(found) else found

    def _oidc(self, settings: Settings) -> Verifier:
        from api.group_grants import read_group_grants  # noqa: PLC0415  (slow to import, and only here)
        from api.jwks import Keys  # noqa: PLC0415  (slow to import, and only here)
        from api.oidc import OidcVerifier  # noqa: PLC0415  (slow to import, and only here)

        oidc = settings.oidc
        self._keys = Keys(oidc)
        if oidc.grants is None:
            return OidcVerifier(oidc, self._keys)
        if oidc.directory is None:
            raise Misconfigured("CHANGEGATE_OIDC_DIRECTORY must name the program that maps groups")
        mapping = read_group_grants(oidc.grants)
        self._directory = Directory(
            oidc.directory,
            f"sha256:{mapping.digest}",
            self._grants_of,
            self.submit,
        )
        return OidcVerifier(oidc, self._keys, mapping)
