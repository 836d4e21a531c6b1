"""Saying of a requirement whether it holds, by right of a role, such as QA."""

from __future__ import annotations

from typing import Annotated, Any

from domain.approval.right import Right
from domain.askers import asking, check_firsthand, other_grants
from domain.finders import OWN_FIND
from domain.kernel import Context, Problems, Text, is_person, refusal
from domain.process.release import Matter, RequirementRow
from domain.release.gate.question import asked_of
from domain.release.gate.voters import finders, keeps_out, kept_from, rights_to_attest
from domain.release.standing import kind_of
from domain.release.state import ENDED, Judgement, Release, cargo_of
from domain.release.vote_events import AttestationWithdrawn, Attested
from domain.wording import NOTE, check_given


def attest(
    state: Release,
    context: Context,
    *,
    requirement: Annotated[str, "The requirement, in the playbook's words."],
    gate: Annotated[str, "The act it is said for, such as deploy:production."],
    judgement: Annotated[Judgement, "Whether it holds."],
    comment: Annotated[Text | None, "What was looked at; needed if it does not hold."] = None,
) -> list[Any]:
    """Say whether a requirement holds for what the release carries now (S4-22, S4-23, X-04).

    Of what went by hand also that it works there and was watched, where the playbook asks that.
    """
    row = _row(state, context, requirement, gate)
    problems = Problems()
    check_firsthand(problems, context)
    if comment is not None or judgement is Judgement.FAILS:
        check_given(problems, comment or "", NOTE, "comment")
    right = _right(problems, state, context, row)
    problems.settle()
    told = (requirement, gate, judgement, state.revision, state.digest, cargo_of(state))
    made = tuple(state.target(version) for version in state.plan.versions)
    plan, by = state.plan, (right.grant, right.role, comment)
    return [Attested(*told, *by, made, plan.service, plan.project, right.other_grants)]


def _row(state: Release, context: Context, requirement: str, gate: str) -> RequirementRow:
    if state.status in ENDED:
        raise refusal("ended", "The release has ended.")
    row = kind_of(state, context.records).row(requirement)
    spoken = row is not None and (row.role is not None or row.about is Matter.WATCHED)
    if row is None or not spoken or gate not in row.gates:
        message = "The playbook has nothing of this name to be attested at this gate."
        raise refusal("unknown_requirement", message, "requirement")
    return row


def _right(problems: Problems, state: Release, context: Context, row: RequirementRow) -> Right:
    """By which grant somebody attests; notes why they may not."""
    problems.unless(is_person(context.by), "not_a_person", "Only a person attests.")
    ask = asked_of(state, context)
    if out := kept_from(ask, row):
        apart = out.isdisjoint(asking(context))
        message = "Who had a hand in the release, or in what it contains, does not attest this."
        problems.unless(apart, "own_release", message)
    if keeps_out(row):
        problems.unless(context.by not in finders(ask), "own_find", OWN_FIND)
    if row.role is None:
        return _by_policy(context)
    grant, *others = rights_to_attest(ask, row, context.by) or ("",)
    problems.unless(grant, "not_entitled", f"This is for {row.role}.", "requirement")
    return Right(grant, row.role, other_grants=tuple(others))


def _by_policy(context: Context) -> Right:
    """The grant by which the policy lets somebody attest at all, where a row names no role."""
    held = context.authority.grant(context.grant) if context.grant else None
    role = held.role if held else ""
    return Right(context.grant or "", role, other_grants=other_grants(context))


def withdraw_attestation(
    state: Release,
    context: Context,
    *,
    requirement: Annotated[str, "The requirement one spoke about."],
    gate: Annotated[str, "The act it was said for."],
    comment: Annotated[Text | None, "A remark for the record."] = None,
) -> list[Any]:
    """Take back what one said of a requirement."""
    problems = Problems()
    if comment is not None:
        check_given(problems, comment, NOTE, "comment")
    problems.settle()
    key = (requirement, gate, context.by)
    own = [(each.requirement, each.gate, each.person) for each in state.attestations]
    if key not in own or state.status in ENDED:
        raise refusal("nothing_attested", "Nothing said by you could be taken back.", "requirement")
    return [AttestationWithdrawn(requirement, gate, comment)]
