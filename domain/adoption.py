"""What policies and playbooks share: a proposed text takes effect by a second person's adoption."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from hashlib import sha256
from typing import Final, Protocol, TypeVar

from domain.askers import askers, check_firsthand
from domain.authorship import lost
from domain.kernel import OPERATOR, Context, Problems, refusal
from domain.wording import NOTE, check_given

MAX_BODY: Final = 65_536
"""Characters of a policy's or playbook's text; such a text is read whole and rarely."""

_LOST: Final = (
    "Who proposed it is suspended, or has lost the right to: decline it, and propose it anew."
)


class Status(StrEnum):
    """Where a proposed text stands; of one name at most one is adopted."""

    PROPOSED = "proposed"
    ADOPTED = "adopted"
    SUPERSEDED = "superseded"
    DECLINED = "declined"


class Proposal(Protocol):
    """What adoption looks at in a policy or a playbook."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def number(self) -> int: ...  # noqa: D102
    @property
    def digest(self) -> str: ...  # noqa: D102
    @property
    def status(self) -> Status: ...  # noqa: D102
    @property
    def based_on(self) -> str | None: ...  # noqa: D102
    @property
    def proposed_by(self) -> str: ...  # noqa: D102
    @property
    def proposed_behalf(self) -> str | None: ...  # noqa: D102
    @property
    def grant(self) -> str | None: ...  # noqa: D102
    @property
    def other_grants(self) -> tuple[str, ...]: ...  # noqa: D102


P = TypeVar("P", bound=Proposal)


def in_force(versions: Iterable[P]) -> P | None:
    """That of these versions which is in force."""
    return next((each for each in versions if each.status is Status.ADOPTED), None)


def text_digest(text: str) -> str:
    """The digest of a text file: "sha256:" and what `sha256sum` prints for it."""
    return "sha256:" + sha256(text.encode()).hexdigest()


def check_proposed(problems: Problems, context: Context, reason: str, **texts: str) -> None:
    """Note texts and a reason that the log may not hold, and a mere claim."""
    check_firsthand(problems, context)
    for name, text in texts.items():
        check_given(problems, text, MAX_BODY, name)
    check_given(problems, reason, NOTE, "reason")


def check_declined(context: Context, proposal: Proposal, objection: str) -> None:
    """Refuse unless an open proposal is turned down, with a reason."""
    check_open(proposal)
    problems = Problems()
    check_firsthand(problems, context)
    check_given(problems, objection, NOTE, "objection")
    problems.settle()


def check_base(problems: Problems, current: Proposal | None, based_on: str | None) -> None:
    """Note when another version was adopted since the one the text was derived from."""
    if based_on != (current.id if current else None):
        now = f"version {current.number}" if current else "none"
        problems.add("moved_on", f"The adopted version is now {now}.", "based_on")


def check_change(problems: Problems, current: Proposal | None, digest: str) -> None:
    """Note when a proposed text is the one in force."""
    same = current is not None and current.digest == digest
    problems.unless(not same, "unchanged", "This text is the one that is adopted.")


def check_adoption(context: Context, proposal: Proposal, current: Proposal | None) -> None:
    """Refuse unless a second person adopts an open proposal based on what is in force.

    The operator at the machine may adopt alone as long as nothing was adopted before. Whoever
    proposed it counts as the first while they may still: else one person alone would adopt it.
    """
    check_open(proposal)
    problems = Problems()
    check_firsthand(problems, context)
    check_base(problems, current, proposal.based_on)
    if context.by == OPERATOR:
        message = "The operator adopts only the first version; now a second person has to."
        problems.unless(current is None, "needs_second_person", message)
    elif {proposal.proposed_by, proposal.proposed_behalf} & askers(context):
        problems.add("own_proposal", "Who proposed it may not adopt it, nor may a linked account.")
    proposers = (proposal.proposed_by, proposal.proposed_behalf)
    others = proposal.other_grants
    gone = lost(proposers, proposal.grant, context.authority, others=others)
    problems.unless(not gone, "proposer_lost", _LOST)
    problems.settle()


def check_open(proposal: Proposal) -> None:
    """Refuse when the proposal was settled before."""
    if proposal.status is not Status.PROPOSED:
        raise refusal("already_settled", f"It is {proposal.status.value} already.")
