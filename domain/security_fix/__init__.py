"""A security fix: from the vulnerability to merge requests for every version, hidden until then."""

from domain.security_fix.aggregate import AGGREGATE
from domain.security_fix.state import Part, SecurityFix, Status

__all__ = ["AGGREGATE", "Part", "SecurityFix", "Status"]
