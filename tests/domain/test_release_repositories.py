"""A release that names no project has its versions and tags where what it contains is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.grant.aggregate import Scope
from domain.release.state import SEVERAL, UNKNOWN, Release
from tests.domain.organisation import SERVICE, refused
from tests.domain.release_stories import (
    CI,
    COMMIT,
    DATE,
    OTHER,
    PLAN,
    PROJECT,
    RITA,
    Office,
    filled,
    hold,
    merged,
    opened,
)
from tests.domain.test_release_deployment import built

NONE = replace(PLAN, project=None)
TOY, THIRD = "toy", "4" * 40
STAGING = "deploy:staging"
OURS, THEIRS = "a" * 32, "b" * 32
"""A merge request of the project, and one of another."""


def office() -> Office:
    """With a merge request of each of two projects, and a program that reports of both."""
    made = Office()
    made.at = DATE
    made.learn(merged(OURS, head=OTHER, merge_commit=OTHER))
    made.learn(merged(THEIRS, head=THIRD, merge_commit=THIRD, project=TOY))
    made.learn(hold(CI, "role:ci_bot", Scope.PROJECT, TOY))
    return made


def nameless(made: Office, *inside: str, commit: str = OTHER, **plan: object) -> str:
    """A release that names no project, with these in it, aimed at a commit."""
    id = opened(made, plan=replace(NONE, **plan))  # type: ignore[arg-type]
    if inside:
        made.ask(RITA, "release.include", id, merge_requests=inside)
    [version] = made.release(id).plan.versions
    made.ask(RITA, "release.aim", id, release_version=version, commit=commit)
    return id


def tag(made: Office, id: str, name: str = "v1.2.0+1.3.0") -> Release:
    [version] = made.release(id).plan.versions
    made.ask(RITA, "release.tag", id, release_version=version, name=name)
    return made.release(id)


@pytest.mark.req("S4-04", "X-05")
def test_it_has_no_version_nor_tag_of_a_project_that_another_has() -> None:
    made = office()
    first, second = filled(made), nameless(made, OURS)
    named = nameless(made, OURS, versions=("1.3.0",))
    assert tag(made, first).tags[0].projects == (PROJECT,)
    assert made.codes(second, "tag") == {"version_taken"}
    with refused("tag_taken"):
        tag(made, named)
    state = made.release(first)
    made.learn(replace(state, tags=(), published_at=made.at))
    assert "version_taken" in made.codes(second, "tag")
    made.learn(replace(state, plan=replace(PLAN, service="elsewhere")))
    with refused("tag_taken"):
        tag(made, named)
    assert "version_taken" not in made.codes(second, "tag"), "of another service"
    made.learn(replace(state, embargoed=True))
    tag(made, named)


@pytest.mark.req("S4-04", "X-05")
def test_what_was_tagged_stays_at_its_commit_also_once_its_release_was_given_up() -> None:
    made = office()
    made.learn(built(commit=OTHER))
    first, same, other = filled(made), filled(made), filled(made)
    tag(made, first)
    made.ask(RITA, "release.abort", first, reason="Not worth it.")
    made.ask(RITA, "release.aim", other, release_version="1.2.0", commit=OTHER)
    [taken] = [e for e in made.verdict(other, "tag").blocking if e.code == "version_taken"]
    assert f"was tagged at {COMMIT}" in taken.message
    assert [(each.action, "aim it" in each.description) for each in taken.acts] == [
        ("release.edit", True)
    ]
    with refused("version_taken"):
        made.ask(RITA, "release.tag", other, release_version="1.2.0", name="v1.2.0-2")
    assert made.codes(same, "tag") == set(), "it is the same commit"
    tag(made, same)
    (act,) = made.verdict(other, "tag").blocking[0].acts
    assert "aim it" not in act.description


@pytest.mark.req("S4-04", "X-05")
def test_no_other_has_a_version_nor_tag_that_it_has_of_a_project() -> None:
    made = office()
    first, second = nameless(made, OURS), filled(made)
    third = filled(made, plan=replace(PLAN, versions=("1.3.0",)))
    state = tag(made, first)
    assert (state.tags[0].projects, state.repository) == ((PROJECT,), PROJECT)
    assert made.codes(second, "tag") == {"version_taken"}
    for service in (SERVICE, "elsewhere"):
        made.learn(replace(state, plan=replace(NONE, service=service)))
        with refused("tag_taken"):
            tag(made, third)
    made.learn(replace(state, plan=NONE, embargoed=True))
    assert made.codes(second, "tag") == set(), "nothing hidden is told in the open"
    tag(made, third)
    found = made.verdict(first, "close").findings
    assert [e.evidence for e in found if e.requirement == "beside"] == [(third,)]


@pytest.mark.req("S4-04", "X-05")
def test_of_several_projects_it_is_of_that_of_its_commit() -> None:
    made = office()
    tag(made, filled(made))
    other = nameless(made, OURS, THEIRS, commit=THIRD)
    made.compare(other, THIRD, project=TOY)
    assert "version_taken" not in made.codes(other, "tag")
    assert tag(made, other).tags[0].projects == (TOY,)
    for commit in (OTHER, COMMIT):
        same = nameless(made, OURS, THEIRS, commit=commit)
        assert "version_taken" in made.codes(same, "tag"), "where it is not known, of all"


@pytest.mark.req("S4-04", "X-05")
def test_where_no_project_is_known_a_version_is_that_of_its_service() -> None:
    made = office()
    made.learn(built(commit=OTHER))
    first, bare = filled(made), nameless(made)
    assert "version_taken" not in made.codes(bare, "tag")
    tag(made, first)
    assert "version_taken" in made.codes(bare, "tag")
    state = made.release(bare)
    made.learn(replace(state, plan=replace(NONE, service="elsewhere")))
    assert "version_taken" not in made.codes(bare, "tag")
    set_there = replace(made.release(first).tags[0], projects=())
    unknown = replace(state, tags=(set_there,))
    made.learn(unknown, replace(made.release(first), tags=()))
    assert unknown.repository == UNKNOWN
    assert "version_taken" in made.codes(first, "tag")
    some = (set_there, replace(set_there, version="1.1.0", projects=(TOY,)))
    made.learn(replace(state, tags=some))
    assert made.release(bare).repository == SEVERAL
    assert "version_taken" in made.codes(first, "tag")


@pytest.mark.req("S4-04", "X-05")
def test_what_is_put_in_later_has_it_tagged_anew_where_it_is_of() -> None:
    made = office()
    made.learn(built(commit=OTHER))
    tag(made, filled(made))
    late = nameless(made, THEIRS)
    made.compare(late, OTHER, project=TOY)
    assert tag(made, late).tags[0].projects == (TOY,)
    assert "not_tagged" not in made.codes(late, STAGING)
    made.ask(RITA, "release.include", late, merge_requests=(OURS,))
    [told] = (e for e in made.verdict(late, STAGING).findings if e.code == "not_tagged")
    assert told.message == f"1.2.0 is not tagged at its commit in {PROJECT}."
    with refused("version_taken"):
        tag(made, late)
    made.ask(RITA, "release.exclude", late, merge_requests=(OURS,), reason="Not yet.")
    assert "not_tagged" not in made.codes(late, STAGING)
    kept = replace(made.release(late).tags[0], projects=None)
    made.learn(replace(made.release(late), tags=(kept,), plan=PLAN))
    assert "not_tagged" not in made.codes(late, STAGING), "it was not kept where it stands"


@pytest.mark.req("S4-04", "X-05")
def test_a_tag_that_is_of_another_project_now_is_set_anew() -> None:
    made = office()
    id = nameless(made, OURS)
    tag(made, id)
    with refused("tagged_before"):
        tag(made, id)
    made.ask(RITA, "release.include", id, merge_requests=(THEIRS,))
    made.ask(RITA, "release.exclude", id, merge_requests=(OURS,), reason="Not yet.")
    assert "not_tagged" in made.codes(id, STAGING)
    published = replace(made.release(id), published_at=made.at)
    made.learn(published)
    assert "not_tagged" not in made.codes(id, STAGING), "it stays as it was published"
    made.learn(replace(published, published_at=None))
    made.compare(id, OTHER, project=TOY)
    state = tag(made, id)
    assert [each.projects for each in state.all_tags] == [(TOY,), (PROJECT,)]
    assert state.repository == SEVERAL
    other = filled(made, plan=replace(PLAN, versions=("1.3.0",)))
    with refused("tag_taken"):
        tag(made, other)


@pytest.mark.req("S4-04")
def test_a_tag_is_not_moved_by_way_of_another() -> None:
    made = Office()
    made.at = DATE
    id = filled(made)
    tag(made, id)
    made.ask(RITA, "release.aim", id, release_version="1.2.0", commit=OTHER)
    made.report("pipeline", subject=OTHER)
    made.compare(id, OTHER)
    tag(made, id, "v1.2.0-2")
    with refused("tag_taken"):
        tag(made, id)
    other = filled(made, plan=replace(PLAN, versions=("1.3.0",)))
    made.ask(RITA, "release.aim", other, release_version="1.3.0", commit=OTHER)
    with refused("tag_taken"):
        tag(made, other)
    made.ask(RITA, "release.aim", id, release_version="1.2.0", commit=COMMIT)
    assert [each.commit for each in tag(made, id).tags] == [COMMIT]
