"""What makes an environment ask less of what goes there, which no one person does alone (S0-12)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from domain.environment.state import Cover, Plan
from domain.process.release import EnvironmentKind

BY_DEFAULT: Final = (Cover.CHANGE, Cover.RELEASE)
"""What covers whatever goes to production, unless people said otherwise."""


def complete(plan: Plan, before: Plan | None = None) -> Plan:
    """The plan with what has to cover things, and how closely, where that was left out.

    It stays as it was; but of what becomes production, and asked for nothing, the default is asked.
    """
    filled = _with_cover(plan, before)
    if filled.tied is not None:
        return filled
    if before is not None and (before.tied or not goes_live(plan, before)):
        return replace(filled, tied=before.tied)
    return replace(filled, tied=goes_live(plan))


def _with_cover(plan: Plan, before: Plan | None) -> Plan:
    if plan.cover is not None:
        return plan
    if before is not None and (before.cover or not goes_live(plan, before)):
        checks, overridable = before.checks, before.cover_overridable
        kept = replace(plan, cover=before.cover, checks=checks)
        return replace(kept, cover_overridable=overridable)
    return replace(plan, cover=BY_DEFAULT if goes_live(plan) else ())


def goes_live(plan: Plan, before: Plan | None = None) -> bool:
    """Whether it is production by this plan, and was not before."""
    lived = before is not None and before.kind == EnvironmentKind.PRODUCTION
    return plan.kind == EnvironmentKind.PRODUCTION and not lived


def cautious(plan: Plan) -> Plan:
    """The plan with what its kind demands by default, whatever it says of that."""
    bare = replace(plan, cover=None, checks=(), cover_overridable=False, tied=None)
    return complete(bare)


def weakens(before: Plan, after: Plan) -> bool:
    """Whether something could go there afterwards that could not before.

    What becomes production asks for as much as what is defined so.
    """
    least = (cautious(after),) if goes_live(after, before) else ()
    bare = any(_uncovers(each, after) for each in (before, *least))
    return bare or _moves(before, after) or _hurries(before, after)


def _moves(before: Plan, after: Plan) -> bool:
    """Whether it leaves its place in promotion, or is called live no more."""
    lived = before.kind == EnvironmentKind.PRODUCTION
    moved = (before.line, before.order) != (after.line, after.order)
    return moved or (lived and after.kind != before.kind)


def _hurries(before: Plan, after: Plan) -> bool:
    """Whether less time, no window, or older news is enough."""
    dwells = after.dwell_hours >= before.dwell_hours
    waits = after.needs_window or not before.needs_window
    return not (dwells and waits and after.stale_minutes <= before.stale_minutes)


def _uncovers(before: Plan, after: Plan) -> bool:
    """Whether less is needed to cover something than was.

    That a change is tied to what it covers counts while none covers anything, too: what has to
    cover it then would be said by another step, of which ties are no part.
    """
    if before.tied and not after.tied:
        return True
    if after.cover_overridable and not before.cover_overridable:
        return bool(before.cover)
    was, now = frozenset(before.cover or ()), frozenset(after.cover or ())
    fewer = Cover.CHECKS in now and (_drops(before, after) or _admits(before, after))
    return bool(was) and (not now or not now <= was or fewer)


def _drops(before: Plan, after: Plan) -> bool:
    return not frozenset(before.checks) <= frozenset(after.checks)


def _admits(before: Plan, after: Plan) -> bool:
    """Whether checks cover a service that no check was for: the first one lets it in."""
    was, now = ({each.service for each in plan.checks} for plan in (before, after))
    return None not in was and not now <= was
