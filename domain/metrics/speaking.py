"""Who speaks for a region in a review of the numbers: no one person for every region alone."""

from __future__ import annotations

from typing import Final

from domain.askers import askers
from domain.authorship import accounts
from domain.kernel import Context, Problems, refusal
from domain.metrics.review_state import MetricsReview
from domain.office import holds
from domain.rotation.by_others import without
from domain.rotation.schedule import Schedule, on_duty, spans
from domain.rotation.state import Rotation
from domain.turn_state import Turn

MOST_PEOPLE: Final = 24


def check_speaking(
    problems: Problems, context: Context, state: MetricsReview, region: str | None
) -> None:
    """Note why somebody may not speak for those on duty in a region: off duty, or spoken before."""
    able, hands = _on_duty(context, state, region), askers(context)
    message = f"Those speak for {region or 'it'} who are or were on duty there in the period."
    free = able if context.by in able else _free(context, state, region, able)
    problems.unless(not free or context.by in able, "off_duty", message, "region")
    spoken = _spoken(state, hands)
    again = region in spoken or (spoken and context.by not in able)
    message = "You take part already, and are not on duty for another region."
    problems.unless(not again, "attended_already", message, "region")
    alone = spoken and not again and not _put_by_others(context, state, {region, *spoken}, hands)
    message = "You speak for two regions only where others put you on duty: another speaks for it."
    problems.unless(not alone, "duty_by_own_word", message, "region")
    heard = any(each.region == region for each in state.attendances)
    full = heard and len(state.attendances) >= MOST_PEOPLE
    problems.unless(not full, "too_many", f"At most {MOST_PEOPLE} people.")


def _free(
    context: Context, state: MetricsReview, region: str | None, able: frozenset[str]
) -> frozenset[str]:
    """Those on duty who could still speak for the region, whatever they have spoken for so far."""
    hands = {each: accounts((each,), context.authority, context.at) for each in able}
    spoken = {each: _spoken(state, hands[each]) for each in able}
    return frozenset(
        each
        for each in able
        if not (spoken[each] - {region})
        or _put_by_others(context, state, {region, *spoken[each]}, hands[each])
    )


def _spoken(state: MetricsReview, hands: frozenset[str]) -> set[str | None]:
    """The regions that one of these accounts speaks for."""
    return {each.region for each in state.attendances if each.person in hands}


def _put_by_others(
    context: Context, state: MetricsReview, regions: set[str | None], hands: frozenset[str]
) -> bool:
    """Whether others put these accounts on duty in each of the regions.

    Otherwise one person could hold the review alone, also where nobody is on duty and so anybody
    may speak.
    """
    return all(hands & _on_duty(context, state, each, hands) for each in regions)


def _on_duty(
    context: Context, state: MetricsReview, region: str | None, hands: frozenset[str] = frozenset()
) -> frozenset[str]:
    """Who speaks for a region: those who are or were on duty there in the period.

    With `hands`, the schedule is read without the turns that these accounts gave, cancelled or
    arranged. A rotation gives nobody a right, so those who may not take part keep nobody away.
    """
    held = rotation_of(context, state.rotation)
    known = Schedule(held, context.records.find(Turn, rotation=held.id))
    schedule = without(known, hands) if hands else known
    period = spans(schedule, state.since, state.until, region)
    duties = [*(each.duty for each in period), on_duty(schedule, context.at, region)]
    people = {person for each in duties if each is not None for person in each.people}
    here = (each for each in people if holds(context.authority, each, None, {}, context.at))
    return frozenset(each for each in here if context.may(each))


def rotation_of(context: Context, id: str) -> Rotation:
    """The rotation that holds a review; a Refusal where there is none."""
    found = context.records.get(Rotation, id)
    if found is None:
        raise refusal("not_found", "There is no such rotation.", "rotation")
    return found
