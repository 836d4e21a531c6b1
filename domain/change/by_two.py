"""Who may break the glass of an emergency: two people of two teams, one without a hand in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Final

from domain.approval.electorate import check_person
from domain.authority import Authority
from domain.authorship import taken
from domain.change.debt import rows
from domain.change.question import Question, unknown
from domain.change.standing import involved, resumed
from domain.change.state import Change, Glass, Status
from domain.gate import Act
from domain.kernel import Context, Problems, is_person
from domain.process.process import Cause, Path

_FROM: Final = (Status.DRAFT, Status.AUTHORIZING, Status.SCHEDULED)
_LOST: Final = (
    "Who asked for it has lost the right to; somebody else who may asks for it (`break_glass`)."
)
CONFIRM: Final = "change.confirm_break_glass"
"""By this the work begins."""
_ASK: Final = "Ask to begin without approval, because it cannot wait."
_CONFIRM: Final = "Confirm that, as the second person: of another team, without a hand in it."


def check_breakable(problems: Problems, state: Change, context: Context) -> None:
    """Note why nobody breaks its glass: no emergency, begun already, or nothing owed for it."""
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
    check_person(problems, context, second, "second")
    pair = _Pair(state, context.authority)
    message = "The second person must have no hand in it."
    problems.unless(pair.independent(first, second), "not_independent", message, "second")
    message = "The second person must be of another team, then and since; both must be known."
    problems.unless(pair.apart(first, second), "same_team", message, "second")


def check_wish(problems: Problems, state: Change, context: Context, wish: Glass) -> None:
    """Note why a wish that waits cannot be confirmed, by these two people as they stand now."""
    check_person(problems, context, wish.by, "first")
    check_second(problems, state, context, wish.by, wish.second)
    lost = taken((wish.grant, *wish.other_grants), context.authority)
    problems.unless(not lost, "not_asked", _LOST)


def asked_for(state: Change) -> Glass | None:
    """The wish that waits for its second person, if one does, about the change as it is."""
    wish = state.glass
    good = wish is not None and wish.confirmed_at is None and wish.revision == state.revision
    return wish if good else None


class _Pair:
    """What two people must be to one another, whatever the policy lets them ask."""

    def __init__(self, state: Change, authority: Authority) -> None:
        at = state.opened_at
        involving = cache(lambda: involved(state, authority))
        self._own: Callable[[str], frozenset[str]] = cache(
            lambda first: authority.behind(first, at) | involving()
        )
        self._teams: Callable[[str], frozenset[str]] = cache(
            lambda who: frozenset(authority.teams(who, at)) if authority.team(who) else frozenset()
        )

    def independent(self, first: str, second: str) -> bool:
        """Whether the second is another person than the first, and has no hand in it."""
        return second not in self._own(first)

    def apart(self, first: str, second: str) -> bool:
        """Whether both have a team that is known, and none in common, then and since."""
        one, other = self._teams(first), self._teams(second)
        return bool(one and other) and one.isdisjoint(other)


def breaking(ask: Question) -> tuple[tuple[Act, ...], ...]:
    """The ways to begin without approval: a wish that waits is confirmed, or two people do anew.

    What is on hold is resumed first.
    """
    if ask.who is unknown:
        return ()
    if ask.state.held:
        resume = ask.act("change.resume", "Resume it.")
        return tuple((resume, *way) for way in breaking(replace(ask, state=resumed(ask.state))))
    problems = Problems()
    context = Context(ask.at, "", ask.state.id, ask.records, ask.authority)
    check_breakable(problems, ask.state, context)
    if problems:
        return ()
    pair = _Pair(ask.state, ask.authority)
    firsts, seconds = (_people(ask, f"change.{e}") for e in ("break_glass", "confirm_break_glass"))

    def able(first: str, second: str) -> bool:
        return pair.independent(first, second) and pair.apart(first, second)

    one = frozenset(each for each in firsts if any(able(each, other) for other in seconds))
    two = frozenset(each for each in seconds if any(able(other, each) for other in firsts))
    anew = (_act("break_glass", one, _ASK), _act("confirm_break_glass", two, _CONFIRM))
    return (*_confirmed(ask, context, seconds), *((anew,) if one else ()))


def _people(ask: Question, action: str) -> tuple[str, ...]:
    """Who may ask for it, of active people."""
    every = sorted(each for each in ask.who(action) if is_person(each))
    return tuple(each for each in every if not ask.authority.suspended(each))


def _confirmed(
    ask: Question, context: Context, seconds: tuple[str, ...]
) -> tuple[tuple[Act, ...], ...]:
    """That the wish that waits is confirmed by whom it names, where they may."""
    wish = asked_for(ask.state)
    if wish is None or wish.second not in seconds:
        return ()
    problems = Problems()
    check_wish(problems, ask.state, context, wish)
    return (
        () if problems else ((_act("confirm_break_glass", frozenset((wish.second,)), _CONFIRM),),)
    )


def _act(verb: str, people: frozenset[str], description: str) -> Act:
    return Act(f"change.{verb}", people, description=description)
