"""No playbook in force waits for an act that the policy in force allows nobody."""

from dataclasses import replace
from typing import Any

import pytest

from domain import policy
from domain.adoption import Status
from domain.kernel import Refusal
from domain.playbook import needs
from domain.playbook.aggregate import AGGREGATE, Playbook, adopt, propose
from domain.policy_lines import allowed_to_somebody
from tests.domain.given import ADA, BEN, asked_by, given
from tests.domain.organisation import PLAYBOOKS, adopted
from tests.domain.playbook_examples import CHANGES

SHIPPED = (PLAYBOOKS.parent / "policy.csv").read_text()
MODEL = "[request_definition]\n"


def in_force(rules: str) -> policy.Policy:
    asked: dict[str, Any] = {"model": MODEL, "rules": rules, "based_on": None, "reason": "So."}
    (event,) = policy.propose(None, asked_by(ADA), **asked)
    return given(policy.AGGREGATE, event, policy.Adopted(1, event.digest), subject="6" * 32)


def proposed() -> Playbook:
    (event,) = propose(None, asked_by(ADA), body=CHANGES, based_on=None, reason="Because.")
    return given(AGGREGATE, event)


def test_what_waits_for_an_act_that_no_line_allows_is_told_by_its_line_and_the_order() -> None:
    some = "p, role:nobody_yet, change.approve, service, allow\n"
    review = "p, role:nobody_yet, change.review, service, allow\n"
    other = "p, role:peer, change.edit, service, allow\n"
    lacking = in_force(other + review + some.replace("allow", "deny"))
    enough = in_force(other + review + some)
    with pytest.raises(Refusal) as caught:
        propose(None, asked_by(ADA, lacking), body=CHANGES, based_on=None, reason="Because.")
    first, *_ = caught.value.problems
    assert {each.code for each in caught.value.problems} == {"allowed_to_nobody"}
    line = next(n for n, each in enumerate(CHANGES.splitlines(), 1) if "change.rule" in each)
    told = f"Line {line}: rule peer waits for change.approve, which no line of the policy allows"
    assert first.message.startswith(told)
    assert "adopt a policy that does first, and this afterwards" in first.message
    one = proposed()
    with pytest.raises(Refusal, match="allowed_to_nobody"):
        adopt(one, asked_by(BEN, one, lacking))
    assert adopt(one, asked_by(BEN, one, enough))


@pytest.mark.parametrize(
    "name,act",
    [
        ("itsm", "change.approve"),
        ("itsm", "change.review"),
        ("itsm", "change.fulfil_obligation"),
        ("gitaly", "merge_request.sign_off"),
        ("planned_patch", "merge_request.assign"),
        ("mozilla", "release.attest"),
        ("itsm_releases", "release.approve"),
        ("planned_patch", "accord.agree"),
        ("security", "security_fix.tick"),
        ("mozilla", "release.tag"),
    ],
)
def test_every_shipped_playbook_waits_for_what_the_shipped_policy_allows(
    name: str, act: str
) -> None:
    body, allowed = (PLAYBOOKS / f"{name}.toml").read_text(), allowed_to_somebody(SHIPPED)
    assert not needs.unmet(body, allowed)
    assert {each.act for each in needs.unmet(body, allowed - {act})} == {act}


def test_what_may_be_waived_waits_for_nobody_while_somebody_may_waive() -> None:
    body, allowed = (PLAYBOOKS / "itsm_releases.toml").read_text(), allowed_to_somebody(SHIPPED)
    report, waive = {"evidence.report"}, {"waiver.grant"}
    some, more = (needs.unmet(body, allowed - less) for less in (report, report | waive))
    waivable = {each.what for each in more} - {each.what for each in some}
    assert waivable, "something may be waived"


def test_a_policy_takes_no_act_from_everybody_that_a_playbook_in_force_waits_for() -> None:
    approve = "p, role:peer, change.approve, service, allow\n"
    rest = "p, role:peer, change.edit, service, allow\n"
    current, book = in_force(approve + rest), adopted("gitaly")
    changes = adopted("small", CHANGES)
    asked: dict[str, Any] = {"model": MODEL, "based_on": current.id, "reason": "So."}
    with pytest.raises(Refusal) as caught:
        policy.propose(None, asked_by(ADA, current, book, changes), rules=rest, **asked)
    told = "In the playbook small rule peer waits for change.approve, which no line allows anybody"
    first, *_ = caught.value.problems
    assert {(each.code, each.path) for each in caught.value.problems} == {
        ("still_needed", ("rules",))
    }
    assert first.message.startswith(told)
    assert "adopt a version of the playbook first that does not wait for it" in first.message
    (event,) = policy.propose(None, asked_by(ADA, current, book), rules=rest, **asked)
    less = given(policy.AGGREGATE, event)
    with pytest.raises(Refusal, match="still_needed"):
        policy.adopt(less, asked_by(BEN, less, current, changes))
    for others in ((book,), (replace(changes, status=Status.SUPERSEDED),)):
        assert policy.adopt(less, asked_by(BEN, less, current, *others))
    moved = rest + approve.replace("peer", "other")
    assert policy.propose(None, asked_by(ADA, current, changes), rules=moved, **asked)


@pytest.mark.req("X-02")
def test_what_a_line_denies_to_everybody_is_allowed_to_nobody() -> None:
    assert "change.approve" in allowed_to_somebody(SHIPPED)
    for scope in ("none", "project"):
        denied = f"{SHIPPED}\np, role:everyone, change.approve, {scope}, deny"
        assert allowed_to_somebody(SHIPPED) - allowed_to_somebody(denied) == {"change.approve"}
    some = f"{SHIPPED}\np, role:auditor, change.approve, none, deny"
    assert allowed_to_somebody(some) == allowed_to_somebody(SHIPPED), "others may still"
