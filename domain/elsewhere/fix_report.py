"""What records of security fixes tell: their shape, and apart from it what a complete fix takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from domain.elsewhere.fix_record import FixRecord
from domain.elsewhere.merge_record import Told
from domain.process.support import Line, Support, branch_name, scope

FULL: Final = 3
"""How many backports the usual fix has: the current and the two versions before (S1-22)."""
UNRECORDED: Final = (
    "checklist",
    "label",
    "appsec_sign_off",
    "maintainer_sign_off",
    "pipelines",
    "assignee",
)
"""What no record of merges tells; it is not recorded, which is never the same as met (X-05)."""


@dataclass(frozen=True, slots=True)
class FixItem:
    """One thing that a complete fix takes: of how many it was met, was not, or is not recorded."""

    name: Annotated[str, "What is asked for."]
    met: Annotated[int, "Of how many fixes it is recorded that it was met."]
    unmet: Annotated[int, "Of how many it is recorded that it was not."]
    not_recorded: Annotated[int, "Of how many the records do not tell."]


@dataclass(frozen=True, slots=True)
class FixReport:
    """What the records tell of security fixes elsewhere.

    Shape is how many branches a fix was merged into, whatever was supported then. Completeness is
    what was asked of it, item by item; a fix is complete only where every item is recorded as met.
    """

    fixes: Annotated[int, "How many fixes there are."]
    full_shape: Annotated[int, "With the default branch and at least three backports."]
    default_branch_only: Annotated[int, "With the default branch alone."]
    backports_only: Annotated[int, "Without the default branch."]
    other_shapes: Annotated[int, "With the default branch and one or two backports."]
    covered: Annotated[int, "With the default branch and every version that was supported then."]
    complete: Annotated[int, "With everything recorded as met."]
    items: tuple[FixItem, ...]


Policies = Callable[[datetime], Support | None]
"""The support policy that was in force at a moment, if it is known."""


def report(records: Sequence[FixRecord], policies: Policies, lines: Sequence[Line]) -> FixReport:
    """Count these records; which versions were supported is worked out for each one's first merge.

    A policy or lines that are not known leave it open whether the versions were covered.
    """
    rows = [_judged(each, policies(each.first_merged_at), lines) for each in records]
    names = (*_RECORDED, *UNRECORDED)
    full = [each for each in records if each.default_branch and each.backports >= FULL]
    alone = [each for each in records if each.default_branch and not each.backports]
    without = [each for each in records if not each.default_branch]
    main, *_ = _RECORDED
    return FixReport(
        fixes=len(records),
        full_shape=len(full),
        default_branch_only=len(alone),
        backports_only=len(without),
        other_shapes=len(records) - len(full) - len(alone) - len(without),
        covered=sum(row[main] is Told.YES is row[VERSIONS] for row in rows),
        complete=sum(all(row[name] is Told.YES for name in names) for row in rows),
        items=tuple(_item(name, [row[name] for row in rows]) for name in names),
    )


VERSIONS: Final = "versions"
_RECORDED: Final = ("default_branch", VERSIONS, "approvals")


def _judged(record: FixRecord, policy: Support | None, lines: Iterable[Line]) -> dict[str, Told]:
    unknown = dict.fromkeys(UNRECORDED, Told.UNKNOWN)
    return unknown | {
        "default_branch": Told.YES if record.default_branch else Told.NO,
        VERSIONS: _covered(record, policy, lines),
        "approvals": _approved(record),
    }


def _covered(record: FixRecord, policy: Support | None, lines: Iterable[Line]) -> Told:
    """Whether every version in scope when the first was merged has its backport."""
    wanted = scope(policy, lines, record.first_merged_at) if policy else ()
    if policy is None or not wanted:
        return Told.UNKNOWN
    reached = {branch_name(part.target) for part in record.parts}
    return Told.YES if {*map(policy.branch, wanted)} <= reached else Told.NO


def _approved(record: FixRecord) -> Told:
    """Whether each has an approval at least, whoever gave it; one without is a no."""
    told = [part.approvals for part in record.parts]
    if 0 in told:
        return Told.NO
    return Told.UNKNOWN if None in told else Told.YES


def _item(name: str, told: Sequence[Told]) -> FixItem:
    return FixItem(name, *(told.count(each) for each in (Told.YES, Told.NO, Told.UNKNOWN)))
