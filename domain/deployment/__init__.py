"""Deployments: requested, started through a gate, watched, rolled back, and closed."""

from domain.deployment.aggregate import AGGREGATE
from domain.deployment.gates import GATES, verdict
from domain.deployment.state import Deployment, Status

__all__ = ["AGGREGATE", "GATES", "Deployment", "Status", "verdict"]
