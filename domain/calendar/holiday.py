"""Which days are public holidays, by country and by region of a country."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.metadata import version
from typing import Final

from domain.kernel import refusal

HOLIDAY_DATA: Final = version("holidays")
"""The version of the holiday data, recorded with every date worked out by them."""
_PLACE: Final = re.compile(r"([A-Z]{2})(?:-([0-9A-Za-z]{1,20}))?", re.ASCII)
_LANGUAGE: Final = "en_US"


@dataclass(frozen=True, slots=True)
class Holiday:
    """A public holiday: its day, where (`DE` or `DE-BY`), and its name, in English if known."""

    day: date
    place: str
    name: str


def known_place(place: str) -> bool:
    """Whether holidays are known there: a country, `DE`, or a region of one, `DE-BY`."""
    found = _PLACE.fullmatch(place)
    if found is None:
        return False
    regions = _regions().get(found[1])
    return regions is not None and (found[2] is None or found[2] in regions)


def holidays_on(day: date, places: tuple[str, ...]) -> tuple[Holiday, ...]:
    """The public holidays of that day in these places; a region has those of its country too.

    Refusal: `unknown_holidays` for a place, or a year of it, that the data do not know; what is
    not known is not taken for a working day (X-05).
    """
    found = ((place, _year(place, day.year).get(day)) for place in places)
    return tuple(Holiday(day, place, name) for place, name in found if name is not None)


@lru_cache(maxsize=1)
def _regions() -> dict[str, frozenset[str]]:
    import holidays  # noqa: PLC0415  (a third of a second, spent only where holidays count)

    listed = holidays.list_supported_countries()
    return {country: frozenset(regions) for country, regions in listed.items()}


@lru_cache(maxsize=1024)
def _year(place: str, year: int) -> dict[date, str]:
    """The holidays of one year in one place."""
    import holidays  # noqa: PLC0415  (as above)

    if not known_place(place):
        raise refusal("unknown_holidays", f"No holidays are known for {place[:30]!r}.", "holidays")
    country, _, region = place.partition("-")
    found = holidays.country_holidays(
        country, subdiv=region or None, years=year, expand=False, language=_LANGUAGE
    )
    if not found.start_year <= year <= found.end_year:
        raise refusal(
            "unknown_holidays", f"The holidays of {place} in {year} are not known.", "holidays"
        )
    return dict(found.items())
