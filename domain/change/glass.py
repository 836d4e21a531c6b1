"""Breaking the glass: an emergency goes ahead without approval, on the word of two people."""

from __future__ import annotations

from typing import Annotated, Any, Final

from domain.approval.electorate import check_person
from domain.askers import check_firsthand
from domain.change.debt import opened, rows
from domain.change.events import GlassBreakRequested, GlassBroken
from domain.change.evolve import foreseen
from domain.change.gates import verdict
from domain.change.progress import alarms
from domain.change.standing import involved
from domain.change.state import Change, Status
from domain.gate import Status as Is
from domain.kernel import Context, Problems, Text, is_person, refusal
from domain.passage import Passed, evidence
from domain.process.process import Cause, Path
from domain.wording import NOTE, check_given

_FROM: Final = (Status.DRAFT, Status.AUTHORIZING, Status.SCHEDULED)

_LOST: Final = (
    "Who asked for it has lost the right to; somebody else who may asks for it (`break_glass`)."
)


def break_glass(
    state: Change,
    context: Context,
    *,
    reason: Annotated[Text, "Why it cannot wait for the emergency board."],
    second: Annotated[str, "Who confirms it: a person of another team without a hand in it."],
) -> list[Any]:
    """Ask to begin an emergency without approval; nothing begins until the second confirms it.

    Only where the playbook says what is owed afterwards. Another edit makes the wish void.
    """
    problems = Problems()
    check_firsthand(problems, context)
    _check_breakable(problems, state, context)
    problems.unless(is_person(context.by), "not_a_person", "Only a person breaks the glass.")
    check_given(problems, reason, NOTE, "reason")
    check_second(problems, state, context, context.by, second)
    message = "The policy does not let this person confirm it: name one whom it lets (`whoMay`)."
    able = context.may(second, "confirm_break_glass")
    problems.unless(able, "second_may_not_confirm", message, "second")
    problems.settle()
    return [GlassBreakRequested(second, state.revision, reason, context.grant)]


def _check_breakable(problems: Problems, state: Change, context: Context) -> None:
    emergency = state.path is Path.EMERGENCY
    problems.unless(emergency, "not_an_emergency", "Only an emergency breaks the glass.")
    message = f"It is in {state.status.value}."
    problems.unless(state.status in _FROM, "not_breakable", message)
    owed = emergency and any(
        row.cause is Cause.BREAK_GLASS for row in rows(state, context, Cause.BREAK_GLASS)
    )
    message = "The playbook says nothing of what is owed afterwards."
    problems.unless(owed or not emergency, "nothing_owed_afterwards", message)


def check_second(
    problems: Problems, state: Change, context: Context, first: str, second: str
) -> None:
    """Note why the second person could not answer for it: involved, linked, or of one team."""
    authority = context.authority
    check_person(problems, context, second, "second")
    own = authority.behind(first, state.opened_at) | involved(state, authority)
    message = "The second person must have no hand in it."
    problems.unless(second not in own, "not_independent", message, "second")
    known = authority.team(first) and authority.team(second)
    one, other = (authority.teams(each, state.opened_at) for each in (first, second))
    message = "The second person must be of another team, then and since; both must be known."
    problems.unless(known and one.isdisjoint(other), "same_team", message, "second")


def confirm_break_glass(state: Change, context: Context) -> list[Any]:
    """Confirm, as the second person named, that it cannot wait: work begins, and debt is due.

    Only while who asked for it still may: else one person alone would begin it.
    """
    glass = state.glass
    if glass is None or glass.confirmed_at or glass.revision != state.revision:
        raise refusal("not_asked", "Nobody asks to break the glass for this revision.")
    problems = Problems()
    check_firsthand(problems, context)
    _check_breakable(problems, state, context)
    problems.unless(context.by == glass.second, "not_asked", "Somebody else was asked to confirm.")
    check_person(problems, context, glass.by, "first")
    check_second(problems, state, context, glass.by, context.by)
    lost = context.authority.revoked(glass.grant or "")
    problems.unless(not lost, "not_asked", _LOST)
    problems.settle()
    return _broken(state, context, glass.by)


def _broken(state: Change, context: Context, first: str) -> list[Any]:
    """The event, with what was bypassed and what is owed, and alarms for rules nobody can fill."""
    passed = _bypassed(state, context)
    bare = GlassBroken(state.revision, state.digest, first, (), passed)
    owed = opened(foreseen(state, context, bare), context, Cause.BREAK_GLASS)
    event = GlassBroken(state.revision, state.digest, first, owed, passed)
    return [event, *alarms(foreseen(state, context, event), context)]


def _bypassed(state: Change, context: Context) -> tuple[Passed, ...]:
    """How the gate stood, with everything that blocked it marked as bypassed."""
    at, authority, records = context.at, context.authority, context.records
    asked = verdict(state, "implement", at=at, authority=authority, records=records)
    return tuple(
        Passed(each.requirement, Is.BYPASSED, each.evidence) if each.status.blocks else each
        for each in evidence(asked)
    )
