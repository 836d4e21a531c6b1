"""Whoever is not cleared learns from what is published nothing of what stays hidden beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from sqlalchemy import text

from api.derived.identity import read_id
from tests.api.astray import Mistaken, other_fix, take_off
from tests.api.company import Headquarters, fresh_database, headquarters
from tests.api.patches import PROJECT, Patch, hire

OUTSIDERS = ("wanda", "olga", "nils")
AUDITOR = "wanda"
"""Who knows the places in the log, and so which event of its request each is."""
TOLD = """query($i: ID!) {
  release(id: $i) { status version revision itemCount contributors { handle }
    matrix { requirement cells { gate status
      findings { requirement status title message code missing } } }
    tag: can(action: TAG) { ...said } publish: can(action: PUBLISH) { ...said }
    close: can(action: CLOSE) { ...said } }
  securityFix(id: $i) { status version completeness { complete }
    link: can(action: LINK) { ...said } }
  mergeRequest(id: $i) { status version revision alarms
    merge: can(action: MERGE) { ...said }
    onlookers { person { handle } acts } }
  history(id: $i, first: 100) { totalCount { count } edges { node { id kind version outcome
    actor { handle } details { name value } } } }
}
fragment said on Possibility { allowed verdict { findings { requirement status code message } } }"""
THEN = """query($release: ID!, $fix: ID!, $part: ID!, $then: AsOf!) {
  release(id: $release, asOf: $then) { status version revision itemCount voided
    contributors { handle } approvals { status } publish: can(action: PUBLISH) { ...helped } }
  securityFix(id: $fix, asOf: $then) { status version tracker { id } versions linkedAt
    linkedBy { handle } labels review { complete codes } mergeRequests { id }
    completeness { complete versions findings { status code message }
      slots { branch complete findings { status code message } } }
    awaits { overdue appsec { code } others { code } }
    outcome(release: $release) { causes } link: can(action: LINK) { ...helped } }
  mergeRequest(id: $part, asOf: $then) { status version revision voided alarms fix { id }
    signOffs { rule { name } status counted { person { handle } } void { reason } }
    contributors { handle } merge: can(action: MERGE) { ...helped } }
}
fragment helped on Possibility { allowed verdict { findings { requirement status code message } }
  explanation { ways { acts { action count people { handle } } } } }"""
MOVED = """select at from events where subject in (:release, :fix, :part)
  and (kind like '%cluded' or kind like '%linked' or kind like '%tied' or kind like '%moved')
  union select at from events where kind = 'release.included'
  and at > (select min(at) from events where subject = :fix)
  and at < (select max(at) from events where subject = :release and kind = 'release.published')"""
ALL = f"{MOVED} union select at from events where subject in (:fix, :part)"
PARTIES = """query($i: ID!, $t: AsOf!) { accord(id: $i, asOf: $t) { agreed
  parties { rule { name } status void { reason } } } }"""
HIDES = "merge_request.concealed"
TIES = ("tied", "untied", "finder_named")
EVENTS = """query($k: String!) { events(first: 100, filter: {kind: $k}) { edges { node {
  subject { id } details { name value } } } } }"""
REVEAL = "mutation($i: ID!) { revealMergeRequest(input: {id: $i}) { problems { code } } }"
FIX = "query($i: ID!) { securityFix(id: $i) { tracker { id } } }"
NAMES = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)|[0-9a-f]{32,}"
    r"|[A-Za-z0-9_\-+/]{24,}={0,2}|\d{4,}"
)
"""What no two patches have in common: times, ids, commits, digests, numbers and versions."""


class Sharing(Patch):
    """A patch whose package for the hosted service brings something else along."""

    others: tuple[str, ...] = ()

    def host(self, *ids: str, **more: Any) -> str:
        """Deploy these merge requests, and the others, with one package."""
        return super().host(*ids, *self.others, **more)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def hq(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Headquarters]:
    """A company of its own, in which nothing was ever hidden but by these tests."""
    folder = tmp_path_factory.mktemp("published")
    with fresh_database(request, folder) as database, headquarters(database, folder) as company:
        hire(company)
        yield company


def published(patch: Patch) -> list[str]:
    """Take a patch with one fix to its publication; the release, the fix and its merge requests."""
    fix, made = patch.linked()
    patch.to_publication(made)
    patch.do("PublishRelease")
    return [patch.id, fix, *(id for id, _ in made)]


def heard(hq: Headquarters, ids: list[str]) -> list[Any]:
    """All that people without a clearance are told of these, but for what no two have in common."""
    told = []
    for who in OUTSIDERS:
        asked = TOLD.replace("node { id", "node {") if who == AUDITOR else TOLD
        for id in ids:
            answer = hq.post(who, asked, {"i": id}).json()
            assert "errors" not in answer, answer
            told.append(json.loads(NAMES.sub("#", json.dumps(answer["data"]))))
    return told


def apart(one: Any, other: Any, *path: Any) -> Iterator[tuple[Any, ...]]:
    """Where two answers differ, with what either says there."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for name in one:
            yield from apart(one[name], other[name], *path, name)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for at, (this, that) in enumerate(zip(one, other, strict=True)):
            yield from apart(this, that, *path, at)
    elif one != other:
        yield (*path, one, other)


World = Callable[[Headquarters], list[str]]
Made = Callable[[World], tuple[list[str], list[Any]]]


@pytest.fixture(scope="module")
def worlds(hq: Headquarters) -> Made:
    """Makes a world, once: what there is to look at, and what was told of it when it was out."""

    @cache
    def made(world: World) -> tuple[list[str], list[Any]]:
        ids = world(hq)
        return ids, heard(hq, ids)

    return made


def alone(hq: Headquarters) -> list[str]:
    """A patch that went out where nothing else was hidden."""
    return published(Patch(hq))


@pytest.fixture(scope="module")
def bright(worlds: Made) -> list[Any]:
    """What is told of a patch that went out where nothing else was hidden."""
    return worlds(alone)[1]


def tracked(hq: Headquarters, who: str, fix: str) -> Any:
    """What somebody is told of where a fix is linked."""
    return hq.post(who, FIX, {"i": fix}).json()["data"]["securityFix"]


def left_over(hq: Headquarters) -> list[str]:
    """Beside a complete fix that is in none, since the patch it was linked to was given up."""
    given_up = Patch(hq)
    fix, _ = given_up.linked()
    given_up.do("AbortRelease", reason="Not this month.")
    ids = published(Patch(hq))
    assert tracked(hq, "rhea", fix) == {"tracker": {"id": given_up.id}}
    assert tracked(hq, "wanda", fix) is None
    return ids


def same_versions(hq: Headquarters) -> list[str]:
    """Beside a hidden patch that goes on with the same versions."""
    patch = Patch(hq)
    fix, made = patch.linked()
    other = Patch(hq, versions=[*patch.commits])
    patch.to_publication(made)
    patch.do("PublishRelease")
    assert hq.ask("wanda", "Release", id=other.id) is None
    other.do("AbortRelease", reason="The versions are taken.")
    return [patch.id, fix, *(id for id, _ in made)]


def same_package(hq: Headquarters) -> list[str]:
    """Beside a hidden patch whose fix came to the hosted service with the same package."""
    patch = Sharing(hq)
    fix, made = patch.linked()
    other = Patch(hq)
    _, (secret, *_) = other.linked()
    other.aim()
    other.enter()
    other.finish("first_steps")
    assert other.enter() == "early_merge"
    other.merge(secret[0])
    patch.others = (secret[0],)
    patch.to_publication(made)
    patch.do("PublishRelease")
    assert hq.ask("wanda", "Release", id=patch.hosted) is None, "it brought what stays hidden"
    return [patch.id, fix, *(id for id, _ in made)]


def moved_between(hq: Headquarters) -> list[str]:
    """Of a fix that was in another hidden patch before, which is still to go out."""
    other, patch = Patch(hq), Patch(hq)
    fix, made = patch.complete()
    ids = [id for id, _ in made]
    hq.do("rhea", "LinkSecurityFix", id=fix, tracker=other.id)
    other.do("IncludeRelease", mergeRequests=ids)
    other.do("ExcludeRelease", mergeRequests=ids, reason="The other hole is graver.")
    hq.do("rhea", "UnlinkSecurityFix", id=fix, reason="The other hole is graver.")
    hq.do("rhea", "LinkSecurityFix", id=fix, tracker=patch.id)
    patch.do("IncludeRelease", mergeRequests=ids)
    patch.to_publication(made)
    patch.do("PublishRelease")
    assert hq.ask("wanda", "Release", id=other.id) is None
    other.do("AbortRelease", reason="Not this month.")
    return [patch.id, fix, *ids]


def of_one_given_up(hq: Headquarters) -> list[str]:
    """Of a fix that was in a hidden patch that was given up, and was linked anew at once."""
    given_up, patch = Patch(hq), Patch(hq)
    fix, made = given_up.linked()
    given_up.do("AbortRelease", reason="Not this month.")
    hq.do("rhea", "LinkSecurityFix", id=fix, tracker=patch.id)
    patch.do("IncludeRelease", mergeRequests=[id for id, _ in made])
    patch.to_publication(made)
    patch.do("PublishRelease")
    return [patch.id, fix, *(id for id, _ in made)]


def left_again(hq: Headquarters) -> list[str]:
    """With another fix that was in the patch, and a merge request that was part of its fix."""
    patch = Patch(hq)
    other, parts = patch.complete()
    fix, made = patch.complete()
    stray, _ = patch.request("strict", "master")
    hq.do("saga", "AddSecurityFixMergeRequest", id=fix, mergeRequest=stray)
    take_off(hq, fix, stray)
    hq.do("rhea", "LinkSecurityFix", id=other, tracker=patch.id)
    patch.by("rune", "IncludeRelease", mergeRequests=[id for id, _ in parts])
    hq.do("rhea", "LinkSecurityFix", id=fix, tracker=patch.id)
    patch.do("IncludeRelease", mergeRequests=[id for id, _ in made])
    patch.by("rune", "ExcludeRelease", mergeRequests=[id for id, _ in parts], reason="Not yet.")
    hq.do("rhea", "UnlinkSecurityFix", id=other, reason="Not yet.")
    patch.to_publication(made)
    patch.do("PublishRelease")
    return [patch.id, fix, *(id for id, _ in made)]


def by_mistake(hq: Headquarters) -> list[str]:
    """Of merge requests that were part of another fix first, which stays hidden."""
    return published(Mistaken(hq))


WORLDS = (
    left_over,
    same_versions,
    same_package,
    moved_between,
    of_one_given_up,
    left_again,
    by_mistake,
)


@pytest.mark.req("S1-12", "X-05")
@pytest.mark.parametrize("beside", WORLDS, ids=lambda each: each.__name__)
def test_what_is_published_tells_nothing_of_what_stays_hidden_beside_it(
    worlds: Made, bright: list[Any], beside: World
) -> None:
    _, dark = worlds(beside)
    assert len(dark) == len(bright)
    for with_it, without in zip(dark, bright, strict=True):
        assert list(apart(with_it, without)) == []
        assert len(json.dumps(with_it)) == len(json.dumps(without))


def stood(hq: Headquarters, moments: str, release: str, fix: str, part: str, *_: str) -> list[Any]:
    """How somebody without a clearance is told that these stood at moments of their history."""
    ids = {"release": release, "fix": fix, "part": part}
    nouns = {"release": "Release", "fix": "SecurityFix", "part": "MergeRequest"}
    with hq.engine.connect() as connection:
        plain = {name: read_id(id, nouns[name]) for name, id in ids.items()}
        asked = text(moments).columns(at=hq.installation.reader.tables.events.c.at.type)
        every = {each for (each,) in connection.execute(asked, plain)}
    told = []
    for at in sorted(every):
        answer = hq.post("nils", THEN, ids | {"then": {"time": at.isoformat()}}).json()
        assert "errors" not in answer, answer
        told.append(json.loads(NAMES.sub("#", json.dumps(answer["data"]))))
    return told


@pytest.fixture(scope="module")
def bright_then(hq: Headquarters, worlds: Made) -> list[Any]:
    """How it all stood, one after the other, where nothing else was hidden."""
    return stood(hq, ALL, *worlds(alone)[0])


@pytest.mark.req("S1-12", "X-05")
@pytest.mark.parametrize(
    "beside", [moved_between, left_again, by_mistake], ids=lambda each: each.__name__
)
def test_what_stood_before_tells_nothing_of_what_stays_hidden_beside_what_is_published(
    hq: Headquarters, worlds: Made, bright_then: list[Any], beside: World
) -> None:
    dark = stood(hq, MOVED, *worlds(beside)[0])
    assert len(dark) >= 5
    for with_it in dark:
        nearest = min((list(apart(with_it, without)) for without in bright_then), key=len)
        assert nearest == []


@pytest.mark.req("S1-12", "S1-20")
def test_how_parties_stood_tells_of_nobody_who_found_what_stays_hidden(hq: Headquarters) -> None:
    patch = Patch(hq)
    accord = patch.propose(patch.id)
    hq.do("saga", "AgreeToAccord", id=accord["id"], rule="appsec", seen=accord["revision"])
    told = {"playbook": "planned_patch", "kind": "vulnerability", "title": "The other hole"}
    told |= {"service": "storefront", "project": PROJECT}
    other = hq.do("saga", "OpenSecurityFix", **told)["id"]
    stray, _ = patch.request("strict", "master")
    patch.join(other, stray)
    patch.do("IncludeRelease", mergeRequests=[stray])
    at = {"time": datetime.now(UTC).isoformat()}
    patch.do("ExcludeRelease", mergeRequests=[stray], reason="Not yet.")
    _, made = patch.linked()
    patch.to_publication(made)
    patch.do("PublishRelease")

    def party(who: str) -> list[Any]:
        answer = hq.post(who, PARTIES, {"i": accord["id"], "t": at}).json()
        assert "errors" not in answer, answer
        [found] = [
            each for each in answer["data"]["accord"]["parties"] if each["rule"]["name"] == "appsec"
        ]
        return [found["status"], [each["reason"] for each in found["void"]]]

    assert party("rhea") == ["OPEN", ["excluded"]]
    assert party("nils") == ["SATISFIED", []]


def later_patch(hq: Headquarters) -> tuple[Patch, ...]:
    """The patch of two weeks later, planned already."""
    due = datetime.now(UTC) + timedelta(days=15)
    return (Patch(hq, scheduled=due.isoformat()),)


def critical_patch(hq: Headquarters) -> tuple[Patch, ...]:
    """A critical patch that has no fix yet."""
    return (Patch(hq, "critical_patch"),)


def two_patches(hq: Headquarters) -> tuple[Patch, ...]:
    """Both, and a complete fix in the critical one."""
    critical, later = *critical_patch(hq), *later_patch(hq)
    critical.linked()
    return critical, later


@pytest.fixture(scope="module")
def told_of_the_label(hq: Headquarters) -> list[Any]:
    """What is told of a patch whose fix its label linked, where none other was open."""
    return heard(hq, by_label(hq))


def by_label(hq: Headquarters) -> list[str]:
    """Publish a patch whose fix was linked by its label; what there is to look at."""
    patch = Patch(hq)
    fix, made = patch.labelled()
    patch.to_publication(made)
    patch.do("PublishRelease")
    return [patch.id, fix, *(id for id, _ in made)]


@pytest.mark.req("S1-12", "S1-26", "S1-27")
@pytest.mark.parametrize(
    "hidden", [later_patch, critical_patch, two_patches], ids=lambda each: each.__name__
)
def test_when_the_label_linked_a_fix_tells_of_no_other_patch_that_was_open(
    hq: Headquarters,
    told_of_the_label: list[Any],
    hidden: Callable[[Headquarters], tuple[Patch, ...]],
) -> None:
    others = hidden(hq)
    ids = by_label(hq)
    assert heard(hq, ids) == told_of_the_label
    kinds = [e["node"]["kind"] for e in told_of_the_label[1]["history"]["edges"]]
    at = kinds.index("security_fix.linked")
    assert kinds[at : at + 3] == [f"security_fix.{e}" for e in ("linked", "reviewed", "labelled")]
    for other in others:
        assert hq.ask("wanda", "Release", id=other.id) is None
        other.do("AbortRelease", reason="Not this month.")


@pytest.mark.req("S1-12")
def test_the_history_of_a_fix_says_not_that_it_left_what_stays_hidden(hq: Headquarters) -> None:
    _, fix, *_ = moved_between(hq)
    [told] = taken_off(hq, "rhea", fix)
    assert told["reason"] == "The other hole is graver."
    for who in OUTSIDERS:
        assert taken_off(hq, who, fix) == []


@pytest.mark.req("S1-12", "S1-27")
def test_a_fix_that_is_out_tells_not_that_it_was_linked_to_what_stays_hidden(
    hq: Headquarters,
) -> None:
    first, other, patch = Patch(hq), Patch(hq), Patch(hq)
    hq.do("rhea", "LinkSecurityFix", id=(moving := first.complete())[0], tracker=other.id)
    _, made = first.linked()
    first.to_publication(made)
    first.do("PublishRelease")
    hq.do("rhea", "UnlinkSecurityFix", id=moving[0], reason="It goes first.")
    hq.do("rhea", "LinkSecurityFix", id=moving[0], tracker=patch.id)
    patch.do("IncludeRelease", mergeRequests=[id for id, _ in moving[1]])
    patch.to_publication(moving[1])
    patch.do("PublishRelease")
    asked = {"id": moving[0], "release": first.id}
    told = {who: hq.ask(who, "SecurityFixOutcome", **asked)["outcome"] for who in ("rhea", "nils")}
    assert [each["causes"] for each in told.values()] == [["LINKED_ELSEWHERE"], ["NOT_LINKED"]]
    assert (told["rhea"]["tracker"]["id"], told["nils"]["tracker"]) == (other.id, None)
    other.do("AbortRelease", reason="Not this month.")


@pytest.mark.req("S1-12", "X-05")
def test_what_was_taken_off_a_fix_that_stays_hidden_is_shown_with_no_other(
    hq: Headquarters,
) -> None:
    patch = Patch(hq)
    fix, made = patch.complete(label=False)
    part, _ = patch.request("bug_fix", "master", embargoed=False)
    other = other_fix(hq)
    hq.do("saga", "AddSecurityFixMergeRequest", id=other, mergeRequest=part, related=True)
    take_off(hq, other, part)
    told = {"id": fix, "mergeRequest": part, "related": True}
    assert hq.refused("mads", "AddSecurityFixMergeRequest", **told) == ["part_of_fix"]
    hq.do("dina", "LabelSecurityFix", id=fix, label="security-target")
    hq.do("rhea", "LinkSecurityFix", id=fix, tracker=patch.id)
    patch.do("IncludeRelease", mergeRequests=[id for id, _ in made])
    patch.to_publication(made)
    patch.do("PublishRelease")
    asked = ("nils", "query($i: ID!) { mergeRequest(id: $i) { id } }", {"i": part})
    assert hq.post(*asked).json()["data"] == {"mergeRequest": None}
    for who in ("rhea", "rune"):
        said = hq.post(who, REVEAL, {"i": part}).json()["data"]["revealMergeRequest"]
        assert said == {"problems": []}
    assert hq.post(*asked).json()["data"] == {"mergeRequest": {"id": part}}


@pytest.mark.req("S1-12", "S1-20")
def test_no_auditor_reads_of_what_a_merge_request_had_belonged_to(hq: Headquarters) -> None:
    ids = by_mistake(hq)
    tied, *others = (among(hq, f"merge_request.{each}", ids) for each in TIES)
    assert others == [[], []]
    told = [{each["name"]: each["value"] for each in event["details"]} for event in tied]
    assert [each["fix"] for each in told] == [read_id(ids[1], "SecurityFix")] * 4, (
        "of the fix that is out"
    )


def among(hq: Headquarters, kind: str, ids: list[str]) -> list[dict[str, Any]]:
    """The events of a kind that an auditor reads in the log about any of these."""
    answer = hq.post(AUDITOR, EVENTS, {"k": kind}).json()
    assert "errors" not in answer, answer
    nodes = [each["node"] for each in answer["data"]["events"]["edges"]]
    return [each for each in nodes if (each["subject"] or {}).get("id") in ids]


def taken_off(hq: Headquarters, who: str, fix: str) -> list[dict[str, Any]]:
    """What somebody reads of why a fix was taken off, and of what."""
    found = hq.post(who, TOLD, {"i": fix}).json()["data"]["history"]["edges"]
    told = (e["node"] for e in found if e["node"]["kind"] == "security_fix.unlinked")
    return [{each["name"]: each["value"] for each in e["details"]} for e in told]
