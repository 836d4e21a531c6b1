"""Checks the bearer tokens (JWT) of an OpenID Connect provider."""

import re
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import Key
from joserfc.jws import JWSRegistry, deserialize_compact
from joserfc.jwt import JWTClaimsRegistry
from typing_extensions import override

from api.authentication.bearer import Identity, Verified
from api.authentication.group_grants import NOBODYS, GroupGrants
from api.authentication.jwks import Keys
from api.http.wire import decode
from api.settings import Limits, Oidc

COMPACT: Final = re.compile(r"([\w-]{1,2048})\.([\w-]{1,8192})\.([\w-]{1,1400})", re.ASCII)
TYPES: Final = frozenset({"jwt", "at+jwt", "application/at+jwt"})
"""What a token may say it is: a logout token, say, is signed by the same keys."""
LIMITS: Final = Limits(json_depth=8, string=4096)
NAME_LENGTH: Final = 255
GROUPS: Final = 500


class Registry(JWSRegistry):
    """The algorithms allowed and no other, named by the operator and not by the token."""

    max_header_length = 2048

    def __init__(self, allowed: tuple[str, ...]) -> None:
        super().__init__(algorithms=allowed, strict_check_header=False)
        self.by_name = {name: self.algorithms[name] for name in allowed}

    @override
    def get_alg(self, name: str) -> Any:
        if name not in self.by_name:
            raise UnsupportedAlgorithmError
        return self.by_name[name]


@dataclass(slots=True)
class OidcVerifier:
    """Believes a token if issuer, audience, time, type, algorithm and signature are all right."""

    settings: Oidc
    keys: Keys
    group_grants: GroupGrants = NOBODYS
    clock: Callable[[], float] = time.time
    registry: Registry = field(init=False)

    def __post_init__(self) -> None:
        """Fix the algorithms."""
        self.registry = Registry(self.settings.algorithms)

    async def verify(self, token: str) -> Verified | None:
        """What a token says about who shows it, or None for whatever reason."""
        try:
            header = self._header(token)
            key = await self.keys.find(header.get("kid"))
            claims = self._claims(token, key) if key else None
        except (JoseError, ValueError, TypeError):
            return None
        return self._verified(token, claims) if claims else None

    def _header(self, token: str) -> dict[str, Any]:
        """The header, judged before any key is asked for. Raises `ValueError`."""
        shape = COMPACT.fullmatch(token)
        header = decode(unpadded(shape[1]), LIMITS) if shape else None
        if not isinstance(header, dict) or "crit" in header:
            raise ValueError("no token of ours")
        kid, kind, algorithm = (header.get(name) for name in ("kid", "typ", "alg"))
        is_named = kid is None or (isinstance(kid, str) and 0 < len(kid) <= NAME_LENGTH)
        is_typed = isinstance(kind, str) and kind.lower() in TYPES
        if not is_named or not is_typed or algorithm not in self.settings.algorithms:
            raise ValueError("no token of ours")
        return header

    def _claims(self, token: str, key: Key) -> dict[str, Any]:
        """The claims, if signature and claims hold. Raises what `verify` takes for a no."""
        signed = deserialize_compact(token, key, registry=self.registry)
        claims: dict[str, Any] = dict(decode(signed.payload, LIMITS))
        JWTClaimsRegistry(
            now=int(self.clock()),
            leeway=self.settings.leeway,
            iss={"essential": True, "value": self.settings.issuer or ""},
            aud={"essential": True, "value": self.settings.audience or ""},
            sub={"essential": True},
            exp={"essential": True},
        ).validate(claims)
        return claims

    def _verified(self, token: str, claims: dict[str, Any]) -> Verified | None:
        subject = claims["sub"]
        if len(subject) > NAME_LENGTH:
            return None
        groups = named(claims.get(self.settings.groups_claim))
        return Verified(
            Identity(claims["iss"], subject),
            f"oidc:{sha256(token.encode()).hexdigest()[:32]}",
            groups,
            self.group_grants.of(groups),
            issued_at(claims.get("iat")),
        )


def unpadded(segment: str) -> bytes:
    """The bytes of a base64url text without padding. Raises `ValueError`."""
    return urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


def issued_at(moment: object) -> datetime | None:
    """The time in a claim, in seconds since 1970; None for what is no such number."""
    if isinstance(moment, bool) or not isinstance(moment, int | float):
        return None
    try:
        return datetime.fromtimestamp(moment, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def named(groups: object) -> tuple[str, ...]:
    """The groups in a claim: nobody's unless it is a list, and only what is a name."""
    listed = groups if isinstance(groups, list) else []
    names = (item for item in listed[:GROUPS] if isinstance(item, str) and item)
    return tuple(name for name in names if len(name) <= NAME_LENGTH)
