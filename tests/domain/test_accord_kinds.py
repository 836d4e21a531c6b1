"""An accord counts by what its playbook asks of it, whatever others call by the same name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.accord.standing import agreed
from domain.accord.state import Accord, Terms
from domain.adoption import Status as InForce
from domain.merge_request.reverting import revert
from domain.merge_request.state import Status
from domain.security_fix.beyond import agreed_lines
from tests.domain.given import DAY, NOON, asked_by
from tests.domain.organisation import adopted, refused
from tests.domain.patch_stories import (
    APPSEC,
    PATCH,
    VERSIONS,
    accord,
    fix,
    linked,
    on_duty,
    patch_office,
    ported_bug,
    prepared,
    request,
)
from tests.domain.release_stories import EVE, RITA, SAM, Office, opened


def holds(office: Office, id: str) -> bool:
    found: Accord = office.states[Accord, id]
    return agreed(found, office.authority, office.at, office.records)


def careless(office: Office, kind: str, about: str, number: int = 1, name: str = "careless") -> str:
    """A playbook in force whose accord of this name takes a tester and who asks; its name."""
    body = f"""format = 1
name = "{name}"
title = "Careless"
[[merge_request]]
name = "any"
title = "Any"
merger = "not_author"
[[merge_request.rule]]
name = "tests"
title = "A tester"
role = "role:software_engineer_in_test"
scope = "project"
number = 1
[[accord]]
name = "{kind}"
title = "Something else"
about = "{about}"
[[accord.party]]
name = "asks"
title = "Who asks"
requester = true
[[accord.party]]
name = "tests"
title = "A tester"
role = "role:software_engineer_in_test"
"""
    made = adopted(name, body)
    office.learn(replace(made, id=f"{made.id} {number}", number=number))
    return name


def by(office: Office, playbook: str, kind: str, subject: str, **terms: Any) -> str:
    """Terms that the engineer in test proposes by a playbook and nobody else has to agree to."""
    id = office.fresh()
    told = {"playbook": playbook, "kind": kind, "subject": subject}
    office.ask(EVE, "accord.propose", id, terms=Terms("As I say.", **terms), **told)
    office.ask(SAM, "accord.agree", id, rule="tests")
    return id


@pytest.mark.req("S1-41", "X-05")
def test_an_accord_that_another_playbook_calls_the_same_agrees_to_nothing() -> None:
    office = patch_office()
    id = prepared(office, "critical_patch", scheduled=None)
    when = by(office, careless(office, "timeline", "release"), "timeline", id)
    assert holds(office, when), "by its own playbook"
    assert "not_agreed" in office.codes(id, "publish")
    [found] = [each for each in office.verdict(id, "publish").blocking if each.code == "not_agreed"]
    assert "timeline of critical_patch" in found.acts[0].description
    accorded = accord(office, APPSEC, id, "timeline", due=NOON + DAY)
    office.ask(APPSEC, "accord.agree", accorded, rule="appsec")
    office.ask(RITA, "accord.agree", accorded, rule="release_managers")
    assert "not_agreed" not in office.codes(id, "publish")


@pytest.mark.req("S1-03", "S1-52", "X-05")
def test_neither_backports_beyond_the_policy_nor_reverts_go_by_the_accords_of_others() -> None:
    office = patch_office()
    port = ported_bug("f", "17-5-stable-ee")
    plan = replace(PATCH, versions=VERSIONS[:2])
    id = opened(office, "planned_patch", "planned_patch", plan)
    office.learn(port, ported_bug("e"))
    office.ask(RITA, "release.include", id, merge_requests=[port.id, ported_bug("e").id])
    book = careless(office, "beyond_policy", "merge_request")
    assert holds(office, by(office, book, "beyond_policy", port.id, versions=VERSIONS[1:2]))
    assert "line_not_supported" in office.codes(id, "tag")
    main = replace(fix()[0], status=Status.MERGED)
    office.learn(main)
    book = careless(office, "revert", "merge_request", name="hasty")
    assert holds(office, by(office, book, "revert", main.id))
    context = asked_by(RITA, *office.states.values(), at=office.at, subject=main.id)
    with refused("not_agreed"):
        revert(main, context, reason="It breaks something.")


@pytest.mark.req("S1-03", "S1-41")
def test_an_accord_counts_by_a_later_version_of_the_playbook_and_by_one_that_asks_no_less() -> None:
    office = patch_office()
    id = prepared(office, "critical_patch", scheduled=None)
    pinned = adopted("critical_patch")
    alike = pinned.body.replace('name = "critical_patch"', 'name = "alike"')
    office.learn(adopted("alike", alike))
    when, terms = office.fresh(), Terms("As we said.", NOON + DAY)
    told = {"playbook": "alike", "kind": "timeline", "subject": id, "terms": terms}
    office.ask(APPSEC, "accord.propose", when, **told)
    for who, rule in ((APPSEC, "appsec"), (RITA, "release_managers")):
        office.ask(who, "accord.agree", when, rule=rule)
    assert "not_agreed" not in office.codes(id, "publish")
    office.ask(APPSEC, "accord.withdraw", when, reason="Anew.")
    assert "not_agreed" in office.codes(id, "publish")
    office.learn(replace(pinned, status=InForce.SUPERSEDED))
    later = careless(office, "timeline", "release", 2, "critical_patch")
    by(office, later, "timeline", id)
    assert "not_agreed" not in office.codes(id, "publish"), "it is what the process asks for now"
    office.learn(replace(pinned, number=3))
    assert "not_agreed" in office.codes(id, "publish"), "nothing goes by what it asked for before"


@pytest.mark.req("S1-03", "S1-21", "X-05")
def test_a_security_fix_goes_beyond_the_policy_by_no_accord_of_another_playbook() -> None:
    office = patch_office()
    on_duty(office)
    port = request("f" * 32, "17-3-stable-ee", kind="backport")
    office.learn(*fix(), port)
    state = linked(fix(), None)
    book = careless(office, "beyond_policy", "merge_request")
    by(office, book, "beyond_policy", port.id, versions=("17.3.7",))
    standing = (office.records, office.authority, office.at)
    assert agreed_lines(state, [port], *standing) == {}
    own = careless(office, "beyond_policy", "merge_request", 2, "planned_patch")
    office.learn(replace(adopted("planned_patch"), status=InForce.SUPERSEDED))
    by(office, own, "beyond_policy", port.id, versions=("17.3.7",))
    standing = (office.records, office.authority, office.at)
    assert agreed_lines(state, [port], *standing) == {port.id: "17.3"}
