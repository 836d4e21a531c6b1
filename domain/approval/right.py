"""By what right somebody decides, and whether the policy would still let who sits there ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from domain.approval.voting import Rule, Vote
from domain.authority import Authority
from domain.authorship import taken
from domain.grant.state import Scope
from domain.kernel import Scopes
from domain.office import grants_for
from domain.term import in_force

AskedBy = Callable[[], tuple[str, ...]]
"""Every grant by which the policy lets somebody ask; looked up only where that is kept."""


def by_nothing() -> tuple[str, ...]:
    """Where no policy is looked at."""
    return ()


@dataclass(frozen=True, slots=True)
class Right:
    """The grant or seat by which somebody decides, and the role they exercise (X-04).

    Of a seat, or of who is named, `role_grant` is the grant by which the policy let them ask, and
    `other_grants` are all others by which it did as well. Of a role they are all others of it.
    """

    grant: str
    role: str
    role_grant: str | None = None
    other_grants: tuple[str, ...] = ()


def beside(grants: Iterable[str], rule: Rule, authority: Authority) -> tuple[str, ...]:
    """These grants, of a seat those for boards first: the office of who sits there."""

    def apart(id: str) -> bool:
        known = authority.grant(id)
        return known is None or known.scope is not Scope.BOARD

    return tuple(sorted(grants, key=apart) if rule.board else grants)


def alike(rule: Rule, who: str, scopes: Scopes, authority: Authority, at: datetime) -> list[str]:
    """Every grant by which somebody holds the role of the rule, as far as it counts here."""
    role, scope = rule.role or "", rule.scope
    if scope is None:
        held = (each for each in authority.holdings(who) if each.role == role)
        return [each.grant for each in held if in_force(each.since, each.until, at)]
    place = {scope: scopes.get(scope, frozenset())}
    return [*grants_for(authority, who, role, place, at, kinds=(scope,))]


def lost(vote: Vote, authority: Authority) -> bool:
    """Whether the right was taken away: a seat, or every grant beside it; or the last of a role."""
    if vote.role_grant is None:
        return taken((vote.grant, *vote.other_grants), authority)
    beside = (vote.role_grant, *vote.other_grants)
    return authority.revoked(vote.grant) or taken(beside, authority)
