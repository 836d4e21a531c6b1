"""Whoever deploys learns nothing of a hidden release that is made of what they deploy."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.test_two_worlds import EVENTS, PROBLEMS, plain
from tests.api.test_two_worlds_releases import COMMIT, World

PLACE = "release"
"""Where hidden patches go."""
DEPLOYERS = ("dora", "rita")
DEPLOYMENTS = """query { deployments(first: 100) { totalCount { count } edges { cursor node { id
  status version environment label automatic current wish { belongsTo { id } contents } } } }
  standingPackages { environment label } }"""
GATE = """query($i: ID!) { deployment(id: $i) { id version can(action: START) { allowed
  verdict { findings { requirement title status code message missing evidence } }
  explanation { ways { acts { action people { handle } } } } } } }"""


def mutation(verb: str, noun: str) -> str:
    kind = f"{verb[0].upper()}{verb[1:]}Input"
    return f"mutation($i: {kind}!) {{ {verb}(input: $i) {{ {noun} {{ id }} {PROBLEMS} }} }}"


class Port(World):
    """That office, with a place that patches go to and somebody who deploys there."""

    def __init__(self, folder: Path, database: str) -> None:
        """Let in somebody who deploys and is not cleared; build, watch and define by hand."""
        super().__init__(folder, database)
        office = self.office
        office.people["dora"] = office.person("dora")
        for role in ("release_manager", "monitor"):
            office.grant("dora", role, scope="environment", value="any")
        office.grant("dora", "release_bot", scope="service", value="any")
        plan = {"kind": PLACE, "line": "hosted", "order": 1, "automatic": ["app"]}
        self.place = self.made("defineEnvironment", "environment", name=PLACE, plan=plan)
        self.made("reportEnvironmentHealth", "environment", id=self.place, health="HEALTHY")

    def made(self, verb: str, noun: str, **given: Any) -> str:
        """What was done; its id."""
        payload = self.office.data(mutation(verb, noun), "dora", i=given)[verb]
        assert payload["problems"] == [], payload
        return str(payload[noun]["id"])

    def did(self, verb: str, **given: Any) -> None:
        """Keep what who deploys is answered."""
        result = self.office.ask(mutation(verb, "deployment"), "dora", i=given)
        errors = [each.message for each in result.errors or ()]
        self.told.append(json.dumps({"verb": verb, "data": result.data, "errors": errors}))

    def deploys(self) -> None:
        """What happens in both worlds: requests that come by themselves, by hand, and again."""
        built = {"name": "app", "label": "17.6.1", "service": "app", "commit": COMMIT}
        digest = f"sha256:{'7' * 64}"
        package = self.made("addPackage", "package", built=built | {"digest": digest})
        wish = {"package": package, "environment": PLACE, "configuration": "None."}
        by_hand = self.made("requestDeployment", "deployment", wish=wish | {"contents": "All."})
        for by in DEPLOYERS:
            self.hear(by, DEPLOYMENTS)
            self.hear(by, GATE, i=by_hand)
        self.did("startDeployment", id=by_hand)
        self.did("succeedDeployment", id=by_hand)
        self.did("requestDeployment", wish=wish | {"contents": "Again."})
        for by in DEPLOYERS:
            self.hear(by, DEPLOYMENTS)
            self.hear(by, EVENTS, f={"aggregate": "deployment"})
            self.hear(by, EVENTS, f={"aggregate": "release"})


@pytest.fixture
def ports(
    tmp_path_factory: pytest.TempPathFactory, office_database: str
) -> Iterator[tuple[Port, Port]]:
    """The world with a hidden patch, and the one without."""
    dark = Port(tmp_path_factory.mktemp("dark"), office_database)
    bright = Port(tmp_path_factory.mktemp("bright"), "")
    yield dark, bright
    dark.office.close()
    bright.office.close()


@pytest.mark.req("S1-12", "S1-50", "S4-26", "X-05")
@pytest.mark.parametrize("open_one", [False, True], ids=["alone", "beside one in the open"])
def test_nobody_who_deploys_can_tell_that_a_hidden_release_is_made_of_it(
    ports: tuple[Port, Port], *, open_one: bool
) -> None:
    dark, _ = ports
    dark.hide()
    for port in ports:
        if open_one:
            monthly = port.opened("monthly", "gitlab", "In the open", versions=["17.6.0"])
            port.ask("rhea", "aimRelease", id=monthly, releaseVersion="17.6.0", commit=COMMIT)
        port.deploys()
    told = zip(plain(dark.told), plain(ports[1].told), strict=True)
    for (with_it, without), number in zip(told, itertools.count()):
        assert json.loads(with_it) == json.loads(without), number
    started = [each for each in dark.told if '"startDeployment"' in each]
    assert ["release_not_ready" in each for each in started] == [open_one]
