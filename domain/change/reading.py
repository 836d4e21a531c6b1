"""What is kept beside a change so that lists and inboxes can ask for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain.approval import Choice, OpenRule, Rule, Standings, Standpoint, tally
from domain.change.standing import awaiting, outstanding, scopes_of
from domain.change.state import UNDER_WAY, Change
from domain.content import Content
from domain.kernel import Scopes

SEARCHED: Final = 4_000
"""How many characters of a change's texts a search looks through."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """One way to be entitled under a rule whose stage is open.

    By `role`, for `scope` and `value` (of `values` that must all be held, each a row of its own;
    none means held for anything), or by a seat on a board of kind `board`, or by being `person`.
    `filled` says that the votes cast satisfy the rule, as far as votes alone can tell.
    """

    rule: str
    title: str
    filled: bool
    role: str | None = None
    scope: str | None = None
    value: str | None = None
    values: int = 0
    board: str | None = None
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Involved:
    """A person with a part in the change: requester, owner, author, contributor, implementer."""

    person: str
    part: str


@dataclass(frozen=True, slots=True)
class Cast:
    """A decision on the revision at hand, or on what is owed."""

    rule: str
    person: str
    seat: str
    choice: Choice
    grant: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Related:
    """Something the change is tied to or touches: a link, configuration item or environment."""

    kind: str
    reference: str


def awaited(state: Change) -> tuple[Awaited, ...]:
    """The open rules as an inbox finds them, joined with grants and seats valid now."""
    return tuple(way for rule, filled in _open(state) for way in _ways(rule, filled, state))


def _open(state: Change) -> Iterator[tuple[Rule, bool]]:
    """The rules whose stage is open, by the votes alone, and whether these satisfy them."""
    rules = awaiting(state)
    after = state.status in UNDER_WAY
    groups = tuple((each,) for each in rules) if after else (rules,)
    for group in groups:
        for standing in _by_votes(state, group).rules:
            if standing.status is not Standpoint.WAITING:
                yield standing.rule, standing.status is Standpoint.SATISFIED


def _by_votes(state: Change, rules: tuple[OpenRule, ...]) -> Standings:
    """The tally as if exactly those were entitled who voted."""
    names = {each.rule.name for each in rules}
    votes = state.afterwards if state.status in UNDER_WAY else state.votes
    votes = tuple(vote for vote in votes if vote.rule in names)
    everybody = frozenset(vote.seat for vote in votes)
    return tally(
        rules,
        votes,
        revision=state.revision,
        digest=state.digest,
        entitled=dict.fromkeys(names, everybody),
        excluded=frozenset(),
    )


def _ways(rule: Rule, filled: bool, state: Change) -> Iterator[Awaited]:
    row = (rule.name, rule.title, filled)
    if rule.role and rule.scope is None:
        yield Awaited(*row, role=rule.role)
    elif rule.role and rule.scope:
        values: tuple[str | None, ...] = tuple(sorted(scopes_of(state).get(rule.scope, ())))
        of = len(values)
        for value in values or (None,):
            yield Awaited(*row, role=rule.role, scope=rule.scope, value=value, values=of)
    if rule.board:
        yield Awaited(*row, board=rule.board)
    for person in rule.people:
        yield Awaited(*row, person=person)


def involved_rows(state: Change) -> tuple[Involved, ...]:
    """Everybody with a part in it; one person may have several."""
    parts = (
        ("requester", (state.requester,)),
        ("owner", (state.owner,)),
        ("author", (state.author,)),
        ("contributor", state.contributors),
        ("implementer", state.implementers),
    )
    return tuple(Involved(person, part) for part, people in parts for person in people)


def cast_rows(state: Change) -> tuple[Cast, ...]:
    """The decisions that stand on this revision and on what is owed."""
    return tuple(
        Cast(vote.rule, vote.person, vote.seat, vote.choice, vote.grant, vote.at)
        for vote in (*state.votes, *state.afterwards)
    )


def related_rows(state: Change) -> tuple[Related, ...]:
    """What it is tied to and what it touches (S3-32, S3-33, S3-36, S3-37)."""
    touched = (
        ("configuration_item", state.content.configuration_items),
        ("environment", state.content.environments),
    )
    links = (Related(link.kind.value, link.reference) for link in state.links)
    return (*links, *(Related(kind, name) for kind, names in touched for name in names))


def search_text(state: Change) -> str:
    """The texts of a change as a search compares them: case folded."""
    content = state.content
    texts = (content.title, content.service, *content.configuration_items, content.description)
    return "\n".join(texts)[:SEARCHED].casefold()


def due(state: Change) -> datetime | None:
    """When the next thing owed is due."""
    return min((owed.due for owed in outstanding(state)), default=None)


def scopes(state: Change | None, command: str, arguments: Mapping[str, Any]) -> Scopes:
    """Where a command acts: on both sides of an edit, and on the board whose rule is decided."""
    content = arguments.get("content")
    sides = [each for each in (state.content if state else None, content) if each is not None]
    found = {
        "service": frozenset(each.service for each in sides),
        "environment": _environments(sides),
    }
    boards = _boards(state, arguments.get("rule")) if state else frozenset[str]()
    return found | {"board": boards} if boards else found


def _environments(sides: list[Content]) -> frozenset[str]:
    return frozenset(name for each in sides for name in each.environments)


def _boards(state: Change, rule: object) -> frozenset[str]:
    rules = (each.rule for each in awaiting(state))
    return frozenset(each.board for each in rules if each.name == rule and each.board)
