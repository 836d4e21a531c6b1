"""A soft lock spares a release at the gate, in the calendar and in its earliest time alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from domain.change.state import Change, Link, LinkKind
from domain.clash.clash import DEFAULT, Cause, Dated, Plan, clashes
from domain.clash.findings import A_MOMENT
from domain.deployment.state import Deployment, Wish
from domain.deployment.state import Status as Deployed
from domain.exemption.state import Approval, Exemption
from domain.exemption.state import Status as Asked
from domain.lock.state import Kind
from domain.playbook.aggregate import Playbook
from domain.release.gate.question import Question
from domain.release.gate.spared import binding
from domain.release.slot import earliest_legal
from tests.domain.change_stories import scheduled
from tests.domain.given import DAY, NOON
from tests.domain.organisation import CHAIR, CONTENT, HOUR, MAX, SERVICE, WINDOW, person
from tests.domain.release_stories import COMMIT, RITA, Office, opened
from tests.domain.test_activity import OTHER, SPARED, playbook
from tests.domain.test_release_deployment import PLACE, TEST, built
from tests.domain.test_release_locks import lock

BEGINS, ENDS = NOON, NOON + 2 * DAY
PLACES = frozenset(("test", "staging", "production"))
HOURS = tuple(BEGINS + number * HOUR for number in range(50))
INSIDE = {at for at in HOURS if WINDOW.holds(at)}
AFTER = {at for at in HOURS if at >= ENDS}


def change(activity: str | None, id: str = "c" * 32) -> tuple[Change, Playbook]:
    """An approved change that waits for its window, of a kind with this activity."""
    book = playbook(activity, f"playbook {activity}")
    found = scheduled(replace(CONTENT, environments=("test",))).state
    links = (Link(LinkKind.COMMIT, COMMIT),)
    return replace(found, id=id, playbook=book.id, links=links), book


def released(*inside: tuple[Change, Playbook], **terms: object) -> tuple[Office, str, Dated]:
    """A release of these changes, and a soft lock that spares incidents."""
    made = Office()
    own = {"environments": ("test",), "spares": (SPARED,)} | terms
    soft = lock(Kind.SOFT, since=BEGINS, until=ENDS, **own)
    made.learn(person(RITA), soft, *(each for one in inside for each in one))
    id = opened(made, "itsm_releases", "major")
    made.ask(RITA, "release.include", id, changes=tuple(each.id for each, _ in inside))
    dated = Dated(soft.id, BEGINS, ENDS, cause=Cause.LOCK, spares=soft.terms.spares)
    return made, id, replace(dated, environments=soft.terms.environments)


def plan(id: str, at: datetime) -> Plan:
    return Plan(id, at, at + A_MOMENT, SERVICE, PLACES)


def told(made: Office, id: str, at: datetime, dated: Dated) -> tuple[Plan, tuple[Dated, ...]]:
    """The release planned for a moment, and what of the lock binds it from then on."""
    state, wanted = made.release(id), plan(id, at)
    ask = Question(state, at, made.authority, made.records, now=made.at)
    return wanted, tuple(binding(ask, wanted, (dated,)))


def free(made: Office, id: str, dated: Dated) -> set[datetime]:
    """The hours at which nothing locks it; the gate, the calendar and its earliest time agree."""
    found = {at for at in HOURS if "soft_locked" not in made.codes(id, TEST, at)}
    kind = Question(made.release(id), made.at, made.authority, made.records).kind
    for at in HOURS:
        wanted, dates = told(made, id, at, dated)
        assert (not clashes(wanted, (), dates)) == (at in found), at
        first = earliest_legal(wanted, kind, (), dates, DEFAULT).since
        assert first == min((each for each in found if each >= at), default=ENDS), at
    return found


@pytest.mark.req("S0-12", "S0-13", "S3-23")
def test_it_is_spared_in_the_window_of_its_change_and_nowhere_else() -> None:
    assert INSIDE
    assert free(*released(change(SPARED))) == INSIDE | AFTER


@pytest.mark.req("S0-13", "S3-23", "X-05")
@pytest.mark.parametrize(
    "inside",
    [(change(OTHER),), (change(None),), (change(SPARED), change(OTHER, "d" * 32))],
    ids=["another", "none", "not all of it"],
)
def test_what_is_not_all_spared_is_locked_throughout(
    inside: tuple[tuple[Change, Playbook], ...],
) -> None:
    assert free(*released(*inside)) == AFTER


@pytest.mark.req("S0-13", "S3-23")
@pytest.mark.parametrize(
    "terms", [{"environments": ()}, {"environments": ("test", "staging")}, {"spares": ()}]
)
def test_a_lock_of_other_places_too_or_that_spares_nothing_binds_it_throughout(
    terms: dict[str, tuple[str, ...]],
) -> None:
    made, id, dated = released(change(SPARED), **terms)
    for at in HOURS:
        wanted, dates = told(made, id, at, dated)
        assert bool(clashes(wanted, (), dates)) == (at < ENDS)


# Exempt.


def exempted(**more: Any) -> tuple[Office, str, Dated]:
    """A release, and a lock on where it is tested from which somebody may exempt it."""
    made, id, dated = released(spares=(), exempters=(CHAIR,), **more)
    made.learn(replace(made.release(id), contributors=(RITA,)))
    return made, id, replace(dated, exempts=True)


def exemption(subject: str, **about: Any) -> Exemption:
    """What the chair approved."""
    told = ("9" * 32, 1, Asked.OPEN, "1" * 32, subject, MAX, NOON, "Now.")
    return Exemption(*told, approvals=(Approval(CHAIR, NOON, None),), **about)


@pytest.mark.req("S0-12", "S0-13", "S3-23")
def test_what_it_is_exempt_from_stands_in_its_way_no_more() -> None:
    made, id, dated = exempted()
    assert free(made, id, dated) == AFTER
    wish = exemption(id, release=id)
    made.learn(replace(wish, approvals=()))
    assert free(made, id, dated) == AFTER, "nobody approved it"
    made.learn(wish)
    assert free(made, id, dated) == set(HOURS)
    made.learn(replace(wish, approvals=(Approval(RITA, NOON, None),)))
    assert free(made, id, dated) == AFTER, "who planned it exempts it from nothing"


@pytest.mark.req("S0-13", "S3-23")
def test_where_the_deployment_that_brings_it_is_exempt_it_is_so_there_and_nowhere_else() -> None:
    made, id, dated = exempted()
    made.learn(PLACE, built())
    plan = replace(made.release(id).plan, versions=("1.2.0",))
    made.learn(replace(made.release(id), plan=plan))
    made.ask(RITA, "release.aim", id, release_version="1.2.0", commit=COMMIT)
    own = ("test", "a" * 32, "1.2.0", SERVICE, Wish("a" * 32, "test", "None.", belongs_to=id))
    made.learn(Deployment("d" * 32, 1, Deployed.REQUESTED, *own, MAX, NOON))
    made.learn(exemption("d" * 32, deployment="d" * 32))
    assert free(made, id, dated) == set(HOURS)
    wide = replace(dated, environments=("test", "staging"))
    assert told(made, id, NOON, wide)[1] == (wide,)
