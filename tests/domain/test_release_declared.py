"""What a release says it waits for or derives from counts for every kind, asked for or not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.process.release import ReleaseStatus
from domain.release.state import Release, Tag
from tests.domain.organisation import refused
from tests.domain.release_stories import COMMIT, PLAN, RITA, Office, filled, opened

KINDS = (
    ("gitlab", "auto_deploy", "17.3.202601061200", ("tag", "deploy:gprd")),
    ("gitlab", "monthly", "17.3.0", ("tag", "publish")),
    ("itsm_releases", "minor", "1.2.0", ("deploy:production",)),
    ("itsm_releases", "standard", "1.2.0", ("deploy:production",)),
    ("itsm_releases", "major", "1.2.0", ("deploy:production",)),
    ("mozilla", "train", "1.2.0", ("tag", "deploy:production")),
    ("mozilla", "hotfix", "1.2.0", ("tag", "deploy:production")),
)


@pytest.mark.req("S3-35", "S4-02", "S4-03")
@pytest.mark.parametrize("playbook,kind,version,gates", KINDS)
def test_what_it_waits_for_counts_wherever_it_becomes_final(
    playbook: str, kind: str, version: str, gates: tuple[str, ...]
) -> None:
    office = Office()
    first = opened(office, plan=replace(PLAN, versions=("1.1.0",)))
    plan = replace(PLAN, versions=(version,), depends_on=(first,))
    second = filled(office, playbook, kind, plan)
    office.ask(RITA, "release.await_repository", second, repository="server-syncstorage")
    for gate in gates:
        waits = [e for e in office.verdict(second, gate).findings if e.code in WAITING]
        assert {each.code for each in waits} == WAITING
        assert [each.id for e in waits for each in e.lacking] == [first]
        assert all(each.acts for each in waits)
    told = {"repository": "server-syncstorage", "tag": "0.18.4"}
    office.ask(RITA, "release.enter_repository_tag", second, **told)
    office.learn(replace(office.release(first), status=ReleaseStatus.CLOSED))
    for gate in gates:
        assert WAITING.isdisjoint(office.codes(second, gate))


WAITING = {"release_waits", "repository_tag_missing"}


@pytest.mark.req("S3-35")
def test_where_nobody_lives_on_it_it_waits_for_nothing_that_its_playbook_does_not_say() -> None:
    office = Office()
    first = opened(office)
    second = filled(office, plan=replace(PLAN, versions=("1.3.0",), depends_on=(first,)))
    assert WAITING.isdisjoint(office.codes(second, "deploy:staging"))


@pytest.mark.req("S3-35")
def test_what_was_given_up_never_goes_first() -> None:
    office = Office()
    first = opened(office)
    second = filled(office, plan=replace(PLAN, versions=("1.3.0",), depends_on=(first,)))
    office.ask(RITA, "release.abort", first, reason="Not worth it.")
    (waits,) = [e for e in office.verdict(second, "tag").findings if e.code == "release_waits"]
    assert "was given up, so it never goes first" in waits.message
    assert [each.action for each in waits.acts] == ["release.edit"]


@pytest.mark.req("S3-35")
def test_a_tag_waits_for_the_tags_of_what_goes_first() -> None:
    office = Office()
    first = filled(office, plan=replace(PLAN, versions=("1.1.0",)))
    second = filled(office, plan=replace(PLAN, depends_on=(first,)))
    assert "release_waits" in office.codes(second, "tag")
    _tagged(office, first)
    assert "release_waits" not in office.codes(second, "tag")
    assert "release_waits" in office.codes(second, "deploy:production")


@pytest.mark.req("S3-35")
def test_what_was_tagged_and_then_given_up_goes_first_no_more() -> None:
    office = Office()
    first = filled(office, plan=replace(PLAN, versions=("1.1.0",)))
    second = filled(office, plan=replace(PLAN, depends_on=(first,)))
    _tagged(office, first)
    assert "release_waits" not in office.codes(second, "tag")
    office.ask(RITA, "release.abort", first, reason="Not worth it.")
    (waits,) = [e for e in office.verdict(second, "tag").findings if e.code == "release_waits"]
    assert "was given up, so it never goes first" in waits.message
    office.learn(replace(office.release(second), published_at=office.at))
    assert "release_waits" not in office.codes(second, "tag"), "that stays as it was"


def _tagged(office: Office, id: str) -> None:
    found = office.release(id)
    tag = Tag(found.plan.versions[0], found.plan.versions[0], COMMIT, RITA, office.at)
    office.learn(replace(found, tags=(tag,)))


# What it derives from.

MONTHLY = replace(PLAN, versions=("17.5.0",), series="17.5")
PATCH = replace(PLAN, versions=("17.5.1",))


def above(office: Office, **changes: Any) -> str:
    return opened(office, "gitlab", "monthly", replace(MONTHLY, **changes))


@pytest.mark.req("S0-03")
@pytest.mark.parametrize(
    "changes,code",
    [
        ({"versions": ("17.6.0",)}, "parent_of_other_series"),
        ({"versions": ("500.5.0",)}, "parent_of_other_series"),
        ({"service": "toy"}, "parent_of_other_service"),
    ],
)
def test_a_patch_derives_from_a_release_of_its_series_and_service(
    changes: dict[str, Any], code: str
) -> None:
    office = Office()
    good, bad = above(office), above(office, **changes)
    with refused(code):
        opened(office, "gitlab", "patch", replace(PATCH, parent_release=bad))
    patch = opened(office, "gitlab", "patch", replace(PATCH, parent_release=good))
    with refused(code):
        plan = replace(PATCH, parent_release=bad)
        office.ask(RITA, "release.edit", patch, plan=plan)
    older = replace(PATCH, versions=("17.5.1", "17.4.9"), parent_release=good)
    office.ask(RITA, "release.edit", patch, plan=older)


@pytest.mark.req("S0-03", "X-05")
def test_what_was_given_up_has_no_patches_and_those_it_has_go_nowhere() -> None:
    office = Office()
    monthly = above(office)
    patch = filled(office, "gitlab", "patch", replace(PATCH, parent_release=monthly))
    assert _above(office, patch, "tag") == _above(office, patch, "publish") == {""}
    office.ask(RITA, "release.abort", monthly, reason="Not worth it.")
    for gate in ("tag", "publish"):
        assert _above(office, patch, gate) == {"parent_aborted"}
    with refused("parent_aborted"):
        opened(office, "gitlab", "patch", replace(PATCH, parent_release=monthly))
    anew = above(office)
    office.ask(RITA, "release.edit", patch, plan=replace(PATCH, parent_release=anew))
    assert _above(office, patch, "tag") == {""}


@pytest.mark.req("S0-03", "X-05")
def test_a_parent_that_becomes_another_closes_what_derives_from_it() -> None:
    office = Office()
    monthly = above(office)
    patch = filled(office, "gitlab", "patch", replace(PATCH, parent_release=monthly))
    office.ask(RITA, "release.edit", monthly, plan=replace(MONTHLY, versions=("18.0.0",)))
    assert _above(office, patch, "publish") == {"parent_of_other_series"}
    del office.states[Release, monthly]
    assert _above(office, patch, "publish") == {"could_not_be_evaluated"}


def _above(office: Office, id: str, gate: str) -> set[str]:
    found = office.verdict(id, gate).findings
    return {each.code for each in found if each.requirement == "parent"}
