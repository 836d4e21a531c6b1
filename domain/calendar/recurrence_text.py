"""Reads the text of an RFC 5545 recurrence rule strictly: what it cannot mean is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final

DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
"""The days of the week as RFC 5545 spells them, Monday first."""
LONGEST_TEXT: Final = 500
MOST_TIMES: Final = 288
"""How often a rule may name one day: each five minutes."""
_UNTIL_DAY: Final = re.compile(r"\d{8}", re.ASCII)
_UNTIL_MOMENT: Final = re.compile(r"\d{8}T\d{6}Z", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?\d{1,99}", re.ASCII)
_BYDAY: Final = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)


class Frequency(StrEnum):
    """How often a rule's period begins anew."""

    HOURLY = "HOURLY"
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


class Unreadable(ValueError):
    """The text is no rule that could be followed; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the week, with `nth` the one of its month (or year) counted from 1, or back -1."""

    day: str
    nth: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, read. What it does not say is empty and is taken from the start."""

    freq: Frequency
    interval: int = 1
    count: int | None = None
    until_day: date | None = None
    until_moment: datetime | None = None
    bymonth: tuple[int, ...] = ()
    bymonthday: tuple[int, ...] = ()
    byday: tuple[Day, ...] = ()
    byhour: tuple[int, ...] = ()
    byminute: tuple[int, ...] = ()
    bysetpos: tuple[int, ...] = ()
    wkst: str = "MO"


@lru_cache(maxsize=512)
def read_rule(text: str) -> Rule:
    """The rule of a text such as `FREQ=MONTHLY;BYDAY=2WE,4WE`; Unreadable says what is wrong.

    COUNT and UNTIL, INTERVAL, BYMONTH, BYMONTHDAY, BYDAY, BYHOUR, BYMINUTE, BYSETPOS and WKST are
    understood. Seconds, weeks and days of the year by number, and Easter are not.
    """
    if len(text) > LONGEST_TEXT:
        raise Unreadable(f"A rule has at most {LONGEST_TEXT} characters.")
    parts: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if not equals or name in parts:
            raise Unreadable(f"{part[:40]!r} is no part of a rule, or is there twice.")
        parts[name] = value
    rule = _assembled(parts)
    for wrong, message in _CONTRADICTIONS:
        if wrong(rule):
            raise Unreadable(message)
    return rule


def _assembled(parts: dict[str, str]) -> Rule:
    for name in parts:
        if name not in _KNOWN:
            raise Unreadable(f"{name[:40]!r} is no part that is understood here.")
    freq = parts.get("FREQ", "")
    if freq not in list(Frequency):
        raise Unreadable(f"FREQ must be one of {', '.join(Frequency)}.")
    until = parts.get("UNTIL", "")
    return Rule(
        Frequency(freq),
        next(iter(_numbers(parts, "INTERVAL", 1, 1000)), 1),
        next(iter(_numbers(parts, "COUNT", 1, 1000)), None),
        _until_day(until),
        _until_moment(until),
        _numbers(parts, "BYMONTH", 1, 12),
        _numbers(parts, "BYMONTHDAY", -31, 31),
        _days(parts.get("BYDAY")),
        _numbers(parts, "BYHOUR", 0, 23),
        _numbers(parts, "BYMINUTE", 0, 59),
        _numbers(parts, "BYSETPOS", -366, 366),
        _week_start(parts.get("WKST", "MO")),
    )


_KNOWN: Final = frozenset(
    (
        *("FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYSETPOS"),
        *("BYMONTH", "BYMONTHDAY", "BYDAY", "BYHOUR", "BYMINUTE"),
    )
)
_SINGLE: Final = frozenset(("INTERVAL", "COUNT"))


def _numbers(parts: dict[str, str], name: str, low: int, high: int) -> tuple[int, ...]:
    if name not in parts:
        return ()
    words = parts[name].split(",")
    if not all(map(_NUMBER.fullmatch, words)):
        raise Unreadable(f"{name} must be {'a number' if name in _SINGLE else 'numbers'}.")
    found = tuple(map(int, words))
    zero = 0 in found and low < 0
    if zero or not all(low <= each <= high for each in found):
        raise Unreadable(f"{name} must be from {low} to {high}{', and not 0' if low < 0 else ''}.")
    if len(set(found)) < len(found) or (name in _SINGLE and len(found) > 1):
        raise Unreadable(f"{name} says something twice.")
    return tuple(sorted(found))


def _days(text: str | None) -> tuple[Day, ...]:
    if text is None:
        return ()
    found = tuple(map(_BYDAY.fullmatch, text.split(",")))
    days = tuple(Day(each[2], int(each[1]) if each[1] else None) for each in found if each)
    if len(days) < len(found) or any(day.nth == 0 or abs(day.nth or 1) > 53 for day in days):
        raise Unreadable("BYDAY must be days such as TU, 2WE or -1FR.")
    if len(set(days)) < len(days):
        raise Unreadable("BYDAY says something twice.")
    return days


def _week_start(text: str) -> str:
    if text not in DAYS:
        raise Unreadable(f"WKST must be one of {', '.join(DAYS)}.")
    return text


def _until_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _UNTIL_DAY.fullmatch(text) else None
    except ValueError:
        raise Unreadable("UNTIL names a day that does not exist.") from None


def _until_moment(text: str) -> datetime | None:
    if not text or _UNTIL_DAY.fullmatch(text):
        return None
    if not _UNTIL_MOMENT.fullmatch(text):
        raise Unreadable("UNTIL must be a day, 20261231, or a moment in UTC, 20261231T120000Z.")
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise Unreadable("UNTIL names a moment that does not exist.") from None


def _ordinals(rule: Rule) -> bool:
    reach = {Frequency.MONTHLY: 5, Frequency.YEARLY: 5 if rule.bymonth else 53}.get(rule.freq, 0)
    return any(day.nth is not None and abs(day.nth) > reach for day in rule.byday)


def _places(rule: Rule) -> bool:
    listed = rule.bymonthday or rule.byday or rule.bymonth or rule.byhour or rule.byminute
    return bool(rule.bysetpos) and not listed


def _hours(rule: Rule) -> bool:
    dated = rule.bymonth or rule.bymonthday or rule.byminute or rule.bysetpos
    return rule.freq is Frequency.HOURLY and bool(dated or (rule.count and _filtered(rule)))


def _filtered(rule: Rule) -> bool:
    return bool(rule.byday or rule.byhour)


_CONTRADICTIONS: Final[tuple[tuple[Callable[[Rule], object], str], ...]] = (
    (
        lambda rule: rule.count and (rule.until_day or rule.until_moment),
        "A rule ends by COUNT or by UNTIL, not by both.",
    ),
    (
        lambda rule: rule.freq is Frequency.WEEKLY and rule.bymonthday,
        "A WEEKLY rule takes no BYMONTHDAY.",
    ),
    (
        _ordinals,
        "A numbered BYDAY is for MONTHLY (1 to 5) and YEARLY (1 to 53; 1 to 5 beside BYMONTH).",
    ),
    (_places, "BYSETPOS picks from what another BY part lists."),
    (
        _hours,
        "HOURLY takes only BYDAY and BYHOUR, and no COUNT beside them; for times of day use DAILY.",
    ),
    (
        lambda rule: max(1, len(rule.byhour)) * max(1, len(rule.byminute)) > MOST_TIMES,
        f"A rule names at most {MOST_TIMES} times of a day.",
    ),
)
