"""A provider's token is believed only if everything about it is right."""

import hmac
import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import OctKey, RSAKey
from starlette.responses import Response

from api.authentication.bearer import Identity, MappedGrant, Verified
from api.authentication.group_grants import GroupGrants, read_group_grants
from api.authentication.jwks import FRESH, KEPT, PAUSE, SIZE, Keys, usable
from api.authentication.oidc import OidcVerifier, named
from api.derived.identity import global_id
from api.settings import Misconfigured, Oidc
from domain.grant.aggregate import Scope
from tests.api.provider import AUDIENCE, EC, ED, RSA, STRANGER, Provider, part, signed
from tests.api.serving import serving


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def served() -> Iterator[Provider]:
    provider = Provider()
    with serving(provider.app()) as url:
        provider.issuer = url
        yield provider


@pytest.fixture
def provider(served: Provider, monkeypatch: pytest.MonkeyPatch) -> Provider:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    served.__dict__.update(Provider(issuer=served.issuer).__dict__)
    return served


def settings(provider: Provider) -> Oidc:
    return Oidc(provider.issuer, AUDIENCE, f"{provider.issuer}/jwks")


def verifier(provider: Provider, clock: Clock | None = None) -> OidcVerifier:
    return OidcVerifier(settings(provider), Keys(settings(provider), clock or Clock()))


def verified(checker: OidcVerifier, token: str) -> Verified | None:
    return anyio.run(checker.verify, token)


# What is believed.


@pytest.mark.parametrize("key,alg", [(RSA, "RS256"), (EC, "ES256"), (ED, "EdDSA"), (ED, "Ed25519")])
def test_a_good_token_names_a_person_of_the_provider(
    provider: Provider, key: Any, alg: str
) -> None:
    found = verified(verifier(provider), provider.token(key, alg))
    assert found is not None
    assert found.identity == Identity(provider.issuer, "ada")
    assert found.credential.startswith("oidc:")


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "JWT", "application/at+jwt"])
def test_access_tokens_are_taken(provider: Provider, typ: str) -> None:
    assert verified(verifier(provider), provider.token(header={"typ": typ}))


def test_one_audience_of_several_is_enough(provider: Provider) -> None:
    assert verified(verifier(provider), provider.token(aud=["other", AUDIENCE]))


def test_a_clock_may_be_a_minute_off(provider: Provider) -> None:
    now = int(time.time())
    checker = verifier(provider)
    assert verified(checker, provider.token(exp=now - 30))
    assert verified(checker, provider.token(iat=now + 30, nbf=now + 30))


def test_the_log_names_a_token_by_a_digest(provider: Provider) -> None:
    checker = verifier(provider)
    first, second = provider.token(jti="a"), provider.token(jti="b")
    one, again, other = (verified(checker, token) for token in (first, first, second))
    assert one is not None
    assert again is not None
    assert other is not None
    assert one.credential == again.credential != other.credential
    assert re.fullmatch(r"oidc:[0-9a-f]+", one.credential)


# What is not.


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": []},
        {"aud": {"changegate": 1}},
        {"aud": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 5},
        {"sub": "x" * 256},
        {"sub": "ada\0"},
        {"exp": None},
        {"exp": "never"},
        {"exp": True},
        {"iat": "today"},
    ],
)
def test_wrong_claims_are_not_believed(provider: Provider, claims: dict[str, Any]) -> None:
    assert verified(verifier(provider), provider.token(**claims)) is None


@pytest.mark.parametrize("claim,seconds", [("exp", -61), ("iat", 600), ("nbf", 600)])
def test_a_token_counts_in_its_time_only(provider: Provider, claim: str, seconds: int) -> None:
    claims: dict[str, Any] = {claim: int(time.time()) + seconds}
    token = provider.token(**claims)
    assert verified(verifier(provider), token) is None


@pytest.mark.parametrize(
    "header",
    [
        {"typ": None},
        {"typ": "logout+jwt"},
        {"typ": ["JWT"]},
        {"kid": "unknown"},
        {"kid": "ec"},
        {"kid": "../../etc/passwd"},
        {"kid": "' OR 1=1 --"},
        {"kid": "x" * 256},
        {"crit": ["exp"]},
    ],
)
def test_wrong_headers_are_not_believed(provider: Provider, header: dict[str, Any]) -> None:
    assert verified(verifier(provider), provider.token(header=header)) is None


def test_a_signature_by_another_key_of_the_same_name_is_not_believed(provider: Provider) -> None:
    assert verified(verifier(provider), provider.token(STRANGER)) is None


def test_a_changed_token_is_not_believed(provider: Provider) -> None:
    head, _, signature = provider.token().split(".")
    _, claims, _ = provider.token(sub="eve").split(".")
    assert verified(verifier(provider), f"{head}.{claims}.{signature}") is None


def test_an_algorithm_that_is_not_allowed_is_refused_though_its_key_is_known(
    provider: Provider,
) -> None:
    assert verified(verifier(provider), provider.token(RSA, "RS384")) is None
    only_ec = replace(settings(provider), algorithms=("ES256",))
    checker = OidcVerifier(only_ec, Keys(only_ec, Clock()))
    assert verified(checker, provider.token(RSA)) is None
    assert verified(checker, provider.token(EC, "ES256"))


def good_claims(provider: Provider) -> dict[str, Any]:
    return {"iss": provider.issuer, "aud": AUDIENCE, "sub": "eve", "exp": int(time.time()) + 300}


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", None, ["RS256"]])
def test_unsigned_tokens_are_not_believed(provider: Provider, alg: object) -> None:
    head = {"alg": alg, "typ": "JWT", "kid": "rsa"}
    for signature in ("", part(b"x")):
        token = f"{part(head)}.{part(good_claims(provider))}.{signature}"
        assert verified(verifier(provider), token) is None


@pytest.mark.parametrize("alg", ["HS256", "RS256"])
def test_the_public_key_is_no_shared_secret(provider: Provider, alg: str) -> None:
    for secret in (RSA.as_pem(private=False), json.dumps(RSA.as_dict(private=False)).encode()):
        head = {"alg": alg, "typ": "JWT", "kid": "rsa"}
        body = f"{part(head)}.{part(good_claims(provider))}"
        token = f"{body}.{part(hmac.digest(secret, body.encode(), sha256))}"
        assert verified(verifier(provider), token) is None


def test_a_key_brought_along_is_not_used(provider: Provider) -> None:
    mine = STRANGER.as_dict(private=False)
    for header in ({"jwk": mine}, {"jku": f"{provider.issuer}/jwks"}, {"x5c": ["MII"]}):
        assert verified(verifier(provider), provider.token(STRANGER, header=header)) is None


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b.c",
        "a.b.c.d",
        f"{part(b'[' * 1500)}.{part({})}.{part(b'x')}",
        f"{part(b'null')}.{part({})}.{part(b'x')}",
        "x" * 20_000,
        f"{part({'alg': 'RS256', 'typ': 'JWT'})}.{'x' * 9000}.{part(b'x')}",
    ],
)
def test_what_is_no_token_is_refused_without_asking_for_keys(
    provider: Provider, token: str
) -> None:
    assert verified(verifier(provider), token) is None
    assert provider.fetches == 0


@pytest.mark.parametrize("claims", [b"[]", b"null", b"5", b'"x"', b"[" * 3000, b"[1]", b"\xff"])
def test_a_signed_payload_that_holds_no_claims_is_refused(
    provider: Provider, claims: bytes
) -> None:
    token = signed({"alg": "RS256", "typ": "JWT", "kid": "rsa"}, claims)
    assert verified(verifier(provider), token) is None


def test_any_text_and_any_header_are_refused_without_a_fault(provider: Provider) -> None:
    checker = verifier(provider)

    @given(st.text() | st.from_regex(r"[\w-]+\.[\w-]+\.[\w-]+", fullmatch=True))
    def any_text(token: str) -> None:
        assert verified(checker, token) is None

    values = st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    )
    names = st.sampled_from(["alg", "typ", "kid", "crit", "b64", "jwk", "x"])

    @given(st.dictionaries(names, values), values)
    def any_header(header: dict[str, Any], claims: Any) -> None:
        token = f"{part({'alg': 'RS256', 'typ': 'JWT', **header})}.{part(claims)}.{part(b'x')}"
        assert verified(checker, token) is None

    any_text()
    any_header()


# Keys.


def test_keys_are_fetched_once_for_many_tokens(provider: Provider) -> None:
    checker = verifier(provider)
    for _ in range(5):
        assert verified(checker, provider.token())
    assert provider.fetches == 1


def test_a_new_key_is_found_when_a_token_names_it(provider: Provider) -> None:
    clock = Clock()
    checker = verifier(provider, clock)
    assert verified(checker, provider.token())
    new = RSAKey.generate_key(2048, {"kid": "new"})
    provider.keys = [new]
    clock.now += PAUSE
    assert verified(checker, provider.token(new))
    assert verified(checker, provider.token()) is None


def test_made_up_key_ids_do_not_make_a_fetch_each(provider: Provider) -> None:
    clock = Clock()
    checker = verifier(provider, clock)
    for n in range(20):
        assert verified(checker, provider.token(header={"kid": f"made-up-{n}"})) is None
    assert provider.fetches == 1
    clock.now += PAUSE
    assert verified(checker, provider.token(header={"kid": "made-up"})) is None
    assert provider.fetches == 2
    assert verified(checker, provider.token())


def test_many_at_once_wait_for_one_fetch(provider: Provider) -> None:
    checker = verifier(provider)
    found: list[Verified | None] = []

    async def check() -> None:
        found.append(await checker.verify(provider.token()))

    async def all_at_once() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(check)

    anyio.run(all_at_once)
    assert all(found)
    assert len(found) == 20
    assert provider.fetches == 1


def test_a_withdrawn_key_ends_within_minutes(provider: Provider) -> None:
    clock = Clock()
    checker = verifier(provider, clock)
    assert verified(checker, provider.token())
    provider.keys = [EC]
    clock.now += FRESH + 1
    assert verified(checker, provider.token()) is None


def test_known_keys_outlast_an_outage_of_an_hour(provider: Provider) -> None:
    clock = Clock()
    checker = verifier(provider, clock)
    assert verified(checker, provider.token())
    provider.failing = True
    clock.now += KEPT
    assert verified(checker, provider.token())
    assert checker.keys.fault() is None
    clock.now += 1
    assert verified(checker, provider.token()) is None
    assert checker.keys.fault() == "no current keys of the issuer"
    provider.failing = False
    clock.now += PAUSE
    assert verified(checker, provider.token())


def test_without_any_keys_nobody_is_believed(provider: Provider) -> None:
    provider.failing = True
    checker = verifier(provider)
    assert verified(checker, provider.token()) is None
    assert checker.keys.fault() is not None


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"keys": 5}', b'{"keys": []}', b'{"keys": [5, {}]}', b"[" * 9000,
     b'{"keys": [], "x": "' + b"x" * SIZE + b'"}'],
)  # fmt: skip
def test_what_is_no_key_set_changes_nothing(provider: Provider, body: bytes) -> None:
    clock = Clock()
    checker = verifier(provider, clock)
    assert verified(checker, provider.token())
    provider.answer = Response(body)
    clock.now += FRESH + 1
    assert verified(checker, provider.token())
    assert provider.fetches == 2


def test_redirects_and_compression_are_not_followed(provider: Provider) -> None:
    moved = replace(settings(provider), jwks_url=f"{provider.issuer}/moved")
    assert verified(OidcVerifier(moved, Keys(moved, Clock())), provider.token()) is None
    provider.answer = Response(b"\x1f\x8b", headers={"content-encoding": "gzip"})
    assert verified(verifier(provider), provider.token()) is None


def test_keys_are_found_through_the_issuers_own_discovery_document(provider: Provider) -> None:
    found = replace(settings(provider), jwks_url=None)
    assert verified(OidcVerifier(found, Keys(found, Clock())), provider.token())
    for wrong in (
        {"issuer": "https://evil.example"},
        {"jwks_uri": "http://evil.example/jwks"},
        {"jwks_uri": None},
    ):
        provider.discovery = wrong
        assert verified(OidcVerifier(found, Keys(found, Clock())), provider.token()) is None


def test_only_public_strong_signing_keys_are_used() -> None:
    weak = {"kty": "RSA", "kid": "weak", "n": "u" * 170, "e": "AQAB"}
    listed = [
        OctKey.generate_key(256, {"kid": "secret"}).as_dict(private=True),
        RSAKey.generate_key(2048, {"kid": "leaked"}).as_dict(private=True),
        {**RSA.as_dict(private=False), "kid": "enc", "use": "enc"},
        {**RSA.as_dict(private=False), "kid": 5},
        {"kty": "later", "kid": "unknown"},
        {"kty": "EC", "kid": "broken", "crv": "P-256", "x": "AA", "y": "AA"},
        weak,
        "text",
        RSA.as_dict(private=False),
        STRANGER.as_dict(private=False),
    ]
    found = dict(usable(listed))
    assert list(found) == ["rsa"]
    assert found["rsa"].as_dict()["n"] == RSA.as_dict()["n"]


def test_a_token_without_a_key_id_fits_an_only_key(provider: Provider) -> None:
    provider.keys = [RSA]
    assert verified(verifier(provider), provider.token(header={"kid": None}))
    provider.keys = [RSA, EC]
    assert verified(verifier(provider), provider.token(header={"kid": None})) is None


# Groups.


MAPPING = """
format = 1
[[grant]]
group = "release"
role = "role:release_manager"
scope = "environment"
value = "production"
[[grant]]
group = "release"
role = "role:cab_member"
scope = "board"
[[grant]]
group = "audit"
role = "role:auditor"
"""


@pytest.fixture
def mapping(tmp_path: Path) -> GroupGrants:
    (tmp_path / "groups.toml").write_text(MAPPING)
    return read_group_grants(tmp_path / "groups.toml")


def test_groups_give_the_grants_that_the_file_says(
    provider: Provider, mapping: GroupGrants
) -> None:
    checker = replace(verifier(provider), group_grants=mapping)
    found = verified(checker, provider.token(groups=["release", "other"]))
    assert found is not None
    assert found.groups == ("release", "other")
    assert found.grants == (
        MappedGrant("release", "role:release_manager", Scope.ENVIRONMENT, "production"),
        MappedGrant("release", "role:cab_member", Scope.BOARD, "any"),
    )
    assert mapping.digest == sha256(MAPPING.encode()).hexdigest()


def test_the_claim_with_the_groups_can_be_named(provider: Provider, mapping: GroupGrants) -> None:
    other = replace(settings(provider), groups_claim="roles")
    checker = OidcVerifier(other, Keys(other, Clock()), mapping)
    found = verified(checker, provider.token(roles=["audit"], groups=["release"]))
    assert found is not None
    assert found.grants == (MappedGrant("audit", "role:auditor"),)


@pytest.mark.parametrize(
    "claim", [None, "release", 5, {"release": 1}, [], [5, None, "", "x" * 256]]
)
def test_a_claim_that_is_no_list_of_names_gives_no_group(claim: object) -> None:
    assert named(claim) == ()


@pytest.mark.parametrize(
    "text,reason",
    [
        ("", "required field"),
        ("format = 1", "required field"),
        ("format = 2\ngrant = []", "format 2 is not known"),
        ("format = 1\ngrant = []\nextra = 1", "unknown field `extra`"),
        (MAPPING.replace("group =", "gruop ="), "$.grant[0]"),
        (MAPPING.replace("role:auditor", "auditor"), "grant 3: a role is written role:<name>"),
        (MAPPING.replace('"environment"', '"planet"'), "$.grant[0].scope"),
        (MAPPING.replace('scope = "environment"\n', ""), "grant 1 has a value but no scope"),
        ("format = ", "Invalid value"),
    ],
)
def test_a_mapping_with_a_fault_is_refused_whole(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "groups.toml").write_text(text)
    with pytest.raises(Misconfigured) as caught:
        read_group_grants(tmp_path / "groups.toml")
    assert reason in str(caught.value)


def test_a_missing_mapping_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"there is no file .*missing\.toml"):
        read_group_grants(tmp_path / "missing.toml")
    with pytest.raises(Misconfigured, match="is a folder: name a file"):
        read_group_grants(tmp_path)
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(Misconfigured, match="it is no text in UTF-8"):
        read_group_grants(tmp_path / "bytes.toml")


def test_a_board_in_a_mapping_goes_by_the_id_that_the_api_gives(tmp_path: Path) -> None:
    text = MAPPING.replace(
        'scope = "board"', f'scope = "board"\nvalue = "{global_id("Board", "b1")}"'
    )
    (tmp_path / "groups.toml").write_text(text)
    found = read_group_grants(tmp_path / "groups.toml").grants
    assert found[1] == MappedGrant("release", "role:cab_member", Scope.BOARD, "b1")
