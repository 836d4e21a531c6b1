"""Taking back that a package is bad: one asks for it, another without a hand in it agrees."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Annotated, Any, Final

from domain.askers import asking, check_firsthand
from domain.authority import Authority
from domain.authorship import accounts, others, stands
from domain.kernel import Context, Problems, Recorded, Records, Text, Then, is_person
from domain.merge_request.wrote import wrote
from domain.package_state import Package, Reinstatement
from domain.titles import person_name
from domain.verdict import Act
from domain.wording import NOTE, check_given

ASK: Final = "package.ask_to_reinstate"
ACTION: Final = "package.reinstate"
WISH: Final = "Ask to reinstate it, if it is not bad after all."
AGREE: Final = "Agree that it is not bad, as a second person."
Ways = tuple[tuple[Act, ...], ...]
Who = Callable[[str], frozenset[str]]
"""Who may ask for an action on a package, by the policy and what they hold now."""


# Events.


@dataclass(frozen=True, slots=True)
class ReinstatementRequested:
    """Somebody says that it is not bad after all; it stays condemned until another agrees."""

    reason: Text
    grant: str | None = None


@dataclass(frozen=True, slots=True)
class Reinstated:
    """A second person agreed that it is not bad; who asked for that when, and why, is kept."""

    by: str
    at: datetime
    reason: Text
    grant: str | None = None


def asked_back(event: ReinstatementRequested, recorded: Recorded) -> dict[str, Any]:
    """What somebody's wish makes of it: it stays condemned."""
    asked = Reinstatement(recorded.by, recorded.at, event.reason, grant=event.grant)
    return {"reinstatement": asked}


def reinstated(event: Reinstated, recorded: Recorded) -> dict[str, Any]:
    """What the second person makes of it: it is as good as before it was condemned."""
    told = (event.by, event.at, event.reason, recorded.by, recorded.at, event.grant)
    good = {"condemned": False, "condemned_by": None, "condemned_because": None}
    return {**good, "reinstatement": Reinstatement(*told)}


# Commands.


def ask_to_reinstate(
    state: Package, context: Context, *, reason: Annotated[Text, "Why it is not bad after all."]
) -> list[Any]:
    """Ask to have a condemned package, and all that has its digest in its service, deployed again.

    It stays condemned until a second person agrees. Who condemned it may ask. Of two who ask, the
    later takes the place of the first.
    """
    problems = Problems()
    check_firsthand(problems, context)
    problems.unless(state.condemned, "not_condemned", "It is not condemned.")
    problems.unless(is_person(context.by), "not_a_person", "Only a person asks for that.")
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    return [ReinstatementRequested(reason, context.grant)]


def reinstate(state: Package, context: Context) -> list[Any]:
    """Agree that it is not bad, as a second person without a hand in it.

    That is nobody who asked for it, built it, or wrote what it was built of, under any name that
    its digest has. It counts only while who asked for it may still speak.
    """
    problems = Problems()
    check_firsthand(problems, context)
    waits = asks(state, context.authority)
    problems.unless(waits, "not_asked", "Nobody asks for that whose word counts.")
    problems.unless(is_person(context.by), "not_a_person", "Only a person agrees to that.")
    apart = barred(state, context.authority, context.records).isdisjoint(asking(context))
    message = "Who asked for it, or had a hand in the package, does not agree to it."
    problems.unless(apart, "needs_second_person", message)
    problems.settle()
    asked = state.reinstatement
    told = {"by": asked.by, "at": asked.at, "reason": asked.reason} if asked else {}
    same = alike(context.records, state.digest, state.service)
    along = sorted(each.id for each in same if each.id != state.id and each.condemned)
    return [
        Reinstated(**told, grant=context.grant),  # type: ignore[arg-type]
        *(Then("package.reinstate_along", each, told) for each in along),
    ]


def reinstate_along(
    _state: Package, _context: Context, *, by: str, at: datetime, reason: Text
) -> list[Any]:
    """Reinstate what has the digest of something that was reinstated: they are the same bytes."""
    return [Reinstated(by, at, reason)]


# Whom it takes.


def asks(state: Package, authority: Authority) -> bool:
    """Whether somebody asks to reinstate it whose word counts still."""
    asked = state.reinstatement
    return asked is not None and state.waiting and stands(asked.by, asked.grant, authority)


def reinstaters(
    state: Package, people: Iterable[str], authority: Authority, records: Records
) -> tuple[str, ...]:
    """Those of the people, whom the policy lets ask, who may agree that it is not bad now."""
    if not asks(state, authority):
        return ()
    return others(people, barred(state, authority, records), authority)


def told(packages: Iterable[Package], authority: Authority) -> str:
    """What is said beside that something is bad: how that is taken back, or who asks for it."""
    asked = [e.reinstatement for e in packages if e.reinstatement and asks(e, authority)]
    if not asked:
        return " If it is not, one person asks to reinstate it, and a second one agrees."
    named = person_name(authority.person(asked[0].by))
    return f" {named} says that it is not, to which a second person without a hand in it agrees."


def helping(
    packages: Iterable[Package],
    who: Who,
    authority: Authority,
    records: Records,
    instead: tuple[Act, ...],
) -> Ways:
    """What helps against that these are bad: something `instead`, or to reinstate one of them.

    The latter comes first where somebody asks for it, and is left out where too few may do it.
    """
    every, able = tuple(packages), who(ACTION)
    agreed = (reinstaters(each, able, authority, records) for each in every)
    if people := next(filter(None, agreed), ()):
        return ((Act(ACTION, frozenset(people), description=AGREE),), instead)
    both = (_both(each, who, authority, records) for each in every)
    return instead, *islice(filter(None, both), 1)


def _both(state: Package, who: Who, authority: Authority, records: Records) -> tuple[Act, ...]:
    """That one of those who may asks for it, and another without a hand in it agrees."""
    asking = others(who(ASK), frozenset(), authority)
    agreeing = others(who(ACTION), handed(state, authority, records), authority)
    since = state.built_at
    first = [e for e in asking if not accounts((e,), authority, since).issuperset(agreeing)]
    if not first:
        return ()
    wish = Act(ASK, frozenset(first), description=WISH)
    return (wish, Act(ACTION, frozenset(agreeing), description=AGREE))


def barred(state: Package, authority: Authority, records: Records) -> frozenset[str]:
    """Who asked to reinstate it, and who had a hand in anything that has its digest."""
    asked = state.reinstatement
    by = accounts((asked.by,), authority, asked.at) if asked else frozenset[str]()
    return by | handed(state, authority, records)


def handed(state: Package, authority: Authority, records: Records) -> frozenset[str]:
    """Who had a hand in anything that has its digest."""
    same = {state.id: state} | {e.id: e for e in alike(records, state.digest, state.service)}
    built = (accounts((each.built_by,), authority, each.built_at) for each in same.values())
    return wrote((each.commit for each in same.values()), authority, records).union(*built)


def alike(records: Records, digest: str | None, service: str) -> tuple[Package, ...]:
    """What is known here of a digest in a service, by whatever name: the very same bytes."""
    return tuple(records.find(Package, digest=digest, service=service)) if digest else ()
