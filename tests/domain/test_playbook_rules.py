"""What a playbook says is what the process holds."""

import pytest

from domain.approval.approval import Quorum, Rule
from domain.content import Content
from domain.playbook.format import decode, process
from domain.process.process import (
    CONTENT_FIELDS,
    OUTCOMES,
    About,
    Condition,
    Merger,
    Phase,
    RiskCell,
)
from tests.domain.playbook_examples import CHANGES, MERGE_REQUESTS, varied


def test_risk_is_looked_up_by_impact_and_probability() -> None:
    small = decode(CHANGES)
    assert small.risk("high", "likely") == "high"
    assert small.risk("high", "unlikely") == "low"
    assert small.risk_table[-1] == RiskCell("high", "likely", "high")
    with pytest.raises(KeyError):
        small.risk("high", "sometimes")


def test_rules_are_those_of_the_phase_and_the_risk() -> None:
    text = varied(CHANGES, 'board = "cab"', 'board = "cab"\nrisks = ["high"]') + (
        '[[change.rule]]\nname = "owner"\ntitle = "Owner"\nphase = "authorize"\n'
        'role = "role:owner"\nscope = "service"\nquorum = "any"\nstage = 2\nveto = true\n'
        'distinct = false\nsource = "S3-19"\n'
    )
    kind = decode(text).kind("normal")
    assert kind is not None
    names = {
        risk: [rule.name for rule in kind.rules("authorize", risk)] for risk in ("low", "high")
    }
    assert names == {"low": ["owner"], "high": ["board", "owner"]}
    assert [rule.name for rule in kind.rules(Phase.ASSESS, "low")] == ["peer"]
    board, owner = kind.rules("authorize", "high")
    assert board == Rule(
        "board", "The board", board="cab", quorum=Quorum.PERCENT, number=50, mandatory=("chair",)
    )
    assert owner == Rule(
        "owner",
        "Owner",
        role="role:owner",
        scope="service",
        quorum=Quorum.ANY,
        veto=True,
        stage=2,
        distinct=False,
        source="S3-19",
    )


def test_people_may_be_named() -> None:
    person = "user:" + "0a" * 16
    text = varied(CHANGES, 'role = "role:peer"', f'people = ["{person}"]')
    kind = decode(text).kind("normal")
    assert kind is not None
    assert kind.rules("assess", "low")[0].people == (person,)


def test_a_merge_request_says_who_merges() -> None:
    kind = decode(MERGE_REQUESTS).merge_request("component")
    assert kind is not None
    assert kind.merger is Merger.LAST_APPROVER
    assert [(rule.role, rule.scope, rule.number) for rule in kind.rules] == [
        ("role:reviewer", "project", 2)
    ]


def test_names_that_a_playbook_lacks_are_none() -> None:
    assert decode(CHANGES).kind("standard") is None
    assert decode(CHANGES).merge_request("component") is None


def test_conditions_keep_their_values() -> None:
    start = CHANGES.index("[[change]]")
    text = CHANGES[:start] + (
        '[[change]]\nname = "standard"\ntitle = "Standard"\npath = "standard"\n'
        '[[change.condition]]\nabout = "template"\nvalues = ["window"]\n'
        '[[change.condition]]\nabout = "service"\nvalues = ["billing", "Web Shop"]\n'
    )
    kind = decode(text).kind("standard")
    assert kind is not None
    expected = (
        Condition(About.TEMPLATE, ("window",)),
        Condition(About.SERVICE, ("billing", "Web Shop")),
    )
    assert kind.conditions == expected


def test_a_text_is_decoded_once() -> None:
    assert process(CHANGES) is process(CHANGES)
    assert process(CHANGES) == decode(CHANGES)


def test_what_a_kind_may_require_is_what_a_content_holds() -> None:
    assert set(CONTENT_FIELDS) == set(Content.__dataclass_fields__)


def test_outcomes_are_those_a_change_may_have() -> None:
    from domain.change.state import Outcome

    assert set(OUTCOMES) == {"any", *Outcome}
