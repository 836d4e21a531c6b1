"""History: who did what when, of one object for all who see it, of everything for auditors."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)
from strawberry.types.base import StrawberryList

from api.context import READ_LOG
from api.deployment import REGISTRY
from api.derived.connections import connection_type
from api.derived.fields import batched, found_by, resolved
from api.derived.hints import HIDDEN, hints, marks_of
from api.derived.identity import global_id
from api.derived.meanings import camel
from api.derived.nouns import TYPES
from api.hiding.compared import CONTENTS, unchained, untold_manifests
from api.hiding.hushed import concealed, hushed
from api.hiding.since import GONE
from api.hiding.telling import Telling, parted, unseen_among
from api.hiding.ties import untold_in
from api.hiding.untold import KINDS, Untold, untold_beside
from api.hiding.visibility import Sight
from api.history.surplus import without_surplus
from domain.belonging import CARRIED
from domain.kernel import ERASED, Internal, Mark, Refusal
from ledger.codec import decode_event

PINNED: Final = {"playbook": "playbook", "template": "template"}
"""Fields of events that hold ids, beside those that do in every class."""
FINDERS: Final = ("excluded", "freed")
"""Fields of events that name who found something, or counted as that."""
COLUMNS: Final = (
    "position",
    "id",
    "at",
    "happened",
    "kind",
    "aggregate",
    "subject",
    "version",
    "actor",
    "behalf",
    "request",
    "policy",
    "outcome",
)


@dataclasses.dataclass(frozen=True, slots=True)
class LoggedEvent:
    """One event of the log: a fact, with who asked for it, when, and under which policy.

    A claim is a fact about what happened elsewhere, which was only recorded here.
    """

    position: Annotated[int | None, "Its index in the log, for holders of `log.read`."]
    id: Annotated[str, "The event's own id."]
    at: datetime
    happened: Annotated[datetime | None, "When it took place elsewhere, if it is a claim."]
    kind: Annotated[str, "What kind of event it is, such as change.approved."]
    aggregate: Annotated[str, "The kind of object it is about, such as change."]
    subject: str
    version: Annotated[int, "The version of the object that it made."]
    actor: Annotated[str | None, "Who asked for it; null for the operator at the machine."]
    behalf: Annotated[str | None, "In whose place."]
    request: Annotated[str, "The id of the request, which all its events share."]
    policy: Annotated[str | None, "The version of the policy that let it pass."]
    outcome: Annotated[str, "`done`, or `claimed` for what took place elsewhere."]
    place: Internal[int] = 0


@dataclasses.dataclass(frozen=True, slots=True)
class EventDetail:
    """One thing that an event says."""

    name: Annotated[str, "What it is about; nested names are joined by dots."]
    value: Annotated[
        str | None, "As text, or as JSON for anything else; null once erased, or if not to be seen."
    ]


def details(
    connection: Connection, sight: Sight, found: Sequence[LoggedEvent]
) -> list[tuple[EventDetail, ...] | Refusal]:
    """What each of the events says, personal things left out; refused for what is out of sight."""
    facts: dict[int, bytes] = {}
    wordless: set[int] = set()
    partly: set[int] = set()
    contents: dict[int, dict[str, bytes | None]] = {}
    for position, said, follows, own, name, text in connection.execute(_asked(sight, found)):
        facts[position] = bytes(said)
        wordless |= {position} if follows else set()
        partly |= {position} if own else set()
        named = contents.setdefault(position, {})
        if name is not None:
            named[name] = None if text is None else bytes(text)
    unseen = unseen_among(connection, sight, facts.values())
    shown = [each for each in found if each.place in facts]
    every = [_event(each.kind, facts[each.place], contents[each.place]) for each in shown]
    every = untold_manifests(connection, sight, every)
    said = {each.place: event for each, event in zip(shown, every, strict=True)}
    for event, left in zip(shown, untold_beside(connection, sight, shown), strict=True):
        said[event.place] = without_surplus(left.retold(said[event.place]), unseen)
    commits = untold_in(sight, [(each, said[each.place]) for each in shown])
    moves = unchained(sight, [(each.place, each.kind, each.subject) for each in shown])

    def telling(each: LoggedEvent) -> Telling:
        hidden = unseen | {commits[each.place]} if each.place in commits else unseen
        left_out = (*_kept(each, partly), *_hushed(each.place, wordless, moves))
        return Telling(hidden, each.place not in wordless, left_out)

    return [
        tuple(told(said[each.place], telling(each))) if each.place in said else Refusal(GONE)
        for each in found
    ]


def _asked(sight: Sight, found: Sequence[LoggedEvent]) -> Select[Any]:
    """What is read of events: facts, whether they follow from or are of what is hidden, texts."""
    events, parts = sight.reader.tables.events, sight.reader.tables.parts
    content = and_(parts.c.position == events.c.position, parts.c.name != "sealed")
    return (
        select(
            events.c.position,
            events.c.facts,
            hushed(sight.veil),
            _untold(sight, found),
            parts.c.name,
            parts.c.content,
        )
        .select_from(events.outerjoin(parts, content))
        .where(events.c.position.in_([each.place for each in found]), _told_of(sight, found))
    )


def _told_of(sight: Sight, found: Sequence[LoggedEvent]) -> ColumnElement[bool]:
    """Events that may be told of now: of what may be seen, and to auditors what is not sealed."""
    events = sight.reader.tables.events
    in_the_open = and_(events.c.sealed.is_(false()), not_(concealed(sight.veil)))
    shown = [and_(literal(sight.may(READ_LOG)), in_the_open)]
    for name in sorted({each.aggregate for each in found} & REGISTRY.by_name.keys()):
        state = REGISTRY.by_name[name].state
        table = sight.reader.snapshot(state)
        ids = {each.subject for each in found if each.aggregate == name}
        seen = select(table.c.id).where(table.c.id.in_(sorted(ids)), sight.shown(state))
        of_it = and_(events.c.aggregate == name, events.c.subject.in_(seen))
        shown.append(and_(of_it, carried(sight, name)))
    return or_(*shown)


def _untold(sight: Sight, found: Sequence[LoggedEvent]) -> ColumnElement[bool]:
    """Whether an event is of what the reader sees as their own alone."""
    events, names = sight.reader.tables.events, CARRIED.keys() & {e.aggregate for e in found}
    hidden = ((each, sight.unseen(each)) for each in sorted(names))
    return or_(
        false(), *(and_(events.c.aggregate == n, events.c.subject.in_(ids)) for n, ids in hidden)
    )


def _hushed(place: int, wordless: Collection[int], moves: Collection[int]) -> Iterator[str]:
    """The fields that are left out of an event for what they tell of something hidden."""
    yield from FINDERS if place in wordless else ()
    yield from (CONTENTS,) if place in moves else ()


def _kept(event: LoggedEvent, partly: Collection[int]) -> Collection[str]:
    """The fields that are left out of an event: none, but of what is the reader's own alone."""
    return CARRIED[event.aggregate].untold.keys() if event.place in partly else ()


def carried(sight: Sight, name: str) -> ColumnElement[bool]:
    """What of the history of an aggregate's records is told: all, or as whose own they are."""
    if name not in CARRIED:
        return true()
    events, state = sight.reader.tables.events, sight.reader.registry.by_name[name].state
    full = select(sight.reader.snapshot(state).c.id).where(sight.visible(state))
    return or_(events.c.kind.in_(sorted(CARRIED[name].events)), events.c.subject.in_(full))


def told_columns(
    sight: Sight, name: str, columns: Sequence[ColumnElement[Any]]
) -> tuple[ColumnElement[Any], ...]:
    """The columns of events of a kind; versions of what is the reader's own count what is told."""
    if name not in CARRIED:
        return tuple(columns)
    events = sight.reader.tables.events
    before = events.alias()
    counted = select(func.count()).where(
        before.c.aggregate == events.c.aggregate,
        before.c.subject == events.c.subject,
        before.c.version <= events.c.version,
        before.c.kind.in_(sorted(CARRIED[name].events)),
    )
    partly = events.c.subject.in_(sight.unseen(name))
    version = case((partly, counted.scalar_subquery()), else_=events.c.version).label("version")
    return tuple(version if each is events.c.version else each for each in columns)


def _event(kind: str, facts: bytes, contents: Mapping[str, bytes | None]) -> Any:
    return decode_event(REGISTRY.kinds[kind][1], facts, contents)


def told(event: Any, telling: Telling, prefix: str = "") -> Iterator[EventDetail]:
    """The fields of an event that no mark hides, nested ones by dotted names."""
    hinted = hints(type(event))
    fields = {name: getattr(event, name) for name in hinted}
    telling = telling.around(fields.values())
    for name, hint in hinted.items():
        value = fields[name]
        if marks_of(hint) & HIDDEN or value is None or (not prefix and name in telling.untold):
            continue
        published = prefix + camel(name)
        if dataclasses.is_dataclass(value):
            yield from told(value, telling, f"{published}.")
        elif parted(value):
            for at, each in enumerate(telling.parts(value)):
                yield from told(each, telling, f"{published}.{at}.")
        else:
            shown = telling.of(value, word=Mark.TEXT in marks_of(hint))
            yield EventDetail(published, _spelled(named(type(event), name, shown)))


def named(kind: type, field: str, value: Any) -> Any:
    """Ids of other objects as clients hold them, everything else as it is."""
    other = TYPES.reference(kind, field) or PINNED.get(field)
    if other is None or value is None or value == ERASED:
        return value
    if isinstance(value, tuple):
        return tuple(named(kind, field, each) for each in value)
    word = other == "principal" and ":" not in value  # the operator, or the chair of a board
    return value if word else global_id(TYPES.name(TYPES.states[other]), value)


def _spelled(value: Any) -> str | None:
    if value is None or value == ERASED:
        return None
    plain = msgspec.to_builtins(value)
    return plain if isinstance(plain, str) else msgspec.json.encode(plain).decode()


# Types.


def _version(root: LoggedEvent, context: Any) -> Any:
    """As its reader counts them, whatever stays hidden of what the record has been through."""

    async def load() -> int:
        left: Untold = await context.batch(untold_beside, root)
        return left.version(root.version)

    return load() if root.aggregate in KINDS else root.version


async def _subject(root: LoggedEvent, context: Any) -> Any:
    aggregate = REGISTRY.by_name.get(root.aggregate)
    return None if aggregate is None else await context.load(aggregate.state, root.subject)


def publish() -> None:
    """The types of events; what is derived, and how the object of an event is found."""
    fields = {
        "subject": resolved(
            "subject",
            TYPES.later("Optional[Node]"),
            "What it is about. Null if there is none, or none to be seen.",
            _subject,
        ),
        "details": batched(
            "details", StrawberryList(TYPES.object(EventDetail)), "What the event says.", details
        ),
    }
    version = TYPES.field(LoggedEvent, "version", hints(LoggedEvent)["version"])
    fields["version"] = found_by(version, _version)
    fields["policy"] = TYPES.relation("policy", "policy", "The policy that let it pass.")
    TYPES.object(LoggedEvent, fields)
    connection_type(TYPES, TYPES.name(LoggedEvent))


publish()
