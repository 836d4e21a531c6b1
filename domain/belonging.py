"""What is hidden, what belongs to it and hides with it, and what is one's own though hidden."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

BELONGING: Final[Mapping[str, Mapping[str, Collection[str]]]] = {
    "comment": {"subject": ("merge_request", "release")},
    "evidence": {"merge_request": ("merge_request",), "release": ("release",)},
    "exemption": {"merge_request": ("merge_request",), "release": ("release",)},
    "inclusion": {"release": ("release",), "reference": ("merge_request",)},
}
"""What belongs to other records: in which columns, and of which kinds that may be hidden.

While one of them is hidden, so is it.
"""

OWN: Final[Mapping[str, tuple[str, ...]]] = {
    "accord": ("requested_by",),
    "credential": ("owner", "issued_by"),
    "evidence": ("reporter",),
    "vulnerability_report": ("reporter",),
}
"""What is hidden without a right, and there for the person whom one of these columns names."""

ABOUT: Final[Mapping[str, Mapping[str, Collection[str]]]] = {
    "accord": {"subject": ("merge_request", "release")},
}
"""What is one's own only as long as one may know of what it is about: in which columns that is."""


def in_the_open(record: Any) -> bool:
    """Whether a record is not under embargo itself."""
    return not getattr(record, "embargoed", False)
