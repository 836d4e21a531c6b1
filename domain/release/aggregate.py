"""The aggregate `release`: its events, its commands, and what is kept beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain import inbox
from domain.inbox import CAST_BY, Awaited, Cast
from domain.kernel import Aggregate, Audience, Command, Rows, Seen, distinct
from domain.release import embargo
from domain.release.commands import (
    acts,
    changing,
    contents,
    overriding,
    planning,
    settling,
    tagging,
    tasks,
    votes,
)
from domain.release.commands.attesting import attest, withdraw_attestation
from domain.release.commands.phases import enter_phase
from domain.release.evolve import EVENTS, evolve
from domain.release.standing import awaiting, scopes, scopes_of
from domain.release.state import Duty, Release, TaskStatus

DECIDED_BY: Final = (
    *("status", "rules", "votes", "revision", "digest", "plan"),
    *("author", "contributors"),
)


@dataclass(frozen=True, slots=True)
class Involved:
    """A person who wrote on the release, and so may not approve it."""

    person: str


def involved_rows(state: Release) -> tuple[Involved, ...]:
    """Everybody who wrote on any revision."""
    return tuple(Involved(each) for each in distinct((state.author, *state.contributors)))


def duty_rows(state: Release) -> tuple[Duty, ...]:
    """Who holds which duty."""
    return state.duties


def awaited(state: Release) -> tuple[Awaited, ...]:
    """The open rules as an inbox finds them."""
    content, own = (state.revision, state.digest), frozenset((state.author, *state.contributors))
    return inbox.awaited(awaiting(state), state.votes, content, scopes_of(state), own)


def due(state: Release) -> datetime | None:
    """When the next open task is due."""
    dues = (each.due for each in state.tasks if each.status is TaskStatus.OPEN and each.due)
    return min(dues, default=None)


def _search(state: Release) -> str:
    texts = (state.plan.title, state.plan.service, *state.plan.versions)
    return "\n".join(texts).casefold()


@dataclass(frozen=True, slots=True)
class There:
    """A span in which what it brought by hand was somewhere, for asking what stood where when."""

    environment: str
    label: str
    since: datetime
    until: datetime | None


def _stood(state: Release) -> tuple[There, ...]:
    """Where it stood when, as far as it was brought there by hand (S0-14)."""
    return tuple(There(e.environment, e.label, e.since, e.until) for e in state.stood)


AGGREGATE: Final = Aggregate(
    "release",
    Release,
    events=EVENTS,
    evolve=evolve,
    commands=(
        Command(planning.open),
        Command(planning.copy),
        Command(planning.edit, seen=Seen.VERSION),
        Command(planning.reschedule),
        Command(planning.aim),
        Command(contents.include, most=embargo.MOST_SHOWN),
        Command(contents.exclude),
        Command(contents.withhold, internal=True),
        Command(changing.assign_duties),
        Command(changing.await_repository),
        Command(changing.enter_repository_tag),
        Command(changing.spare_repository),
        Command(changing.take_playbook),
        Command(enter_phase, guarded=True),
        Command(tasks.add_task),
        Command(tasks.assign_task),
        Command(tasks.complete_task),
        Command(tasks.drop_task),
        Command(tasks.reopen_task),
        Command(votes.request_approval, seen=Seen.REVISION),
        Command(votes.approve, seen=Seen.REVISION, deciding=True),
        Command(votes.reject, seen=Seen.REVISION, deciding=True),
        Command(votes.abstain, seen=Seen.REVISION, deciding=True),
        Command(votes.withdraw_vote, seen=Seen.REVISION, deciding=True),
        Command(votes.recount),
        Command(attest, seen=Seen.REVISION, deciding=True),
        Command(withdraw_attestation, deciding=True),
        Command(tagging.tag, seen=Seen.REVISION, guarded=True),
        Command(acts.deploy, seen=Seen.REVISION, guarded=True),
        Command(overriding.override, seen=Seen.REVISION, guarded=True),
        Command(overriding.countersign, deciding=True),
        Command(overriding.override_publication, seen=Seen.REVISION, guarded=True),
        Command(overriding.countersign_publication, deciding=True),
        Command(settling.settle_deployment, guarded=True),
        Command(acts.follow_deployment, internal=True),
        Command(settling.settle_by_deployment, internal=True),
        Command(acts.publish, seen=Seen.REVISION, guarded=True, most=embargo.MOST_SHOWN),
        Command(acts.announce, seen=Seen.REVISION, guarded=True),
        Command(embargo.reveal, deciding=True, most=embargo.MOST_SHOWN),
        Command(embargo.disclose, internal=True),
        Command(acts.review),
        Command(acts.close, guarded=True),
        Command(acts.abort),
    ),
    scopes=scopes,
    columns={
        "service": (str, lambda state: state.service),
        "project": (str, lambda state: state.project),
        "repository": (str, lambda state: state.repository),
        "series": (str, lambda state: state.plan.series),
        "parent_release": (str, lambda state: state.plan.parent_release),
        "search": (str, _search),
        "rank": (int, lambda state: state.plan.purpose.rank),
        "short_circuited": (bool, lambda state: state.plan.short_circuit is not None),
        "due": (datetime, due),
        "stood_for": (str, lambda state: state.stood_for),
        "overridden": (bool, lambda state: state.overridden),
        "owing": (bool, lambda state: state.owing),
    },
    rows=(
        Rows("release_awaited", Awaited, awaited, ("role", "board", "person"), DECIDED_BY),
        Rows("release_people", Involved, involved_rows, ("person",)),
        Rows("release_duties", Duty, duty_rows, ("person",)),
        Rows("release_stood", There, _stood, ("environment", "since"), ("stood",)),
        Rows("release_votes", Cast, lambda state: inbox.casts(state.votes), CAST_BY),
    ),
    audience=Audience.EMBARGOED,
    indexed=(
        "embargoed",
        "status",
        "kind",
        "service",
        "project",
        "repository",
        "series",
        "parent_release",
        "author",
        "rank",
        "scheduled",
        "short_circuited",
        "due",
        "stood_for",
        "overridden",
        "owing",
    ),
    fold=21,
)
