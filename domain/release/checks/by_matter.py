"""What each requirement of a release is evaluated by: a table from its matter to a function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final
from zoneinfo import ZoneInfo

from domain.approval.approval import Standings, Standpoint
from domain.calendar.holiday import holidays_on
from domain.environment.readiness import environment_named, health_findings
from domain.gate import Act, Finding, approval_findings, or_else, taken_back
from domain.playbook.circles import circle
from domain.process.release import Matter, RequirementRow
from domain.release.checks import (
    agreed,
    authorised,
    content,
    first,
    fixes,
    patch,
    ported,
    sides,
    word,
)
from domain.release.checks.cycle import cycle
from domain.release.checks.in_advance import advance, approved, coming_to_hold
from domain.release.checks.there import deployed, dwell
from domain.release.checks.traced import traced
from domain.release.evidence.repository import current, where
from domain.release.gate.completing import completing
from domain.release.gate.owed import watched
from domain.release.gate.phase_gate import NOT_REACHED, SOONER, to_enter
from domain.release.gate.question import Question, aside, found
from domain.release.gate.voters import standings, to_be_asked
from domain.release.state import TaskStatus
from domain.release.whereabouts.out import bringing_out, in_words, looked_back, still_to_come

NOT_REQUESTED: Final = "approval_not_requested"
Check = Callable[[Question, RequirementRow, str], Finding | tuple[Finding, ...]]
"""Answers for a row at a gate; whatever it raises blocks (X-05)."""


def approval(ask: Question, row: RequirementRow, _gate: str) -> Finding | tuple[Finding, ...]:
    """The rules are met; or what is approved in advance is as it was approved for (S3-14)."""
    beforehand = advance(ask, row)
    if beforehand.holds:
        return approved(row, beforehand)
    instead = coming_to_hold(ask, row, beforehand)
    if ask.state.rules:
        every = _of_row(row, standings(ask))
        told = (taken_back(each, "release.withdraw_vote", ask.who) for each in every)
        return tuple(or_else(each, instead) for each in told)
    act = ask.act("release.request_approval", "Put it before those who approve it.")
    message = f"Nobody was asked to approve this revision.{beforehand.why_not}"
    first = found(row, row.title, None, NOT_REQUESTED, message, act)
    rules = map(_not_yet_open, _of_row(row, to_be_asked(ask)))
    return tuple(or_else(each, instead) for each in (first, *rules))


def _of_row(row: RequirementRow, now: Standings) -> tuple[Finding, ...]:
    """How the rules stand that the row names; all of them where it names none."""
    wanted = row.rules or tuple(each.rule.name for each in now.rules)
    return approval_findings(Standings(tuple(e for e in now.rules if e.rule.name in wanted)))


def _not_yet_open(rule: Finding) -> Finding:
    """What a rule will ask for once it is open; that nobody can fill it stays what it is."""
    waits = rule.standing is not None and rule.standing.status is not Standpoint.IMPOSSIBLE
    return replace(rule, code=NOT_REQUESTED) if waits else rule


def tagged(ask: Question, row: RequirementRow, _gate: str) -> tuple[Finding, ...]:
    """Every version is tagged at the commit it is made from now, in the project of that."""
    act = ask.act("release.tag", "Tag it.")
    return tuple(
        found(
            row,
            f"{version} is tagged",
            current(ask, version),
            "not_tagged",
            f"{version} is not tagged at its commit{where(ask, version)}.",
            act,
        )
        for version in ask.state.plan.versions
    )


def strategy(ask: Question, row: RequirementRow, _gate: str) -> Finding:
    """It is said how the release reaches everybody (S3-10)."""
    act = ask.act("release.edit", "Choose a strategy.")
    chosen = ask.state.plan.strategy
    return found(row, row.title, chosen, "strategy_missing", "None is chosen.", act)


def tasks(ask: Question, row: RequirementRow, _gate: str) -> Finding:
    """The tasks of every phase up to the one named are done or dropped (S3-25)."""
    names = [phase.name for phase in ask.kind.phases]
    until = names.index(row.phase) + 1 if row.phase else len(names)
    asked = [task for task in ask.state.tasks if task.phase in names[:until]]
    if not asked:
        return aside(row, "There are no tasks.")
    left = [task for task in asked if task.status is TaskStatus.OPEN]
    message = f"{len(left)} of {len(asked)} tasks are open."
    answer = found(row, row.title, not left, "tasks_open", message, *completing(ask, left))
    return replace(answer, missing=tuple(f"task {task.number}" for task in left))


def phase(ask: Question, row: RequirementRow, _gate: str) -> Finding | tuple[Finding, ...]:
    """The release has got as far as the phase: each is told that it has to enter for that."""
    now, coming = ask.state.phase, to_enter(ask.state, ask.kind, row.phase or "")
    lacking = tuple(
        found(
            row,
            row.title,
            None,
            NOT_REACHED,
            f"It is in {now}, and has to go on to {each.name}.",
            ask.act("release.enter_phase", f"Go on to the phase {each.name}."),
        )
        for each in coming
    )
    return lacking or found(row, row.title, now, "", "")


def scheduled(ask: Question, row: RequirementRow, _gate: str) -> Finding:
    """Its time has come; what cannot wait for it says so, and is counted (S4-16, S4-17)."""
    if ask.state.plan.short_circuit is not None:
        return aside(row, "It cannot wait for its date, and says why.")
    at = ask.state.scheduled
    if at is None:
        act = ask.act("release.reschedule", "Set the date.")
        return found(row, row.title, None, "date_missing", "It has no date.", act)
    message = f"It is scheduled for {at.isoformat()}."
    act = Act("release.wait", count=0, description=message)
    early = found(row, row.title, ask.at >= at, "before_its_date", message, act)
    return or_else(early, (ask.act("release.reschedule", SOONER),))


def health(ask: Question, row: RequirementRow, _gate: str) -> tuple[Finding, ...]:
    """Every monitor calls the environment healthy; one that nobody keeps is not known (X-05)."""
    place = environment_named(ask.records, row.environment or "")
    if place is None or place.retired:
        raise LookupError(f"there is no environment {row.environment}")
    return health_findings(place, ask.authority, ask.at, ask.now)


def holiday(ask: Question, row: RequirementRow, _gate: str) -> Finding:
    """Nothing goes out on a holiday (S4-24)."""
    zone = ZoneInfo(row.zone or "UTC")
    day = ask.at.astimezone(zone).date()
    named = ", ".join(f"{each.name} ({each.place})" for each in holidays_on(day, row.holidays))
    message = f"{day.isoformat()} in {zone.key} is {named}."
    act = Act("release.wait", count=0, description=message)
    return found(row, row.title, not named, "on_holiday", message, act)


def review(ask: Question, row: RequirementRow, gate: str) -> Finding:
    """It was looked back on, with what users said where the row wants to hear that (S3-11)."""
    said = looked_back(ask)
    if row.feedback and said is not None and said.feedback is None:
        act = ask.act("release.review", "Look back once more, with what users said.")
        message = "It was looked back on without what users said."
        return found(row, row.title, None, "feedback_missing", message, act)
    if said is not None:
        return found(row, row.title, said, "", "")
    act = ask.act("release.review", "Look back on how it went.")
    since = " since it was out" if ask.state.review is not None else ""
    message = f"Nobody has looked back on it{since}."
    ways: tuple[tuple[Act, ...], ...] = ((act,),)
    if coming := still_to_come(ask):
        message = f"{message} It has to {in_words(coming)} first."
        in_vain = gate in circle(ask.kind, row, coming)
        ways = ((),) if in_vain else tuple((each, act) for each in bringing_out(ask, coming))
    lacking = found(row, row.title, None, "review_missing", message, *ways[0])
    return or_else(lacking, *ways[1:])


def announced(ask: Question, row: RequirementRow, _gate: str) -> Finding:
    """Everybody was told (S1-38)."""
    act = ask.act("release.announce", "Announce it.")
    message = "It was not announced."
    return found(row, row.title, ask.state.announced_at, "not_announced", message, act)


def published(ask: Question, row: RequirementRow, _gate: str) -> Finding:
    """It is there for everybody (S1-37)."""
    act = ask.act("release.publish", "Publish it.")
    message = "It was not published yet."
    return found(row, row.title, ask.state.published_at, "not_published", message, act)


CHECKS: Final[Mapping[Matter, Check]] = {
    Matter.EVIDENCE: word.evidence,
    Matter.ATTESTATION: word.attestation,
    Matter.ROLLBACK_PLAN: word.rollback_plan,
    Matter.APPROVAL: approval,
    Matter.CHANGES_PRESENT: content.present,
    Matter.CHANGES_AUTHORISED: authorised.authorised,
    Matter.CHANGES_DEPLOYED: ported.deployed,
    Matter.TAGGED: tagged,
    Matter.DEPLOYED: deployed,
    Matter.DWELL: dwell,
    Matter.NOTES: word.notes,
    Matter.STRATEGY: strategy,
    Matter.TASKS: tasks,
    Matter.PHASE: phase,
    Matter.SCHEDULED: scheduled,
    Matter.DEPENDENCIES: first.dependencies,
    Matter.REPOSITORIES: first.repositories,
    Matter.HEALTH: health,
    Matter.HOLIDAY: holiday,
    Matter.REVIEW: review,
    Matter.CYCLE: cycle,
    Matter.PUBLISHED: published,
    Matter.ANNOUNCED: announced,
    Matter.BACKPORTS: patch.backports,
    Matter.SINGLE_CHANGE: patch.single,
    Matter.FIXES_LINKED: fixes.linked,
    Matter.SYNCED: sides.synced,
    Matter.AGREED: agreed.agreed,
    Matter.SUPPORTED: agreed.supported,
    Matter.WATCHED: watched,
    Matter.TRACED: traced,
}
"""How each matter is evaluated; a new one is a line here, in `Matter` and in the decoder's KEYS."""
