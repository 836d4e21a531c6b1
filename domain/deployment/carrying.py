"""Carrying a deployment out: starting, going on, ending, watching, rolling back, closing."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import Annotated, Any, Final

from domain.askers import check_claim
from domain.change.state import Change
from domain.deployment.cancelled import Going, cancelled_beneath, check_cancelled
from domain.deployment.events import (
    Advanced,
    Closed,
    Failed,
    FoundBefore,
    Joined,
    Observed,
    Progressed,
    Reinstated,
    RolledBack,
    Started,
    Succeeded,
    Superseded,
    Verified,
)
from domain.deployment.found_bad import against, taken_back
from domain.deployment.gates import passed
from domain.deployment.state import MOST_SEEN, Deployment, Status
from domain.deployment.undoing import may_undo
from domain.kernel import Context, Problems, Records, Text, Then
from domain.package import Package
from domain.release.evidence.made_of import release_made_of
from domain.release.state import Progress
from domain.release.whereabouts.counted import counted_for
from domain.wording import NOTE, check_given, check_name

SHORT: Final = 200
"""The longest remark of an observation, in characters."""
DEPLOYED: Final = (Status.RUNNING, Status.SUCCEEDED, Status.FAILED)
"""Where there may be something to roll back."""
_SAID: Final = attrgetter("at")


def start(state: Deployment, context: Context) -> list[Any]:
    """Start it, if the gate lets it: built, in its turn, unlocked, and nothing else running."""
    started = Started(passed(state, context, "start"))
    asked = any(each.requirement == "release" and each.evidence for each in started.evidence)
    release = state.wish.belongs_to or (_made_of_it(state, context) if asked else None)
    if release is None:
        return [started]
    joined = () if state.wish.belongs_to else (Joined(release),)
    given = {"environment": state.environment, "deployment": state.id}
    return [*joined, started, Then("release.follow_deployment", release, given)]


def _made_of_it(state: Deployment, context: Context) -> str | None:
    """The release that it turns out to belong to, though nobody said so."""
    package = context.records.get(Package, state.package)
    return release_made_of(package, state.environment, context.records) if package else None


def advance(
    state: Deployment, context: Context, *, stage: Annotated[str, "The stage it goes on to."]
) -> list[Any]:
    """Go on to a further stage, if line, health and package are good, and no lock halts it."""
    problems = Problems()
    check_name(problems, stage, "stage")
    problems.settle()
    return [Advanced(stage, passed(state, context, "advance"))]


def progress(
    state: Deployment, context: Context, *, percent: Annotated[int, "How far, from 0 to 100."]
) -> list[Any]:
    """Say how far it is."""
    problems = _running(state, context)
    problems.unless(0 <= percent <= 100, "out_of_range", "From 0 to 100.", "percent")
    problems.settle()
    return [Progressed(percent)] if percent != state.percent else []


def succeed(state: Deployment, context: Context) -> list[Any]:
    """Say that it stands there, in the place of what its service had before, if nothing halts it.

    Where a lock does, or its package turned out to be bad, it may fail or be rolled back meanwhile.
    What was found not to work there is not taken to work because it was deployed once more.
    """
    evidence = passed(state, context, "succeed")
    others = [each.id for each in _standing(state, context) if each.id != state.id]
    gone = (Then("deployment.supersede", each, {"by": state.id}) for each in others)
    settled = _settled(state, Progress.SUCCEEDED)
    succeeded = Succeeded(others[0] if others else None, evidence)
    return [succeeded, *_found_before(state, context), *gone, *settled]


def _found_before(state: Deployment, context: Context) -> Iterator[FoundBefore]:
    """That the very same was last found not to work there, by whatever name it was built."""
    found = against(context.records, state)
    for watched in (False, True):
        last = max((e for e in found if e.watched is watched), key=_SAID, default=None)
        if last is not None:
            yield FoundBefore(last.deployment.id, last.by, last.at, watched)


def supersede(state: Deployment, context: Context, *, by: str) -> list[Any]:
    """Give way to another deployment; only its success asks for this."""
    return [Superseded(by)] if state.current and context.subject != by else []


def fail(
    state: Deployment, context: Context, *, reason: Annotated[Text, "What failed."]
) -> list[Any]:
    """Say that it did not work out."""
    problems = _running(state, context)
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    return [Failed(reason), *_settled(state, Progress.FAILED, reason)]


def roll_back(
    state: Deployment,
    context: Context,
    *,
    reason: Annotated[Text, "Why it is taken back."],
    despite_cancelled: Annotated[
        bool, "Whether what stood there before is back although a change in it was cancelled since."
    ] = False,
) -> list[Any]:
    """Say that it was taken back, and that what its service had there before is back.

    Where a change in that was cancelled since, it is said that it is back all the same.
    """
    problems = Problems()
    check_claim(problems, context)
    there = state.status in DEPLOYED and (state.current or state.status is not Status.SUCCEEDED)
    problems.unless(there and not state.claimed, "nothing_deployed", "It does not stand there.")
    check_given(problems, reason, NOTE, "reason")
    before = _before(state, context) if state.current else None
    gone = _cancelled_back(state, before, context.records)
    check_cancelled(problems, gone, despite=despite_cancelled)
    problems.settle()
    again = [Then("deployment.reinstate", before, {"instead_of": state.id})] if before else []
    told = counted_for(state, context.records)
    return [
        RolledBack(reason, before, tuple(each.id for each in gone)),
        *again,
        *_settled(state, Progress.ROLLED_BACK, reason, *told),
    ]


def _cancelled_back(state: Deployment, before: str | None, records: Records) -> tuple[Change, ...]:
    """What was cancelled since and stands there again, once what it brought is gone."""
    if not state.current or state.arrived is None:
        return ()
    again = records.get(Deployment, before) if before else None
    going = Going(state.id, state.service, state.environment, state.arrived, again)
    return cancelled_beneath(going, records)


def _standing(state: Deployment, context: Context) -> tuple[Deployment, ...]:
    """What stands there now of the same service: services live side by side (S0-14)."""
    where = {"environment": state.environment, "service": state.service}
    return tuple(context.records.find(Deployment, current=True, **where))


def _before(state: Deployment, context: Context) -> str | None:
    """What it took the place of, unless something else stands there for that by now.

    In the log of before, one service could take the place of another, which then was there too.
    """
    was = context.records.get(Deployment, state.replaced) if state.replaced else None
    now = _standing(was, context) if was else ()
    free = was is not None and all(each.id in (state.id, was.id) for each in now)
    return was.id if was and free else None


def reinstate(state: Deployment, _context: Context, *, instead_of: str) -> list[Any]:
    """Stand there again; only the rollback of what took its place asks for this."""
    return [] if state.current else [Reinstated(instead_of)]


def watch(
    state: Deployment,
    context: Context,
    *,
    well: Annotated[bool, "Whether it looked well."],
    note: Annotated[Text, "What was seen."],
) -> list[Any]:
    """Say what the dashboards showed, during the deployment or after it (S4-06).

    That what arrived does not look well is taken also once it is closed.
    """
    problems = Problems()
    check_claim(problems, context)
    there = state.status in DEPLOYED and not state.claimed
    problems.unless(there, "nothing_deployed", "Nothing is to be seen of it.")
    _check_said(problems, state, context, good=well, watched=True)
    check_given(problems, note, SHORT, "note")
    last = state.observations[-1].well if state.observations else None
    room = len(state.observations) < MOST_SEEN or well is not last
    problems.unless(room, "no_room", f"It keeps at most {MOST_SEEN} observations.")
    problems.settle()
    return [Observed(well, note)]


def verify(
    state: Deployment,
    context: Context,
    *,
    passed: Annotated[bool, "Whether it works."],
    findings: Annotated[Text, "How one sees that."],
) -> list[Any]:
    """Say whether what was deployed works; that it does not, also once it is closed (S3-09)."""
    problems = Problems()
    check_claim(problems, context)
    done = state.status is Status.SUCCEEDED and not state.claimed
    problems.unless(done, "not_succeeded", f"It is {state.status.value}.")
    _check_said(problems, state, context, good=passed, watched=False)
    check_given(problems, findings, NOTE, "findings")
    problems.settle()
    return [Verified(passed, findings)]


def _check_said(
    problems: Problems, state: Deployment, context: Context, *, good: bool, watched: bool
) -> None:
    """Note what is not said any more, or not by who asks.

    Of what is closed only that it does not work, or after that that it does. Who had a hand in it
    puts no word of theirs over what another found bad (X-04): not a bad one either, which they
    could take back; whichever deployment of it that was found of.
    """
    records = context.records
    undone = taken_back(records, state, watched=watched)
    news = not good or undone
    still = state.closed_at is None or (news and state.status is Status.SUCCEEDED)
    message = "It is closed: only that it does not work is still said of it."
    problems.unless(still, "deployment_closed", message)
    free = may_undo(context, state, undone)
    message = "It was found not to work by another, which nobody with a hand in it takes back."
    problems.unless(free, "needs_second_person", message)


def close(state: Deployment, context: Context) -> list[Any]:
    """Close it, if nothing is left to verify, to watch or to countersign."""
    return [Closed(passed(state, context, "close"))]


def _settled(
    state: Deployment, progress: Progress, note: str | None = None, *others: str
) -> list[Then]:
    """That the release it belongs to learns how it ended, and others that it counts for."""
    given = {"deployment": state.id, "environment": state.environment}
    told = {**given, "progress": progress, "note": note}
    releases = filter(None, (state.wish.belongs_to, *others))
    return [Then("release.settle_by_deployment", each, told) for each in releases]


def _running(state: Deployment, context: Context) -> Problems:
    problems = Problems()
    check_claim(problems, context)
    running = state.status is Status.RUNNING
    problems.unless(running, "not_running", f"It is {state.status.value}.")
    return problems
