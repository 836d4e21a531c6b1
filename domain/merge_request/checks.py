"""What a merge request needs, in functions that answer findings: approvals, evidence, hands."""

from __future__ import annotations

from dataclasses import replace

from domain.approval.approval import Rule, Standing, Standings, Standpoint
from domain.approval.dead_end import too_few
from domain.clearance import clearing
from domain.evidence.state import Outcome
from domain.gate import (
    Act,
    Finding,
    Requirement,
    approval_findings,
    nowhere,
    or_else,
    taken_back,
)
from domain.gate import Status as Is
from domain.handing_over import those_answered
from domain.merge_request.authorship import merely_named
from domain.merge_request.cleared import cleared
from domain.merge_request.freeing import freed
from domain.merge_request.question import Question
from domain.merge_request.state import Status
from domain.office import answered, holds, in_service
from domain.process.process import RuleCondition

ASSIGNED = "S1-25"
SIGN = "merge_request.sign_off"
WITHDRAW = "merge_request.withdraw_sign_off"


def requirements(ask: Question) -> tuple[Requirement, ...]:
    """What its kind demands of it, whoever merges; evidence and a hand only where it does."""
    found = [Requirement("approvals", "Every rule is satisfied", lambda: approvals(ask))]
    try:
        kind = ask.kind
    except LookupError:  # the approvals answer for that
        return tuple(found)
    if kind.evidence:
        title = "Everything passed for the head"
        found.append(Requirement("evidence", title, ask.told.findings, "S1-23"))
    if kind.assignee:
        title = "It is in the right hands"
        found.append(Requirement("assignee", title, lambda: assigned(ask), ASSIGNED))
    return tuple(found)


def approvals(ask: Question) -> tuple[Finding, ...]:
    """The rules that are always asked for, and the others as far as they have come about.

    Where too few may fill them, whose word frees somebody comes first, and they follow as of then.
    """
    found = _approvals(ask)
    if all(each.code != "quorum_impossible" for each in found):
        return found
    if free := freed(ask):
        after, needed = free
        return (needed, *_approvals(after))
    return tuple(_helped(ask, each) for each in found)


def _approvals(ask: Question) -> tuple[Finding, ...]:
    conditional = ask.kind.conditional
    always = tuple(each for each in ask.now.rules if each.rule.name not in conditional)
    more = (_conditional(ask, each) for each in ask.kind.conditions)
    found = (*approval_findings(Standings(always)), *more)
    return cleared(ask, tuple(taken_back(each, WITHDRAW, ask.who) for each in found))


def beyond_reach(ask: Question) -> bool:
    """Whether nobody can meet a rule that is asked for any more, by the people as they stand now.

    That is so whether or not anybody was alarmed: who left, or lost a right, tells of none. It is
    not while the word of somebody frees enough of them, as its gate says.
    """
    if ask.state.status is not Status.OPEN:
        return False
    found = _approvals(ask)
    if all(each.code != "quorum_impossible" for each in found):
        return _too_few(ask, found)
    if (free := freed(ask)) is None:
        return True
    after, needed = free
    vain = any(act.count > len(act.people) for act in needed.acts)
    return vain or _too_few(ask, _approvals(after))


def _too_few(ask: Question, found: tuple[Finding, ...]) -> bool:
    """Whether the policy lets too few sign it off, of those whom its rules entitle."""
    left = tuple(e.standing for e in found if e.standing is not None and e.status.blocks)

    def may(_rule: Standing) -> frozenset[str] | None:
        place = {"project": frozenset((ask.state.project,))}
        return None if ask.there is nowhere else ask.there(SIGN, place)

    return too_few(left, may)


def _helped(ask: Question, finding: Finding) -> Finding:
    """The finding; where nobody can help, it tells those whom others named what they may say."""
    if finding.code != "quorum_impossible" or not merely_named(ask.state, ask.authority):
        return finding
    message = "Whom others merely named as having written it may say that they did not."
    return replace(finding, message=f"{finding.message} {message}")


def _conditional(ask: Question, row: RuleCondition) -> Finding:
    """Nothing while the evidence passed; approvals once it failed; else it is not known (X-05).

    The newest report of this very head counts. Who looked after an earlier failure need not look at
    the next; that they rejected it stands until they take it back, or others approve it instead.
    """
    report, opened = ask.told.newest(row.only_if_failed), _standing(ask, row.rule)
    rule = next(each for each in ask.kind.rules if each.name == row.rule)
    passed = report is not None and report.outcome is Outcome.PASSED
    if passed and opened is not None and opened.rejections:
        return _spoken_against(ask, opened)
    if opened is not None and opened.status is Standpoint.REJECTED:
        return approval_findings(Standings((opened,)))[0]
    if report is not None and passed:
        message = f"{row.only_if_failed} passed."
        return Finding(row.rule, Is.NOT_APPLICABLE, rule.title, (report.id,), message=message)
    if report is None or report.outcome is not Outcome.FAILED:
        message = f"It is not known how {row.only_if_failed} ended, so it may be needed."
        return _no(rule, "evidence_missing", message, *ask.told.report(row.only_if_failed))
    if opened is None:
        message = f"{row.only_if_failed} failed, and nobody was asked to look at it yet."
        act = ask.act("merge_request.recount", "Have it looked at again.")
        return _no(rule, "approvals_missing", message, act)
    return approval_findings(Standings((opened,)))[0]


def _spoken_against(ask: Question, opened: Standing) -> Finding:
    """Of what is not asked for any more: that all who rejected it take that back, or others do not.

    Others approve it as they would have to while it is asked for.
    """
    (found,) = approval_findings(Standings((opened,)))
    if not found.status.blocks:
        return found
    name, against = opened.rule.name, frozenset(vote.person for vote in opened.rejections)
    able = against & ask.who(WITHDRAW)
    back = Act(WITHDRAW, able, len(against), "Take the rejection back.", name)
    left = frozenset(opened.accounts.get(each, each) for each in opened.candidates)
    others = Act(SIGN, left & ask.who(SIGN), opened.missing, "Approve it.", name)
    message = "It was rejected, and that stands until it is taken back, whatever passed since."
    said = replace(found, code="rejected", message=message, standing=None, acts=(back,))
    return or_else(said, (others,))


def _standing(ask: Question, name: str) -> Standing | None:
    return next((each for each in ask.now.rules if each.rule.name == name), None)


def _no(rule: Rule, code: str, message: str, *acts: Act) -> Finding:
    return Finding(
        rule.name,
        Is.UNSATISFIED,
        rule.title,
        message=message,
        code=code,
        source=rule.source,
        acts=acts,
    )


def assigned(ask: Question) -> Finding:
    """Whether it is assigned to somebody with the role that takes it from here (S1-25).

    To whom had a hand in it or found what it fixes, and to their programs only while there is
    nobody else: they do not merge it. Nor does who may not know of it, or no longer does (S1-12).
    """
    title, role, who = "It is in the right hands", ask.kind.assignee or "", ask.state.assignee
    held = who is not None and _stands(ask, who, role)
    there = who is not None and held and answered(ask.authority, who)
    able, handing = _mergers(ask, role)
    if who is not None and there and _knows(ask, who) and (who in able or not able):
        return Finding("assignee", Is.SATISFIED, title, (who,), source=ASSIGNED)
    message = f"It is to be assigned to a {role}."
    cleared = () if able or handing else _clearing(ask, role)
    if cleared:
        message = f"Nobody whom it may be assigned to ({role}) may know of it: clear one first."
    elif there:
        message = (
            "Who had a hand in it, found what it fixes or may not know of it does not merge it: "
            f"assign another {role}."
        )
    elif handing:
        message = f"Who owns the program that it is to be assigned to ({role}) is suspended."
    assign = ask.act("merge_request.assign", f"Assign it to a {role}.")
    acts = handing if held and handing and not there else (*handing, *cleared, assign)
    if there and cleared:  # it is in the hands of one of those already
        acts = cleared
    if not (handing or _holders(ask, role)):
        acts, message = (), f"Nobody in office holds {role}, which it is to be assigned to."
    return _elsewhere(title, message, acts)


def _elsewhere(title: str, message: str, acts: tuple[Act, ...]) -> Finding:
    answer = Finding("assignee", Is.UNSATISFIED, title, message=message, code="not_assigned")
    return replace(answer, source=ASSIGNED, acts=acts)


def _mergers(ask: Question, role: str) -> tuple[frozenset[str], tuple[Act, ...]]:
    """Who is in service with the role, may know of it, and has no hand in it if anybody has none.

    And where nobody is but programs whose owner is suspended, that these get another one.
    """
    every = _holders(ask, role)
    holders = every - ask.own or every
    able, handing = those_answered(ask.authority, holders, ask.who)
    return frozenset() if handing else frozenset(e for e in able if ask.sees(e, ask.state)), handing


def _holders(ask: Question, role: str) -> frozenset[str]:
    place = frozenset((ask.state.project,))
    return frozenset(ask.authority.holders(role, "project", place, ask.at))


def _knows(ask: Question, who: str) -> bool:
    """Whether somebody may know of it now, or carries it on as their own."""
    state = ask.state
    own = who in (state.writer, state.opened_by)
    return own or not state.embargoed or ask.sees(who, state)


def _clearing(ask: Question, role: str) -> tuple[Act, ...]:
    """Where nobody with the role may know of it, though somebody holds it: that one is cleared."""
    if not ask.state.embargoed:
        return ()
    people = frozenset(e for e in _holders(ask, role) if in_service(ask.authority, e))
    if any(ask.sees(each, ask.state) for each in people):
        return ()
    own = people & {ask.state.assignee}
    named = own or people - ask.own or people
    return clearing(ask.authority, named, ask.state.project, ask.who, ask.at) if named else ()


def _stands(ask: Question, who: str, role: str) -> bool:
    scopes = {"project": frozenset((ask.state.project,))}
    return holds(ask.authority, who, role, scopes, ask.at)
