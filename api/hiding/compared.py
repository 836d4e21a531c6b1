"""Digests that are told to who could see a release while it hid, and to nobody else.

Two reports that name unlike manifests of what is published would tell that something was in it in
between, which stays hidden (S1-12). So it is told of no such report, whatever had been in there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection

from api.derived.fields import found_by
from api.derived.hints import hints
from api.derived.nouns import TYPES
from api.hiding.hushed import ITEM, MOVES
from api.hiding.untold import may_have_hidden
from api.hiding.visibility import Sight
from domain.evidence.aggregate import Reported
from domain.evidence.state import Evidence
from domain.release.state import Release


def manifests(
    _connection: Connection, sight: Sight, found: Sequence[Evidence | Reported]
) -> list[str | None]:
    """The manifest that each of these names, None also where it is not to be told."""
    hid = {each.release for each in found if each.release and each.manifest}
    with_it = sight.find(Release, hid) if hid else {}
    privy = {id for id, release in with_it.items() if sight.uncovers(release)}
    return [each.manifest if each.release in (None, *privy) else None for each in found]


def untold_manifests(connection: Connection, sight: Sight, found: Sequence[Any]) -> list[Any]:
    """These events, none with a manifest that is not to be told."""
    reports = [each for each in found if isinstance(each, Reported)]
    told = iter(manifests(connection, sight, reports))
    return [
        replace(each, manifest=next(told)) if isinstance(each, Reported) else each for each in found
    ]


def unchained(sight: Sight, found: Iterable[tuple[int, str, str]]) -> frozenset[int]:
    """The places, of events by place, kind and subject, whose `CONTENTS` are told to few (S1-12).

    Who knew all these could tell that one does not follow from the one before and from what moved.
    """
    moves = {place: subject for place, kind, subject in found if kind in MOVES[ITEM]}
    every = sight.find(Release, set(moves.values())).values() if moves else ()
    hid = {each.id for each in every if may_have_hidden(each) and not sight.uncovers(each)}
    return frozenset(place for place, subject in moves.items() if subject in hid)


def _manifest(root: Evidence, context: Any) -> Any:
    secret = root.manifest is not None and root.release is not None
    return context.batch(manifests, root) if secret else root.manifest


CONTENTS: Final = "contents"
"""The digest of all that ever moved, in the event of a move."""
EVIDENCE_FIELDS: Final = {
    "manifest": found_by(TYPES.field(Evidence, "manifest", hints(Evidence)["manifest"]), _manifest)
}
