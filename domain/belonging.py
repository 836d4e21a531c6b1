"""What belongs to other records, and hides with them from reading and from being asked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

BELONGING: Final[Mapping[str, Mapping[str, Collection[str]]]] = {
    "comment": {"subject": ("merge_request", "release")},
    "evidence": {"merge_request": ("merge_request",), "release": ("release",)},
    "exemption": {"merge_request": ("merge_request",), "release": ("release",)},
    "inclusion": {"release": ("release",), "reference": ("merge_request",)},
}
"""What belongs to other records: in which columns, and of which kinds that may be hidden.

While one of them is hidden, so is it.
"""
