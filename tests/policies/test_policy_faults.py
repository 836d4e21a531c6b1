"""A policy text with a fault is refused whole, and every fault is told with its line."""

import pytest

from policies.guard import Guard
from policies.rules import PolicyFault
from tests.policies.examples import MODEL

GOOD = "p, role:owner, change.edit, service, allow"
ACTIONS = frozenset(("change.edit", "change.open", "log.read"))


def faults(rules: str, model: str = MODEL) -> list[str]:
    try:
        Guard.compile(model, rules, actions=ACTIONS)
    except PolicyFault as broken:
        return [str(fault) for fault in broken.faults]
    return []


def test_comments_and_empty_lines_may_stand_anywhere() -> None:
    assert faults(f"# People\n\n{GOOD}\n# ümlaut\n") == []


@pytest.mark.parametrize(
    "line, told",
    [
        ("p, owner, change.edit, service, allow", "'owner' is no role"),
        ("p, user:ann, change.edit, service, allow", "'user:ann' is no role"),
        ("p, role:Owner, change.edit, service, allow", "'role:Owner' is no role"),
        ("p, role:*, change.edit, service, allow", "'role:*' is no role"),
        ("p, role:owner, change.fly, service, allow", "there is no action 'change.fly'"),
        ("p, role:owner, *, service, allow", "there is no action '*'"),
        ("p, role:owner, change.edit, planet, allow", "'planet' is no scope kind"),
        ("p, role:owner, change.edit, any, allow", "'any' is no scope kind"),
        ("p, role:owner, change.edit, service, permit", "'permit' is neither allow nor deny"),
        ("p, role:owner, change.edit, service, Allow", "'Allow' is neither allow nor deny"),
        ("p, role:auditor, log.read, none, deny", "log.read is not denied but left out"),
        ("p, role:owner, change.edit, service", "a line is: p, role:name"),
        ("p, role:owner, change.edit, service, allow, now", "a line is: p, role:name"),
        ("g, user:ann, role:owner, any", "a line is: p, role:name"),
        ('p, "role:owner", change.edit, service, allow', "is no role"),
        ('p, role:owner, "change.edit", service, allow', "there is no action"),
        ("p,role:owner, change.edit, service, allow", "a line is: p, role:name"),
        ("p, role:owner,  change.edit, service, allow", "there is no action ' change.edit'"),
        ("p, role:owner, change.edit, service, allow ", "is neither allow nor deny"),
        (" p, role:owner, change.edit, service, allow", "a line is: p, role:name"),
        ("p, role:owner, change.edit, service, allow # why", "is neither allow nor deny"),
        ("p, role:owner, change.edit, service, allow\r", "a line is: p, role:name"),
        ("p, role:owner, change.edit, service, allow\x00", "a line is: p, role:name"),
        ("p, role:owner, change.edit, service, allow\u2028", "a line is: p, role:name"),
        ("p, role:\u043ewner, change.edit, service, allow", "a line is: p, role:name"),
        (GOOD, "line 2 decides that already"),
        (GOOD.replace("allow", "deny"), "line 2 decides that already"),
    ],
)
def test_a_fault_is_told_with_its_line(line: str, told: str) -> None:
    (fault,) = faults(f"# first\n{GOOD}\n\n{line}\n")
    assert fault.startswith("policy.csv:4: ")
    assert told in fault


def test_all_faults_of_both_texts_are_told_at_once() -> None:
    model = MODEL.replace("g = _, _, _", "g = _, _").replace("[matchers]", "[matcher]")
    told = faults(f"x\n{GOOD}\ny", model)
    assert [fault.split(":")[0] for fault in told] == ["model.conf"] * 4 + ["policy.csv"] * 2


@pytest.mark.parametrize("rules", ["", "\n", "# nothing but words\n"])
def test_a_policy_that_says_nothing_is_refused(rules: str) -> None:
    assert faults(rules) == ["policy.csv:1: a policy without lines denies everything"]


def line_of(part: str) -> int:
    return next(at for at, text in enumerate(MODEL.split("\n"), 1) if part in text)


@pytest.mark.parametrize(
    "old, new, told",
    [
        ("r.act == p.act", "keyMatch(r.act, p.act)", "the guard compiles only: m = r.act"),
        ("!some(where (p.eft == deny))", "true", "the guard compiles only: e = some"),
        ("sub, act, scope, eft", "sub, act, scope", "the guard compiles only: p = sub"),
        ("[policy_effect]", "[policy_effects]", "section [policy_effects] is unknown"),
        ("p = sub", "p2 = sub", "the guard compiles only: p = sub"),
        ("g = _, _, _", "g = _, _, _ # domain", "the guard compiles only: g = _, _, _"),
    ],
)
def test_another_model_is_refused(old: str, new: str, told: str) -> None:
    assert MODEL.count(old) == 1
    found = faults(GOOD, MODEL.replace(old, new))
    assert found[0].startswith(f"model.conf:{line_of(old)}: ")
    assert told in found[0]


@pytest.mark.parametrize(
    "more", ["g2 = _, _", "[matchers]", "m = r.act == p.act", "; a comment", "g"]
)
def test_a_model_with_more_is_refused(more: str) -> None:
    last = MODEL.count("\n") + 1
    assert [fault.split(": ")[0] for fault in faults(GOOD, MODEL + more)] == [f"model.conf:{last}"]


def test_a_model_that_lacks_something_is_refused() -> None:
    cut = MODEL[: MODEL.index("[matchers]")]
    assert any("[matchers] m = r.act == p.act" in fault for fault in faults(GOOD, cut))
    assert len(faults(GOOD, "")) == 5


def test_without_a_list_any_well_formed_action_is_taken() -> None:
    assert len(Guard.compile(MODEL, "p, role:owner, release.fly, none, allow").lines) == 1
    with pytest.raises(PolicyFault, match=r"policy\.csv:1: there is no action"):
        Guard.compile(MODEL, "p, role:owner, Release.Fly, none, allow")
