"""What is promoted from where along a line of environments, and what would come between."""

from __future__ import annotations

from dataclasses import replace

from domain.environment.state import Environment, Plan, follows
from domain.kernel import Records


def promoted_from(plan: Plan, records: Records) -> tuple[str, ...]:
    """The names of the environments that come right before one of this plan in its line."""
    lower = _before(plan, records)
    last = max((each.plan.order for each in lower), default=None)
    return tuple(each.name for each in lower if each.plan.order == last)


def earlier(plan: Plan, records: Records) -> tuple[str, ...]:
    """The names of those that come before these in its line."""
    right_before = promoted_from(plan, records)
    names = (each.name for each in _before(plan, records))
    return tuple(each for each in names if each not in right_before)


def passed_over(state: Environment, records: Records) -> tuple[str, ...]:
    """What it was promoted from as it was retired, and would not be now: something came between.

    What has left the places before it since has been taken away by two.
    """
    left = {each.name for each in _before(state.plan, records)}
    now = promoted_from(state.plan, records)
    return tuple(each for each in state.came_after or () if each in left and each not in now)


def _before(plan: Plan, records: Records) -> list[Environment]:
    others = records.find(Environment, retired=False)
    return [each for each in others if follows(plan, each.plan)]


def aside(plan: Plan, records: Records) -> Plan:
    """The plan as long as nobody agreed that it come between others of its line: beside the last.

    What comes after would be promoted from there alone, and no more from what came before it.
    Where something is in this very place already, it is promoted from both.
    """
    others = records.find(Environment, retired=False)
    orders = {each.plan.order for each in others if each.plan.line == plan.line}
    first, last = min(orders, default=plan.order), max(orders, default=plan.order)
    between = first < plan.order < last and plan.order not in orders
    return replace(plan, order=last) if between else plan
