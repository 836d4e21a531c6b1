"""The guides to policies and playbooks name what there is, and their examples are true."""

import re
from dataclasses import fields

import pytest

from domain.approval.approval import Rule
from domain.playbook.format import decode
from domain.playbook.matrix import OWN_KEYS
from domain.process.process import CONTENT_FIELDS, OUTCOMES, About, Cause, Fulfilment, Merger
from domain.process.release import (
    ACTS,
    EnvironmentKind,
    Matter,
    ReleaseStatus,
    RequirementRow,
    Strategy,
)
from policies.guard import Guard
from policies.rules import NONE, SCOPES
from tests.policies.examples import MODEL, SHIPPED

DOCS = SHIPPED.parent / "docs"
POLICIES = (DOCS / "policies.md").read_text(encoding="utf-8")
PLAYBOOKS = (DOCS / "playbooks.md").read_text(encoding="utf-8")
KINDS = frozenset(SCOPES) - {NONE}
RULES = (SHIPPED / "policy.csv").read_text(encoding="utf-8")


def test_every_role_of_the_shipped_policy_is_described() -> None:
    described = re.findall(r"^\| `(role:[a-z_]+)` \|", POLICIES, re.MULTILINE)
    assert described == sorted(Guard.compile(MODEL, RULES).roles)


def test_every_role_is_described_by_the_kinds_of_scope_that_the_policy_asks_of_it() -> None:
    rows = re.findall(r"^\| `(role:[a-z_]+)` \| ([^|]+) \|", POLICIES, re.MULTILINE)
    told = {role: frozenset(said.split(", ")) & KINDS for role, said in rows}
    asked = re.findall(r"^p, (role:[a-z_]+), \S+, (\w+), allow$", RULES, re.MULTILINE)
    wanted = {role: {kind for who, kind in asked if who == role} & KINDS for role in told}
    everywhere = {role for role, said in rows if said.startswith("no scope")}
    assert {role for role in told if told[role] != wanted[role]} <= everywhere


def test_the_line_that_is_explained_is_one_of_the_policy() -> None:
    (line,) = re.findall(r"^p, .*$", POLICIES, re.MULTILINE)
    assert line in RULES.split("\n")
    assert all(f"`{kind}`" in POLICIES for kind in SCOPES)


def test_every_word_a_playbook_may_use_is_described() -> None:
    words = [*CONTENT_FIELDS, *OUTCOMES, *About, *Cause, *Fulfilment, *Merger]
    assert [str(word) for word in words if f"`{word}`" not in PLAYBOOKS] == []


def test_the_scale_that_is_explained_is_one() -> None:
    *blocks, _whole = re.findall(r"```toml\n(.*?)```", PLAYBOOKS, re.DOTALL)
    kind = '[[merge_request]]\nname = "any"\ntitle = "Any"\nmerger = "approver"\n'
    rule = '[[merge_request.rule]]\nname = "one"\ntitle = "One"\nrole = "role:one"\nnumber = 1\n'
    found = decode("\n".join([*blocks, kind, rule]))
    assert len(found.risk_table) == len(found.impacts) * len(found.probabilities) == 9


def test_every_word_of_a_release_is_described() -> None:
    words = [*Matter, *EnvironmentKind, *ReleaseStatus, *Strategy, *ACTS[:1], *OWN_KEYS]
    keys = [each.name for each in fields(RequirementRow)]
    assert [str(word) for word in (*words, *keys) if f"`{word}`" not in PLAYBOOKS] == []


@pytest.mark.req("X-07")
def test_the_process_that_is_explained_is_a_whole_one() -> None:
    *_, whole = re.findall(r"```toml\n(.*?)```", PLAYBOOKS, re.DOTALL)
    weekly = decode(whole).releases.kind("weekly")
    assert weekly is not None
    assert weekly.gates == ("deploy:staging", "deploy:production", "close")


def test_the_keys_of_a_rule_are_described() -> None:
    assert [each.name for each in fields(Rule) if f"`{each.name}`" not in PLAYBOOKS] == []
