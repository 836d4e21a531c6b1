"""Expands recurrence rules day by day and minute by minute, with nothing but arithmetic."""

from __future__ import annotations

import calendar
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
DAY = timedelta(days=1)

Parts = dict[str, str]


def parts(rrule: str) -> Parts:
    return dict(each.split("=") for each in rrule.split(";"))


def numbers(rule: Parts, name: str) -> list[int]:
    return [int(each) for each in rule[name].split(",")] if name in rule else []


def moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first UTC minute shown as this wall time; else as the clocks before the gap would say."""
    aware = wall.replace(tzinfo=UTC)
    shown = {
        (aware + timedelta(hours=each)).astimezone(zone).utcoffset() for each in range(-40, 41)
    }
    offsets = [each for each in shown if each is not None]
    found = [aware - each for each in offsets]
    true = [each for each in found if each.astimezone(zone).replace(tzinfo=None) == wall]
    if true:
        return min(true)
    before = (min(found) - DAY).astimezone(zone).utcoffset()
    assert before is not None
    return aware - before


def period(day: date, start: date, rule: Parts) -> tuple[int, int]:
    """Which period a day is in, and whether that one counts (0 when it does)."""
    step = int(rule.get("INTERVAL", "1"))
    match rule["FREQ"]:
        case "DAILY":
            number = (day - start).days
        case "WEEKLY":
            week = DAYS.index(rule.get("WKST", "MO"))
            monday = [each - timedelta(days=(each.weekday() - week) % 7) for each in (day, start)]
            number = (monday[0] - monday[1]).days // 7
        case "MONTHLY":
            number = (day.year - start.year) * 12 + day.month - start.month
        case _:
            number = day.year - start.year
    return number, number % step


def nth(day: date, rule: Parts) -> set[str]:
    """The spellings of a day of the week that fit: TU, 2TU, -1TU."""
    name = DAYS[day.weekday()]
    if rule["FREQ"] == "MONTHLY" or "BYMONTH" in rule:
        last = calendar.monthrange(day.year, day.month)[1]
        ahead, behind = (day.day - 1) // 7 + 1, (last - day.day) // 7 + 1
    else:
        total = 366 if calendar.isleap(day.year) else 365
        number = day.timetuple().tm_yday
        ahead, behind = (number - 1) // 7 + 1, (total - number) // 7 + 1
    return {name, f"{ahead}{name}", f"+{ahead}{name}", f"-{behind}{name}"}


def fits(day: date, start: date, rule: Parts) -> bool:
    last = calendar.monthrange(day.year, day.month)[1]
    months, days = numbers(rule, "BYMONTH"), numbers(rule, "BYMONTHDAY")
    weekdays = rule["BYDAY"].split(",") if "BYDAY" in rule else []
    bare = not days and not weekdays
    if bare and rule["FREQ"] == "WEEKLY":
        weekdays = [DAYS[start.weekday()]]
    if bare and rule["FREQ"] in ("MONTHLY", "YEARLY"):
        days = [start.day]
    if bare and rule["FREQ"] == "YEARLY" and not months:
        months = [start.month]
    return (
        period(day, start, rule)[1] == 0
        and (not months or day.month in months)
        and (not days or day.day in days or day.day - last - 1 in days)
        and (not weekdays or bool(nth(day, rule).intersection(weekdays)))
    )


def expand(rrule: str, start: datetime, zone: ZoneInfo, end: datetime) -> list[datetime]:
    """Every moment from the start on and before `end`, in order, once each."""
    rule = parts(rrule)
    hours = numbers(rule, "BYHOUR") or [start.hour]
    minutes = numbers(rule, "BYMINUTE") or [start.minute]
    first = start.date().replace(day=1)
    first = first.replace(month=1) if rule["FREQ"] == "YEARLY" else first
    first -= 7 * DAY if rule["FREQ"] == "WEEKLY" else 0 * DAY
    sets: dict[int, list[datetime]] = defaultdict(list)
    day = first
    while day <= end.date() + 400 * DAY:
        if fits(day, start.date(), rule):
            sets[period(day, start.date(), rule)[0]] += [
                datetime(day.year, day.month, day.day, hour, minute)  # noqa: DTZ001
                for hour in sorted(hours)
                for minute in sorted(minutes)
            ]
        day += DAY
    places = numbers(rule, "BYSETPOS")
    walls = [
        wall
        for found in sets.values()
        for number, wall in enumerate(found)
        if not places or number + 1 in places or number - len(found) in places
    ]
    wanted = [wall for wall in walls if wall >= start][: int(rule.get("COUNT", "100000"))]
    return sorted({at for wall in wanted if (at := moment(wall, zone)) < end})
