"""What was published and taken back since is given up; nobody is sent to what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.change.state import Change, Link, LinkKind, Outcome
from domain.change.state import Status as ChangeStatus
from domain.explanation import explain
from domain.merge_request.state import MergeRequest
from domain.process.release import ReleaseStatus
from domain.release.gate.gates import asked
from domain.release.gate.question import Question
from domain.release.state import Progress
from domain.security_fix.goal import is_given_up
from tests.domain.organisation import adopted, refused
from tests.domain.release_stories import (
    COMMIT,
    PLAN,
    RITA,
    Office,
    approved_change,
    filled,
    merged,
    opened,
)
from tests.domain.test_release_publication import PLAYBOOK

HOME = (
    PLAYBOOK.replace("boats", "ferries")
    .replace('["slip"]', '["slip", "sea"]')
    .replace('"deploy:slip"]', '"deploy:slip", "deploy:sea"]')
    .replace('"publish", "close"', '"publish"')
    + """
[[release.requirement]]
name = "live"
title = "live"
about = "deployed"
environment = "sea"
gates = ["close"]
"""
)
BAY = """
[[environment]]
name = "bay"
title = "Bay"
kind = "production"

[[release]]
name = "load\""""
TWO = (
    HOME.replace("ferries", "liners")
    .replace('\n[[release]]\nname = "load"', BAY)
    .replace('["slip", "sea"]', '["slip", "sea", "bay"]')
    .replace('"deploy:sea"]', '"deploy:sea", "deploy:bay"]')
)
APPROVED = HOME.replace("ferries", "barges").replace(
    'about = "deployed"\nenvironment = "sea"', 'about = "changes_authorised"'
)
NEWS = (
    HOME.replace("ferries", "rafts")
    + """
[[release.requirement]]
name = "news"
title = "news"
about = "changes_present"
since_last = true
gates = ["tag", "deploy:sea"]
"""
)
BOOKS = {
    "boats": PLAYBOOK,
    "ferries": HOME,
    "liners": TWO,
    "barges": APPROVED,
    "rafts": NEWS,
}


def out(
    where: str = "sea", playbook: str = "ferries", more: dict[str, str] | None = None
) -> tuple[Office, str]:
    """A release of a change, published, with all that closing asks for where it went."""
    made = Office()
    made.learn(*(adopted(name, body) for name, body in (BOOKS | (more or {})).items()))
    id = opened(made, playbook if where == "sea" else "boats", "load", scheduled=None)
    made.ask(RITA, "release.aim", id, release_version="1.2.0", commit=COMMIT)
    change = approved_change()
    places = replace(change.content, environments=("sea", "bay"))
    made.learn(replace(change, content=places), merged())
    made.ask(RITA, "release.include", id, changes=("c" * 32,), merge_requests=("m" * 32,))
    made.report("qa")
    made.ask(RITA, "release.tag", id, release_version="1.2.0")
    made.deploy(id, where)
    made.learn(replace(made.release(id), published_by=RITA, published_at=made.at))
    return made, id


def undone(made: Office, outcome: Outcome | None = Outcome.ROLLED_BACK) -> None:
    status = ChangeStatus.REVIEW if outcome else ChangeStatus.CANCELLED
    made.learn(replace(approved_change(status=status), outcome=outcome))


def ways(made: Office, id: str, gate: str) -> set[str]:
    """What is named as helping at a gate."""
    ask = Question(
        made.release(id), made.at, made.authority, made.records, lambda _: frozenset((RITA,))
    )
    told = explain(asked(ask, gate)).ways
    return {act.action for each in told for act in each.acts}


@pytest.mark.req("S3-11", "X-01")
@pytest.mark.parametrize("where", ["sea", "slip"])
def test_what_was_published_and_taken_back_is_given_up_and_named_so(where: str) -> None:
    made, id = out(where)
    with refused("published_before"):
        made.ask(RITA, "release.abort", id, reason="No.")
    made.settle(id, where, Progress.ROLLED_BACK, "It was bad.")
    assert made.codes(id, "close") == {"not_deployed"}
    again = {"release.deploy", "release.abort"}
    assert ways(made, id, "close") == again, "it may be brought there anew, or given up"
    undone(made)
    assert ways(made, id, "close") == {"release.abort"}
    assert made.codes(id, f"deploy:{where}") >= {"change_not_delivered"}
    assert ways(made, id, f"deploy:{where}") == {"release.abort"}
    made.ask(RITA, "release.abort", id, reason="It goes out as another.")
    assert made.release(id).status is ReleaseStatus.ABORTED


@pytest.mark.req("S3-11")
@pytest.mark.parametrize("how", ["cancelled", "reverted", "brought back alone"])
def test_whatever_took_it_back(how: str) -> None:
    made, id = out()
    if how == "cancelled":
        undone(made, None)
    elif how == "reverted":
        request: MergeRequest = made.states[MergeRequest, "m" * 32]
        made.learn(replace(request, reverted_at=made.at))
    with refused("published_before"):
        made.ask(RITA, "release.abort", id, reason="It stands there.")
    made.settle(id, "sea", Progress.ROLLED_BACK, "It was bad.")
    made.ask(RITA, "release.abort", id, reason="It goes out as another.")


@pytest.mark.req("S3-11")
def test_what_stands_or_was_never_brought_there_is_closed_and_not_given_up() -> None:
    made, id = out()
    undone(made)
    with refused("published_before"):
        made.ask(RITA, "release.abort", id, reason="It stands there.")
    made.ask(RITA, "release.close", id)
    made, id = out()
    made.learn(replace(made.release(id), deliveries=(), stood=()))
    assert made.codes(id, "close") == {"not_deployed"}
    with refused("published_before"):
        made.ask(RITA, "release.abort", id, reason="It is to be brought there.")


@pytest.mark.req("S4-04", "S1-27")
def test_what_was_published_keeps_its_version_and_its_fixes() -> None:
    made, id = out()
    made.settle(id, "sea", Progress.ROLLED_BACK, "It was bad.")
    made.ask(RITA, "release.abort", id, reason="It goes out as another.")
    assert not is_given_up(made.release(id))
    again = opened(made, "boats", "load", replace(PLAN, title="Again"), scheduled=None)
    assert "version_taken" in made.codes(again, "publish")


def given_up(playbook: str = "ferries") -> tuple[Office, str]:
    """One that was published, rolled back and given up."""
    made, id = out(playbook=playbook)
    made.settle(id, "sea", Progress.ROLLED_BACK, "It was bad.")
    made.ask(RITA, "release.abort", id, reason="It goes out as another.")
    return made, id


@pytest.mark.req("S3-11", "X-01")
def test_where_people_use_it_elsewhere_it_is_rolled_back_there_first_and_named_so() -> None:
    made, id = out(playbook="liners")
    made.deploy(id, "bay")
    made.settle(id, "sea", Progress.ROLLED_BACK, "It was bad.")
    undone(made)
    for gate in ("close", "deploy:sea"):
        assert ways(made, id, gate) == {"release.settle_deployment"}, gate
    with refused("still_live"):
        made.ask(RITA, "release.abort", id, reason="It stands there.")
    made.settle(id, "bay", Progress.ROLLED_BACK, "It was bad.")
    assert ways(made, id, "close") == {"release.abort"}
    made.ask(RITA, "release.abort", id, reason="It goes out as another.")


@pytest.mark.req("S3-11", "X-01")
@pytest.mark.parametrize("how", ["rolled back", "cancelled", "reverted", "tied and reverted"])
def test_what_closing_asks_to_be_authorised_and_was_taken_back_is_given_up(how: str) -> None:
    made, id = out(playbook="barges")
    request: MergeRequest = made.states[MergeRequest, "m" * 32]
    reverted = replace(request, reverted_at=made.at)
    if how == "tied and reverted":
        change: Change = made.states[Change, "c" * 32]
        tie = Link(LinkKind.MERGE_REQUEST, "d" * 32)
        made.learn(replace(change, links=(*change.links, tie)), replace(reverted, id="d" * 32))
    elif how == "reverted":
        made.learn(reverted)
    else:
        undone(made, None if how == "cancelled" else Outcome.ROLLED_BACK)
    assert ways(made, id, "close") == {"release.settle_deployment"}, "people use it"
    made.settle(id, "sea", Progress.ROLLED_BACK, "It was bad.")
    with refused(*made.codes(id, "close")):
        made.ask(RITA, "release.close", id)
    assert ways(made, id, "close") == {"release.abort"}
    made.ask(RITA, "release.abort", id, reason="It goes out as another.")


@pytest.mark.req("S3-35")
def test_what_was_published_and_given_up_goes_first_only_for_what_was_published_itself() -> None:
    made, id = given_up()
    later = filled(
        made, "itsm_releases", "major", replace(PLAN, versions=("1.3.0",), depends_on=(id,))
    )
    assert "release_waits" in made.codes(later, "deploy:production")
    made.learn(replace(made.release(later), published_at=made.at))
    assert "release_waits" not in made.codes(later, "deploy:production"), "nobody edits it now"
    plan = replace(PLAN, versions=("1.3.0",))
    made.learn(replace(made.release(later), published_at=None))
    made.ask(RITA, "release.edit", later, plan=plan)
    assert "release_waits" not in made.codes(later, "deploy:production")


@pytest.mark.req("S4-04")
def test_of_a_version_that_was_published_another_is_said_to_help_and_not_that_commit() -> None:
    made, _ = given_up()
    again = opened(made, "ferries", "load", replace(PLAN, title="Again"), scheduled=None)
    made.ask(RITA, "release.aim", again, release_version="1.2.0", commit=COMMIT)
    verdict = made.verdict(again, "tag")
    (told,) = (each for each in verdict.blocking if each.code == "version_taken")
    assert [act.description for act in told.acts] == [
        "Give it a version of its own in place of 1.2.0."
    ]
    made.ask(RITA, "release.edit", again, plan=replace(PLAN, title="Again", versions=("1.2.1",)))
    made.ask(RITA, "release.aim", again, release_version="1.2.1", commit=COMMIT)
    assert "version_taken" not in made.codes(again, "tag")


@pytest.mark.req("S4-11")
@pytest.mark.parametrize("back", [False, True])
def test_what_was_published_and_taken_back_goes_out_as_another(back: bool) -> None:
    made, _ = given_up("rafts") if back else out(playbook="rafts")
    plan = replace(PLAN, title="Again", versions=("1.2.1",))
    again = opened(made, "rafts", "load", plan, scheduled=None)
    made.ask(RITA, "release.aim", again, release_version="1.2.1", commit=COMMIT)
    made.ask(RITA, "release.include", again, changes=("c" * 32,), merge_requests=("m" * 32,))
    for gate in ("tag", "deploy:sea"):
        assert ("nothing_merged" in made.codes(again, gate)) is not back, gate
