"""What somebody has to do in a way to open a gate, and what that is once it is aimed elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from domain.kernel import Internal
from domain.verdict import Act, Anew

SHOWN: Final = 20
"""How many people of a slot are named."""
_AIM: Final = "release.aim"


@dataclass(frozen=True, slots=True)
class Slot:
    """`count` more of these people ask for `action`.

    `people` are the first of them, `total` says how many there are; whoever one of them delegated
    to may act instead. A `count` of 0 needs nobody: it happens by itself, as `description` says.
    """

    action: str
    count: int
    people: tuple[str, ...]
    total: int
    description: str = ""
    rule: str | None = None
    subject: str = ""
    everyone: Internal[frozenset[str]] = field(default=frozenset(), compare=False)
    anew: Internal[Anew | None] = field(default=None, compare=False)


def slot_of(act: Act, subject: str = "") -> Slot:
    """The slot that tells an act."""
    people = tuple(sorted(act.people)[:SHOWN])
    told = (act.action, act.count, people, len(act.people), act.description, act.rule)
    return Slot(*told, subject or act.subject, everyone=act.people, anew=act.anew)


def act_of(slot: Slot) -> Act:
    """The act that a slot tells, with all who may ask for it."""
    told = (slot.action, slot.everyone, slot.count, slot.description, slot.rule)
    return Act(*told, subject=slot.subject, anew=slot.anew)


def once(slots: Iterable[Slot]) -> tuple[Slot, ...]:
    """These, each told once, with all that it becomes once its release is aimed elsewhere."""
    found: dict[Slot, Slot] = {}
    for each in slots:
        known = found.get(each)
        if known is None:
            found[each] = each
        elif each.anew and each.anew != known.anew:
            before = known.anew.acts if known.anew else ()
            acts = tuple(dict.fromkeys((*before, *each.anew.acts)))
            found[each] = replace(known, anew=replace(each.anew, acts=acts))
    return tuple(found.values())


def aimed(slots: Iterable[Slot]) -> tuple[Slot, ...]:
    """A way, in which what is of a release that it aims elsewhere is told as it is by then."""
    way = tuple(slots)
    away = {each.subject for each in way if each.action == _AIM}
    return once(each for slot in way for each in _by_then(slot, away)) if away else way


def _by_then(slot: Slot, away: set[str]) -> Iterator[Slot]:
    if slot.anew is None or away.isdisjoint(("", slot.anew.release)):
        yield slot
    else:
        yield from map(slot_of, slot.anew.acts)
