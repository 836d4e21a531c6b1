"""Moments and periods that somebody asks about: readable, in order, and not too long."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from api.derived.text import Unreadable
from domain.kernel import Problem, Problems, Refusal


def readable(**times: Any) -> Mapping[str, datetime]:
    """The moments as they were given; raises Refusal for those that are none."""
    bad = {name: each for name, each in times.items() if isinstance(each, Unreadable)}
    if bad:
        raise Refusal(*(Problem(each.code, each.message, (name,)) for name, each in bad.items()))
    return times


def check_period(
    problems: Problems, since: datetime, until: datetime, longest: timedelta, most: str
) -> None:
    """Note a period that ends before it begins, or is longer than what `most` says in words."""
    problems.unless(since < until, "ends_before_it_begins", "It ends before it begins.", "until")
    problems.unless(until - since <= longest, "period_too_long", most, "until")
