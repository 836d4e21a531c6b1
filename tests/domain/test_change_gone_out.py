"""A change stays what it was let out by, while that is on its way and once people use it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.change.aggregate import AGGREGATE as CHANGE
from domain.change.state import Link, LinkKind
from domain.change.state import Status as ChangeStatus
from domain.deployment.state import Deployment, Stand, Status, Wish
from domain.inclusion import MOST_STAYS, Inclusion, ItemKind, Stay, item_id
from domain.merge_request.state import Status as MergeStatus
from domain.package import Package
from domain.release.parts import Delivery, Progress, Stood, Target
from domain.release.state import Release
from tests.domain.given import NOON
from tests.domain.organisation import ANN, CONTENT, HOUR, OWEN, Story, refused
from tests.domain.release_stories import (
    COMMIT,
    OTHER,
    PLAYBOOKS,
    RITA,
    Office,
    approved_change,
    filled,
    merged,
    opened,
)

CHANGED = "c" * 32
BEFORE = NOON - timedelta(hours=1)
LATER = NOON + timedelta(hours=2)


def scheduled(*others: Any) -> Story:
    """A change that was approved and has not begun, and what else there is."""
    story = Story(CHANGE, (*Story(CHANGE).others, *PLAYBOOKS, *others), subject=CHANGED)
    story.state = approved_change(CHANGED, ChangeStatus.SCHEDULED)
    return story


def deployment(status: Status, *changes: str, **other: Any) -> Deployment:
    """A deployment to production that these go out with; what succeeded stands there."""
    wish = Wish("a" * 32, "production", "None.", changes)
    told = ("production", "a" * 32, "7", CONTENT.service, wish, OWEN, NOON)
    found = Deployment("d" * 32, 2, status, *told, started_at=NOON)
    if status is Status.SUCCEEDED:
        found = replace(found, current=True, stands=(Stand(NOON),))
    return replace(found, **other)


def release(
    progress: Progress,
    where: str = "production",
    *,
    embargoed: bool = False,
    by: str | None = None,
    **item: Any,
) -> tuple[Release, Inclusion]:
    """A release that is so far on its way with the change in it, by hand or by a deployment."""
    made = Office()
    state = made.release(opened(made, "itsm_releases", "major"))
    delivery = Delivery(where, "sha256:1", progress, RITA, NOON, RITA, NOON + HOUR, by)
    told = ("9" * 32, 1, state.id, ItemKind.CHANGE, CHANGED, None)
    put = Inclusion(*told, included=True, put_by=RITA, put_at=BEFORE, embargoed=embargoed)
    there = progress is Progress.SUCCEEDED and by is None
    span = Stood(where, "1.2.0", NOON + HOUR, cargo="sha256:1", began=NOON)
    stood = (span,) if there else ()
    went = replace(state, deliveries=(delivery,), stood=stood, embargoed=embargoed)
    return went, replace(put, **item)


def brought(**other: Any) -> tuple[Any, ...]:
    """A release that went out with the change by a deployment that is kept here."""
    there = deployment(Status.SUCCEEDED, **other)
    return (there, *release(Progress.SUCCEEDED, by=there.id))


def tried_anew() -> tuple[Any, ...]:
    """A release that went out so, of which another deployment there failed since."""
    there, state, item = brought()
    (last,) = state.deliveries
    failed = replace(last, progress=Progress.FAILED, deployment="e" * 32, started_at=LATER)
    own = replace(there, wish=replace(there.wish, belongs_to=state.id))
    return own, replace(state, deliveries=(failed,)), item


ALIAS = "f" * 32
"""The package that is deployed here, by another name."""


def by_two_names() -> tuple[Package, ...]:
    """What is deployed here, and the same build by its second name."""
    told = ("1", CONTENT.service, COMMIT, f"sha256:{'1' * 64}", (), RITA, NOON)
    return tuple(Package(id, 1, name, *told) for id, name in (("a" * 32, "x"), (ALIAS, "x-img")))


def under_another_name(status: Status, **other: Any) -> Deployment:
    """A later deployment there of the same build by its second name."""
    return deployment(status, **{"id": "e" * 32, "package": ALIAS, "started_at": LATER} | other)


def failed_by_another_name() -> tuple[Any, ...]:
    """A release for which what stands there counted, and an attempt by the second name failed."""
    there, state, item = brought()
    (last,) = state.deliveries
    failed = replace(last, progress=Progress.FAILED, deployment="e" * 32, started_at=LATER)
    tried = under_another_name(Status.FAILED)
    late = replace(item, put_at=NOON + HOUR)
    return there, tried, replace(state, deliveries=(failed,)), late, *by_two_names()


def brought_by_another_name() -> tuple[Any, ...]:
    """A deployment that named it, and the same build that was brought anew by its second name."""
    there = deployment(Status.SUCCEEDED, CHANGED, current=False)
    return there, under_another_name(Status.SUCCEEDED), *by_two_names()


def released_by_another_name() -> tuple[Any, ...]:
    """The same of a release that it went out with."""
    there, *rest = brought(current=False)
    return there, under_another_name(Status.SUCCEEDED), *rest, *by_two_names()


def failed_over_what_came_by_hand() -> tuple[Any, ...]:
    """A release that stands by hand, of which a deployment there that is kept failed since."""
    state, item = release(Progress.SUCCEEDED)
    (last,) = state.deliveries
    failed = replace(last, progress=Progress.FAILED, deployment="d" * 32, settled_at=LATER)
    tried = deployment(Status.FAILED)
    return tried, replace(state, deliveries=(replace(failed, started_at=LATER),)), item


AGAIN = [
    failed_by_another_name(),
    brought_by_another_name(),
    released_by_another_name(),
    failed_over_what_came_by_hand(),
]


def changed(story: Story, name: str, **said: Any) -> None:
    """Say something else of the change, tie it otherwise, or give it up."""
    acts: dict[str, dict[str, Any]] = {
        "edit": {"content": replace(CONTENT, **said or {"test_plan": "Other."})},
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


OUT: list[tuple[Any, ...]] = [
    (deployment(Status.SUCCEEDED, CHANGED),),
    release(Progress.SUCCEEDED),
    brought(),
    tried_anew(),
]


@pytest.mark.req("S3-02", "S3-11")
@pytest.mark.parametrize("there", OUT, ids=["deployment", "by hand", "release", "tried anew"])
def test_what_went_out_is_not_given_up(there: tuple[Any, ...]) -> None:
    story = scheduled(*there)
    with refused("work_begun"):
        changed(story, "cancel")
    changed(story, "edit")
    with refused("work_begun"):
        changed(story, "cancel")


@pytest.mark.req("S3-02", "S3-11", "X-01")
@pytest.mark.parametrize("name", ["cancel", "service"])
@pytest.mark.parametrize(
    "there", AGAIN, ids=["failed by another name", "anew", "released anew", "failed over by hand"]
)
def test_what_stands_there_whatever_was_tried_since_is_held(
    there: tuple[Any, ...], name: str
) -> None:
    story = scheduled(*there)
    with refused("work_begun"):
        given_away(story) if name == "service" else changed(story, name)


def over(commit: str) -> Release:
    """Another release, that came there by hand later, made of this commit."""
    state, _ = release(Progress.SUCCEEDED)
    span = Stood("production", "1.2.1", LATER, cargo="sha256:2")
    aimed = (Target("1.2.0", commit),)
    return replace(state, id="8" * 32, stood=(span,), deliveries=(), targets=aimed)


def beneath() -> tuple[Any, ...]:
    """A release that went there by hand with the change, made of a commit that is known."""
    state, item = release(Progress.SUCCEEDED)
    return replace(state, targets=(Target("1.2.0", COMMIT),)), item


LAID_OVER: list[tuple[Any, ...]] = [
    beneath(),
    brought(),
    (deployment(Status.SUCCEEDED, CHANGED),),
]


@pytest.mark.req("S3-02", "S3-11", "X-01")
@pytest.mark.parametrize("there", LAID_OVER, ids=["by hand", "release", "deployment"])
def test_the_same_commit_that_came_over_it_by_hand_is_it_still(there: tuple[Any, ...]) -> None:
    built, _ = by_two_names()
    story = scheduled(*there, built, over(COMMIT))
    with refused("work_begun"):
        changed(story, "cancel")
    gone = replace(over(COMMIT).stood[0], until=LATER)
    story = scheduled(*there, built, over(OTHER), replace(over(COMMIT), id="7" * 32, stood=(gone,)))
    changed(story, "cancel")


@pytest.mark.req("S3-02", "S3-11", "X-01")
def test_nor_does_a_deployment_of_the_same_commit_replace_what_came_by_hand() -> None:
    built, _ = by_two_names()
    later = deployment(Status.SUCCEEDED, started_at=LATER, stands=(Stand(LATER),))
    story = scheduled(*beneath(), built, later)
    with refused("work_begun"):
        changed(story, "cancel")
    changed(scheduled(*beneath(), replace(built, **OTHERS), later), "cancel")


BESIDE = (Target("1.2.0", COMMIT), Target("2.0.1", OTHER))
BY_DIGEST = (Target("1.2.0", None, f"sha256:{'1' * 64}"),)


@pytest.mark.req("S3-02", "S3-11", "X-01")
@pytest.mark.parametrize("there", LAID_OVER, ids=["by hand", "release", "deployment"])
@pytest.mark.parametrize("made", [BESIDE, BY_DIGEST], ids=["beside another", "by its digest"])
def test_so_it_is_beside_a_second_version_and_by_its_digest(
    there: tuple[Any, ...], made: tuple[Target, ...]
) -> None:
    built, _ = by_two_names()
    later = over(COMMIT)
    plan = replace(later.plan, versions=tuple(each.version for each in made))
    story = scheduled(*there, built, replace(later, plan=plan, targets=made))
    with refused("work_begun"):
        changed(story, "cancel")
    gone = replace(later.stood[0], until=LATER + HOUR)
    rolled = replace(later, plan=plan, targets=made, stood=(gone,), id="7" * 32)
    changed(scheduled(*there, built, over(OTHER), rolled), "cancel")


@pytest.mark.req("S3-02", "S3-11", "X-01")
def test_what_came_by_hand_beside_a_second_version_stands_while_one_of_these_does() -> None:
    state, item = beneath()
    plan = replace(state.plan, versions=("1.2.0", "2.0.1"))
    both = replace(state, plan=plan, targets=BESIDE)
    built, _ = by_two_names()
    later = deployment(Status.SUCCEEDED, started_at=LATER, stands=(Stand(LATER),))
    for there in ((over(COMMIT),), (later, built)):
        with refused("work_begun"):
            changed(scheduled(both, item, *there), "cancel")


OTHERS: dict[str, Any] = {"commit": OTHER, "digest": f"sha256:{'2' * 64}"}


@pytest.mark.req("S3-02")
@pytest.mark.parametrize("name", ["cancel", "service"])
@pytest.mark.parametrize(
    "there", AGAIN[:3], ids=["failed by another name", "anew", "released anew"]
)
def test_what_another_build_replaced_or_was_tried_over_is_not(
    there: tuple[Any, ...], name: str
) -> None:
    *others, last = there
    story = scheduled(*others, replace(last, **OTHERS))
    given_away(story) if name == "service" else changed(story, name)


SECOND = "5" * 32


def brought_back(gap: timedelta, *changes: str) -> tuple[Any, ...]:
    """A deployment of it gave way to another build, and the same came back for these changes."""
    until = LATER - gap
    there = deployment(
        Status.SUCCEEDED, CHANGED, current=False, stands=(Stand(NOON, until),), package=ALIAS
    )
    back = deployment(Status.SUCCEEDED, *changes, id="e" * 32, stands=(Stand(LATER),))
    return there, back, *by_two_names()


@pytest.mark.req("S3-02", "S3-11")
@pytest.mark.parametrize("name", ["cancel", "service"])
def test_what_another_approved_change_brought_back_is_that_ones(name: str) -> None:
    other = approved_change(SECOND, ChangeStatus.SCHEDULED)
    held: list[tuple[timedelta, tuple[str, ...], Any]] = [
        (timedelta(0), (SECOND,), other),
        (HOUR, (), other),
        (HOUR, (SECOND, CHANGED), other),
        (HOUR, (SECOND,), approved_change(SECOND, ChangeStatus.DRAFT)),
        (HOUR, (SECOND,), replace(other, content=replace(other.content, service="shop"))),
        (HOUR, (SECOND,), replace(other, content=replace(other.content, environments=("test",)))),
    ]
    for gap, changes, named in held:
        with refused("work_begun"):
            story = scheduled(*brought_back(gap, *changes), named)
            given_away(story) if name == "service" else changed(story, name)
    story = scheduled(*brought_back(HOUR, SECOND), other)
    given_away(story) if name == "service" else changed(story, name)


def released_back(gap: timedelta, *changes: str) -> tuple[Any, ...]:
    """The same where each deployment belongs to a release, the second with these changes in it."""
    there, back, *names = brought_back(gap)
    state, item = release(Progress.SUCCEEDED, by=there.id)
    other = replace(state, id="8" * 32, deliveries=())
    put = [
        replace(item, id=digit * 32, release=other.id, reference=each)
        for digit, each in zip("67", changes, strict=False)
    ]
    own = replace(there, wish=replace(there.wish, changes=(), belongs_to=state.id))
    theirs = replace(back, wish=replace(back.wish, belongs_to=other.id))
    return own, theirs, *names, state, item, other, *put


@pytest.mark.req("S3-02", "S3-11")
@pytest.mark.parametrize("name", ["cancel", "service"])
def test_what_another_release_of_an_approved_change_brought_back_is_that_ones(name: str) -> None:
    other = approved_change(SECOND, ChangeStatus.SCHEDULED)
    held: list[tuple[timedelta, tuple[str, ...], Any]] = [
        (timedelta(0), (SECOND,), other),
        (HOUR, (), other),
        (HOUR, (SECOND, CHANGED), other),
        (HOUR, (SECOND,), approved_change(SECOND, ChangeStatus.DRAFT)),
    ]
    for gap, changes, named in held:
        with refused("work_begun"):
            story = scheduled(*released_back(gap, *changes), named)
            given_away(story) if name == "service" else changed(story, name)
    story = scheduled(*released_back(HOUR, SECOND), other)
    given_away(story) if name == "service" else changed(story, name)


def given_away(story: Story) -> None:
    """Say that it is of another service."""
    changed(story, "edit", service="shop", environments=("test",))


MOVED: list[dict[str, Any]] = [
    {"service": "shop"},
    {"environments": ("staging",)},
    {"environments": ()},
]


@pytest.mark.req("S3-02", "X-01")
@pytest.mark.parametrize("said", MOVED)
@pytest.mark.parametrize("there", OUT[:3], ids=["deployment", "by hand", "release"])
def test_it_goes_on_naming_what_went_out(there: tuple[Any, ...], said: dict[str, Any]) -> None:
    story = scheduled(*there)
    with refused("work_begun"):
        changed(story, "edit", **said)
    changed(story, "edit", environments=("staging", *CONTENT.environments), window=None)
    with refused("work_begun"):
        changed(story, "unlink")


@pytest.mark.req("X-01")
def test_it_is_found_whatever_service_it_names() -> None:
    story = scheduled(deployment(Status.SUCCEEDED, CHANGED))
    story.state = replace(story.state, content=replace(CONTENT, service="shop"))
    with refused("work_begun"):
        changed(story, "cancel")


TIES = [
    (Link(LinkKind.COMMIT, OTHER), True),
    (Link(LinkKind.MERGE_REQUEST, "7" * 32), True),
    (Link(LinkKind.MERGE_REQUEST, "8" * 32), False),
    (Link(LinkKind.MERGE_REQUEST, "9" * 32), False),
    (Link(LinkKind.PREDECESSOR, "b" * 32), False),
    (Link(LinkKind.INCIDENT, "INC-1"), False),
]


@pytest.mark.req("S3-36")
@pytest.mark.parametrize("tie, holds", TIES)
def test_ties_to_what_cannot_have_gone_out_are_cut(tie: Link, holds: bool) -> None:
    requests = (
        merged("7" * 32, merged_at=BEFORE),
        merged("8" * 32, merged_at=LATER, number=8),
        merged("9" * 32, status=MergeStatus.OPEN, number=9),
    )
    story = scheduled(deployment(Status.SUCCEEDED, CHANGED), *requests)
    story.state = replace(story.state, links=(*story.state.links, tie))
    if holds:
        with refused("work_begun"):
            story.ask(ANN, "unlink", kind=tie.kind, reference=tie.reference)
        story.learn(deployment(Status.ROLLED_BACK, CHANGED))
    story.ask(ANN, "unlink", kind=tie.kind, reference=tie.reference)
    assert tie not in story.state.links


@pytest.mark.req("S3-36")
def test_a_tie_to_a_commit_that_was_made_afterwards_is_cut() -> None:
    story = scheduled(deployment(Status.SUCCEEDED, CHANGED))
    story.at = LATER
    story.ask(ANN, "link", kind=LinkKind.COMMIT, reference=OTHER)
    story.ask(ANN, "unlink", kind=LinkKind.COMMIT, reference=OTHER)
    with refused("work_begun"):
        changed(story, "unlink")


REASONS: dict[str, dict[str, Any]] = {"exclude": {"reason": "Not yet."}, "include": {}}
TAKEN: dict[str, Any] = {"included": False, "taken_at": BEFORE}
LATE: dict[str, Any] = {"put_at": LATER}
ANEW: dict[str, Any] = LATE | {"stays": (Stay(BEFORE, NOON + timedelta(minutes=5)),)}


@pytest.mark.req("S3-02")
def test_what_was_taken_out_and_put_in_again_went_out_all_the_same() -> None:
    story = scheduled(*release(Progress.SUCCEEDED, **ANEW))
    with refused("work_begun"):
        changed(story, "cancel")


@pytest.mark.req("S3-02")
def test_an_item_knows_when_it_was_in_its_release() -> None:
    office = Office()
    id = filled(office, "itsm_releases", "major")
    item = item_id(id, ItemKind.CHANGE, CHANGED)
    turns = [office.at]
    for each in ("exclude", "include") * (MOST_STAYS + 1):
        office.ask(RITA, f"release.{each}", id, changes=(CHANGED,), **REASONS[each])
        turns.append(office.at)
    found = office.states[Inclusion, item]
    assert len(found.stays) == MOST_STAYS
    within = [found.was_in(each - timedelta(seconds=1)) for each in turns]
    assert within == [True, True, True, *(False, True) * MOST_STAYS]


@pytest.mark.req("S3-02")
def test_what_came_to_count_there_later_went_out() -> None:
    there, state, item = brought()
    (last,) = state.deliveries
    counted = replace(state, deliveries=(replace(last, counted_at=LATER),))
    changed(scheduled(there, state, replace(item, **LATE)), "cancel")
    with refused("work_begun"):
        changed(scheduled(there, counted, replace(item, **LATE)), "cancel")


@pytest.mark.parametrize("name", ["edit", "cancel", "unlink", "service"])
@pytest.mark.parametrize(
    "there",
    [
        (deployment(Status.RUNNING, "e" * 32),),
        (deployment(Status.ROLLED_BACK, CHANGED),),
        (deployment(Status.FAILED, CHANGED),),
        (deployment(Status.SUCCEEDED, CHANGED, current=False),),
        brought(current=False),
        release(Progress.ROLLED_BACK),
        release(Progress.RUNNING, "test"),
        release(Progress.RUNNING, **TAKEN),
        release(Progress.RUNNING, **LATE),
        release(Progress.SUCCEEDED, **LATE),
        release(Progress.RUNNING, embargoed=True),
        (deployment(Status.SUCCEEDED, CHANGED), *release(Progress.SUCCEEDED, reference="e" * 32)),
        (
            deployment(Status.SUCCEEDED, stands=(Stand(LATER),)),
            *release(Progress.SUCCEEDED),
        ),
    ],
    ids=[
        *("another", "rolled back", "failed", "replaced", "release replaced", "taken back"),
        *("tried", "taken out", "put in later", "put in after it", "hidden"),
        *("by hand over it", "deployed over it"),
    ],
)
def test_nothing_else_holds_a_change(name: str, there: tuple[Any, ...]) -> None:
    story = scheduled(*there)
    if name == "service":
        given_away(story)
    else:
        changed(story, name)


@pytest.mark.req("S3-02", "S3-11")
def test_what_a_board_turned_down_after_it_was_tried_is_given_up_once_that_is_taken_back() -> None:
    tried = deployment(Status.SUCCEEDED, CHANGED)
    story = scheduled(tried)
    story.state = replace(story.state, status=ChangeStatus.DRAFT, revision=3)
    with refused("work_begun"):
        changed(story, "cancel")
    story.learn(replace(tried, status=Status.ROLLED_BACK, current=False))
    changed(story, "cancel")
    assert story.state.status is ChangeStatus.CANCELLED
