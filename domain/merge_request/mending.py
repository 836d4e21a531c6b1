"""Whether a merge request mends a vulnerability or a bug, as far as anybody can tell (S1-01)."""

from __future__ import annotations

from domain.kernel import Records
from domain.merge_request.state import MergeRequest
from domain.playbook.aggregate import Playbook, process
from domain.process.support import Fixes


def mends(state: MergeRequest, records: Records) -> Fixes:
    """What it mends; LookupError when its playbook is gone, which blocks.

    It is a security fix if it is part of one, if it is hidden as those are, or if it is of a kind
    that a kind of security fix in its playbook is made of. Everything else is a bug fix.
    """
    if state.fix is not None or state.embargoed:
        return Fixes.SECURITY
    book = records.get(Playbook, state.playbook)
    if book is None:
        raise LookupError("the playbook of a merge request is missing")
    made_for = (
        name
        for kind in process(book.body).security_fixes
        for name in (kind.default_kind, kind.backport_kind)
    )
    return Fixes.SECURITY if state.kind in made_for else Fixes.BUG
