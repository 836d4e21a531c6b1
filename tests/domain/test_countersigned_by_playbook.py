"""When an override is countersigned, as a playbook says: the strictest of all that speaks holds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.adoption import Status as Adoption
from domain.change.state import Link, LinkKind
from domain.change.state import Status as ChangeStatus
from domain.lock.state import Countersign
from domain.playbook.aggregate import Playbook
from tests.domain.deployment_stories import STAGING, package, requested
from tests.domain.organisation import MAX, ROBOT, SUE, Story, adopted, refused
from tests.domain.playbook_examples import CHANGES, assert_announced, varied
from tests.domain.release_stories import Office, opened
from tests.domain.test_deployment import HARD, change, codes, lock
from tests.domain.test_playbook_releases import RELEASES

STRICT = (
    RELEASES.replace('"test"\ntitle = "Test"', '"test"\ntitle = "Test"\ncountersign = "before"')
    .replace('name = "test"', f'name = "{STAGING}"')
    .replace('["test", "live"]', f'["{STAGING}", "live"]')
    .replace('environment = "test"', f'environment = "{STAGING}"')
    .replace("deploy:test", f"deploy:{STAGING}")
)
NORMAL = 'path = "normal"\n'


def kinds(word: str, *more: str) -> Playbook:
    """The process of changes, of which the normal kind says when an override is signed."""
    said = f'{NORMAL}countersign = "{word}"\n{"".join(more)}'
    return adopted("itsm", adopted("itsm").body.replace(NORMAL, said, 1))


def overridden(*others: Any, **more: Any) -> Story:
    """A deployment to staging that somebody lets go past a lock in a world of these."""
    story = requested(STAGING, lock(), *others, **more)
    story.ask(MAX, "override", reason="Customers cannot pay.")
    return story


def assert_before(story: Story) -> None:
    """That it counts only once a second person has signed it."""
    assert story.state.override.before
    assert codes(story) == ["hard_locked"]
    with refused("hard_locked"):
        story.ask(ROBOT, "start")
    story.ask(SUE, "countersign")
    story.ask(ROBOT, "start")


def assert_afterwards(story: Story) -> None:
    assert not story.state.override.before
    story.ask(ROBOT, "start")
    assert story.state.owing


@pytest.mark.req("S0-12", "S0-13")
def test_the_playbook_in_force_says_so_of_the_environment() -> None:
    assert_before(overridden(adopted("small", STRICT)))
    assert_afterwards(overridden(adopted("small", STRICT.replace('"before"', '"afterwards"'))))
    assert_afterwards(overridden(adopted("small", STRICT.replace(STAGING, "elsewhere"))))


@pytest.mark.req("S0-13")
def test_one_playbook_that_says_so_is_enough_and_one_not_in_force_is_not() -> None:
    strict = adopted("small", STRICT)
    mild = adopted("other", varied(STRICT, 'countersign = "before"\n', ""))
    assert_before(overridden(mild, strict))
    assert_before(overridden(strict, mild))
    assert_afterwards(overridden(mild, replace(strict, status=Adoption.PROPOSED)))


@pytest.mark.req("S0-13")
def test_a_release_keeps_what_its_own_version_of_the_playbook_says() -> None:
    office = Office()
    release = office.release(opened(office))
    strict = replace(adopted("small", STRICT), id="old", status=Adoption.SUPERSEDED)
    story = requested(STAGING, lock(), strict, replace(release, playbook="old"))
    story.state = replace(story.state, wish=replace(story.state.wish, belongs_to=release.id))
    story.ask(MAX, "override", reason="Customers cannot pay.")
    assert story.state.override.before


@pytest.mark.req("S0-13")
def test_the_kind_of_a_change_that_goes_out_says_so() -> None:
    ours = change(ChangeStatus.IMPLEMENTING, environments=(STAGING,))
    assert_before(overridden(kinds("before"), ours, changes=(ours.id,)))
    assert_afterwards(overridden(kinds("afterwards"), ours, changes=(ours.id,)))
    assert_afterwards(overridden(kinds("before"), ours))


@pytest.mark.req("S0-12", "S0-13")
def test_the_strictest_holds_and_nothing_makes_a_lock_or_criticality_milder() -> None:
    mild = adopted("small", STRICT.replace('"before"', '"afterwards"'))
    strict = lock(replace(HARD, countersign=Countersign.BEFORE))
    story = requested(STAGING, strict, mild)
    story.ask(MAX, "override", reason="Customers cannot pay.")
    assert_before(story)
    critical = adopted("itsm", kinds("before", "blocks_deployments = true\n").body)
    for book in (critical, adopted("itsm", critical.body.replace('countersign = "before"\n', ""))):
        ours = change(ChangeStatus.IMPLEMENTING, environments=(STAGING,))
        ours = replace(ours, links=(Link(LinkKind.COMMIT, package().commit),))
        assert_before(overridden(book, mild, ours, changes=(ours.id,)))


@pytest.mark.req("S0-13")
def test_a_playbook_adopted_since_holds_for_an_override_that_nobody_signed() -> None:
    story = overridden()
    assert codes(story) == []
    story.learn(adopted("small", STRICT))
    assert codes(story) == ["hard_locked"]
    story.ask(SUE, "countersign")
    assert codes(story) == []


@pytest.mark.parametrize(
    "text",
    [
        varied(STRICT, '"before"', '"never" #! countersign must be one of before, afterwards'),
        varied(STRICT, '"before"', "true #! countersign must be text"),
        varied(CHANGES, NORMAL, f'{NORMAL}countersign = "soon" #! must be one of before\n'),
        varied(
            CHANGES,
            NORMAL,
            f'{NORMAL}blocks_deployments = true\ncountersign = "afterwards" #! never later\n',
        ),
    ],
)
def test_a_word_that_says_nothing_is_told_with_its_line(text: str) -> None:
    assert_announced(text)
