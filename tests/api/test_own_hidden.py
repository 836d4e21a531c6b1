"""Whoever writes or opens a hidden merge request carries it on, and sees nothing else hidden."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.deployment import REGISTRY
from api.derived.identity import global_id
from domain.belonging import ALONG, BELONGING, CARRIED
from ledger.registry import Registry
from tests.api import test_two_worlds as requests
from tests.api import test_two_worlds_fixes as fixes
from tests.api.test_merge_request_queries import PROJECT
from tests.api.test_two_worlds import plain

NEVER = global_id("MergeRequest", "0" * 32)
POSSIBLE = """{ allowed verdict { findings { requirement status code message missing evidence } }
  explanation { ways { acts { action people { handle } } } } }"""
SEEN = f"""query($i: ID!) {{ mergeRequest(id: $i) {{ id version number title status embargoed
  revision fix {{ id title }} author {{ handle }} contributors {{ handle }} voided alarms
  signOffs {{ status missing }} onlookers {{ acts }} shownBefore {{ kind }}
  merge: can(action: MERGE) {POSSIBLE} revert: can(action: REVERT) {POSSIBLE} }} }}"""
HISTORY = """query($i: ID!) { history(id: $i, first: 50) { totalCount { count } edges { node { kind
  version actor { handle } details { name value } } } } }"""
LISTED = """query($f: MergeRequestFilter) {
  mergeRequests(first: 50, filter: $f) { totalCount { count } edges { node { id number } } }
  securityFixes(first: 50) { edges { node { id } } } releases(first: 50) { edges { node { id } } }
  mergeRequestsAwaitingMe { edges { node { rule } } } accords(first: 50) { edges { node { id } } }
  evidenceReports(first: 50) { edges { node { name subject outcome } } }
  comments(first: 50) { edges { node { body } } } }"""
PAST = """query($i: ID!, $t: DateTime!) { mergeRequest(id: $i, asOf: {time: $t}) {
  version title fix { id } signOffs { status }
  can(action: MERGE) { verdict { findings { code } } } } }"""


class Authors(requests.World):
    """An office in which dora, who is not cleared, may open a hidden merge request."""

    def __init__(self, folder: Path, database: str) -> None:
        """Let dora in, whom an administrator makes a developer."""
        super().__init__(folder, database)
        office = self.office
        for handle in ("dora", "ada"):
            office.people[handle] = office.person(handle)
        office.grant("ada", "administrator")
        given: dict[str, Any] = {
            "person": office.people["dora"],
            "role": "role:developer",
            "reason": "Needed.",
            **PROJECT,
        }
        office.desk.ask("grant.give", by=office.people["ada"], **given)

    def hide(self) -> None:
        """Open one and carry it on: push, close."""
        self.hidden = self.opened("dora", 7, embargoed=True, title="Close the hole")
        head = {"head": "c" * 40, "base": "b" * 40}
        for verb, given in (
            ("pushMergeRequest", head),
            ("closeMergeRequest", {"reason": "Not yet."}),
        ):
            assert self.ask("dora", verb, id=self.hidden, **given)["data"] == {
                verb: {"problems": []}
            }
        self.on_one("ivo", "paul", self.hidden)

    def live(self) -> None:
        """What happens in both worlds; dora tries what is for the cleared, too."""
        super().live()
        for verb, given in (("signOff", {"rule": "reviews"}), ("merge", {})):
            self.hear_of("dora", f"{verb}MergeRequest", id=self.hidden, seen=1, **given)


@pytest.fixture
def authors(tmp_path: Path, office_database: str) -> Iterator[Authors]:
    """The office of dora."""
    world = Authors(tmp_path, office_database)
    yield world
    world.office.close()


@pytest.mark.req("X-05", "S1-12")
def test_no_outsider_can_tell_that_somebody_works_on_a_hidden_one_of_their_own(
    authors: Authors, tmp_path_factory: pytest.TempPathFactory
) -> None:
    bright = Authors(tmp_path_factory.mktemp("bright"), "")
    authors.hide()
    for world in (authors, bright):
        world.live()
        world.look()
    told, untold = plain(authors.told), plain(bright.told)
    bright.office.close()
    for with_it, without in zip(told, untold, strict=True):
        assert json.loads(with_it) == json.loads(without)
    assert "Close the hole" not in "".join(authors.told)


def test_who_opens_it_sees_it_and_who_wrote_it_does(authors: Authors) -> None:
    office, mia = authors.office, authors.office.id("mia")
    own = authors.opened("dora", 7, embargoed=True)
    hers = authors.opened("dora", 8, embargoed=True, author=mia)
    other = authors.opened("ivo", 9, embargoed=True, contributors=[office.id("dora")])
    for id, allowed in ((own, {"dora", "ivo"}), (hers, {"dora", "mia", "ivo"}), (other, {"ivo"})):
        for by in ("dora", "mia", "ivo", "rita", "ava", "aud"):
            found = office.data(SEEN, by, i=id)["mergeRequest"]
            assert bool(found) == (by in allowed), (id, by)
    listed = office.data(LISTED, "dora")["mergeRequests"]
    assert {each["node"]["number"] for each in listed["edges"]} == {7, 8}
    assert listed["totalCount"]["count"] == 2
    told = office.data(SEEN, "ivo", i=hers)["mergeRequest"]["onlookers"]
    assert len(told) == len({"ivo", "paul", "dora", "mia"}) + len({"ivo as maintainer"})
    for id, code in ((own, []), (hers, []), (other, ["not_found"])):
        told = authors.ask("dora", "closeMergeRequest", id=id, reason="Not now.")["data"]
        assert [each["code"] for each in told["closeMergeRequest"]["problems"]] == code


@pytest.mark.req("S2-02", "S1-12")
def test_whom_others_named_as_the_author_of_a_hidden_one_says_no(authors: Authors) -> None:
    office, mia = authors.office, authors.office.id("mia")
    hers = authors.opened("dora", 8, embargoed=True, author=mia)
    document = """mutation($i: AssignMergeRequestInput!) {
      assignMergeRequest(input: $i) { problems { code } } }"""
    told = office.data(document, "dora", i={"id": hers, "assignee": mia})
    assert told == {"assignMergeRequest": {"problems": []}}
    verb = "declineMergeRequestAuthorship"
    document = f"""mutation($i: DeclineMergeRequestAuthorshipInput!) {{
      {verb}(input: $i) {{ problems {{ code }} }} }}"""
    for by, codes in (("mia", []), ("dora", ["own_change"]), ("rita", ["not_found"])):
        told = office.data(document, by, i={"id": hers})[verb]["problems"]
        assert [each["code"] for each in told] == codes, by
    for by in ("mia", "dora"):
        told = office.data(HISTORY, by, i=hers)["history"]["edges"]
        kinds = {each["node"]["kind"] for each in told}
        declined = {"merge_request.opened", "merge_request.authorship_declined"}
        assert kinds == declined | {"merge_request.assigned"}
        assert office.data(SEEN, by, i=hers)["mergeRequest"]["version"] == len(kinds)
    agree = "agreeToMergeRequestDecline"
    document = f"""mutation($i: AgreeToMergeRequestDeclineInput!) {{
      {agree}(input: $i) {{ problems {{ code }} }} }}"""
    agreed = office.data(document, "ivo", i={"id": hers, "person": mia})
    assert agreed[agree]["problems"] == []
    assert office.data(SEEN, "mia", i=hers)["mergeRequest"] is None, "it is theirs no more"
    held = "query($i: ID!) { mergeRequest(id: $i) { assignee { handle } } }"
    assert office.data(held, "dora", i=hers)["mergeRequest"]["assignee"] is None
    assert office.data(HISTORY, "mia", i=hers)["history"]["edges"] == []
    assert office.data(LISTED, "mia")["mergeRequests"]["edges"] == []
    assert office.data(SEEN, "dora", i=hers)["mergeRequest"]["id"] == hers
    document = """query($i: ID!) { mergeRequest(id: $i) {
      onlookers { person { handle } grant { id } until } } }"""
    told = office.data(document, "ivo", i=hers)["mergeRequest"]["onlookers"]
    [own] = [each for each in told if each["person"]["handle"] == "mia"]
    assert own["grant"] is None
    assert own["until"] is not None


class Tied(fixes.World):
    """An office in which rita, who is not cleared, wrote a merge request that is hidden."""

    def live_with_it(self, *, tied: bool) -> None:
        """It is hidden, and tied to a fix whose finder is mia, or to none; she carries it on."""
        office = self.office
        self.mine = self.opening("rita", 3, "master", embargoed=True)
        self.evidence("3" * 40, "PASSED")
        if tied:
            self.tie()
        self.told = []
        self.hear_all()
        for verb, given in (
            ("pushMergeRequest", {"head": "d" * 40, "base": "b" * 40}),
            ("retargetMergeRequest", {"target": "17-6-stable", "base": "b" * 40}),
            ("assignMergeRequest", {"assignee": office.id("rita")}),
            ("closeMergeRequest", {"reason": "Not yet."}),
            ("reopenMergeRequest", {}),
            ("signOffMergeRequest", {"seen": 1, "rule": "maintainer"}),
            ("mergeMergeRequest", {"seen": 1}),
            ("writeComment", {"about": "MERGE_REQUEST", "subject": self.mine, "body": "Hm."}),
        ):
            named = {} if verb == "writeComment" else {"id": self.mine}
            found = self.ask("rita", verb, **named, **given)
            self.told.append(json.dumps([verb, found]))
            if given.keys() <= {"head", "base", "target", "assignee", "reason"}:
                assert found["data"] == {verb: {"problems": []}}
        self.hear_all()

    def tie(self) -> None:
        """Make it a part of a hidden fix, signed off in the meantime, and talked about."""
        how = {"playbook": "security", "kind": "vulnerability"}
        opening = {**how, **fixes.PLACE, "title": fixes.TITLE, "reporter": self.office.id("mia")}
        self.fix = self.do("eng", "openSecurityFix", "securityFix", **opening)
        told = self.ask("eng", "addSecurityFixMergeRequest", id=self.fix, mergeRequest=self.mine)
        assert told["data"] == {"addSecurityFixMergeRequest": {"problems": []}}
        told = self.ask("sec", "signOffMergeRequest", id=self.mine, seen=1, rule="appsec")
        assert told["data"] == {"signOffMergeRequest": {"problems": []}}
        agreed = {"playbook": "security", "kind": "revert", "subject": self.mine}
        self.ask("sec", "proposeAccord", **agreed, terms={"wording": fixes.TITLE})

    def hear_all(self) -> None:
        """Everything rita can ask for."""
        for document in (SEEN, HISTORY):
            self.hear("rita", document, i=self.mine)
        self.hear("rita", LISTED)
        self.hear("rita", LISTED, f={"fix": self.fix})


@pytest.mark.req("X-05", "S1-12")
def test_an_author_learns_nothing_of_the_fix_that_it_became_a_part_of(
    tmp_path_factory: pytest.TempPathFactory, office_database: str
) -> None:
    answers = []
    for place, tied in ((office_database, True), ("", False)):
        world = Tied(tmp_path_factory.mktemp("tied" if tied else "loose"), place)
        world.live_with_it(tied=tied)
        cleared = world.office.data(SEEN, "sec", i=world.mine)["mergeRequest"]
        assert bool(cleared["fix"]) == tied
        assert cleared["signOffs"]
        answers.append(plain(world.told))
        world.office.close()
    for nth, (tied_one, loose) in enumerate(zip(*answers, strict=True)):
        assert json.loads(tied_one) == json.loads(loose), nth
    seen, history, listed, by_fix, *_ = map(json.loads, answers[0])
    found = seen["data"]["mergeRequest"]
    assert (found["title"], found["fix"], found["signOffs"]) == ("Number 3", None, [])
    assert found["merge"]["verdict"]["findings"][0]["code"] == "needs_clearance"
    kinds = [each["node"]["kind"] for each in history["data"]["history"]["edges"]]
    assert kinds == ["merge_request.opened"]
    assert found["version"] == 1
    assert listed["data"]["evidenceReports"]["edges"] != []
    assert by_fix["data"]["mergeRequests"]["totalCount"]["count"] == 0
    assert fixes.TITLE not in "".join(answers[0])


@pytest.mark.req("S1-12")
def test_an_author_carries_on_what_application_security_conceals(
    tmp_path: Path, office_database: str
) -> None:
    world = Tied(tmp_path, office_database)
    id = world.opening("rita", 3, "master")
    about = {"about": "MERGE_REQUEST", "subject": id}
    for by in ("rita", "ava"):
        world.ask(by, "writeComment", **about, body=f"Of {by}.")
    own, others = (
        each["node"]["id"]
        for by in ("rita", "ava")
        for each in world.office.data(
            "query($a: ID!) { comments(filter: {author: $a}) { edges { node { id } } } }",
            by,
            a=world.office.id(by),
        )["comments"]["edges"]
    )
    world.ask("sec", "concealMergeRequest", id=id, reason="An exploit is known.")
    for by, told in (("rita", ["Of rita."]), ("ava", []), ("sec", ["Of ava.", "Of rita."])):
        found = world.office.data(LISTED, by)
        assert sorted(each["node"]["body"] for each in found["comments"]["edges"]) == told
        assert len(found["mergeRequests"]["edges"]) == bool(told)
    world.hear("rita", HISTORY, i=id)
    assert "exploit" not in "".join(world.told)
    for by, comment, code in (("rita", own, []), ("rita", others, ["not_found"])):
        found = world.ask(by, "editComment", id=comment, seen=1, body="Anew.")["data"]
        assert [each["code"] for each in found["editComment"]["problems"]] == code
    found = world.ask("ava", "editComment", id=others, seen=1, body="Anew.")["data"]
    assert [each["code"] for each in found["editComment"]["problems"]] == ["not_found"]
    found = world.ask("rita", "pushMergeRequest", id=id, head="e" * 40, base="b" * 40)
    assert found["data"] == {"pushMergeRequest": {"problems": []}}
    world.office.close()


@pytest.mark.req("X-05")
def test_the_past_of_ones_own_is_told_as_the_present_is(
    tmp_path: Path, office_database: str
) -> None:
    world = Tied(tmp_path, office_database)
    world.live_with_it(tied=True)
    office = world.office
    at = office.data(
        "query($i: ID!) { history(id: $i, first: 1) { edges { node { at } } } }",
        "rita",
        i=world.mine,
    )["history"]["edges"][0]["node"]["at"]
    asked = {"i": world.mine, "t": at}
    found = office.data(PAST, "rita", **asked)["mergeRequest"]
    assert found["version"] == len(("opened", "pushed", "retargeted", "assigned", "closed")) + 1
    assert (found["title"], found["fix"], found["signOffs"]) == ("Number 3", None, [])
    assert found["can"]["verdict"]["findings"] == [{"code": "needs_clearance"}]
    assert office.data(PAST, "ava", **asked)["mergeRequest"] is None
    assert office.data(PAST, "sec", **asked)["mergeRequest"]["signOffs"]
    world.ask("sec", "revealMergeRequest", id=world.mine)
    world.ask("sec", "removeSecurityFixMergeRequest", id=world.fix, mergeRequest=world.mine)
    office.people["sela"] = office.person("sela")
    office.grant("sela", "release_manager", **PROJECT)
    office.grant("max", "appsec", **PROJECT)
    for who in ("max", "sela"):
        world.ask(who, "revealMergeRequest", id=world.mine)
    everybody = office.data(PAST, "ava", **asked)["mergeRequest"]
    assert everybody["signOffs"]
    assert office.data(PAST, "rita", **asked)["mergeRequest"]["signOffs"] == everybody["signOffs"]
    world.office.close()


@pytest.mark.parametrize("name", sorted(CARRIED))
def test_what_is_carried_on_is_named_as_it_is(name: str) -> None:
    aggregate, carried = REGISTRY.by_name[name], CARRIED[name]
    fields = aggregate.state.__dataclass_fields__
    assert carried.untold.keys() <= fields.keys()
    assert {*carried.whose} <= {*fields, *aggregate.columns}
    assert set(carried.whose) <= set(aggregate.indexed)
    commands = {each.name: each for each in aggregate.commands}
    assert carried.acts <= commands.keys()
    assert not any(commands[each].deciding or commands[each].guarded for each in carried.acts)
    assert carried.events <= REGISTRY.kinds.keys()
    told = itertools.chain.from_iterable(each.items() for each in [dict(ALONG)])
    for noun, field in told:
        assert noun in BELONGING
        assert field is None or field in _state(REGISTRY, noun).__dataclass_fields__


def _state(registry: Registry, noun: str) -> Any:
    return registry.by_name[noun].state
