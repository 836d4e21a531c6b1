"""Whatever people ask for in whatever order, no change gets round what it needs."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from domain.change.events import (
    Approved,
    Closed,
    Edited,
    GlassBroken,
    Linked,
    Opened,
    Returned,
    Started,
    Submitted,
)
from domain.change.standing import awaiting
from domain.change.state import LinkKind, Outcome, Status, TaskStatus, digest_of
from domain.kernel import Refusal
from tests.domain.change_stories import drafted
from tests.domain.organisation import (
    ANN,
    ASA,
    CAB_ONE,
    CAB_TWO,
    CHAIR,
    CONTENT,
    DUTY,
    ECAB_ONE,
    ECAB_TWO,
    ENG,
    HIGH,
    LOW,
    MAX,
    OWEN,
    ROBOT,
    SUE,
    WINDOW,
    Story,
)

PEOPLE = (ANN, OWEN, ASA, MAX, SUE, CHAIR, CAB_ONE, CAB_TWO, ECAB_ONE, ECAB_TWO, ENG, DUTY, ROBOT)
RULES = (
    *("assessment", "change_manager", "cab_two", "service_owner", "cab_half", "ecab"),
    *("cab_afterwards", "cab_on_break_glass"),
)
STEPS = 60


def arguments(story: Story, dice: random.Random) -> dict[str, dict[str, Any]]:
    """Something to ask every command with."""
    contents = (CONTENT, LOW, HIGH, replace(CONTENT, test_plan="Other."))
    open_rules = [each.rule.name for each in awaiting(story.state)]
    rule = {"rule": dice.choice(open_rules or RULES) if dice.random() < 0.8 else dice.choice(RULES)}
    reason, number = {"reason": "So."}, {"number": dice.randint(1, 3)}
    link = {"kind": dice.choice(list(LinkKind)), "reference": "REC-1"}
    second = dice.choice((DUTY, DUTY, *PEOPLE))
    written = dice.choice(("write_up", "break_glass_write_up"))
    nothing: dict[str, Any] = {}
    return {
        **dict.fromkeys(("submit", "recount", "implement", "close", "resume"), nothing),
        **dict.fromkeys(("approve", "abstain", "withdraw_vote"), rule),
        **dict.fromkeys(("complete_task", "reopen_task"), number),
        **dict.fromkeys(("link", "unlink"), link),
        "reject": rule | reason,
        "finish": {"outcome": dice.choice(list(Outcome)), "note": "Done."},
        "review": {"findings": "Fine."},
        "hold": reason,
        "edit": {"content": dice.choice(contents)},
        "assign": {"owner": dice.choice(PEOPLE)},
        "break_glass": {"second": second, "reason": "Now."},
        "confirm_break_glass": nothing,
        "fulfil_obligation": {"name": written, "write_up": "We did it."},
        "add_task": {"title": "Do it"},
        "drop_task": number | reason,
    }


VOTERS = (ASA, MAX, SUE, CHAIR, CAB_ONE, CAB_TWO, ECAB_ONE, ECAB_TWO)
SENSIBLE: dict[Status, tuple[tuple[str, tuple[str, ...]], ...]] = {
    Status.DRAFT: (("submit", (ANN,)), ("break_glass", (ENG,)), ("confirm_break_glass", (DUTY,))),
    Status.ASSESSING: (("approve", (ASA,)), ("reject", (ASA,))),
    Status.AUTHORIZING: (("approve", VOTERS), ("approve", VOTERS), ("reject", VOTERS)),
    Status.SCHEDULED: (("implement", (ENG,)), ("withdraw_vote", VOTERS)),
    Status.IMPLEMENTING: (("finish", (ENG,)), ("approve", VOTERS)),
    Status.REVIEW: (
        ("close", (OWEN,)),
        ("approve", VOTERS),
        ("review", (MAX,)),
        ("fulfil_obligation", (ENG,)),
        ("drop_task", (ENG,)),
    ),
    Status.ON_HOLD: (("resume", (ANN,)),),
}
"""What moves a change on, and who may ask for it."""


def wander(seed: int, kind: str, check: Callable[[Story, list[Any]], None]) -> Story:
    """Ask for this and that, often something sensible; check after each act that was granted."""
    dice = random.Random(seed)
    story = drafted(dice.choice((CONTENT, LOW, HIGH)), kind)
    for step in range(STEPS):
        if step == STEPS // 4:
            story.at = WINDOW.since + timedelta(minutes=1)
        asking = arguments(story, dice)
        verb, people = dice.choice(SENSIBLE.get(story.state.status, (("recount", PEOPLE),)))
        if dice.random() < 0.3:
            verb, people = dice.choice(sorted(asking)), PEOPLE
        try:
            events = story.ask(dice.choice(people), verb, **asking[verb])
        except Refusal:
            continue
        check(story, events)
    return story


def hands(story: Story) -> set[str]:
    """Everybody who opened, edited, tied or submitted, or stands behind it, from the log alone."""
    writing = (Opened, Edited, Submitted)
    found = {each.by for each in story.told if isinstance(each.event, writing)}
    tied = (each for each in story.told if isinstance(each.event, Linked))
    found |= {each.by for each in tied if each.event.link.kind.binding}
    return found | {story.state.requester, story.state.owner}


def approvers(story: Story) -> dict[str, set[str]]:
    """Who approved what of this revision, by the log alone, were every vote still standing."""
    found: dict[str, set[str]] = {}
    for each in story.told:
        if isinstance(each.event, Approved) and each.event.revision == story.state.revision:
            found.setdefault(each.event.rule, set()).add(each.by)
    return found


def check_everything(story: Story, events: list[Any]) -> None:
    state = story.state
    assert digest_of(state) == state.digest
    assert all((v.revision, v.digest) == (state.revision, state.digest) for v in state.votes)
    for event in events:
        if isinstance(event, Started):
            check_started(story)
        if isinstance(event, GlassBroken):
            assert state.path.value == "emergency"
            assert state.glass.by != state.glass.second
            assert state.glass.second not in hands(story)
        if isinstance(event, Closed):
            assert all(each.fulfilled_at for each in state.obligations)
            assert all(each.status is not TaskStatus.OPEN for each in state.tasks)
        if isinstance(event, Edited | Returned):
            assert (state.status, state.votes) == (Status.DRAFT, ())


def check_started(story: Story) -> None:
    """Enough people, none of whom had a hand in it, stand behind every rule there is."""
    voted, own = approvers(story), hands(story)
    assert story.state.rules
    for each in story.state.rules:
        assert len(voted.get(each.rule.name, set()) - own) >= each.needed
    everybody = set().union(*(voted[each.rule.name] - own for each in story.state.rules))
    assert len(everybody) >= sum(each.needed for each in story.state.rules)
    assert not any(person.startswith("bot:") for person in everybody)


@given(seed=some.integers(0, 2**32), kind=some.sampled_from(("normal", "emergency")))
def test_nothing_gets_round_what_a_change_needs(seed: int, kind: str) -> None:
    story = wander(seed, kind, check_everything)
    again: Any = None
    for each in story.told:
        again = story.aggregate.evolve(again, each)
    assert again == story.state


def test_wandering_comes_far_enough_to_tell() -> None:
    reached: set[str] = set()
    for seed in range(60):
        kind = "normal" if seed % 2 else "emergency"
        story = wander(seed, kind, lambda _story, _events: None)
        reached |= {type(each.event).__name__ for each in story.told}
    wanted = {"Started", "Authorized", "Returned", "Closed", "Finished", "GlassBreakRequested"}
    assert wanted <= reached
