"""A stable line of a product: a version that fixes may have to reach, and when it came out."""

from domain.stable_line.aggregate import AGGREGATE
from domain.stable_line.state import StableLine, lines

__all__ = ["AGGREGATE", "StableLine", "lines"]
