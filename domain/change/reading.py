"""What is kept beside a change so that lists and inboxes can ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain import inbox
from domain.change.standing import at_work, awaiting, concerned, outstanding, scopes_of
from domain.change.state import UNDER_WAY, Change
from domain.content import Content
from domain.inbox import Awaited, Cast
from domain.kernel import Scopes

SEARCHED: Final = 4_000
"""How many characters of a change's texts a search looks through."""


@dataclass(frozen=True, slots=True)
class Involved:
    """A person with a part in the change: requester, owner, author, contributor, implementer."""

    person: str
    part: str


@dataclass(frozen=True, slots=True)
class Related:
    """Something the change is tied to or touches: a link, configuration item or environment."""

    kind: str
    reference: str


def awaited(state: Change) -> tuple[Awaited, ...]:
    """The open rules as an inbox finds them; what is owed is decided on rule by rule."""
    rules, scopes = awaiting(state), scopes_of(state)
    at = ((state.revision, state.digest), scopes, _excluded(state))
    if state.status not in UNDER_WAY:
        return inbox.awaited(rules, state.votes, *at)
    votes = state.afterwards
    mine = {each: [v for v in votes if v.rule == each.rule.name] for each in rules}
    return tuple(way for each in rules for way in inbox.awaited((each,), mine[each], *at))


def _excluded(state: Change) -> frozenset[str]:
    """Who may not decide by what the change itself says."""
    people = concerned(state)
    return people | at_work(state) if state.status in UNDER_WAY else people


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
    return inbox.casts((*state.votes, *state.afterwards))


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
