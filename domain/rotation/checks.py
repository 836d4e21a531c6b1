"""What keeps layers, regions, handles and steps from being as asked."""

from __future__ import annotations

import re
from datetime import datetime, time
from typing import Final

from domain.askers import check_active, check_human
from domain.calendar.window import check_clock, clock_of, find_zone
from domain.digest import canonical
from domain.kernel import Context, Problems
from domain.rotation.state import Hours, Layer, Rotation, Status, Step
from domain.wording import check_name, check_names

MOST_REGIONS: Final = 12
MOST_HANDLES: Final = 12
MOST_LAYERS: Final = 12
"""How many layers count at the same time."""
MOST_PEOPLE: Final = 60
"""How many people take turns in one layer."""
MOST_HOURS: Final = 7
MOST_STEPS: Final = 12
LONGEST_INTERVAL: Final = 400
LONGEST_WAIT: Final = 7 * 24 * 60
"""Minutes to wait for an answer before turning to the next."""
LARGEST: Final = 14_000
"""How many bytes a rotation takes, past layers too, so that it stays quick to read."""
_TIME: Final = re.compile(r"[0-2]\d:[0-5]\d", re.ASCII)
_WALL: Final = re.compile(r"(?:19[7-9]|20\d|21\d)\d-\d\d-\d\dT\d\d:\d\d(?::\d\d)?", re.ASCII)


def check_regions(problems: Problems, regions: tuple[str, ...]) -> None:
    """Note regions that are unusable, twice in the list, or too many."""
    check_names(problems, regions, MOST_REGIONS, "regions")


def check_region(problems: Problems, state: Rotation, region: str | None, *path: str) -> None:
    """Note a region that the rotation does not cover."""
    known = region is None or region in state.regions
    problems.unless(known, "unknown_region", "The rotation has no such region.", *path)


def check_handles(problems: Problems, context: Context, handles: tuple[str, ...]) -> None:
    """Note handles that are unusable, or stand for another duty or a person already (S0-21)."""
    check_names(problems, handles, MOST_HANDLES, "handles")
    others = context.records.find(Rotation, status=Status.ACTIVE)
    taken = {
        handle.casefold()
        for each in others
        if each.id != context.subject
        for handle in each.handles
    }
    for at, handle in enumerate(handles):
        other = handle.casefold() in taken or context.authority.named(handle) is not None
        message = "This handle stands for somebody else."
        problems.unless(not other, "duty_handle_taken", message, "handles", str(at))


def check_steps(problems: Problems, context: Context, steps: tuple[Step, ...]) -> None:
    """Note steps that name nobody who could be turned to."""
    problems.unless(len(steps) <= MOST_STEPS, "too_many", f"At most {MOST_STEPS}.", "escalation")
    for at, step in enumerate(steps):
        path = ("escalation", str(at))
        check_name(problems, step.name, *path, "name")
        waits = 0 < step.minutes <= LONGEST_WAIT
        message = f"Between 1 and {LONGEST_WAIT} minutes."
        problems.unless(waits, "out_of_range", message, *path, "minutes")
        alone = not (step.people and step.rotation)
        message = "Name people or another rotation, not both."
        problems.unless(alone, "people_or_rotation", message, *path, "people")
        _check_people(problems, context, step.people, *path)
        if step.rotation is not None:
            other = context.records.get(Rotation, step.rotation)
            usable = other is not None and other.id != context.subject
            problems.unless(usable, "not_found", "There is no such rotation.", *path, "rotation")


def _check_people(
    problems: Problems, context: Context, people: tuple[str, ...], *path: str
) -> None:
    problems.unless(
        len(people) <= MOST_PEOPLE, "too_many", f"At most {MOST_PEOPLE}.", *path, "people"
    )
    for at, person in enumerate(people[:MOST_PEOPLE]):
        check_human(problems, person, *path, "people", str(at))
        check_active(problems, context, person, *path, "people", str(at))


# Layers.


def check_layers(
    problems: Problems, context: Context, state: Rotation, layers: tuple[Layer, ...]
) -> None:
    """Note everything that keeps these layers from putting people on duty."""
    problems.unless(len(layers) <= MOST_LAYERS, "too_many", f"At most {MOST_LAYERS}.", "layers")
    names = [each.name for each in layers]
    message = "A layer's name stands here twice."
    problems.unless(len(set(names)) == len(names), "named_twice", message, "layers")
    for at, layer in enumerate(layers[:MOST_LAYERS]):
        path = ("layers", str(at))
        check_name(problems, layer.name, *path, "name")
        check_region(problems, state, layer.region, *path, "region")
        problems.unless(layer.people, "people_missing", "Somebody takes turns.", *path, "people")
        _check_people(problems, context, layer.people, *path)
        _check_clock(problems, layer, *path)
        _check_numbers(problems, layer, *path)
        _check_hours(problems, layer.hours, *path, "hours")


def _check_clock(problems: Problems, layer: Layer, *path: str) -> None:
    zone, start = find_zone(layer.zone), layer.local_start
    problems.unless(zone, "unknown_zone", f"There is no zone {layer.zone[:50]!r}.", *path, "zone")
    readable = _is_wall(start)
    problems.unless(readable, "unreadable_time", "A wall time.", *path, "local_start")
    if zone and readable:
        check_clock(problems, clock_of(datetime.fromisoformat(start), zone), *path, "local_start")


def _is_wall(text: str) -> bool:
    try:
        return bool(_WALL.fullmatch(text)) and datetime.fromisoformat(text).year > 0
    except ValueError:
        return False


def _check_numbers(problems: Problems, layer: Layer, *path: str) -> None:
    lasts = 0 < layer.interval <= LONGEST_INTERVAL
    message = f"Between 1 and {LONGEST_INTERVAL} steps."
    problems.unless(lasts, "out_of_range", message, *path, "interval")
    shared = 0 < layer.together <= max(1, len(layer.people))
    message = "As many people share a turn as there are, or fewer."
    problems.unless(shared, "out_of_range", message, *path, "together")


def _check_hours(problems: Problems, hours: tuple[Hours, ...], *path: str) -> None:
    problems.unless(len(hours) <= MOST_HOURS, "too_many", f"At most {MOST_HOURS}.", *path)
    for at, each in enumerate(hours):
        for name in ("since", "until"):
            message = "A time of day, such as 09:00."
            readable = _is_time(getattr(each, name))
            problems.unless(readable, "unreadable_time", message, *path, str(at), name)


def _is_time(text: str) -> bool:
    try:
        return bool(_TIME.fullmatch(text)) and time.fromisoformat(text) is not None
    except ValueError:
        return False


def check_room(problems: Problems, state: Rotation) -> None:
    """Note a rotation that would keep more past layers than it can."""
    small = bool(problems) or len(canonical(state)) <= LARGEST
    message = "This rotation keeps as much as it can; retire it and set up another."
    problems.unless(small, "rotation_full", message, "layers")
