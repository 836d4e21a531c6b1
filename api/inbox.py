"""The inbox: what awaits a decision of yours, by grants and seats that are in force now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, NamedTuple

import strawberry
from sqlalchemy import Row, select
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from api.candidates import candidates
from api.derived.connections import connection_type
from api.derived.fields import attribute, build
from api.derived.identity import PERSON, read_id
from api.derived.meanings import camel, one, several, spaced
from api.derived.nouns import TYPES
from api.derived.paging import After, Before, First, Last, Listing, asked, page
from api.hands import read_finders, read_hands
from api.hiding.visibility import Sight
from api.records import KnownRecords
from domain.accord.agreeing import decidable as accords_decidable
from domain.change.votes import decidable as changes_decidable
from domain.kernel import Aggregate, Context, Scopes, refusal
from domain.merge_request.signing import decidable as merge_requests_decidable
from domain.release.commands.votes import decidable as releases_decidable

OF: Final = (
    "A person who delegated to you, to see what awaits them that you may decide in their place."
)


SEAT: Final = Annotated[strawberry.ID | None, strawberry.argument(description=OF)]


@dataclass(frozen=True, slots=True)
class Awaiting:
    """Something that awaits a decision, under which rule."""

    subject: Any
    rule: str
    title: str


def inbox_field(aggregate: Aggregate[Any]) -> dict[str, StrawberryField]:
    """The query for what awaits a decision, of one aggregate with rows of open rules."""
    noun = TYPES.name(aggregate.state)
    name = camel(f"{aggregate.table}_awaiting_me")
    publish(noun, aggregate)

    async def resolver(  # noqa: PLR0917  (Strawberry passes them by name)
        info: Info,
        on_behalf_of: Any = strawberry.UNSET,
        first: First = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        after: After = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Any:
        seat = read_id(on_behalf_of, PERSON) or "" if on_behalf_of else info.context.asker.principal

        def make(sight: Sight) -> Listing:
            return inbox(sight, aggregate, name, seat)

        return await page(info.context, make, asked(first, last, after, before))

    resolver.__annotations__ |= {"info": Info, "on_behalf_of": SEAT}
    about = f"The {several(noun)} that await a decision of yours, oldest first."
    field = strawberry.field(resolver=resolver, description=about)
    field.type_annotation = TYPES.later(f"Awaiting{noun}Connection")
    return {name: field}


def publish(noun: str, aggregate: Aggregate[Any]) -> None:
    """The type of an entry of the inbox, and its connection."""
    fields = {
        "subject": attribute("subject", TYPES.later(noun), f"The {spaced(noun)} to decide on."),
        "rule": attribute("rule", str, "The name of the rule to decide under."),
        "title": attribute("title", str, "What the rule asks for, in words."),
    }
    fields["subject"].graphql_name = camel(aggregate.name)
    name = f"Awaiting{noun}"
    about = f"{one(noun).capitalize()} that awaits a decision of yours."
    TYPES.publish(name, build(name, about, fields))
    connection_type(TYPES, name)


def inbox(sight: Sight, aggregate: Aggregate[Any], name: str, seat: str) -> Listing:
    """What awaits the decision of whoever has this seat: the asker, or who delegated to them.

    The database finds what may be for them; of each, the rules themselves say what is.
    """
    check_seat(sight, seat)
    open_rules = candidates(sight, aggregate, seat)
    state, columns = sight.reader.snapshot(aggregate.state), sight.reader.columns(aggregate.state)
    statement = (
        select(*columns, open_rules.c.rule, open_rules.c.title)
        .select_from(state.join(open_rules, open_rules.c.owner == state.c.id))
        .where(sight.visible(aggregate.state))
    )
    width = len(columns)

    def node(row: Row[Any]) -> Awaiting:
        return Awaiting(sight.reader.state_of(aggregate.state, row), row[width], row[width + 1])

    order = (state.c.id, open_rules.c.rule)
    desk = Desk(sight, aggregate, seat)
    return Listing(name, statement, order, node, {"seat": seat}, keep=desk, ahead=desk.read)


def check_seat(sight: Sight, seat: str) -> None:
    """Refuse to show the inbox of somebody who did not delegate to the asker."""
    if seat == sight.principal:
        return
    lent = sight.standing.authority.delegators(sight.principal, sight.at)
    if all(each.delegator != seat for each in lent):
        raise refusal("not_held", "This person has delegated nothing to you.", "onBehalfOf")


# What really awaits them.


class Decidable(NamedTuple):
    """By which command one decides, under which rules somebody may, and what that looks at."""

    command: str
    rules: Callable[[Any, Context], tuple[str, ...]]
    ahead: Callable[[KnownRecords, Sequence[Any]], None] | None = None


DECIDABLE: Final[Mapping[str, Decidable]] = {
    "accord": Decidable("agree", accords_decidable, read_finders),
    "change": Decidable("approve", changes_decidable),
    "merge_request": Decidable("sign_off", merge_requests_decidable),
    "release": Decidable("approve", releases_decidable, read_hands),
}


@dataclass(slots=True)
class Desk:
    """Says of an entry whether the asker may decide on it now, for whoever has this seat."""

    sight: Sight
    aggregate: Aggregate[Any]
    seat: str
    _context: Context = field(init=False)
    _records: KnownRecords = field(init=False)
    _rules: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _permitted: dict[Any, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Look at who holds what once, whatever is decided on."""
        sight = self.sight
        self._records = sight.records
        self._context = Context(
            at=sight.at,
            by=sight.principal,
            subject="",
            records=self._records,
            authority=sight.standing.authority,
            behalf=None if self.seat == sight.principal else self.seat,
            limits=None if sight.limits is None else tuple(sight.limits),
        )

    def read(self, entries: Sequence[Awaiting]) -> None:
        """Read at once what is looked at to decide on these."""
        ahead = DECIDABLE[self.aggregate.name].ahead
        if ahead is not None:
            ahead(self._records, [each.subject for each in entries])

    def __call__(self, entry: Awaiting) -> bool:
        """Whether the rule waits for them, and policy lets the seat's holder ask for it."""
        state = entry.subject
        if (rules := self._rules.get(state.id)) is None:
            decidable = DECIDABLE[self.aggregate.name].rules
            rules = self._rules[state.id] = decidable(state, self._context)
        return entry.rule in rules and self._may(state, entry.rule)

    def _may(self, state: Any, rule: str) -> bool:
        command = DECIDABLE[self.aggregate.name].command
        scopes = self.aggregate.scopes(state, command, {"rule": rule})
        where = tuple(scopes.items())
        if (known := self._permitted.get(where)) is None:
            known = self._permitted[where] = self._decide(command, scopes)
        return known

    def _decide(self, command: str, scopes: Scopes) -> bool:
        sight, action = self.sight, f"{self.aggregate.name}.{command}"
        judge, authority = sight.standing.judge, sight.standing.authority
        if judge is None or (sight.limits is not None and action not in sight.limits):
            return False
        return judge.decide(self.seat, action, scopes, authority, sight.at).allowed
