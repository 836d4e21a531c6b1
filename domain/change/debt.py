"""What is owed after the fact: opened with a date, settled by a text, a review or an approval."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any, Final

from domain.askers import check_firsthand
from domain.change.events import ObligationFulfilled
from domain.change.standing import afterwards, kind_of, outstanding, said_no
from domain.change.state import Change, Obligation
from domain.content import LARGEST
from domain.kernel import Context, Problems, Records, Text, is_person
from domain.process.process import Cause, Fulfilment, ObligationRow
from domain.wording import check_given

_REFUSED: Final = "_refused"


def rows(state: Change, context: Context, cause: Cause) -> tuple[ObligationRow, ...]:
    """What the playbook demands for this cause, and of every change, that is not yet owed."""
    owed = {each.name for each in state.obligations}
    demanded = kind_of(state, context.records).obligations
    return tuple(
        row for row in demanded if row.cause in (cause, Cause.ALWAYS) and row.name not in owed
    )


def opened(state: Change, context: Context, cause: Cause) -> tuple[Obligation, ...]:
    """The obligations as they begin now: due so many hours on, their rules fixed."""
    return tuple(_opened(state, context, row) for row in rows(state, context, cause))


def _opened(state: Change, context: Context, row: ObligationRow) -> Obligation:
    voters = afterwards(state, context.authority, context.at)
    return Obligation(
        name=row.name,
        title=row.title,
        fulfilled_by=row.fulfilled_by,
        due=context.at + timedelta(hours=row.due_hours),
        rule=voters.opened((row.rule,))[0] if row.rule else None,
        source=row.source,
    )


def after_refusal(state: Change, context: Context, owed: Obligation) -> Obligation:
    """What follows where too few approved after the fact: somebody writes up what is done about it.

    There is as much time for that as there was for the approval.
    """
    demanded = kind_of(state, context.records).obligations
    taken = {each.name for each in state.obligations} | {row.name for row in demanded}
    bare = f"{owed.name}{_REFUSED}"
    names = (bare, *(f"{bare}_{number}" for number in range(2, len(taken) + 3)))
    said = "refused" if said_no(state, owed) else "not approved"
    hours = next((row.due_hours for row in demanded if row.name == owed.name), 0)
    return Obligation(
        name=next(each for each in names if each not in taken),
        title=f"Write up what follows, now that this was {said}: {owed.title}",
        fulfilled_by=Fulfilment.WRITE_UP,
        due=context.at + timedelta(hours=hours),
        source=owed.source,
    )


def entailed(state: Change, owed: Obligation, records: Records) -> tuple[str, ...]:
    """What is owed in writing for its having been refused, and not yet written up."""
    demanded = {row.name for row in kind_of(state, records).obligations}
    every = (each.name for each in outstanding(state) if each.name not in demanded)
    named = re.compile(rf"{re.escape(owed.name)}{_REFUSED}(_\d+)?")
    return tuple(each for each in every if named.fullmatch(each))


def fulfil_obligation(
    state: Change,
    context: Context,
    *,
    name: Annotated[str, "The obligation, in the playbook's words."],
    write_up: Annotated[Text, "What was done, and why it could not wait; or what follows."],
) -> list[Any]:
    """Write up what is owed in writing; approvals and reviews settle theirs by themselves."""
    problems = Problems()
    wanted = {each.name for each in outstanding(state) if each.fulfilled_by is Fulfilment.WRITE_UP}
    problems.unless(name in wanted, "not_owed", "No such write-up is owed.", "name")
    check_firsthand(problems, context)
    problems.unless(is_person(context.by), "not_a_person", "Only a person writes it up.")
    check_given(problems, write_up, LARGEST, "write_up")
    problems.settle()
    return [ObligationFulfilled(name, write_up)]
