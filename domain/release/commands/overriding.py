"""Overriding what an environment says to a release by hand, or locks to publishing it, by two."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from domain.askers import rights
from domain.deployment.lifting import check_giver, check_signer, lifted
from domain.deployment.owing import unsigned
from domain.deployment.state import Status
from domain.gate import Verdict
from domain.kernel import Context, Problems, Records, Text
from domain.release.act_events import (
    Countersigned,
    Overridden,
    PublicationCountersigned,
    PublicationOverridden,
)
from domain.release.fold_overrides import MOST_OVERRIDES
from domain.release.gate.bringing import asking, by_itself
from domain.release.gate.gates import of_place
from domain.release.gate.place import locked_for_all, to_be_published
from domain.release.gate.question import asked_of
from domain.release.standing import kind_of
from domain.release.state import ENDED, PlaceOverride, Progress, Release
from domain.release.whereabouts.by_override import going_by_hand, publishing, told_of


def override(
    state: Release,
    context: Context,
    *,
    environment: Annotated[str, "The environment, in the playbook's words."],
    reason: Annotated[Text, "Why it cannot wait."],
) -> list[Any]:
    """Let it go there by hand in spite of what the environment says now; a second person signs.

    That is where no deployment is kept here that could be overridden: of several packages, of
    what is hidden, or where nobody keeps the environment. It is for this revision, and for once.
    What its playbook asks is never overridden; else it is as of a deployment.
    """
    problems = Problems()
    check_giver(problems, context, reason)
    _check_going(problems, state, context, environment)
    problems.settle()
    kept = tuple(each for each in state.overrides if each is not state.lifted(environment))
    ask = asked_of(replace(state, overrides=kept), context)
    what = lifted(asking(ask, going_by_hand(ask.state, environment)), of_place(ask, environment))
    number = max((each.number for each in state.overrides), default=0) + 1
    by = rights(context)
    return [Overridden(number, environment, state.revision, reason, *what, *by)]


def _check_going(problems: Problems, state: Release, context: Context, environment: str) -> None:
    """Note that it does not go there, or not now, or that a deployment brings it."""
    problems.unless(state.status not in ENDED, "ended", "The release has ended.")
    goes = environment in kind_of(state, context.records).environments
    path = ("environment",)
    problems.unless(goes, "unknown_environment", "The release never goes there.", *path)
    own = by_itself(state, environment, context.records)
    message = "A deployment brings it there: request that, and override what blocks it."
    problems.unless(own, "deployment_kept", message, *path)
    found = state.delivery(environment)
    going = found is not None and found.progress is Progress.RUNNING
    problems.unless(not going, "deployment_running", "It is on its way there.", *path)
    owed = sum(each.owing for each in state.overrides)
    message = f"At most {MOST_OVERRIDES} of its overrides wait for a second person."
    problems.unless(owed < MOST_OVERRIDES, "no_room", message)


def countersign(
    state: Release,
    context: Context,
    *,
    number: Annotated[int, "Which of the release's overrides, by its number."],
) -> list[Any]:
    """Stand by an override of what went by hand, as a second person.

    That is nobody who made it, or planned the release.
    """
    problems = Problems()
    made = next((each for each in state.overrides if each.number == number), None)
    told = told_of(state, made) if made else going_by_hand(state, "")
    waits = made is not None and signable(state, made, context.records)
    message = "Who made it or planned the release does not countersign it."
    check_signer(problems, told, context, waits=waits, message=message)
    problems.settle()
    return [Countersigned(number, *rights(context))]


def signable(state: Release, made: PlaceOverride, records: Records) -> bool:
    """Whether a second person may sign an override: it is owed, or may yet let something pass."""
    told = told_of(state, made)
    waits = told.status is Status.REQUESTED and by_itself(state, made.environment, records)
    return unsigned(told) and (told.owing or waits or told.status is Status.RUNNING)


# Publishing it.


def override_publication(
    state: Release, context: Context, *, reason: Annotated[Text, "Why it cannot wait."]
) -> list[Any]:
    """Let it be published in spite of the locks in force now; a second person signs.

    It is for this revision, and covers the locks as they stand. What its playbook asks is never
    overridden.
    """
    problems = Problems()
    check_giver(problems, context, reason)
    problems.unless(state.status not in ENDED, "ended", "The release has ended.")
    fresh = state.published_at is None
    problems.unless(fresh, "published_before", "It was published before.")
    problems.settle()
    ask = asked_of(replace(state, publication_override=None), context)
    what = lifted(to_be_published(ask), Verdict(locked_for_all(ask)))
    by = rights(context)
    return [PublicationOverridden(state.revision, reason, *what, *by)]


def countersign_publication(state: Release, context: Context) -> list[Any]:
    """Stand by the override of its publication, as a second person.

    That is nobody who made it, or planned the release.
    """
    problems = Problems()
    message = "Who made it or planned the release does not countersign it."
    waits = publication_signable(state)
    check_signer(problems, publishing(state), context, waits=waits, message=message)
    problems.settle()
    return [PublicationCountersigned(*rights(context))]


def publication_signable(state: Release) -> bool:
    """Whether a second person may sign it: it is owed, or may yet let it be published."""
    made = state.publication_override
    if made is None or made.override.countersigned_at is not None:
        return False
    mine = made.revision == state.revision and state.published_at is None
    return made.owing or (mine and state.status not in ENDED)
