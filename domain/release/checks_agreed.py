"""Requirements of a release that rest on accords: its terms, and lines out of policy."""

from __future__ import annotations

from domain.accord.standing import agreed as agreed_to
from domain.gate import Finding
from domain.gate import Status as Is
from domain.process_release import RequirementRow
from domain.release.question import Question, found
from domain.stable_line.state import StableLine, lines
from domain.support import line_of, scope


def agreed(ask: Question, row: RequirementRow, _gate: str) -> Finding:
    """Every party agreed to an accord of this kind about it, as it is worded now (S1-41)."""
    own = (each for each in ask.accords if each.subject == ask.state.id)
    accords = [each for each in own if each.kind == row.accord]
    good = tuple(each.id for each in accords if agreed_to(each, ask.authority, ask.at))
    if good:
        return Finding(row.name, Is.SATISFIED, row.title, good, source=row.source)
    if accords:
        act = ask.act("accord.agree", "Agree to the terms, as each party.")
        message = "Not every party has agreed to the terms as they are."
    else:
        act = ask.act("accord.propose", f"Propose the terms: {row.accord}.")
        message = "Nothing was proposed that could be agreed to."
    return found(row, row.title, None, "not_agreed", message, act)


def supported(ask: Question, row: RequirementRow, _gate: str) -> tuple[Finding, ...]:
    """Its lines are those of the policy when it was opened, and others by accord (X-02, S1-03)."""
    policy, state = ask.kind.support, ask.state
    if policy is None:
        raise LookupError("the playbook names no support policy")
    known = ask.records.find(StableLine, service=state.plan.service)
    wanted = scope(policy, lines(known), state.opened_at)
    if not wanted:
        raise LookupError(f"no line of {state.plan.service} is known to be out")
    versions = {line_of(policy, each): each for each in state.plan.versions}
    lacking = tuple(each for each in wanted if each not in versions)
    edit = ask.act("release.edit", "Let it have a version of each supported line.")
    message = f"No version is of {', '.join(lacking)}."
    covered = found(row, row.title, not lacking, "line_not_covered", message, edit)
    beyond = [version for line, version in versions.items() if line not in wanted]
    return (covered, *(_beyond(ask, row, each) for each in beyond))


def _beyond(ask: Question, row: RequirementRow, version: str) -> Finding:
    """A version that the policy does not reach is there by agreement only."""
    title = f"{version} is agreed on, since the policy does not reach it"
    named = (e for e in ask.accords if e.kind == row.accord and version in e.terms.versions)
    good = tuple(each.id for each in named if agreed_to(each, ask.authority, ask.at))
    if good:
        return Finding(row.name, Is.SATISFIED, title, good, source=row.source)
    act = ask.act("accord.propose", f"Propose {row.accord or 'nothing'} for {version}.")
    message = f"The policy does not reach {version}, and nobody agreed to it."
    return found(row, title, None, "line_not_supported", message, act)
