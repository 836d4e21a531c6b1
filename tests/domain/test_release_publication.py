"""A release is published in spite of a lock by an exemption, or once two override that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest

from domain.exemption.state import Approval, Exemption
from domain.exemption.state import Status as Asked
from domain.gate import Status as Is
from domain.kernel import Refusal
from domain.lock.state import Countersign
from domain.release.gate.gates import asked
from domain.release.gate.question import Question
from domain.release.publication import PublicationOverride
from domain.release.state import Progress
from tests.domain.given import DAY, NOON
from tests.domain.organisation import CHAIR, HOUR, MAX, OWEN, ROBOT, SUE, adopted, refused
from tests.domain.release_stories import COMMIT, PLAN, RITA, Office, opened
from tests.domain.test_release_locks import lock

WHY: Final = "Customers cannot pay."
PLAYBOOK: Final = """\
format = 1
name = "boats"
title = "Boats"

[[environment]]
name = "slip"
title = "Slip"
kind = "test"

[[environment]]
name = "sea"
title = "Sea"
kind = "production"
countersign = "afterwards"

[[release]]
name = "load"
title = "Load"
version_form = "N.N.N"
environments = ["slip"]

[[release.phase]]
name = "run"
title = "Run"
status = "deploying"
""" + "".join(
    f"""
[[release.requirement]]
name = "{name}"
title = "{name}"
about = "{about}"
{more}
gates = [{gates}]
"""
    for name, about, more, gates in (
        ("tagged", "tagged", "", '"publish"'),
        ("authorised", "changes_authorised", "", '"publish", "deploy:slip"'),
        ("hosted", "changes_deployed", 'environment = "sea"', '"publish"'),
        ("there", "deployed", 'environment = "slip"', '"publish", "close"'),
        ("qa", "evidence", 'evidence = ["qa"]\nquality = true', '"publish"'),
        ("green", "evidence", 'evidence = ["qa"]', '"tag"'),
    )
)
LOCKED: Final = lock(exempters=(CHAIR,))


def boat(body: str = PLAYBOOK) -> tuple[Office, str]:
    """A release that lacks nothing but to be published."""
    made = Office()
    made.learn(adopted("boats", body))
    id = opened(made, "boats", "load", scheduled=None)
    made.ask(RITA, "release.aim", id, release_version="1.2.0", commit=COMMIT)
    made.report("qa")
    made.ask(RITA, "release.tag", id, release_version="1.2.0")
    made.deploy(id, "slip")
    assert made.codes(id, "publish") == set()
    return made, id


def override(made: Office, id: str, by: str = MAX) -> None:
    made.ask(by, "release.override_publication", id, reason=WHY)


def sign(made: Office, id: str, by: str = SUE) -> None:
    made.ask(by, "release.countersign_publication", id)


def of(made: Office, id: str) -> PublicationOverride:
    found = made.release(id).publication_override
    assert found is not None
    return found


ABLE: Final = frozenset((MAX, OWEN, SUE, RITA))


def finding(made: Office, id: str, able: frozenset[str] = ABLE) -> Any:
    ask = Question(made.release(id), made.at, made.authority, made.records, lambda _: able)
    (found,) = (e for e in asked(ask, "publish").findings if e.requirement == "locks")
    return found


@pytest.mark.req("S0-12", "S0-13")
def test_it_is_published_past_a_lock_by_two_and_not_closed_before_the_second_signed() -> None:
    made, id = boat()
    made.learn(lock())
    assert made.codes(id, "publish") == {"hard_locked"}
    with refused("hard_locked"):
        made.ask(RITA, "release.publish", id)
    override(made, id)
    assert (made.codes(id, "publish"), finding(made, id).status) == (set(), Is.BYPASSED)
    assert not made.release(id).owing
    made.ask(RITA, "release.publish", id)
    out = made.release(id).published_at
    assert out is not None
    assert (of(made, id).override.used_at, of(made, id).override.due) == (out, out + DAY)
    assert made.release(id).owing
    with refused("countersignature_missing"):
        made.ask(RITA, "release.close", id)
    sign(made, id)
    assert not made.release(id).owing
    with refused("not_owed"):
        sign(made, id, OWEN)
    made.ask(RITA, "release.close", id)


@pytest.mark.req("S0-12", "S0-13")
def test_where_a_lock_or_a_place_wants_it_signed_first_it_counts_from_then_on() -> None:
    for body, found in (
        (PLAYBOOK, lock(countersign=Countersign.BEFORE)),
        (PLAYBOOK.replace('kind = "test"', 'kind = "test"\ncountersign = "before"'), lock()),
    ):
        made, id = boat(body)
        made.learn(found)
        override(made, id)
        assert of(made, id).override.before
        (act,) = finding(made, id).acts
        assert (act.action, act.people) == ("release.countersign_publication", {OWEN, SUE})
        with refused("hard_locked"):
            made.ask(RITA, "release.publish", id)
        sign(made, id)
        made.ask(RITA, "release.publish", id)
        made.ask(RITA, "release.close", id)


@pytest.mark.req("S0-12", "S0-13")
def test_the_gate_names_who_overrides_it_and_who_signs_that_first() -> None:
    made, id = boat()
    made.learn(lock())
    able = frozenset((MAX, OWEN, SUE, RITA))
    ((act,),) = finding(made, id).instead
    assert (act.action, act.people) == ("release.override_publication", able)
    made.learn(lock(countersign=Countersign.BEFORE))
    ((first, then),) = finding(made, id).instead
    assert (first, then.action) == (act, "release.countersign_publication")
    assert then.people == able - {RITA}, "nobody who planned the release"
    override(made, id)
    assert ways(finding(made, id)) == [("release.countersign_publication",), ("lock.wait",)]


def ways(found: Any) -> list[tuple[str, ...]]:
    """By which acts the gate opens."""
    return [tuple(each.action for each in acts) for acts in (found.acts, *found.instead)]


@pytest.mark.req("S0-12", "S0-13")
def test_where_nobody_is_left_to_sign_it_the_gate_names_who_overrides_it_anew() -> None:
    made, id = boat()
    made.learn(lock(countersign=Countersign.BEFORE))
    two = frozenset((MAX, RITA))
    ((first, then),) = finding(made, id, two).instead
    assert (first.people, then.people) == ({RITA}, {MAX}), "who planned it signs nothing"
    override(made, id)
    stuck = finding(made, id, two)
    again = ("release.override_publication", "release.countersign_publication")
    assert ways(stuck) == [again, ("lock.wait",)]
    assert [each.people for each in stuck.acts] == [{RITA}, {MAX}]
    override(made, id, RITA)
    assert [each.people for each in finding(made, id, two).acts] == [{MAX}]
    sign(made, id, MAX)
    made.ask(RITA, "release.publish", id)


@pytest.mark.req("S0-12", "S0-13")
def test_where_it_is_signed_afterwards_those_are_named_whose_word_somebody_can_sign() -> None:
    made, id = boat()
    made.learn(lock())
    ((act,),) = finding(made, id, frozenset((MAX, RITA))).instead
    assert act.people == {RITA}
    ((act,),) = finding(made, id, frozenset((MAX,))).instead
    assert act.people == {MAX}, "it goes out, though nobody is there who signs"


@pytest.mark.req("S0-12", "S0-13")
def test_what_an_override_does_not_cover_is_waited_for_or_overridden_and_signed_as_before() -> None:
    made, id = boat()
    made.learn(lock())
    override(made, id)
    made.learn(replace(lock(until=NOON + 2 * DAY, countersign=Countersign.BEFORE), as_of=2))
    again = ("release.override_publication", "release.countersign_publication")
    assert ways(finding(made, id)) == [again, ("lock.wait",)]
    override(made, id, OWEN)
    sign(made, id)
    made.ask(RITA, "release.publish", id)


@pytest.mark.req("S0-13")
@pytest.mark.parametrize("who", [MAX, RITA, ROBOT])
def test_who_overrode_it_or_planned_the_release_does_not_sign(who: str) -> None:
    made, id = boat()
    made.learn(lock())
    override(made, id)
    with pytest.raises(Refusal) as caught:
        sign(made, id, who)
    codes = {each.code for each in caught.value.problems}
    assert codes == {"not_a_person" if who == ROBOT else "needs_second_person"}


@pytest.mark.req("S0-13")
def test_a_program_overrides_nothing_nor_what_nothing_is_in_the_way_of() -> None:
    made, id = boat()
    with refused("nothing_to_override"):
        override(made, id)
    made.learn(lock())
    with refused("not_a_person"):
        override(made, id, ROBOT)
    made.ask(MAX, "release.override_publication", id, reason=WHY)
    made.ask(RITA, "release.publish", id)
    with refused("published_before"):
        override(made, id)


@pytest.mark.req("S0-13")
def test_another_lock_or_another_release_is_overridden_anew() -> None:
    made, id = boat()
    made.learn(lock())
    override(made, id)
    made.learn(replace(lock(until=NOON + 2 * DAY), as_of=2))
    found = finding(made, id)
    assert (found.code, "it has changed since" in found.message) == ("hard_locked", True)
    (act,) = found.acts
    assert act.action == "release.override_publication"
    override(made, id)
    assert made.codes(id, "publish") == set()
    made.ask(SUE, "release.edit", id, plan=replace(PLAN, title="Another"))
    assert "another revision" in finding(made, id).message
    with refused("not_owed"):
        sign(made, id, OWEN)
    override(made, id)
    with refused("needs_second_person"):
        sign(made, id, SUE)
    sign(made, id, OWEN)


@pytest.mark.req("S0-13")
def test_what_its_publication_owes_keeps_its_giver_from_overriding_more() -> None:
    made, id = boat()
    made.learn(lock())
    override(made, id)
    made.ask(RITA, "release.publish", id)
    other = opened(made, "boats", "load", replace(PLAN, versions=("1.4.0",)), scheduled=None)
    made.at = NOON + DAY - HOUR / 2
    override(made, other)
    made.at = NOON + 2 * DAY - HOUR
    made.learn(lock(until=NOON + 9 * DAY))
    with pytest.raises(Refusal) as caught:
        override(made, other)
    (problem,) = caught.value.problems
    assert problem.code == "countersignature_owed"
    assert "the publication of 1.2.0" in problem.message
    sign(made, id)
    override(made, other)


@pytest.mark.req("S0-12", "S0-13")
def test_those_whom_the_lock_names_exempt_it_and_the_gate_names_them() -> None:
    made, id = boat()
    made.learn(LOCKED)
    acts = {each.action: each.people for each in finding(made, id).acts}
    assert acts["exemption.approve"] == {CHAIR}
    assert "exemption.request" in acts
    wish = Exemption("9" * 32, 1, Asked.OPEN, LOCKED.id, id, MAX, NOON, WHY, release=id)
    made.learn(wish)
    assert made.codes(id, "publish") == {"hard_locked"}
    made.learn(replace(wish, approvals=(Approval(CHAIR, NOON, None),)))
    assert finding(made, id).status is Is.WAIVED
    made.ask(RITA, "release.publish", id)
    assert made.release(id).publication_override is None
    assert {e.progress for e in made.release(id).deliveries} == {Progress.SUCCEEDED}
