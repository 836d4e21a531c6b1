"""Reports of a commit that becomes part of something hidden: from then on they hide with it."""

from __future__ import annotations

from collections.abc import Iterable

from domain.evidence_state import Evidence
from domain.kernel import Records, Then


def hiding(
    subjects: Iterable[str | None],
    records: Records,
    *,
    merge_request: str | None = None,
    release: str | None = None,
) -> list[Then]:
    """That what was reported of these commits and packages hides, for whatever project it was.

    What hides with something else already is left there.
    """
    wanted = frozenset(each for each in subjects if each)
    found = records.find(Evidence, subject=wanted) if wanted else ()
    given = {"merge_request": merge_request, "release": release}
    owner = merge_request or release
    free = (e for e in found if not e.embargoed and owner not in (e.merge_request, e.release))
    return [Then("evidence.conceal", each.id, given) for each in free]
