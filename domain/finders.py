"""Who found what is fixed: nobody settles what they found themselves (S1-20)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from domain.merge_request.standing import finders as of_request
from domain.security_fix.standing import finders as of_fix

if TYPE_CHECKING:
    from domain.authority import Authority
    from domain.merge_request.state import MergeRequest
    from domain.security_fix.state import SecurityFix

OWN_FIND: Final = (
    "Who found a vulnerability that is fixed here, or opened its fix and alone says who found it, "
    "leaves it to others."
)
"""How it is refused to a finder."""


def found_by(
    fixes: Iterable[SecurityFix], requests: Iterable[MergeRequest], authority: Authority
) -> frozenset[str]:
    """Who found, or counts as having found, what these mend, with every account of theirs."""
    by_fix = (of_fix(each, authority) for each in fixes)
    return frozenset().union(*by_fix, *(of_request(each, authority) for each in requests))
