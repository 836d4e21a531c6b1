"""Whoever chairs the board of a rule, by whom the rule is judged when it is counted (S3-20)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from domain.approval.places import Places
from domain.approval.voting import OpenRule, Rule
from domain.authority import Authority
from domain.kernel import Scopes
from domain.process.process import CHAIR

_NOWHERE: frozenset[str] = frozenset()


def asks_for_chair(rule: Rule) -> bool:
    """Whether the chair of its board must approve."""
    return bool(rule.board) and (rule.chair is not None or CHAIR in rule.mandatory)


class Voters(Protocol):
    """The people as they stand at a moment, for what is decided on in these scopes."""

    @property
    def authority(self) -> Authority:
        """Who holds what, and sits where."""

    @property
    def at(self) -> datetime:
        """The moment."""

    @property
    def scopes(self) -> Scopes:
        """What is decided on."""

    @property
    def excluded(self) -> frozenset[str]:
        """Those who may not decide."""

    def grants(self, rule: Rule) -> Mapping[str, str]:
        """Who is entitled under the rule, and by which grant or seat."""

    def places(self) -> Places:
        """How these people are told apart where it is counted."""


def present(rules: Iterable[OpenRule], voters: Voters) -> list[OpenRule]:
    """The rules with whoever chairs their board now: who decides is judged when it counts."""
    return [_present(each, voters) if asks_for_chair(each.rule) else each for each in rules]


def _present(opened: OpenRule, voters: Voters) -> OpenRule:
    rule = seated(opened.rule, voters)
    return opened if rule is opened.rule else replace(opened, rule=rule)


def seated(rule: Rule, voters: Voters) -> Rule:
    """The rule with whoever chairs its board; without a chair it is impossible to meet.

    Where that is one of the excluded, whoever stands in for them does so here, too.
    """
    if not rule.board or not asks_for_chair(rule):
        return rule
    chair = _chair_of(rule.board, voters)
    if chair in voters.excluded:
        seats = voters.grants(rule).items()
        standing_in = (each for each in seats if voters.authority.stood_for(each[1]) == chair)
        chair = next((voters.places().place(*each) for each in standing_in), chair)
    return _with_chair(rule, chair)


def _with_chair(rule: Rule, chair: str | None) -> Rule:
    """The rule with this chair in the place of `chair`, or of whoever chaired the board before.

    Where nobody does by now, whoever did before has no say as its chair.
    """
    if chair == rule.chair:
        return rule
    before, now = (CHAIR, rule.chair), chair or CHAIR
    named = tuple(dict.fromkeys(now if each in before else each for each in rule.mandatory))
    own = None if chair in rule.mandatory else chair  # named themselves, they stay so
    return replace(rule, mandatory=named, chair=own)


def _chair_of(named: str, voters: Voters) -> str | None:
    """The chair of the first board of that kind that decides for every service at hand.

    One who is suspended chairs it only where no other of these boards has a chair who is not.
    """
    services = voters.scopes.get("service", _NOWHERE)
    boards = (e for e in voters.authority.boards(named, voters.at) if e.decides_for(services))
    chairs = [voters.authority.chair(each.id, voters.at) for each in boards]
    known = [each for each in chairs if each]
    return next((e for e in known if not voters.authority.suspended(e)), next(iter(known), None))
