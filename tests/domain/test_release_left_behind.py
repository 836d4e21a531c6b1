"""What was published and taken back since is given up; nobody is sent to what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.change.state import Outcome
from domain.change.state import Status as ChangeStatus
from domain.merge_request.state import MergeRequest
from domain.process.release import ReleaseStatus
from domain.release.gate.gates import asked
from domain.release.gate.question import Question
from domain.release.state import Progress
from domain.security_fix.goal import is_given_up
from tests.domain.organisation import adopted, refused
from tests.domain.release_stories import COMMIT, PLAN, RITA, Office, approved_change, merged, opened
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


def out(where: str = "sea") -> tuple[Office, str]:
    """A release of a change, published, with all that closing asks for where it went."""
    made = Office()
    made.learn(adopted("ferries", HOME), adopted("boats", PLAYBOOK))
    id = opened(made, "ferries" if where == "sea" else "boats", "load", scheduled=None)
    made.ask(RITA, "release.aim", id, release_version="1.2.0", commit=COMMIT)
    change = approved_change()
    places = replace(change.content, environments=("sea",))
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
    return {act.action for each in asked(ask, gate).blocking for act in each.acts}


@pytest.mark.req("S3-11", "X-01")
@pytest.mark.parametrize("where", ["sea", "slip"])
def test_what_was_published_and_taken_back_is_given_up_and_named_so(where: str) -> None:
    made, id = out(where)
    with refused("published_before"):
        made.ask(RITA, "release.abort", id, reason="No.")
    made.settle(id, where, Progress.ROLLED_BACK, "It was bad.")
    assert made.codes(id, "close") == {"not_deployed"}
    assert ways(made, id, "close") == {"release.deploy"}, "it may be brought there anew"
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
