"""How a change comes to be in review: carried out, taken up again, or said to have gone wrong.

Each way goes on to what is owed for it, which depends on how the work began.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from domain.approval.dead_end import NOBODY, DeadEnd
from domain.change.by_two import CONFIRM, breaking
from domain.change.debt import opened
from domain.change.gate_implement import finishing, implementing
from domain.change.gate_owed import look_back, owing
from domain.change.in_its_place import opens
from domain.change.question import Question, unknown
from domain.change.standing import goes_on, kind_of
from domain.change.state import Outcome, Status
from domain.explanation import act_of, explain
from domain.gate import Act, Finding, Verdict, evaluate, or_else
from domain.kernel import Context
from domain.process.process import Cause, Path
from domain.titles import person_name

WENT_WRONG: Final = frozenset((Outcome.UNSUCCESSFUL, Outcome.ROLLED_BACK))
"""The outcomes of what has begun and does not go on."""
HOW: Final = "Say how it went."
_WRONG: Final = "Say that it went wrong."
_OVER: Final = (Status.REVIEW, Status.CLOSED, Status.CANCELLED)

Acts = tuple[Act, ...]


@dataclass(frozen=True, slots=True)
class _Ways:
    """Ways to the review, whether these are all of them, and why there is none."""

    ways: tuple[Acts, ...] = ()
    whole: bool = True
    dead: tuple[DeadEnd, ...] = ()


def over(ask: Question) -> Finding:
    """Whether it is in review, and every way to bring it there."""
    state = ask.state
    if state.status in _OVER:
        return ask.status(Status.REVIEW)
    if state.status is Status.IMPLEMENTING:
        return ask.status(Status.REVIEW, finishing(ask, HOW))
    if state.unfinished:
        return _reached(ask, _ended(ask))
    carried = _begun(ask, (ask.act("change.implement", "Carry it out."),), _cause(ask))
    return _reached(ask, (carried, *_by_two(ask)))


def through_glass(ask: Question) -> tuple[Acts, ...]:
    """The ways to the review, with what is owed for it, that begin as the glass is broken."""
    return tuple(way for each in _by_two(ask) for way in each.ways)


def _reached(ask: Question, every: Iterable[_Ways]) -> Finding:
    every = tuple(every)
    first, *others = [way for each in every for way in each.ways] or [()]
    dead = () if first else tuple(end for each in every for end in each.dead)
    cut = not all(each.whole for each in every)
    return or_else(replace(ask.status(Status.REVIEW, *first), vain=dead, more=cut), *others)


def _by_two(ask: Question) -> tuple[_Ways, ...]:
    return tuple(_begun(ask, way, Cause.BREAK_GLASS) for way in breaking(ask))


def _cause(ask: Question) -> Cause:
    return Cause.EMERGENCY if ask.state.path is Path.EMERGENCY else Cause.ALWAYS


def _begun(ask: Question, first: Acts, cause: Cause) -> _Ways:
    """That it begins so, that it is finished, and all that comes to be owed for that."""
    found, finish = _owed(ask, cause), finishing(ask, HOW)
    return replace(found, ways=tuple((*first, finish, *more) for more in found.ways))


def _owed(ask: Question, cause: Cause) -> _Ways:
    """What settles all that comes to be owed for a cause, as it is decided on in review."""
    state = ask.state
    asked = Context(ask.at, "", state.id, ask.records, ask.authority)
    owed = () if ask.who is unknown else opened(state, asked, cause)
    if not owed:
        return _Ways(((),))
    every = (*state.obligations, *owed)
    then = replace(ask, state=replace(state, status=Status.REVIEW, hold=None, obligations=every))
    return _explained(ask, Verdict(tuple(owing(then, each) for each in owed)))


def _ended(ask: Question) -> tuple[_Ways, ...]:
    """What has begun goes on and ends well, or is said to have gone wrong."""
    wrong = (finishing(ask, _WRONG), *(look_back(ask) if _looked_at(ask) else ()))
    on = () if ask.who is unknown else _taken_up(ask)
    return (*on, _Ways((wrong,)))


def _looked_at(ask: Question) -> bool:
    """Whether what went wrong is looked back on."""
    demanded = kind_of(ask.state, ask.records).review_after
    return "any" in demanded or any(each.value in demanded for each in WENT_WRONG)


def _taken_up(ask: Question) -> tuple[_Ways, ...]:
    """The ways in which the work goes on: as its gate lets it, or by two, or once it is resumed.

    With another that is opened in its place this one does not go on.
    """
    if goes_on(ask.state):
        return (_Ways(((ask.act("change.resume", "Resume it."), finishing(ask, HOW)),)),)
    on = ask.act("change.implement", "Go on with it.")
    found = _explained(ask, evaluate(implementing(ask)))
    ways = []
    for way in found.ways:
        if opens(way):
            continue
        broken = any(each.action == CONFIRM for each in way)
        first = way if broken else (*way, on)
        ways.append(_begun(ask, first, Cause.BREAK_GLASS if broken else _cause(ask)))
    return (*ways, _Ways(whole=found.whole))


def _explained(ask: Question, judged: Verdict) -> _Ways:
    """How another gate on the way opens."""
    if judged.allowed:
        return _Ways(((),))
    told = explain(judged, named=lambda id: person_name(ask.authority.person(id)), may=ask.may)
    ways = tuple(tuple(map(act_of, way.acts)) for way in told.ways)
    why = (told.impossible_reason or "").removeprefix(f"{NOBODY} ")
    return _Ways(ways, told.complete, (DeadEnd(why, told.repairs),) if why else ())
