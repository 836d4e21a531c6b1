"""The tasks of a change: they wait for one another and keep it from closing."""

from __future__ import annotations

import pytest

from domain.change.gates import verdict
from domain.change.state import Status, TaskStatus
from domain.change.tasks import MOST_TASKS
from tests.domain.change_stories import drafted, reviewing, scheduled
from tests.domain.given import authority, known
from tests.domain.organisation import ANN, ENG, OWEN, ROBOT, Story, refused


def with_tasks() -> Story:
    """A change whose second task waits for its first."""
    story = scheduled()
    story.ask(ANN, "add_task", title="Order disks", assignee=ENG)
    story.ask(ANN, "add_task", title="Attach disks", after=(1,))
    return story


@pytest.mark.req("S3-25")
def test_open_tasks_keep_a_change_from_closing() -> None:
    story = reviewing()
    story.ask(ENG, "add_task", title="Scrap the old disks")
    story.ask(ENG, "add_task", title="Tell accounting")
    with refused("tasks_open") as caught:
        story.ask(OWEN, "close")
    assert caught.value.verdict is not None
    missing = {each.requirement: each.missing for each in caught.value.verdict.blocking}
    assert missing == {"tasks": ("task 1", "task 2")}
    story.ask(ENG, "complete_task", number=1)
    story.ask(ENG, "drop_task", number=2, reason="They know.")
    story.ask(OWEN, "close")
    assert story.state.status is Status.CLOSED


def test_tasks_move_neither_votes_nor_revision() -> None:
    story = scheduled()
    before = (story.state.revision, story.state.digest, story.state.votes)
    story.ask(ENG, "add_task", title="Order disks")
    assert (story.state.revision, story.state.digest, story.state.votes) == before
    assert story.state.status is Status.SCHEDULED


@pytest.mark.req("S3-25")
def test_a_task_waits_for_those_before_it() -> None:
    story = with_tasks()
    with refused("task_waits"):
        story.ask(ENG, "complete_task", number=2)
    story.ask(ENG, "complete_task", number=1)
    story.ask(ENG, "complete_task", number=2)
    assert [each.status for each in story.state.tasks] == [TaskStatus.DONE] * 2


@pytest.mark.req("S3-25")
def test_tasks_do_not_wait_for_one_another_in_a_circle() -> None:
    story = with_tasks()
    story.ask(ANN, "add_task", title="Switch", after=(2,))
    for number, after in ((1, (3,)), (1, (2,)), (1, (1,))):
        with refused("task_circle"):
            story.ask(ANN, "edit_task", number=number, after=after)
    story.ask(ANN, "edit_task", number=3, after=(1, 2, 1))
    assert story.state.tasks[2].after == (1, 2)


def test_a_task_waits_for_tasks_that_are_there() -> None:
    with refused("unknown_task"):
        drafted().ask(ANN, "add_task", title="Switch", after=(1,))


def test_what_an_edit_leaves_out_stays_and_what_it_clears_goes() -> None:
    story = with_tasks()
    story.ask(ANN, "edit_task", number=1, title="Order the disks")
    assert (story.state.tasks[0].title, story.state.tasks[0].assignee) == ("Order the disks", ENG)
    story.ask(ANN, "edit_task", number=1, assignee=None)
    assert story.state.tasks[0].assignee is None
    assert story.ask(ANN, "edit_task", number=1) == []


@pytest.mark.parametrize("assignee", [ROBOT, "user:" + "f" * 32])
def test_tasks_are_given_to_people_who_are_there(assignee: str) -> None:
    with refused("unknown_person"):
        drafted().ask(ANN, "add_task", title="Switch", assignee=assignee)


def test_a_settled_task_is_settled_until_it_is_reopened() -> None:
    story = with_tasks()
    with refused("task_settled"):
        story.ask(ENG, "reopen_task", number=1)
    story.ask(ENG, "complete_task", number=1)
    for verb, more in (
        ("complete_task", {}),
        ("drop_task", {"reason": "Done."}),
        ("edit_task", {}),
    ):
        with refused("task_settled"):
            story.ask(ENG, verb, number=1, **more)
    story.ask(ENG, "reopen_task", number=1)
    assert story.state.tasks[0].status is TaskStatus.OPEN
    assert story.state.tasks[0].settled_by is None


def test_a_task_has_a_title_and_a_number_that_is_there() -> None:
    with refused("text_missing"):
        drafted().ask(ANN, "add_task", title="  ")
    with refused("unknown_task"):
        drafted().ask(ANN, "complete_task", number=1)


def test_a_change_has_so_many_tasks_and_no_more() -> None:
    story = drafted()
    for number in range(MOST_TASKS):
        story.ask(ANN, "add_task", title=f"Step {number}")
    with refused("too_many"):
        story.ask(ANN, "add_task", title="One more")


def test_an_ended_change_has_no_tasks_to_do() -> None:
    story = with_tasks()
    story.ask(ANN, "cancel", reason="Not now.")
    with refused("ended"):
        story.ask(ENG, "complete_task", number=1)


@pytest.mark.req("S1-20", "S3-25")
def test_it_is_told_of_a_task_that_whom_it_is_given_to_may_not_complete_it() -> None:
    story = reviewing()
    story.ask(ANN, "add_task", title="Ring the bell.", assignee=OWEN)
    for people, vain in ((frozenset((ENG,)), True), (frozenset((ENG, OWEN)), False)):
        gate = verdict(
            story.state,
            "close",
            at=story.at,
            authority=authority(*story.others),
            records=known(*story.others),
            who=lambda _action, able=people: able,  # type: ignore[misc]
        )
        [tasks] = [each for each in gate.findings if each.requirement == "tasks"]
        [act] = tasks.acts
        assert act.people == people
        assert ("who may not complete it" in act.description) is vain
