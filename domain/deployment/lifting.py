"""What it takes to override what blocks a deployment, or what a release brings by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from domain.askers import asking, check_firsthand
from domain.deployment.blockers import may_override
from domain.deployment.overriding import MOST_NAMED, SIGNED_FIRST, as_it_stands, signed_before
from domain.deployment.owing import barred, overdue
from domain.deployment.question import Question
from domain.deployment.state import Covered, Deployment
from domain.gate import Verdict
from domain.kernel import Context, Problems, is_person
from domain.wording import NOTE, check_given

OWED_HOURS: Final = 24
"""Within how many hours of its use an override is countersigned."""


class Lifted(NamedTuple):
    """What an override is of, when it is signed, and what stands in the way as it is given."""

    requirements: tuple[str, ...]
    evidence: tuple[str, ...]
    before: bool
    due: datetime
    covers: tuple[Covered, ...]


def check_giver(problems: Problems, context: Context, reason: str) -> None:
    """Note who may override nothing, and that it is not said why it cannot wait.

    Nobody does while a second person owes since too long what the same person overrode before
    (S0-13).
    """
    check_firsthand(problems, context)
    problems.unless(is_person(context.by), "not_a_person", "Only a person overrides.")
    check_given(problems, reason, NOTE, "reason")
    known = (context.records, context.authority, context.at)
    late = overdue(asking(context), *known, hidden=True)
    told = ", ".join(each.named for each in late[:MOST_NAMED])
    message = f"A second person owes what the same person overrode before: {told}."
    problems.unless(not late, "countersignature_owed", message)


def lifted(ask: Question, verdict: Verdict) -> Lifted:
    """Everything that blocks now and may be overridden; a Refusal where nothing does."""
    meant = [each for each in verdict.blocking if may_override(ask, each.requirement)]
    problems = Problems()
    problems.unless(meant, "nothing_to_override", "Nothing blocks it that may be overridden.")
    problems.settle()
    return Lifted(
        tuple(dict.fromkeys(each.requirement for each in meant)),
        tuple(dict.fromkeys(id for each in meant for id in each.evidence)),
        signed_before(ask) or any(each.requirement in SIGNED_FIRST for each in meant),
        ask.at + timedelta(hours=OWED_HOURS),
        tuple(as_it_stands(each) for each in meant),
    )


def check_signer(
    problems: Problems, state: Deployment, context: Context, *, waits: bool, message: str
) -> None:
    """Note that nothing waits for a second person, or that who asks is none."""
    check_firsthand(problems, context)
    problems.unless(waits, "not_owed", "No override waits for a second person.")
    problems.unless(is_person(context.by), "not_a_person", "Only a person countersigns.")
    apart = barred(state, context.authority).isdisjoint(asking(context))
    problems.unless(apart, "needs_second_person", message)
