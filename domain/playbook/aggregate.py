"""Playbooks: processes as data, proposed, adopted by a second person, and pinned by what runs."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Annotated, Any

from domain.adoption import (
    Status,
    check_adoption,
    check_base,
    check_change,
    check_declined,
    check_proposed,
    in_force,
    text_digest,
)
from domain.askers import rights
from domain.kernel import (
    Aggregate,
    Command,
    Context,
    Problems,
    Recorded,
    Text,
    Then,
    moved,
)
from domain.playbook import circles, needs, unfilled
from domain.playbook import places as playbook_places
from domain.playbook.format import PlaybookFault, decode, process
from domain.playbook.state import Playbook, adopted
from domain.policy import adopted as policy_in_force
from domain.policy_lines import allowed_to_somebody
from domain.process.process import (
    About,
    Cause,
    ChangeKind,
    Condition,
    Fulfilment,
    Merger,
    MergeRequestKind,
    ObligationRow,
    Path,
    Phase,
    Process,
    RuleRow,
)
from domain.settled import settled

__all__ = [
    "AGGREGATE",
    "About",
    "Adopted",
    "Cause",
    "ChangeKind",
    "Condition",
    "Declined",
    "Fulfilment",
    "MergeRequestKind",
    "Merger",
    "ObligationRow",
    "Path",
    "Phase",
    "Playbook",
    "PlaybookFault",
    "Process",
    "Proposed",
    "RuleRow",
    "Status",
    "Superseded",
    "adopt",
    "adopted",
    "decline",
    "decode",
    "evolve",
    "process",
    "propose",
    "supersede",
]

MAX_PROBLEMS = 100


# Events.


@dataclass(frozen=True, slots=True)
class Proposed:
    """A text was put forward as the next version of a playbook."""

    name: str
    title: str
    number: int
    body: str
    digest: str
    based_on: str | None
    reason: Text
    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Adopted:
    """The playbook took effect for what is opened from now on."""

    name: str
    number: int
    digest: str


@dataclass(frozen=True, slots=True)
class Declined:
    """The proposal was turned down, or taken back."""

    objection: Text


@dataclass(frozen=True, slots=True)
class Superseded:
    """Another version took this one's place; what pinned this one keeps it."""

    successor: str


def evolve(state: Playbook | None, recorded: Recorded) -> Playbook:
    """Fold one event."""
    event = recorded.event
    if isinstance(event, Proposed):
        return _proposed(event, recorded)
    if state is None:
        raise TypeError(f"a playbook does not begin with {type(event).__name__}")
    changes: dict[str, Any]
    match event:
        case Adopted():
            changes = {"adopted_by": recorded.by, "adopted_at": recorded.at}
            return moved(state, recorded, status=Status.ADOPTED, **changes)
        case Declined(objection=objection):
            changes = {"declined_by": recorded.by, "declined_at": recorded.at}
            return moved(state, recorded, status=Status.DECLINED, objection=objection, **changes)
        case Superseded(successor=successor):
            changes = {"superseded_by": successor, "superseded_at": recorded.at}
            return moved(state, recorded, status=Status.SUPERSEDED, **changes)
        case _:
            raise TypeError(f"{type(event).__name__} is no event of a playbook")


def _proposed(event: Proposed, recorded: Recorded) -> Playbook:
    return Playbook(
        id=recorded.subject,
        version=recorded.version,
        name=event.name,
        title=event.title,
        number=event.number,
        body=event.body,
        digest=event.digest,
        based_on=event.based_on,
        reason=event.reason,
        proposed_by=recorded.by,
        proposed_at=recorded.at,
        proposed_behalf=recorded.behalf,
        grant=event.grant,
        other_grants=event.other_grants,
    )


# Commands.


def propose(
    _state: None,
    context: Context,
    *,
    body: Annotated[str, "The playbook's whole text, in TOML."],
    based_on: Annotated[str | None, "The adopted version this text was derived from, if any."],
    reason: Annotated[Text, "Why the process should change."],
) -> list[Any]:
    """Put a playbook forward; a text with a fault is refused whole, with every line at fault."""
    problems = Problems()
    check_proposed(problems, context, reason, body=body)
    said = any(each.path == ("body",) for each in problems)
    read = None if said else _decoded(problems, body, context)
    versions = context.records.find(Playbook, name=read.name) if read else ()
    if read is not None:
        _check_allowed(problems, body, context)
        current = in_force(versions)
        check_base(problems, current, based_on)
        check_change(problems, current, text_digest(body))
    found = settled(problems, read)
    number = 1 + max((version.number for version in versions), default=0)
    digest = text_digest(body)
    told = (found.name, found.title, number, body, digest, based_on, reason)
    return [Proposed(*told, *rights(context))]


def adopt(state: Playbook, context: Context) -> list[Any]:
    """Put a proposed playbook into force; it takes another person than who proposed it."""
    current = adopted(context.records, state.name)
    check_adoption(context, state, current)
    problems = Problems()
    if _decoded(problems, state.body, context):
        _check_allowed(problems, state.body, context)
    problems.settle()
    event = Adopted(state.name, state.number, state.digest)
    if current is None:
        return [event]
    return [event, Then("playbook.supersede", current.id, {"successor": state.id})]


def decline(
    state: Playbook, context: Context, *, objection: Annotated[Text, "Why not."]
) -> list[Any]:
    """Turn a proposal down, or take one's own back."""
    check_declined(context, state, objection)
    return [Declined(objection)]


def supersede(state: Playbook, context: Context, *, successor: str) -> list[Any]:
    """Give way to another version; only the adoption of that version asks for this."""
    return [Superseded(successor)]


def _decoded(problems: Problems, body: str, context: Context) -> Process | None:
    """What the text says, unless it is at fault; each line that is is noted, also by what is kept.

    So is each that waits for a role that the policy in force does not know.
    What cannot be read has no name, so that nothing can be said of what it is based on.
    """
    try:
        found = process(body)
        wrong = (*playbook_places.faults(body, context.records), *circles.faults(body))
        if wrong := (*wrong, *unfilled.faults(body, context.authority.roles)):
            raise PlaybookFault(wrong)
    except PlaybookFault as broken:
        for fault in broken.faults[:MAX_PROBLEMS]:
            message = f"Line {fault.line}: {fault.message}."
            problems.add("faulty_playbook", message, "body")
        return None
    return found


def _check_allowed(problems: Problems, body: str, context: Context) -> None:
    """Note each line of a sound text that waits for what the policy in force allows to nobody."""
    policy = policy_in_force(context.records)
    unmet = needs.faults(body, allowed_to_somebody(policy.rules)) if policy else ()
    for fault in islice(unmet, MAX_PROBLEMS):
        problems.add("allowed_to_nobody", f"Line {fault.line}: {fault.message}.", "body")


AGGREGATE = Aggregate(
    "playbook",
    Playbook,
    events=(Proposed, Adopted, Declined, Superseded),
    evolve=evolve,
    commands=(
        Command(propose, operator=True),
        Command(adopt, deciding=True, operator=True),
        Command(decline),
        Command(supersede, internal=True),
    ),
    indexed=("name", "status", "number"),
    fold=2,
)
