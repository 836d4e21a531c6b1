"""Requirements that rest on somebody's word: reported evidence, and what people attest."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from domain.authorship import stands
from domain.evidence.state import Outcome
from domain.finders import OWN_FIND
from domain.gate import Act, Finding, either
from domain.gate import Status as Is
from domain.process.release import Matter, RequirementRow
from domain.release.checks.in_advance import against, ended
from domain.release.evidence.answered import answering
from domain.release.evidence.hands import set_aside
from domain.release.evidence.of_project import projects_of
from domain.release.evidence.results import Result, passed, reporting
from domain.release.gate.naming import TOLD, listed
from domain.release.gate.question import Question, aside, found
from domain.release.gate.voters import attesting as able_to_attest
from domain.release.gate.voters import finders, keeps_out, rights_to_attest
from domain.release.state import Attestation, Judgement, cargo_of
from domain.release.whereabouts.mending import mending
from domain.release.whereabouts.there import not_working
from domain.security_fix.seconding import NAME, SAY
from domain.wording import blank


def _of_no_project(ask: Question) -> str | None:
    """That it is not known whose reports count, for the release or for one of its commits."""
    if not ask.projects:
        return "It says of no project that it is of, so nobody's evidence counts for it."
    made = map(ask.state.target, ask.state.plan.versions)
    left = [each for each in made if each.commit or each.package]
    bare = [each.version for each in left if not projects_of(ask, each.commit)]
    if not bare:
        return None
    several = ", ".join(sorted(ask.projects)[:TOLD])
    return f"It is not known of which of {several} what {', '.join(bare)} is made of is."


OWN: Final = (
    "What is reported by who had a hand in it, or by a program of theirs, does not count: have a "
    "program of somebody else report it."
)
"""Why a report does not count that is no word of others."""


def evidence(ask: Question, row: RequirementRow, _gate: str) -> tuple[Finding, ...]:
    """Everything named passed, for exactly the commits and packages of this release (S4-21).

    Where the row asks for every check, so did whatever else was reported of these (S1-47).
    """
    results = (passed(ask, row, name) for name in row.evidence)
    named = tuple(_result(ask, row, each) for each in results)
    return (*named, _of_all(ask, row)) if row.every else named


def _of_all(ask: Question, row: RequirementRow) -> Finding:
    """No check was reported last not to have passed, named or not, anywhere and by anybody."""
    reports, unknown = against(ask, row)
    lacking = tuple(dict.fromkeys(map(ended, reports)))
    told = lacking or ("how something ended is hidden",) * unknown
    again = reporting(ask, row, "Report anew how it ended.")
    acts = (answering(ask, row, reports),) if reports else again
    failed = any(each.outcome is Outcome.FAILED for each in reports)
    code = "evidence_failed" if failed else "evidence_missing"
    message = f"Not every test passed: {listed(told)}."
    answer = found(row, f"{row.title}: all that was reported", not told, code, message, *acts)
    return replace(answer, evidence=tuple(e.id for e in reports[:TOLD]), missing=lacking[:TOLD])


def _result(ask: Question, row: RequirementRow, result: Result) -> Finding:
    title = row.title if len(row.evidence) == 1 else f"{row.title}: {result.name}"
    if (message := _of_no_project(ask)) is not None:
        act = ask.act("release.edit", "Say which project it is of.")
        return found(row, title, None, "project_unknown", message, act)
    if result.holds:
        return Finding(row.name, Is.SATISFIED, title, result.evidence, source=row.source)
    acts = reporting(ask, row, f"Report that {result.name} passed.")
    bad = tuple(f"{e.name} {e.outcome.in_words}" for e in result.reports if e.outcome != "passed")
    lacking = (*result.missing, *bad)
    message = f"Not there: {', '.join(lacking)}." if lacking else "Nothing is known of a target."
    if result.missing and _set_aside(ask, result.name):
        message += f" {OWN}"
    place = row.environment or ""
    if away := not_working(ask, ask.state.delivery(place)):
        told = f"{away.message} What was tested there counts no more."
        gone = found(row, title, None, away.code, told)
        return either(gone, mending(ask, place, away.code))
    failed = result.failed
    answer = found(
        row, title, None, "evidence_failed" if failed else "evidence_missing", message, *acts
    )
    return replace(answer, evidence=result.evidence, missing=lacking)


def _set_aside(ask: Question, name: str) -> bool:
    """Whether a report of this name does not count because of who is behind it."""
    return any(set_aside(ask, ask.reports.told(each, name)) for each in ask.subjects)


def attestation(ask: Question, row: RequirementRow, gate: str) -> Finding:
    """Somebody with the role said that it holds for what the release carries (S4-22, S4-23).

    Where that is asked for only if a check failed, they looked at what failed last; that they said
    it fails stands until they take it back, whatever passed since.
    """
    if row.only_if_failed is None:
        return _attested(ask, row, gate, "")
    result = passed(ask, replace(row, environment=None), row.only_if_failed)
    if result.holds:
        against = _attested(ask, row, gate, f" {row.only_if_failed} passed since.")
        passing = aside(row, f"{row.only_if_failed} passed.")
        return against if against.code == "attested_against" else passing
    if not result.failed:
        acts = reporting(ask, row, f"Report how {row.only_if_failed} ended.")
        message = f"It is not known how {row.only_if_failed} ended, so it may be needed."
        return found(row, row.title, None, "evidence_missing", message, *acts)
    failed = (e.reported_at for e in result.reports if e.outcome is Outcome.FAILED)
    return _attested(ask, row, gate, f" {row.only_if_failed} failed.", max(failed))


def rollback_plan(ask: Question, row: RequirementRow, gate: str) -> Finding:
    """The way back is written down, and reviewed if the playbook names who does that (S3-08)."""
    if blank((ask.state.plan.rollback_plan,)):
        act = ask.act("release.edit", "Write down the way back.")
        message, acts = "There is no rollback plan.", (act, *_reviewing(ask, row))
        return found(row, row.title, None, "rollback_plan_missing", message, *acts)
    if row.role is None:
        return Finding(row.name, Is.SATISFIED, row.title, source=row.source)
    return _attested(ask, row, gate, "")


def notes(ask: Question, row: RequirementRow, gate: str) -> Finding:
    """The notes are written, and reviewed if the playbook names who does that (S1-47)."""
    if blank((ask.state.plan.notes,)):
        act = ask.act("release.edit", "Write the release notes.")
        message, acts = "There are no notes.", (act, *_reviewing(ask, row))
        return found(row, row.title, None, "notes_missing", message, *acts)
    if row.role is None:
        return Finding(row.name, Is.SATISFIED, row.title, source=row.source)
    return _attested(ask, row, gate, "")


def _reviewing(ask: Question, row: RequirementRow) -> tuple[Act, ...]:
    """That what is to be written is reviewed then, if the playbook names who does that."""
    return attesting(ask, row) if row.role else ()


def _attested(
    ask: Question, row: RequirementRow, gate: str, why: str, since: datetime | None = None
) -> Finding:
    """Somebody says that it holds for what the release is now, and nobody that it fails.

    With `since`, only who looked after that has seen what it is about.
    """
    every = tuple(each for each in told_of(ask, row, gate) if current(ask, row, each))
    said = tuple(each for each in every if _seen(each, since))
    none = f"Nobody with {row.role} has attested it for what the release is now.{why}"
    if said != every:
        none = f"Nobody with {row.role} has attested it since.{why}"
    return weighed(ask, row, said, none, why)


def _seen(said: Attestation, since: datetime | None) -> bool:
    """Whether it was said after that; that something fails stands whenever it was said."""
    return since is None or said.at >= since or said.judgement is Judgement.FAILS


def told_of(ask: Question, row: RequirementRow, gate: str) -> tuple[Attestation, ...]:
    """What was attested of the row at the gate, by whomever: everybody's newest word."""
    key = (row.name, gate)
    return tuple(e for e in ask.state.attestations if (e.requirement, e.gate) == key)


def weighed(
    ask: Question, row: RequirementRow, said: tuple[Attestation, ...], none: str, why: str = ""
) -> Finding:
    """That one of these says that it holds, and none that it fails.

    `none` tells that nobody says so. A word for it counts of nobody who found what is fixed.
    """
    bad = [each for each in said if each.judgement is Judgement.FAILS]
    good, acts = [each for each in said if each not in bad], attesting(ask, row)
    out = finders(ask) if keeps_out(row) else frozenset[str]()
    ids = tuple(each.id for each in good if each.person not in out)
    if against := [each.person for each in bad if rights_to_attest(ask, row, each.person)]:
        message = f"{row.title}: something stands against it.{why}"
        answer = found(row, row.title, None, "attested_against", message)
        return either(answer, _taking_back(ask, row, frozenset(against), () if ids else acts))
    if not good:
        return found(row, row.title, None, "attestation_missing", none, *acts)
    if not ids:
        return found(row, row.title, None, "own_find", f"It was attested. {OWN_FIND}{why}", *acts)
    return Finding(row.name, Is.SATISFIED, row.title, ids, source=row.source)


def _taking_back(
    ask: Question, row: RequirementRow, people: frozenset[str], lacking: tuple[Act, ...]
) -> tuple[tuple[Act, ...], ...]:
    """The ways out where these say that it fails: only their own word takes that back.

    What is `lacking` is said beside that, where nobody else says that it holds.
    """
    back = "Have who said that it fails take it back."
    withdraw = Act("release.withdraw_attestation", people, description=back)
    told = f"Have who said that it fails look once more, and attest: {row.title}."
    able = people & attesting(ask, row)[-1].people
    again = Act("release.attest", able, description=told)
    return ((again,), (withdraw, *lacking)) if able == people else ((withdraw, *lacking),)


def attesting(ask: Question, row: RequirementRow) -> tuple[Act, ...]:
    """That somebody who may attests it, once they are free to where they are not."""
    able = (each for each in ask.who("release.attest") if rights_to_attest(ask, row, each))
    people, seconds = able_to_attest(ask, row, frozenset(able))
    attest = Act("release.attest", people, description=f"Attest: {row.title}.")
    return (Act(NAME, seconds, description=SAY), attest) if seconds else (attest,)


def current(ask: Question, row: RequirementRow, said: Attestation) -> bool:
    """Whether it is about this very release, and was said by a right that nobody took away."""
    whole = row.about in (Matter.ROLLBACK_PLAN, Matter.NOTES)
    same = said.digest == ask.state.digest if whole else said.cargo == cargo_of(ask.state)
    still = said.judgement is Judgement.FAILS and not whole and _made_alike(ask, said)
    return (same or still) and rightly(ask, row, said)


def _made_alike(ask: Question, said: Attestation) -> bool:
    """Whether all that it was said of goes out still, whatever was put in or taken out since."""
    now = [ask.state.target(version) for version in ask.state.plan.versions]
    then = [each for each in said.made if each.commit or each.package]
    return all(any(map(each.is_made_of, now)) for each in then)


def rightly(ask: Question, row: RequirementRow, said: Attestation) -> bool:
    """Whether it was said by right of the role that is asked for, which nobody took away.

    That it holds is said by a right for the service and project that the release is of.
    """
    word = (said.person, said.grant, ask.authority)
    right = row.role in (None, said.role) and stands(*word, others=said.other_grants)
    plan, told = ask.state.plan, (said.service, said.project)
    there = said.service is None or told == (plan.service, plan.project)
    return right and (there or said.judgement is Judgement.FAILS)
