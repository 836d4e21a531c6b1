"""Whom the policy lets decide under a rule, of those whom the rule itself entitles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from domain.approval.voting import Rule, Standing, Standpoint
from domain.kernel import Scopes

May = Callable[[Standing], frozenset[str] | None]
"""Whom the policy lets approve under a rule; None where that is not to be told here."""


def at_board(scopes: Scopes, rule: Rule) -> Scopes:
    """Where one asks to decide: where what is decided on acts, and on the board of the rule."""
    return {**scopes, "board": frozenset((rule.board,))} if rule.board else scopes


def asked(standing: Standing, may: May | None) -> Standing:
    """The standing with those alone whom the policy lets ask, while anybody has to."""
    people = may(standing) if may and standing.status is not Standpoint.SATISFIED else None
    return standing if people is None else let(standing, people)


def let(standing: Standing, people: frozenset[str]) -> Standing:
    """The standing with those alone entitled who are among the people whom the policy lets ask.

    A seat, or a name in the playbook, entitles whether or not the policy lets its holder decide.
    Where several may take a place, whoever of them may ask does.
    """
    takers = {each: takers_of(standing, each) for each in standing.entitled}
    able = {each: [who for who in some if who in people] for each, some in takers.items()}
    unasked = {each: some for each, some in takers.items() if not able[each]}
    taking = {each: some[0] for each, some in able.items() if some}
    accounts = {**standing.accounts, **taking}
    return replace(
        standing,
        entitled=standing.entitled.difference(unasked),
        accounts={place: who for place, who in accounts.items() if place != who},
        unasked={**standing.unasked, **unasked},
    )


def takers_of(standing: Standing, place: str) -> tuple[str, ...]:
    """The accounts that may take a place, as its member or an alternate; who does so first."""
    return standing.takers.get(place, (standing.accounts.get(place, place),))
