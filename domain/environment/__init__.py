"""Environments: what is deployed to, how well they are, and what keeps deployments from them."""

from domain.environment.aggregate import AGGREGATE
from domain.environment.state import Environment

__all__ = ["AGGREGATE", "Environment"]
