"""Changes that keep deployments away once they have begun, such as those of C1 and C2."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from domain.adoption import Status as Adoption
from domain.change.standing import ending, kind_of
from domain.change.state import ENDED, Change, Status
from domain.deployment.bringing import made_of, names
from domain.deployment.question import Question
from domain.gate import Act, Answer, Finding, Reference
from domain.gate import Status as Is
from domain.kernel import Records
from domain.playbook.aggregate import Playbook, process
from domain.sides import Wanted
from domain.titles import change_title, sentence

TITLE: Final = "No change under way blocks deployments"
_AT_WORK: Final = frozenset((Status.IMPLEMENTING, Status.ON_HOLD))
_BACK: Final = frozenset(Status) - _AT_WORK - ENDED - {Status.REVIEW}
"""Where a change may be again that had begun, was on hold, and goes on."""
_EVER_IN_FORCE: Final = frozenset((Adoption.ADOPTED, Adoption.SUPERSEDED))
BOOKS: Final[Wanted] = (Playbook, {"status": _EVER_IN_FORCE})
"""How the playbooks are found by which changes go: each by the one it was opened under."""
AT_WORK: Final[Wanted] = (Change, {"status": _AT_WORK})
"""How the changes are found that are under way, or on hold."""


def taken_up(records: Records) -> Wanted | None:
    """How those are found that were on hold and are so no more, by the kinds that block."""
    books = records.find(Playbook, **BOOKS[1])
    kinds = (kind for book in books for kind in process(book.body).kinds)
    names = frozenset(each.name for each in kinds if each.blocks_deployments)
    return (Change, {"status": _BACK, "kind": names}) if names else None


def critical(ask: Question) -> Answer:
    """Whether no change that has begun there keeps deployments away, such as one of C1 or C2."""
    found = tuple(_told(ask, each) for each in _blocking(ask))
    return found or Finding("criticality", Is.SATISFIED, TITLE)


def _blocking(ask: Question) -> Iterator[Change]:
    """Whatever has begun there and is not over (S0-13): a hold by one person takes nothing back."""
    back = taken_up(ask.records)
    for _, equal in filter(None, (AT_WORK, back)):
        for each in ask.records.find(Change, **equal):
            there = each.unfinished and ask.state.environment in each.content.environments
            blocks = there and kind_of(each, ask.records).blocks_deployments
            if blocks and not _goes_out(ask, each):
                yield each


def _goes_out(ask: Question, change: Change) -> bool:
    """Whether it goes out with it, by what it is tied to, or because who does that work says so.

    That somebody else names it is not enough: by that anything would go out in the middle of it.
    """
    if change.id not in ask.own:
        return False
    wish, theirs = ask.state.wish, _doing(ask, change)
    asked = change.id in wish.changes and ask.state.requested_by in theirs
    if asked or any(e.put_by in theirs for e in ask.inside if e.reference == change.id):
        return True
    ties = frozenset(names(change, ask.records, hidden=ask.hidden))
    commits = made_of(ask.state.package, wish.belongs_to, ask.records)
    built = bool(commits) and commits <= ties
    return built or any(each.reference in ties for each in ask.inside)


def _doing(ask: Question, change: Change) -> frozenset[str]:
    """Who does that work, or answers for it."""
    return ending(change, ask.authority, lambda _: True)


def _told(ask: Question, change: Change) -> Finding:
    may = ask.who("change.finish")
    able = ending(change, ask.authority, may.__contains__) or may
    finish = Act("change.finish", able, description="Finish that change.")
    going, acts = "is under way", [finish]
    if change.status is not Status.IMPLEMENTING:
        going = "has begun, and is not over"
        on = "Go on with that change and finish it."
        wrong = "Say that it went wrong, if it does not go on."
        acts = [Act("change.resume", description=on), replace(finish, description=wrong)]
    if change.id in ask.own:
        going += ", and is not tied to what goes out"
        acts += _belonging(ask, change)
    return Finding(
        "criticality",
        Is.UNSATISFIED,
        TITLE,
        (change.id,),
        message=f"{sentence(change_title(change))} {going}.",
        code="critical_change_under_way",
        acts=tuple(acts),
        lacking=(Reference("change", change.id),),
        grounds=(change.id, str(change.revision)),
    )


def _belonging(ask: Question, change: Change) -> Iterator[Act]:
    """What helps where it is meant to go out with it: its ties, or the word of who does it."""
    if ask.state.wish.belongs_to:
        told = "Put into the release what that change is tied to, if it goes out with it."
        yield Act("release.include", description=told)
    elif able := _doing(ask, change) & ask.who("deployment.request"):
        told = "Have who does that work request it, if it is part of that."
        yield Act("deployment.request", able, description=told)
