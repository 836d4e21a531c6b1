"""The keys of an identity provider: fetched, kept a while, fetched anew when they change."""

import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import anyio
import httpx2
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, Key, OKPKey, RSAKey

from api.http.logs import described, log
from api.http.wire import decode
from api.settings import Limits, Oidc, is_safe_url

FRESH: Final = 300.0
"""Seconds after which keys are fetched again; a key that was withdrawn counts no longer."""
KEPT: Final = 3600.0
"""Seconds for which keys count when the provider cannot be reached."""
PAUSE: Final = 10.0
"""Seconds between two attempts, so that made-up key ids cost the provider next to nothing."""
TIMEOUT: Final = httpx2.Timeout(5.0, connect=3.0)
TOTAL: Final = 10.0
SIZE: Final = 256 * 1024
KEYS: Final = 100
RSA_BITS: Final = 2048
LIMITS: Final = Limits(body=SIZE)
DISCOVERY: Final = "/.well-known/openid-configuration"


class Unreachable(Exception):
    """The provider's keys could not be had, or are not to be believed."""


class Keys:
    """The keys with which an issuer signs, by their ids."""

    def __init__(self, settings: Oidc, clock: Callable[[], float] = time.monotonic) -> None:
        self.settings = settings
        self.clock = clock
        self.known: dict[str, Key] = {}
        self.fetched = self.tried = float("-inf")
        self.refreshing = anyio.Lock()

    async def find(self, kid: str | None) -> Key | None:
        """The key with this id; without an id, the only key there is.

        An id that is not known makes the keys be fetched again, but not more often than every
        `PAUSE` seconds. Whoever finds a key does not wait for somebody else's fetching.
        """
        found = self._known(kid)
        if found is None or (self._age() > FRESH and not self.refreshing.locked()):
            await self.refresh()
            found = self._known(kid)
        return found

    async def refresh(self) -> None:
        """Fetch the keys, unless that was tried a moment ago; failure leaves those known."""
        async with self.refreshing:
            if self.clock() - self.tried < PAUSE:
                return
            self.tried = self.clock()
            try:
                self.known = await self._fetched()
                self.fetched = self.clock()
            except (Unreachable, httpx2.HTTPError, TimeoutError, ValueError) as error:
                log.warning("jwks_unreachable", **described(error))

    def fault(self) -> str | None:
        """Why tokens of the issuer cannot be checked now, if they cannot."""
        return None if self.known and self._age() <= KEPT else "no current keys of the issuer"

    def _known(self, kid: str | None) -> Key | None:
        if self._age() > KEPT:
            return None
        if kid is None:
            return next(iter(self.known.values())) if len(self.known) == 1 else None
        return self.known.get(kid)

    def _age(self) -> float:
        return self.clock() - self.fetched

    async def _fetched(self) -> dict[str, Key]:
        with anyio.fail_after(TOTAL):
            found = await fetch(self.settings.jwks_url or await self._discovered())
        listed = found.get("keys")
        keys = dict(usable(listed)) if isinstance(listed, list) else {}
        if not keys:
            raise Unreachable("the issuer publishes no usable key")
        return keys

    async def _discovered(self) -> str:
        issuer = self.settings.issuer or ""
        found = await fetch(issuer.rstrip("/") + DISCOVERY)
        url = found.get("jwks_uri")
        if found.get("issuer") != issuer or not isinstance(url, str) or not is_safe_url(url):
            raise Unreachable("the discovery document is another issuer's")
        return url


async def fetch(url: str) -> dict[str, Any]:
    """The JSON object at a URL: no redirects, no compression, bounded in size and time."""
    headers = {"accept": "application/json", "accept-encoding": "identity"}
    async with (
        httpx2.AsyncClient(timeout=TIMEOUT, follow_redirects=False, headers=headers) as client,
        client.stream("GET", url) as response,
    ):
        if response.status_code != 200 or "content-encoding" in response.headers:
            raise Unreachable(f"answered {response.status_code}")
        body = b""
        async for part in response.aiter_raw():
            body += part
            if len(body) > SIZE:
                raise Unreachable("answered too much")
    found = decode(body, LIMITS)
    if not isinstance(found, dict):
        raise Unreachable("answered no JSON object")
    return found


def usable(listed: list[Any]) -> Iterator[tuple[str, Key]]:
    """The public signing keys of a set, by id; whatever else is published is passed over."""
    seen: set[str] = set()
    for item in listed[:KEYS]:
        kid = item.get("kid", "") if isinstance(item, dict) else None
        if not isinstance(kid, str) or kid in seen or not is_public(item):
            continue
        try:
            key = JWKRegistry.import_key(item)
        except (JoseError, ValueError, TypeError):
            continue
        if is_strong(key):
            seen.add(kid)
            yield kid, key


def is_public(item: dict[str, Any]) -> bool:
    """Whether a key may be for signatures, is not symmetric, and kept its private part private."""
    return item.get("use", "sig") == "sig" and item.get("kty") != "oct" and "d" not in item


def is_strong(key: Key) -> bool:
    """Whether a key is of a kind we check with, and long enough."""
    if isinstance(key, RSAKey):
        return key.public_key.key_size >= RSA_BITS
    return isinstance(key, ECKey | OKPKey)
