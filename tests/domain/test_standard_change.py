"""Standard changes: approved in advance, and only as their template stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.change.aggregate import AGGREGATE as CHANGE
from domain.change.gates import verdict
from domain.change.going_out import may_go_out
from domain.change.preapproval import findings
from domain.change.question import Question
from domain.change.state import LinkKind
from domain.change.state import Status as ChangeStatus
from domain.deployment.state import Deployment, Stand, Wish
from domain.deployment.state import Status as Deployed
from domain.explanation import explain
from domain.gate import Status as Is
from domain.kernel import ERASED, Refusal
from tests.architecture import ROOT
from tests.domain.change_stories import drafted
from tests.domain.given import authority, known
from tests.domain.merge_stories import opened as opened_merge_request
from tests.domain.organisation import (
    ANN,
    CONTENT,
    ENG,
    LOW,
    MAX,
    OWEN,
    PLAYBOOKS,
    SUE,
    WINDOW,
    WORLD,
    Story,
    adopted,
    kinds,
    person,
    refused,
)
from tests.domain.template_stories import PLAN, active, proposed, standard

SECOND = timedelta(seconds=1)


@pytest.mark.req("S3-14")
def test_a_standard_change_is_scheduled_at_once() -> None:
    story = standard()
    assert kinds(story.ask(ENG, "submit")) == ["Preapproved"]
    assert story.state.status is ChangeStatus.SCHEDULED
    story.at = WINDOW.since
    events = story.ask(ENG, "implement")
    evidence = {each.requirement: each.evidence for each in events[0].evidence}
    assert evidence["template"] == ("7" * 32,)


@pytest.mark.req("S3-14")
def test_title_environments_and_window_may_be_its_own() -> None:
    story = standard(replace(LOW, title="Disk seven", environments=("staging",)))
    story.ask(ENG, "submit")


@pytest.mark.req("S3-14")
@pytest.mark.parametrize(
    "changes,codes",
    [
        ({"implementation_plan": "Quickly."}, {"template_departed_from"}),
        ({"service": "payments"}, {"template_departed_from"}),
        ({"configuration_items": ()}, {"template_departed_from"}),
        ({"impact": "high"}, {"template_departed_from", "condition_unmet"}),
    ],
)
def test_what_departs_from_the_template_is_not_approved_in_advance(
    changes: dict[str, Any], codes: Any
) -> None:
    story = standard(replace(LOW, **changes))
    with pytest.raises(Refusal) as caught:
        story.ask(ENG, "submit")
    assert {each.code for each in caught.value.problems} == codes
    assert story.state.status is ChangeStatus.DRAFT


@pytest.mark.req("S3-14")
def test_a_condition_of_risk_holds_for_the_risk_of_the_change() -> None:
    high = replace(PLAN, impact="high", probability="likely")
    story = proposed(high)
    story.ask(MAX, "approve")
    change = standard(replace(high, window=WINDOW), story)
    with refused("condition_unmet"):
        change.ask(ENG, "submit")


def test_a_standard_change_from_no_template_goes_nowhere() -> None:
    with refused("template_missing"):
        drafted(LOW, "standard").ask(ANN, "submit")


@pytest.mark.parametrize("verb,more", [("retire", {"reason": "Gone."}), ("revise", {})])
def test_only_the_version_in_force_counts_also_when_work_begins(verb: str, more: Any) -> None:
    story, template = standard(), active()
    story.ask(ENG, "submit")
    if verb == "revise":
        more = {"content": replace(PLAN, test_plan="Book twice.")}
    template.ask(OWEN, verb, **more)
    if verb == "revise":
        template.ask(MAX, "approve")
    story.learn(template.state)
    story.at = WINDOW.since
    with refused("template_not_in_force"):
        story.ask(ENG, "implement")
    asked = Question(story.state, story.at, authority(*story.others), known(*story.others))
    finding, *_ = findings(asked)
    first = ["template.propose", "template.approve"] if verb == "retire" else []
    assert (finding.code, [each.action for each in finding.acts]) == (
        "template_not_in_force",
        [*first, "change.open"],
    ), "whatever is written in it, it stays from the old one"


@pytest.mark.req("S3-14", "X-04", "X-05")
def test_whose_template_is_approved_by_nobody_waits_until_somebody_stands_by_it() -> None:
    story, template = standard(), active()
    story.ask(ENG, "submit")
    story.at = WINDOW.since
    story.learn(person(MAX, linked=(ANN,)), person(ANN, linked=(MAX,)))
    with refused("template_not_in_force"):
        story.ask(ENG, "implement")
    with refused("unknown_template") as caught:
        standard(LOW, world=story.world)
    assert "approves it anew" in caught.value.problems[0].message
    assert told(story, "implement") == [("template.approve", frozenset((OWEN,)))]
    template.world = story.world
    template.ask(OWEN, "approve")
    story.learn(template.state)
    story.ask(ENG, "implement")


@pytest.mark.req("S3-14", "X-05")
def test_what_was_erased_of_a_template_takes_another_version() -> None:
    template = active()
    gone = replace(PLAN, reason=ERASED, title=ERASED)
    story = standard()
    story.ask(ENG, "submit")
    story.at = WINDOW.since
    story.learn(replace(template.state, approved=replace(PLAN, title=ERASED)))
    asked = Question(story.state, story.at, authority(*story.world), known(*story.world))
    assert findings(asked)[0].status is Is.SATISFIED, "that is free"
    story.learn(replace(template.state, approved=gone))
    with refused("template_not_in_force") as caught:
        story.ask(ENG, "implement")
    assert "in reason was erased" in caught.value.problems[0].message
    acts = ["template.propose", "template.approve", "change.open"]
    assert [action for action, _ in told(story, "implement")] == acts
    template.ask(ANN, "revise", content=PLAN)
    story.learn(replace(template.state, approved=gone))
    assert [action for action, _ in told(story, "implement")] == acts[1:]
    template.ask(OWEN, "approve")
    story.learn(template.state)
    assert [action for action, _ in told(story, "implement")] == acts[2:]


WHO = {
    "change.submit": frozenset((ENG,)),
    "change.edit": frozenset((ENG,)),
    "change.resume": frozenset((ENG,)),
    "change.implement": frozenset((ENG,)),
    "change.open": frozenset((ENG,)),
    "template.propose": frozenset((ENG, MAX)),
    "template.approve": frozenset((MAX, OWEN)),
}


def told(story: Story, action: str) -> list[tuple[str, frozenset[str]]]:
    """The acts of the one way to open a gate, in their order, and whose they are."""
    found = verdict(
        story.state,
        action,
        at=story.at,
        authority=authority(*story.world),
        records=known(*story.world),
        who=lambda action: WHO.get(action, frozenset()),
    )
    [way] = explain(found).ways
    return [(act.action, frozenset(act.people)) for act in way.acts]


@pytest.mark.req("S3-14", "X-04")
def test_the_way_out_goes_on_from_a_template_that_waits() -> None:
    """Who wrote on it does not approve it; one of another service is of no use."""
    story = drafted(LOW, "standard")
    again = ("change.open", WHO["change.open"])
    anew = [(name, WHO[name]) for name in ("template.propose", "template.approve")]
    assert told(story, "submit") == [*anew, again]
    for other in (proposed(replace(PLAN, service="payments")), active()):
        state = other.state
        if state.approved:
            state = replace(state, approved=replace(state.approved, service="payments"))
        story.learn(state)
        assert told(story, "submit") == [*anew, again]
    waiting = proposed().state
    story.learn(waiting)
    assert told(story, "submit") == [("template.approve", WHO["template.approve"]), again]
    story.learn(replace(waiting, contributors=(*waiting.contributors, MAX)))
    assert told(story, "submit") == [("template.approve", frozenset((OWEN,))), again]
    story.learn(replace(waiting, contributors=(MAX, OWEN)))
    assert told(story, "submit") == [*anew, again]
    story.learn(active().state)
    assert told(story, "submit") == [again]


@pytest.mark.req("S3-14", "X-04")
def test_a_draft_is_told_what_comes_before_it_is_submitted() -> None:
    story = standard(replace(LOW, test_plan="Book twice."))
    story.at = WINDOW.since
    assert [act for act, _ in told(story, "implement")] == ["change.edit", "change.submit"]


@pytest.mark.req("S3-14", "S1-20")
def test_a_draft_of_no_template_is_told_to_be_opened_from_one_and_not_to_be_submitted() -> None:
    story = drafted(replace(LOW, test_plan="Book twice."), "standard")
    story.at = WINDOW.since
    assert _told(story, "implement") == [["template.propose", "template.approve", "change.open"]]
    story.learn(active().state)
    for held in (False, True):
        if held:
            story.ask(MAX, "hold", reason="Wait.")
        told = {gate: _told(story, gate) for gate in ("submit", "implement", "close")}
        assert set(map(str, told.values())) == {"[['change.open']]"}, (held, told)
        with refused("template_missing"):
            story.ask(ENG, "submit")


@pytest.mark.req("S3-14", "S1-20")
def test_what_its_template_lets_it_be_is_submitted_where_that_is_approved_anew() -> None:
    template, story = active(), standard()
    template.ask(OWEN, "revise", content=replace(PLAN, test_plan="Book twice."))
    story.learn(template.state, person(MAX, suspended=True))
    story.at = WINDOW.since
    assert sorted(_told(story, "implement", SUE)) == [
        ["template.approve", "change.open"],
        ["template.decline", "template.approve", "change.submit"],
    ]


@pytest.mark.req("S3-14", "X-01")
def test_it_goes_out_only_while_its_template_is_in_force_and_its_window_open() -> None:
    story, template = standard(), active()
    story.ask(ENG, "submit")

    def goes_out(at: datetime) -> bool:
        known_to, records = authority(*story.others), known(*story.others)
        return may_go_out(story.state, at, known_to, records)

    inside = [WINDOW.since - SECOND, WINDOW.since, WINDOW.until - SECOND, WINDOW.until]
    assert [goes_out(at) for at in inside] == [False, True, True, False]
    template.ask(OWEN, "retire", reason="Gone.")
    story.learn(template.state)
    assert not goes_out(WINDOW.since)


def test_a_template_serves_its_own_kind_also_when_work_begins() -> None:
    story = standard()
    story.learn(replace(active().state, kind="other"))
    with refused("template_not_in_force"):
        story.ask(ENG, "submit")
    story = standard()
    story.world = tuple(each for each in story.world if getattr(each, "id", "") != "7" * 32)
    with refused("template_missing"):
        story.ask(ENG, "submit")


@pytest.mark.req("S3-14")
def test_a_tie_that_says_what_goes_out_departs_from_the_template_unless_links_are_free() -> None:
    bound = adopted("itsm", (ROOT / "tests/policies/shipped/itsm.1.toml").read_text())
    for playbook, codes in ((bound, ("template_departed_from",)), (adopted("itsm"), ())):
        story = standard()
        other = opened_merge_request().state
        story.learn(other, playbook)
        story.ask(ENG, "link", kind=LinkKind.MERGE_REQUEST, reference=other.id)
        if codes:
            with refused(*codes):
                story.ask(ENG, "submit")
            story.at = WINDOW.since
            assert _told(story, "implement") == [["change.unlink", "change.submit"]]
            assert _told(story, "submit") == [["change.unlink"]]
            story.ask(ANN, "edit", content=replace(LOW, reason="Otherwise."))
            assert _told(story, "submit") == [["change.edit", "change.unlink"]]
            story.ask(ANN, "edit", content=replace(LOW, reason=PLAN.reason))
            story.ask(ANN, "unlink", kind=LinkKind.MERGE_REQUEST, reference=other.id)
            story.ask(ANN, "submit")
        else:
            story.ask(ENG, "submit")


@pytest.mark.req("S3-14", "S1-20")
def test_of_what_must_come_first_only_the_tie_is_told_that_is_cut() -> None:
    story = standard()
    bound = adopted("itsm", (ROOT / "tests/policies/shipped/itsm.1.toml").read_text())
    earlier = replace(drafted(CONTENT).state, id="6" * 32)
    story.learn(bound, earlier)
    story.ask(ENG, "link", kind=LinkKind.PREDECESSOR, reference=earlier.id)
    story.at = WINDOW.since
    assert _told(story, "implement") == [["change.unlink", "change.submit"]]
    story.ask(ANN, "unlink", kind=LinkKind.PREDECESSOR, reference=earlier.id)
    story.ask(ANN, "submit")
    story.ask(ENG, "implement")


@pytest.mark.req("S3-14", "S1-16")
@pytest.mark.parametrize("held", [False, True])
def test_what_has_begun_does_not_go_on_with_another_in_its_place(held: bool) -> None:
    """Its template was retired: it is said to have gone wrong, and nobody waits for it."""
    template, story = active(), standard()
    story.ask(ENG, "submit")
    story.at = WINDOW.since
    story.ask(ENG, "implement")
    story.ask(MAX, "hold", reason="Wait.")
    template.ask(OWEN, "retire", reason="Gone.")
    story.learn(template.state)
    if not held:
        story.ask(MAX, "resume")
    assert _told(story, "implement") == [["template.propose", "template.approve", "change.open"]]
    assert _told(story, "close") == [["change.finish", "change.review"]]
    waits = drafted(CONTENT)
    waits.learn(template.state, earlier := replace(story.state, id="6" * 32))
    waits.ask(ANN, "link", kind=LinkKind.PREDECESSOR, reference=earlier.id)
    waits.at = WINDOW.since
    assert any("change.unlink" in way for way in _told(waits, "implement"))
    assert not any("change.open" in way for way in _told(waits, "implement"))


@pytest.mark.req("S3-14", "S1-20")
def test_of_a_tie_that_it_went_out_with_nobody_is_told_to_cut_it() -> None:
    story = standard()
    bound = adopted("itsm", (ROOT / "tests/policies/shipped/itsm.1.toml").read_text())
    story.learn(bound)
    story.ask(ENG, "link", kind=LinkKind.COMMIT, reference="8" * 40)
    assert _told(story, "submit") == [["change.unlink"]]
    service, at = story.state.content.service, story.at
    wish = Wish("a" * 32, "production", "None.", (story.state.id,))
    told = ("production", "a" * 32, "7", service, wish, OWEN, at)
    there = Deployment("d" * 32, 2, Deployed.SUCCEEDED, *told, started_at=at, current=True)
    story.learn(replace(there, stands=(Stand(at),)))
    with refused("work_begun"):
        story.ask(ENG, "unlink", kind=LinkKind.COMMIT, reference="8" * 40)
    assert _told(story, "submit") == [["change.open"]]


@pytest.mark.req("S3-14")
@pytest.mark.parametrize("held", [False, True])
def test_what_departs_once_it_is_scheduled_is_written_and_submitted_anew(held: bool) -> None:
    story = standard()
    story.ask(ENG, "submit")
    story.state = replace(story.state, content=replace(story.state.content, reason=ERASED))
    story.at = WINDOW.since
    if held:
        story.ask(MAX, "hold", reason="Wait.")
    first = ["change.resume"] if held else []
    assert _told(story, "implement") == [[*first, "change.edit", "change.submit"]]
    assert _told(story, "submit") == [[*first, "change.edit"]]
    if held:
        story.ask(ANN, "resume")
    story.ask(ANN, "edit", content=replace(LOW, reason=PLAN.reason))
    story.ask(ANN, "submit")
    story.ask(ENG, "implement")


def _told(story: Story, gate: str, able: str = ANN) -> list[list[str]]:
    """The acts that open it, way by way, where one person may do everything."""
    told = verdict(
        story.state,
        gate,
        at=story.at,
        authority=authority(*story.world),
        records=known(*story.world),
        who=lambda _: frozenset((able,)),
    )
    return [[act.action for act in way.acts] for way in explain(told).ways]


@pytest.mark.req("S3-14", "X-04")
@pytest.mark.parametrize("lost", [False, True])
def test_what_waits_is_declined_and_what_was_in_force_approved_anew(lost: bool) -> None:
    """Also where who proposed what waits may not any more: then it is not even approved."""
    template, story = active(), standard()
    story.ask(ENG, "submit")
    template.ask(OWEN, "revise", content=replace(PLAN, test_plan="Book twice."))
    gone = (MAX, OWEN) if lost else (MAX,)
    people = tuple(person(each, suspended=True) for each in gone)
    for each in (story, template):
        each.learn(*people)
    story.learn(template.state)
    story.at = WINDOW.since
    others = ["template.propose"] * lost + ["template.approve", "change.open"]
    assert sorted(_told(story, "implement", SUE)) == sorted(
        [["template.decline", "template.approve"], others]
    )
    template.ask(SUE, "decline", reason="Not now.")
    template.ask(SUE, "approve")
    story.learn(template.state)
    story.ask(ENG, "implement")


def test_an_edit_of_a_scheduled_standard_change_returns_it_to_draft() -> None:
    story = standard()
    story.ask(ENG, "submit")
    story.ask(ENG, "edit", content=replace(LOW, title="Disk seven"))
    assert story.state.status is ChangeStatus.DRAFT


def test_a_template_is_used_for_its_own_kind_while_in_force() -> None:
    for template, kind, code in (
        (proposed(), "standard", "unknown_template"),
        (active(), "normal", "template_of_other_kind"),
    ):
        change = Story(CHANGE, (*WORLD, template.state))
        with refused(code):
            change.ask(ENG, "open", playbook="itsm", kind=kind, content=LOW, template="7" * 32)


@pytest.mark.req("S3-14")
@pytest.mark.parametrize(
    "about,values,holds",
    [
        ("service", '["ledger"]', True),
        ("service", '["payments"]', False),
        ("environment", '["production", "staging"]', True),
        ("environment", '["staging"]', False),
        ("impact", '["low"]', True),
        ("impact", '["high"]', False),
        ("probability", '["unlikely"]', True),
        ("probability", '["likely"]', False),
    ],
)
def test_every_condition_is_one_of_a_closed_set(about: str, values: str, holds: bool) -> None:
    text = (PLAYBOOKS / "itsm.toml").read_text()
    condition = f'[[change.condition]]\nabout = "{about}"\nvalues = {values}\n'
    before = '[[change.condition]]\nabout = "risk"\nvalues = ["low"]\n'
    assert text.count(before) == 1
    story = standard()
    story.learn(adopted("itsm", text.replace(before, condition)))
    if holds:
        story.ask(ENG, "submit")
    else:
        with refused("condition_unmet"):
            story.ask(ENG, "submit")


def test_a_standard_change_without_an_environment_meets_no_condition_about_it() -> None:
    text = (PLAYBOOKS / "itsm.toml").read_text()
    condition = 'about = "environment"\nvalues = ["production"]'
    text = text.replace('about = "risk"\nvalues = ["low"]', condition)
    story = standard(replace(LOW, environments=()))
    story.learn(adopted("itsm", text))
    with refused("condition_unmet"):
        story.ask(ENG, "submit")


def test_content_is_the_same_value_in_template_and_change() -> None:
    assert standard().state.content == replace(PLAN, window=WINDOW) == LOW
    assert CONTENT != LOW


def test_a_template_of_another_playbook_is_not_one_of_this() -> None:
    """Kinds of two playbooks may share a name."""
    foreign = replace(active().state, playbook="other")
    change = Story(CHANGE, (*WORLD, foreign))
    given = {"playbook": "itsm", "kind": "standard", "content": LOW, "template": foreign.id}
    with refused("template_of_other_kind"):
        change.ask(ENG, "open", **given)


def test_a_template_that_is_another_playbooks_schedules_nothing() -> None:
    story = standard()
    story.learn(replace(active().state, playbook="other"))
    with refused("template_not_in_force"):
        story.ask(ENG, "submit")
