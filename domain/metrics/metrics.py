"""Numbers with their lineage: each says by which definition, from which events, and what is out.

A number is worked out from stored facts alone, so that anybody can work it out again, also as of a
past moment (X-06). Numbers are exact: integers, and decimal text rounded half up where one divides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from typing import Annotated, Final

from domain.kernel import Internal

SHOWN: Final = 100
"""How many sources a number names; its digest covers all of them."""


@dataclass(frozen=True, slots=True)
class Definition:
    """How a number is worked out; a change of meaning is a new version."""

    id: Annotated[str, "The stable name of the definition."]
    version: Annotated[int, "Which wording of it."]
    unit: Annotated[str, "What it is counted in."]
    meaning: Annotated[str, "What the number says, in words."]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that counts: the record it comes from, and what it weighs."""

    source: str
    value: int = 1


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Facts that were there and do not count, and why."""

    reason: Annotated[str, "Why they do not count."]
    count: Annotated[int, "How many they are."]


@dataclass(frozen=True, slots=True)
class Metric:
    """A number with its lineage.

    `value` is decimal text, null where there is nothing to work it out from, which is not zero.
    """

    definition: Annotated[Definition, "How it is worked out."]
    value: Annotated[str | None, "The number; null where nothing is there to count."]
    count: Annotated[int, "How many facts it is worked out from."]
    numerator: Annotated[int | None, "Of a share or a mean: what is divided."]
    excluded: Annotated[tuple[Exclusion, ...], "What does not count, and why."]
    sources: Annotated[tuple[str, ...], f"Records it comes from, by id; at most {SHOWN}."]
    sources_digest: Annotated[str, "Digest of the ids of all of them, sorted, one a line."]
    every_source: Internal[tuple[str, ...]] = ()


def decimal(numerator: int, denominator: int, places: int = 2) -> str:
    """The quotient as decimal text, rounded half up."""
    step = Decimal(1).scaleb(-places)
    return str((Decimal(numerator) / Decimal(denominator)).quantize(step, ROUND_HALF_UP))


def total(
    definition: Definition, facts: Iterable[Fact], excluded: Sequence[Exclusion] = ()
) -> Metric:
    """How many facts there are."""
    found = list(facts)
    return _metric(definition, str(len(found)), None, found, excluded)


def median(
    definition: Definition,
    facts: Iterable[Fact],
    excluded: Sequence[Exclusion] = (),
    *,
    unit: int = 1,
) -> Metric:
    """The middle of the facts' values, in units of so many; of an even number the two's mean."""
    found = sorted(facts, key=lambda each: (each.value, each.source))
    if not found:
        return _metric(definition, None, None, found, excluded)
    low, high = found[(len(found) - 1) // 2].value, found[len(found) // 2].value
    return _metric(definition, decimal(low + high, 2 * unit), None, found, excluded)


def mean(
    definition: Definition,
    facts: Iterable[Fact],
    excluded: Sequence[Exclusion] = (),
    *,
    unit: int = 1,
) -> Metric:
    """The sum of the facts' values over their number, in units of so many."""
    found = list(facts)
    whole = sum(each.value for each in found)
    value = decimal(whole, len(found) * unit) if found else None
    return _metric(definition, value, whole, found, excluded)


def amount(
    definition: Definition, facts: Iterable[Fact], excluded: Sequence[Exclusion], *, unit: int
) -> Metric:
    """The sum of the facts' values, in units of so many."""
    found = list(facts)
    whole = sum(each.value for each in found)
    return _metric(definition, decimal(whole, unit), whole, found, excluded)


def share(
    definition: Definition, facts: Iterable[Fact], excluded: Sequence[Exclusion] = ()
) -> Metric:
    """The part of the facts whose value is not 0, between 0 and 1."""
    found = list(facts)
    part = sum(1 for each in found if each.value)
    value = decimal(part, len(found), 4) if found else None
    return _metric(definition, value, part, found, excluded)


def _metric(
    definition: Definition,
    value: str | None,
    numerator: int | None,
    found: Sequence[Fact],
    excluded: Sequence[Exclusion],
) -> Metric:
    ids = sorted(each.source for each in found)
    out = tuple(each for each in excluded if each.count)
    shown, digest = tuple(ids[:SHOWN]), sources_digest(ids)
    return Metric(definition, value, len(found), numerator, out, shown, digest, tuple(ids))


def sources_digest(ids: Sequence[str]) -> str:
    """The digest of the sorted ids, one a line."""
    return "sha256:" + sha256("".join(f"{each}\n" for each in sorted(ids)).encode()).hexdigest()
