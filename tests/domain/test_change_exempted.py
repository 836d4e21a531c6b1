"""A lock that a change is exempt from stands in the way of its own window no more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.change.exempted import binding
from domain.change.planned import plan_of
from domain.change.question import Question
from domain.change.slot import earliest_legal
from domain.change.state import Change
from domain.clash.clash import Cause, Dated, Slot, clashes
from domain.exemption.matter import matter
from domain.exemption.state import Approval, Exemption, Status
from domain.lock.state import Kind
from domain.playbook.aggregate import Playbook, process
from tests.domain.change_stories import scheduled
from tests.domain.given import DAY, NOON, authority, known
from tests.domain.organisation import CHAIR, HOUR, MAX, WINDOW, Story
from tests.domain.test_release_locks import lock

LOCK = lock(Kind.HARD, since=WINDOW.since - HOUR, until=WINDOW.until + HOUR, exempters=(CHAIR,))
BOUND = Dated(LOCK.id, WINDOW.since - HOUR, WINDOW.until + HOUR, cause=Cause.LOCK, exempts=True)


def wished(story: Story, *approvals: str) -> Exemption:
    told = ("9" * 32, 1, Status.OPEN, LOCK.id, story.state.id, MAX, NOON, "Now.")
    wish = Exemption(*told, change=story.state.id)
    what = matter(wish, known(*story.others))
    given = tuple(Approval(each, NOON, None, what) for each in approvals)
    return replace(wish, approvals=given)


def bound(story: Story) -> tuple[Dated, ...]:
    """What binds the window it has."""
    held, records = authority(*story.others), known(*story.others)
    return tuple(binding(Question(story.state, NOON, held, records), (BOUND,)))


def slot(story: Story) -> Slot:
    """Its earliest time, as the calendar tells it."""
    state: Change = story.state
    plan = plan_of(state)
    assert plan is not None
    [book] = [e for e in story.others if isinstance(e, Playbook) and e.id == state.playbook]
    return earliest_legal(
        state,
        plan,
        process(book.body),
        now=NOON,
        after=plan.since,
        others=(),
        dated=(BOUND,),
        kept=bound(story),
    )


@pytest.mark.req("S0-12", "S0-13", "S3-23")
def test_it_keeps_the_window_for_which_it_is_exempt() -> None:
    story = scheduled()
    plan = plan_of(story.state)
    assert plan is not None
    story.learn(LOCK, wished(story))
    assert clashes(plan, (), bound(story)), "nobody approved it"
    story.learn(wished(story, CHAIR))
    assert bound(story) == ()
    assert slot(story).since == plan.since


@pytest.mark.req("S0-13", "X-03")
def test_with_another_window_it_is_another_that_nobody_exempted() -> None:
    story = scheduled()
    story.learn(LOCK, wished(story, CHAIR))
    moved = replace(WINDOW, since=WINDOW.since + HOUR / 2)
    story.state = replace(story.state, content=replace(story.state.content, window=moved))
    assert bound(story) == (BOUND,)
    assert slot(story).since not in (moved.since, WINDOW.since)


@pytest.mark.req("S0-13")
def test_what_is_no_lock_or_one_that_nobody_exempts_from_binds_it_as_it_is() -> None:
    story = scheduled()
    story.learn(LOCK)
    held, records = authority(*story.others), known(*story.others)
    ask = Question(story.state, NOON + DAY, held, records)
    sale = replace(BOUND, id="7" * 32, cause=None, exempts=False)
    free = replace(BOUND, exempts=False)
    assert tuple(binding(ask, (free, sale))) == (free, sale)
