"""Whether a fix that follows one that is out brings that to what lacks it, and nothing else."""

from __future__ import annotations

from typing import Final

from domain.gate import Act, Finding
from domain.gate import Status as Is
from domain.process.support import branch_name
from domain.security_fix.basis import Basis
from domain.security_fix.earlier import twice
from domain.security_fix.state import SecurityFix

PORTED: Final = "It brings what it follows to a version more"
OUT: Final = (
    "What the fix follows is out there: take that back first (revertMergeRequest), or what is "
    "still wrong goes into a fix of its own that follows none."
)
"""How it is refused to bring it once more to where it is: that would be another fix."""


def ported(state: SecurityFix, basis: Basis) -> Finding:
    """Nothing goes out with nothing in it, nor what goes to where the fix is out already.

    Two say that it is a port of what others looked at (S1-20, X-04).
    """
    own = [basis.requests[id] for id in state.merge_requests if id in basis.requests]
    going = {branch_name(each.target) for each in own if not each.given_up}
    if not going:
        message = "Nothing of it is to go out beside what is out already."
        act = basis.act(state, "security_fix.add_merge_request", "Port it to what lacks it.")
        return _blocked(message, act, code="nothing_ported")
    if branches := sorted(going & twice(state, basis.records)):
        message = f"It goes to {', '.join(branches)}. {OUT}"
        told = "Take out of it what goes to where it is out."
        act = basis.act(state, "security_fix.remove_merge_request", told)
        return _blocked(message, act, code="out_already")
    return Finding("ported", Is.SATISFIED, PORTED)


def _blocked(message: str, act: Act, *, code: str) -> Finding:
    title = message.rstrip(".")
    return Finding("ported", Is.UNSATISFIED, title, message=message, code=code, acts=(act,))
