"""Carrying a release out: tagging, deploying, publishing, looking back, closing, giving up."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from domain.askers import check_claim
from domain.kernel import Context, Problems, Text, is_person, refusal
from domain.passage import require
from domain.process.release import ANNOUNCE, CLOSE, DEPLOY, PUBLISH
from domain.release.act_events import (
    Aborted,
    Announced,
    Closed,
    DeploymentStarted,
    Published,
    Reviewed,
)
from domain.release.commands.going_out import check_left
from domain.release.embargo import shown
from domain.release.gate.bringing import setting_off
from domain.release.gate.gates import own, passed
from domain.release.gate.question import asked_of
from domain.release.state import ENDED, Progress, Release, cargo_of
from domain.release.whereabouts.counted import counting, standing
from domain.release.whereabouts.left_behind import left_behind
from domain.release.whereabouts.out import in_words, looked_back, still_to_come
from domain.wording import NOTE, check_given


def deploy(
    state: Release,
    context: Context,
    *,
    environment: Annotated[str, "The environment, in the playbook's words."],
) -> list[Any]:
    """Let the release go to an environment, if the gate lets it.

    Where its package was built here and the environment is kept here, that starts a deployment,
    whose end settles this one; else settle it when it is over. Where the very package stands there
    already, that counts for the release from then on, and nothing is deployed.
    """
    evidence = passed(state, context, f"{DEPLOY}:{environment}")
    if there := standing(state, environment, context.records):
        return counting(state, there, evidence)
    begun = setting_off(state, environment, context.records, evidence)
    started = DeploymentStarted(
        environment, cargo_of(state), evidence, begun.subject if begun else None
    )
    return [started, begun] if begun else [started]


def follow_deployment(
    state: Release, context: Context, *, environment: str, deployment: str
) -> list[Any]:
    """Go where a deployment that was requested for it goes; only its start asks for this."""
    at, authority, records = context.at, context.authority, context.records
    evidence = require(own(state, environment, at, authority, records))
    return [DeploymentStarted(environment, cargo_of(state), evidence, deployment)]


def publish(state: Release, context: Context) -> list[Any]:
    """Publish it, if the gate lets it: tagged, tested, deployed and authorised (X-01).

    What was hidden with it reads from then on.
    """
    published = Published(passed(state, context, PUBLISH))
    return [published, *shown(state, context.records)] if state.embargoed else [published]


_LOCATION: Final = re.compile(r"https?://\S{1,500}")


def announce(
    state: Release,
    context: Context,
    *,
    location: Annotated[str, "Where the announcement stands: its address."],
) -> list[Any]:
    """Tell everybody, once it is published and the gate lets it (S1-38, S1-47)."""
    problems = Problems()
    message = "An address begins with http:// or https:// and has no spaces."
    problems.unless(_LOCATION.fullmatch(location), "link_unusable", message, "location")
    problems.settle()
    return [Announced(location, passed(state, context, ANNOUNCE))]


def review(
    state: Release,
    context: Context,
    *,
    findings: Annotated[Text, "What one sees looking back."],
    feedback: Annotated[Text | None, "What users said."] = None,
    lessons: Annotated[Text | None, "What will be done otherwise."] = None,
) -> list[Any]:
    """Look back on the release, with what users said and what is learned (S3-11).

    That is once it is out, and once more only where that was not told before. What was said of it
    before it was out counts for nothing.
    """
    problems = Problems()
    check_claim(problems, context)
    problems.unless(state.status not in ENDED, "ended", "The release has ended.")
    ask = asked_of(state, context)
    coming, told = still_to_come(ask), looked_back(ask)
    message = (
        f"It has to {in_words(coming)} first: it is looked back on afterwards, however it went."
    )
    problems.unless(not coming, "not_out_yet", message)
    more = told is None or (told.feedback is None and feedback is not None)
    problems.unless(more, "reviewed_before", "It was looked back on already.")
    problems.unless(is_person(context.by), "not_a_person", "Only a person looks back.")
    check_given(problems, findings, NOTE, "findings")
    for name, text in (("feedback", feedback), ("lessons", lessons)):
        if text is not None:
            check_given(problems, text, NOTE, name)
    problems.settle()
    return [Reviewed(findings, feedback, lessons)]


def close(state: Release, context: Context) -> list[Any]:
    """Close the release, if the gate lets it (S3-11)."""
    return [Closed(passed(state, context, CLOSE))]


_PUBLISHED: Final = (
    "It was published: close it, or have it rolled back from where that asks for it."
)


def abort(
    state: Release, context: Context, *, reason: Annotated[Text, "Why it is given up."]
) -> list[Any]:
    """Give the release up; not what was published, is being deployed, or is live.

    What came later may carry it on there: such a release is closed as well, unless it was found not
    to work. What was published is given up only once it was taken back from where closing asks for
    it. Whatever was overridden on its way is countersigned before.
    """
    if state.status in ENDED:
        raise refusal("ended", "The release has ended.")
    problems = Problems()
    check_claim(problems, context)
    check_given(problems, reason, NOTE, "reason")
    ask = asked_of(state, context)
    published = state.published_at is not None and not left_behind(ask)
    problems.unless(not published, "published_before", _PUBLISHED)
    running = any(each.progress is Progress.RUNNING for each in state.deliveries)
    problems.unless(not running, "deployment_running", "A deployment of it is running.")
    check_left(problems, ask)
    problems.settle()
    return [Aborted(reason)]
