"""A soft lock spares what approved changes and kinds of releases make an activity, and no word."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.change.state import Change, Link, LinkKind
from domain.change.state import Status as ChangeStatus
from domain.deployment.gates import verdict
from domain.deployment.state import Deployment
from domain.gate import Finding
from domain.inclusion import Inclusion, ItemKind
from domain.lock.state import Kind, Lock
from domain.playbook.aggregate import Playbook
from tests.domain.given import NOON
from tests.domain.organisation import MAX, OWEN, PLAYBOOKS, ROBOT, SERVICE, adopted, refused
from tests.domain.release_stories import COMMIT, PACKAGE, RITA, Office, approved_change, filled
from tests.domain.test_cover import WISH, asked, office, said
from tests.domain.test_release_deployment import PLACE, TEST
from tests.domain.test_release_locks import lock

SPARED, OTHER = "incident", "upkeep"
SOFT = lock(Kind.SOFT, spares=(SPARED,))


def playbook(activity: str | None, id: str) -> Playbook:
    """A playbook of changes whose normal kind is of this activity."""
    text = (PLAYBOOKS / "itsm.toml").read_text()
    named = f'path = "normal"\nactivity = "{activity}"\n' if activity else 'path = "normal"\n'
    return replace(adopted("itsm", text.replace('path = "normal"\n', named, 1)), id=id)


def change(
    activity: str | None, digit: str = "c", status: ChangeStatus = ChangeStatus.IMPLEMENTING
) -> tuple[Change, Playbook]:
    """A change that goes to the place, of a kind with this activity, and its playbook."""
    book = playbook(activity, f"playbook {activity}")
    found = approved_change(digit * 32, status)
    content = replace(found.content, environments=("test",), service=SERVICE)
    return replace(found, playbook=book.id, content=content), book


def quiet(*others: Any) -> Office:
    """A place with a soft lock on it that spares incidents."""
    return office(others=(SOFT, *others))


def locks(made: Office, id: str) -> Finding:
    """What the gate of its start says of locks."""
    findings: tuple[Finding, ...] = said(made, id).findings
    return next(each for each in findings if each.requirement == "locks")


@pytest.mark.req("S0-13", "X-05")
@pytest.mark.parametrize("word", [None, SPARED, OTHER])
def test_a_word_spares_nothing(word: str | None) -> None:
    made = quiet()
    id = asked(made, activity=word)
    with refused("soft_locked"):
        made.ask(ROBOT, "deployment.start", id)
    assert "approved changes" in (locks(made, id).message or "").lower()
    assert (locks(made, id).message or "").endswith("would be spared: incident.")


@pytest.mark.req("S0-13")
def test_an_approved_change_of_a_kind_with_the_activity_is_spared() -> None:
    made = quiet(*change(SPARED))
    id = asked(made, changes=("c" * 32,), contents="")
    assert locks(made, id).message == "It spares incident."
    made.ask(ROBOT, "deployment.start", id)


@pytest.mark.req("S0-13", "S3-02", "X-05")
@pytest.mark.parametrize("links", [(), (Link(LinkKind.COMMIT, "9" * 40),)], ids=["none", "another"])
def test_a_change_of_something_else_spares_no_package(links: tuple[Link, ...]) -> None:
    found, book = change(SPARED)
    made = quiet(replace(found, links=links), book)
    assert locks(made, asked(made, changes=(found.id,), contents="")).code == "soft_locked"


@pytest.mark.req("S0-13", "S3-02")
def test_one_change_that_it_is_built_of_is_enough_where_all_are_spared() -> None:
    found, book = change(SPARED)
    more = replace(found, id="d" * 32, links=(Link(LinkKind.COMMIT, "9" * 40),))
    made = quiet(found, more, book)
    id = asked(made, changes=(found.id, more.id), contents="")
    assert locks(made, id).message == "It spares incident."


@pytest.mark.req("S0-13", "X-01")
def test_a_change_for_another_place_spares_nothing_here() -> None:
    found, book = change(SPARED)
    content = replace(found.content, environments=("elsewhere",))
    made = quiet(replace(found, content=content), book)
    assert locks(made, asked(made, changes=(found.id,), contents="")).code == "soft_locked"


@pytest.mark.req("S0-13", "X-01", "X-05")
@pytest.mark.parametrize(
    "others,contents",
    [
        (change(OTHER, "d"), ""),
        (change(None, "d"), ""),
        (change(SPARED, "d", ChangeStatus.SCHEDULED), ""),
        (change(SPARED, "d", ChangeStatus.DRAFT), ""),
        ((), "And a little more."),
    ],
    ids=["another activity", "none", "its votes are void", "draft", "more, in words"],
)
def test_all_that_goes_out_has_to_be_spared(others: Any, contents: str) -> None:
    made = quiet(*change(SPARED), *others)
    named = ("c" * 32, *(each.id for each in others if isinstance(each, Change)))
    id = asked(made, changes=named, contents=contents, activity=SPARED)
    assert locks(made, id).code == "soft_locked"


def test_a_playbook_that_is_gone_spares_nothing() -> None:
    found, _ = change(SPARED)
    made = quiet(found)
    assert locks(made, asked(made, changes=(found.id,), contents="")).status.blocks


@pytest.mark.req("S0-13")
def test_in_an_incident_two_people_override_it() -> None:
    made = quiet()
    id = asked(made, activity=SPARED)
    made.ask(OWEN, "deployment.override", id, reason="Customers cannot pay.")
    made.ask(ROBOT, "deployment.start", id)
    state = made.states[Deployment, id]
    told = verdict(state, "close", at=made.at, authority=made.authority, records=made.records)
    assert "countersignature_missing" in told.codes
    made.ask(MAX, "deployment.countersign", id)


# Releases.


def released(made: Office, activity: str | None = None, **target: Any) -> str:
    """A release, authorised, of a kind with this activity."""
    major = filled(made, "itsm_releases", "major")
    if activity is not None:
        name = '[[release]]\nname = "major"\n'
        text = (PLAYBOOKS / "itsm_releases.toml").read_text()
        assert text.count(name) == 1
        body = text.replace(name, f'{name}activity = "{activity}"\n')
        made.learn(replace(adopted("itsm_releases", body), id=made.release(major).playbook))
    told = {"release_version": "1.2.0", "commit": COMMIT, "package": PACKAGE}
    made.ask(RITA, "release.aim", major, **(told | target))
    return major


@pytest.mark.req("S0-12", "S0-13")
@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("activity,code", [(SPARED, set()), (OTHER, {"soft_locked"})])
def test_a_release_is_known_by_the_activity_of_its_kind(
    activity: str, code: set[str], *, kept: bool
) -> None:
    made = quiet()
    if not kept:
        del made.states[type(PLACE), PLACE.id]
    major = released(made, activity)
    assert made.codes(major, TEST) == code
    assert ("soft_locked" in made.codes(major, "publish")) == bool(code)


@pytest.mark.req("S0-13", "X-05")
def test_a_release_of_a_kind_without_one_is_known_by_every_change_in_it() -> None:
    made = quiet()
    major = released(made)
    made.learn(*change(SPARED), *change(OTHER, "d"))
    assert made.codes(major, TEST) == {"soft_locked"}, "what a merge request is nobody says"
    inside = {"merge_requests": ("m" * 32,), "changes": ("c" * 32,)}
    made.ask(RITA, "release.exclude", major, reason="Later.", **inside)
    assert "soft_locked" in made.codes(major, TEST), "an empty one is not known either"
    made.ask(RITA, "release.include", major, changes=("c" * 32,))
    assert "soft_locked" not in made.codes(major, TEST)
    made.ask(RITA, "release.include", major, changes=("d" * 32,))
    assert "soft_locked" in made.codes(major, TEST)


def test_a_deployment_for_a_release_is_known_by_it_whatever_it_says_in_words() -> None:
    made = quiet(*change(SPARED), *change(OTHER, "d"))
    major = released(made, SPARED)
    wish = replace(WISH, belongs_to=major)
    for name, changes, code in (("e", (), ""), ("f", ("d" * 32,), "soft_locked")):
        made.ask(RITA, "deployment.request", name * 32, wish=replace(wish, changes=changes))
        assert locks(made, name * 32).code == code


def test_a_commit_is_known_by_the_change_that_answers_for_it() -> None:
    found, book = change(SPARED)
    made = quiet(found, book)
    major = released(made)
    made.ask(RITA, "release.exclude", major, merge_requests=("m" * 32,), reason="Later.")
    told = (major, ItemKind.COMMIT, COMMIT, found.id)
    made.learn(Inclusion("9" * 32, 1, *told, included=True, put_by=RITA, put_at=NOON))
    made.learn(replace(found, links=()))
    assert "soft_locked" in made.codes(major, TEST), "nobody who approved it knew of the commit"
    made.learn(replace(found, links=(Link(LinkKind.COMMIT, COMMIT),)))
    assert "soft_locked" not in made.codes(major, TEST)


@pytest.mark.req("S0-13", "S3-02")
@pytest.mark.parametrize("target", [{}, {"commit": None}], ids=["commit", "digest"])
def test_a_change_of_something_else_spares_no_release_that_is_built_of_another_commit(
    target: dict[str, Any],
) -> None:
    found, book = change(SPARED)
    made = quiet(replace(found, links=()), book)
    major = released(made, **target)
    made.ask(RITA, "release.exclude", major, merge_requests=("m" * 32,), reason="Later.")
    made.ask(RITA, "release.include", major, changes=(found.id,))
    asked_for = asked(made, belongs_to=major)
    assert "soft_locked" in made.codes(major, TEST)
    assert locks(made, asked_for).code == "soft_locked"
    made.learn(found)
    assert "soft_locked" not in made.codes(major, TEST)
    assert locks(made, asked_for).message == "It spares incident."


@pytest.mark.req("S0-13", "X-05")
def test_a_release_of_a_digest_that_nobody_built_here_is_spared_by_no_change_in_it() -> None:
    found, book = change(SPARED)
    made = quiet(found, book)
    major = released(made, commit=None, package="sha256:" + "9" * 64)
    made.ask(RITA, "release.exclude", major, merge_requests=("m" * 32,), reason="Later.")
    made.ask(RITA, "release.include", major, changes=(found.id,))
    assert "soft_locked" in made.codes(major, TEST)


def test_what_it_would_spare_is_told_of_no_lock_that_spares_nothing() -> None:
    plain: Lock = lock(Kind.SOFT)
    made = office(others=(plain,))
    assert "spared" not in (locks(made, asked(made)).message or "")
    hard = office(others=(lock(Kind.HARD),))
    assert "spared" not in (locks(hard, asked(hard)).message or "")
