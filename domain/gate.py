"""Gates: requirements evaluated into findings, where what cannot be evaluated blocks."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from domain.approval.voting import Standing, Standings, Standpoint
from domain.explanation import Explanation, Repair, Slot, Way, explain
from domain.kernel import Refusal
from domain.process.process import CHAIR
from domain.titles import sentence
from domain.verdict import (
    WHOEVER,
    Act,
    Finding,
    Reference,
    Status,
    There,
    Verdict,
    nowhere,
    throughout,
)

__all__ = [
    "Act",
    "Explanation",
    "Finding",
    "Reference",
    "Repair",
    "Requirement",
    "Slot",
    "Status",
    "There",
    "Verdict",
    "Way",
    "approval_findings",
    "elsewhere",
    "evaluate",
    "explain",
    "nowhere",
    "or_else",
    "taken_back",
    "with_people",
]

NOTHING = "nothing_to_evaluate"
ERROR = "could_not_be_evaluated"
UNKNOWN = "It could not be worked out, and what is not known blocks: an operator has to look."

Answer = Finding | tuple[Finding, ...] | list[Finding]


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement of a gate: its stable name, and the question that answers it.

    `check` takes nothing and answers a finding or several; whatever it raises blocks (X-05).
    """

    name: str
    title: str
    check: Callable[[], Answer]
    source: str | None = None


def evaluate(requirements: Iterable[Requirement]) -> Verdict:
    """Answer every requirement, in order, so that all problems are seen at once.

    A check that raises, or answers with something else than findings, becomes an ERROR that says
    why in words, and keeps where it went wrong (X-05). A gate that asks nothing, or of which
    nothing applies, is closed with `nothing_to_evaluate`.
    """
    findings = tuple(f for requirement in requirements for f in _answers(requirement))
    if any(f.status is not Status.NOT_APPLICABLE for f in findings):
        return Verdict(findings)
    return Verdict((*findings, _nothing("gate", "Something to evaluate", None)))


def _answers(requirement: Requirement) -> tuple[Finding, ...]:
    try:
        findings = tuple(_findings(requirement.check()))
    except Exception as cause:  # noqa: BLE001  whatever went wrong, the gate must stay closed
        failed = _blocked(requirement, Status.ERROR, ERROR, in_words(cause))
        return (replace(failed, fault=fault_of(cause)),)
    return findings or (_nothing(requirement.name, requirement.title, requirement.source),)


def in_words(cause: Exception) -> str:
    """Why something could not be evaluated, for people: never what a program calls it.

    A LookupError says what is not on record, a Refusal what is wrong; of any other exception
    nobody wrote for people what it says.
    """
    if type(cause) is LookupError and cause.args:
        return sentence(f"{cause}.")
    if isinstance(cause, Refusal):
        return " ".join(each.message for each in cause.problems)
    return UNKNOWN


def fault_of(cause: Exception) -> str:
    """Where something went wrong of which nobody wrote for people what it says, for a log."""
    if in_words(cause) != UNKNOWN:
        return ""
    *_, frame = traceback.extract_tb(cause.__traceback__)
    return f"{type(cause).__name__} at {frame.filename}:{frame.lineno}"


def _findings(answer: object) -> Iterator[Finding]:
    for finding in answer if isinstance(answer, tuple | list) else (answer,):
        if not isinstance(finding, Finding):
            raise TypeError(f"{type(finding).__name__} is not a finding")
        yield finding


def _blocked(requirement: Requirement, status: Status, code: str, message: str) -> Finding:
    return Finding(
        requirement.name,
        status,
        requirement.title,
        message=message,
        code=code,
        source=requirement.source,
    )


def _nothing(name: str, title: str, source: str | None) -> Finding:
    message = "There is nothing here that could be evaluated."
    return Finding(name, Status.UNSATISFIED, title, message=message, code=NOTHING, source=source)


def or_else(finding: Finding, *ways: tuple[Act, ...]) -> Finding:
    """The finding with other ways to satisfy it, if it blocks; each takes all of its acts."""
    if not finding.status.blocks:
        return finding
    return replace(finding, instead=(*finding.instead, *(each for each in ways if each)))


def either(finding: Finding, ways: tuple[tuple[Act, ...], ...]) -> Finding:
    """The finding with these ways to satisfy it, if it blocks, any of which would do."""
    if not finding.status.blocks or not ways:
        return finding
    return or_else(replace(finding, acts=ways[0]), *ways[1:])


def with_people(finding: Finding, who: Callable[[str], frozenset[str]]) -> Finding:
    """The finding with those who may do what helps, where an act does not say itself who that is.

    What happens by itself needs nobody. Of another service only who asks by that knows.
    """

    def named(acts: Iterable[Act]) -> tuple[Act, ...]:
        return tuple(_with_people(act, who) for act in acts)

    instead = tuple(named(acts) for acts in finding.instead)
    return replace(finding, acts=named(finding.acts), instead=instead)


def _with_people(act: Act, who: Callable[[str], frozenset[str]]) -> Act:
    def named(told: Act) -> Act:
        asked = told.count and told.people is WHOEVER and told.services is None
        return replace(told, people=who(told.action)) if asked else told

    return throughout(act, named)


def elsewhere(verdict: Verdict, who: Callable[[Act], frozenset[str]]) -> Verdict:
    """The verdict with those who may do what helps to the records of other services."""

    def named(acts: Iterable[Act]) -> tuple[Act, ...]:
        return tuple(e if e.services is None else replace(e, people=who(e)) for e in acts)

    def told(finding: Finding) -> Finding:
        instead = tuple(named(acts) for acts in finding.instead)
        return replace(finding, acts=named(finding.acts), instead=instead)

    blocking = frozenset(map(id, verdict.blocking))
    return Verdict(tuple(told(e) if id(e) in blocking else e for e in verdict.findings))


def approval_findings(standings: Standings) -> tuple[Finding, ...]:
    """One finding for each rule of a tally; a tally without rules is `nothing_to_evaluate`."""
    if not standings.rules:
        return (_nothing("approvals", "Approvals", None),)
    return tuple(_approval(standing) for standing in standings.rules)


def taken_back(finding: Finding, action: str, who: Callable[[str], frozenset[str]]) -> Finding:
    """The finding of a rule that votes are against, with those who may undo that by `action`.

    The policy may leave too few to approve what the votes alone leave open.
    """
    standing = finding.standing
    if standing is None or not (standing.rejections or standing.abstentions or _rejected(finding)):
        return finding
    against = frozenset(vote.person for vote in standing.rejections)
    title = f"{standing.rule.title}: take the rejection back."
    act = Act(action, against & who(action), len(against), title, standing.rule.name)
    told = against and _rejected(finding)
    said = " Who rejected it may take that back, or approve it instead." if told else ""
    return replace(finding, message=f"{finding.message}{said}", taken_back=act)


def _rejected(finding: Finding) -> bool:
    return finding.code == _CODES[Standpoint.REJECTED]


_CODES = {
    Standpoint.SATISFIED: "",
    Standpoint.OPEN: "approvals_missing",
    Standpoint.WAITING: "stage_waiting",
    Standpoint.REJECTED: "rejected",
    Standpoint.IMPOSSIBLE: "quorum_impossible",
}


def _approval(standing: Standing) -> Finding:
    met = standing.status is Standpoint.SATISFIED
    return Finding(
        standing.rule.name,
        Status.SATISFIED if met else Status.UNSATISFIED,
        standing.rule.title,
        evidence=tuple(vote.id for vote in standing.counted),
        missing=() if met else _missing(standing),
        lacking=() if met else _lacking(standing),
        message=_message(standing),
        code=_CODES[standing.status],
        source=standing.rule.source,
        standing=standing,
    )


def _missing(standing: Standing) -> tuple[str, ...]:
    named = len(standing.missing_mandatory)
    others = standing.missing - named
    wanted = (f"{named} named" if named else "", f"{others} more" if others else "")
    return tuple(filter(None, wanted))


def _lacking(standing: Standing) -> tuple[Reference, ...]:
    """Those people whose approval nobody else's can stand for."""
    known = (person for person in standing.missing_mandatory if person != CHAIR)  # if there is none
    return tuple(Reference("principal", person) for person in known)


def _message(standing: Standing) -> str:
    if standing.status is Standpoint.IMPOSSIBLE:
        return _impossible(standing)
    if standing.status is Standpoint.REJECTED:
        return "Rejected: the approvals still possible do not meet the rule, or a veto fell."
    if standing.status is Standpoint.WAITING:
        return "It opens when every earlier stage is satisfied."
    return f"{standing.needed - standing.missing} of {standing.needed} approvals."


def _impossible(standing: Standing) -> str:
    able = standing.entitled - standing.excluded
    same, lacking = standing.same, standing.missing_mandatory
    if unable := [person for person in lacking if same.get(person, person) not in able]:
        return f"Nobody can satisfy this: {len(unable)} of those who must approve may not."
    rules = " and ".join(sorted((standing.rule.name, *standing.rivals)))
    return f"Too few people may approve {rules}: {standing.lacking} more must become entitled."
