"""An override covers what stood in the way when it was given, and nothing that it became since."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import pytest

from domain.calendar.entry import AGGREGATE as ENTRY
from domain.calendar.entry_state import CalendarEntry, EntryKind, EntryPlan
from domain.calendar.window import Window
from domain.change.state import Status as ChangeStatus
from domain.clash.clash import Severity
from domain.deployment.blockers import OVERRIDABLE
from domain.deployment.cover import COVER
from domain.deployment.events import Overridden
from domain.deployment.gates import verdict
from domain.deployment.overriding import SIGNED_FIRST
from domain.deployment.state import Deployment, Status
from domain.environment.aggregate import AGGREGATE as ENVIRONMENT
from domain.environment.state import Check, Cover, Environment, Health
from domain.gate import Finding, Verdict, explain
from domain.gate import Status as Is
from domain.grant.aggregate import Scope
from domain.lock.aggregate import AGGREGATE as LOCK
from domain.lock.recurrence import Boundary, Every, Recurrence
from domain.lock.state import Kind, Lock, Running, Terms
from tests.domain.deployment_stories import STAGING, environment, requested, stood, succeeded
from tests.domain.given import DAY, NOON, Told, authority, known, recorded
from tests.domain.organisation import (
    CHAIR,
    ENG,
    HOUR,
    MAX,
    OWEN,
    ROBOT,
    SUE,
    WORLD,
    Story,
    adopted,
    grant,
    person,
    refused,
    revoked,
)
from tests.domain.test_deployment import STRICT, change

SOFT: Final = Terms(
    "Year end",
    Kind.SOFT,
    since=NOON - HOUR,
    until=NOON + DAY,
    environments=(STAGING,),
    spares=("canary",),
    exempters=(SUE,),
)
WEEKLY: Final = Recurrence(Every.WEEK, Boundary("00:00", weekday=1), Boundary("23:00", weekday=1))
"""Noon lies on a Monday."""
PLAN: Final = environment(STAGING).plan


def become(state: Any, aggregate: Any, *acts: tuple[str, str, dict[str, Any]]) -> Any:
    """The state after somebody did something more to it, now."""
    story = Story(aggregate, WORLD, subject=state.id, at=NOON, state=state)
    for who, verb, arguments in acts:
        story.ask(who, verb, **arguments)
    return story.state


def lock(subject: str = "1" * 32, **more: Any) -> Lock:
    story = Story(LOCK, WORLD, subject=subject, at=NOON - HOUR)
    story.ask(OWEN, "declare", terms=replace(SOFT, **more))
    return story.state  # type: ignore[no-any-return]


def amended(*said: Terms) -> Lock:
    return become(lock(), LOCK, *((OWEN, "amend", {"terms": each}) for each in said))  # type: ignore[no-any-return]


def place(*acts: tuple[str, str, dict[str, Any]], **more: Any) -> Environment:
    """Staging, which is to be such, after what was done to it."""
    asked = environment(STAGING, plan=replace(PLAN, **more) if more else None)
    return become(asked, ENVIRONMENT, *acts)  # type: ignore[no-any-return]


def reported(*said: Health) -> Environment:
    """Staging, of which its monitor said one after the other."""
    return place(*((ROBOT, "report", {"health": each}) for each in said))


BLOCK: Final = (MAX, "block", {"name": "incident", "cause": "The printer is down."})
AGAIN: Final = (MAX, "block", {"name": "incident", "cause": "The database burns."})
LIFTED: Final = (MAX, "unblock", {"name": "incident", "note": "It prints."})
SICK, SICKER, WELL = Health.DEGRADED, Health.UNHEALTHY, Health.HEALTHY


def entry(subject: str = "7" * 32, until: Any = NOON + HOUR) -> CalendarEntry:
    """An event to be kept clear of."""
    local = ("2026-03-02T11:00:00", (until + HOUR).replace(tzinfo=None).isoformat())
    span = Window(NOON - HOUR, until, *local, zone="Europe/Berlin")
    plan = EntryPlan("The sale", EntryKind.BUSINESS, span, severity=Severity.BLOCK)
    return CalendarEntry(subject, 1, EntryKind.BUSINESS, plan, None, None, OWEN, NOON - DAY)


def replanned() -> CalendarEntry:
    return become(entry(), ENTRY, (OWEN, "replan", {"plan": entry(until=NOON + 2 * HOUR).plan}))  # type: ignore[no-any-return]


def told() -> CalendarEntry:
    notice = {"audience": "Everybody."}
    return become(entry(), ENTRY, (OWEN, "record_notice", notice))  # type: ignore[no-any-return]


def earlier(**more: Any) -> Environment:
    """What comes before staging in its line."""
    first = replace(PLAN, kind="test", order=0)
    return replace(environment("test", plan=first), **more)


def there(subject: str) -> Deployment:
    """The same package, which stands there already."""
    return succeeded(subject=subject).state  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Case:
    """What stood in the way, what it may become, and what becomes of it that changes nothing."""

    stood: Callable[[], tuple[Any, ...]]
    becomes: dict[str, Callable[[], tuple[Any, ...]]]
    stays: dict[str, Callable[[], tuple[Any, ...]]]


def critical(**more: Any) -> Any:
    return replace(change(ChangeStatus.IMPLEMENTING, environments=(STAGING,)), **more)


CHECK: Final = Check("pipeline", "shop/web")
STANDS: Final = there("6" * 32)
COVERED: Final = {"cover": (Cover.RELEASE,), "cover_overridable": True}
CASES: Final = {
    "locks": Case(
        lambda: (lock(),),
        {
            "harder": lambda: (amended(replace(SOFT, kind=Kind.HARD, spares=())),),
            "wider": lambda: (amended(replace(SOFT, environments=())),),
            "longer": lambda: (amended(replace(SOFT, until=NOON + 2 * DAY)),),
            "sparing less": lambda: (amended(replace(SOFT, spares=())),),
            "halting": lambda: (amended(replace(SOFT, running=Running.HALTS)),),
            "for another reason": lambda: (amended(replace(SOFT, title="The database burns")),),
            "amended and amended back": lambda: (
                amended(replace(SOFT, until=NOON + 2 * DAY), SOFT),
            ),
            "another beside it": lambda: (lock("2" * 32),),
            "another instead": lambda: (
                become(lock(), LOCK, (OWEN, "lift", {"reason": "Done."})),
                lock("2" * 32),
            ),
        },
        {"an amendment that waits": lambda: (amended(replace(SOFT, until=NOON + 300 * DAY)),)},
    ),
    "health": Case(
        lambda: (reported(SICK),),
        {
            "worse": lambda: (reported(SICK, SICKER),),
            "well, and sick anew": lambda: (reported(SICK, WELL, SICK),),
            "of another monitor": lambda: (
                become(reported(SICK), ENVIRONMENT, (SUE, "report", {"health": SICK})),
            ),
        },
        {"the same again": lambda: (reported(SICK, SICK),)},
    ),
    "blockers": Case(
        lambda: (place(BLOCK),),
        {
            "again by its name": lambda: (place(BLOCK, LIFTED, AGAIN),),
            "another beside it": lambda: (
                place(BLOCK, (MAX, "block", {"name": "outage", "cause": "Dark."})),
            ),
        },
        {},
    ),
    "promotion": Case(
        lambda: (earlier(),),
        {
            "another place before": lambda: (
                replace(earlier(), id="9" * 32, name="lab", plan=earlier().plan),
            ),
        },
        {},
    ),
    "criticality": Case(
        lambda: (adopted("itsm", STRICT), critical()),
        {
            "with another content": lambda: (critical(revision=2),),
            "another beside it": lambda: (critical(id="b" * 32),),
        },
        {"a comment on it": lambda: (critical(version=7),)},
    ),
    "window": Case(lambda: (place(needs_window=True),), {}, {}),
    "news": Case(
        lambda: (STANDS,),
        {"there again since": lambda: (replace(STANDS, current=False), there("8" * 32))},
        {},
    ),
    "clashes": Case(
        lambda: (entry(),),
        {
            "longer": lambda: (replanned(),),
            "another beside it": lambda: (entry("8" * 32),),
        },
        {"those concerned being told": lambda: (told(),)},
    ),
    COVER: Case(
        lambda: (place(**COVERED),),
        {
            "to be covered otherwise": lambda: (
                place(**COVERED | {"cover": (Cover.CHECKS,), "checks": (CHECK,)}),
            ),
        },
        {},
    ),
}
"""Everything that may be overridden."""
CHANGES: Final = [(name, how) for name, case in CASES.items() for how in case.becomes]
SAME: Final = [(name, how) for name, case in CASES.items() for how in case.stays]


def overridden(name: str) -> Story:
    """A deployment kept from starting by this alone, overridden and signed."""
    story = requested(STAGING)
    story.learn(*CASES[name].stood())
    assert {each.requirement for each in said(story) if each.status.blocks} == {name}
    story.ask(MAX, "override", reason="Customers cannot pay.")
    story.ask(SUE, "countersign")
    return story


def said(story: Story, action: str = "start") -> tuple[Finding, ...]:
    """What its gate finds at noon, when nothing has become stale."""
    entitled, records = authority(*story.others), known(*story.others)
    state, at = story.state, NOON + timedelta(minutes=5)
    return verdict(state, action, at=at, authority=entitled, records=records).findings


def blocking(story: Story) -> list[Finding]:
    return [each for each in said(story) if each.status.blocks]


def test_everything_that_may_be_overridden_is_told_of_here() -> None:
    assert set(CASES) == OVERRIDABLE | {COVER}


@pytest.mark.req("S0-12", "S0-13")
@pytest.mark.parametrize("name", CASES)
def test_what_stood_in_the_way_is_passed(name: str) -> None:
    story = overridden(name)
    assert not blocking(story)
    assert [e.requirement for e in said(story) if e.status is Is.BYPASSED] == [name]
    story.ask(ROBOT, "start")
    assert story.state.override.used_at == story.state.started_at


def anew(name: str) -> list[str]:
    """How it is overridden once more: of some things a second person signs that first."""
    return ["deployment.override", "deployment.countersign"][: 1 + (name in SIGNED_FIRST)]


@pytest.mark.req("S0-12", "S0-13")
@pytest.mark.parametrize("name,how", CHANGES)
def test_what_it_became_since_is_overridden_no_more(name: str, how: str) -> None:
    story = overridden(name)
    story.learn(*CASES[name].becomes[how]())
    found = blocking(story)
    assert {each.requirement for each in found} == {name}
    for each in found:
        at = story.state.override.at.isoformat()
        changed = f"It was overridden as it stood at {at}; it has changed since."
        other = f"What was overridden at {at} was something else."
        assert changed in each.message or other in each.message
        assert [act.action for act in each.acts] == anew(name)
    with refused(*(each.code for each in found)):
        story.ask(ROBOT, "start")
    story.ask(MAX, "override", reason="It cannot wait for that, either.")
    story.ask(SUE, "countersign")
    assert not blocking(story), "overridden anew, as it stands now, with all that stood before"


@pytest.mark.parametrize("name,how", SAME)
def test_what_leaves_it_as_it_was_leaves_it_overridden(name: str, how: str) -> None:
    story = overridden(name)
    story.learn(*CASES[name].stays[how]())
    assert not blocking(story)


def test_the_next_time_of_what_comes_again_is_another() -> None:
    story = requested()
    story.learn(lock(since=None, until=None, recurrence=WEEKLY, exempters=()))
    for each in (story,):
        each.learn(replace(next(e for e in each.world if isinstance(e, Lock)), doubts=()))
    story.ask(MAX, "override", reason="Customers cannot pay.")
    entitled, records = authority(*story.others), known(*story.others)
    for weeks, status in ((0, Is.BYPASSED), (1, Is.UNSATISFIED)):
        at = NOON + HOUR + weeks * timedelta(weeks=1)
        found = verdict(story.state, "start", at=at, authority=entitled, records=records).findings
        assert [e.status for e in found if e.requirement == "locks"] == [status]


def test_what_changes_under_way_halts_it_and_is_not_to_be_overridden_any_more() -> None:
    story = overridden("locks")
    story.ask(ROBOT, "start")
    story.ask(ROBOT, "advance", stage="canary")
    story.learn(amended(replace(SOFT, running=Running.HALTS)))
    with refused("soft_locked") as caught:
        story.ask(ROBOT, "advance", stage="full")
    (problem,) = caught.value.problems
    assert "it has changed since" in problem.message
    (found,) = (e for e in said(story, "advance") if e.requirement == "locks")
    assert [act.action for act in found.acts] == ["exemption.request", "exemption.approve"]


@pytest.mark.req("X-05")
def test_an_override_of_a_log_that_did_not_say_how_things_stood_covers_nothing() -> None:
    story = requested()
    story.learn(lock())
    due = NOON + DAY
    old = Overridden("Pay.", ("locks",), ("1" * 32,), before=False, due=due)
    told = recorded(Told(old, MAX), 2, NOON, story.subject)
    story.state = story.aggregate.evolve(story.state, told)
    assert story.state.override.covers == ()
    (found,) = blocking(story)
    assert (found.code, [act.action for act in found.acts]) == (
        "soft_locked",
        ["deployment.override"],
    )
    assert "nothing says how it stood then" in found.message
    assert story.state.status is Status.REQUESTED


# Whose word it is.

RIGHTS: Final = {
    who: grant(who, "role:release_manager", Scope.ENVIRONMENT, STAGING) for who in (MAX, SUE)
}
LOSSES: Final = {
    "its giver is suspended": (person(MAX, suspended=True),),
    "who signed it is suspended": (person(SUE, suspended=True),),
    "its giver's right was taken away": (revoked(RIGHTS[MAX]),),
    "the right of who signed it was taken away": (revoked(RIGHTS[SUE]),),
    "who signed it is its giver": (person(MAX, linked=(SUE,)), person(SUE, linked=(MAX,))),
}


def by_right(story: Story) -> Story:
    """What was overridden, with the grants by which the policy let it be given and signed."""
    story.learn(*RIGHTS.values())
    made = replace(story.state.override, grant=RIGHTS[MAX].id, countersigned_grant=RIGHTS[SUE].id)
    story.state = replace(story.state, override=made)
    assert not blocking(story)
    return story


@pytest.mark.req("S0-13")
@pytest.mark.parametrize("how", LOSSES)
@pytest.mark.parametrize("name", ["locks", "criticality"])
def test_until_it_is_used_it_counts_while_who_gave_and_signed_it_may(name: str, how: str) -> None:
    story = by_right(overridden(name))
    story.learn(*LOSSES[how])
    (found,) = blocking(story)
    assert "which counts no more" in found.message
    assert [act.action for act in found.acts] == anew(name)
    with refused(found.code):
        story.ask(ROBOT, "start")
    story.ask(CHAIR, "override", reason="It cannot wait.")
    story.ask(ENG, "countersign")
    assert not blocking(story)


@pytest.mark.req("S0-13", "X-04")
@pytest.mark.parametrize("who", [MAX, SUE])
def test_an_override_falls_with_the_last_grant_it_was_given_or_signed_by(who: str) -> None:
    story = overridden("locks")
    held = {by: (RIGHTS[by], replace(RIGHTS[by], id=f"other {by}")) for by in RIGHTS}
    story.learn(*held[MAX], *held[SUE])
    for each, by in ((story.told[-2].event, MAX), (story.told[-1].event, SUE)):
        own, other = held[by]
        story._fold(replace(each, grant=own.id, other_grants=(other.id,)), by, {})
    for own in held[who]:
        assert not blocking(story)
        story.learn(revoked(own))
    (found,) = blocking(story)
    assert "which counts no more" in found.message


@pytest.mark.parametrize("how", LOSSES)
def test_what_was_used_stays_used(how: str) -> None:
    story = locked()
    story.learn(lock(until=NOON + 9 * DAY, running=Running.HALTS))
    story.ask(MAX, "override", reason="Customers cannot pay.")
    story.ask(SUE, "countersign")
    by_right(story).ask(ROBOT, "start")
    story.learn(*LOSSES[how])
    story.ask(ROBOT, "advance", stage="full")


def test_an_override_keeps_the_grants_it_was_given_and_signed_by() -> None:
    story = overridden("locks")
    override = replace(story.told[-2].event, grant="g" * 32)
    signed = replace(story.told[-1].event, grant="h" * 32)
    for each in (override, signed):
        story._fold(each, MAX, {})
    made = story.state.override
    assert (made.grant, made.countersigned_grant) == ("g" * 32, "h" * 32)


# That it may be overridden.


def offered(story: Story, *people: str, at: Any = NOON) -> list[list[tuple[str, tuple[str, ...]]]]:
    """The ways in which its start is unblocked by overriding it, by these people."""
    given = {"at": at, "authority": authority(*story.others), "records": known(*story.others)}
    told = verdict(story.state, "start", **given, who=lambda _: frozenset(people))
    ways = [[(act.action, act.people) for act in way.acts] for way in explain(told).ways]
    return [way for way in ways if any(name == "deployment.override" for name, _ in way)]


@pytest.mark.req("S0-13", "S1-20")
@pytest.mark.parametrize("name", CASES)
def test_it_is_told_that_it_may_be_overridden_and_who_signs_that_first(name: str) -> None:
    story = requested(STAGING)
    story.learn(*CASES[name].stood())
    signed = [("deployment.countersign", (MAX, SUE))] if name in {"criticality", COVER} else []
    (way,) = offered(story, MAX, SUE, OWEN, ROBOT)
    assert way == [("deployment.override", tuple(sorted((MAX, SUE, OWEN)))), *signed]
    assert not offered(story, ROBOT), "only a person overrides"
    story.ask(MAX, "override", reason="Customers cannot pay.")
    assert not offered(story, MAX, SUE)
    if not signed:
        story.ask(ROBOT, "start")


@pytest.mark.req("S0-13", "S1-20")
def test_nobody_is_told_to_override_who_owes_a_signature_since_too_long() -> None:
    first = locked()
    second = another(first)
    first.ask(MAX, "override", reason="Customers cannot pay.")
    first.ask(ROBOT, "start")
    first.ask(ROBOT, "fail", reason="Out of memory.")
    due = first.state.override.due
    later(second, due, first.state)
    assert offered(second, MAX, SUE, at=due - HOUR) == [[("deployment.override", (MAX, SUE))]]
    assert offered(second, MAX, SUE, at=due) == [[("deployment.override", (SUE,))]]
    assert not offered(second, MAX, at=due)


@pytest.mark.req("S0-13", "S1-20")
def test_where_only_who_owes_a_signature_can_override_that_is_signed_first() -> None:
    first = locked()
    second = another(first)
    first.ask(MAX, "override", reason="Customers cannot pay.")
    first.ask(ROBOT, "start")
    first.ask(ROBOT, "fail", reason="Out of memory.")
    due = first.state.override.due
    later(second, due, first.state)
    second.state = replace(second.state, requested_by=MAX)
    again, signed = ("deployment.override", (MAX,)), ("deployment.countersign", (SUE,))
    assert offered(second, MAX, SUE, at=due) == [[signed, again]]
    first.at = due
    first.ask(SUE, "countersign")
    second.learn(first.state)
    second.ask(MAX, "override", reason="Customers cannot pay.")
    (passed,) = (e for e in said(second) if e.status is Is.BYPASSED)
    assert "Too few" not in passed.message


@pytest.mark.req("S0-13", "S1-20")
def test_of_an_override_that_nobody_is_left_to_sign_that_is_told() -> None:
    story = locked()
    given: dict[str, Any] = {"at": NOON, "authority": authority(*story.others)}
    given["records"] = known(*story.others)
    told = verdict(story.state, "start", **given, who=lambda _: frozenset((MAX,)))
    (way,) = (e for e in explain(told).ways if e.acts[0].action == "deployment.override")
    assert "it takes a third who has that right" in way.acts[0].description
    pair = verdict(story.state, "start", **given, who=lambda _: frozenset((MAX, SUE)))
    (way,) = (e for e in explain(pair).ways if e.acts[0].action == "deployment.override")
    assert "third" not in way.acts[0].description


# What is owed for it.


def another(story: Story, subject: str = "e" * 32) -> Story:
    """Another deployment to the same place, kept from starting by the same lock."""
    other = Story(story.aggregate, story.world, subject=subject, at=story.at)
    other.ask(OWEN, "request", wish=story.state.wish)
    return other


def locked() -> Story:
    story = requested()
    story.learn(lock(until=NOON + 9 * DAY))
    return story


def later(story: Story, at: Any, *states: Any) -> None:
    """The world goes on: the monitor says that all is well then."""
    well = environment(STAGING)
    reports = tuple(replace(each, measured_at=at) for each in well.reports)
    story.at = at
    story.learn(replace(well, reports=reports), *states)


@pytest.mark.req("S0-13")
def test_the_day_counts_from_the_use_of_an_override() -> None:
    story = locked()
    story.ask(MAX, "override", reason="Customers cannot pay.")
    used = NOON + 2 * DAY
    later(story, used)
    story.ask(ROBOT, "start")
    assert (story.state.override.used_at, story.state.override.due) == (used, used + DAY)
    third = another(story)
    for at, late in ((used + DAY - HOUR, False), (used + DAY, True)):
        fresh = replace(third, told=[])
        later(fresh, at, story.state)
        if late:
            with refused("countersignature_owed"):
                fresh.ask(MAX, "override", reason="Again.")
        else:
            fresh.ask(MAX, "override", reason="Again.")


@pytest.mark.req("S0-13")
def test_overrides_in_stock_are_not_used_while_their_giver_owes_a_signature() -> None:
    first = locked()
    second = another(first)
    for each in (first, second):
        each.ask(MAX, "override", reason="Customers cannot pay.")
    first.ask(ROBOT, "start")
    first.ask(ROBOT, "fail", reason="Out of memory.")
    due = first.state.override.due
    later(second, due, first.state)
    with refused("countersignature_owed") as caught:
        second.ask(ROBOT, "start")
    (problem,) = caught.value.problems
    assert "Someone overrode it, but owes" in problem.message
    assert "1.0 in staging" in problem.message
    records, entitled = known(*second.others), authority(*second.others)
    asked = {"at": due, "authority": entitled, "records": records}
    who = verdict(second.state, "start", **asked, who=lambda _: frozenset((MAX, OWEN, SUE)))
    (found,) = who.blocking
    assert [(act.action, act.people) for act in found.acts] == [
        ("deployment.countersign", frozenset((SUE,)))
    ]
    assert [(e.noun, e.id) for e in found.lacking] == [
        ("lock", "1" * 32),
        ("principal", MAX),
        ("deployment", first.state.id),
    ]
    first.at = due
    first.ask(SUE, "countersign")
    second.learn(first.state)
    second.ask(ROBOT, "start")


def test_what_went_on_by_it_before_goes_on_whatever_its_giver_owes() -> None:
    first = locked()
    first.learn(lock(until=NOON + 9 * DAY, running=Running.HALTS))
    first.ask(MAX, "override", reason="Customers cannot pay.")
    first.ask(ROBOT, "start")
    later(first, first.state.override.due)
    first.ask(ROBOT, "advance", stage="full")


@pytest.mark.req("S0-13", "S1-20")
def test_it_is_said_before_its_use_and_after_where_nobody_is_left_to_sign() -> None:
    def told(action: str, *people: str) -> Verdict:
        asked, records = authority(*story.others), known(*story.others)
        able = frozenset(people)
        return verdict(
            story.state, action, at=story.at, authority=asked, records=records, who=lambda _: able
        )

    story = requested(STAGING, lock())
    story.ask(MAX, "override", reason="Customers cannot pay.")
    (passed,) = (e for e in told("start", OWEN, MAX).findings if e.status is Is.BYPASSED)
    assert "Too few are left" in passed.message
    assert "or who asked for it overrides it instead" in passed.message
    (passed,) = (e for e in told("start", OWEN, MAX, SUE).findings if e.status is Is.BYPASSED)
    assert "Too few" not in passed.message
    story.ask(ROBOT, "start")
    story.ask(ROBOT, "fail", reason="Out of memory.")
    (owed,) = told("close", OWEN, MAX).blocking
    assert ("Too few are left" in owed.message, "instead" in owed.message) == (True, False)
    assert "Nobody can." in (explain(told("close", OWEN, MAX)).impossible_reason or "")
    (way,) = explain(told("close", OWEN, MAX, SUE)).ways
    assert [each.people for each in way.acts] == [(SUE,)]


@pytest.mark.req("S0-13")
def test_an_override_that_nothing_went_on_by_owes_nothing() -> None:
    story = locked()
    story.ask(MAX, "override", reason="Customers cannot pay.")
    later(story, NOON + HOUR, become(lock(), LOCK, (OWEN, "lift", {"reason": "Over."})))
    story.ask(ROBOT, "start")
    story.ask(ROBOT, "fail", reason="Out of memory.")
    assert (story.state.override.used_at, story.state.owing) == (None, False)
    later(story, NOON + 3 * DAY)
    story.ask(OWEN, "close")
    third = another(story)
    later(third, NOON + 3 * DAY, story.state, lock("2" * 32, until=NOON + 9 * DAY))
    third.ask(MAX, "override", reason="That is another one.")


def test_the_day_counts_from_a_stage_where_that_is_what_went_past_the_lock() -> None:
    story = locked()
    story.learn(lock(until=NOON + 9 * DAY, running=Running.HALTS, spares=(), kind=Kind.HARD))
    story.ask(MAX, "override", reason="Customers cannot pay.")
    off = next(each for each in story.world if isinstance(each, Lock))
    story.learn(replace(off, status=type(off.status).PROPOSED))
    story.ask(ROBOT, "start")
    assert not story.state.owing
    story.learn(off)
    at = story.at
    story.ask(ROBOT, "advance", stage="full")
    assert (story.state.override.used_at, story.state.override.due) == (at, at + DAY)


def test_a_start_of_which_nothing_was_kept_may_have_gone_past_what_was_overridden() -> None:
    story = locked()
    story.ask(MAX, "override", reason="Customers cannot pay.")
    story.ask(ROBOT, "set_off", evidence=())
    assert story.state.owing
    assert stood().override is None
