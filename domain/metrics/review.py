"""Reviews of the numbers: opened for a period, gone through item by item, decided and closed.

The agenda of the review before is taken unless another is given. A review closes when every region
took part and everything that is to be decided is: above all whether the numbers require action.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from domain.askers import check_active, check_firsthand, check_human
from domain.kernel import (
    Aggregate,
    Command,
    Context,
    Problem,
    Problems,
    Scopes,
    Text,
)
from domain.metrics.known import KNOWN
from domain.metrics.review_events import EVENTS, Attended, Closed, Decided, Noted, Opened, evolve
from domain.metrics.review_state import AgendaItem, MetricsReview, Status
from domain.metrics.speaking import check_speaking, rotation_of
from domain.rotation.state import Rotation
from domain.rotation.state import Status as RotationStatus
from domain.wording import LINE, check_given, check_name, check_names

__all__ = ["AGGREGATE", "MetricsReview"]

LONGEST: Final = timedelta(days=31)
MOST_ITEMS: Final = 12
MOST_METRICS: Final = 12
MOST_REMARKS: Final = 24
LONGEST_NOTE: Final = 300
"""Characters of a remark or reason, so that a review stays quick to read."""

ItemName = Annotated[str, "The item of the agenda."]


# Commands.


def open(  # noqa: A001  (the name of the action)
    _state: None,
    context: Context,
    *,
    rotation: Annotated[str, "The rotation whose people hold it."],
    service: Annotated[str, "The service of that rotation."],
    since: Annotated[datetime, "When the period begins that is looked at."],
    until: Annotated[datetime, "When it ends, itself not included."],
    agenda: Annotated[
        tuple[AgendaItem, ...], "The agenda; that of the review before if none."
    ] = (),
) -> list[Any]:
    """Open a review of a period; every region of the rotation is to take part (S0-24).

    Also those that it had in the period, and has no more.
    """
    held = rotation_of(context, rotation)
    items = agenda or _before(context, rotation)
    problems = Problems()
    check_firsthand(problems, context)
    _check_opening(problems, context, held, service, since, until)
    _check_agenda(problems, items)
    problems.settle()
    regions = held.regions_within(since, until)
    return [Opened(rotation, service, since, until, regions, items)]


def attend(
    state: MetricsReview,
    context: Context,
    *,
    region: Annotated[str | None, "The region one speaks for, if there are any."] = None,
) -> list[Any]:
    """Take part, for a region one is or was on duty for in the period.

    Where none of those may, who may speaks for it. For a second region only who others put on duty
    in both.
    """
    problems = Problems()
    _check_open(problems, context, state)
    known = region in state.regions if state.regions else region is None
    problems.unless(known, "unknown_region", "The review has no such region.", "region")
    if known:
        check_speaking(problems, context, state, region)
    problems.settle()
    return [Attended(region)]


def note(
    state: MetricsReview,
    context: Context,
    *,
    item: ItemName,
    text: Annotated[Text, "What was said."],
) -> list[Any]:
    """Note what was said on an item, such as a pattern somebody saw."""
    problems = Problems()
    _check_open(problems, context, state)
    _check_item(problems, state, item)
    check_given(problems, text, LONGEST_NOTE, "text")
    full = len(state.remarks) >= MOST_REMARKS
    problems.unless(not full, "too_many", f"At most {MOST_REMARKS} remarks.", "text")
    problems.settle()
    return [Noted(item, text)]


def decide(
    state: MetricsReview,
    context: Context,
    *,
    item: ItemName,
    action_required: Annotated[bool, "Whether something has to be done."],
    reason: Annotated[Text, "Why, or why not."],
    owner: Annotated[str | None, "Who sees to it."] = None,
    due: Annotated[datetime | None, "By when."] = None,
) -> list[Any]:
    """Record whether an item requires action, with who sees to it if it does (S0-29)."""
    problems = Problems()
    _check_open(problems, context, state)
    _check_item(problems, state, item)
    check_given(problems, reason, LONGEST_NOTE, "reason")
    _check_owner(problems, context, action_required, owner, due)
    problems.settle()
    return [Decided(item, action_required, reason, owner, due)]


def close(state: MetricsReview, context: Context) -> list[Any]:
    """End the review, once every region took part and everything that is to be decided is."""
    problems = Problems()
    _check_open(problems, context, state)
    decided = {each.item for each in state.decisions}
    for each in state.agenda:
        if each.decides and each.name not in decided:
            message = f"It is not decided whether {each.title!r} requires action."
            path = ("agenda", each.name)
            problems.append(Problem("decision_missing", message, path, as_named=True))
    spoken = {each.region for each in state.attendances}
    for region in state.regions or (None,):
        message = f"Nobody took part for {region}." if region else "Nobody took part."
        problems.unless(region in spoken, "region_missing", message, "regions")
    problems.settle()
    return [Closed()]


# Checks.


def _before(context: Context, rotation: str) -> tuple[AgendaItem, ...]:
    """The agenda of the last review of the rotation."""
    known = context.records.find(MetricsReview, rotation=rotation)
    last = max(known, key=lambda each: (each.opened_at, each.id), default=None)
    return last.agenda if last else ()


def _check_opening(  # noqa: PLR0917  (everything that a review is opened with)
    problems: Problems,
    context: Context,
    held: Rotation,
    service: str,
    since: datetime,
    until: datetime,
) -> None:
    active = held.status is RotationStatus.ACTIVE
    problems.unless(active, "rotation_retired", "This rotation is no more.", "rotation")
    message = "The rotation is for another service."
    problems.unless(service == held.service, "other_service", message, "service")
    ordered = since < until
    problems.unless(ordered, "ends_before_it_begins", "It ends before it begins.", "until")
    past = until <= context.at + LONGEST
    short = until - since <= LONGEST
    problems.unless(short and past, "until_too_far", f"At most {LONGEST.days} days.", "until")


def _check_agenda(problems: Problems, agenda: tuple[AgendaItem, ...]) -> None:
    problems.unless(agenda, "agenda_missing", "There is no review before this; say what for.")
    names = tuple(each.name for each in agenda)
    check_names(problems, names, MOST_ITEMS, "agenda")
    for at, each in enumerate(agenda[:MOST_ITEMS]):
        path = ("agenda", str(at))
        check_given(problems, each.title, LINE, *path, "title")
        _check_metrics(problems, each.metrics, *path, "metrics")
        if each.resource is not None:
            check_name(problems, each.resource, *path, "resource")


def _check_metrics(problems: Problems, named: tuple[str, ...], *path: str) -> None:
    check_names(problems, named, MOST_METRICS, *path)
    message = f"There is no such number. There are: {', '.join(KNOWN)}."
    for at, each in enumerate(named[:MOST_METRICS]):
        problems.unless(each in KNOWN, "unknown_metric", message, *path, str(at))


def _check_open(problems: Problems, context: Context, state: MetricsReview) -> None:
    check_firsthand(problems, context)
    check_human(problems, context.by)
    problems.unless(state.status is Status.OPEN, "review_closed", "This review is over.")


def _check_item(problems: Problems, state: MetricsReview, item: str) -> None:
    problems.unless(state.item(item), "unknown_item", "The agenda has no such item.", "item")


def _check_owner(
    problems: Problems,
    context: Context,
    required: bool,
    owner: str | None,
    due: datetime | None,
) -> None:
    paired = (owner is not None) == required
    message = "Name who sees to it where something has to be done, and nobody where not."
    problems.unless(paired, "action_owner_missing", message, "owner")
    if owner is not None:
        check_human(problems, owner, "owner")
        check_active(problems, context, owner, "owner")
    ahead = due is None or (required and due > context.at)
    problems.unless(ahead, "since_passed", "This moment has passed, or nothing is due.", "due")


def _scopes(state: MetricsReview | None, _command: str, arguments: Mapping[str, Any]) -> Scopes:
    service = state.service if state else arguments.get("service")
    return {"service": frozenset((service,) if service else ())}


AGGREGATE: Final = Aggregate(
    "metrics_review",
    MetricsReview,
    events=EVENTS,
    evolve=evolve,
    commands=(
        Command(open),
        Command(attend),
        Command(note),
        Command(decide),
        Command(close),
    ),
    scopes=_scopes,
    indexed=("rotation", "status", "service"),
)
