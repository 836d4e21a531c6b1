"""Approval rules: what a playbook demands, fixed when authorizing opens, and the votes on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from domain.approval.tally import filled, progress, tally
from domain.approval.voting import (
    MACHINE,
    Choice,
    OpenRule,
    Quorum,
    Rule,
    Standing,
    Standings,
    Standpoint,
    Void,
    VoidVote,
    Vote,
)

__all__ = [
    "MACHINE",
    "Choice",
    "OpenRule",
    "Quorum",
    "Rule",
    "Standing",
    "Standings",
    "Standpoint",
    "Void",
    "VoidVote",
    "Vote",
    "filled",
    "open_rules",
    "progress",
    "tally",
]


def open_rules(
    rules: Sequence[Rule],
    entitled: Mapping[str, frozenset[str]],
    excluded: frozenset[str],
) -> tuple[OpenRule, ...]:
    """Fix the numbers of `rules`, for the people `entitled` by rule name, exclusions out first.

    A percentage is rounded up, in integers; every rule needs at least one approval, and at least
    as many as it names mandatory people, so a rule that nobody can fill is impossible rather than
    met. Raises ValueError when two rules share a name.
    """
    if len({rule.name for rule in rules}) != len(rules):
        raise ValueError("two rules share a name")
    return tuple(_open(rule, entitled.get(rule.name, frozenset()) - excluded) for rule in rules)


def _open(rule: Rule, people: frozenset[str]) -> OpenRule:
    members = sum(not person.startswith(MACHINE) for person in people)
    needed = {
        Quorum.COUNT: rule.number,
        Quorum.PERCENT: -(-rule.number * members // 100),
        Quorum.ALL: members,
        Quorum.ANY: 1,
    }[rule.quorum]
    return OpenRule(rule, max(1, needed, len(set(rule.mandatory))), members)
