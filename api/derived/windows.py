"""How a window is asked for: two wall times and a zone."""

from __future__ import annotations

from typing import Any, Final

from api.derived.fields import attribute, build_input
from api.derived.inputs import Converted
from api.derived.scalars import LocalDateTime
from api.derived.text import Unreadable
from api.derived.zones import read_local_time, read_window
from domain.calendar.window import LocalTime, Window
from domain.kernel import Problems

WindowInput = build_input(
    "WindowInput",
    "A span on the wall clocks of a zone. Where clocks go forward, a skipped time moves forward by "
    "what was skipped; where they go back, the first of two equal times is meant. The answer says "
    "how it was read.",
    {
        "since": attribute("since", LocalDateTime, "When it begins, on a clock in the zone."),
        "until": attribute("until", LocalDateTime, "When it ends, itself not included."),
        "zone": attribute("zone", str, "The zone's name, such as Europe/Berlin."),
    },
)
LocalTimeInput = build_input(
    "LocalTimeInput",
    "What a clock on a wall shows in a zone, read as the times of a window are.",
    {
        "local": attribute("local", LocalDateTime, "What the clock shows."),
        "zone": attribute("zone", str, "The zone's name, such as Europe/Berlin."),
    },
)
CONVERTED: dict[type, Converted] = {
    Window: Converted(WindowInput, read_window),
    LocalTime: Converted(LocalTimeInput, read_local_time),
}
"""They come as wall times; the moments and the version of the zone rules are worked out."""


def _read_wall(given: Any, problems: Problems, path: tuple[str, ...]) -> str:
    """A wall time as the domain spells it; notes one that cannot be read."""
    if isinstance(given, Unreadable):
        problems.add(given.code, given.message, *path)
        return ""
    return str(given.isoformat())


WALL: Final = Converted(LocalDateTime, _read_wall)
"""A single wall time, whose zone stands beside it."""
