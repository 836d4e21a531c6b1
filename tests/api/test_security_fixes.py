"""Security fixes over HTTP: opened under embargo, worked on by the cleared, unknown to others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from api.demo.cast import Role
from api.derived.identity import global_id, read_id
from tests.api import fixes
from tests.api.company import Headquarters


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    """Numbers for merge requests, each used once."""
    return count(7000)


@pytest.mark.req("S1-12", "S1-18", "S1-55")
def test_a_fix_is_opened_and_worked_on_by_who_is_cleared(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    fixes.lines(hq)
    made = fixes.fix(hq, component="Uploads", credit="A friend")
    hq.do("quinn", "AssessSecurityFix", id=made["id"], severity="critical")
    engineer = fixes.engineer(hq)
    hq.do(engineer, "TickSecurityFix", id=made["id"], item="tested")
    part = fixes.merge_request(hq, next(numbers), "master")
    hq.do(engineer, "AddSecurityFixMergeRequest", id=made["id"], mergeRequest=part)
    [found] = [each for each in fixes.every(hq, engineer) if each["id"] == made["id"]]
    assert (found["status"], found["severity"]) == ("FIXING", "critical")
    assert found["dueAt"] is not None
    ticked = {item["name"]: item["tickedBy"] for item in found["items"]}
    assert ticked["tested"] == {"handle": engineer}
    for outsider in ("uma", "wanda", "nils", "tara"):
        assert made["id"] not in {each["id"] for each in fixes.every(hq, outsider)}
    onlookers = hq.ask("quinn", "SecurityFixOnlookers", id=made["id"])["onlookers"]
    seen = {
        (each["person"]["handle"], each["grant"] and each["grant"]["role"]) for each in onlookers
    }
    assert {("quinn", "role:appsec"), (engineer, "role:cleared")} <= seen
    assert not {"uma", "wanda", "nils"} & {handle for handle, _ in seen}
    codes = hq.refused("uma", "TickSecurityFix", id=made["id"], item="tested")
    absent = made["id"][:-8] + "AAAAAAA="
    assert codes == hq.refused("uma", "TickSecurityFix", id=absent, item="tested") == ["not_found"]


def test_a_merge_request_in_the_open_hides_as_soon_as_it_belongs_to_a_fix(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    fixes.lines(hq)
    made, number = fixes.fix(hq), next(numbers)
    part = fixes.merge_request(hq, number, "17-1-stable", embargoed=False)
    asked = "query($i: ID!) { mergeRequest(id: $i) { embargoed fix { id } } }"
    shown = {"mergeRequest": {"embargoed": False, "fix": None}}
    assert hq.post("uma", asked, {"i": part}).json()["data"] == shown
    hq.do("quinn", "AddSecurityFixMergeRequest", id=made["id"], mergeRequest=part)
    assert hq.post("uma", asked, {"i": part}).json()["data"] == {"mergeRequest": None}
    hidden = {"mergeRequest": {"embargoed": True, "fix": {"id": made["id"]}}}
    assert hq.post("quinn", asked, {"i": part}).json()["data"] == hidden


@pytest.mark.req("S1-12")
def test_what_is_related_to_a_fix_is_hidden_with_it_and_shown_with_it(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    fixes.lines(hq)
    made = fixes.fix(hq)
    old = fixes.merge_request(hq, next(numbers), "topic", embargoed=False)
    hq.do("noor", "AddSecurityFixMergeRequest", id=made["id"], mergeRequest=old, related=True)
    asked = """query($i: ID!) { securityFix(id: $i) {
      mergeRequests { id } relatedMergeRequests { id } } }"""
    told = hq.post("quinn", asked, {"i": made["id"]}).json()["data"]["securityFix"]
    assert told == {"mergeRequests": [], "relatedMergeRequests": [{"id": old}]}
    shown = "query($i: ID!) { mergeRequest(id: $i) { embargoed fix { id } } }"
    assert hq.post("uma", shown, {"i": old}).json()["data"] == {"mergeRequest": None}
    reveal = """mutation($i: RevealMergeRequestInput!) {
      revealMergeRequest(input: $i) { problems { code } } }"""
    payload = hq.post("viktor", reveal, {"i": {"id": old}}).json()["data"]["revealMergeRequest"]
    assert payload["problems"] == [{"code": "part_of_fix"}]
    dismiss = """mutation($i: DismissSecurityFixInput!) {
      dismissSecurityFix(input: $i) { problems { code } } }"""
    given = {"id": made["id"], "reason": "It is meant to be so."}
    payload = hq.post("quinn", dismiss, {"i": given}).json()["data"]["dismissSecurityFix"]
    assert payload["problems"] == []
    hq.do("viktor", "RevealSecurityFix", id=made["id"])
    found = {"mergeRequest": {"embargoed": False, "fix": None}}
    assert hq.post("uma", shown, {"i": old}).json()["data"] == found


def completeness(hq: Headquarters, who: str, id: str) -> Any:
    """What somebody is told of what a fix lacks."""
    return hq.ask(who, "SecurityFixCompleteness", id=id)


@pytest.mark.req("S1-26", "S1-27", "S1-51")
def test_a_complete_fix_goes_out_with_the_next_patch_and_an_incomplete_one_says_why(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    made, parts = fixes.complete(hq, numbers)
    release = fixes.patch(hq)
    found = completeness(hq, "viktor", made)
    assert found["completeness"]["versions"] == ["17.1", "17.0", "16.11"]
    blocking = [each["code"] for each in found["completeness"]["findings"] if each["code"]]
    assert blocking == ["label_missing"]
    assert all(slot["complete"] for slot in found["completeness"]["slots"])
    assert (found["can"]["allowed"], found["can"]["permitted"]) == (False, True)
    [way] = found["can"]["explanation"]["ways"]
    assert [act["action"] for act in way["acts"]] == ["security_fix.label"]
    assert hq.refused("viktor", "LinkSecurityFix", id=made, tracker=release) == ["label_missing"]
    linked = hq.do("elif", "LabelSecurityFix", id=made, label="security-target")
    assert (linked["status"], linked["tracker"]) == ("LINKED", {"id": release})
    assert linked["review"]["complete"]
    hq.do("elif", "PushMergeRequest", id=parts[0], head="e" * 40, base="b" * 40)
    found = completeness(hq, "quinn", made)
    assert not found["completeness"]["complete"]
    [slot] = [each for each in found["completeness"]["slots"] if not each["complete"]]
    codes = {each["code"] for each in slot["findings"] if each["code"]}
    assert (slot["branch"], codes) == ("master", {"approvals_missing", "evidence_missing"})
    assert hq.refused("viktor", "RevealSecurityFix", id=made) == ["release_not_out"]
    taken = hq.do("viktor", "UnlinkSecurityFix", id=made, reason="The head moved.")
    assert taken["status"] == "FIXING"
    assert completeness(hq, "uma", made) is None


@pytest.mark.req("S1-12")
def test_what_is_reported_of_a_hidden_head_is_seen_by_its_reporter_and_the_cleared_alone(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    number = next(numbers)
    fixes.merge_request(hq, number, "17-0-stable")
    subject = f"{number:040x}"
    told = {"project": fixes.PROJECT, "name": "pipeline", "outcome": "PASSED"}
    hq.do("build-bot", "ReportEvidence", subject=subject, **told)
    asked = """query($s: String!) {
      evidenceReports(filter: {subject: $s}) { totalCount { count } edges { node { name } } } }"""
    seen = {}
    for who in ("build-bot", "quinn", "uma", "wanda", "nils"):
        answer = hq.post(who, asked, {"s": subject}).json()["data"]["evidenceReports"]
        seen[who] = (answer["totalCount"]["count"], len(answer["edges"]))
    assert seen == {"build-bot": (1, 1), "quinn": (1, 1)} | dict.fromkeys(
        ("uma", "wanda", "nils"), (0, 0)
    )
    events = """{ events(first: 100, filter: {kind: "evidence.reported"}) {
      edges { node { details { value } } } } }"""
    assert subject not in hq.post("wanda", events).text


REPORTS = """query($s: String!) {
  evidenceReports(filter: {subject: $s}) { totalCount { count } edges { node { name } } } }"""


def reported(hq: Headquarters, subject: str, **more: Any) -> None:
    """Have it reported that the tests of a commit or package passed."""
    told = {"project": fixes.PROJECT, "name": "qa", "outcome": "PASSED"} | more
    hq.do("build-bot", "ReportEvidence", subject=subject, **told)


def reveal_part(hq: Headquarters, id: str) -> None:
    """Two say that everybody may know of a merge request."""
    for who in ("viktor", "noor"):
        reveal(hq, who, "MergeRequest", id)


def reveal(hq: Headquarters, who: str, noun: str, id: str) -> None:
    """End the embargo of a release, or have one say so of a merge request."""
    document = f"""mutation($i: Reveal{noun}Input!) {{ done: reveal{noun}(input: $i) {{
      problems {{ code }} }} }}"""
    answer = hq.post(who, document, {"i": {"id": id}}).json()
    assert answer["data"]["done"]["problems"] == []


def seeing(hq: Headquarters, subject: str) -> dict[str, int]:
    """How many reports on it somebody cleared is told of, its reporter, and somebody else."""
    asked = {who: hq.post(who, REPORTS, {"s": subject}).json() for who in ("quinn", "nils")}
    return {
        who: answer["data"]["evidenceReports"]["totalCount"]["count"]
        for who, answer in asked.items()
    }


@pytest.mark.req("S1-12", "S1-35", "X-07")
def test_what_is_reported_of_what_a_hidden_release_is_made_of_reads_when_that_does(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    commit = f"{next(numbers):040x}"
    hidden = fixes.monthly(hq, embargoed=True)
    hq.do("viktor", "AimRelease", id=hidden, releaseVersion="17.1.0", commit=commit)
    reported(hq, commit, environment="release")
    assert seeing(hq, commit) == {"quinn": 1, "nils": 0}
    reveal(hq, "viktor", "Release", hidden)
    assert seeing(hq, commit) == {"quinn": 1, "nils": 1}


@pytest.mark.req("S1-12", "X-07")
@pytest.mark.parametrize("how", ["open", "push", "merge", "aim", "conceal", "fix"])
def test_what_was_reported_before_its_commit_became_part_of_something_hidden_hides_with_it(
    hq: Headquarters, numbers: Iterator[int], how: str
) -> None:
    first, second = (next(numbers) for _ in range(2))
    commit = f"{first if how in ('open', 'conceal', 'fix') else second:040x}"
    if how in {"open", "conceal", "fix"}:
        reported(hq, commit)
        assert seeing(hq, commit) == {"quinn": 1, "nils": 1}
    part = ""
    if how == "aim":
        hidden = fixes.monthly(hq, embargoed=True)
        reported(hq, commit)
        hq.do("viktor", "AimRelease", id=hidden, releaseVersion="17.1.0", commit=commit)
    else:
        part = fixes.merge_request(hq, first, "master", embargoed=how not in {"conceal", "fix"})
    if how == "push":
        reported(hq, commit)
        hq.do("elif", "PushMergeRequest", id=part, head=commit, base="b" * 40)
    elif how == "merge":
        reported(hq, commit)
        fixes.signed(hq, part, first, "master")
        hq.do("rosa", "MergeMergeRequest", id=part, seen=1, mergeCommit=commit)
    elif how == "conceal":
        hq.do("quinn", "ConcealMergeRequest", id=part, reason="It is a hole.")
    elif how == "fix":
        fixes.lines(hq)
        fix = fixes.fix(hq)["id"]
        hq.do("elif", "AddSecurityFixMergeRequest", id=fix, mergeRequest=part)
    assert seeing(hq, commit)["nils"] == 0
    assert seeing(hq, commit)["quinn"] >= 1
    if how in {"open", "push", "merge", "conceal"}:
        reveal_part(hq, part)
        assert seeing(hq, commit)["nils"] >= 1


@pytest.mark.req("X-05", "X-07")
def test_what_is_hidden_in_one_project_takes_no_report_from_another(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    number = next(numbers)
    commit = f"{number:040x}"
    reported(hq, commit, project="elsewhere/shop")
    fixes.merge_request(hq, number, "master")
    assert seeing(hq, commit) == {"quinn": 1, "nils": 1}
    reported(hq, commit, project="elsewhere/shop")
    assert seeing(hq, commit) == {"quinn": 2, "nils": 2}


@pytest.mark.req("S1-12", "X-07")
def test_what_is_reported_late_of_a_hidden_merge_request_hides_with_it(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    first, second, merge = (next(numbers) for _ in range(3))
    part = fixes.merge_request(hq, first, "master")
    head = f"{second:040x}"
    hq.do("elif", "PushMergeRequest", id=part, head=head, base="b" * 40)
    for rule, who in (("appsec", "quinn"), ("maintainer", "rosa")):
        hq.do(who, "SignOffMergeRequest", id=part, rule=rule, seen=2)
    reported(hq, head, name="pipeline")
    hq.do("elif", "AssignMergeRequest", id=part, assignee=hq.id("release-bot"))
    told = {"id": part, "seen": 2, "mergeCommit": f"{merge:040x}"}
    hq.do("rosa", "MergeMergeRequest", **told)
    for number in (first, second, merge):
        reported(hq, f"{number:040x}")
        assert seeing(hq, f"{number:040x}")["nils"] == 0
    reveal_part(hq, part)
    for number in (first, merge):
        assert seeing(hq, f"{number:040x}") == {"quinn": 1, "nils": 1}


EDIT = "mutation($i: EditCommentInput!) { editComment(input: $i) { problems { code } } }"


@pytest.mark.req("S1-12")
def test_what_turns_out_a_vulnerability_hides_with_what_was_said_of_it(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    number = next(numbers)
    part = fixes.merge_request(hq, number, "master", embargoed=False)
    hq.do("nils", "WriteComment", about="MERGE_REQUEST", subject=part, body="Is this a hole?")
    asked = """query($i: ID!) { mergeRequest(id: $i) { id } history(id: $i) { totalCount { count } }
      comments(filter: {subject: $i}) { totalCount { count } edges { node { id body } } } }"""
    shown = hq.post("nils", asked, {"i": part}).json()["data"]
    assert shown["comments"]["totalCount"]["count"] == 1
    assert "forbidden" in hq.refused("uma", "ConcealMergeRequest", id=part, reason="A hole.")
    told = {"project": fixes.PROJECT, "name": "pipeline", "outcome": "FAILED"}
    hq.do("build-bot", "ReportEvidence", **told, subject=f"{number:040x}")
    release = fixes.monthly(hq)
    hq.do("viktor", "IncludeRelease", id=release, mergeRequests=[part])
    hq.do("quinn", "ConcealMergeRequest", id=part, reason="It is a hole.")
    hidden = hq.post("nils", asked, {"i": part}).json()["data"]
    assert hidden == {
        "mergeRequest": None,
        "history": {"totalCount": {"count": 0}},
        "comments": {"totalCount": {"count": 0}, "edges": []},
    }
    assert hq.post("quinn", asked, {"i": part}).json()["data"]["comments"] == shown["comments"]
    remark = shown["comments"]["edges"][0]["node"]["id"]
    for who in ("nils", "uma"):
        for id in (remark, global_id("Comment", "0" * 32)):
            edit = {"id": id, "body": "Now I know.", "seen": 1}
            told = hq.post(who, EDIT, {"i": edit}).json()["data"]["editComment"]
            assert [each["code"] for each in told["problems"]] == ["not_found"]
    assert hq.post("quinn", asked, {"i": part}).json()["data"]["comments"] == shown["comments"]
    told = hq.ask("quinn", "MergeRequestExposure", id=part)
    seen = [(each["kind"], each["actor"]["handle"]) for each in told["shownBefore"]]
    assert seen == [
        ("merge_request.opened", fixes.engineer(hq)),
        ("comment.written", "nils"),
        ("evidence.reported", "build-bot"),
        ("release.included", "viktor"),
        ("inclusion.added", "viktor"),
    ]
    records = [each["record"] for each in told["shownBefore"]]
    assert (records[0], records[1], records[3]) == (part, remark, release)
    acts = {each["person"]["handle"]: each["acts"] for each in told["onlookers"]}
    assert (acts["quinn"], acts["rosa"], acts[fixes.engineer(hq)]) == (1, 0, 0)
    assert "uma" not in acts
    again = hq.refused("quinn", "ConcealMergeRequest", id=part, reason="It is a hole.")
    assert again == ["embargoed"]


IN_RELEASE = """query($i: ID!) {
  inclusions(filter: {release: $i, included: true}) { totalCount { count } edges { node { kind } } }
  release(id: $i) { itemCount impact { others } can(action: PUBLISH) { verdict { findings {
    requirement status code message missing } } } matrix { cells { findings {
    requirement status code message missing } } } }
}"""


@pytest.mark.req("S1-12", "S3-03", "X-07")
@pytest.mark.parametrize("how", ["conceal", "fix"])
def test_what_is_hidden_leaves_releases_in_the_open_and_its_progress_is_told_by_none(
    hq: Headquarters, numbers: Iterator[int], how: str
) -> None:
    number = next(numbers)
    hole = fixes.merge_request(hq, number, "master", embargoed=False)
    other = fixes.merge_request(hq, next(numbers), "master", embargoed=False)
    without, holding, answering = (fixes.monthly(hq) for _ in range(3))
    for id in (without, holding):
        hq.do("viktor", "IncludeRelease", id=id, mergeRequests=[other])
    hq.do("viktor", "IncludeRelease", id=holding, mergeRequests=[hole])
    commit = {"commit": f"{number:040x}", "coveredBy": hole}
    hq.do("viktor", "IncludeRelease", id=answering, commits=[commit])
    if how == "conceal":
        hq.do("quinn", "ConcealMergeRequest", id=hole, reason="It is a hole.")
    else:
        fixes.lines(hq)
        fix = fixes.fix(hq)["id"]
        hq.do("elif", "AddSecurityFixMergeRequest", id=fix, mergeRequest=hole)
    releases = (without, holding, answering)
    before = [hq.post("nils", IN_RELEASE, {"i": id}).json() for id in releases]
    fixes.signed(hq, hole, number, "master")
    hq.do("rosa", "MergeMergeRequest", id=hole, seen=1)
    after = [hq.post("nils", IN_RELEASE, {"i": id}).json() for id in releases]
    assert before == after
    assert all("errors" not in each for each in before)
    assert before[0] == before[1]
    assert before[0]["data"]["inclusions"]["totalCount"]["count"] == 1
    kept = hq.ask("nils", "History", id=holding)["edges"][0]["node"]
    assert kept["kind"] == "release.excluded"
    assert "hole" not in str(kept)


ACCORDS = """query($i: ID!) { accords(filter: {subject: $i}) { totalCount { count } edges { node {
  id kind terms { wording } } } } node(id: $i) { id } }"""


@pytest.mark.req("S1-12", "S1-54", "X-05")
@pytest.mark.parametrize("how", ["conceal", "fix"])
def test_what_is_hidden_takes_the_accords_about_it_along(
    hq: Headquarters, numbers: Iterator[int], how: str
) -> None:
    hole = fixes.merge_request(hq, next(numbers), "master", embargoed=False)
    told = {"playbook": "planned_patch", "kind": "revert", "subject": hole}
    terms = {"wording": "It takes the service down.", "path": "take_back"}
    accord = hq.do("quinn", "ProposeAccord", **told, terms=terms)["id"]
    made_up = global_id("Accord", "0" * 32)
    shown = hq.post("nils", ACCORDS, {"i": hole}).json()["data"]["accords"]
    assert shown["totalCount"]["count"] == 1
    if how == "conceal":
        hq.do("quinn", "ConcealMergeRequest", id=hole, reason="It is a hole.")
    else:
        fixes.lines(hq)
        fix = fixes.fix(hq)["id"]
        hq.do("elif", "AddSecurityFixMergeRequest", id=fix, mergeRequest=hole)
    assert hq.post("nils", ACCORDS, {"i": hole}).json()["data"] == {
        "accords": {"totalCount": {"count": 0}, "edges": []},
        "node": None,
    }
    for id in (accord, made_up):
        given = {"id": id, "rule": "appsec", "seen": 1, "reason": "Why?"}
        assert hq.refused("nils", "ObjectToAccord", **given) == ["not_found"]
        asked = "query($i: ID!) { history(id: $i) { edges { cursor } } }"
        assert hq.post("nils", asked, {"i": id}).json()["data"]["history"] in (None, {"edges": []})
    assert hq.post("quinn", ACCORDS, {"i": hole}).json()["data"]["accords"] == shown
    before = hq.ask("quinn", "MergeRequestExposure", id=hole)["shownBefore"]
    assert ("accord.proposed", accord) in {(each["kind"], each["record"]) for each in before}
    if how == "conceal":
        reveal = "mutation($i: ID!) { revealMergeRequest(input: {id: $i}) { problems { code } } }"
        for who in ("noor", "viktor"):
            told = hq.post(who, reveal, {"i": hole}).json()["data"]["revealMergeRequest"]
            assert told == {"problems": []}
        assert hq.post("nils", ACCORDS, {"i": hole}).json()["data"]["accords"] == shown


@pytest.mark.req("S1-12", "S1-50")
def test_what_is_taken_off_a_hidden_fix_is_shown_by_two_others(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    fixes.lines(hq)
    fix, part = fixes.fix(hq)["id"], fixes.merge_request(hq, next(numbers), "master")
    hq.do("elif", "AddSecurityFixMergeRequest", id=fix, mergeRequest=part)

    def reveal(who: str) -> list[str]:
        asked = "mutation($i: ID!) { revealMergeRequest(input: {id: $i}) { problems { code } } }"
        told = hq.post(who, asked, {"i": part}).json()["data"]["revealMergeRequest"]
        return [each["code"] for each in told["problems"]]

    assert reveal("viktor") == ["part_of_fix"]
    gone = {"id": fix, "mergeRequest": part}
    remove = """mutation($i: RemoveSecurityFixMergeRequestInput!) {
      removeSecurityFixMergeRequest(input: $i) { problems { code } } }"""
    hq.post("quinn", remove, {"i": gone})
    node = "query($i: ID!) { node(id: $i) { id } }"
    for who in ("quinn", "noor"):
        assert reveal(who) == ["part_of_fix"]
        assert hq.post("olga", node, {"i": part}).json()["data"] == {"node": None}
    assert reveal("viktor") == []
    assert hq.post("olga", node, {"i": part}).json()["data"] == {"node": None}
    assert reveal("wren") == []
    assert hq.post("olga", node, {"i": part}).json()["data"] == {"node": {"id": part}}


@pytest.mark.req("S1-12", "S1-27", "S1-50")
def test_nobody_alone_shows_a_hidden_fix_by_dismissing_it_or_another_one(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    fixes.lines(hq)
    fix, part = fixes.fix(hq)["id"], fixes.merge_request(hq, next(numbers), "master")
    hq.do("elif", "AddSecurityFixMergeRequest", id=fix, mergeRequest=part)
    other, left = fixes.fix(hq)["id"], fixes.merge_request(hq, next(numbers), "master")
    hq.do("elif", "AddSecurityFixMergeRequest", id=other, mergeRequest=left)
    told(hq, "quinn", "removeSecurityFixMergeRequest", id=other, mergeRequest=left)
    hq.do("elif", "AddSecurityFixMergeRequest", id=fix, mergeRequest=left)
    assert told(hq, "quinn", "dismissSecurityFix", id=fix, reason="It is none.") == []
    node = "query($i: ID!) { node(id: $i) { id } }"
    for who in ("quinn", "noor"):
        assert told(hq, who, "revealSecurityFix", id=fix) == ["needs_second_person"]
    for id in (fix, part, left):
        assert hq.post("olga", node, {"i": id}).json()["data"] == {"node": None}
    assert told(hq, "viktor", "revealSecurityFix", id=fix) == []
    for id in (fix, part):
        assert hq.post("olga", node, {"i": id}).json()["data"] == {"node": {"id": id}}
    assert hq.post("olga", node, {"i": left}).json()["data"] == {"node": None}
    assert told(hq, "quinn", "revealMergeRequest", id=left) == ["part_of_fix"]
    for who in ("viktor", "wren"):
        assert told(hq, who, "revealMergeRequest", id=left) == []
    assert hq.post("olga", node, {"i": left}).json()["data"] == {"node": {"id": left}}
    asked = "query($i: ID!) { securityFix(id: $i) { dismissedBy { handle } } }"
    found = hq.post("olga", asked, {"i": fix}).json()["data"]["securityFix"]
    assert found == {"dismissedBy": {"handle": "quinn"}}


def told(hq: Headquarters, who: str, act: str, **given: Any) -> list[str]:
    """Why an act is refused; nothing if it is not."""
    noun = act[0].upper() + act[1:]
    document = f"mutation($i: {noun}Input!) {{ done: {act}(input: $i) {{ problems {{ code }} }} }}"
    answer = hq.post(who, document, {"i": given}).json()
    return [each["code"] for each in answer["data"]["done"]["problems"]]


@pytest.mark.req("S1-12", "S1-50", "X-04")
def test_two_others_show_what_somebody_dismissed_who_may_no_more(hq: Headquarters) -> None:
    fixes.lines(hq)
    account = hq.hire("dismisser", None)
    grant = hq.give(account, Role("role:appsec", "project", fixes.PROJECT))
    fix = fixes.fix(hq)["id"]
    assert told(hq, "dismisser", "dismissSecurityFix", id=fix, reason="It is none.") == []
    hq.do("ada", "RevokeGrant", id=grant, reason="They moved on.")
    asked = "query($i: ID!) { securityFix(id: $i) { revealProposals { proposedBy { handle } } } }"
    for who, said in (("viktor", [{"proposedBy": {"handle": "viktor"}}]), ("wren", [])):
        assert hq.post("olga", asked, {"i": fix}).json()["data"] == {"securityFix": None}
        assert told(hq, who, "revealSecurityFix", id=fix) == []
        found = hq.post("viktor", asked, {"i": fix}).json()["data"]["securityFix"]
        assert found == {"revealProposals": said}
    assert hq.post("olga", asked, {"i": fix}).json()["data"]["securityFix"] is not None


@pytest.mark.req("S1-22", "X-06")
def test_release_managers_of_the_product_are_named_to_enter_its_lines(hq: Headquarters) -> None:
    hq.hire("liner", None, Role("role:release_manager", "service", "lineless"))
    fix = fixes.fix(hq, service="lineless")["id"]
    asked = """query($i: ID!) { securityFix(id: $i) { can(action: LINK) {
      verdict { findings { code } }
      explanation { ways { acts { action people { handle } } } } } } }"""
    found = hq.post("noor", asked, {"i": fix}).json()["data"]["securityFix"]["can"]
    assert "versions_unknown" in {each["code"] for each in found["verdict"]["findings"]}
    acts = [act for way in found["explanation"]["ways"] for act in way["acts"]]
    named = [each["people"] for each in acts if each["action"] == "stable_line.enter"]
    assert {"handle": "liner"} in named[0]


# Intake, and the queue.

REPORT = {"service": fixes.PRODUCT, "project": fixes.PROJECT, "title": "Uploads leave their folder"}


def reports(hq: Headquarters, who: str) -> dict[str, Any]:
    """The reports somebody sees, by id."""
    found = hq.ask(who, "VulnerabilityReports", filter={"project": fixes.PROJECT}, first=100)
    return {edge["node"]["id"]: edge["node"] for edge in found["edges"]}


@pytest.mark.req("S1-12", "S1-18", "S1-55")
def test_a_reporter_sees_their_own_report_and_nothing_of_the_fix_that_comes_of_it(
    hq: Headquarters,
) -> None:
    told = {**REPORT, "description": "Ask for ../../etc.", "credit": "Nils"}
    mine = hq.do("nils", "SubmitVulnerabilityReport", **told)["id"]
    other = hq.do("olga", "SubmitVulnerabilityReport", **told)["id"]
    assert mine in reports(hq, "nils")
    assert other not in reports(hq, "nils")
    assert {mine, other} <= reports(hq, "quinn").keys()
    for outsider in ("uma", "wanda", "rosa", fixes.engineer(hq)):
        assert reports(hq, outsider).keys().isdisjoint((mine, other))
    how = {"playbook": "security", "kind": "vulnerability"}
    refused = hq.refused("uma", "AcceptVulnerabilityReport", id=mine, **how)
    assert refused == ["not_found"]
    hq.do("quinn", "AcceptVulnerabilityReport", id=mine, answer="We are on it.", **how)
    hq.do("quinn", "DismissVulnerabilityReport", id=other, answer="It is known.")
    assert reports(hq, "nils")[mine]["answer"] == "We are on it."
    title = REPORT["title"]
    assert title not in {each["title"] for each in fixes.every(hq, "nils")}
    [made] = [
        each for each in fixes.every(hq, "quinn", status="ASSESSING") if each["title"] == title
    ]
    asked = """query($i: ID!) { history(id: $i, first: 50) { edges { node {
      kind details { name value } } } } }"""
    history = hq.post("nils", asked, {"i": mine}).json()["data"]["history"]["edges"]
    kinds = [edge["node"]["kind"] for edge in history]
    assert kinds == ["vulnerability_report.accepted", "vulnerability_report.submitted"]
    fix = read_id(made["id"], "SecurityFix") or "?"
    assert fix not in hq.post("nils", asked, {"i": mine}).text
    assert hq.post("nils", asked, {"i": made["id"]}).json()["data"]["history"]["edges"] == []


@pytest.mark.req("S1-10", "S1-40")
def test_the_queue_goes_by_severity_and_says_whom_each_fix_waits_for(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    fixes.lines(hq)
    month = fixes.NOW - timedelta(days=60)
    grave = fixes.fix(hq, title="Grave", knownSince=month.isoformat())["id"]
    low, fresh = (fixes.fix(hq, title=title)["id"] for title in ("Low", "Fresh"))
    hq.do("quinn", "AssessSecurityFix", id=low, severity="low")
    hq.do("quinn", "AssessSecurityFix", id=grave, severity="critical")
    part = fixes.merge_request(hq, next(numbers), "master")
    hq.do("quinn", "AddSecurityFixMergeRequest", id=grave, mergeRequest=part)
    found = hq.ask("quinn", "SecurityQueue", first=100)["edges"]
    queue = {edge["node"]["id"]: edge["node"] for edge in found}
    order = [id for id in queue if id in (grave, low, fresh)]
    assert order == [fresh, grave, low]
    assert [queue[id]["awaits"]["overdue"] for id in order] == [False, True, False]
    appsec = [(each["branch"], each["code"]) for each in queue[grave]["awaits"]["appsec"]]
    assert appsec == [("master", "approvals_missing")]
    others = {(each["branch"], each["code"]) for each in queue[grave]["awaits"]["others"]}
    assert ("master", "evidence_missing") in others
    assert ("17-0-stable", "merge_request_missing") in others
    assert [each["code"] for each in queue[fresh]["awaits"]["appsec"]] == ["not_assessed"]
    assert hq.ask("uma", "SecurityQueue", first=100)["edges"] == []


@pytest.mark.req("S1-18", "S1-55")
def test_a_clearance_is_given_for_a_time(hq: Headquarters) -> None:
    told = {"person": hq.id("nils"), "role": "role:cleared", "reason": "To help."}
    told |= {"scope": "PROJECT", "value": fixes.PROJECT}
    assert hq.refused("ada", "GiveGrant", **told) == ["until_missing"]
    late = (datetime.now(UTC) + timedelta(days=400)).isoformat()
    assert hq.refused("ada", "GiveGrant", **told, until=late) == ["until_too_far"]


@pytest.mark.req("S1-10", "S1-14", "X-05")
def test_who_found_it_neither_assesses_nor_dismisses_the_fix(hq: Headquarters) -> None:
    fix = fixes.fix(hq, reporter=hq.id("quinn"))["id"]
    for who in ("quinn", "noor"):
        assert hq.refused(who, "AssessSecurityFix", id=fix, severity="low") == ["own_find"]
    dismiss = """mutation($i: ID!) { dismissSecurityFix(input: {id: $i, reason: "Nothing."}) {
      problems { code } } }"""
    told = hq.post("quinn", dismiss, {"i": fix}).json()["data"]["dismissSecurityFix"]
    assert told == {"problems": [{"code": "own_find"}]}
    told = {"id": fix, "reporter": hq.id("quinn"), "reason": "I found it."}
    hq.do("quinn", "NameSecurityFixFinder", **told)
    hq.do("noor", "AssessSecurityFix", id=fix, severity="low")


PROPOSED = """query($i: ID!) { securityFix(id: $i) { finderProposals { reporter { handle }
  proposedBy { handle } } } }"""


@pytest.mark.req("S1-10", "S1-20", "X-04")
def test_a_finder_is_named_afterwards_by_another_and_signs_nothing_off(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    fixes.lines(hq)
    fix = fixes.fix(hq, "noor")["id"]
    part = fixes.merge_request(hq, next(numbers), "master")
    hq.do("elif", "AddSecurityFixMergeRequest", id=fix, mergeRequest=part)
    hq.do("quinn", "AssessSecurityFix", id=fix, severity="high")
    told = {"id": fix, "reporter": hq.id("rosa"), "reason": "It was they who told us."}
    assert hq.refused("noor", "NameSecurityFixFinder", **told) == ["own_find"]
    assert hq.refused("elif", "NameSecurityFixFinder", **told) == ["forbidden"]
    assert hq.refused("nils", "NameSecurityFixFinder", **told) == ["not_found"]
    assert hq.do("quinn", "NameSecurityFixFinder", **told)["reporter"] is None
    [waits] = hq.post("viktor", PROPOSED, {"i": fix}).json()["data"]["securityFix"][
        "finderProposals"
    ]
    assert waits == {"reporter": {"handle": "rosa"}, "proposedBy": {"handle": "quinn"}}
    named = hq.do("viktor", "NameSecurityFixFinder", **told)
    assert (named["reporter"]["handle"], named["severity"]) == ("rosa", "high")
    sign = {"id": part, "seen": 1}
    hq.do("noor", "SignOffMergeRequest", rule="appsec", **sign)
    refused = hq.refused("rosa", "SignOffMergeRequest", rule="maintainer", **sign)
    assert set(refused) == {"own_find", "own_change"}
    asked = "query($i: ID!) { history(id: $i) { edges { node { kind actor { handle } } } } }"
    found = hq.post("quinn", asked, {"i": fix}).json()["data"]["history"]["edges"]
    for kind, by in (("finder_proposed", "quinn"), ("finder_named", "viktor")):
        entry = {"kind": f"security_fix.{kind}", "actor": {"handle": by}}
        assert [each["node"] for each in found].count(entry) == 1


@pytest.mark.req("S1-20", "X-04")
def test_neither_of_application_security_strikes_the_other_out(hq: Headquarters) -> None:
    fix = fixes.fix(hq, fixes.engineer(hq))["id"]
    hq.do("quinn", "AssessSecurityFix", id=fix, severity="critical")
    told = {"id": fix, "reporter": hq.id("quinn"), "reason": "She told me."}
    named = hq.do("noor", "NameSecurityFixFinder", **told)
    assert (named["reporter"], named["severity"]) == (None, "critical")
    hq.do("quinn", "AssessSecurityFix", id=fix, severity="high")


@pytest.mark.req("S1-20", "X-04")
def test_a_word_of_oneself_frees_nobody_whom_two_agreed_on(hq: Headquarters) -> None:
    fix = fixes.fix(hq, fixes.engineer(hq))["id"]
    told = {"id": fix, "reason": "I know."}
    for who in ("quinn", "viktor"):
        hq.do(who, "NameSecurityFixFinder", reporter=hq.id("noor"), **told)
    named = hq.do("viktor", "NameSecurityFixFinder", reporter=hq.id("viktor"), **told)
    assert named["reporter"]["handle"] == "noor"
    asked = "query($i: ID!) { securityFix(id: $i) { finderProposals { ofSelf } } }"
    found = hq.post("quinn", asked, {"i": fix}).json()["data"]["securityFix"]
    assert found == {"finderProposals": [{"ofSelf": True}]}
    assert hq.refused("noor", "AssessSecurityFix", id=fix, severity="low") == ["own_find"]
    claim = """mutation($i: ID!) { claimSecurityFixFind(input: {id: $i, reason: "Me."}) {
      problems { code } } }"""
    for who, codes in (("rosa", []), ("elif", []), ("nils", ["not_found"])):
        said = hq.post(who, claim, {"i": fix}).json()["data"]["claimSecurityFixFind"]
        assert [each["code"] for each in said["problems"]] == codes
    bot = {"reporter": hq.id("release-bot")} | told
    assert hq.refused("viktor", "NameSecurityFixFinder", **bot) == ["machine"]


@pytest.mark.req("S1-20", "X-04")
def test_who_accepts_a_report_settles_its_fix_since_that_tells_who_found_it(
    hq: Headquarters,
) -> None:
    told = {"service": fixes.PRODUCT, "project": fixes.PROJECT, "title": "A hole that uma found"}
    told |= {"description": "Paths are not checked."}
    report = hq.do("uma", "SubmitVulnerabilityReport", **told)["id"]
    hq.do("noor", "AcceptVulnerabilityReport", id=report, playbook="security", kind="vulnerability")
    asked = "{ securityFixes(first: 100) { edges { node { id title } } } }"
    found = [e["node"] for e in hq.post("noor", asked).json()["data"]["securityFixes"]["edges"]]
    [fix] = [each for each in found if each["title"] == told["title"]]
    hq.do("noor", "AssessSecurityFix", id=fix["id"], severity="low")
    other = {"id": fix["id"], "reporter": hq.id("nils"), "reason": "It was they."}
    assert hq.refused("quinn", "NameSecurityFixFinder", **other) == ["finder_reported"]


@pytest.mark.req("S1-10", "S1-20")
def test_who_opens_a_fix_and_names_no_finder_counts_as_one(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    fixes.lines(hq)
    fix = fixes.fix(hq, "noor", credit="Somebody outside")["id"]
    assert hq.refused("noor", "AssessSecurityFix", id=fix, severity="low") == ["own_find"]
    part = fixes.merge_request(hq, next(numbers), "master")
    sign = {"id": part, "rule": "appsec", "seen": 1}
    hq.do("noor", "SignOffMergeRequest", **sign)
    hq.do("elif", "AddSecurityFixMergeRequest", id=fix, mergeRequest=part)
    assert hq.refused("noor", "SignOffMergeRequest", **sign) == ["own_find", "own_change"]
    asked = """query($i: ID!) { mergeRequest(id: $i) { can(action: MERGE) { verdict {
      findings { requirement code } } } } }"""
    told = hq.post("quinn", asked, {"i": part}).json()["data"]["mergeRequest"]["can"]["verdict"]
    assert {"requirement": "appsec", "code": "approvals_missing"} in told["findings"]
    hq.do("quinn", "SignOffMergeRequest", **sign)
    hq.do("quinn", "AssessSecurityFix", id=fix, severity="low")
