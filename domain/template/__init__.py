"""Templates of standard changes: proposed, approved by a second person, in versions, retired."""

from domain.template.aggregate import AGGREGATE
from domain.template.state import Status, Template

__all__ = ["AGGREGATE", "Status", "Template"]
