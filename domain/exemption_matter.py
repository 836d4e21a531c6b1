"""What an exemption is of, so that its approvals count for nothing else (X-03)."""

from __future__ import annotations

from domain.change.state import Change
from domain.digest import content_digest
from domain.exemption_state import Exemption
from domain.kernel import Records
from domain.merge_request.state import MergeRequest
from domain.release.state import Release, cargo_of


def matter(state: Exemption, records: Records) -> str:
    """What is to go on, as it is now: another digest for anything else that would.

    A deployment brings what it was requested for, or nothing.
    """
    if state.release and (release := records.get(Release, state.release)):
        return cargo_of(release)
    if state.merge_request and (request := records.get(MergeRequest, state.merge_request)):
        return content_digest({"head": request.head, "target": request.target})
    if state.change and (change := records.get(Change, state.change)):
        return content_digest({"content": change.content})
    return ""
