"""Who may know of something hidden comments on it, and the comment hides and reads with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.derived.identity import global_id
from tests.api.company import Headquarters
from tests.api.patches import PROJECT, Patch, commit, hire

COMMENTS = """query($s: ID!) { comments(filter: {subject: $s}) {
  totalCount { count } edges { node { id body subject } } } }"""
BY = """query($a: ID!) { comments(filter: {author: $a}, first: 100) {
  totalCount { count } edges { node { id } } } }"""
ONE = "query($i: ID!) { node(id: $i) { id } comment(id: $i) { body } }"
EDIT = "mutation($i: EditCommentInput!) { editComment(input: $i) { problems { code path } } }"
REVEAL = "mutation($i: RevealReleaseInput!) { revealRelease(input: $i) { problems { code } } }"
CONCEAL = """mutation($i: ConcealMergeRequestInput!) { concealMergeRequest(input: $i) {
  problems { code } } }"""
ASKED = {
    verb: f"mutation($i: {verb[0].upper()}{verb[1:]}Input!) {{ {verb}(input: $i) {{ {noun} {{ id }}"
    " problems { code message path } } }"
    for verb, noun in (
        ("writeComment", "comment"),
        ("requestExemption", "exemption"),
        ("openMergeRequest", "mergeRequest"),
    )
}
NOTHING: dict[str, Any] = {"totalCount": {"count": 0}, "edges": []}
NEVER = global_id("Comment", "0" * 32)
SAID = "The hole is in the parser."
OUTSIDERS = ("olga", "wanda", "uma")
LOG = {"filter": {"aggregate": "comment"}, "first": 50}


@pytest.fixture(scope="session")
def crew(hq: Headquarters) -> Headquarters:
    """The company with those who take part in patches."""
    hire(hq)
    return hq


def told_of(hq: Headquarters, who: str, author: str, comment: str, subject: str) -> list[Any]:
    """All that somebody is told of a comment, by any road."""
    edit = {"id": comment, "seen": 1, "body": "Mine."}
    return [
        hq.post(who, COMMENTS, {"s": subject}).json(),
        hq.post(who, BY, {"a": hq.id(author)}).json(),
        hq.post(who, ONE, {"i": comment}).json(),
        hq.ask(who, "History", id=comment, first=9)["edges"],
        hq.post(who, EDIT, {"i": edit}).json(),
        hq.ask("wanda", "Events", **LOG),
    ]


@pytest.mark.req("S1-12", "S0-12")
def test_a_comment_on_something_hidden_is_there_for_who_may_know_of_that_alone(
    crew: Headquarters,
) -> None:
    hq, patch = crew, Patch(crew)
    fix, made = patch.complete()
    for about, subject, by in (
        ("SECURITY_FIX", fix, "mads"),
        ("MERGE_REQUEST", made[0][0], "dina"),
        ("RELEASE", patch.id, "rhea"),
    ):
        noun = {"SECURITY_FIX": "SecurityFix", "MERGE_REQUEST": "MergeRequest"}.get(
            about, "Release"
        )
        never = global_id(noun, "0" * 32)
        before = {who: told_of(hq, who, by, NEVER, never) for who in OUTSIDERS}
        said = {"about": about, "subject": subject, "body": SAID, "idempotencyKey": "k" + about}
        comment = hq.do(by, "WriteComment", **said)["id"]
        assert hq.do(by, "WriteComment", **said)["id"] == comment
        for who in OUTSIDERS:
            assert told_of(hq, who, by, comment, subject) == before[who]
            for each in (subject, never):
                told = {"about": about, "subject": each, "body": "?"}
                assert hq.refused(who, "WriteComment", **told) == ["unknown_subject"]
        shown = hq.post("saga", COMMENTS, {"s": subject}).json()["data"]["comments"]
        node = {"id": comment, "body": SAID, "subject": subject}
        assert shown == {"totalCount": {"count": 1}, "edges": [{"node": node}]}
        answer = hq.post(by, EDIT, {"i": {"id": comment, "seen": 1, "body": SAID + "!"}}).json()
        assert answer["data"]["editComment"] == {"problems": []}
        for who in OUTSIDERS:
            assert told_of(hq, who, by, comment, subject) == before[who]
    patch.do("AbortRelease", reason="Only asked.")


@pytest.mark.req("S1-50", "S0-13")
def test_it_reads_for_everybody_once_that_is_shown(crew: Headquarters) -> None:
    hq, patch = crew, Patch(crew)
    said = {"about": "RELEASE", "subject": patch.id, "body": SAID}
    comment = hq.do("rhea", "WriteComment", **said)["id"]
    assert hq.post("olga", COMMENTS, {"s": patch.id}).json()["data"]["comments"] == NOTHING
    patch.do("AbortRelease", reason="Only asked.")
    revealed = hq.post("rune", REVEAL, {"i": {"id": patch.id}}).json()["data"]["revealRelease"]
    assert revealed == {"problems": []}
    for who in ("olga", "saga"):
        node = {"id": comment, "body": SAID, "subject": patch.id}
        shown = hq.post(who, COMMENTS, {"s": patch.id}).json()["data"]["comments"]
        assert shown == {"totalCount": {"count": 1}, "edges": [{"node": node}]}
        assert hq.post(who, ONE, {"i": comment}).json()["data"]["comment"] == {"body": SAID}
        [entry] = hq.ask(who, "History", id=comment, first=9)["edges"]
        assert entry["node"]["kind"] == "comment.written"
    hq.do("olga", "WriteComment", about="RELEASE", subject=patch.id, body="So that is why.")


@pytest.mark.req("S1-12", "X-05")
def test_a_replay_about_what_was_hidden_since_answers_as_if_that_had_never_been(
    crew: Headquarters,
) -> None:
    hq = crew
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    terms = {"title": "Stop", "kind": "HARD", "until": until, "environments": ["release"]}
    lock = hq.do("rhea", "DeclareLock", terms={**terms, "exempters": [hq.id("saga")]})["id"]

    def ask(who: str, verb: str, **given: Any) -> Any:
        return hq.post(who, ASKED[verb], {"i": given}).json()["data"][verb]

    opening: dict[str, Any] = {"playbook": "planned_patch", "kind": "bug_fix", "project": PROJECT}
    opening |= {"target": "master", "head": commit(), "base": "b" * 40, "title": "Mend it"}
    opening |= {"number": 9_001, "idempotencyKey": "opened"}
    opened = ask("uma", "openMergeRequest", **opening)
    request, never = opened["mergeRequest"]["id"], global_id("MergeRequest", "0" * 32)
    done = (
        ("writeComment", {"about": "MERGE_REQUEST", "body": "Is it a hole?"}, "subject"),
        ("requestExemption", {"lock": lock, "reason": "It is urgent."}, "mergeRequest"),
    )
    for verb, given, named in done:
        first = ask("olga", verb, **given, **{named: request}, idempotencyKey=verb)
        assert first["problems"] == []
        assert ask("olga", verb, **given, **{named: request}, idempotencyKey=verb) == first
    told = hq.post("saga", CONCEAL, {"i": {"id": request, "reason": "It is a hole."}}).json()
    assert told["data"]["concealMergeRequest"] == {"problems": []}
    for verb, given, named in done:
        again = ask("olga", verb, **given, **{named: request}, idempotencyKey=verb)
        assert again == ask("olga", verb, **given, **{named: never})
        assert [(e["code"], e["path"]) for e in again["problems"]] == [("unknown_subject", [named])]
        before = ask("saga", verb, **given, **{named: request}, idempotencyKey="of saga")
        assert before["problems"] == []
    assert ask("uma", "openMergeRequest", **opening) == opened, "it is theirs to carry on"
    hq.do("rhea", "LiftLock", id=lock, reason="Only asked.")
    [first, *_] = (given for verb, given, _ in done if verb == "requestExemption")
    over = {**first, "mergeRequest": request, "idempotencyKey": "requestExemption"}
    told = ask("olga", "requestExemption", **over)["problems"]
    assert [each["code"] for each in told] == ["unknown_lock", "unknown_subject"]


@pytest.mark.req("S1-12", "X-07")
def test_who_commented_on_something_hidden_is_told_of_among_those_who_acted_on_it(
    crew: Headquarters,
) -> None:
    patch = Patch(crew)
    assert acted(crew, patch.id)["saga"] == 0, "she may have looked, which nobody records"
    written = crew.do("saga", "WriteComment", about="RELEASE", subject=patch.id, body=SAID)["id"]
    assert crew.post("saga", EDIT, {"i": {"id": written, "seen": 1, "body": "Ours."}}).json() == {
        "data": {"editComment": {"problems": []}}
    }
    assert acted(crew, patch.id)["saga"] == 2
    assert acted(crew, patch.id)["rhea"] == 1, "who planned it"
    patch.do("AbortRelease", reason="Not this month.")


def acted(hq: Headquarters, release: str) -> dict[str, int]:
    """How often those acted on a hidden release who could see it."""
    told = hq.ask("quinn", "ReleaseOnlookers", id=release)["onlookers"]
    return {each["person"]["handle"]: each["acts"] for each in told}
