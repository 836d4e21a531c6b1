"""What a release brings somewhere by hand goes past what is in the way once two override it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from domain.change.state import Status as ChangeStatus
from domain.deployment.state import Override, Wish
from domain.environment.state import Health, Report
from domain.explanation import explain
from domain.gate import Status as Is
from domain.kernel import Refusal
from domain.lock.state import Countersign, Lock, Running
from domain.release.fold_overrides import MOST_OVERRIDES
from domain.release.gate.gates import asked
from domain.release.gate.question import Question
from domain.release.state import PlaceOverride, Progress
from tests.domain.given import DAY, NOON
from tests.domain.organisation import (
    CHAIR,
    ENG,
    HOUR,
    MAX,
    OWEN,
    ROBOT,
    SUE,
    adopted,
    person,
    refused,
)
from tests.domain.release_stories import (
    CI,
    COMMIT,
    OTHER,
    PACKAGE,
    PLAN,
    RITA,
    Office,
    filled,
    merged,
    opened,
)
from tests.domain.test_deployment import STRICT, change
from tests.domain.test_environment_matrix import cells
from tests.domain.test_release_deployment import LOCK, PLACE, built
from tests.domain.test_release_locks import lock

GATE: Final = "deploy:test"
WHY: Final = "Customers cannot pay."
TWO: Final = replace(PLAN, versions=("1.2.0", "1.3.0"))
SECOND: Final = "sha256:" + "4" * 64
UNWELL: Final = replace(PLACE, reports=(Report(ROBOT, Health.UNHEALTHY, NOON),))


def nobodys(*others: Any, **more: Any) -> tuple[Office, str]:
    """A release to an environment that nobody keeps here."""
    made = Office()
    id = filled(made, "itsm_releases", "major", **more)
    made.learn(*others)
    return made, id


def several(*others: Any) -> tuple[Office, str]:
    """A release of two packages, to an environment that is kept."""
    made = Office()
    made.learn(PLACE, built(), built(id="b" * 32, label="1.3.0", digest=SECOND))
    id = filled(made, "itsm_releases", "major", plan=TWO)
    for version, digest in (("1.2.0", PACKAGE), ("1.3.0", SECOND)):
        given = {"release_version": version, "commit": COMMIT, "package": digest}
        made.ask(RITA, "release.aim", id, **given)
    made.learn(*others)
    return made, id


def hidden(*others: Any) -> tuple[Office, str]:
    """A hidden release, of which no deployment tells."""
    made = Office()
    made.learn(PLACE, built())
    id = filled(made, "itsm_releases", "major", embargoed=True)
    hide(made, id)
    made.learn(*others)
    return made, id


def hide(made: Office, id: str) -> None:
    """Put into a hidden release what it is hidden for."""
    made.learn(merged("f" * 32, number=8, embargoed=True))
    made.ask(RITA, "release.include", id, merge_requests=("f" * 32,))
    made.compare(id)


BY_HAND: Final = {"nobody's": nobodys, "several": several, "hidden": hidden}


def override(made: Office, id: str, by: str = MAX, where: str = "test") -> None:
    made.ask(by, "release.override", id, environment=where, reason=WHY)


def sign(made: Office, id: str, by: str = SUE, number: int = 1) -> None:
    made.ask(by, "release.countersign", id, number=number)


def deploy(made: Office, id: str) -> None:
    made.ask(RITA, "release.deploy", id, environment="test")


def of(made: Office, id: str, at: int = -1) -> PlaceOverride:
    return made.release(id).overrides[at]


def acts(made: Office, id: str, gate: str = GATE) -> dict[str, set[str]]:
    """What would help at a gate, and who may do it."""
    able = frozenset((MAX, OWEN, SUE, RITA))
    ask = Question(made.release(id), made.at, made.authority, made.records, lambda _: able)
    said = asked(ask, gate)
    found = [act for each in said.blocking for act in each.acts]
    return {act.action: set(act.people) for act in found}


@pytest.mark.req("S0-12", "S0-13")
@pytest.mark.parametrize("how", BY_HAND)
def test_two_people_let_what_goes_by_hand_past_a_lock(how: str) -> None:
    made, id = BY_HAND[how](lock())
    assert made.codes(id, GATE) == {"hard_locked"}
    override(made, id)
    assert made.codes(id, GATE) == set()
    assert of(made, id).override.used_at is None
    deploy(made, id)
    assert of(made, id).set_off_at == of(made, id).override.used_at
    assert of(made, id).override.due == made.at - timedelta(minutes=1) + DAY
    made.settle(id, "test", Progress.SUCCEEDED)
    assert "countersignature_missing" in made.codes(id, "close")
    assert acts(made, id, "close")["release.countersign"] == {OWEN, SUE}
    sign(made, id)
    assert of(made, id).override.countersigned_by == SUE
    assert "countersignature_missing" not in made.codes(id, "close")


@pytest.mark.req("S0-13", "S3-16")
@pytest.mark.parametrize("how", ["several", "hidden"])
def test_so_they_do_past_an_environment_that_is_not_well(how: str) -> None:
    made, id = BY_HAND[how](UNWELL)
    assert made.codes(id, GATE) == {"environment_unhealthy"}
    override(made, id)
    deploy(made, id)


@pytest.mark.req("S0-13", "X-07")
@pytest.mark.parametrize("how", BY_HAND)
def test_the_matrix_tells_who_let_it_go_on_also_once_it_went(how: str) -> None:
    made, id = BY_HAND[how](lock())
    override(made, id)
    cell = cells(made, id)["locks"]
    assert (cell.status, cell.passed) == (Is.BYPASSED, False)
    assert isinstance(cell.override, Override)
    assert (cell.override.by, cell.override.reason) == (MAX, WHY)
    deploy(made, id)
    made.learn(lock(until=NOON))
    cell = cells(made, id)["locks"]
    assert (cell.status, cell.passed) == (Is.BYPASSED, True)
    made.settle(id, "test", Progress.SUCCEEDED)
    sign(made, id)
    (finding,) = cells(made, id)["locks"].findings
    assert finding.message.endswith(", and countersigned.")
    made.settle(id, "test", Progress.ROLLED_BACK, "It loses data.")
    assert not cells(made, id)["locks"].passed


# Whom it takes.


@pytest.mark.req("S0-13")
@pytest.mark.parametrize("how", BY_HAND)
def test_where_it_is_signed_first_it_counts_from_then_on(how: str) -> None:
    made, id = BY_HAND[how](lock(countersign=Countersign.BEFORE))
    override(made, id)
    assert of(made, id).override.before
    assert made.codes(id, GATE) == {"hard_locked"}
    assert acts(made, id) == {"release.countersign": {OWEN, SUE}}
    with refused("hard_locked"):
        deploy(made, id)
    sign(made, id)
    deploy(made, id)
    assert "countersignature_missing" not in made.codes(id, "close")


@pytest.mark.req("S0-13")
@pytest.mark.parametrize("how", BY_HAND)
def test_past_a_critical_change_it_goes_once_it_is_signed(how: str) -> None:
    critical = change(ChangeStatus.IMPLEMENTING, environments=("test",))
    made, id = BY_HAND[how](adopted("itsm", STRICT), replace(critical, id="8" * 32))
    (code,) = made.codes(id, GATE)
    override(made, id)
    assert of(made, id).override.requirements == ("criticality",)
    assert of(made, id).override.before
    with refused(code):
        deploy(made, id)
    sign(made, id)
    deploy(made, id)


@pytest.mark.parametrize("who", [MAX, RITA])
def test_who_made_it_or_planned_the_release_does_not_sign_it(who: str) -> None:
    made, id = nobodys(lock())
    override(made, id)
    with refused("needs_second_person"):
        sign(made, id, who)
    with refused("not_a_person", "needs_second_person" if who == ROBOT else "not_a_person"):
        sign(made, id, ROBOT)


def test_who_edited_the_plan_does_not_sign_it_and_the_gate_names_others() -> None:
    made, id = nobodys(lock(countersign=Countersign.BEFORE))
    made.ask(SUE, "release.edit", id, plan=replace(made.release(id).plan, title="Another"))
    override(made, id)
    with refused("needs_second_person"):
        sign(made, id, SUE)
    assert acts(made, id)["release.countersign"] == {OWEN}
    sign(made, id, OWEN)


def test_who_writes_on_the_plan_after_it_was_used_signs_it_and_who_did_before_does_not() -> None:
    made, id, _ = owed()
    made.ask(SUE, "release.edit", id, plan=replace(made.release(id).plan, title="Another"))
    with refused("needs_second_person"):
        sign(made, id, RITA)
    sign(made, id)
    assert of(made, id).override.countersigned_by == SUE
    made, id = nobodys(lock())
    made.ask(SUE, "release.edit", id, plan=replace(made.release(id).plan, title="Another"))
    override(made, id)
    deploy(made, id)
    made.ask(OWEN, "release.edit", id, plan=replace(made.release(id).plan, title="A third"))
    with refused("needs_second_person"):
        sign(made, id)
    sign(made, id, OWEN)


def test_a_program_overrides_nothing_and_a_reason_is_given() -> None:
    made, id = nobodys(lock())
    with refused("not_a_person"):
        override(made, id, ROBOT)
    with refused("text_missing"):
        made.ask(MAX, "release.override", id, environment="test", reason=" ")
    assert made.release(id).overrides == ()


@pytest.mark.parametrize("who", [MAX, SUE])
def test_until_it_is_used_it_counts_while_both_may_speak(who: str) -> None:
    made, id = nobodys(lock())
    override(made, id)
    sign(made, id)
    made.learn(person(who, suspended=True))
    assert made.codes(id, GATE) == {"hard_locked"}
    assert set(acts(made, id)) == {"release.override"}
    override(made, id, CHAIR)
    deploy(made, id)


@pytest.mark.req("S1-20", "X-04", "S0-13")
def test_what_makes_a_new_revision_is_told_before_the_override_that_it_voids() -> None:
    made = Office()
    id = filled(made, "itsm_releases", "standard", plan=TWO, scheduled=None)
    made.learn(lock())
    able = frozenset((MAX, OWEN, SUE, RITA, CI))
    given = (made.release(id), made.at, made.authority, made.records)
    said = explain(asked(Question(*given, lambda _: able), "deploy:production"))
    every = [[act.action for act in way.acts] for way in said.ways]
    over = [each for each in every if "release.override" in each]
    assert over
    for each in over:
        assert each.index("release.reschedule") < each.index("release.override")
    override(made, id, where="production")
    sign(made, id)
    assert "hard_locked" not in made.codes(id, "deploy:production")
    made.ask(RITA, "release.reschedule", id, scheduled=NOON, reason="It can go.")
    assert "hard_locked" in made.codes(id, "deploy:production"), "it counts for no other revision"


# What it is for.


def test_nothing_is_overridden_where_nothing_is_in_the_way_or_it_may_not_be() -> None:
    made, id = nobodys()
    with refused("nothing_to_override"):
        override(made, id)
    made, id = several(replace(built(), condemned=True))
    with refused("nothing_to_override"):
        override(made, id)


def test_where_a_deployment_brings_it_that_is_overridden() -> None:
    made = Office()
    made.learn(PLACE, built(), LOCK)
    id = filled(made, "itsm_releases", "major")
    with refused("deployment_kept"):
        override(made, id)
    with refused("unknown_environment"):
        override(made, id, where="the moon")


def test_an_override_that_no_deployment_had_falls_once_one_brings_it() -> None:
    made, id = nobodys(LOCK)
    override(made, id)
    made.learn(PLACE, built())
    assert made.codes(id, GATE) == {"hard_locked"}
    wish = Wish("a" * 32, "test", "None.", contents="All of it.", belongs_to=id)
    made.ask(RITA, "deployment.request", "d" * 32, wish=wish)
    made.ask(OWEN, "deployment.override", "d" * 32, reason=WHY)
    assert made.codes(id, GATE) == set()


def test_a_release_that_became_another_is_overridden_anew() -> None:
    made, id = nobodys(lock())
    override(made, id)
    made.ask(RITA, "release.edit", id, plan=replace(PLAN, notes="Other notes."))
    (found,) = made.verdict(id, GATE).blocking
    assert (found.code, "another revision" in found.message) == ("hard_locked", True)
    assert set(acts(made, id)) == {"release.override"}
    with refused("not_owed"):
        sign(made, id)
    override(made, id)
    assert [each.number for each in made.release(id).overrides] == [2]
    deploy(made, id)


def test_what_became_worse_is_overridden_anew() -> None:
    made, id = nobodys(lock())
    override(made, id)
    made.learn(replace(lock(), terms=replace(lock().terms, until=NOON + 2 * DAY), revision=2))
    (found,) = made.verdict(id, GATE).blocking
    assert "it has changed since" in found.message
    assert set(acts(made, id)) == {"release.override"}
    override(made, id)
    deploy(made, id)


def test_it_lets_it_go_there_once() -> None:
    made, id = nobodys(lock())
    override(made, id)
    deploy(made, id)
    with refused("deployment_running"):
        override(made, id)
    made.settle(id, "test", Progress.FAILED, "Out of memory.")
    assert made.codes(id, GATE) == {"hard_locked"}
    override(made, id, OWEN)
    deploy(made, id)
    assert [each.number for each in made.release(id).overrides] == [1, 2]
    sign(made, id)
    with refused("not_owed"):
        sign(made, id)
    sign(made, id, ENG, 2)
    assert not made.release(id).owing


def test_what_would_halt_it_on_its_way_was_overridden_as_it_stood() -> None:
    made, id = nobodys(lock(running=Running.HALTS))
    override(made, id)
    deploy(made, id)
    made.settle(id, "test", Progress.SUCCEEDED)
    made, id = nobodys(lock(running=Running.HALTS))
    override(made, id)
    deploy(made, id)
    made.learn(replace(lock(running=Running.HALTS), id="2" * 32))
    with refused("hard_locked"):
        made.settle(id, "test", Progress.SUCCEEDED)


def test_what_its_playbook_asks_is_not_overridden() -> None:
    made = Office()
    made.learn(lock())
    id = filled(made)
    before = made.codes(id, "deploy:production")
    override(made, id, where="production")
    assert made.codes(id, "deploy:production") == before - {"hard_locked"} != set()


# What is owed.


def owed(**more: Any) -> tuple[Office, str, Lock]:
    """A release that went by an override of Max's, and a lock that goes on for long."""
    stays = lock(until=NOON + 9 * DAY)
    made, id = nobodys(stays, **more)
    if more:
        hide(made, id)
    override(made, id)
    deploy(made, id)
    return made, id, stays


@pytest.mark.req("S0-13")
def test_what_is_owed_since_a_day_keeps_its_giver_from_overriding_anything() -> None:
    made, id, _ = owed()
    other = opened(made, "itsm_releases", "major", replace(PLAN, versions=("1.4.0",)))
    made.ask(RITA, "release.aim", other, release_version="1.4.0", commit=OTHER)
    override(made, other)
    made.at = NOON + DAY + HOUR
    with refused("countersignature_owed"):
        override(made, other)
    (late,) = (e for e in made.verdict(other, GATE).blocking if e.requirement == "locks")
    assert (late.code, "1.2.0 in test" in late.message) == ("countersignature_owed", True)
    assert acts(made, other)["release.countersign"] == {OWEN, SUE}
    sign(made, id)
    assert "countersignature_owed" not in made.codes(other, GATE)


@pytest.mark.req("S0-13")
def test_what_a_release_owes_counts_for_deployments_too() -> None:
    made, id, stays = owed()
    made.learn(replace(PLACE, name="lab", reports=()), built(), stays)
    wish = Wish("a" * 32, "lab", "None.", contents="All of it.")
    made.ask(RITA, "deployment.request", "d" * 32, wish=wish)
    made.at = NOON + DAY + HOUR
    with refused("countersignature_owed"):
        made.ask(MAX, "deployment.override", "d" * 32, reason=WHY)
    sign(made, id)
    made.ask(MAX, "deployment.override", "d" * 32, reason=WHY)


def test_what_is_hidden_owes_in_the_open_only_to_who_overrode_it() -> None:
    made, id, _ = owed(embargoed=True)
    other = opened(made, "itsm_releases", "major", replace(PLAN, versions=("1.4.0",)))
    made.ask(RITA, "release.aim", other, release_version="1.4.0", commit=OTHER)
    override(made, other)
    made.at = NOON + DAY + HOUR
    assert "countersignature_owed" not in made.codes(other, GATE)
    with pytest.raises(Refusal) as caught:
        override(made, other)
    (problem,) = caught.value.problems
    assert problem.code == "countersignature_owed"
    assert "1.2.0" not in problem.message
    sign(made, id)
    override(made, other)


def test_a_release_is_not_given_up_while_a_signature_is_owed() -> None:
    made, id, _ = owed()
    made.settle(id, "test", Progress.FAILED, "Out of memory.")
    with refused("countersignature_missing"):
        made.ask(RITA, "release.abort", id, reason="We think again.")
    sign(made, id)
    made.ask(RITA, "release.abort", id, reason="We think again.")
    with refused("ended"):
        override(made, id)


def test_an_override_that_nothing_went_past_by_owes_nothing() -> None:
    made, id = nobodys(lock())
    override(made, id)
    made.learn(lock(until=NOON))
    deploy(made, id)
    made.settle(id, "test", Progress.SUCCEEDED)
    assert of(made, id).override.used_at is None
    assert "countersignature_missing" not in made.codes(id, "close")
    with refused("not_owed"):
        sign(made, id)


def test_a_release_tells_the_latest_and_all_that_owe() -> None:
    made, id, _ = owed()
    mine = made.release(id)
    many = tuple(replace(of(made, id), number=at) for at in range(1, MOST_OVERRIDES + 1))
    signed = tuple(
        replace(e, over_at=made.at, override=e.override.signed(SUE, made.at, None))
        for e in many[1:]
    )
    ended = (replace(mine.deliveries[0], progress=Progress.FAILED),)
    made.learn(replace(mine, overrides=(many[0], *signed), deliveries=ended))
    override(made, id)
    numbers = [each.number for each in made.release(id).overrides]
    assert numbers == [1, *range(2, MOST_OVERRIDES + 2)]
    full = tuple(replace(each, over_at=made.at) for each in many)
    made.learn(replace(mine, overrides=full, deliveries=ended))
    with refused("no_room"):
        override(made, id)


def test_what_counts_there_already_without_a_deployment_is_overridden_as_well() -> None:
    made = Office()
    made.learn(PLACE, built())
    wish = Wish("a" * 32, "test", "None.", contents="All of it.")
    made.ask(RITA, "deployment.request", "d" * 32, wish=wish)
    made.ask(ROBOT, "deployment.start", "d" * 32)
    made.ask(ROBOT, "deployment.succeed", "d" * 32)
    id = filled(made, "itsm_releases", "major")
    made.learn(lock())
    assert made.codes(id, GATE) == {"hard_locked"}
    override(made, id)
    deploy(made, id)
    told = of(made, id)
    assert told.set_off_at == told.over_at == told.override.used_at
    assert cells(made, id)["locks"].status is Is.BYPASSED
