"""A change to a service: drafted, assessed, authorized, implemented, reviewed and closed."""

from domain.change.aggregate import AGGREGATE
from domain.change.gates import GATES, verdict
from domain.change.reading import awaited
from domain.change.standing import awaiting, debt, standings
from domain.change.state import Change, Outcome, Status

__all__ = [
    "AGGREGATE",
    "GATES",
    "Change",
    "Outcome",
    "Status",
    "awaited",
    "awaiting",
    "debt",
    "standings",
    "verdict",
]
