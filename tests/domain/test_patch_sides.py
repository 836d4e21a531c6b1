"""Both sides are compared wherever something of a release is: in each project, at what is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from domain.change.state import Link, LinkKind
from domain.explanation import explain
from domain.gate import Finding
from domain.grant.aggregate import Scope
from domain.inclusion import Inclusion, ItemKind
from domain.merge_request.state import MergeRequest, Status
from domain.release.gate.gates import asked
from domain.release.gate.question import Question
from domain.sync.state import Ref, RefKind
from tests.domain.given import NOON
from tests.domain.organisation import person
from tests.domain.patch_stories import (
    BOT,
    BRANCHES,
    PATCH,
    VERSIONS,
    begin,
    patch_office,
    prepared,
    refs,
    report_sync,
    request,
    tag_and_test,
    to_preparation,
)
from tests.domain.release_stories import CI, PROJECT, RITA, Office, approved_change, hold, opened

ELSEWHERE = "shop-proxy"
PROXY = "bot:" + "b8" * 16


def out(office: Office, **more: Any) -> str:
    """A planned patch that is out."""
    id = prepared(office, plan=replace(PATCH, **more))
    begin(office, id)
    to_preparation(office, id)
    tag_and_test(office, id)
    office.ask(RITA, "release.publish", id)
    return id


def lacking(office: Office, id: str) -> set[str]:
    """What is not reported to be the same, wherever that is."""
    found = [e for e in office.verdict(id, "close").findings if e.requirement == "synced"]
    assert all(e.code in ("", "not_in_sync") for e in found), found
    return {f"{e.title.split()[3]}: {each}" for e in found for each in e.missing}


def branches(*names: str) -> tuple[Ref, ...]:
    return tuple(Ref(RefKind.BRANCH, name, "d" * 40, "d" * 40) for name in names)


def report(office: Office, id: str, repository: str, *names: str, by: str = BOT) -> None:
    told = {"release": id, "repository": repository, "refs": branches(*names)}
    office.ask(by, "sync.report", office.fresh(), **told)


@pytest.mark.req("S1-39")
def test_a_patch_that_names_no_project_is_compared_where_its_tags_stand() -> None:
    office = patch_office()
    id = out(office, project=None)
    names = (
        *(f"branch {each}" for each in ("master", *BRANCHES)),
        *(f"tag v{e}" for e in VERSIONS),
    )
    assert lacking(office, id) <= {f"{PROJECT}: {each}" for each in names}
    assert lacking(office, id)
    report_sync(office, id, refs(office, id)[:-1])
    assert lacking(office, id) == {f"{PROJECT}: tag v{VERSIONS[-1]}"}
    report_sync(office, id, refs(office, id))
    assert lacking(office, id) == set()
    assert "not_in_sync" not in office.codes(id, "close")


@pytest.mark.req("S1-39")
@pytest.mark.parametrize("project", [PROJECT, None])
def test_one_whose_tags_were_kept_without_their_place_is_of_what_is_in_it(
    project: str | None,
) -> None:
    office = patch_office()
    id = out(office, project=project)
    tags = tuple(replace(each, projects=None) for each in office.release(id).tags)
    office.learn(replace(office.release(id), tags=tags))
    assert lacking(office, id)
    report_sync(office, id, refs(office, id))
    assert lacking(office, id) == set()


@pytest.mark.req("S1-39", "X-05")
def test_of_nothing_known_it_is_said_how_it_goes_on() -> None:
    office = patch_office()
    id = out(office, project=None)
    inside = [e for e in office.states.values() if isinstance(e, Inclusion) and e.release == id]
    office.learn(*(replace(each, included=False) for each in inside))
    office.learn(replace(office.release(id), tags=()))
    assert "not_in_sync" in office.codes(id, "close")
    office.ask(RITA, "release.await_repository", id, repository=PROJECT)
    office.ask(RITA, "release.enter_repository_tag", id, repository=PROJECT, tag="v17.6.1")
    report_sync(office, id, branches("master", *BRANCHES))
    assert lacking(office, id) == {f"{PROJECT}: tag v17.6.1"}


def beside(office: Office, id: str, by_change: bool = False) -> None:
    """What was merged in another project is in the patch as well, itself or through a change."""
    first = request("7" * 32, "main", project=ELSEWHERE, number=71, status=Status.MERGED)
    port = replace(first, id="8" * 32, number=72, target=BRANCHES[0])
    other = replace(first, id="9" * 32, number=73, target="feature")
    office.learn(first, port, other)
    kind, names = ItemKind.MERGE_REQUEST, [first.id, port.id, other.id]
    if by_change:
        links = tuple(Link(LinkKind.MERGE_REQUEST, each) for each in names)
        office.learn(replace(approved_change(), links=links))
        kind, names = ItemKind.CHANGE, ["c" * 32]
    for each in names:
        told = (id, kind, each, None)
        office.learn(Inclusion(f"{each[:31]}f", 1, *told, included=True, put_by=RITA, put_at=NOON))


@pytest.mark.req("S1-39")
@pytest.mark.parametrize("by_change", [False, True])
@pytest.mark.parametrize("project", [PROJECT, None])
def test_every_project_of_something_in_it_is_compared_where_that_was_merged(
    project: str | None, by_change: bool
) -> None:
    office = patch_office()
    id = out(office, project=project)
    beside(office, id, by_change)
    report_sync(office, id, refs(office, id))
    assert lacking(office, id) == {f"{ELSEWHERE}: branch {e}" for e in ("main", BRANCHES[0])}
    report(office, id, ELSEWHERE, "master", BRANCHES[0])
    assert lacking(office, id) == {f"{ELSEWHERE}: branch main"}
    report(office, id, PROJECT, "main", BRANCHES[0])
    report_sync(office, id, refs(office, id))
    assert lacking(office, id), "each is reported on its own"
    report(office, id, ELSEWHERE, "main", BRANCHES[0])
    assert lacking(office, id) == set()


@pytest.mark.req("S1-39")
def test_who_may_report_for_another_project_is_heard_on_that() -> None:
    office = patch_office()
    office.learn(person(PROXY), hold(PROXY, "role:release_bot", Scope.PROJECT, ELSEWHERE))
    id = out(office)
    beside(office, id)
    report_sync(office, id, refs(office, id))
    report_sync(office, id, refs(office, id)[1:], by=PROXY)
    assert all(each.startswith(ELSEWHERE) for each in lacking(office, id)), "not on this one"
    report(office, id, ELSEWHERE, "main", BRANCHES[0], by=PROXY)
    assert lacking(office, id) == set()


@pytest.mark.req("S1-39", "S4-02")
def test_what_is_awaited_in_one_of_these_is_asked_of_it_as_well() -> None:
    office = patch_office()
    id = out(office)
    for name in (PROJECT, ELSEWHERE):
        office.ask(RITA, "release.await_repository", id, repository=name)
        office.ask(RITA, "release.enter_repository_tag", id, repository=name, tag="v17.6.1")
    beside(office, id)
    moved = tuple(
        replace(e, here="e" * 40, there="e" * 40) if e.name == "v17.6.1" else e
        for e in refs(office, id)
    )
    report_sync(office, id, moved)
    report(office, id, ELSEWHERE, "main", *BRANCHES)
    assert lacking(office, id) == {f"{name}: tag v17.6.1" for name in (PROJECT, ELSEWHERE)}


@pytest.mark.req("S1-22", "S1-36")
def test_no_version_comes_out_below_one_of_its_line_that_is_out() -> None:
    office = patch_office()
    id = prepared(office)
    other = opened(office, "critical_patch", "critical_patch", PATCH, scheduled=None)
    critical = replace(office.release(other), published_at=NOON)
    for versions, told in (
        (("17.6.2", "17.5.2", "17.4.4"), {"newer_is_out"}),
        (("17.6.0", "17.5.2", "17.7.9"), set()),
        (("17.6.10", "17.5.2", "17.4.5-rc1"), {"newer_is_out"}),
    ):
        plan = replace(critical.plan, versions=versions)
        office.learn(replace(critical, plan=plan))
        for gate in ("tag", "publish"):
            assert office.codes(id, gate) & {"newer_is_out"} == told
    later = replace(critical.plan, versions=("17.6.9",))
    office.learn(replace(critical, plan=replace(later, project=ELSEWHERE)))
    assert "newer_is_out" in office.codes(id, "tag"), "the versions are those of the product"
    office.learn(replace(critical, plan=replace(later, service="another", project=ELSEWHERE)))
    assert "newer_is_out" not in office.codes(id, "tag"), "and not of another one"
    office.learn(replace(critical, plan=later, published_at=None))
    assert "newer_is_out" not in office.codes(id, "tag"), "until it is out"


@pytest.mark.req("S1-20", "S1-22")
def test_what_takes_the_place_of_a_version_is_made_and_tested_anew() -> None:
    office = patch_office()
    id = prepared(office)
    begin(office, id)
    to_preparation(office, id)
    tag_and_test(office, id)
    other = opened(office, "critical_patch", "critical_patch", PATCH, scheduled=None)
    plan = replace(PATCH, versions=("17.6.10",))
    office.learn(replace(office.release(other), plan=plan, published_at=NOON))
    given = (office.release(id), office.at, office.authority, office.records)

    def steps(gate: str) -> list[tuple[str, str]]:
        everybody = frozenset((RITA, BOT, CI))
        (way,) = explain(asked(Question(*given, lambda _: everybody), gate)).ways
        return [(each.action, each.description) for each in way.acts]

    edit = ("release.edit", "Give it a version above 17.6.10 in place of 17.6.1.")
    made = [
        ("release.aim", "Say which commit it is made from."),
        ("evidence.report", "Report contents of what it is made of, with its manifest."),
        ("evidence.report", "Report that pipeline passed."),
        ("evidence.report", "Report how package_and_test ended."),
    ]
    tested = [
        ("release.tag", "Tag it."),
        ("release.deploy", "Deploy it to release."),
        ("evidence.report", "Report that qa passed."),
    ]
    assert steps("tag") == [edit, *made]
    assert steps("publish") == [edit, *made, *tested]


@pytest.mark.req("S1-12", "S1-39")
@pytest.mark.parametrize("project", [PROJECT, None])
def test_where_something_hidden_was_merged_is_named_to_who_may_see_that_alone(
    project: str | None,
) -> None:
    office = patch_office()
    id = prepared(office, plan=replace(PATCH, project=project))
    beside(office, id)
    for each in ("7" * 32, "8" * 32):
        [request] = office.records.find(MergeRequest, id=each)
        office.learn(replace(request, embargoed=True))

    def told(sees: Callable[[Any], bool]) -> list[Finding]:
        given = (office.release(id), office.at, office.authority, office.records)
        asking = Question(*given, lambda _action: frozenset((RITA,)), sees=sees)
        return [e for e in asked(asking, "close").blocking if e.requirement == "synced"]

    everything = told(lambda _each: True)
    assert any(ELSEWHERE in each.message for each in everything)
    some = told(lambda each: each.project != ELSEWHERE)
    assert len(some) == len(everything) > 1
    said = " ".join(f"{e.message} {e.title} {[a.description for a in e.acts]}" for e in some)
    assert ELSEWHERE not in said
    assert (some[-1].code, some[-1].missing) == ("not_in_sync", ())
    assert "the repository of a hidden merge request" in some[-1].message
    assert [(act.action, act.people) for act in some[-1].acts] == [
        ("sync.report", frozenset((RITA,)))
    ]
