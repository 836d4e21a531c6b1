"""Whose changes a release carries: those of its own service, unless its kind spans services."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from domain.change.state import Change
from domain.inclusion import Inclusion, ItemKind
from domain.kernel import Problems, Records
from domain.process.release import ReleaseKind
from domain.release.state import Plan
from domain.titles import change_title, sentence

CODE: Final = "change_of_other_service"


def foreign(kind: ReleaseKind, plan: Plan, changes: Iterable[Change]) -> Iterator[Change]:
    """The changes that a release of this kind and plan may not carry, nor be answered for by."""
    if not kind.spans_services:
        yield from (each for each in changes if each.content.service != plan.service)


def told(plan: Plan, change: Change) -> str:
    """What stands in the way, in a sentence."""
    return (
        f"{sentence(change_title(change))} belongs to the service {change.content.service}, "
        f"the release to {plan.service}."
    )


def check_carried(
    problems: Problems, records: Records, kind: ReleaseKind, release: str, plan: Plan, *path: str
) -> None:
    """Note what the release contains and could not carry under this kind and plan."""
    if kind.spans_services:
        return
    inside = (each for each in records.find(Inclusion, release=release) if each.included)
    ids = frozenset(_change(each) for each in inside if _change(each))
    changes = records.find(Change, id=ids) if ids else ()
    for each in foreign(kind, plan, changes):
        problems.add(CODE, told(plan, each), *path)


def _change(item: Inclusion) -> str | None:
    """What may be a change: the item itself, or what answers for a commit."""
    return item.reference if item.kind is ItemKind.CHANGE else item.covered_by
