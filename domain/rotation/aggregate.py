"""The aggregate `rotation`: set up, arranged in layers, handed over, retired."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from domain.anew import anew
from domain.askers import askers, check_claim, check_firsthand
from domain.kernel import (
    KEEP,
    Aggregate,
    Command,
    Context,
    Keep,
    Problems,
    Scopes,
    Seen,
    Text,
)
from domain.rotation.checks import (
    check_handles,
    check_layers,
    check_region,
    check_regions,
    check_room,
    check_steps,
)
from domain.rotation.events import (
    EVENTS,
    Arranged,
    EscalationChanged,
    Established,
    HandedOver,
    HandlesChanged,
    PurposeChanged,
    RegionsChanged,
    Renamed,
    Retired,
    arranged,
    evolve,
)
from domain.rotation.schedule import Schedule, on_duty
from domain.rotation.state import Layer, Rotation, Status, Step
from domain.rotation.turns import override, plan_turns
from domain.turn_state import Turn
from domain.wording import ANY, LINE, NOTE, check_given, check_name, check_wording

NEARBY: Final = timedelta(days=1)
"""How long before and after a duty somebody may still hand it over."""
LONGEST_NOTE: Final = 500
"""Characters of a note that the rotation's own state keeps."""

Name = Annotated[str, "What the rotation is called."]
Purpose = Annotated[Text | None, "What the duty is, if it needs saying."]
Regions = Annotated[tuple[str, ...], "The regions to be covered; none if it is one duty."]
Handles = Annotated[tuple[str, ...], "Names that stand for whoever is on duty."]
Escalation = Annotated[tuple[Step, ...], "Whom to turn to, one after the other."]
Reason = Annotated[Text, "Why this is done."]


def establish(
    _state: None,
    context: Context,
    *,
    name: Name,
    service: Annotated[str, "The service the duty is for, or `any`."],
    purpose: Purpose = None,
    regions: Regions = (),
    handles: Handles = (),
    escalation: Escalation = (),
) -> list[Any]:
    """Set a rotation up, with nobody on duty (S4-01, S0-20)."""
    given: dict[str, Any] = {"name": name, "purpose": purpose, "regions": regions}
    given |= {"handles": handles, "escalation": escalation}
    problems = Problems()
    check_claim(problems, context)
    if service != ANY:
        check_name(problems, service, "service")
    _check_described(problems, context, given)
    problems.settle()
    return [Established(name, service, purpose, regions, handles, escalation)]


def edit(
    state: Rotation,
    context: Context,
    *,
    name: Name | Keep = KEEP,
    purpose: Purpose | Keep = KEEP,
    regions: Regions | Keep = KEEP,
    handles: Handles | Keep = KEEP,
    escalation: Escalation | Keep = KEEP,
) -> list[Any]:
    """Describe a rotation anew; what is left out stays, and what is the same is no event."""
    given: dict[str, Any] = {"name": name, "purpose": purpose, "regions": regions}
    given |= {"handles": handles, "escalation": escalation}
    changed = {each: new for each, new in given.items() if new not in (KEEP, getattr(state, each))}
    problems = Problems()
    _check_active(problems, context, state)
    _check_described(problems, context, changed)
    _check_regions_kept(problems, context, state, changed)
    problems.settle()
    return [CHANGED[each](new) for each, new in changed.items()]


def arrange(
    state: Rotation,
    context: Context,
    *,
    layers: Annotated[tuple[Layer, ...], "Every layer there is to be, the first over the others."],
    since: Annotated[datetime | None, "From when they count; now unless given."] = None,
) -> list[Any]:
    """Put people on duty by regular turns; the layers before these count until then."""
    begin = context.at if since is None else since
    problems = Problems()
    _check_active(problems, context, state)
    ahead = begin >= context.at or not state.layers
    problems.unless(ahead, "since_passed", "Only the first layers count from the past.", "since")
    check_layers(problems, context, state, layers)
    check_room(problems, anew(state, {"layers": arranged(state.layers, layers, begin)}))
    problems.settle()
    return [Arranged(layers, begin)]


def hand_over(
    state: Rotation,
    context: Context,
    *,
    region: Annotated[str | None, "The region handed over; the whole if left out."] = None,
    note: Annotated[Text, "What the next ones need to know."],
) -> list[Any]:
    """Tell whoever takes the duty over how things stand; for who is or was just on duty."""
    problems = Problems()
    check_firsthand(problems, context)
    _check_active(problems, context, state)
    check_region(problems, state, region, "region")
    check_given(problems, note, LONGEST_NOTE, "note")
    message = "Who hands over is on duty, or was within a day."
    problems.unless(_near_duty(state, context, region), "not_on_duty", message)
    problems.settle()
    return [HandedOver(region, note)]


def retire(state: Rotation, context: Context, *, reason: Reason) -> list[Any]:
    """Put nobody on duty any more; who was on duty before stays known."""
    problems = Problems()
    _check_active(problems, context, state)
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    return [Retired(reason)]


CHANGED: Final[Mapping[str, Any]] = {
    "name": Renamed,
    "purpose": PurposeChanged,
    "regions": RegionsChanged,
    "handles": HandlesChanged,
    "escalation": EscalationChanged,
}


def _check_active(problems: Problems, context: Context, state: Rotation) -> None:
    check_claim(problems, context)
    active = state.status is Status.ACTIVE
    problems.unless(active, "rotation_retired", "This rotation is no more.")


def _check_described(problems: Problems, context: Context, given: Mapping[str, Any]) -> None:
    if "name" in given:
        check_given(problems, given["name"], LINE, "name")
    if given.get("purpose") is not None:
        check_wording(problems, given["purpose"], LONGEST_NOTE, "purpose")
    if "regions" in given:
        check_regions(problems, given["regions"])
    if "handles" in given:
        check_handles(problems, context, given["handles"])
    if "escalation" in given:
        check_steps(problems, context, given["escalation"])


def _check_regions_kept(
    problems: Problems, context: Context, state: Rotation, changed: Mapping[str, Any]
) -> None:
    """Note a region that would be gone while layers still cover it."""
    regions = changed.get("regions", state.regions)
    used = {
        each.layer.region
        for each in state.layers
        if each.layer.region and (each.until is None or context.at < each.until)
    }
    message = "Layers cover a region that is left out."
    problems.unless(used.issubset(regions), "region_in_use", message, "regions")


def _near_duty(state: Rotation, context: Context, region: str | None) -> bool:
    schedule = Schedule(state, context.records.find(Turn, rotation=state.id))
    regions = schedule.regions if region is None else (region,)
    found = (
        on_duty(schedule, at, each) for at in (context.at - NEARBY, context.at) for each in regions
    )
    people = {person for duty in found if duty for person in duty.people}
    return not people.isdisjoint(askers(context))


def _scopes(state: Rotation | None, _command: str, arguments: Mapping[str, Any]) -> Scopes:
    service = state.service if state else arguments.get("service")
    return {"service": frozenset((service,) if service else ())}


AGGREGATE: Final = Aggregate(
    "rotation",
    Rotation,
    events=EVENTS,
    evolve=evolve,
    commands=(
        Command(establish),
        Command(edit, seen=Seen.VERSION),
        Command(arrange, seen=Seen.VERSION),
        Command(plan_turns),
        Command(override),
        Command(hand_over),
        Command(retire),
    ),
    scopes=_scopes,
    indexed=("status", "service", "name"),
    fold=3,
)
