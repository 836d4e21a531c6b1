"""Policies: who may ask for what, as text, proposed and adopted by a second person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

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
from domain.digest import content_digest
from domain.kernel import (
    Aggregate,
    Command,
    Context,
    Internal,
    Problems,
    Recorded,
    Records,
    Text,
    Then,
    moved,
)
from domain.playbook.needs import unmet
from domain.playbook.state import Playbook
from domain.policy_lines import allowed_to_somebody

__all__ = [
    "AGGREGATE",
    "Adopted",
    "Declined",
    "Policy",
    "Proposed",
    "Status",
    "Superseded",
    "adopt",
    "adopted",
    "decline",
    "evolve",
    "propose",
    "supersede",
]


_NEEDED: Final = (
    "In the playbook {} {} waits for {}, which no line allows anybody any more: leave one, or "
    "adopt a version of the playbook first that does not wait for it."
)


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of the policy: the model, the rules, and how it came into force.

    `number` rises with every proposal. `model_digest` and `rules_digest` are those of the texts'
    bytes, `digest` covers both. `based_on` is the version that was in force when this one was
    proposed.
    """

    id: str
    version: int
    number: int
    model: str
    rules: str
    model_digest: str
    rules_digest: str
    digest: str
    based_on: str | None
    reason: Text
    proposed_by: str
    proposed_at: datetime
    proposed_behalf: str | None = None
    status: Status = Status.PROPOSED
    revision: int = 1
    adopted_by: str | None = None
    adopted_at: datetime | None = None
    declined_by: str | None = None
    declined_at: datetime | None = None
    objection: Text | None = None
    superseded_by: str | None = None
    superseded_at: datetime | None = None
    grant: Annotated[Internal[str | None], "By what right it was proposed."] = None
    other_grants: Annotated[Internal[tuple[str, ...]], "By what else it might have been."] = ()


# Events.


@dataclass(frozen=True, slots=True)
class Proposed:
    """A policy was put forward as the next version."""

    number: int
    model: str
    rules: str
    model_digest: str
    rules_digest: str
    digest: str
    based_on: str | None
    reason: Text
    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Adopted:
    """The policy took effect for every request from now on."""

    number: int
    digest: str


@dataclass(frozen=True, slots=True)
class Declined:
    """The proposal was turned down, or taken back."""

    objection: Text


@dataclass(frozen=True, slots=True)
class Superseded:
    """Another version took this one's place."""

    successor: str


def evolve(state: Policy | None, recorded: Recorded) -> Policy:
    """Fold one event."""
    event = recorded.event
    if isinstance(event, Proposed):
        return _proposed(event, recorded)
    if state is None:
        raise TypeError(f"a policy does not begin with {type(event).__name__}")
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
            raise TypeError(f"{type(event).__name__} is no event of a policy")


def _proposed(event: Proposed, recorded: Recorded) -> Policy:
    return Policy(
        id=recorded.subject,
        version=recorded.version,
        number=event.number,
        model=event.model,
        rules=event.rules,
        model_digest=event.model_digest,
        rules_digest=event.rules_digest,
        digest=event.digest,
        based_on=event.based_on,
        reason=event.reason,
        proposed_by=recorded.by,
        proposed_at=recorded.at,
        proposed_behalf=recorded.behalf,
        grant=event.grant,
        other_grants=event.other_grants,
    )


# Commands. The texts are taken as they are: whether they compile is not known here, so whoever
# records a proposal compiles them first and refuses what does not.


def propose(
    _state: None,
    context: Context,
    *,
    model: Annotated[str, "The whole text of the casbin model."],
    rules: Annotated[str, "The whole text of the policy lines."],
    based_on: Annotated[str | None, "The adopted version this text was derived from, if any."],
    reason: Annotated[Text, "Why the policy should change."],
) -> list[Any]:
    """Put a policy forward; a text with a fault is refused whole, with every line at fault."""
    problems = Problems()
    check_proposed(problems, context, reason, model=model, rules=rules)
    versions = context.records.find(Policy)
    current = in_force(versions)
    readable = not {("model",), ("rules",)} & {each.path for each in problems}
    digest = content_digest({"model": model, "rules": rules}) if readable else ""
    check_base(problems, current, based_on)
    check_change(problems, current, digest)
    if readable:
        _check_needed(problems, context, current, rules, "rules")
    problems.settle()
    number = 1 + max((version.number for version in versions), default=0)
    digests = (text_digest(model), text_digest(rules), digest)
    return [Proposed(number, model, rules, *digests, based_on, reason, *rights(context))]


def adopt(state: Policy, context: Context) -> list[Any]:
    """Put a proposed policy into force; it takes another person than who proposed it."""
    current = adopted(context.records)
    check_adoption(context, state, current)
    problems = Problems()
    _check_needed(problems, context, current, state.rules)
    problems.settle()
    event = Adopted(state.number, state.digest)
    if current is None:
        return [event]
    return [event, Then("policy.supersede", current.id, {"successor": state.id})]


def decline(
    state: Policy, context: Context, *, objection: Annotated[Text, "Why not."]
) -> list[Any]:
    """Turn a proposal down, or take one's own back."""
    check_declined(context, state, objection)
    return [Declined(objection)]


def supersede(state: Policy, context: Context, *, successor: str) -> list[Any]:
    """Give way to another version; only the adoption of that version asks for this."""
    return [Superseded(successor)]


def adopted(records: Records) -> Policy | None:
    """The version that is in force."""
    return in_force(records.find(Policy, status=Status.ADOPTED))


def _check_needed(
    problems: Problems, context: Context, current: Policy | None, rules: str, *path: str
) -> None:
    """Note each playbook in force that waits for an act which these rules take from everybody."""
    if current is None:
        return
    before, after = allowed_to_somebody(current.rules), allowed_to_somebody(rules)
    if before <= after:
        return
    for book in context.records.find(Playbook, status=Status.ADOPTED):
        for each in unmet(book.body, after):
            if each.met(before):
                problems.add("still_needed", _NEEDED.format(book.name, each.what, each.act), *path)


AGGREGATE = Aggregate(
    "policy",
    Policy,
    events=(Proposed, Adopted, Declined, Superseded),
    evolve=evolve,
    commands=(
        Command(propose, operator=True),
        Command(adopt, deciding=True, operator=True),
        Command(decline),
        Command(supersede, internal=True),
    ),
    indexed=("status", "number"),
    plural="policies",
    fold=2,
)
