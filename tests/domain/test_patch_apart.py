"""Each version of a patch is made of a commit of its own, and each backport told of its branch."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import pytest

from domain.evidence.aggregate import Outcome
from domain.grant.aggregate import Scope
from domain.handing_over import HAND_OVER
from domain.merge_request.state import MergeRequest, Status
from domain.release.gate.gates import asked, verdict
from domain.release.gate.question import Question
from tests.domain.organisation import person, refused
from tests.domain.patch_stories import (
    BRANCHES,
    COMMITS,
    VERSIONS,
    apply_backports,
    begin,
    compare_all,
    fix,
    host,
    merge,
    patch_office,
    prepared,
    report_all,
    to_preparation,
)
from tests.domain.release_stories import (
    CI,
    COMMIT,
    EVE,
    PACKAGE,
    PLAN,
    PROJECT,
    QUINN,
    RITA,
    SAM,
    Office,
    filled,
    hold,
)
from tests.domain.test_release_deployment import built

OTHERS = "bot:" + "0" * 32
BACKPORTS = "enter_phase:backports"


@pytest.mark.req("S1-34", "S1-32")
@pytest.mark.parametrize("target", [{"commit": COMMITS[VERSIONS[1]]}, {"package": PACKAGE}])
def test_two_versions_of_a_patch_are_not_made_of_one_commit(target: dict[str, Any]) -> None:
    office = patch_office()
    id = prepared(office)
    begin(office, id)
    to_preparation(office, id)
    report_all(office, "pipeline", "package_and_test")
    compare_all(office, id)
    assert office.codes(id, "tag") == set()
    for version in VERSIONS[:2]:
        office.ask(RITA, "release.aim", id, release_version=version, **target)
    for gate in ("tag", "deploy:release", "publish"):
        assert "same_commit" in office.codes(id, gate), gate
    with refused("same_commit"):
        office.ask(RITA, "release.tag", id, release_version=VERSIONS[2], name=f"v{VERSIONS[2]}")
    (told,) = [e for e in office.verdict(id, "tag").findings if e.code == "same_commit"]
    assert f"{VERSIONS[0]} and {VERSIONS[1]} of" in told.message


@pytest.mark.req("S1-34", "S4-04")
@pytest.mark.parametrize(
    "name, code",
    [
        ("HEAD", "not_a_tag"),
        *((each, "tag_of_other_version") for each in ("v17.5.3", "v17-5-3", "v17_5_3-ee")),
        *((each, "tag_of_other_version") for each in ("v17.6.1-17.5.3", "v16.0.0", "v17.6")),
        *((each, "tag_of_other_version") for each in ("latest", "master", BRANCHES[0])),
        *(
            (each, "tag_of_other_version")
            for each in ("017.6.1", "17.6.1.0", "1.17.6.1", "17.6.10")
        ),
        *((each, "") for each in ("v17.6.1-2", "v17-6-1-ee", "SHOP_17_6_1_RELEASE", "17.6.1+9.8")),
    ],
)
def test_a_tag_names_the_version_that_it_is_of_and_no_other(name: str, code: str) -> None:
    office = patch_office()
    id = prepared(office)
    begin(office, id)
    to_preparation(office, id)
    report_all(office, "pipeline", "package_and_test")
    compare_all(office, id)
    told = {"release_version": VERSIONS[0], "name": name}
    with refused(code) if code else nullcontext():
        office.ask(RITA, "release.tag", id, **told)
    assert [each.name for each in office.release(id).tags] == ([] if code else [name])


@pytest.mark.req("S1-34", "S0-14")
def test_what_a_package_was_built_of_is_what_its_version_is_made_of() -> None:
    office = patch_office()
    id = prepared(office)
    first, second, _ = VERSIONS
    known = built(commit=COMMITS[first])
    office.learn(known)
    office.ask(RITA, "release.aim", id, release_version=second, package=PACKAGE)
    for gate in ("tag", "deploy:release", "publish"):
        assert {"same_commit", "package_of_other_commit"} <= office.codes(id, gate), gate
    office.learn(replace(known, id="b" * 32, name="again", commit=COMMITS[second], built_by=RITA))
    assert {"same_commit", "package_of_other_commit"} <= office.codes(id, "tag"), "who made it"
    office.ask(RITA, "release.aim", id, release_version=second, commit=None)
    assert "same_commit" in office.codes(id, "deploy:release"), "also where it names no commit"
    told = {"release_version": second, "commit": COMMITS[second], "package": None}
    office.ask(RITA, "release.aim", id, **told)
    assert {"same_commit", "package_of_other_commit"}.isdisjoint(office.codes(id, "tag"))


@pytest.mark.req("S3-02")
def test_where_no_policy_names_branches_versions_may_be_of_one_commit() -> None:
    office = Office()
    plan = replace(PLAN, versions=("1.2.0", "1.3.0"))
    id = filled(office, "itsm_releases", "major", plan)
    assert {each.commit for each in office.release(id).targets} == {COMMIT}
    assert "same_commit" not in office.codes(id, "deploy:test")


def hosted() -> tuple[Office, str, MergeRequest]:
    """A patch whose fix is hosted, with backports that are all reported to apply; the newest."""
    office = patch_office()
    id = prepared(office)
    begin(office, id)
    first, *ports = fix()
    merge(office, first)
    host(office, first)
    apply_backports(office, *ports)
    assert "evidence_missing" not in office.codes(id, BACKPORTS)
    return office, id, ports[0]


@pytest.mark.req("S1-32", "X-05")
def test_what_applied_to_one_branch_is_not_known_to_apply_to_another() -> None:
    office, id, port = hosted()
    told = {"base": "e" * 40}
    office.ask(SAM, "merge_request.retarget", port.id, target=port.target, **told)
    assert "evidence_missing" not in office.codes(id, BACKPORTS), "it is for the branch it was for"
    for target in (BRANCHES[1], port.target):
        office.ask(SAM, "merge_request.retarget", port.id, target=target, **told)
        assert "evidence_missing" in office.codes(id, BACKPORTS), target
    apply_backports(office, port)
    assert "evidence_missing" not in office.codes(id, BACKPORTS)


def lacking(office: Office, id: str) -> set[str]:
    """The backports that are not reported to apply."""
    told = office.verdict(id, BACKPORTS).findings
    return {each.id for e in told if e.code == "evidence_missing" for each in e.lacking}


@pytest.mark.req("S1-32", "X-05")
@pytest.mark.parametrize("way", ["opened anew", "pushed"])
def test_what_applied_to_one_branch_says_nothing_of_another_that_its_head_comes_to(
    way: str,
) -> None:
    office, id, _ = hosted()
    one, other, *_ = fix()[1:]
    if way == "pushed":
        office.learn(replace(one, head=other.head), replace(other, head=one.head))
        swapped = (one, other)
    else:
        gone = (replace(each, status=Status.CLOSED, fix=None) for each in (one, other))
        office.learn(*(replace(each, id=each.id[::-1]) for each in gone))
        office.learn(replace(one, target=other.target), replace(other, target=one.target))
        swapped = (other, one)
    assert lacking(office, id) == {one.id, other.id}
    (told,) = [e for e in office.verdict(id, BACKPORTS).findings if e.code == "evidence_missing"]
    assert told.message.endswith("is not of it, unless it names the manifest of this release.")
    apply_backports(office, swapped[0])
    assert len(lacking(office, id)) == 1
    apply_backports(office, swapped[1])
    assert lacking(office, id) == set()


@pytest.mark.req("S1-32", "X-05")
def test_what_is_reported_of_a_head_that_two_branches_have_is_of_neither() -> None:
    office, id, port = hosted()
    twin = replace(port, id="7" * 32, target=BRANCHES[2], fix=None)
    office.learn(twin)
    assert lacking(office, id) == set(), "it was said before the other one had it"
    office.report("applies", subject=port.head, outcome=Outcome.FAILED)
    apply_backports(office, port)
    assert lacking(office, id) == {port.id}
    office.learn(replace(twin, status=Status.CLOSED))
    assert lacking(office, id) == {port.id}, "nobody knows of which it was said"
    apply_backports(office, port)
    assert lacking(office, id) == set()


@pytest.mark.req("S1-32", "X-05")
def test_what_names_the_manifest_of_the_release_is_of_the_branch_there() -> None:
    office, id, port = hosted()
    port = replace(port, head="d" * 40)
    twin = replace(port, id="7" * 32, target="feature", fix=None, embargoed=False, number=99)
    office.learn(port, twin)
    apply_backports(office, port)
    (told,) = [e for e in office.verdict(id, BACKPORTS).findings if e.code == "evidence_missing"]
    assert {each.id for each in told.lacking} == {port.id}
    (closing,) = [each for each in told.acts if each.action == "merge_request.close"]
    assert "!99" in closing.description
    office.report("applies", subject=port.head, manifest=office.manifest(id))
    assert lacking(office, id) == set()
    office.learn(replace(port, head="e" * 40))
    assert lacking(office, id) == {port.id}


@pytest.mark.req("S1-32", "S1-35")
def test_only_those_whose_word_counts_are_named_to_report_what_applies() -> None:
    office, id, port = hosted()
    office.learn(person(OTHERS), hold(OTHERS, "role:qa"))
    office.learn(replace(port, head="d" * 40))
    found = verdict(
        office.release(id),
        BACKPORTS,
        at=office.at,
        authority=office.authority,
        records=office.records,
        who=lambda _: frozenset((CI, OTHERS)),
    ).findings
    (lack,) = [e for e in found if e.code == "evidence_missing"]
    assert [each.people for each in lack.acts] == [frozenset((CI,))]


@pytest.mark.req("S1-32", "S1-35", "X-01")
def test_where_nobody_answers_for_the_programs_that_report_it_names_who_hands_them_over() -> None:
    office, id, port = hosted()
    office.learn(replace(port, head="d" * 40))
    may = {"evidence.report": frozenset((CI,)), HAND_OVER: frozenset((EVE,))}

    def named() -> list[tuple[str, frozenset[str]]]:
        given = (office.release(id), office.at, office.authority, office.records)
        found = asked(Question(*given, who=lambda action: may.get(action, frozenset())), BACKPORTS)
        (lack,) = [e for e in found.findings if e.code == "evidence_missing"]
        return [(act.action, act.people) for act in lack.acts]

    report = ("evidence.report", frozenset((CI,)))
    assert named() == [report]
    office.learn(person(QUINN, suspended=True), person(CI, owner=QUINN))
    may["evidence.report"] = frozenset()
    assert named() == [(HAND_OVER, frozenset((EVE,))), report]
    office.learn(person(OTHERS), hold(OTHERS, "role:ci_bot", Scope.PROJECT, PROJECT))
    may["evidence.report"] = frozenset((OTHERS,))
    assert named() == [("evidence.report", frozenset((OTHERS,)))], "another one does as well"


@pytest.mark.req("S1-32", "X-05")
def test_what_is_reported_before_anything_takes_a_commit_to_a_branch_is_of_none() -> None:
    office, id, port = hosted()
    office.learn(replace(port, head="c" * 40))
    assert lacking(office, id) == {port.id}
    office.learn(port)
    assert lacking(office, id) == set(), "what it was before, it was said of"
    del office.states[MergeRequest, port.id]
    apply_backports(office, replace(port, head="c" * 40))
    office.learn(replace(port, head="c" * 40))
    assert lacking(office, id) == {port.id}
    apply_backports(office, replace(port, head="c" * 40))
    assert lacking(office, id) == set()
    office.learn(replace(port, head="c" * 40, status=Status.MERGED))
    apply_backports(office, replace(port, head="c" * 40))
    assert lacking(office, id) == set(), "also once it is merged"


@pytest.mark.req("S1-32", "X-05")
def test_what_several_backports_have_as_their_head_is_of_no_branch() -> None:
    office, id, port = hosted()
    other = fix()[2]
    office.learn(replace(other, head=port.head))
    (told,) = [e for e in office.verdict(id, BACKPORTS).findings if e.code == "evidence_missing"]
    assert {each.id for each in told.lacking} == {port.id, other.id}
    assert told.message.endswith("Several have one head, which tells of no branch.")
    assert [act.action for act in told.acts] == ["merge_request.push", "evidence.report"]
    parted = replace(other, head="e" * 40)
    office.learn(parted)
    apply_backports(office, port, parted)
    assert lacking(office, id) == set(), "that helps"


@pytest.mark.req("S1-31", "S3-02")
def test_where_something_only_has_to_be_merged_those_are_named_who_may() -> None:
    office, id, port = hosted()
    people = {
        "merge_request.merge": frozenset((RITA, CI, port.author)),
        "merge_request.read_embargoed": frozenset((RITA, port.author)),
    }
    for hidden, able in ((False, frozenset((RITA, CI))), (True, frozenset((RITA,)))):
        for each in fix()[1:]:
            office.learn(replace(each, embargoed=hidden))
        given = (office.release(id), office.at, office.authority, office.records)
        asking = Question(*given, lambda action: people.get(action, frozenset()))
        (told,) = [
            e
            for e in asked(asking, "enter_phase:preparation").findings
            if e.code == "not_authorised"
        ]
        merging = [act for act in told.acts if act.action == "merge_request.merge"]
        ids = [""] if hidden else [each.id for each in fix()[1:]]
        assert [act.subject for act in merging] == ids, "each by itself, of what may be told of"
        assert all(act.people == able for act in merging)
        assert told.instead == (), "without them it would be empty"
    merge(office, *fix()[1:])
    assert "not_authorised" not in office.codes(id, "enter_phase:preparation")


@pytest.mark.req("S1-12", "S1-32")
def test_how_many_backports_lack_is_told_to_who_may_see_them() -> None:
    office, id, port = hosted()
    office.learn(replace(port, head="d" * 40, embargoed=True))
    told: dict[str, str] = {}
    for name, sees in (("all", True), ("none", False)):
        given = (office.release(id), office.at, office.authority, office.records)
        asking = Question(*given, sees=lambda _record, sees=sees: sees)  # type: ignore[misc]
        found = asked(asking, BACKPORTS).blocking
        told[name] = " ".join(each.message for each in found)
    for name, sees in (("all", True), ("none", False)):
        office.knows = lambda record, sees=sees: sees or not record.embargoed  # type: ignore[misc]
        with refused("evidence_missing") as caught:
            office.ask(RITA, "release.enter_phase", id)
        said = " ".join(each.message for each in caught.value.problems)
        assert said == told[name], "who is refused is told the same"
    assert "backports 1 are not reported" in told["all"]
    assert "Not of every backport" in told["none"]
