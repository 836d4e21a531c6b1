"""An identity provider on loopback: keys, a discovery document, and tokens signed by them."""

import json
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from api.authentication.oidc import Registry

AUDIENCE = "changegate"
SIGNING = Registry(("RS256", "RS384", "ES256", "EdDSA", "Ed25519"))

RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
EC = ECKey.generate_key("P-256", {"kid": "ec"})
ED = OKPKey.generate_key("Ed25519", {"kid": "ed"})
STRANGER = RSAKey.generate_key(2048, {"kid": "rsa"})


@dataclass
class Provider:
    """What the provider answers now, and how often it was asked."""

    issuer: str = ""
    keys: list[Key] = field(default_factory=lambda: [RSA, EC, ED])
    fetches: int = 0
    failing: bool = False
    answer: Response | None = None
    discovery: dict[str, Any] = field(default_factory=dict)

    def app(self) -> ASGIApp:
        """The provider as an application."""
        return Starlette(
            routes=[
                Route("/jwks", self.jwks),
                Route("/moved", lambda _: RedirectResponse("/jwks")),
                Route("/.well-known/openid-configuration", self.discovered),
            ]
        )

    async def jwks(self, request: Request) -> Response:
        self.fetches += 1
        if self.failing:
            return Response(status_code=500)
        published = {"keys": [key.as_dict(private=False) for key in self.keys]}
        return self.answer or JSONResponse(published)

    async def discovered(self, request: Request) -> Response:
        found = {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks"}
        return JSONResponse({**found, **self.discovery})

    def token(
        self,
        key: Key = RSA,
        alg: str = "RS256",
        header: dict[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """A good token, but for what is said otherwise; None leaves a claim or header out."""
        now = int(time.time())
        said = {"iss": self.issuer, "aud": AUDIENCE, "sub": "ada", "exp": now + 300, "iat": now}
        head = {"alg": alg, "kid": key.kid, "typ": "at+jwt", **(header or {})}
        return signed(given(head), json.dumps(given({**said, **claims})).encode(), key, alg)


def given(parts: dict[str, Any]) -> dict[str, Any]:
    """What is not None."""
    return {name: value for name, value in parts.items() if value is not None}


def signed(header: dict[str, Any], payload: bytes, key: Key = RSA, alg: str = "RS256") -> str:
    """A token with any header and payload, and a good signature over both."""
    body = f"{part(header)}.{part(payload)}"
    return f"{body}.{part(SIGNING.get_alg(alg).sign(body.encode(), key))}"


def part(value: object) -> str:
    """Bytes, or a value as JSON, as a token spells them."""
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(text).rstrip(b"=").decode()
