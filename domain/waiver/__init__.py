"""A waiver: a requirement of one release need not be met, by somebody independent, for a while."""

from domain.waiver.aggregate import AGGREGATE
from domain.waiver.state import Status, Waiver

__all__ = ["AGGREGATE", "Status", "Waiver"]
