"""Tagging: each version once, a name for one commit of a project, and a commit that is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.release.contents import CommitItem
from tests.domain.organisation import refused
from tests.domain.release_stories import DATE, OTHER, RITA, Office, filled, merged, opened


@pytest.mark.req("S0-17", "S4-04")
def test_a_version_is_tagged_once_at_its_commit_and_anew_at_another() -> None:
    office = Office()
    train = filled(office)
    office.at = DATE
    with refused("unknown_version"):
        office.ask(RITA, "release.tag", train, release_version="9.9.9")
    office.ask(RITA, "release.tag", train, release_version="1.2.0", name="v1.2.0")
    with refused("tagged_before"):
        office.ask(RITA, "release.tag", train, release_version="1.2.0", name="v1.2.0")
    office.ask(RITA, "release.aim", train, release_version="1.2.0", commit=OTHER)
    assert "not_tagged" in office.codes(train, "deploy:staging")
    office.report("pipeline", subject=OTHER)
    office.ask(RITA, "release.tag", train, release_version="1.2.0", name="v1.2.0-2")
    tags = office.release(train).tags
    assert [(tag.name, tag.commit) for tag in tags] == [("v1.2.0-2", OTHER)]


def test_a_tag_needs_a_commit_that_is_known() -> None:
    office = Office()
    train = opened(office)
    with refused("target_unknown", "nothing_included"):
        office.ask(RITA, "release.tag", train, release_version="1.2.0")


@pytest.mark.req("S4-04")
def test_a_tag_stands_at_one_commit_of_a_project() -> None:
    office = Office()
    office.at = DATE
    first, second = filled(office), filled(office)
    told = {"release_version": "1.2.0", "name": "v1.2.0"}
    office.ask(RITA, "release.tag", first, **told)
    office.report("pipeline", subject=OTHER)
    office.ask(RITA, "release.aim", second, release_version="1.2.0", commit=OTHER)
    with refused("tag_taken"):
        office.ask(RITA, "release.tag", second, **told)
    office.ask(RITA, "release.tag", second, release_version="1.2.0", name="v1.2.0-rc")
    office.learn(replace(office.release(first), embargoed=True))
    office.ask(RITA, "release.tag", second, **told)


@pytest.mark.req("S4-04")
def test_releases_of_other_services_tag_the_same_repository() -> None:
    office = Office()
    office.at = DATE
    first, second = filled(office), filled(office)
    told = {"release_version": "1.2.0", "name": "v1.2.0"}
    office.ask(RITA, "release.tag", first, **told)
    office.report("pipeline", subject=OTHER)
    office.ask(RITA, "release.aim", second, release_version="1.2.0", commit=OTHER)
    plan = office.release(first).plan
    assert plan.project
    for other, taken in (
        (replace(plan, service="elsewhere"), True),
        (replace(plan, project="some/other"), False),
        (replace(plan, project=None), False),
    ):
        office.learn(replace(office.release(first), plan=other))
        state = office.release(second)
        if taken:
            with refused("tag_taken"):
                office.ask(RITA, "release.tag", second, **told)
        else:
            office.ask(RITA, "release.tag", second, **told)
        office.learn(state)


@pytest.mark.req("S4-04", "X-05")
def test_a_tag_is_of_a_commit_that_something_knows() -> None:
    office = Office()
    office.at = DATE
    train = filled(office)
    office.ask(RITA, "release.aim", train, release_version="1.2.0", commit=OTHER)
    told = {"release_version": "1.2.0"}
    office.report("pipeline", subject=OTHER, project="toy")
    with refused("unknown_commit"):
        office.ask(RITA, "release.tag", train, **told)
    office.learn(merged("a" * 32, head=OTHER, embargoed=True))
    with refused("unknown_commit"):
        office.ask(RITA, "release.tag", train, **told)
    office.ask(RITA, "release.include", train, commits=(CommitItem(OTHER, "m" * 32),))
    office.ask(RITA, "release.tag", train, **told)
