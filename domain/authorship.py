"""Who had a hand in something: everybody who ever wrote on it, with the accounts tied to theirs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Final

from domain.kernel import Recorded, distinct, is_person
from domain.principal.accounts import LASTING

if TYPE_CHECKING:  # the index learns from aggregates that ask who had a hand in something
    from domain.authority import Authority


NOT_CAUSED: Final = frozenset(("0", ""))
"""How the id of a request's first event ends, and that of an event which is only foreseen."""


def actors(before: tuple[str, ...], recorded: Recorded) -> tuple[str, ...]:
    """Those before, who asked for the recorded event, and whom they asked for."""
    return distinct((*before, recorded.by, *filter(None, (recorded.behalf,))))


def follows(recorded: Recorded) -> bool:
    """Whether the event follows from another one, which is the first of its request.

    The ids of events tell: they are that of the request and the place in it, counted from 0.
    """
    return recorded.id.rpartition(".")[2] not in NOT_CAUSED


def accounts(people: Iterable[str], authority: Authority, since: datetime) -> frozenset[str]:
    """The people with every account that has been tied to one of theirs since they began."""
    found = frozenset(people)
    return found.union(*(authority.behind(person, since) for person in found))


def owners(program: str, authority: Authority, since: datetime) -> frozenset[str]:
    """Who owns a program, or did up to a year before that moment or later; of a person nobody."""
    known = authority.person(program)
    if known is None:
        return frozenset()
    left = (each.owner for each in known.former if each.until > since - LASTING)
    return frozenset(filter(None, (known.owner, *left)))


def taken(grants: Iterable[str | None], authority: Authority) -> bool:
    """Whether the last of the grants by which somebody was let do something was taken away.

    One that ran out, or is unknown, was not; early logs tell of none.
    """
    told = tuple(filter(None, grants))
    return bool(told) and all(map(authority.revoked, told))


def stands(
    who: str, grant: str | None, authority: Authority, *, others: tuple[str, ...] = ()
) -> bool:
    """Whether somebody's word counts, as a vote does.

    While they are not suspended, and the grant by whose right they gave it is not revoked, nor all
    `others` by which they might have as well.
    """
    known = authority.person(who) is not None
    return known and not authority.suspended(who) and not taken((grant, *others), authority)


def lost(
    asked: Iterable[str | None],
    grant: str | None,
    authority: Authority,
    *,
    others: tuple[str, ...] = (),
) -> bool:
    """Whether the word of who asked for something waits no more for that of a second person.

    One of them, such as whom they asked for, is suspended, or the grant is revoked by whose right
    they asked, and all `others` by which they might have as well.
    """
    gone = any(authority.suspended(each) for each in asked if each)
    return gone or taken((grant, *others), authority)


def others(people: Iterable[str], barred: frozenset[str], authority: Authority) -> tuple[str, ...]:
    """Those of the people who may act now and are not among the barred, with all their accounts."""
    return tuple(
        each
        for each in sorted(people)
        if is_person(each) and not authority.suspended(each) and each not in barred
    )
