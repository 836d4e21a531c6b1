"""By which accord a merged merge request is taken back, where nobody may do so alone (S1-52)."""

from __future__ import annotations

from dataclasses import dataclass

from domain.accord.standing import agreed, kind_of, suits
from domain.accord.state import Accord
from domain.merge_request.mending import mends
from domain.merge_request.question import Question
from domain.playbook.aggregate import Playbook, adopted, process
from domain.process.accord import REVERT, AccordKind
from domain.process.support import Fixes


@dataclass(frozen=True, slots=True)
class Guard:
    """The kind of accord it takes, of the playbook `by`.

    Where that is None, of whatever playbook asks for no less.
    """

    kind: AccordKind
    by: Playbook | None = None


def guard(ask: Question) -> Guard | None:
    """What has to be agreed on; None where whoever the policy lets takes it back.

    Its pinned playbook says so. Where that does not, a security fix goes by the version in force
    if that does, and else by what every security fix takes.
    """
    book = ask.records.get(Playbook, ask.state.playbook)
    if book is None:
        raise LookupError("the playbook of a merge request is missing")
    if ask.kind.reverts_by is not None:
        return _of(book, ask.kind.reverts_by)
    if mends(ask.state, ask.records) is Fixes.BUG:
        return None
    now = adopted(ask.records, book.name)
    since = process(now.body).merge_request(ask.state.kind) if now else None
    return _of(now, since.reverts_by) if now and since and since.reverts_by else Guard(REVERT)


def _of(book: Playbook, name: str) -> Guard:
    """The kind of accord of a playbook; LookupError when it is not there, which blocks."""
    found = process(book.body).accord(name)
    if found is None:
        raise LookupError(f"the playbook has no accord {name}")
    return Guard(found, book)


def proposals(ask: Question, guard: Guard) -> list[Accord]:
    """The accords about it that would open the way to taking it back.

    What was asked for before it was merged was about something else: heads may have moved since.
    """
    about = ask.records.find(Accord, subject=ask.state.id, kind=guard.kind.name)
    return [each for each in about if _counts(ask, guard, each)]


def around(ask: Question, guard: Guard) -> list[Accord]:
    """Those about it that every party agrees to, and that leave it as it is."""
    about = ask.records.find(Accord, subject=ask.state.id, kind=guard.kind.name)
    ways = {each.name for each in guard.kind.paths if not each.opens}
    return [
        each
        for each in about
        if each.terms.path in ways and agreed(each, ask.authority, ask.at, ask.records)
    ]


def _counts(ask: Question, guard: Guard, accord: Accord) -> bool:
    kind, merged = guard.kind, ask.state.merged_at
    if merged is not None and accord.opened_at < merged:
        return False
    if guard.by is None:
        kind = kind_of(accord, ask.records)
        good = kind.asks_no_less(guard.kind)
    else:
        good = suits(accord, kind.name, guard.by.id, ask.records)
    ways = {each.name for each in kind.paths if each.opens}
    return good and (accord.terms.path in ways or not kind.paths)


def holding(ask: Question, proposed: list[Accord]) -> tuple[str, ...]:
    """The ids of those to which every party agrees."""
    now = (ask.authority, ask.at, ask.records)
    return tuple(each.id for each in proposed if agreed(each, *now))


def called(ask: Question, guard: Guard) -> str:
    """What to propose, and by which playbook."""
    book = guard.by or ask.records.get(Playbook, ask.state.playbook)
    own = process(book.body).accord(guard.kind.name) if book else None
    if book and own and own.asks_no_less(guard.kind):
        return f"{guard.kind.name} of {book.name}"
    return f"{guard.kind.name} of a playbook that asks for no less, such as planned_patch"
