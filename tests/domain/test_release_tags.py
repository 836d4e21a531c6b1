"""Tagging: each version once, a name for one commit of a project, and a commit that is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.elsewhere.commit_record import CommitRecord
from domain.explanation import explain
from domain.grant.aggregate import Scope
from domain.merge_request.state import MergeRequest, Status
from domain.process.release import ReleaseStatus
from domain.release.commands.contents import CommitItem
from domain.release.gate.gates import asked
from domain.release.gate.question import Question
from tests.domain.given import NOON
from tests.domain.merge_stories import AUTHOR, FIRST, MERGE_WORLD, OPENING, SECOND
from tests.domain.organisation import person, refused
from tests.domain.release_stories import (
    CI,
    COMMIT,
    DATE,
    OTHER,
    PLAN,
    PROJECT,
    RITA,
    WATCH,
    Office,
    filled,
    hold,
    merged,
    opened,
)
from tests.domain.test_release_deployment import built

IMPORTED = (PROJECT, OTHER, "1.2.0", NOON, NOON, NOON, "Faster carts.", True, False)
KNOWING = (merged("a" * 32, head=OTHER), built(id="b" * 32, commit=OTHER))
"""What knows a commit, each by itself."""


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
    with refused("tag_taken"):
        office.ask(RITA, "release.tag", train, release_version="1.2.0", name="v1.2.0")
    office.ask(RITA, "release.tag", train, release_version="1.2.0", name="v1.2.0-2")
    tags = office.release(train).tags
    assert [(tag.name, tag.commit) for tag in tags] == [("v1.2.0-2", OTHER)]


def test_a_tag_needs_a_commit_that_is_known() -> None:
    office = Office()
    train = opened(office)
    with refused("target_unknown", "nothing_included"):
        office.ask(RITA, "release.tag", train, release_version="1.2.0")


@pytest.mark.req("S4-04", "X-05")
@pytest.mark.parametrize(
    "knows",
    [
        built(id="b" * 32, commit=OTHER, service="elsewhere"),
        CommitRecord("c" * 32, 1, *IMPORTED, None, None, CI, NOON),
        merged("a" * 32, head=OTHER, project="some/other"),
    ],
)
def test_what_is_known_of_others_or_claimed_is_no_knowledge(
    knows: object,
) -> None:
    office = Office()
    train = filled(office)
    office.at = DATE
    office.ask(RITA, "release.aim", train, release_version="1.2.0", commit=OTHER)
    office.learn(knows)
    with refused("unknown_commit"):
        office.ask(RITA, "release.tag", train, release_version="1.2.0")


@pytest.mark.req("S4-04")
def test_a_tag_stands_at_one_commit_of_a_project() -> None:
    office = Office()
    office.at = DATE
    first, second = filled(office), filled(office, plan=replace(PLAN, versions=("1.3.0",)))
    told = {"release_version": "1.2.0", "name": "v1.2.0+1.3.0"}
    office.ask(RITA, "release.tag", first, **told)
    office.report("pipeline", subject=OTHER)
    told["release_version"] = "1.3.0"
    office.ask(RITA, "release.aim", second, release_version="1.3.0", commit=OTHER)
    with refused("tag_taken"):
        office.ask(RITA, "release.tag", second, **told)
    office.ask(RITA, "release.tag", second, release_version="1.3.0", name="v1.3.0-rc")
    office.learn(replace(office.release(first), embargoed=True))
    office.ask(RITA, "release.tag", second, **told)


@pytest.mark.req("S4-04")
def test_a_version_is_that_of_one_release_of_its_service_and_project() -> None:
    office = Office()
    office.at = DATE
    first, second = filled(office), filled(office)
    for gate in ("tag", "publish"):
        found = [e for e in office.verdict(second, gate).findings if e.requirement == "version"]
        said = [(e.status.value, e.evidence) for e in found]
        assert said == [("satisfied", ()), ("not_applicable", (first,))]
    office.ask(RITA, "release.tag", first, release_version="1.2.0")
    assert "version_taken" not in office.codes(first, "tag")
    assert "version_taken" not in office.codes(second, "publish"), "the first to be published"
    with refused("version_taken"):
        office.ask(RITA, "release.tag", second, release_version="1.2.0", name="v1.2.0-rc")
    tagged = office.release(first)
    published = replace(tagged, tags=(), published_at=office.at)
    plan = tagged.plan
    for other, gates in (
        (tagged, {"tag"}),
        (published, {"tag", "publish"}),
        (replace(published, embargoed=True), set()),
        (replace(tagged, status=ReleaseStatus.ABORTED), set()),
        (replace(published, plan=replace(plan, versions=("1.2.1",))), set()),
        (replace(published, plan=replace(plan, service="elsewhere")), set()),
        (replace(published, plan=replace(plan, project="some/other")), set()),
    ):
        office.learn(other)
        closed = {e for e in ("tag", "publish") if "version_taken" in office.codes(second, e)}
        assert closed == gates
    office.learn(replace(published, embargoed=True))
    office.learn(replace(office.release(second), embargoed=True))
    assert "version_taken" in office.codes(second, "publish"), "who is hidden is told"


@pytest.mark.req("S4-04", "X-05")
def test_the_gate_tells_that_nothing_knows_the_commit() -> None:
    office = Office()
    office.at = DATE
    train = filled(office)
    assert "unknown_commit" not in office.codes(train, "tag")
    office.ask(RITA, "release.aim", train, release_version="1.2.0", commit=OTHER)
    assert office.codes(train, "tag") == {"unknown_commit"}
    office.report("pipeline", subject=OTHER)
    assert office.codes(train, "tag") == set()


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
        (replace(plan, project=None, service="elsewhere"), False),
    ):
        before = replace(office.release(first).tags[0], projects=None)
        office.learn(replace(office.release(first), plan=other, tags=(before,)))
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
    office.report("pipeline", subject=OTHER, by=RITA)
    office.learn(claimed := built(commit=OTHER, claimed=True))
    with refused("unknown_commit"):
        office.ask(RITA, "release.tag", train, **told)
    office.learn(replace(claimed, commit=COMMIT))
    before = office.release(train)
    for knows in KNOWING:
        office.learn(before, knows)
        office.ask(RITA, "release.tag", train, **told)
        del office.states[type(knows), knows.id]
        office.learn(before)
        with refused("unknown_commit"):
            office.ask(RITA, "release.tag", train, **told)
    office.learn(merged(merge_commit=OTHER))
    office.ask(RITA, "release.tag", train, **told)
    office.learn(before, merged())
    office.report("pipeline", subject=OTHER)
    office.ask(RITA, "release.tag", train, **told)


@pytest.mark.req("S4-04", "S2-01", "X-05")
def test_a_merge_request_knows_its_head_once_others_looked_at_it() -> None:
    office = Office()
    office.at = DATE
    train = filled(office)
    reviewers = (hold(who, "role:reviewer", Scope.PROJECT, PROJECT) for who in (FIRST, SECOND))
    office.learn(*MERGE_WORLD, *reviewers)
    office.ask(RITA, "release.aim", train, release_version="1.2.0", commit=OTHER)
    own, told = office.fresh(), {"release_version": "1.2.0"}
    opening = OPENING | {"project": PROJECT, "number": 8, "head": OTHER}
    office.ask(AUTHOR, "merge_request.open", own, **opening)

    def unknown() -> None:
        with refused("unknown_commit"):
            office.ask(RITA, "release.tag", train, **told)

    unknown()
    office.ask(FIRST, "merge_request.sign_off", own, rule="reviews")
    unknown()
    office.ask(SECOND, "merge_request.sign_off", own, rule="reviews")
    signed, before = office.states[MergeRequest, own], office.release(train)
    office.ask(RITA, "release.tag", train, **told)
    office.learn(before, replace(signed, embargoed=True))
    unknown()
    office.learn(replace(signed, status=Status.CLOSED))
    unknown()
    office.learn(signed)
    office.ask(AUTHOR, "merge_request.push", own, head="4" * 40, base=COMMIT)
    unknown()


@pytest.mark.req("S4-04", "X-05")
def test_a_program_that_is_suspended_knows_no_commit() -> None:
    office = Office()
    office.at = DATE
    train = filled(office)
    office.ask(RITA, "release.aim", train, release_version="1.2.0", commit=OTHER)
    office.report("pipeline", subject=OTHER)
    program = person(CI)
    office.learn(replace(program, suspended=True))
    with refused("unknown_commit"):
        office.ask(RITA, "release.tag", train, release_version="1.2.0")
    office.learn(program)
    office.ask(RITA, "release.tag", train, release_version="1.2.0")


@pytest.mark.req("S4-04", "X-04", "X-05")
def test_what_the_releaser_s_own_program_built_knows_no_commit() -> None:
    office = Office()
    office.at = DATE
    train = filled(office)
    office.ask(RITA, "release.aim", train, release_version="1.2.0", commit=OTHER)
    office.learn(replace(person(CI), owner=RITA), built(commit=OTHER, built_by=CI))
    with refused("unknown_commit"):
        office.ask(RITA, "release.tag", train, release_version="1.2.0")
    office.learn(person(CI))
    office.ask(RITA, "release.tag", train, release_version="1.2.0")


@pytest.mark.req("S1-20", "S4-04", "X-04")
def test_it_is_told_whose_word_would_make_the_commit_known() -> None:
    office = Office()
    office.at = DATE
    train = filled(office)
    reviewers = (hold(who, "role:reviewer", Scope.PROJECT, PROJECT) for who in (FIRST, SECOND))
    office.learn(*MERGE_WORLD, *reviewers, person(WATCH, owner=RITA))
    office.ask(RITA, "release.aim", train, release_version="1.2.0", commit=OTHER)
    opening = OPENING | {"project": PROJECT, "number": 8, "head": OTHER}
    office.ask(AUTHOR, "merge_request.open", office.fresh(), **opening)

    def unknown() -> tuple[str, list[tuple[str, tuple[str, ...], int]]]:
        people = frozenset((RITA, CI, WATCH, FIRST, SECOND, AUTHOR))
        given = (office.release(train), office.at, office.authority, office.records)
        gate = asked(Question(*given, lambda _: people), "tag")
        ((finding,), ways) = gate.blocking, explain(gate).ways
        assert finding.code == "unknown_commit"
        (every,) = zip(*(each.acts for each in ways), strict=True)
        return finding.message, [(each.action, each.people, each.count) for each in every]

    message, ways = unknown()
    told = {action: (people, count) for action, people, count in ways}
    assert told.keys() == {
        *("release.aim", "evidence.report", "package.add", "merge_request.sign_off"),
    }
    assert told["evidence.report"] == ((CI,), 1), "no person's word counts, nor that of WATCH"
    assert not {RITA, WATCH} & {*told["package.add"][0]}
    assert told["merge_request.sign_off"] == (tuple(sorted((FIRST, SECOND))), 2)
    assert "hand in it" not in message
    office.report("pipeline", subject=OTHER, by=WATCH)
    assert (
        unknown()[0]
        == f"{message} What is built or reported by who had a hand in it does not count."
    )
    office.report("pipeline", subject=OTHER)
    assert office.verdict(train, "tag").allowed
