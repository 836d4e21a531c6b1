"""Breaking the glass: an emergency goes ahead without approval, on the word of two people."""

from __future__ import annotations

from typing import Annotated, Any, Final

from domain.askers import check_firsthand, rights
from domain.change.by_two import asked_for, check_breakable, check_second, check_wish
from domain.change.debt import opened
from domain.change.events import GlassBreakRequested, GlassBroken
from domain.change.evolve import foreseen
from domain.change.gates import verdict
from domain.change.progress import alarms
from domain.change.state import Change
from domain.gate import Status as Is
from domain.kernel import Context, Problems, Text, is_person, refusal
from domain.passage import Passed, evidence
from domain.process.process import Cause
from domain.wording import NOTE, check_given

_ANOTHER: Final = (
    "Another wish took the place of the one you were asked by: look at it, and name it (`wish`)."
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
    check_breakable(problems, state, context)
    problems.unless(is_person(context.by), "not_a_person", "Only a person breaks the glass.")
    check_given(problems, reason, NOTE, "reason")
    check_second(problems, state, context, context.by, second)
    message = "The policy does not let this person confirm it: name one whom it lets (`whoMay`)."
    able = context.may(second, "confirm_break_glass")
    problems.unless(able, "second_may_not_confirm", message, "second")
    problems.settle()
    by = rights(context)
    return [GlassBreakRequested(second, state.revision, reason, *by)]


def confirm_break_glass(
    state: Change,
    context: Context,
    *,
    wish: Annotated[
        int | None, "The number of the wish you looked at, where another asked you before it."
    ] = None,
) -> list[Any]:
    """Confirm, as the second person named, that it cannot wait: work begins, and debt is due.

    Only while who asked for it still may: else one person alone would begin it. Of whoever was
    asked before, by a wish in whose place another came, it takes the number of the one they mean.
    """
    asked = asked_for(state)
    if asked is None:
        raise refusal("not_asked", "Nobody asks to break the glass for this revision.")
    problems = Problems()
    check_firsthand(problems, context)
    check_breakable(problems, state, context)
    problems.unless(context.by == asked.second, "not_asked", "Somebody else was asked to confirm.")
    meant = asked.number if wish is None and asked.second not in asked.before else wish
    problems.unless(meant == asked.number, "moved_on", _ANOTHER, "wish")
    check_wish(problems, state, context, asked)
    problems.settle()
    return _broken(state, context, asked.by)


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
