"""What people ask of changes: where they stand, what awaits whom, what happened, who could."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.counted import statements
from tests.api.office import OPEN, SCOPED, Office, content

INBOX = """
{ changesAwaitingMe { edges { node { change { id content { title } risk } rule title } }
  totalCount { count } } }
"""
CAN = """
query($i: ID!, $a: ChangeAct!) { change(id: $i) { can(action: $a) {
  allowed permitted reason line
  verdict { allowed findings { requirement status code missing acts { action } } }
  explanation { complete impossibleReason ways { acts {
    action rule count total people { handle } } } }
} } }
"""


@pytest.fixture(scope="module")
def office(
    tmp_path_factory: pytest.TempPathFactory, shared_office_database: str
) -> Iterator[Office]:
    office = Office(tmp_path_factory.mktemp("office"), shared_office_database)
    where: dict[str, Any] = {"environments": ["savanna"], "configurationItems": ["cage-1"]}
    office.change(title="A zebra crossing", service="zoo", **where)
    for number in range(4):
        office.change(title=f"Draft {number}")
    yield office
    office.close()


def inbox(office: Office, by: str) -> list[str]:
    """The titles and rules that await somebody."""
    edges = office.data(INBOX, by)["changesAwaitingMe"]["edges"]
    found = [edge["node"] for edge in edges]
    return [f"{each['change']['content']['title']}: {each['rule']}" for each in found]


def can(office: Office, by: str, change: Any, action: str) -> Any:
    """What `can` answers somebody."""
    return office.data(CAN, by, i=change["id"], a=action)["change"]["can"]


def test_a_change_awaits_whom_its_open_rules_are_for(office: Office) -> None:
    change = office.change(title="Inbox")
    assert inbox(office, "ava") == []
    office.act("submitChange", "rita", change)
    assert inbox(office, "ava") == ["Inbox: assessment"]
    assert inbox(office, "rita") == inbox(office, "mia") == inbox(office, "aud") == []
    office.act("approveChange", "ava", change, rule="assessment")
    assert inbox(office, "ava") == []
    assert inbox(office, "mia") == inbox(office, "max") == ["Inbox: change_manager"]
    office.act("approveChange", "mia", change, rule="change_manager")
    assert inbox(office, "max") == []


def test_nobody_is_asked_about_a_change_they_had_a_hand_in(office: Office) -> None:
    office.grant("mia", "requester", **SCOPED)
    change = office.change(by="mia", title="By mia")
    office.act("submitChange", "mia", change)
    office.act("approveChange", "ava", change, rule="assessment")
    assert inbox(office, "mia") == []
    assert inbox(office, "max") == ["By mia: change_manager"]
    office.act("approveChange", "max", change, rule="change_manager")


def test_an_inbox_takes_three_statements_however_long_it_is(office: Office) -> None:
    changes = [office.change(title=f"Many {number}") for number in range(5)]
    for change in changes:
        office.act("submitChange", "rita", change)
    page = INBOX.replace("totalCount { count }", "")
    office.data(page, "ava")
    with statements(office.reader.engine) as seen:
        found = office.data(page, "ava")["changesAwaitingMe"]["edges"]
    assert len(found) == 5
    assert len(seen) <= 3
    for change in changes:
        office.act("cancelChange", "rita", change, reason="Not needed.")
    assert inbox(office, "ava") == []


def test_an_inbox_of_somebody_who_delegated_nothing_is_not_shown(office: Office) -> None:
    document = "query($o: ID!) { changesAwaitingMe(onBehalfOf: $o) { edges { cursor } } }"
    for other in (office.id("mia"), "nobody"):
        result = office.ask(document, "ava", o=other)
        assert result.errors is not None
        [problem] = result.errors[0].original_error.problems  # type: ignore[union-attr]
        assert problem.code == "not_held"


def test_a_closed_gate_says_why_and_who_can_open_it(office: Office) -> None:
    change = office.change(title="Gate")
    assert can(office, "rita", change, "SUBMIT")["allowed"]
    refused = can(office, "ava", change, "SUBMIT")
    assert refused["verdict"]["allowed"]
    assert not refused["permitted"]
    assert not refused["allowed"]
    assert refused["reason"]
    office.act("submitChange", "rita", change)
    office.act("approveChange", "ava", change, rule="assessment")
    closed = can(office, "ivo", change, "IMPLEMENT")
    assert closed["permitted"]
    assert not closed["verdict"]["allowed"]
    blocking = [each for each in closed["verdict"]["findings"] if each["status"] == "UNSATISFIED"]
    assert {each["code"] for each in blocking} >= {"approvals_missing"}
    slots = [slot for way in closed["explanation"]["ways"] for slot in way["acts"]]
    [approval] = [slot for slot in slots if slot["action"] == "change.approve"]
    assert approval["rule"] == "change_manager"
    assert {each["handle"] for each in approval["people"]} == {"mia", "max"}
    office.act("approveChange", "max", change, rule="change_manager")
    assert can(office, "ivo", change, "IMPLEMENT")["allowed"]


def test_many_gates_are_asked_in_one_go(office: Office) -> None:
    document = """
      { changes(first: 5) { edges { node { can(action: IMPLEMENT) { allowed }
        approvals { status needed missing counted { person { handle } grant { role } } } } } } }
    """
    for number in range(5):
        office.change(title=f"Gate {number}")
    office.data(document, "ivo")
    with statements(office.reader.engine) as seen:
        found = office.data(document, "ivo")["changes"]["edges"]
    assert len(found) == 5
    assert len(seen) <= 9, "page, heads, the playbook once, people and grants: never per row"


def test_approvals_show_who_decided_by_which_grant(office: Office) -> None:
    change = office.change(title="Approvals")
    office.act("submitChange", "rita", change)
    office.act("approveChange", "ava", change, rule="assessment")
    document = """
      query($i: ID!) { change(id: $i) { approvals { rule { name } status needed missing
        counted { person { handle } at grant { role grantedAt } } } } }
    """
    first, second = office.data(document, "aud", i=change["id"])["change"]["approvals"]
    assert first["rule"] == {"name": "assessment"}
    assert first["status"] == "SATISFIED"
    assert first["counted"][0]["person"] == {"handle": "ava"}
    assert first["counted"][0]["grant"]["role"] == "role:assessor"
    assert (second["status"], second["missing"]) == ("OPEN", 1)
    office.act("cancelChange", "rita", change, reason="Done with.")


def test_approvals_that_were_used_stay_as_they_were_whoever_leaves(office: Office) -> None:
    used, waiting = (office.change(title=f"Approved {each}") for each in "ab")
    for each in (used, waiting):
        office.act("submitChange", "rita", each)
        office.act("approveChange", "ava", each, rule="assessment")
        office.act("approveChange", "max", each, rule="change_manager")
    office.act("implementChange", "ivo", used)
    document = "query($i: ID!) { change(id: $i) { approvals { status missing } } }"

    def statuses(change: Any) -> list[str]:
        found = office.data(document, "aud", i=change["id"])["change"]["approvals"]
        return [each["status"] for each in found]

    person = office.people["max"]
    office.desk.ask("principal.suspend", person, reason="Left.")
    try:
        assert statuses(waiting) == ["SATISFIED", "OPEN"], "these wait, and count no more"
        for verb, given in (
            (None, {}),
            ("finishChange", {"outcome": "SUCCESSFUL"}),
            ("closeChange", {}),
        ):
            if verb:
                office.act(verb, "ivo" if verb == "finishChange" else "mia", used, **given)
            assert statuses(used) == ["SATISFIED", "SATISFIED"]
    finally:
        office.desk.ask("principal.reinstate", person, reason="Back.")
    assert statuses(waiting) == ["SATISFIED", "SATISFIED"]
    office.act("cancelChange", "rita", waiting, reason="Done with.")


def test_who_did_not_count_as_approvals_were_used_counts_no_more_once_untied(
    office: Office,
) -> None:
    change = office.change(title="Approved by a requester")
    office.act("submitChange", "rita", change)
    office.act("approveChange", "ava", change, rule="assessment")
    office.act("approveChange", "max", change, rule="change_manager")
    max_, rita = office.people["max"], office.people["rita"]
    for each in ("root", "toor"):
        office.people[each] = office.person(each)
        office.grant(each, "administrator")
    root, other = office.people["root"], office.people["toor"]
    office.desk.ask("principal.link_account", rita, by=root, account=max_)
    office.act("approveChange", "mia", change, rule="change_manager")
    office.act("implementChange", "ivo", change)
    document = """query($i: ID!) { change(id: $i) {
        approvals { counted { person { handle } } void { reason } } } }"""

    def told() -> list[Any]:
        found = office.data(document, "aud", i=change["id"])["change"]["approvals"]
        return [
            ([vote["person"]["handle"] for vote in each["counted"]], each["void"]) for each in found
        ]

    before = told()
    assert before == [(["ava"], []), (["mia"], [{"reason": "excluded"}])]
    office.desk.ask("principal.unlink_account", rita, by=other, account=max_)
    office.desk.ask("principal.confirm_unlinking", rita, by=root, account=max_)
    assert told() == before
    office.act("finishChange", "ivo", change, outcome="SUCCESSFUL")


def test_for_whom_was_suspended_as_approvals_were_used_nobody_counts(office: Office) -> None:
    dee = office.people["dee"] = office.person("dee")
    until = datetime.now(UTC) + timedelta(days=3)
    lend: dict[str, Any] = {"delegate": dee, "role": "role:change_manager", "reason": "Away."}
    office.desk.ask("delegation.give", by=office.people["max"], until=until, **lend)
    change = office.change(title="Approved for somebody who left")
    office.act("submitChange", "rita", change)
    office.act("approveChange", "ava", change, rule="assessment")
    office.act("approveChange", "dee", change, rule="change_manager", onBehalfOf=office.id("max"))
    office.desk.ask("principal.suspend", office.people["max"], reason="Left.")
    try:
        office.act("approveChange", "mia", change, rule="change_manager")
        office.act("implementChange", "ivo", change)
    finally:
        office.desk.ask("principal.reinstate", office.people["max"], reason="Back.")
    document = """query($i: ID!) { change(id: $i) {
        approvals { counted { person { handle } } } } }"""
    _, managers = office.data(document, "aud", i=change["id"])["change"]["approvals"]
    assert [vote["person"]["handle"] for vote in managers["counted"]] == ["mia"]
    office.act("finishChange", "ivo", change, outcome="SUCCESSFUL")


def test_the_gate_of_a_draft_tells_who_is_too_late_at_any_time_that_is_asked_of(
    office: Office,
) -> None:
    """One criticality 1 takes 14 days of notice, from now on, and not from the time asked of."""
    document = """query($i: ID!, $at: DateTime) { change(id: $i) { can(action: IMPLEMENT, at: $at) {
      verdict { findings { requirement code } } } } }"""
    now = datetime.now(UTC)

    def codes(change: Any, at: datetime | None) -> set[str]:
        asked = at.isoformat() if at else None
        found = office.data(document, "rita", i=change["id"], at=asked)["change"]["can"]
        return {each["code"] for each in found["verdict"]["findings"]}

    def drafted(days: int) -> Any:
        since, until = now + timedelta(days=days, hours=-1), now + timedelta(days=days, hours=9)
        window = {"since": f"{since:%Y-%m-%dT%H:%M}", "until": f"{until:%Y-%m-%dT%H:%M}"}
        said = content(f"Notice of {days}", window={**window, "zone": "UTC"})
        given = {"playbook": "criticality", "kind": "c1", "content": said}
        return office.data(OPEN, "rita", i=given)["openChange"]["change"]

    late, begun, early = drafted(1), drafted(0), drafted(16)
    for change, at in ((begun, None), (late, None), (late, now + timedelta(days=1))):
        assert "lead_time_short" in codes(change, at)
    for each in (None, now + timedelta(days=16)):
        assert "lead_time_short" not in codes(early, each)
    for change in (late, begun, early):
        office.act("cancelChange", "rita", change, reason="Done with.")


@pytest.mark.parametrize(
    "filter, found",
    [
        ({"text": "zebra"}, True),
        ({"text": "ZEBRA crossing"}, True),
        ({"text": "zebra%"}, False),
        ({"text": "giraffe"}, False),
        ({"service": "zoo"}, True),
        ({"service": "billing"}, False),
        ({"statuses": ["DRAFT", "CLOSED"]}, True),
        ({"statuses": ["CLOSED"]}, False),
        ({"risks": ["low", "high"]}, True),
        ({"risks": ["moderate"]}, False),
        ({"environment": "savanna"}, True),
        ({"environment": "production"}, False),
        ({"configurationItem": "cage-1"}, True),
        ({"plannedSince": "2026-01-01T00:00:00Z", "plannedUntil": "2199-01-01T00:00:00Z"}, True),
        ({"plannedUntil": "2026-01-01T00:00:00Z"}, False),
        ({"bypassed": False}, True),
        ({"bypassed": True}, False),
        ({"kind": "normal", "text": "zebra", "service": "zoo"}, True),
        ({"outcome": "SUCCESSFUL"}, False),
        ({"dueUntil": "2199-01-01T00:00:00Z"}, False),
    ],
)
@pytest.mark.parametrize("order", ["NEWEST", "PLANNED", "DUE"])
def test_changes_are_found_by_everything_people_look_for(
    office: Office, filter: dict[str, Any], found: bool, order: str
) -> None:
    document = """
      query($f: ChangeFilter, $o: ChangeOrder, $after: String) {
        changes(filter: $f, order: $o, first: 3, after: $after) {
          edges { node { content { title } } } pageInfo { endCursor hasNextPage } } }
    """
    titles: list[str] = []
    after, more = None, True
    while more:
        page = office.data(document, "aud", f=filter, o=order, after=after)["changes"]
        titles += [edge["node"]["content"]["title"] for edge in page["edges"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert ("A zebra crossing" in titles) is found
    assert len(titles) == len(set(titles))


def test_changes_of_a_person_are_those_they_have_a_part_in(office: Office) -> None:
    document = "query($f: ChangeFilter) { changes(filter: $f) { totalCount { count } } }"

    def count(**filter: Any) -> int:
        found: int = office.data(document, "aud", f=filter)["changes"]["totalCount"]["count"]
        return found

    before = count(person=office.id("rita"))
    office.change(title="One more of rita")
    assert count(person=office.id("rita")) == before + 1
    assert count(requester=office.id("rita")) == before + 1
    assert count(person=office.id("ava")) == 0


def test_the_history_of_a_change_says_who_did_what(office: Office) -> None:
    change = office.change(title="History")
    office.act("submitChange", "rita", change)
    office.act("approveChange", "ava", change, rule="assessment", comment="Looks right.")
    document = """
      query($i: ID!) { history(id: $i) { edges { node { kind at version position
        actor { handle } policy { number } subject { id } details { name value } } } } }
    """
    edges = office.data(document, "rita", i=change["id"])["history"]["edges"]
    events = [edge["node"] for edge in edges]
    kinds = [each["kind"] for each in events]
    assert kinds[-1] == "change.opened"
    assert "change.approved" in kinds
    approved = events[kinds.index("change.approved")]
    assert approved["actor"] == {"handle": "ava"}
    assert approved["position"] is None
    assert approved["subject"] == {"id": change["id"]}
    assert {"name": "comment", "value": "Looks right."} in approved["details"]
    opened = {each["name"]: each["value"] for each in events[-1]["details"]}
    assert opened["content.title"] == "History"
    seen = office.data(document, "aud", i=change["id"])["history"]["edges"]
    assert all(isinstance(edge["node"]["position"], int) for edge in seen)
    office.act("cancelChange", "rita", change, reason="Done with.")


def test_the_history_of_a_person_keeps_personal_things_back(office: Office) -> None:
    document = """
      query($i: ID!) { history(id: $i) { edges { node { kind details { name value } } } } }
    """
    edges = office.data(document, "aud", i=office.id("ava"))["history"]["edges"]
    registered = edges[-1]["node"]
    assert registered["kind"] == "principal.registered"
    assert not {"handle", "name", "mail"} & {each["name"] for each in registered["details"]}


def test_history_is_read_in_a_few_statements(office: Office) -> None:
    change = office.change(title="Statements")
    office.act("submitChange", "rita", change)
    document = """
      query($i: ID!) { history(id: $i) { edges { node { kind actor { handle }
        details { name value } } } } }
    """
    office.data(document, "aud", i=change["id"])
    with statements(office.reader.engine) as seen:
        office.data(document, "aud", i=change["id"])
    assert len(seen) <= 6
    office.act("cancelChange", "rita", change, reason="Done with.")


def test_events_are_for_those_who_may_read_the_log(office: Office) -> None:
    document = """
      query($f: EventFilter) { events(filter: $f, first: 100) { edges { node {
        kind position actor { handle } } } } }
    """
    result = office.ask(document, "rita", f={})
    assert result.errors is not None
    [problem] = result.errors[0].original_error.problems  # type: ignore[union-attr]
    assert problem.code == "forbidden"
    change = office.change(title="Events")
    edges = office.data(document, "aud", f={"actor": office.id("rita"), "kind": "change.opened"})
    found = [edge["node"] for edge in edges["events"]["edges"]]
    assert {each["kind"] for each in found} == {"change.opened"}
    assert {each["actor"]["handle"] for each in found} == {"rita"}
    positions = [each["position"] for each in found]
    assert positions == sorted(positions, reverse=True)
    assert (
        office.data(document, "aud", f={"until": "2000-01-01T00:00:00Z"})["events"]["edges"] == []
    )
    all_of = office.data(document, "aud", f={"since": "2000-01-01T00:00:00Z"})["events"]["edges"]
    assert all_of[-1]["node"]["position"] == 0 or len(all_of) == 100
    office.act("cancelChange", "rita", change, reason="Done with.")


def test_who_may_do_something_is_answered_for_now_and_for_then(office: Office) -> None:
    document = """
      query($a: String!, $w: [WithinInput!], $at: DateTime) {
        whoMay(action: $a, within: $w, at: $at) {
        everyone total holders { person { handle } grant { role } line } } }
    """
    within = [{"scope": "SERVICE", "value": "billing"}]
    now = office.data(document, "rita", a="change.close", w=within)["whoMay"]
    assert [each["person"]["handle"] for each in now["holders"]] in (["mia", "max"], ["max", "mia"])
    assert now["total"] == 2
    assert now["holders"][0]["line"].startswith("p, role:change_manager, change.close")
    before = "2000-01-01T00:00:00Z"
    assert office.ask(document, "rita", a="change.close", w=within, at=before).errors
    refused = office.ask(document, "aud", a="change.close", w=within, at=before)
    assert refused.errors is not None, "no policy was in force then"
    moment = "2199-01-01T00:00:00Z"
    then = office.data(document, "aud", a="change.close", w=within, at=moment)["whoMay"]
    assert then == now
    everyone = office.data(document, "rita", a="change.recount")["whoMay"]
    assert everyone["everyone"]


def test_who_may_do_what_there_is_not_is_refused(office: Office) -> None:
    document = "query($a: String!, $at: DateTime) { whoMay(action: $a, at: $at) { total } }"
    result = office.ask(document, "rita", a="change.aprove", at="yesterday")
    assert result.errors is not None
    problems = result.errors[0].original_error.problems  # type: ignore[union-attr]
    assert [each.code for each in problems] == ["unknown_action", "unreadable_time"]


def test_a_grant_taken_away_still_counted_then(office: Office) -> None:
    document = 'query($at: DateTime) { whoMay(action: "change.close", at: $at) { total } }'
    given = office.grant("ivo", "directory")
    granted = office.data("{ grants(first: 1) { edges { node { grantedAt } } } }", "aud")
    moment = granted["grants"]["edges"][0]["node"]["grantedAt"]
    whom = 'query($at: DateTime) { whoMay(action: "grant.renew", at: $at) { total } }'
    before = office.data(whom, "aud", at=moment)["whoMay"]["total"]
    office.desk.ask("grant.revoke", given, reason="A mistake.")
    assert office.data(whom, "aud")["whoMay"]["total"] == before - 1
    assert office.data(whom, "aud", at=moment)["whoMay"]["total"] == before
    assert office.data(document, "aud")["whoMay"]["total"] == 2


def test_people_are_found_by_handle_and_know_themselves(office: Office) -> None:
    document = """query($h: String!) { viewer { handle name team kind }
      person(handle: $h) { handle suspended } }"""
    found = office.data(document, "ava", h="MIA")
    assert found["viewer"] == {"handle": "ava", "name": "Ava", "team": "first", "kind": "HUMAN"}
    assert found["person"] == {"handle": "mia", "suspended": False}
    assert office.data(document, "ava", h="nobody")["person"] is None


def test_denials_are_listed_for_those_who_may_read_them(office: Office) -> None:
    change = office.change(title="Denied")
    document = """mutation($i: SubmitChangeInput!) { submitChange(input: $i) {
      change { status } problems { code } } }"""
    payload = office.data(document, "ava", i={"id": change["id"], "seen": 1})["submitChange"]
    assert payload["problems"] == [{"code": "forbidden"}]
    listed = """query($f: AccessFilter) { accesses(filter: $f) { edges { node {
      person { handle } action outcome count } } } }"""
    mine = {"person": office.id("ava")}
    found = [edge["node"] for edge in office.data(listed, "aud", f=mine)["accesses"]["edges"]]
    assert {
        "person": {"handle": "ava"},
        "action": "change.submit",
        "outcome": "DENIED",
        "count": 1,
    } in found
    assert office.data(listed, "rita", f=mine)["accesses"]["edges"] == []


def test_a_tie_to_something_here_is_asked_and_answered_by_its_global_id(office: Office) -> None:
    first, second = office.change(title="First"), office.change(title="Second")
    document = """mutation($i: LinkChangeInput!) { linkChange(input: $i) {
      change { links { kind reference } } problems { code path } } }"""
    given = {"id": second["id"], "kind": "PREDECESSOR", "reference": first["id"]}
    payload = office.data(document, "rita", i=given)["linkChange"]
    assert payload["change"]["links"] == [{"kind": "PREDECESSOR", "reference": first["id"]}]
    given = {"id": second["id"], "kind": "INCIDENT", "reference": "INC-7"}
    payload = office.data(document, "rita", i=given)["linkChange"]
    assert {"kind": "INCIDENT", "reference": "INC-7"} in payload["change"]["links"]
    given = {"id": second["id"], "kind": "PREDECESSOR", "reference": "nothing"}
    payload = office.data(document, "rita", i=given)["linkChange"]
    assert payload["problems"] == [{"code": "unknown_change", "path": ["reference"]}]


def test_tokens_are_listed_for_their_owner_and_for_auditors(office: Office) -> None:
    listed = "{ credentials { edges { node { owner { handle } actions } } } }"
    office.token("rita")
    mine = [{"node": {"owner": {"handle": "rita"}, "actions": []}}]
    assert office.data(listed, "rita")["credentials"]["edges"] == mine
    assert office.data(listed, "aud")["credentials"]["edges"] == mine
    assert office.data(listed, "ava")["credentials"]["edges"] == []
