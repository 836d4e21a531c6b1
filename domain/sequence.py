"""In which order the acts of a way are told: what makes a new revision before what that voids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Protocol, TypeVar

_SAID: Final = frozenset(("evidence.report", "waiver.request", "waiver.grant"))
_EXEMPTED: Final = frozenset(("exemption.request", "exemption.approve"))
_AFTER_RELEASE: Final = (_SAID | _EXEMPTED) | {
    *("release.request_approval", "release.approve", "release.attest"),
    *("release.override", "release.countersign"),
    *("release.override_publication", "release.countersign_publication"),
    *("deployment.override", "deployment.countersign"),
    *("release.tag", "release.deploy", "release.wait"),
    *("deployment.request", "deployment.start", "deployment.wait"),
    *("deployment.verify", "deployment.watch"),
}
_AFTER_CHANGE: Final = _EXEMPTED | {
    *("change.submit", "change.approve", "change.wait"),
    *("change.break_glass", "change.confirm_break_glass"),
}
_REVISING: Final = ("edit", "reschedule", "aim", "include", "exclude", "take_playbook")

VOIDED: Final[Mapping[str, frozenset[str]]] = {
    **{f"release.{each}": _AFTER_RELEASE for each in _REVISING},
    **{f"change.{each}": _AFTER_CHANGE for each in ("edit", "link", "unlink")},
}
"""By each act that makes a new revision, those that are lost where they came before it.

That is whatever counts for one revision alone: votes, what people attest, what programs report of
what is in it, waivers, exemptions and overrides, and what went somewhere or waited for it to have
been there long enough.
"""


_FIXES: Final = frozenset(
    f"security_fix.{each}" for each in ("unlink", "add_merge_request", "link", "label", "tick")
)
_READYING: Final = frozenset(
    f"merge_request.{each}" for each in ("reopen", "retarget", "assign", "sign_off")
)
_LOADING: Final = frozenset(("release.include", "release.exclude"))
_AIMING: Final = frozenset(("release.aim",))
_BEFORE: Final = (
    (_READYING, frozenset(("security_fix.link",))),
    (_READYING | _FIXES | {"merge_request.revert", "release.edit"}, _LOADING | _AIMING),
    (_LOADING, _AIMING),
)
"""What comes before what, where a way has both."""


class Acting(Protocol):
    """Something that is done by asking for an action."""

    @property
    def action(self) -> str:
        """The name of the command."""
        ...


A = TypeVar("A", bound=Acting)


def in_order(acts: Iterable[A]) -> tuple[A, ...]:
    """The acts as they are, but that none comes after one that it would void.

    It comes right before the first of these. What has to be there first does too: what is of fixes
    is ready before these are linked, which a release has before it has them in it, and that before
    it is said what it is made of. Nothing else is told in another order.
    """
    told: list[A] = []
    for act in acts:
        voided = VOIDED.get(act.action, frozenset())
        at = next((nth for nth, each in enumerate(told) if each.action in voided), len(told))
        told.insert(at, act)
    for first, then in _BEFORE:
        told = _led(told, first, then)
    return tuple(told)


def _led(told: list[A], first: frozenset[str], then: frozenset[str]) -> list[A]:
    """These, with those of the first kind before all of the other, each in the order they have."""
    at = next((nth for nth, each in enumerate(told) if each.action in then), len(told))
    moved = [each for each in told[at:] if each.action in first]
    return [*told[:at], *moved, *(each for each in told[at:] if each.action not in first)]
