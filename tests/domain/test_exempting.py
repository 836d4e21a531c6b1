"""Who exempts something from a lock: nobody who had a hand in what is to go on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import pytest

from domain.change.gates import verdict as of_change
from domain.deployment.gates import verdict as of_deployment
from domain.deployment.state import Deployment, Status, Wish
from domain.exemption.aggregate import AGGREGATE as EXEMPTION
from domain.exemption.hands import hands
from domain.exemption.matter import exempt, matter
from domain.exemption.state import Approval
from domain.explanation import explain
from domain.kernel import Scopes
from domain.lock.state import Kind, Lifting, Lock, Terms
from domain.lock.state import Status as Locked
from domain.merge_request.merging import verdict as of_merge_request
from domain.release.gate.gates import verdict as of_release
from domain.release.state import Release
from domain.verdict import Act, Finding, Verdict
from domain.verdict import Status as Is
from tests.domain.change_stories import scheduled
from tests.domain.deployment_stories import STAGING, requested
from tests.domain.given import DAY, NOON, authority, known
from tests.domain.merge_stories import opened as merge_request
from tests.domain.organisation import (
    ANN,
    CHAIR,
    DUTY,
    HOUR,
    MANAGER,
    MAX,
    OWEN,
    PEOPLE,
    ROBOT,
    SUE,
    Story,
    person,
    refused,
)
from tests.domain.release_stories import CAST, PLAN, QUINN, RITA, Office, opened
from tests.domain.test_release_deployment import PLACE, built

ASKER: Final = DUTY
"""Who files the wish, with no hand in anything else."""


@dataclass
class Case:
    """Something that a lock keeps, who had a hand in it, and its gate."""

    world: tuple[Any, ...]
    subject: str
    named: str
    people: tuple[str, ...]
    gate: Callable[..., Verdict]
    kind: Kind = Kind.HARD


def _of_a_change() -> Case:
    story = scheduled()
    state = replace(story.state, owner=OWEN, contributors=(ANN, MAX))
    at = state.content.window.since

    def gate(entitled: Any, records: Any, **more: Any) -> Verdict:
        return of_change(state, "implement", at=at, authority=entitled, records=records, **more)

    return Case((*story.world, state), state.id, "change", (ANN, OWEN, MAX), gate)


def _of_a_merge_request(*, embargoed: bool = False) -> Case:
    story = merge_request()
    people = (*story.state.contributors, MAX)
    state = replace(story.state, contributors=people, embargoed=embargoed)

    def gate(entitled: Any, records: Any, **more: Any) -> Verdict:
        return of_merge_request(
            state, "merge", at=NOON, authority=entitled, records=records, **more
        )

    told = ((*story.world, state), state.id, "merge_request", (ANN, MAX))
    return Case(*told, gate, Kind.MERGE)


def _released(*others: Any) -> tuple[Office, Release]:
    """A release that Rita opened and Quinn aimed."""
    office = Office()
    office.learn(PLACE, built(), *others)
    id = opened(office, "itsm_releases", "major", replace(PLAN, versions=("1.2.0",)))
    state = office.release(id)
    state = replace(state, contributors=(*state.contributors, QUINN))
    office.learn(state)
    return office, state


def _of_a_release(*, embargoed: bool = False) -> Case:
    office, state = _released()
    state = replace(state, embargoed=embargoed)
    office.learn(state)

    def gate(entitled: Any, records: Any, **more: Any) -> Verdict:
        told = {"at": NOON + HOUR, "authority": entitled, "records": records}
        return of_release(state, "deploy:test", **told, **more)

    world = tuple(office.states.values())
    return Case(world, state.id, "release", (RITA, QUINN), gate)


def _of_a_deployment() -> Case:
    story = requested()

    def gate(entitled: Any, records: Any, **more: Any) -> Verdict:
        told = {"at": NOON + HOUR, "authority": entitled, "records": records}
        return of_deployment(story.state, "start", **told, **more)

    return Case(story.others, story.state.id, "deployment", (OWEN,), gate)


def _of_a_deployment_of_a_release() -> Case:
    office, release = _released()
    wish = Wish("a" * 32, "test", "None.", belongs_to=release.id)
    told = ("test", "a" * 32, "1.2.0", PLAN.service, wish, OWEN, NOON)
    state = Deployment("d" * 32, 1, Status.REQUESTED, *told)
    office.learn(state)

    def gate(entitled: Any, records: Any, **more: Any) -> Verdict:
        told = {"at": NOON + HOUR, "authority": entitled, "records": records}
        return of_deployment(state, "start", **told, **more)

    world = tuple(office.states.values())
    return Case(world, state.id, "deployment", (OWEN, RITA, QUINN), gate)


CASES: Final = {
    "change": _of_a_change,
    "merge request": _of_a_merge_request,
    "release": _of_a_release,
    "deployment": _of_a_deployment,
    "deployment of a release": _of_a_deployment_of_a_release,
}
EACH: Final = pytest.mark.parametrize("case", [each() for each in CASES.values()], ids=CASES)


def lock(case: Case, *exempters: str, **more: Any) -> Lock:
    """In force for long, wherever that is."""
    told: dict[str, Any] = {"since": NOON - DAY, "until": NOON + 100 * DAY, "exempters": exempters}
    terms = Terms("Stop", case.kind, **(told | more))
    return Lock("1" * 32, 1, Locked.ACTIVE, case.kind, terms, 1, CHAIR, NOON - DAY)


def wished(case: Case, by: Lock, asker: str = ASKER) -> Story:
    """Somebody wishes for it, who has no hand in it."""
    story = Story(EXEMPTION, (*case.world, by), subject="f" * 32)
    about = {case.named: case.subject}
    story.ask(asker, "request", lock=by.id, reason="It cannot wait.", **about)
    return story


def said(case: Case, world: tuple[Any, ...], **more: Any) -> Finding:
    """What its gate finds of the lock."""
    found = case.gate(authority(*world), known(*world), **more).findings
    [finding] = [each for each in found if each.requirement == "locks"]
    return finding


@EACH
def test_who_had_a_hand_in_it_does_not_exempt_it_whoever_wished_for_that(case: Case) -> None:
    by = lock(case, *case.people, SUE)
    story = wished(case, by)
    for who in case.people:
        with refused("needs_second_person"):
            story.ask(who, "approve")
    assert said(case, story.others).status is Is.UNSATISFIED
    story.ask(SUE, "approve")
    assert said(case, story.others).status is Is.WAIVED


@EACH
def test_nor_does_it_count_where_an_old_log_has_that_they_did(case: Case) -> None:
    by = lock(case, *case.people, SUE, CHAIR, exempting=2)
    story = wished(case, by)
    story.ask(SUE, "approve")
    mine = tuple(Approval(who, NOON, None) for who in case.people)
    state = replace(story.state, approvals=(*story.state.approvals, *mine))
    records = known(*story.world, state)
    assert exempt(by, [state], authority(*story.world), records) is None
    story.state = replace(state, version=state.version + 1)
    assert said(case, story.others).status is Is.UNSATISFIED
    story.ask(CHAIR, "approve")
    assert exempt(by, [story.state], authority(*story.world), known(*story.others)) == story.state


@EACH
def test_an_approval_falls_with_the_last_grant_it_was_given_by(case: Case) -> None:
    by = lock(case, SUE, CHAIR)
    story = wished(case, by)
    rights = [replace(MANAGER, id=id * 32, person=SUE) for id in "98"]
    now = matter(story.state, known(*story.others))
    mine = Approval(SUE, NOON, rights[0].id, now, (rights[1].id,))
    story.state = replace(story.state, approvals=(mine,), version=story.state.version + 1)
    story.learn(*rights)
    story.learn(replace(rights[0], revoked_at=NOON))
    assert said(case, story.others).status is Is.WAIVED
    with refused("approved_already"):
        story.ask(SUE, "approve")
    story.learn(replace(rights[1], revoked_at=NOON))
    assert said(case, story.others).status is Is.UNSATISFIED
    story.ask(SUE, "approve")


@EACH
def test_whose_right_to_approve_was_taken_away_approves_it_anew_or_another_does(case: Case) -> None:
    by = lock(case, SUE, CHAIR)
    story = wished(case, by)
    right = replace(MANAGER, id="9" * 32, person=SUE)
    mine = Approval(SUE, NOON, right.id, matter(story.state, known(*story.others)))
    story.state = replace(story.state, approvals=(mine,), version=story.state.version + 1)
    story.learn(right)
    with refused("approved_already"):
        story.ask(SUE, "approve")
    story.learn(replace(right, revoked_at=NOON))
    assert said(case, story.others).status is Is.UNSATISFIED
    story.ask(SUE, "approve")
    assert exempt(by, [story.state], authority(*story.world), known(*story.others)) == story.state


@EACH
@pytest.mark.req("X-04")
@pytest.mark.parametrize("how", ["suspended", "revoked"])
def test_what_somebody_wished_for_who_may_not_any_more_is_wished_for_anew(
    case: Case, how: str
) -> None:
    story = wished(case, lock(case, SUE))
    right = replace(MANAGER, id="9" * 32, person=ASKER)
    story.state = replace(story.state, requested_grant=right.id)
    story.learn(right)
    assert [each.action for each in said(case, story.others).acts] == ["exemption.approve"]
    out = person(ASKER, suspended=True), replace(right, revoked_at=NOON)
    story.learn(out[how == "revoked"])
    anew = ["exemption.request", "exemption.approve"]
    assert [each.action for each in said(case, story.others).acts] == anew
    with refused("proposer_lost"):
        story.ask(SUE, "approve")
    about = {case.named: case.subject, "reason": "It cannot wait."}
    again = Story(EXEMPTION, story.world, subject="e" * 32)
    again.ask(CHAIR, "request", lock="1" * 32, **about)
    again.ask(SUE, "approve")
    assert said(case, again.others).status is Is.WAIVED


@EACH
def test_nor_does_another_account_of_theirs(case: Case) -> None:
    by = lock(case, SUE, CHAIR)
    world = (*case.world, person(SUE, linked=(case.people[-1],)))
    story = wished(replace(case, world=tuple({(type(e), e.id): e for e in world}.values())), by)
    with refused("needs_second_person"):
        story.ask(SUE, "approve")
    [act] = said(case, story.others).acts
    assert (act.action, act.people, act.count) == ("exemption.approve", frozenset((CHAIR,)), 1)


@EACH
def test_those_are_named_who_may_exempt_it(case: Case) -> None:
    world = (*case.world, lock(case, *case.people, SUE, CHAIR, exempting=2))
    first, act = said(case, world).acts
    assert first.action == "exemption.request", "there is nothing to approve before"
    assert (act.action, act.people, act.count) == ("exemption.approve", frozenset((SUE, CHAIR)), 2)


@EACH
def test_each_of_two_locks_takes_an_exemption_of_its_own(case: Case) -> None:
    """By the same people, who have to be told of which of the two."""
    one = lock(case, SUE)
    other = replace(one, id="8" * 32, terms=replace(one.terms, title="Halt"))
    world = (*case.world, one, other)
    found = case.gate(authority(*world), known(*world)).findings
    told = [act for each in found if each.requirement == "locks" for act in each.acts]
    assert [each.action for each in told] == ["exemption.request", "exemption.approve"] * 2
    assert len({each.description for each in told}) == 4


@EACH
def test_so_does_each_of_two_locks_that_are_called_the_same(case: Case) -> None:
    one = lock(case, SUE, until=None)
    world = (*case.world, one, replace(one, id="8" * 32))
    able = {"exemption.request": frozenset((ASKER,))}

    def who(action: str) -> frozenset[str]:
        return able.get(action, frozenset())

    found = case.gate(authority(*world), known(*world), who=who).findings
    locked = [each for each in found if each.requirement == "locks"]
    [way] = explain(Verdict(tuple(locked))).ways
    assert [e.action for e in way.acts] == ["exemption.request", "exemption.approve"] * 2
    assert {e.subject for e in way.acts} == {one.id, "8" * 32}


@EACH
def test_once_it_is_asked_for_those_are_named_who_have_not_approved(case: Case) -> None:
    story = wished(case, lock(case, *case.people, SUE, CHAIR, exempting=2))
    story.ask(SUE, "approve")
    [act] = said(case, story.others).acts
    assert (act.action, act.people, act.count) == ("exemption.approve", frozenset((CHAIR,)), 1)
    story.ask(CHAIR, "approve")
    assert said(case, story.others).status is Is.WAIVED


@EACH
def test_where_who_asked_is_who_would_approve_another_asks(case: Case) -> None:
    story = wished(case, lock(case, SUE), asker=SUE)
    with refused("needs_second_person"):
        story.ask(SUE, "approve")
    first, act = said(case, story.others).acts
    assert (first.action, act.people) == ("exemption.request", frozenset((SUE,)))


@EACH
@pytest.mark.req("S0-12", "S0-13")
def test_beside_an_exemption_it_is_told_that_it_ends_by_itself(case: Case) -> None:
    ends = said(case, (*case.world, lock(case, SUE))).instead
    over = f"It is locked until {(NOON + 100 * DAY).isoformat()}."
    assert [(e.action, e.count, e.description) for way in ends for e in way] == [
        ("lock.wait", 0, over)
    ]
    assert not said(case, (*case.world, lock(case, SUE, until=None))).instead


@EACH
def test_where_too_few_may_it_is_waited_for_or_the_lock_is_amended(case: Case) -> None:
    world = (*case.world, lock(case, *case.people, SUE, exempting=2))
    able = {"lock.lift": frozenset((MAX, OWEN)), "lock.confirm": frozenset((OWEN,))}

    def there(action: str, _scopes: Scopes) -> frozenset[str]:
        return able.get(action, frozenset())

    finding = said(case, world, there=there)
    called = f'{case.kind.value} lock "Stop"'
    second = f"Confirm that {called} ends, as a second person."
    ending = (
        Act("lock.lift", frozenset((MAX,)), 1, f"End {called}, or amend it.", subject="1" * 32),
        Act("lock.confirm", frozenset((OWEN,)), 1, second, subject="1" * 32),
    )
    wait = Act("lock.wait", frozenset(), 0, f"It is locked until {(NOON + 100 * DAY).isoformat()}.")
    assert finding.instead == (ending,), "nobody confirms what they asked for"
    assert [replace(e, people=frozenset()) for e in finding.acts] == [wait]
    assert "amend it to name more" in finding.message
    [act] = said(case, (*case.world, lock(case))).acts
    assert (act.action, act.count, act.people) == ("lock.wait", 0, frozenset())
    for exempters in ((*case.people, SUE), ()):
        endless = lock(case, *exempters, exempting=min(2, len(exempters) or 1), until=None)
        finding = said(case, (*case.world, endless), there=there)
        assert finding.acts == ending
        assert ("amend it to name more" in finding.message) is bool(exempters)
        assert explain(Verdict((finding,))).ways


def lifted(case: Case, by: Lock, **able: tuple[str, ...]) -> list[list[tuple[str, frozenset[str]]]]:
    """By which acts of whom the lock is ended, as its gate tells."""
    asked: list[tuple[str, Scopes]] = []

    def there(action: str, scopes: Scopes) -> frozenset[str]:
        asked.append((action, scopes))
        return frozenset(able.get(action.removeprefix("lock."), ()))

    finding = said(case, (*case.world, by), there=there)
    assert {places["environment"] for _, places in asked} == {frozenset(by.terms.environments)}
    ways = (finding.acts, *finding.instead)
    ending = (way for way in ways if way[-1].action in ("lock.lift", "lock.confirm"))
    return [[(act.action, act.people) for act in way] for way in ending]


@EACH
@pytest.mark.req("S0-12", "S0-13")
def test_beside_an_exemption_it_is_told_who_lifts_the_lock(case: Case) -> None:
    by = lock(case, SUE)
    able = {"lift": (MAX, ROBOT), "confirm": (MAX, OWEN)}
    one, other = frozenset((MAX, ROBOT)), frozenset((MAX, OWEN))
    assert lifted(case, by, **able) == [[("lock.lift", one), ("lock.confirm", other)]]
    only = lifted(case, by, lift=(MAX,), confirm=(MAX, OWEN))
    assert only == [[("lock.lift", frozenset((MAX,))), ("lock.confirm", frozenset((OWEN,)))]]
    assert lifted(case, by, lift=(MAX,), confirm=(MAX,)) == [], "it takes two"
    assert lifted(case, by) == []


@EACH
@pytest.mark.req("S0-12", "S0-13")
def test_who_alone_declared_it_lifts_it_alone_and_others_by_two(case: Case) -> None:
    by = replace(lock(case, SUE), contributors=(CHAIR,))
    able = {"lift": (CHAIR, MAX), "confirm": (CHAIR, MAX)}
    alone, by_two = lifted(case, by, **able)
    assert alone == [("lock.lift", frozenset((CHAIR,)))]
    assert by_two == [("lock.lift", frozenset((MAX,))), ("lock.confirm", frozenset((CHAIR,)))]
    assert len(lifted(case, replace(by, confirmed_by=MAX), **able)) == 1, "it is not theirs alone"


@EACH
@pytest.mark.req("S0-12", "S0-13")
def test_once_its_end_is_asked_for_the_second_person_is_told(case: Case) -> None:
    asked = replace(lock(case), lifting=Lifting(MAX, NOON, "It is over."))
    able = {"lift": (CHAIR, MAX), "confirm": (CHAIR, MAX)}
    assert lifted(case, asked, **able) == [[("lock.confirm", frozenset((CHAIR,)))]]
    anew = lifted(case, asked, lift=(CHAIR, MAX), confirm=(MAX,))
    assert anew == [[("lock.lift", frozenset((CHAIR,))), ("lock.confirm", frozenset((MAX,)))]]


@pytest.mark.parametrize("of", [_of_a_merge_request, _of_a_release])
def test_of_what_is_hidden_those_exempt_who_may_know_of_it(of: Callable[..., Case]) -> None:
    for embargoed, people in ((False, frozenset((SUE, CHAIR))), (True, frozenset((SUE,)))):
        case = of(embargoed=embargoed)
        able = {f"{case.named}.read_embargoed": frozenset((SUE,))}

        def who(action: str, able: Any = able) -> frozenset[str]:
            return able.get(action, frozenset())  # type: ignore[no-any-return]

        [_, act] = said(case, (*case.world, lock(case, SUE, CHAIR)), who=who).acts
        assert (act.action, act.people) == ("exemption.approve", people)
        [first, *_] = said(case, (*case.world, lock(case, CHAIR)), who=who).acts
        assert (first.action == "lock.wait") is embargoed


def test_whose_program_asked_for_it_does_not_exempt_it() -> None:
    story = requested(STAGING)
    state = replace(story.state, requested_by=ROBOT)
    owned = [replace(each, owner=SUE) if each.id == ROBOT else each for each in PEOPLE]
    assert SUE in hands(state, authority(*owned), known(*owned))
    assert SUE not in hands(state, authority(*PEOPLE), known(*PEOPLE))


def test_who_starts_what_others_asked_for_exempts_it() -> None:
    story = requested(STAGING)
    people = authority(*PEOPLE, *CAST)
    assert MAX not in hands(replace(story.state, started_by=MAX), people, known())
