"""Reports that a release is the same where it was made and where everybody sees it."""

from domain.sync.aggregate import AGGREGATE
from domain.sync.state import Ref, RefKind, Sync

__all__ = ["AGGREGATE", "Ref", "RefKind", "Sync"]
