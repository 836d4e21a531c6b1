"""What stands in the way is called by its name, and can be looked up by whoever may see it."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.demo.cast import Role
from api.demo.making import ensure_demo
from api.demo.settings import demo_settings, tokens_file
from api.machine.installation import Installation
from ledger.request import Answer, Request
from tests.api import patches
from tests.api.company import Company, Headquarters
from tests.api.legible import unreadable
from tests.api.patches import PROJECT, Patch
from tests.api.test_patches import asked as done

FINDINGS = "verdict { findings { requirement code title message missing acts { description } } }"
SAID = f"{FINDINGS} explanation {{ impossibleReason ways {{ acts {{ action description }} }} }}"
ACTS = {
    "changes": ("SUBMIT", "IMPLEMENT", "CLOSE"),
    "mergeRequests": ("MERGE",),
    "deployments": ("START", "ADVANCE", "SUCCEED", "CLOSE"),
}
"""The gates of everything that has one."""


def asked(kind: str) -> str:
    """A question for every gate of the first records of a kind."""
    gates = " ".join(f"{act.lower()}: can(action: {act}) {{ {SAID} }}" for act in ACTS[kind])
    return f"{{ {kind}(first: 50) {{ edges {{ node {{ {gates} }} }} }} }}"


@pytest.fixture(scope="session")
def crew(hq: Headquarters) -> Headquarters:
    patches.hire(hq)
    return hq


def finding(hq: Headquarters, who: str, patch: Patch, code: str) -> Any:
    """What the gate of the next phase says of something, to somebody."""
    told = {"id": patch.id, "action": "PUBLISH"}
    found = hq.ask(who, "ReleaseGate", **told)["can"]["verdict"]["findings"]
    return next(each for each in found if each["code"] == code)


def seen(hq: Headquarters, who: str, id: str) -> Any:
    """A record as `node` shows it to somebody."""
    document = "query Seen($id: ID!) { node(id: $id) { ... on MergeRequest { number } } }"
    return hq.post(who, document, {"id": id}).json()["data"]["node"]


@pytest.mark.req("S1-27", "S1-51")
def test_what_is_not_in_a_release_is_named_and_looked_up(crew: Headquarters) -> None:
    patch = Patch(crew)
    fix, made = patch.complete()
    crew.do("rhea", "LinkSecurityFix", id=fix, tracker=patch.id)
    found = finding(crew, "rhea", patch, "fix_not_included")
    numbers = {seen(crew, "rhea", id)["number"] for id, _ in made}
    assert all(f"merge request {PROJECT}!{number}" in found["message"] for number in numbers)
    assert set(found["missing"]) == {id for id, _ in made}


def sven(crew: Headquarters) -> None:
    """Let somebody in who releases the product, and is cleared for releases alone."""
    if "sven" not in crew.tokens:
        crew.hire("sven", "patch sven", Role("role:release_manager", "service", "storefront"))


@pytest.mark.req("S1-27", "S1-50")
def test_who_is_not_cleared_for_a_merge_request_is_told_no_number(crew: Headquarters) -> None:
    sven(crew)
    patch = Patch(crew)
    fix, made = patch.complete()
    crew.do("rhea", "LinkSecurityFix", id=fix, tracker=patch.id)
    found = finding(crew, "sven", patch, "fix_not_included")
    assert found["missing"] == []
    assert found["message"].endswith("are not in it: a hidden merge request.")
    assert PROJECT not in str(found)
    assert all(seen(crew, "sven", id) is None for id, _ in made)


def test_an_id_in_a_sentence_is_found_and_a_hash_or_a_global_id_is_not() -> None:
    id = "01a225764c007c4c800c8459f12ce3f3"
    told = {"code": "x", "message": f"change {id} waits", "missing": [f"user:{id}"]}
    assert list(unreadable({"problems": [told]})) == [told["message"], f"user:{id}"]
    whole = base64.b64encode(f"Change:{id}".encode()).decode()
    assert not list(unreadable({"requirement": "a", "missing": [whole, "a" * 40, "b" * 64]}))
    assert not list(unreadable({"title": id})), "what people call their own is theirs"


@pytest.mark.parametrize("kind", ACTS)
def test_no_gate_of_the_demo_says_an_id(kind: str, demo: Company) -> None:
    for who in ("viktor", "wanda"):
        answer = demo.post(who, asked(kind)).json()
        assert "errors" not in answer, answer
        edges = answer["data"][kind]["edges"]
        assert edges
        assert not list(unreadable(answer))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Who asks the application of a demo, in the names of its people."""
    file = tmp_path_factory.mktemp("demo") / "demo.sqlite"
    assert ensure_demo(demo_settings(file, {}), file)
    opened = Installation.open(demo_settings(file, {}))
    writer = opened.writer()

    async def submit(request: Request) -> Answer:
        return writer.submit(request)

    lines = tokens_file(file).read_text().splitlines()
    with TestClient(create_app(opened, submit), base_url="http://localhost") as client:
        yield Company(client, dict(line.split() for line in lines))
    writer.close()


@pytest.mark.req("S1-12", "S1-27", "X-05")
def test_who_sees_the_release_alone_is_told_of_nothing_else_that_is_hidden(
    crew: Headquarters,
) -> None:
    sven(crew)
    patch = Patch(crew)
    fix, made = patch.complete()
    crew.do("rhea", "LinkSecurityFix", id=fix, tracker=patch.id)
    patch.do("IncludeRelease", mergeRequests=[id for id, _ in made])
    assert done(crew, "untickSecurityFix", id=fix, item="tested") == []
    told = finding(crew, "rhea", patch, "fix_incomplete")
    assert (told["missing"], "boxes are open" in told["message"]) == ([fix], True)
    told = finding(crew, "sven", patch, "fix_incomplete")
    assert told["missing"] == []
    assert told["message"] == "What is linked to it is not as complete any more as it was."
    verdict = str(crew.ask("sven", "ReleaseGate", id=patch.id, action="PUBLISH")["can"])
    assert all(id not in verdict for id in (fix, *(id for id, _ in made)))
