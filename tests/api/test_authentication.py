"""A caller is whoever shows a valid credential, with no more rights than it carries."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from api.authentication.bearer import Authenticator, Caller, Identity, Verified, bearer
from api.authentication.jwks import Keys
from api.authentication.oidc import OidcVerifier
from api.authentication.tokens import StoredToken, mint
from api.http.edge import edge
from api.http.endpoint import graphql_app
from api.settings import Oidc, Settings
from tests.api.provider import AUDIENCE, Provider
from tests.api.serving import serving
from tests.api.small_schema import exchange_as_context, make_schema

PEPPER = b"a pepper of 32 bytes at the least"
MINTED = mint(PEPPER)
STORED = StoredToken(MINTED.public_id, MINTED.hash, "user:ada", frozenset({"change.approve"}))
IDENTITY = Identity("https://id.example.org", "ada")


class OneToken:
    """A provider whose only token is `signed`."""

    async def verify(self, token: str) -> Verified | None:
        return Verified(IDENTITY, "oidc:1", ("cab",)) if token == "signed" else None


def authenticator(**parts: Any) -> Authenticator:
    known = {STORED.public_id: STORED}
    return Authenticator(**{"find": known.get, "pepper": PEPPER, **parts})


def caller(authorization: str, **parts: Any) -> Caller | None:
    return anyio.run(authenticator(**parts), authorization)


def test_a_token_speaks_for_its_principal_within_its_actions() -> None:
    found = caller(f"Bearer {MINTED.text}")
    assert found == Caller(
        "token", f"token:{MINTED.public_id}", "user:ada", actions=frozenset({"change.approve"})
    )


def test_a_person_of_the_provider_is_found_by_identity() -> None:
    known = {IDENTITY: "user:ada"}
    found = caller("Bearer signed", verifier=OneToken(), identify=known.get)
    assert found == Caller("oidc", "oidc:1", "user:ada", IDENTITY, groups=("cab",))


def test_a_person_who_is_not_known_here_is_an_identity_only() -> None:
    found = caller("Bearer signed", verifier=OneToken())
    assert found is not None
    assert (found.principal, found.identity) == (None, IDENTITY)


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic YWRhOmFkYQ==",
        "TOKEN",
        "Token TOKEN",
        "Bearer TOKEN TOKEN",
        "Bearer TOKENx",
        "Bearer xTOKEN",
        "Bearer signed",
        "Bearer caf\xe9",
        "Bearer " + "x" * 9000,
    ],
)
def test_nothing_else_names_a_caller(authorization: str) -> None:
    assert caller(authorization.replace("TOKEN", MINTED.text)) is None


def test_a_token_that_ran_out_or_was_revoked_names_nobody() -> None:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    for spent in (replace(STORED, expires=at), replace(STORED, revoked=at)):
        parts = {"find": lambda _, spent=spent: spent, "clock": lambda: at}
        assert caller(f"Bearer {MINTED.text}", **parts) is None


@given(st.text())
def test_any_header_is_judged_without_a_fault(text: str) -> None:
    for authorization in (text, f"Bearer {text}", f"bearer cg_{text}"):
        assert caller(authorization, verifier=OneToken()) is None


def test_the_scheme_may_be_spelled_in_any_case() -> None:
    assert bearer("bearer x") == bearer("BEARER   x") == "x"


def test_an_authenticator_prints_no_secret() -> None:
    assert "pepper" not in repr(authenticator())


@contextmanager
def whole(provider: Provider) -> Iterator[TestClient]:
    """The small schema behind everything, believing a provider that is served."""
    with serving(provider.app()) as url:
        provider.issuer = url
        oidc = Oidc(url, AUDIENCE)
        settings = Settings(hosts=("testserver",), oidc=oidc)
        known = {Identity(url, "ada"): "user:ada"}
        check = authenticator(verifier=OidcVerifier(oidc, Keys(oidc)), identify=known.get)
        endpoint = graphql_app(make_schema(settings), exchange_as_context, settings)
        with TestClient(edge(endpoint, check, settings)) as client:
            yield client


def test_over_http_good_credentials_are_let_in_and_all_others_answered_alike(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    provider = Provider()
    with whole(provider) as client:

        def answer(credential: str) -> Any:
            headers = {"authorization": f"Bearer {credential}"}
            return client.post("/graphql", json={"query": "{ hello }"}, headers=headers)

        for good in (MINTED.text, provider.token()):
            assert answer(good).json() == {"data": {"hello": "Hello world"}}
        bad = [answer(text) for text in ("x", provider.token(exp=1), mint(PEPPER).text)]
        assert {reply.status_code for reply in bad} == {401}
        assert len({reply.content for reply in bad}) == 1
