"""Requirements of a release that rest on accords: its terms, and lines out of policy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from domain.accord.agreements import AGREE, lacking
from domain.accord.asking import matter_of
from domain.accord.finding import finders
from domain.accord.following import proposing, voters_of
from domain.accord.standing import agreed as agreed_to
from domain.accord.standing import scopes_of, suits
from domain.accord.state import Accord, Status
from domain.authorship import accounts
from domain.gate import Act, Finding, or_else
from domain.gate import Status as Is
from domain.merge_request.state import MergeRequest
from domain.playbook.aggregate import Playbook
from domain.process.accord import APPSEC, Subject
from domain.process.release import RequirementRow
from domain.process.support import Fixes, Support, line_of
from domain.release.checks.astray import covering, is_wanted, strays
from domain.release.checks.date import on_time
from domain.release.checks.reach import (
    allowed,
    at_opening,
    kind_of_fix,
    ported_to,
    reached,
    required,
    widest,
)
from domain.release.gate.naming import listed, merge_request_name, of_merge_requests
from domain.release.gate.question import Question, found, unknown
from domain.release.gate.voters import finders as finders_of
from domain.release.standing import closed_since
from domain.stable_line.state import StableLine


def agreed(ask: Question, row: RequirementRow, gate: str) -> tuple[Finding, ...]:
    """Every party agreed to an accord of this kind about it, as it is worded now (S1-41).

    The date that was agreed on last binds, where the kind asks for one (S1-44).
    """
    accords = [each for each in _suiting(ask, row) if each.subject == ask.state.id]
    good = tuple(each.id for each in accords if _holds(ask, each))
    if good:
        held = Finding(row.name, Is.SATISFIED, row.title, good, source=row.source)
        return (held, *on_time(ask, row, gate, [e for e in accords if e.id in good]))
    if any(each.status is Status.OPEN for each in accords):
        return (_half_agreed(ask, row, accords),)
    act = ask.act("accord.propose", f"Propose the terms: {_named(ask, row)}.")
    message = "Nothing is on the table that could be agreed to."
    first, *others = _from_proposing(ask, row, act)
    return (or_else(found(row, row.title, None, "not_agreed", message, *first), *others),)


def _from_proposing(
    ask: Question, row: RequirementRow, act: Act, about: MergeRequest | None = None
) -> tuple[tuple[Act, ...], ...]:
    """Each way to have it agreed on, from its being proposed on, about that or the release."""
    kind = ask.playbook.accord(row.accord or "")
    if kind is None or ask.who is unknown:
        return ((act,),)
    matter, may = matter_of(about or ask.state, ask.authority), ask.who(AGREE)
    if kind.about is Subject.MERGE_REQUEST:
        matter = replace(matter, service=None)
        may = ask.there(AGREE, scopes_of(None, matter.project))
    out = accounts(matter.hands, ask.authority, ask.at) if kind.independent else frozenset()
    settling = any(each.role == APPSEC for each in kind.parties)
    out |= finders_of(ask) if settling else frozenset()
    voters = voters_of(matter, frozenset(out), ask.authority, ask.at)
    return proposing(act, kind, matter, voters, records=ask.records, may=may)


def _half_agreed(ask: Question, row: RequirementRow, accords: list[Accord]) -> Finding:
    """That each party which has not yet agrees to one of these, where somebody of it may."""
    ways = [way for each in accords for way in _lacking(ask, each)]
    nobody = Act(AGREE, frozenset(), description="Agree to the terms, as each party.")
    message = "Not every party has agreed to the terms as they are."
    out = {each.id: finders(each, ask.records, ask.authority) for each in accords}
    fallen = (vote.person in out[each.id] for each in accords for vote in each.votes)
    message += " Who counts as the finder agrees to nothing." * any(fallen)
    first = ways[0] if ways else (nobody,)
    return or_else(found(row, row.title, None, "not_agreed", message, *first), *ways[1:])


def _lacking(ask: Question, accord: Accord) -> tuple[tuple[Act, ...], ...]:
    """What agreements lack; what is not about the release is agreed to in scopes of its own."""
    may = ask.who(AGREE)
    if accord.subject != ask.state.id:
        may = ask.there(AGREE, scopes_of(accord.service, accord.project))
    return lacking(accord, may, ask.authority, ask.at, ask.records)


def _holds(ask: Question, accord: Accord) -> bool:
    """Whether every party agrees to it now."""
    return agreed_to(accord, ask.authority, ask.at, ask.records)


def _suiting(ask: Question, row: RequirementRow) -> Iterator[Accord]:
    """The accords that the row names, by the release's playbook or as good."""
    for each in ask.accords:
        if row.accord and suits(each, row.accord, ask.state.playbook, ask.records):
            yield each


def _named(ask: Question, row: RequirementRow) -> str:
    """What the accord is called, and by which playbook."""
    book = ask.records.get(Playbook, ask.state.playbook)
    return f"{row.accord or 'nothing'} of {book.name if book else 'its playbook'}"


def supported(ask: Question, row: RequirementRow, _gate: str) -> tuple[Finding, ...]:
    """Its lines are those of the policy when it was opened, and others by accord (X-02, S1-03).

    Security fixes go to every line that they reach and are not out at, bug fixes alone to those
    that bug fixes do.
    """
    policy, state = ask.kind.support, ask.state
    if policy is None:
        raise LookupError("the playbook names no support policy")
    if not reached(ask, policy, widest(ask)):
        raise LookupError(f"no line of {state.plan.service} is known to be out")
    wanted = required(ask, policy)
    versions = {line_of(policy, each) for each in state.plan.versions}
    lacking = tuple(each for each in wanted if each not in versions)
    message = f"No version is of {', '.join(lacking)}."
    least = required(ask, policy, once_agreed=True)
    needed = any(each in least for each in lacking) or any(
        is_wanted(ask, each, lacking, policy) for each in strays(ask, policy)
    )
    words = () if needed else tuple(_second_words(ask))
    acts = words if words and all(each.people for each in words) else (covering(ask),)
    covered = found(row, row.title, not lacking, "line_not_covered", message, *acts)
    return (covered, *_since(ask, row, versions, policy), *_beyond(ask, row, policy))


def _second_words(ask: Question) -> Iterator[Act]:
    """Agreeing to what one person says of lines: until then older ones are supported, too."""
    for each in ask.records.find(StableLine, service=ask.state.plan.service):
        if each.withdrawn_at is None and each.first is not None:
            out = accounts(each.first[:1], ask.authority, each.first[1])
            said = "never came out" if each.doubted_by else "came out"
            what = f"Agree, as a second person, that {each.line} {said}."
            count = 1 if each.waits_for_one(ask.authority) else 2
            yield replace(ask.act("stable_line.agree", what, out), count=count)


def _since(
    ask: Question, row: RequirementRow, versions: set[str], policy: Support
) -> Iterator[Finding]:
    """That lines came out since it was opened, which it need not cover and may."""
    fixes, own = widest(ask), versions.union(at_opening(ask, policy, Fixes.SECURITY))
    fresh = [each for each in allowed(ask, policy, fixes) if each not in own]
    if fresh:
        shut = closed_since(ask.state, ask.records) is not None
        may = "so the" if shut else "and may have a version of it; else the"
        message = (
            f"{', '.join(fresh)} came out since it was opened: it does not wait for that, {may} "
            "next release covers it."
        )
        yield Finding(row.name, Is.NOT_APPLICABLE, row.title, message=message, source=row.source)


def _beyond(ask: Question, row: RequirementRow, policy: Support) -> Iterator[Finding]:
    """What goes to a version that the policy does not reach with it is there by agreement only."""
    reach = {fixes: allowed(ask, policy, fixes) for fixes in Fixes}
    for version in ask.state.plan.versions:
        line = line_of(policy, version)
        ported = ported_to(ask, policy, line)
        beyond = [each for each in ported if line not in reach[kind_of_fix(ask, each)]]
        if line not in reach[Fixes.SECURITY]:
            yield _by_accord(ask, row, version, beyond)
        elif beyond:
            yield _by_accord(ask, row, version, beyond, " with bug fixes")


def _by_accord(
    ask: Question, row: RequirementRow, version: str, beyond: list[MergeRequest], what: str = ""
) -> Finding:
    """Every party agreed to the version for each merge request that goes there."""
    title = f"{version} is agreed on, since the policy does not reach it{what}"
    named = [e for e in _suiting(ask, row) if version in e.terms.versions]
    good = [each for each in named if _holds(ask, each)]
    subjects = {each.subject for each in good}
    left = [e for e in beyond if subjects.isdisjoint((e.id, ask.state.id))]
    if good and not left:
        ids = tuple(each.id for each in good)
        return Finding(row.name, Is.SATISFIED, title, ids, source=row.source)
    propose = ask.act("accord.propose", f"Propose {_named(ask, row)} for {version}.")
    about: list[MergeRequest | None] = [*left] or [None]
    agreeing = [(each, _agreeing(ask, named, each.id if each else None)) for each in about]
    every = [(way,) if way else _from_proposing(ask, row, propose, e) for e, way in agreeing]
    ways = [_each_by(every, nth) for nth in range(max(map(len, every)))]
    to = f" for {listed(merge_request_name(ask, each) for each in left)}" if left else ""
    message = f"The policy does not reach {version}{what}, and nobody agreed{to}."
    answer = or_else(found(row, title, None, "line_not_supported", message, *ways[0]), *ways[1:])
    return of_merge_requests(answer, [each.id for each in left])


def _each_by(every: list[tuple[tuple[Act, ...], ...]], nth: int) -> tuple[Act, ...]:
    """What each lacks by its way of this number, or the last that it has; each act once."""
    return tuple(dict.fromkeys(chain(*(ways[min(nth, len(ways) - 1)] for ways in every))))


def _agreeing(ask: Question, named: list[Accord], id: str | None) -> tuple[Act, ...]:
    """What is lacking to the first of these about a merge request, or the release, that can be.

    Without a merge request it is about any.
    """
    near = (each for each in named if id is None or each.subject in (id, ask.state.id))
    return next((way for each in near for way in _lacking(ask, each)), ())
