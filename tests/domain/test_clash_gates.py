"""Clashes that a playbook lets block keep changes, releases and deployments from going ahead."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar.entry_state import CalendarEntry, EntryKind, EntryPlan, Severity
from domain.calendar.recurrence import wall
from domain.calendar.window import Window, resolve
from domain.change.gates import verdict
from domain.change.planned import others, plan_of
from domain.change.state import Change, Status
from domain.clash.clash import Cause, clashes
from domain.clash.findings import Asked
from domain.deployment.gates import verdict as deployment_verdict
from domain.explanation import explain
from domain.playbook.aggregate import Playbook
from domain.principal.state import Absence, Principal
from domain.verdict import Verdict
from tests.domain.change_stories import scheduled
from tests.domain.deployment_stories import requested
from tests.domain.given import DAY, NOON, authority, known
from tests.domain.organisation import (
    ANN,
    CONTENT,
    ENG,
    HOUR,
    MAX,
    OWEN,
    PLAYBOOKS,
    SERVICE,
    WINDOW,
    Story,
    refused,
)
from tests.domain.release_stories import RITA, Office, approved_change, filled

CAUSES = ("item", "service", "person", "away", "business", "outside_maintenance")
ALL = "[clash]\n" + "".join(f'{each} = "block"\n' for each in CAUSES)
NONE = ALL.replace("block", "warn")
SAME = {"service": CONTENT.service, "configuration_items": CONTENT.configuration_items}
APART: dict[str, Any] = {"service": "other", "configuration_items": ("lb-9",)}


def window(since: Any, until: Any) -> Window:
    return replace(WINDOW, since=since, until=until)


HOURLY = "FREQ=HOURLY"
AFTER = window(WINDOW.until, WINDOW.until + HOUR)


def entry(kind: EntryKind, span: Window, **more: Any) -> CalendarEntry:
    """Something that stands in the calendar."""
    plan = EntryPlan("The sale", kind, span, **more)
    id = f"{kind.value:x<32}"
    return CalendarEntry(id, 1, kind, plan, None, None, OWEN, NOON - DAY)


def sale(severity: Severity = Severity.BLOCK, **more: Any) -> CalendarEntry:
    """An event in the middle of the window."""
    span = window(WINDOW.since, WINDOW.since + HOUR)
    return entry(EntryKind.BUSINESS, span, severity=severity, **more)


def other(content: dict[str, Any] | None = None, **more: Any) -> Change:
    """Another change in the same window, of another service and of other people."""
    found = replace(CONTENT, **(APART | (content or {})))
    told: dict[str, Any] = {"owner": MAX, "implementers": (), "status": Status.SCHEDULED} | more
    return replace(scheduled().state, id="8" * 32, content=found, **told)  # type: ignore[no-any-return]


def away() -> Principal:
    """The owner, who is not there."""
    owner = next(e for e in scheduled().world if isinstance(e, Principal) and e.id == OWEN)
    return replace(owner, absences=(Absence(1, WINDOW.since, WINDOW.until, OWEN),))


def story(clash: str, *others: Any) -> Story:
    """A change that was approved, in its window, under a playbook that says this of clashes."""
    made = scheduled()
    made.at = WINDOW.since
    body = (PLAYBOOKS / "itsm.toml").read_text() + "\n" + clash
    instead = {(type(each), each.id) for each in others}
    world = (each for each in made.world if (type(each), each.id) not in instead)
    fixed = (replace(e, body=body) if isinstance(e, Playbook) else e for e in world)
    made.world = (*fixed, *others)
    return made


HERS = ("change.edit", "change.submit")
ANEW = ["change.edit", "change.submit", "change.approve", "change.approve"]


def found(made: Story) -> Verdict:
    return verdict(
        made.state,
        "implement",
        at=made.at,
        authority=authority(*made.others),
        records=known(*made.others),
        who=lambda action: frozenset((ANN,)) if action in HERS else frozenset(),
    )


@pytest.mark.req("S3-15", "S3-23")
@pytest.mark.parametrize(
    "around,code",
    [
        (other({"configuration_items": CONTENT.configuration_items}), "clash_item"),
        (other({"service": SERVICE}), "clash_service"),
        (other(owner=OWEN), "clash_person"),
        (away(), "clash_away"),
        (sale(), "clash_business"),
        (entry(EntryKind.MAINTENANCE, AFTER, service=SERVICE), "clash_outside_maintenance"),
    ],
)
def test_what_the_playbook_lets_block_keeps_a_change_from_beginning(around: Any, code: str) -> None:
    made = story(ALL, around)
    assert set(found(made).codes) == {code}
    with refused(code):
        made.ask(ENG, "implement")
    ways = explain(found(made), approve="change.approve").ways
    over = {("calendar.wait", ())} if code == "clash_business" else set()
    assert {(act.action, act.people) for way in ways for act in way.acts[:1]} == over | {
        ("change.edit", (ANN,))
    }
    [planned] = [[act.action for act in way.acts] for way in ways if len(way.acts) > 1]
    assert planned == ANEW, "it is approved as it is planned anew"
    mild = story(NONE, sale(Severity.WARN) if code == "clash_business" else around)
    assert found(mild).codes == ()
    mild.ask(ENG, "implement")


NARROW = window(WINDOW.since, WINDOW.since + HOUR)
NIGHT = window(WINDOW.since + HOUR, WINDOW.until)


def absent() -> Principal:
    """The owner, who is away for an hour."""
    return replace(away(), absences=(Absence(1, NARROW.since, NARROW.until, OWEN),))


@pytest.mark.req("S3-15", "S3-23")
@pytest.mark.parametrize(
    "around,ways",
    [
        (sale(), {"change.edit", "calendar.wait"}),
        (absent(), {"change.edit", "calendar.wait"}),
        (entry(EntryKind.MAINTENANCE, NIGHT, service=SERVICE), {"change.edit", "calendar.wait"}),
        (other(SAME | {"window": NARROW}), {"change.edit"}),
    ],
)
def test_what_is_over_keeps_a_change_shut_no_longer(around: Any, ways: set[str]) -> None:
    made = story(ALL, around)
    assert not found(made).allowed
    told = explain(found(made), approve="change.approve").ways
    assert {act.action for way in told for act in way.acts[:1]} == ways
    waits = [act.description for way in told for act in way.acts if act.action == "calendar.wait"]
    over = (WINDOW.since + HOUR).isoformat()
    assert waits == [f"It is over at {over}."] * ("calendar.wait" in ways)
    made.at = WINDOW.since + HOUR
    assert found(made).codes == ()
    made.ask(ENG, "implement")


@pytest.mark.req("S3-23")
def test_another_change_that_takes_longer_is_not_over() -> None:
    late = other(SAME | {"window": NARROW}, status=Status.IMPLEMENTING)
    made = story(ALL, late)
    made.at = WINDOW.since + HOUR
    assert set(found(made).codes) == {"clash_item", "clash_service"}
    done = story(ALL, replace(late, status=Status.CLOSED))
    done.at = made.at
    assert found(done).codes == ()


@pytest.mark.req("S3-23")
def test_every_clash_is_told_at_once_with_what_it_is_with() -> None:
    twin = other(SAME)
    blocking = found(story(ALL, twin, sale())).blocking
    assert {each.code for each in blocking} == {"clash_item", "clash_service", "clash_business"}
    assert {each.evidence[0] for each in blocking} == {twin.id, sale().id}
    assert all(WINDOW.since.isoformat() in each.message for each in blocking)


@pytest.mark.req("S3-23")
def test_what_stands_in_the_way_is_called_as_people_call_it() -> None:
    twin, absent = other(SAME, owner=OWEN), replace(away(), name="Owen Owens")
    blocking = found(story(ALL, twin, sale(), absent)).blocking
    title = CONTENT.title
    assert {each.message.partition(", from ")[0] for each in blocking} == {
        f'Change "{title}" touches {", ".join(sorted(CONTENT.configuration_items))}',
        f'Change "{title}" touches the same service',
        f'Owen Owens has a part in change "{title}" too',
        "Owen Owens is away",
        'Calendar entry "The sale" is to be kept clear of',
    }


@pytest.mark.parametrize(
    "around",
    [
        (),
        (sale(service="other"),),
        (replace(sale(), cancelled_at=NOON),),
        (sale(Severity.WARN),),
        (entry(EntryKind.BUSINESS, AFTER, severity=Severity.BLOCK),),
        (other(SAME, status=Status.CLOSED),),
        (other(SAME, status=Status.DRAFT),),
    ],
)
def test_what_is_elsewhere_or_over_or_harmless_blocks_nothing(around: Any) -> None:
    made = story(ALL, *around)
    assert found(made).codes == ()
    made.ask(ENG, "implement")


@pytest.mark.req("X-05")
def test_a_calendar_that_cannot_be_worked_out_keeps_the_gate_closed() -> None:
    broken = entry(EntryKind.BUSINESS, window(NOON, NOON + HOUR), rrule="FREQ=NEVER")
    assert "could_not_be_evaluated" in found(story(NONE, broken)).codes


def without_pause(kind: EntryKind, **more: Any) -> CalendarEntry:
    """Hourly windows of a year, as could be entered once."""
    return entry(kind, replace(WINDOW, local_until="2027-03-02T10:00"), rrule=HOURLY, **more)


def nothing_is_worked_out(*_: Any) -> Any:
    raise AssertionError("times were worked out")


@pytest.mark.req("S3-23", "X-05")
@pytest.mark.parametrize("kind", [EntryKind.BUSINESS, EntryKind.MAINTENANCE])
def test_an_entry_without_a_pause_keeps_the_gate_closed_and_is_not_worked_out(
    kind: EntryKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domain.calendar.times.opening", nothing_is_worked_out)
    made = story(ALL, without_pause(kind, severity=Severity.BLOCK))
    (finding,) = (each for each in found(made).findings if each.code == "calendar_unknown")
    assert finding.evidence == (without_pause(kind).id,)
    assert "begins again before it has ended" in finding.message
    with refused("calendar_unknown"):
        made.ask(ENG, "implement")


@pytest.mark.req("S3-23")
def test_an_entry_without_a_pause_that_could_close_no_gate_is_passed_by(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("domain.calendar.times.opening", nothing_is_worked_out)
    warning = without_pause(EntryKind.BUSINESS, severity=Severity.WARN)
    elsewhere = without_pause(EntryKind.BUSINESS, severity=Severity.BLOCK, service="other")
    assert found(story(ALL, warning, elsewhere)).codes == ()
    assert found(story(NONE, without_pause(EntryKind.MAINTENANCE))).codes == ()


@pytest.mark.req("S3-23", "X-05")
@given(st.lists(st.tuples(st.integers(-4, 4), st.integers(1, 5), st.booleans()), max_size=6))
def test_what_is_read_of_other_changes_blocks_as_if_all_were_read(
    plans: list[tuple[int, int, bool]],
) -> None:
    around = []
    for nth, (hour, lasts, same) in enumerate(plans):
        span = window(WINDOW.since + hour * HOUR, WINDOW.since + (hour + lasts) * HOUR)
        made = other({"window": span} | (SAME if same else APART))
        around.append(replace(made, id=f"{nth:032x}"))
    mine = plan_of(story(ALL).state)
    assert mine is not None
    severities = dict.fromkeys(Cause, Severity.BLOCK)
    read = tuple(others(Asked(mine, severities), known(*around)))
    everything = [plan for each in around if (plan := plan_of(each))]
    assert clashes(mine, read, (), severities) == clashes(mine, everything, (), severities)


# Releases and deployments.


def event(office: Office, severity: Severity = Severity.BLOCK) -> CalendarEntry:
    return entry(EntryKind.BUSINESS, window(office.at - HOUR, office.at + HOUR), severity=severity)


@pytest.mark.req("S3-23")
def test_an_event_to_keep_clear_of_keeps_releases_and_deployments_away() -> None:
    office = Office()
    major = filled(office, "itsm_releases", "major")
    office.learn(event(office))
    assert office.codes(major, "deploy:test") == {"clash_business"}
    (told,) = office.verdict(major, "deploy:test").blocking
    names = [[(act.action, act.services) for act in way] for way in told.instead]
    assert names == [[("calendar_entry.replan", ())], [("calendar_entry.cancel", ())]]
    with refused("clash_business"):
        office.ask(RITA, "release.deploy", major, environment="test")
    assert office.verdict(major, "deploy:test", office.at + 2 * HOUR).allowed
    made = requested()
    made.world = (*made.world, event(office))
    around: dict[str, Any] = {"authority": authority(*made.others), "records": known(*made.others)}
    asked = deployment_verdict(made.state, "start", at=made.at, **around)
    assert asked.codes == ("clash_business",)


def strict(office: Office, release: str) -> None:
    """Let the playbook of a release say that clashes block."""
    book: Playbook = office.states[Playbook, office.release(release).playbook]
    office.learn(replace(book, body=book.body + "\n" + ALL))


def blocked(office: Office, release: str) -> tuple[str, list[tuple[str, int, str]]]:
    """What keeps it away now, in words, and what helps."""
    (found,) = office.verdict(release, "deploy:test").blocking
    return found.message, [(act.action, act.count, act.description) for act in found.acts]


@pytest.mark.req("S1-20", "S3-23")
def test_what_keeps_it_away_now_tells_when_it_is_over() -> None:
    office = Office()
    major = filled(office, "itsm_releases", "major")
    office.learn(event(office))
    message, acts = blocked(office, major)
    over = (office.at + HOUR).isoformat()
    begun = (office.at - HOUR).isoformat()
    assert message.endswith(f"from {begun} to {over}."), "also what began before one asks"
    assert acts == [("calendar.wait", 0, f"It is over at {over}.")]


@pytest.mark.req("S1-20", "S3-15")
def test_outside_of_the_maintenance_windows_it_is_told_when_the_next_opens() -> None:
    office = Office()
    major = filled(office, "itsm_releases", "major")
    strict(office, major)
    since, until = wall("2026-02-27T22:00"), wall("2026-02-27T23:00")
    night = resolve(since, until, "UTC", "")
    windows = entry(EntryKind.MAINTENANCE, night, service=SERVICE, rrule="FREQ=DAILY;INTERVAL=3")
    office.learn(windows)
    opens = "2026-03-02T22:00:00+00:00"
    message, acts = blocked(office, major)
    assert message.endswith(f"to {opens}.")
    assert acts == [("calendar.wait", 0, f"It is over at {opens}.")]
    once = replace(night, since=office.at - 2 * HOUR, until=office.at - HOUR)
    yearly = "FREQ=YEARLY"
    office.learn(entry(EntryKind.MAINTENANCE, once, service=SERVICE, rrule=yearly))
    message, acts = blocked(office, major)
    assert message.endswith("and none is near.")
    assert [act[0] for act in acts] == ["calendar_entry.plan"]


@pytest.mark.req("S3-15")
def test_a_release_outside_the_maintenance_windows_waits_where_its_playbook_says_so() -> None:
    office = Office()
    major = filled(office, "itsm_releases", "major")
    since, until = wall("2026-03-02T22:00"), wall("2026-03-02T23:00")
    night = resolve(since, until, "UTC", "")
    office.learn(entry(EntryKind.MAINTENANCE, night, service=SERVICE, rrule="FREQ=DAILY"))
    assert office.verdict(major, "deploy:test").allowed, "a playbook that does not say so"
    strict(office, major)
    assert office.codes(major, "deploy:test") == {"clash_outside_maintenance"}
    assert office.verdict(major, "deploy:test", night.since).allowed
    assert not office.verdict(major, "deploy:test", night.until).allowed


@pytest.mark.req("S3-23")
def test_a_change_that_is_planned_now_keeps_another_release_away_not_its_own() -> None:
    office = Office()
    major = filled(office, "itsm_releases", "major")
    strict(office, major)
    planned = approved_change("d" * 32)
    span = window(office.at - HOUR, office.at + HOUR)
    content = replace(planned.content, service=SERVICE, environments=(), window=span)
    office.learn(replace(planned, content=content))
    assert "clash_service" in office.codes(major, "deploy:test")
    office.ask(RITA, "release.include", major, changes=(planned.id,))
    assert office.verdict(major, "deploy:test").allowed
