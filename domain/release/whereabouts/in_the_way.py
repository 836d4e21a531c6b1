"""Releases that go by hand where another wants to go: which they are, and that it is told how."""

from __future__ import annotations

from collections.abc import Iterable

from domain.gate import Act
from domain.kernel import Records
from domain.release.evidence.made_of import named
from domain.release.state import Release
from domain.release.whereabouts.under_way import ending


def _called(release: Release | None) -> str:
    """What people call a release that stands in the way of another; nothing of what is hidden."""
    return "" if release is None or release.embargoed else f"the release of {named((release,))}"


def others_ending(ids: Iterable[str], where: str, records: Records) -> tuple[tuple[Act, ...], str]:
    """That it is said how each of these releases arrived there, and what they are called."""
    names = {id: _called(records.get(Release, id)) for id in ids}
    acts = tuple(ending(where, None, by=id, of=name) for id, name in names.items())
    told = " and ".join(filter(None, names.values()))
    return acts, f": {told}." if told else "."
