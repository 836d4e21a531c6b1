"""What events in the open tell of what is hidden: what they follow from, and what they name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    FromClause,
    ScalarSelect,
    Select,
    Table,
    Text,
    and_,
    false,
    func,
    literal_column,
    not_,
    null,
    or_,
    select,
    true,
    union_all,
)

from api.hiding.naming import tells
from api.hiding.parts import Kind
from api.hiding.veil import VEILS, Veil, hidden, in_the_open, may_be_known, named, seen
from api.hiding.wording import number, spelled, when
from domain.release.commands.contents import MOST_AT_ONCE

FIRST: Final = ".0"
"""How the id of a request's first event ends, which is the cause of its other ones."""
ITEM: Final = "inclusion"
PART: Final = "merge_request"
TRACKER: Final = "release"
MOVES: Final[dict[str, tuple[str, ...]]] = {
    ITEM: ("release.included", "release.excluded"),
    PART: ("security_fix.merge_request_added", "security_fix.merge_request_removed"),
}
"""The events by which things move into a release or a fix and out; each has an event of its own."""
LINKS: Final = ("security_fix.linked", "security_fix.unlinked")
"""The events by which a fix goes out with a release, or not; they name that as their `tracker`."""
TIES: Final = tuple(
    f"merge_request.{each}"
    for each in ("tied", "untied", "finder_named", "quorum_found_impossible")
)
"""The events of a merge request that may come of what was done with a fix, and of nothing else."""
HIDES: Final = "merge_request.concealed"
"""The event by which a merge request hides, also where that comes of what was done with a fix."""
UNTOLD: Final = (HIDES, *LINKS, *TIES, *(kind for kinds in MOVES.values() for kind in kinds))
"""The kinds of events that are not told of where they tell of nothing but what stays hidden."""


@lru_cache(maxsize=VEILS)
def hushed(veil: Veil) -> ColumnElement[bool]:
    """Whether the reader is not told who asked for an event, by which request, in which words.

    That is so where the event follows from one about something hidden, and where by it a release
    took in, or let go, nothing but what is hidden.
    """
    return or_(_follows(veil), *_of_hidden_alone(veil))


@lru_cache(maxsize=VEILS)
def of_what_is_told(veil: Veil) -> ColumnElement[bool]:
    """All events but those of what was hidden then, by which only moved what is hidden still.

    Where what it moved in or out of is shown, such an event would tell of nothing else (S1-12), nor
    would it that a fix was linked to what is hidden still, or taken off that, or that a merge
    request belonged to a fix that is hidden still, and who found that.
    What left in the open is told of: everybody could read that it was there.
    """
    tied = (_linked_in_secret(veil), _tied_in_secret(veil), _hid_along(veil))
    moved = or_(*_of_hidden_alone(veil), *tied)
    return not_(when(veil.events.c.sealed.is_(true()), when(moved, _in_secret(veil))))


def _in_secret(veil: Veil) -> ColumnElement[bool]:
    """Whether an event is of a time in which what it is about was hidden."""
    events, names = veil.events, {kind.partition(".")[0] for kind in UNTOLD}
    shown = (
        select(table.c.revealed_at).where(table.c.id == events.c.subject).scalar_subquery()
        for table in (each.kind.table for each in veil.parts if each.kind.name in names)
    )
    return or_(*(events.c.at <= each for each in shown)).is_(true())


def _of_hidden_alone(veil: Veil) -> Iterator[ColumnElement[bool]]:
    """Whether nothing moved by an event but what is hidden from the reader."""
    for what, kinds in MOVES.items():
        moves = veil.events.c.kind.in_([spelled(each) for each in kinds])
        yield when(moves, _moved(veil, what).is_not(true()))


def _linked_in_secret(veil: Veil) -> ColumnElement[bool]:
    """Whether by an event a fix was linked to a release that is hidden from the reader, or off it.

    Of what is hidden no more than the releases are looked at, which are few.
    """
    events = veil.events
    linked = events.c.kind.in_([spelled(each) for each in LINKS])
    kinds = (each.kind for each in veil.parts if each.kind.name == TRACKER)
    found = (
        select(true())
        .where(id.in_(hidden(kind, veil.principal)), tells(events.c.facts, "tracker", id))
        .limit(1)
        .scalar_subquery()
        for kind in kinds
        for id in [kind.table.c.id]
    )
    return when(linked, or_(false(), *(each.is_(true()) for each in found)))


def _tied_in_secret(veil: Veil) -> ColumnElement[bool]:
    """Whether an event is of what was done with a fix, which is hidden from the reader."""
    return when(veil.events.c.kind.in_([spelled(each) for each in TIES]), _follows(veil))


def _hid_along(veil: Veil) -> ColumnElement[bool]:
    """Whether a merge request hid by what was done with a fix, for who may see none that hides.

    That it was tied to the fix says as much. By whichever fix it was, nothing else would be told
    where another one that is hidden still had hidden it before.
    """
    events = veil.events
    (part,) = (each.kind for each in veil.parts if each.kind.name == PART)
    follows = events.c.id != events.c.request + literal_column(f"'{FIRST}'", Text)
    right = _one(part, events.c.subject, or_(false(), *seen(part, veil.principal)))
    return when(events.c.kind.in_([spelled(HIDES)]), and_(follows, not_(right)))


def _follows(veil: Veil) -> ColumnElement[bool]:
    """Whether an event is a later one of a request about something that is hidden."""
    cause, follows = _cause(veil.events)
    hides = select(veil.hides(cause.c.subject, cause.c.aggregate)).where(follows)
    return hides.scalar_subquery().is_(true())


def _cause(events: Table) -> tuple[FromClause, ColumnElement[bool]]:
    """The log once more, and which row of it is the first of the request that an event is of."""
    cause = events.alias("cause")
    first = events.c.request + literal_column(f"'{FIRST}'", Text)
    return cause, and_(events.c.id != first, cause.c.id == first)


def _moved(veil: Veil, what: str) -> ScalarSelect[bool]:
    """Whether the reader may know of anything that moved by an event: the items come right after.

    One is enough, so that a row is read or two where nothing is hidden.
    """
    events = veil.events
    each = events.alias("each")
    id, name = each.c.subject, spelled(what)
    gone = veil.hides_one(what, id)
    told = (
        select(true())
        .where(
            each.c.position > events.c.position,
            each.c.position <= events.c.position + number(MOST_AT_ONCE),
            each.c.request == events.c.request,
            func.coalesce(each.c.aggregate, name) == name,  # read by position, not all of its kind
            not_(gone),
        )
        .limit(number(1))
    )
    return told.scalar_subquery()


@lru_cache(maxsize=VEILS)
def concealed(veil: Veil) -> ColumnElement[bool]:
    """Whether an event is about something that is hidden from the reader now, or tells of it.

    What it says may have been read by everybody when it was recorded; it hides with its object.
    """
    telling = named(veil.events, [kind for kind, _ in veil.telling])
    return or_(_about_hidden(veil), when(telling, _any_hides(veil, _told(veil))))


@lru_cache(maxsize=VEILS)
def cleared(veil: Veil) -> ColumnElement[bool]:
    """Events of which the reader may be told: nothing they are about is hidden, nor sealed for it.

    What was sealed and hides no more is told with its object. Who may read all records of a kind
    that tells of others is told what was sealed there, too. What an event tells of and its cause
    are looked at in one place: PostgreSQL sets each place up anew for every page, also where no
    row gets there.
    """
    events = veil.events
    hiding = named(events, [each.kind for each in veil.parts])
    read = or_(false(), *(_read(veil, kind) for kind, _ in veil.telling))
    cause, follows = _cause(events)  # a release hides itself
    caused = select(cause.c.subject, cause.c.aggregate, true()).where(follows, not_(read))
    others = when(not_(hiding), _any_hides(veil, [*_told(veil), caused]))
    unsealed = or_(hiding, read, events.c.sealed.is_(false()))
    return and_(not_(_about_hidden(veil)), unsealed, not_(others), of_what_is_told(veil))


def _about_hidden(veil: Veil) -> ColumnElement[bool]:
    return veil.hides(veil.events.c.subject, veil.events.c.aggregate)


def _told(veil: Veil) -> list[Select[Any]]:
    """What an event tells of where the record that it is about names another one."""
    events = veil.events
    return [
        select(table.c[column], table.c.get("aggregate", null()), in_the_open(table)).where(
            named(events, [kind]), table.c.id == events.c.subject
        )
        for kind, column in veil.telling
        for table in [kind.table]
    ]


def _any_hides(veil: Veil, others: Sequence[Select[Any]]) -> ColumnElement[bool]:
    """Whether one of these is hidden from the reader; each has an id, a kind, and if it is open."""
    found = union_all(*(each.correlate(veil.events) for each in others)).subquery("beside")
    gone = may_be_known(veil, *found.c).is_not(true())
    return select(true()).where(gone).limit(number(1)).scalar_subquery().is_(true())


def _read(veil: Veil, kind: Kind) -> ColumnElement[bool]:
    """Whether an event is about a record of this kind that the reader may read by a right."""
    events = veil.events
    if kind.reach is None:
        return named(events, [kind])
    right = or_(false(), *seen(kind, veil.principal))
    return and_(named(events, [kind]), _one(kind, events.c.subject, right))


def _one(kind: Kind, id: ColumnElement[str], test: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a record passes a test; it is looked up by its id, and never read with all others.

    An `exists` may be answered by reading the whole table once, which costs a page too much.
    """
    found = select(test).where(kind.table.c.id == id).scalar_subquery()
    return found.is_(true())
