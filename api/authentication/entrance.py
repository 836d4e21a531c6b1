"""Who comes in: known accounts that are not suspended, by token or through OIDC."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from api.authentication.accounts import Accounts
from api.authentication.bearer import Authenticator, Caller, Verifier
from api.authentication.directory import Directory
from api.calendar.feed import is_for_feed
from api.context import Submit
from api.http.health import Check
from api.http.logs import log
from api.machine.keys import pepper
from api.settings import Misconfigured, Oidc, Settings
from ledger.store import Reader

if TYPE_CHECKING:
    from api.authentication.jwks import Keys


@dataclass(slots=True)
class Entrance:
    """Finds the caller behind an Authorization header, and keeps what groups bring them.

    Raises Misconfigured when OIDC's settings cannot be used.
    """

    settings: Settings
    reader: Reader
    submit: Submit
    _authenticate: Authenticator = field(init=False)
    _directory: Directory | None = None
    _keys: Keys | None = None

    def __post_init__(self) -> None:
        """Choose the ways in; OIDC's libraries are loaded only when it is used."""
        known = Accounts(self.reader)
        oidc = self.settings.oidc
        verifier = self._oidc(oidc, known) if oidc.issuer else None
        self._authenticate = Authenticator(
            known.token, pepper(self.settings), verifier, identify=known.identified
        )

    async def __call__(self, authorization: str) -> Caller | None:
        """The caller behind a credential; None for whoever is not let in, whatever the reason.

        A token for the calendar's feed stands in an address, so it opens nothing else.
        """
        caller = await self.any(authorization)
        return None if caller is not None and is_for_feed(caller) else caller

    async def any(self, authorization: str) -> Caller | None:
        """The caller behind any credential, also one for the feed alone."""
        caller = await self._authenticate(authorization)
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
        found: dict[str, Check] = {}
        if self._keys is not None:
            found["oidc"] = self._keys.fault
        if self._directory is not None:
            found["directory"] = self._directory.fault
        return found

    def _oidc(self, oidc: Oidc, known: Accounts) -> Verifier:
        from api.authentication.group_grants import read_group_grants  # noqa: PLC0415  (only here)
        from api.authentication.jwks import Keys  # noqa: PLC0415  (slow to import, and only here)
        from api.authentication.oidc import OidcVerifier  # noqa: PLC0415  (slow to import, and only here)

        self._keys = Keys(oidc)
        if oidc.grants is None:
            return OidcVerifier(oidc, self._keys)
        if oidc.directory is None:
            raise Misconfigured("CHANGEGATE_OIDC_DIRECTORY must name the program that maps groups")
        mapping = read_group_grants(oidc.grants)
        program = known.principal(oidc.directory) or oidc.directory
        self._directory = Directory(program, f"sha256:{mapping.digest}", known, self.submit)
        return OidcVerifier(oidc, self._keys, mapping)
