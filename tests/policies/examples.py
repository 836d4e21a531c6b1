"""People, grants and texts for the tests of the policy."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from domain.authority import Authority
from domain.grant.aggregate import Grant, Scope, Status
from domain.kernel import Scopes
from domain.principal.aggregate import Kind, Principal
from policies.guard import Guard

SHIPPED = Path(__file__).parents[2] / "policies"
MODEL = (SHIPPED / "model.conf").read_text(encoding="utf-8")
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NUMBERS = count(1)


def guard(*rules: str) -> Guard:
    """The guard of these lines, `p, ` left out."""
    return Guard.compile(MODEL, lines(*rules))


def lines(*rules: str) -> str:
    return "\n".join(f"p, {rule}" for rule in rules)


def grant(
    person: str,
    role: str,
    scope: str | None = None,
    value: str = "any",
    *,
    since: datetime = NOW - HOUR,
    until: datetime | None = None,
    status: Status = Status.ACTIVE,
    id: str = "",
) -> Grant:
    """A grant in force, unless said otherwise."""
    return Grant(
        id=id or f"grant{next(NUMBERS):04}",
        version=1,
        person=person,
        role=role,
        scope=Scope(scope) if scope else None,
        value=value,
        since=since,
        until=until,
        approving=False,
        reason=None,
        granted_by="operator",
        granted_at=since,
        status=status,
    )


def principal(id: str, *, suspended: bool = False, owner: str | None = None) -> Principal:
    """Somebody known: a person, or a program if the id says so."""
    return Principal(
        id=id,
        version=1,
        kind=Kind.HUMAN if id.startswith("user:") else Kind.BOT,
        handle=id,
        name=id,
        mail=None,
        team=None,
        owner=owner,
        registered_by="operator",
        registered_at=NOW,
        suspended=suspended,
    )


def authority(*states: Grant | Principal) -> Authority:
    """Who holds what, by these states."""
    known = Authority()
    for state in states:
        known.learn(state)
    return known


def touches(*pairs: tuple[str, str]) -> Scopes:
    """The scopes of a request, as kind and value."""
    found: dict[str, frozenset[str]] = {}
    for kind, value in pairs:
        found[kind] = found.get(kind, frozenset()) | {value}
    return found


def asks(
    rules: Guard,
    by: str,
    action: str,
    pairs: Iterable[tuple[str, str]] = (),
    *states: Grant | Principal,
    at: datetime = NOW,
) -> bool:
    """Whether the guard lets somebody ask."""
    return rules.decide(by, action, touches(*pairs), authority(*states), at).allowed
