"""What is owed for a change: what of it is open, and who settles that by doing what."""

from __future__ import annotations

from itertools import chain

from domain.change.debt import entailed
from domain.change.question import Question, aside
from domain.change.relief import HELP, Relief, reliefs, relieved
from domain.change.standing import debt, implementers, looked_back, said_no, undecided
from domain.change.state import Obligation
from domain.gate import Act, Finding, taken_back
from domain.gate import Status as Is
from domain.process.process import Fulfilment

_LOST = "Votes that decided it count no more."


def look_back(ask: Question) -> tuple[Act, ...]:
    """That somebody does who did not do the work; at need once others say that they did not."""
    may = ask.who("change.review")
    every = chain((Relief((), ask.state),), reliefs(ask) if may else ())
    for each in every:
        own = implementers(each.state, ask.authority)
        if may - own:
            return (*each.acts, ask.act("change.review", "Look back on how it went.", own))
    return (ask.act("change.review", "Look back on how it went.", may),)


def obligations(ask: Question) -> tuple[Finding, ...] | Finding:
    """What is owed by now: settled, or open with what settles it."""
    if not ask.state.obligations:
        return aside("obligations", "Nothing is owed")
    left = _left(ask)
    settled = (e for e in ask.state.obligations if e.fulfilled_at and e not in left)
    return (*(_done(ask, owed) for owed in settled), *(owing(ask, owed) for owed in left))


def _left(ask: Question) -> tuple[Obligation, ...]:
    """What is owed and not done, or was by a review or by votes that count no more.

    What follows from a refusal is not owed where the votes that refused count no more.
    """
    done, every = looked_back(ask.state, ask.authority), ask.state.obligations
    lost = [each for each in every if undecided(ask.state, each, ask.authority, ask.at)]
    gone = {name for each in lost for name in entailed(ask.state, each, ask.records)}
    return tuple(
        owed
        for owed in every
        if owed in lost
        or (owed.fulfilled_at is None and owed.name not in gone)
        or (owed.fulfilled_by is Fulfilment.REVIEW and not done)
    )


def _done(ask: Question, owed: Obligation) -> Finding:
    """What was settled, a refusal with a word that says so."""
    no = "This was refused after the fact."
    said = no if said_no(ask.state, owed) else "Too few approved this after the fact."
    said = said if owed.refused else ""
    return Finding(owed.name, Is.SATISFIED, owed.title, message=said, source=owed.source)


def owing(ask: Question, owed: Obligation) -> Finding:
    """An obligation that takes votes has its standing; every other one an act that settles it."""
    late = "It is overdue since" if owed.due <= ask.at else "It is due at"
    waits = _awaited(ask, owed)
    before = _counted(ask, owed)
    helps = waits.acts if waits else ()
    word = _LOST if owed.fulfilled_at and owed.rule else ""
    said = "".join(f" {each}" for each in (word, HELP if helps else "") if each)
    return Finding(
        owed.name,
        Is.UNSATISFIED,
        owed.title,
        missing=(owed.title,),
        message=f"{late} {owed.due.isoformat()}.{said}",
        code="obligation_open",
        source=owed.source,
        standing=waits.standing if waits else None,
        taken_back=waits.taken_back if waits else None,
        acts=(*before, *helps) if waits else before or _settles(ask, owed),
    )


def _awaited(ask: Question, owed: Obligation) -> Finding | None:
    """What its rule says where that waits for votes, with whatever lets people give them."""
    if owed.fulfilled_by is not Fulfilment.APPROVAL:
        return None
    now = debt(ask.state, owed, ask.authority, ask.at)
    if now.rejected or now.satisfied:
        return None
    waits = relieved(ask, lambda state: debt(state, owed, ask.authority, ask.at))[0]
    return taken_back(waits, "change.withdraw_vote", ask.who)


def _counted(ask: Question, owed: Obligation) -> tuple[Act, ...]:
    """That it is counted again, where only that lets it be voted on, or settles it."""
    if owed.fulfilled_by is not Fulfilment.APPROVAL:
        return ()
    if owed.fulfilled_at is not None:
        how = "refused" if owed.refused else "approved"
        return (ask.act("change.recount", f"Count again: votes that {how} it count no more."),)
    now = debt(ask.state, owed, ask.authority, ask.at)
    if now.satisfied:  # votes count again
        return (ask.act("change.recount", "Count again: enough approve it."),)
    if now.rejected:  # people left, and now a no stands
        return (ask.act("change.recount", "Count again: too few are left to approve it."),)
    return ()


def _settles(ask: Question, owed: Obligation) -> tuple[Act, ...]:
    if owed.fulfilled_by is Fulfilment.REVIEW:
        return look_back(ask)
    return (ask.act("change.fulfil_obligation", f"Write up: {owed.title}."),)
