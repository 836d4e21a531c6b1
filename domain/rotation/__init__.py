"""Rotations: who is on duty when, by layers of regular turns and turns given by date."""

from domain.rotation.aggregate import AGGREGATE
from domain.rotation.state import Rotation, Status

__all__ = ["AGGREGATE", "Rotation", "Status"]
