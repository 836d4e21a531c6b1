"""All that others outside the domain ask of a release: its aggregate, gates, matrix, standings."""

from domain.release.aggregate import AGGREGATE
from domain.release.gates import GATES, asked, verdict
from domain.release.matrix import difference, matrix
from domain.release.question import Question
from domain.release.standing import awaiting, scopes_of, standings
from domain.release.state import Release

__all__ = [
    "AGGREGATE",
    "GATES",
    "Question",
    "Release",
    "asked",
    "awaiting",
    "difference",
    "matrix",
    "scopes_of",
    "standings",
    "verdict",
]
