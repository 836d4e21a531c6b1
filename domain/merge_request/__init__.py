"""A merge request: pushed, signed off head by head, and merged by who may."""

from domain.merge_request.aggregate import AGGREGATE, awaited
from domain.merge_request.merging import GATES, verdict
from domain.merge_request.standing import last_approver, standings
from domain.merge_request.state import MergeRequest, Status

__all__ = [
    "AGGREGATE",
    "GATES",
    "MergeRequest",
    "Status",
    "awaited",
    "last_approver",
    "standings",
    "verdict",
]
