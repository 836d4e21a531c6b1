"""A change stays what it was let out by, while that is on its way and once people use it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.change.aggregate import AGGREGATE as CHANGE
from domain.change.state import LinkKind
from domain.change.state import Status as ChangeStatus
from domain.deployment.state import Deployment, Status, Wish
from domain.inclusion import Inclusion, ItemKind
from domain.release.parts import Delivery, Progress
from domain.release.state import Release
from tests.domain.given import NOON
from tests.domain.organisation import ANN, CONTENT, OWEN, Story, refused
from tests.domain.release_stories import COMMIT, PLAYBOOKS, RITA, Office, approved_change, opened

CHANGED = "c" * 32


def scheduled(*others: Any) -> Story:
    """A change that was approved and has not begun, and what else there is."""
    story = Story(CHANGE, (*Story(CHANGE).others, *PLAYBOOKS, *others), subject=CHANGED)
    story.state = approved_change(CHANGED, ChangeStatus.SCHEDULED)
    return story


def deployment(status: Status, *changes: str) -> Deployment:
    """A deployment to production that these go out with."""
    wish = Wish("a" * 32, "production", "None.", changes)
    told = ("production", "a" * 32, "7", CONTENT.service, wish, OWEN, NOON)
    return Deployment("d" * 32, 2, status, *told)


def release(
    progress: Progress, where: str = "production", *, embargoed: bool = False, **item: Any
) -> tuple[Release, Inclusion]:
    """A release that is so far on its way with the change in it."""
    made = Office()
    state = made.release(opened(made, "itsm_releases", "major"))
    delivery = Delivery(where, "sha256:1", progress, RITA, NOON)
    told = ("9" * 32, 1, state.id, ItemKind.CHANGE, CHANGED, None)
    put = Inclusion(*told, included=True, put_by=RITA, put_at=NOON, embargoed=embargoed)
    return replace(state, deliveries=(delivery,), embargoed=embargoed), replace(put, **item)


def changed(story: Story, name: str) -> None:
    """Say something else of the change, tie it otherwise, or give it up."""
    acts: dict[str, dict[str, Any]] = {
        "edit": {"content": replace(CONTENT, test_plan="Other.")},
        "link": {"kind": LinkKind.COMMIT, "reference": "9" * 40},
        "unlink": {"kind": LinkKind.COMMIT, "reference": COMMIT},
        "cancel": {"reason": "Never mind."},
    }
    story.ask(ANN, name, **acts[name])


COMING = [
    (deployment(Status.RUNNING, CHANGED),),
    release(Progress.RUNNING),
    release(Progress.RUNNING, reference=COMMIT, kind=ItemKind.COMMIT, covered_by=CHANGED),
]


@pytest.mark.req("S3-02")
@pytest.mark.parametrize("name", ["edit", "link", "unlink", "cancel"])
@pytest.mark.parametrize("there", COMING, ids=["deployment", "release", "its commit"])
def test_what_is_on_its_way_stays_as_it_was_let_out(name: str, there: tuple[Any, ...]) -> None:
    story = scheduled(*there)
    with refused("being_deployed"):
        changed(story, name)


@pytest.mark.req("S3-02", "S3-11")
@pytest.mark.parametrize(
    "there", [(deployment(Status.SUCCEEDED, CHANGED),), release(Progress.SUCCEEDED)]
)
def test_what_went_out_is_not_given_up(there: tuple[Any, ...]) -> None:
    story = scheduled(*there)
    with refused("work_begun"):
        changed(story, "cancel")
    changed(story, "edit")
    with refused("work_begun"):
        changed(story, "cancel")


TAKEN: dict[str, Any] = {"included": False, "taken_at": NOON - timedelta(hours=1)}


@pytest.mark.parametrize("name", ["edit", "cancel"])
@pytest.mark.parametrize(
    "there",
    [
        (deployment(Status.RUNNING, "e" * 32),),
        (deployment(Status.ROLLED_BACK, CHANGED),),
        (deployment(Status.FAILED, CHANGED),),
        release(Progress.ROLLED_BACK),
        release(Progress.RUNNING, "test"),
        release(Progress.RUNNING, **TAKEN),
        release(Progress.RUNNING, embargoed=True),
    ],
    ids=["another", "rolled back", "failed", "taken back", "tried", "taken out", "hidden"],
)
def test_nothing_else_holds_a_change(name: str, there: tuple[Any, ...]) -> None:
    changed(scheduled(*there), name)
