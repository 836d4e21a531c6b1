"""A person signs in through a provider, and what their groups bring holds in the application."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.machine.first import issue_token
from api.machine.installation import Desk, Installation
from api.machine.keys import pepper
from api.settings import Misconfigured
from ledger.request import Answer, Request
from tests.api.machine import Machine
from tests.api.provider import AUDIENCE, STRANGER, Provider
from tests.api.serving import serving

PROGRAM, EVE = "bot:" + "d" * 32, "user:" + "e" * 32
MAPPING = """
format = 1

[[grant]]
group = "audit"
role = "role:auditor"

[[grant]]
group = "managers"
role = "role:change_manager"
scope = "service"
"""
ME = "{ viewer { id handle } }"
LOG = "{ events(first: 1) { edges { node { id } } } }"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """An identity provider."""
    found = Provider()
    with serving(found.app()) as url:
        found.issuer = url
        yield found


class House:
    """The application of a founded log, and whoever comes to its door."""

    def __init__(self, client: TestClient, desk: Desk, machine: Machine) -> None:
        """Open the door."""
        self.client = client
        self.desk = desk
        self.machine = machine

    def post(self, token: str, query: str = ME) -> Any:
        """The response to a bearer."""
        headers = {"authorization": f"Bearer {token}"}
        return self.client.post("/graphql", json={"query": query}, headers=headers)

    def codes(self, token: str, query: str) -> list[str]:
        """The codes of the errors a bearer is answered with."""
        errors = self.post(token, query).json().get("errors", [])
        return [each["extensions"]["code"] for each in errors]


@pytest.fixture
def house(
    machine: Machine,
    database: str,
    provider: Provider,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[House]:
    """A house that knows eve by her subject at the provider, on each database."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    mapping = tmp_path / "groups.toml"
    mapping.write_text(MAPPING)
    machine.use(database).set(
        CHANGEGATE_OIDC_ISSUER=provider.issuer,
        CHANGEGATE_OIDC_AUDIENCE=AUDIENCE,
        CHANGEGATE_OIDC_GRANTS=str(mapping),
        CHANGEGATE_OIDC_DIRECTORY="directory",
    )
    machine.found("ada", "ben")
    with ExitStack() as stack:
        desk = stack.enter_context(machine.desk())
        people(desk, machine, provider.issuer)

        async def submit(request: Request) -> Answer:
            return desk.writer.submit(request)

        app = create_app(Installation.open(machine.settings), submit)
        client = stack.enter_context(TestClient(app, base_url="http://localhost"))
        yield House(client, desk, machine)


def people(desk: Desk, machine: Machine, issuer: str) -> None:
    """Register eve and the program that maps groups."""
    identity = {"issuer": issuer, "subject": "00u-eve"}
    named: dict[str, Any] = {"kind": "human", "handle": "eve", "name": "Eve"}
    desk.ask("principal.register", EVE, identity=identity, **named)
    owner = machine.person("ada")
    bot: dict[str, Any] = {"kind": "bot", "handle": "directory", "name": "D", "owner": owner}
    desk.ask("principal.register", PROGRAM, **bot)
    role: dict[str, Any] = {"person": PROGRAM, "role": "role:directory", "reason": "Sign-in."}
    desk.ask("grant.give", by=machine.person("ben"), **role)


def test_a_person_signs_in_by_a_token_of_the_provider(house: House, provider: Provider) -> None:
    answer = house.post(provider.token(sub="00u-eve"))
    assert answer.status_code == 200
    assert answer.json()["data"]["viewer"]["handle"] == "eve"


def test_the_service_says_that_it_is_ready_to_sign_people_in(house: House) -> None:
    told = house.client.get("/readyz")
    assert told.status_code == 200
    assert {"oidc": "ok", "directory": "ok"}.items() <= told.json()["checks"].items()


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "00u-mallory"},
        {"sub": "00U-EVE"},
        {"sub": "00u-eve", "aud": "another"},
        {"sub": "00u-eve", "iss": "https://id.example.org"},
        {"sub": "00u-eve", "exp": 1},
        {"sub": "00u-eve", "key": STRANGER},
    ],
    ids=["unknown", "other case", "audience", "issuer", "expired", "forged"],
)
def test_whoever_is_not_known_gets_one_and_the_same_answer(
    house: House, provider: Provider, claims: dict[str, Any]
) -> None:
    before = house.machine.size()
    refused, nonsense = house.post(provider.token(**claims)), house.post("nonsense")
    assert (refused.status_code, refused.json()) == (401, nonsense.json())
    assert house.machine.size() == before, "and nothing of it is recorded"


def test_a_group_brings_its_role_and_leaving_it_takes_it_back(
    house: House, provider: Provider
) -> None:
    assert house.codes(provider.token(sub="00u-eve"), LOG) == ["forbidden"]
    member = provider.token(sub="00u-eve", groups=["audit", "unmapped"])
    assert house.codes(member, LOG) == []
    own = issue(house)
    assert house.codes(own, LOG) == [], "by whatever credential eve comes"
    later = provider.token(sub="00u-eve", groups=["unmapped"], iat=soon())
    assert house.codes(later, LOG) == ["forbidden"]
    assert house.codes(member, LOG) == ["forbidden"], "the older token brings nothing back"
    assert house.codes(own, LOG) == ["forbidden"]
    assert house.machine.done("verify").endswith(" 0 faults\n")


def test_what_a_group_brought_is_recorded_as_the_directorys_act(
    house: House, provider: Provider
) -> None:
    house.post(provider.token(sub="00u-eve", groups=["audit"]))
    with house.machine.rows() as connection:
        found = connection.exec_driver_sql(
            "select kind, actor, credential from events order by position desc limit 1"
        )
        assert tuple(found.one()) == ("grant.group_mapped", PROGRAM, "directory")


def test_a_role_that_decides_still_waits_for_a_second_person(
    house: House, provider: Provider
) -> None:
    house.post(provider.token(sub="00u-eve", groups=["managers"]))
    asked = ("policy", "explain", "eve", "change.close", "--scope", "service=billing")
    assert house.machine.run(*asked).status == 1
    with house.machine.rows() as connection:
        grants = connection.exec_driver_sql(
            "select id, status from grants where person = '" + EVE + "'"
        ).all()
    assert [each.status for each in grants] == ["proposed"]
    house.desk.ask("grant.confirm", grants[0].id, by=house.machine.person("ben"))
    assert house.machine.run(*asked).status == 0


def test_a_suspended_person_is_let_in_no_more(house: House, provider: Provider) -> None:
    token = provider.token(sub="00u-eve", groups=["audit"])
    assert house.post(token).status_code == 200
    house.desk.ask("principal.suspend", EVE, by=house.machine.person("ada"), reason="Gone.")
    assert house.post(token).status_code == 401


def test_an_identity_that_waits_for_verification_lets_nobody_in(
    house: House, provider: Provider
) -> None:
    ada, ben = house.machine.person("ada"), house.machine.person("ben")
    given: dict[str, Any] = {"issuer": provider.issuer, "subject": "00u-ben"}
    house.desk.ask("principal.link_identity", ben, by=ada, **given)
    assert house.post(provider.token(sub="00u-ben")).status_code == 401


def test_a_provider_that_is_away_makes_the_service_unready(
    house: House, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.failing = True
    try:
        app = create_app(Installation.open(house.machine.settings), unasked)
        with TestClient(app, base_url="http://localhost") as client:
            checks = client.get("/readyz").json()["checks"]
            assert checks["oidc"] == "no current keys of the issuer"
            assert client.get("/healthz").status_code == 200
            headers = {"authorization": f"Bearer {provider.token(sub='00u-eve')}"}
            refused = client.post("/graphql", json={"query": ME}, headers=headers)
            assert refused.status_code == 401
    finally:
        provider.failing = False


@pytest.mark.parametrize(
    "text,said",
    [
        ("format = 2\ngrant = []", "format 2"),
        ("[[grant]]", "groups.toml"),
        ("grant", "groups.toml"),
    ],
)
def test_a_mapping_with_a_fault_is_not_served(
    founded: Machine, tmp_path: Path, provider: Provider, text: str, said: str
) -> None:
    (tmp_path / "groups.toml").write_text(text)
    founded.set(
        CHANGEGATE_OIDC_ISSUER=provider.issuer,
        CHANGEGATE_OIDC_AUDIENCE=AUDIENCE,
        CHANGEGATE_OIDC_GRANTS=str(tmp_path / "groups.toml"),
        CHANGEGATE_OIDC_DIRECTORY="directory",
    )
    opened = Installation.open(founded.settings)
    with pytest.raises(Misconfigured, match=said):
        create_app(opened, unasked)
    opened.close()


async def unasked(request: Request) -> Answer:
    """A writer that nobody asks."""
    raise AssertionError(request.action)


def issue(house: House) -> str:
    """A token of eve's own."""
    secret, lasts = pepper(house.machine.settings), timedelta(days=1)
    return issue_token(house.desk, secret, EVE, name="x", lasts=lasts)


def soon() -> int:
    """A second from now, as a provider whose clock is a little fast says it."""
    return int(time.time()) + 2
