"""Changes and their neighbours as the ledger stores them: nothing is lost, and they stay small."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from domain.change.draft import MOST_LINKS
from domain.change.state import LinkKind
from domain.change.tasks import MOST_TASKS
from domain.content import LARGEST
from domain.digest import canonical
from domain.kernel import ERASED
from domain.wording import LINE, NAME
from ledger import codec
from tests.domain.change_stories import broken, drafted, reviewing, scheduled, submitted
from tests.domain.merge_stories import opened as opened_merge_request
from tests.domain.merge_stories import signed
from tests.domain.organisation import (
    ANN,
    ASA,
    CAB_ONE,
    CHAIR,
    CONTENT,
    ENG,
    MAX,
    OWEN,
    WINDOW,
    Story,
    adopted,
    board,
    person,
    refused,
)
from tests.domain.template_stories import active, standard

PAGE = "x" * (LARGEST - len(canonical(replace(CONTENT, description=""))))
"""As long a description as this content has room for."""
SMALL = 16_384
"""How many bytes a state may take."""


def told() -> list[Story]:
    """Stories that between them tell most kinds of events."""
    rejected = submitted()
    rejected.ask(ASA, "reject", rule="assessment", reason="Not yet.")
    rejected.ask(ANN, "edit", content=replace(CONTENT, window=None))
    tasks = reviewing()
    tasks.ask(ENG, "add_task", title="Tidy up", assignee=ENG)
    tasks.ask(ENG, "complete_task", number=1)
    tasks.ask(MAX, "review", findings="Good.", lessons="None.")
    held = scheduled()
    held.ask(ANN, "hold", reason="Wait.")
    held.ask(ANN, "resume")
    held.ask(ANN, "cancel", reason="No.")
    merged = signed()
    merged.ask(CAB_ONE, "merge")
    return [rejected, tasks, held, broken(), merged, active(), standard()]


def restored(event: Any, erased: frozenset[str] = frozenset()) -> Any:
    facts, contents = codec.encode_event(event)
    kept = {name: None if name in erased else content for name, content in contents.items()}
    return codec.decode_event(type(event), facts, kept)


def test_every_event_comes_back_from_the_log_as_it_was() -> None:
    for story in told():
        for each in story.told:
            assert restored(each.event) == each.event


def test_every_state_comes_back_from_its_columns_as_it_was() -> None:
    for story in told():
        columns = [each for each in codec.columns(story.aggregate) if not each.derived]
        row = [codec.plain_value(each, getattr(story.state, each.name)) for each in columns]
        kind: Any = story.aggregate.state
        assert codec.state_reader(kind)(row) == story.state


def test_texts_are_kept_apart_from_facts() -> None:
    facts, contents = codec.encode_event(drafted().told[0].event)
    assert {"content.title", "content.reason", "content.backout_plan"} <= set(contents)
    assert b"new disks" not in facts


def test_an_erased_text_leaves_the_rest_of_the_story_as_it_was() -> None:
    story = broken()
    state: Any = None
    for each in story.told:
        parts = frozenset(codec.encode_event(each.event)[1])
        event = restored(each.event, parts)
        state = story.aggregate.evolve(state, replace(each, event=event))
    assert state.content.title == ERASED
    assert state.glass.reason == ERASED
    assert (state.status, state.digest, state.votes) == (
        story.state.status,
        story.state.digest,
        story.state.votes,
    )


def size(state: Any) -> int:
    return len(msgspec.json.encode(state))


def test_a_change_stays_small_however_much_is_made_of_it() -> None:
    members = tuple(f"user:{number:032x}" for number in range(100, 125))
    story = drafted(replace(CONTENT, description=PAGE))
    story.learn(*(person(each) for each in members), board("cab", *members, chair=CHAIR))
    with refused("no_room"):
        for number in range(MOST_TASKS):
            title = f"Step {number}".ljust(LINE, "x")
            story.ask(ANN, "add_task", title=title, assignee=ENG)
    story.ask(ANN, "submit")
    story.ask(ASA, "approve", rule="assessment")
    for each in members[:5]:
        story.ask(each, "abstain", rule="cab_two")
    assert size(story.state) < SMALL


def test_a_change_that_is_full_takes_neither_links_nor_a_longer_text() -> None:
    story = drafted(replace(CONTENT, description="x" * 2_000))
    references = [f"REC-{number}".ljust(NAME, "x") for number in range(MOST_LINKS + 1)]
    with refused("too_many"):
        for each in references:
            story.ask(ANN, "link", kind=LinkKind.REQUEST, reference=each)
    assert len(story.state.links) == MOST_LINKS
    with refused("no_room"):
        story.ask(ANN, "edit", content=replace(CONTENT, description=PAGE))
    story = drafted(replace(CONTENT, description=PAGE))
    with refused("no_room"):
        for each in references:
            story.ask(ANN, "link", kind=LinkKind.REQUEST, reference=each)
    assert 20 < len(story.state.links) < MOST_LINKS


@pytest.mark.req("S1-12")
def test_ties_to_what_was_hidden_since_count_for_no_limit() -> None:
    """Else whoever fills a change up would learn that something is still tied to it."""
    shown = opened_merge_request().state
    ties = [replace(shown, id=f"{number:032x}") for number in range(2)]
    full = {}
    for hidden in (False, True):
        story = drafted(replace(CONTENT, description="x" * 2_000))
        story.learn(*ties)
        if hidden:
            for each in ties:
                story.ask(ANN, "link", kind=LinkKind.MERGE_REQUEST, reference=each.id)
            story.learn(*(replace(each, embargoed=True) for each in ties))
        with refused("too_many"):
            for number in range(MOST_LINKS + 1):
                story.ask(
                    ANN, "link", kind=LinkKind.REQUEST, reference=f"REC-{number}".ljust(NAME, "x")
                )
        count = len([each for each in story.state.links if each.kind is LinkKind.REQUEST])
        with refused("no_room") as told:
            story.ask(ANN, "edit", content=replace(CONTENT, description=PAGE))
        full[hidden] = (count, str(told.value.problems))
    assert full[True] == full[False]
    assert full[True][0] == MOST_LINKS


@pytest.mark.parametrize("times", [1, 40])
def test_flipping_back_and_forth_makes_a_change_no_larger(times: int) -> None:
    story = submitted()
    story.ask(ASA, "approve", rule="assessment")
    story.ask(CAB_ONE, "approve", rule="cab_two")
    before = size(story.state)
    for _ in range(times):
        story.ask(CAB_ONE, "abstain", rule="cab_two")
        story.ask(CAB_ONE, "approve", rule="cab_two")
    assert abs(size(story.state) - before) < 20


def test_what_counts_is_kept_with_the_playbook_it_was_opened_under() -> None:
    story = scheduled()
    story.learn(replace(adopted("itsm"), id="playbook later", number=2))
    story.at = WINDOW.since
    story.ask(ENG, "implement")
    assert story.state.playbook == "playbook itsm"
    assert story.state.owner == OWEN
