"""Whether the version in force of a template counts still, by who approved it."""

from __future__ import annotations

from domain.authority import Authority
from domain.authorship import accounts, lost, stands
from domain.template.state import Status, Template


def in_force(state: Template, authority: Authority) -> bool:
    """Whether standard changes are approved in advance by it (S3-14).

    Who approved it counts as long as a vote of theirs would, and is a second person to all who had
    written on that version, by every account of theirs (X-04).
    """
    active = state.status is Status.ACTIVE and state.approved is not None
    return active and not lapsed(state, authority)


def lapsed(state: Template, authority: Authority) -> bool:
    """Whether a version was approved by somebody whose word counts no more."""
    who = state.approved_by
    if state.status is not Status.ACTIVE or who is None:
        return False
    own = accounts(state.writers, authority, state.approved_at or state.proposed_at)
    return who in own or not stands(who, state.grant, authority, others=state.other_grants)


def unsaid(state: Template, authority: Authority) -> bool:
    """Whether who proposed the next version may not any more, so that nobody puts it forward."""
    others = state.proposed_grants
    gone = lost((state.proposed_by,), state.proposed_grant, authority, others=others)
    return state.proposal is not None and gone
