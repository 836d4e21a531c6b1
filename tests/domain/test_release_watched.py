"""A release is closed once what brought it to where it runs works and was watched."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.deployment.state import Deployment, Status, Wish
from domain.gate import Status as Is
from domain.release.gate.gates import verdict
from domain.release.state import Delivery, Progress
from tests.domain.given import DAY, NOON
from tests.domain.organisation import OWEN, SERVICE, SUE, person, refused, ways
from tests.domain.release_stories import EVE, RITA, Office, filled, hold

CODES = {"not_verified", "not_watched"}
STANDS = "d" * 32


def arrived(
    playbook: str, kind: str, where: str = "production", *, kept: bool = True
) -> tuple[Office, str]:
    """A release that went there, by a deployment that is kept here or by hand."""
    made = Office()
    id = filled(made, playbook, kind)
    wish = Wish("a" * 32, where, "None.", belongs_to=id)
    told = (where, "a" * 32, "1.2.0", SERVICE, wish, OWEN, NOON)
    made.learn(Deployment(STANDS, 2, Status.SUCCEEDED, *told, started_at=NOON, current=True))
    went = Delivery(where, "", Progress.SUCCEEDED, RITA, NOON, RITA, NOON, STANDS if kept else None)
    made.learn(replace(made.release(id), deliveries=(went,)))
    return made, id


def said(made: Office, release: str) -> list[Any]:
    """What its close says of that."""
    findings = made.verdict(release, "close").findings
    return [each for each in findings if each.requirement == "watched"]


@pytest.mark.req("S4-06", "S3-09")
@pytest.mark.parametrize("playbook,kind", [("mozilla", "train"), ("itsm_releases", "major")])
def test_a_release_is_not_closed_before_what_brought_it_is_verified_and_watched(
    playbook: str, kind: str
) -> None:
    made, id = arrived(playbook, kind)
    assert made.codes(id, "close") >= CODES
    with refused(*CODES):
        made.ask(RITA, "release.close", id)
    assert {act.action for each in said(made, id) for act in each.acts} == {
        "deployment.verify",
        "deployment.watch",
    }
    made.ask(SUE, "deployment.watch", STANDS, well=False, note="Errors.")
    made.ask(SUE, "deployment.verify", STANDS, passed=False, findings="Login fails.")
    assert made.codes(id, "close") >= CODES
    made.ask(SUE, "deployment.watch", STANDS, well=True, note="Quiet.")
    assert made.codes(id, "close") & CODES == {"not_verified"}
    made.ask(SUE, "deployment.verify", STANDS, passed=True, findings="Login works.")
    assert not made.codes(id, "close") & CODES


@pytest.mark.req("S3-09", "S4-06", "X-04")
@pytest.mark.parametrize("action,of", [("verify", "passed findings"), ("watch", "well note")])
def test_who_had_a_hand_in_it_takes_back_no_bad_news_of_others(action: str, of: str) -> None:
    made, _ = arrived("itsm_releases", "minor")
    made.learn(replace(person("bot:" + "d" * 32), owner=RITA))

    def say(by: str, well: bool) -> None:
        told = dict(zip(of.split(), (well, "As seen."), strict=True))
        made.ask(by, f"deployment.{action}", STANDS, **told)

    def bad() -> bool:
        state: Deployment = made.states[Deployment, STANDS]
        return state.faulty

    say(SUE, well=False)
    for by in (RITA, OWEN, "bot:" + "d" * 32):
        for well in (False, True):
            with refused("needs_second_person"):
                say(by, well)
    assert bad()
    say(EVE, well=True)
    assert not bad(), "somebody else looked"
    say(SUE, well=False)
    say(SUE, well=True)
    assert not bad(), "who found it looked once more"
    say(RITA, well=False)
    say(RITA, well=True)
    assert not bad(), "it is a word of their own"
    made.learn(replace(made.states[Deployment, STANDS], wish=Wish("a" * 32, "production", "")))
    say(SUE, well=False)
    with refused("needs_second_person"):
        say(RITA, well=True)


def test_what_was_brought_elsewhere_or_taken_back_is_not_looked_after() -> None:
    made, id = arrived("itsm_releases", "major", "staging")
    assert [each.status for each in said(made, id)] == [Is.NOT_APPLICABLE]
    made, id = arrived("itsm_releases", "major")
    (went,) = made.release(id).deliveries
    back = replace(went, progress=Progress.ROLLED_BACK)
    made.learn(replace(made.release(id), deliveries=(back,)))
    assert [each.status for each in said(made, id)] == [Is.NOT_APPLICABLE]


@pytest.mark.req("S0-13", "S3-11")
def test_nothing_is_closed_while_it_is_on_its_way() -> None:
    made, id = arrived("itsm_releases", "major")
    assert "deployment_running" not in made.codes(id, "close")
    state = made.release(id)
    test = replace(state.deliveries[0], environment="test", progress=Progress.RUNNING)
    made.learn(replace(state, deliveries=(*state.deliveries, test)))
    [running] = [e for e in made.verdict(id, "close").blocking if e.code == "deployment_running"]
    assert [each.action for each in running.acts] == ["deployment.succeed"]


@pytest.mark.req("S4-06", "S3-09")
@pytest.mark.parametrize("playbook,kind", [("mozilla", "train"), ("itsm_releases", "major")])
def test_of_what_was_brought_by_hand_somebody_attests_that_it_works_and_was_watched(
    playbook: str, kind: str
) -> None:
    made, id = arrived(playbook, kind, kept=False)
    (finding,) = said(made, id)
    assert (finding.code, [each.action for each in finding.acts]) == (
        "not_verified",
        ["release.attest"],
    )
    made.attest(RITA, id, "watched", "close", "fails")
    assert [each.code for each in said(made, id)] == ["attested_against"]
    made.attest(RITA, id, "watched", "close")
    assert [each.status for each in said(made, id)] == [Is.SATISFIED]
    (went,) = made.release(id).deliveries
    made.learn(replace(made.release(id), deliveries=(replace(went, settled_at=made.at),)))
    assert [each.code for each in said(made, id)] == ["not_verified"], "it came there anew"
    made.attest(RITA, id, "watched", "close", "fails")
    made.learn(hold(EVE, "role:release_manager"))
    made.at += DAY
    again = replace(went, settled_at=made.at)
    made.learn(replace(made.release(id), deliveries=(again,)))
    made.attest(EVE, id, "watched", "close")
    (bad,) = said(made, id)
    assert bad.code == "attested_against", "the very same was brought there once more"
    acts = {each.action: each.people for each in bad.acts}
    assert acts["release.withdraw_attestation"] == {RITA}
    made.attest(RITA, id, "watched", "close")
    assert [each.status for each in said(made, id)] == [Is.SATISFIED]
    with refused("unknown_requirement"):
        made.attest(RITA, id, "in_production", "close")


@pytest.mark.req("S1-20", "S3-09", "S4-04", "S4-06")
def test_where_people_use_what_does_not_work_those_are_named_who_can_help() -> None:
    made, id = arrived("itsm_releases", "major")
    made.ask(SUE, "deployment.verify", STANDS, passed=False, findings="Login fails.")
    everybody = frozenset((RITA, OWEN, SUE, EVE))

    def helps(code: str) -> tuple[dict[str, frozenset[str]], ...]:
        given, records = made.authority, made.records
        asked = verdict(
            made.release(id),
            "close",
            at=made.at,
            authority=given,
            records=records,
            who=lambda _: everybody,
        )
        found = next(each for each in asked.blocking if each.code == code)
        every = (found.acts, *found.instead)
        return tuple({each.action: each.people for each in acts} for acts in every)

    for code in ("found_not_to_work", "not_verified"):
        works, other, *_ = helps(code)
        assert works == {"deployment.verify": {SUE, EVE}}, "none with a hand in it"
        assert set(other) == {"deployment.roll_back", "release.open"}, "instead"
    assert [set(each) for each in helps("not_watched")] == [{"deployment.watch"}]
    state: Deployment = made.states[Deployment, STANDS]
    made.learn(replace(state, status=Status.ROLLED_BACK, current=False))
    (went,) = made.release(id).deliveries
    back = replace(went, progress=Progress.ROLLED_BACK)
    made.learn(replace(made.release(id), deliveries=(back,)))
    assert set(helps("found_not_to_work")[0]) == {"release.aim"}, "nobody can deploy it again"
    found = next(e for e in made.verdict(id, "close").blocking if e.code == "found_not_to_work")
    assert ways(found)[:2] == [["release.deploy"], ["release.aim"]]
