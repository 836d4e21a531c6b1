"""Locks: times in which nothing is deployed, changed or merged, with exemptions from them."""

from domain.lock.aggregate import AGGREGATE
from domain.lock.state import Kind, Lock, Status, Terms

__all__ = ["AGGREGATE", "Kind", "Lock", "Status", "Terms"]
