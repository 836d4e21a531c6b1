"""What the locks in force say to a deployment, a change or a merge: free, exempt, or locked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from domain.authority import Authority
from domain.authorship import others
from domain.exemption.matter import exempt
from domain.exemption.state import Exemption
from domain.gate import Act, Finding, Reference, There, nowhere
from domain.gate import Status as Is
from domain.kernel import Records
from domain.lock.recurrence import Span
from domain.lock.state import Kind, Lock, Running, Status, Terms
from domain.lock.timing import announced, on
from domain.lock.way_out import APPROVE, called, exempting, lifting, waiting
from domain.titles import sentence

TITLE: Final = "No lock is in force"
HALTED: Final = "No lock halts it"
GOES_ON: Final = "It lets it go on."
_TOO_FEW: Final = (
    "Too few of those whom it names may exempt this, as others had a hand in it, may not know of "
    "it or are suspended: end the lock, or amend it to name more."
)
_CODES: Final = {
    Kind.SOFT: "soft_locked",
    Kind.HARD: "hard_locked",
    Kind.MERGE: "merge_locked",
}
_NOWHERE: Final[frozenset[str]] = frozenset()
Activities = frozenset[str | None]
"""What is done, in the words of those who declare locks; None is among them for what is unknown."""


def unknown() -> Activities:
    """Activities of which nothing is known, which no lock spares."""
    return frozenset((None,))


@dataclass(frozen=True, slots=True)
class Target:
    """What would be done: the record it is about, and what it touches.

    `activities` tells those of everything that goes out, and is asked by locks that spare some: a
    lock has to spare them all. Of a kind of scope of which nothing is known to be touched,
    everything may be (X-05). What exempts the record it belongs to, `within`, exempts it too.
    `hands` tells who had a hand in it, and so exempts it from no lock that keeps it; `cleared` who
    may know of it, where not everybody does.
    """

    subject: str
    activities: Callable[[], Activities] = unknown
    environments: frozenset[str] = _NOWHERE
    services: frozenset[str] = _NOWHERE
    projects: frozenset[str] = _NOWHERE
    merging: bool = False
    within: str | None = None
    hands: Callable[[], frozenset[str]] = frozenset
    cleared: Callable[[], frozenset[str]] | None = None


def bearing(target: Target, records: Records) -> tuple[Lock, ...]:
    """The active locks that are about the target, whether they are on or not."""
    active = records.find(Lock, status=Status.ACTIVE)
    return tuple(each for each in active if _about(each.terms, target))


def _about(terms: Terms, target: Target) -> bool:
    scopes = (
        (terms.environments, target.environments),
        (terms.services, target.services),
        (terms.projects, target.projects),
    )
    meant = (terms.kind is Kind.MERGE) is target.merging
    return meant and all(
        not named or not touched or not touched.isdisjoint(named) for named, touched in scopes
    )


def lock_findings(
    target: Target,
    at: datetime,
    records: Records,
    authority: Authority,
    there: There = nowhere,
) -> tuple[Finding, ...]:
    """One finding for each lock that is on or announced; one in all when there is none (S0-12).

    With `there`, what helps names who may lift the lock, by where it locks.
    """
    locks = bearing(target, records)
    exemptions = _asked_for(target, records) if locks else ()

    def given(lock: Lock) -> Exemption | None:
        return exempt(lock, exemptions, authority, records, target.hands)

    def helps(lock: Lock, span: Span) -> tuple[tuple[Act, ...], ...]:
        ended = lifting(lock, there, authority, at)
        able = tuple(way for way in ended if all(each.people for each in way))
        over = (*waiting(span.until, _until(span)), *able)
        if people := _exempters(lock, target, authority, at):
            return exempting(lock, exemptions, people, authority, records), *over
        return over or ended

    found = [f for each in locks for f in _finding(each, target, at, given, helps)]
    return tuple(found) or (Finding("locks", Is.NOT_APPLICABLE, TITLE, source="S0-13"),)


def _asked_for(target: Target, records: Records) -> tuple[Exemption, ...]:
    """What somebody asked for of it, and of what it belongs to."""
    subjects = frozenset(filter(None, (target.subject, target.within)))
    return tuple(records.find(Exemption, subject=subjects))


def is_exempt(lock: Lock, target: Target, records: Records, authority: Authority) -> bool:
    """Whether it goes on in spite of the lock, since an exemption from it counts now."""
    asked = _asked_for(target, records)
    return exempt(lock, asked, authority, records, target.hands) is not None


def halting_findings(
    target: Target,
    at: datetime,
    records: Records,
    authority: Authority,
    there: There = nowhere,
) -> tuple[Finding, ...]:
    """The same for what is under way already: a lock that lets that go on blocks nothing (S0-12).

    What a lock halts does not arrive, either, however somebody says so.
    """
    locks = bearing(target, records)
    mild = {each.id for each in locks if each.terms.running is Running.GOES_ON}
    return tuple(
        replace(e, status=Is.SATISFIED, code="", acts=(), instead=(), lacking=(), message=GOES_ON)
        if e.status.blocks and mild.issuperset(e.evidence[:1])
        else e
        for e in lock_findings(target, at, records, authority, there)
    )


def _finding(
    lock: Lock,
    target: Target,
    at: datetime,
    exempted: Callable[[Lock], Exemption | None],
    helps: Callable[[Lock, Span], tuple[tuple[Act, ...], ...]],
) -> Iterator[Finding]:
    span = on(lock.terms, at)
    if span is None:
        if ahead := announced(lock.terms, at):
            message = f"It will lock from {ahead.since.isoformat()}."
            yield Finding("locks", Is.SATISFIED, _title(lock), (lock.id,), message=message)
    elif spared := _spared(lock, target):
        message = f"It spares {spared}."
        yield Finding("locks", Is.SATISFIED, _title(lock), (lock.id,), message=message)
    elif given := exempted(lock):
        evidence = (lock.id, given.id)
        yield Finding("locks", Is.WAIVED, _title(lock), evidence, message="It is exempt.")
    else:
        yield _locked(lock, span, helps(lock, span))


def _spared(lock: Lock, target: Target) -> str:
    """The names of all that goes out, if the lock spares all of it."""
    found = target.activities() if lock.terms.spares else unknown()
    spares = bool(found) and found.issubset(lock.terms.spares)
    return ", ".join(sorted(filter(None, found))) if spares else ""


def _locked(lock: Lock, span: Span, ways: tuple[tuple[Act, ...], ...]) -> Finding:
    """That it is locked, and what helps."""
    acts, *instead = ways
    too_few = lock.terms.exempters and all(each.action != APPROVE for each in acts)
    told = f" {_TOO_FEW}" if too_few else ""
    return Finding(
        "locks",
        Is.UNSATISFIED,
        _title(lock),
        (lock.id,),
        message=f"Locked {_until(span)}.{told}",
        code=_CODES[lock.kind],
        source="S0-13",
        acts=acts,
        instead=tuple(instead),
        lacking=(Reference("lock", lock.id),),
        grounds=(lock.id, str(lock.as_of), *map(str, (span.since, span.until))),
    )


def _until(span: Span) -> str:
    return f"until {span.until.isoformat()}" if span.until else "without an end"


def _exempters(lock: Lock, target: Target, authority: Authority, at: datetime) -> frozenset[str]:
    """Those whom it names and who may exempt the target; nobody where they are too few."""
    named, needed = lock.terms.exempters, lock.terms.exempting
    people = frozenset(others(named, target.hands(), authority) if named else ())
    if target.cleared is not None and people:
        people &= target.cleared()
    return people if len(set(map(authority.first_account, people))) >= needed else frozenset()


def _title(lock: Lock) -> str:
    return sentence(called(lock))
