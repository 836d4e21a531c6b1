"""Who could see what is under embargo, who did something with it, and what was shown before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, NamedTuple

from domain.grant.state import Grant, Scope
from domain.kernel import OPERATOR, Internal
from domain.principal.state import Principal
from domain.wording import ANY

Span = tuple[datetime, datetime | None]
"""From when until when; null where it goes on."""


@dataclass(frozen=True, slots=True)
class Onlooker:
    """Somebody who could see a hidden record, by a grant and in its term, or acted on it.

    `grant` is null for whose own it is, and for who acted without a clearance, such as a program
    that does not look. Who owned a program meanwhile could see it by the grant of that.
    """

    person: str
    grant: Annotated[str | None, "The grant that let them see it."]
    since: Annotated[datetime | None, "From when they could see it."]
    until: Annotated[datetime | None, "Until when; null if they still can."]
    acts: Annotated[
        int, "How many events of the record and of comments on it, while it was hidden, are theirs."
    ]


class Owned(NamedTuple):
    """Who owned a program, from when and until when; null where that is open."""

    person: str
    since: datetime | None
    until: datetime | None


def owners(program: Principal) -> tuple[Owned, ...]:
    """Who owns the program, and who did before, until the last time they left it."""
    left = [Owned(each.owner, None, each.until) for each in program.former if each.owner]
    since = max((each.until for each in left if each.until), default=None)
    return (*left, Owned(program.owner, since, None)) if program.owner else tuple(left)


def suspensions(principal: Principal) -> tuple[Span, ...]:
    """From when until when somebody could do nothing, nor look."""
    past = tuple((each.since, each.until) for each in principal.suspensions)
    now = principal.suspended_since
    return (*past, (now, None)) if now else past


@dataclass(frozen=True, slots=True)
class Shown:
    """An event of a record, or of what belongs to it, that everybody could read before it hid."""

    kind: Annotated[str, "What kind of event, such as merge_request.opened."]
    at: datetime
    actor: str
    noun: Internal[str] = ""
    subject: Internal[str] = ""


def onlookers(
    grants: Iterable[Grant],
    roles: Collection[tuple[str, str]],
    places: Collection[tuple[Scope, str]],
    terms: Collection[Span],
    acts: Mapping[str, int],
    *,
    own: Mapping[str, datetime | None] = MappingProxyType({}),
    owned: Mapping[str, Collection[Owned]] = MappingProxyType({}),
    suspended: Mapping[str, Collection[Span]] = MappingProxyType({}),
) -> tuple[Onlooker, ...]:
    """Everybody who could see a record of these places while it was hidden, and who acted on it.

    A clearance for any of the places is enough: a project, or the service of a release. `roles`
    are those that the policy in force lets see it, with the kind of scope they are held for; each
    of `terms` runs from when it was hidden to when it was revealed, if it was. A person with
    several grants is told of with each, and in each term. `own` are those whose own it is, and
    until when, if it is no more: they could see it all that time. `owned` are the programs with who
    owned them when: those make tokens for them, and a program sees what is hidden only while who
    owns it does by a grant of their own.
    Who is `suspended` sees nothing.
    """
    reaching = [each for each in grants if _reaches(each, roles, places)]
    reaching.sort(key=lambda each: (each.person, each.id))
    seen = [
        Onlooker(who, grant, *span, acts.get(who, 0))
        for term in sorted(terms, key=lambda each: each[0])
        for who, grant, span in _within(reaching, term, owned, own, suspended)
    ]
    others = sorted(acts.keys() - {each.person for each in seen})
    return (*seen, *(Onlooker(each, None, None, None, acts[each]) for each in others))


def _within(
    reaching: Sequence[Grant],
    term: Span,
    owned: Mapping[str, Collection[Owned]],
    own: Mapping[str, datetime | None],
    suspended: Mapping[str, Collection[Span]],
) -> Iterator[tuple[str, str | None, Span]]:
    """Who could see it in a term, by which grant, and when."""
    spans: dict[str, list[Span]] = {}
    for each in reaching:
        if each.person not in owned and (own_span := _span(each, term, None, None)):
            left = _without(own_span, suspended.get(each.person, ()))
            spans.setdefault(each.person, []).extend(left)
    for each in reaching:
        for who, span in _spans(each, term, owned.get(each.person), spans):
            away = (*suspended.get(who, ()), *suspended.get(each.person, ()))
            yield from ((who, each.id, part) for part in _without(span, away))
    for person in sorted(own.keys() - {OPERATOR, ""}):
        freed: tuple[Span, ...] = ((until, None),) if (until := own[person]) else ()
        away = (*suspended.get(person, ()), *freed)
        yield from ((person, None, e) for e in _without(term, away))


def _without(span: Span, away: Iterable[Span]) -> list[Span]:
    """What is left of a span without these."""
    left = [span]
    for since, until in away:
        left = [part for each in left for part in _cut(each, since, until)]
    return left


def _cut(span: Span, since: datetime, until: datetime | None) -> Iterator[Span]:
    """The parts of a span before and after another one."""
    begin, end = span
    if (end is not None and end <= since) or (until is not None and until <= begin):
        yield span
        return
    if begin < since:
        yield begin, since
    if until is not None and (end is None or until < end):
        yield until, end


def _spans(
    grant: Grant,
    term: Span,
    owners: Collection[Owned] | None,
    terms: Mapping[str, Collection[Span]],
) -> Iterator[tuple[str, Span]]:
    """Who could see it by a grant, and when; of a program's, it and its owners, as these could."""
    if owners is None:
        if span := _span(grant, term, None, None):
            yield grant.person, span
        return
    shared = [
        (each.person, span)
        for each in owners
        for own in _joined(terms.get(each.person, ()))
        if (span := _span(grant, own, each.since, each.until))
    ]
    yield from ((grant.person, span) for span in _joined(span for _, span in shared))
    yield from shared


def _joined(spans: Iterable[Span]) -> list[Span]:
    """The spans in order, those as one that meet."""
    found: list[Span] = []
    for since, until in sorted(spans, key=lambda each: each[0]):
        before = found[-1] if found else None
        if before is None or (before[1] is not None and before[1] < since):
            found.append((since, until))
        elif before[1] is not None:
            found[-1] = (before[0], None if until is None else max(before[1], until))
    return found


def _reaches(
    grant: Grant, roles: Collection[tuple[str, str]], places: Collection[tuple[Scope, str]]
) -> bool:
    held = (grant.role, grant.scope) in roles
    return held and any(grant.scope is kind and grant.value in (each, ANY) for kind, each in places)


def _span(
    grant: Grant,
    term: tuple[datetime, datetime | None],
    owned_since: datetime | None,
    owned_until: datetime | None,
) -> tuple[datetime, datetime | None] | None:
    """The part of the term in which the grant was effective; None if it never was.

    Of that, for who owned the program that held it, while they did.
    """
    begun = grant.confirmed_at if grant.approving else grant.since
    if begun is None:
        return None
    since = max(begun, grant.since, term[0], owned_since or begun)
    several = (grant.until, grant.revoked_at, term[1], owned_until)
    ends = [each for each in several if each is not None]
    until = min(ends, default=None)
    return (since, until) if until is None or since < until else None
