"""A security fix: from the vulnerability to merge requests for every version, hidden until then."""

from domain.security_fix.aggregate import AGGREGATE
from domain.security_fix.linking import GATES, readiness, verdict
from domain.security_fix.publishing import publication
from domain.security_fix.readiness import Completeness, Library, Slot, Who, completeness
from domain.security_fix.state import Part, SecurityFix, Status

__all__ = [
    "AGGREGATE",
    "GATES",
    "Completeness",
    "Library",
    "Part",
    "SecurityFix",
    "Slot",
    "Status",
    "Who",
    "completeness",
    "publication",
    "readiness",
    "verdict",
]
