"""Templates of standard changes: proposed, approved by a second person, in versions, retired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from domain.authorship import accounts, actors
from domain.content import Content, check_content, rated
from domain.digest import content_digest
from domain.kernel import (
    Aggregate,
    Command,
    Context,
    Problems,
    Recorded,
    Scopes,
    Seen,
    Text,
    is_person,
    moved,
    refusal,
)
from domain.playbook import adopted, process
from domain.process import Path, Process
from domain.wording import NOTE, check_given


class Status(StrEnum):
    """Whether standard changes may be opened from a template."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    DECLINED = "declined"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Template:
    """The content that a kind of standard change is approved for in advance (S3-14).

    `approved` is the version in force and `number` counts such versions; `proposal` is the next
    one, which `revision` and `digest` name, until a second person approves or declines it.
    """

    id: str
    version: int
    status: Status
    playbook: str
    kind: str
    service: str
    revision: int
    digest: str
    proposal: Content | None
    risk: str | None
    proposed_by: str
    proposed_at: datetime
    contributors: tuple[str, ...] = ()
    approved: Content | None = None
    number: int = 0
    approved_by: str | None = None
    approved_at: datetime | None = None
    declined_because: Text | None = None
    retired_because: Text | None = None


# Events.


@dataclass(frozen=True, slots=True)
class Proposed:
    """A template was proposed."""

    playbook: str
    kind: str
    content: Content
    risk: str | None
    digest: str


@dataclass(frozen=True, slots=True)
class Revised:
    """Another content was proposed; the version in force stays until it is approved."""

    content: Content
    risk: str | None
    revision: int
    digest: str


@dataclass(frozen=True, slots=True)
class Approved:
    """A second person put the proposal into force, by right of this grant."""

    number: int
    revision: int
    digest: str
    grant: str | None
    comment: Text | None = None


@dataclass(frozen=True, slots=True)
class Declined:
    """The proposal was turned down; the version in force, if there is one, stays."""

    reason: Text


@dataclass(frozen=True, slots=True)
class Retired:
    """No change may be opened from it, or carried out by it, any more."""

    reason: Text


def evolve(state: Template | None, recorded: Recorded) -> Template:
    """Fold one event; TypeError for one that is no event of a template, or not its first."""
    event = recorded.event
    if isinstance(event, Proposed):
        return _proposed(event, recorded)
    if state is None:
        raise TypeError(f"a template does not begin with {type(event).__name__}")
    changes: dict[str, Any]
    match event:
        case Revised():
            changes = _revised(state, event, recorded)
        case Approved():
            changes = _approved(state, event, recorded)
        case Declined(reason=reason):
            status = Status.ACTIVE if state.approved else Status.DECLINED
            changes = {"proposal": None, "status": status, "declined_because": reason}
        case Retired(reason=reason):
            changes = {"proposal": None, "status": Status.RETIRED, "retired_because": reason}
        case _:
            raise TypeError(f"{type(event).__name__} is no event of a template")
    return moved(state, recorded, **changes)


def _proposed(event: Proposed, recorded: Recorded) -> Template:
    return Template(
        id=recorded.subject,
        version=recorded.version,
        status=Status.PROPOSED,
        playbook=event.playbook,
        kind=event.kind,
        service=event.content.service,
        revision=1,
        digest=event.digest,
        proposal=event.content,
        risk=event.risk,
        proposed_by=recorded.by,
        proposed_at=recorded.at,
        contributors=actors((), recorded),
    )


def _revised(state: Template, event: Revised, recorded: Recorded) -> dict[str, Any]:
    return {
        "status": Status.ACTIVE if state.approved else Status.PROPOSED,
        "service": event.content.service,
        "proposal": event.content,
        "risk": event.risk,
        "revision": event.revision,
        "digest": event.digest,
        "proposed_by": recorded.by,
        "proposed_at": recorded.at,
        "contributors": actors(state.contributors, recorded),
        "declined_because": None,
    }


def _approved(state: Template, event: Approved, recorded: Recorded) -> dict[str, Any]:
    return {
        "status": Status.ACTIVE,
        "approved": state.proposal,
        "proposal": None,
        "number": event.number,
        "approved_by": recorded.by,
        "approved_at": recorded.at,
    }


# Commands.


def propose(
    _state: None,
    context: Context,
    *,
    playbook: Annotated[str, "The name of the adopted playbook it belongs to."],
    kind: Annotated[str, "The kind of standard change, in the playbook's words."],
    content: Annotated[Content, "What changes opened from it say."],
) -> list[Any]:
    """Propose a template for standard changes; a second person has to approve it."""
    found = _process(context, playbook)
    wanted = found.kind(kind)
    if wanted is None or wanted.path is not Path.STANDARD:
        raise refusal("unknown_kind", "The playbook has no such standard change.", "kind")
    risk = _checked(content, found)
    digest = _digest(playbook, kind, content, 1)
    return [Proposed(playbook, kind, content, risk, digest)]


def revise(
    state: Template,
    context: Context,
    *,
    content: Annotated[Content, "What changes opened from the next version say."],
) -> list[Any]:
    """Propose another content; what is in force stays so until a second person approves it."""
    if state.status is Status.RETIRED:
        raise refusal("template_retired", "A retired template stays as it was.")
    risk = _checked(content, _process(context, state.playbook))
    revision = state.revision + 1
    digest = _digest(state.playbook, state.kind, content, revision)
    return [Revised(content, risk, revision, digest)]


def approve(
    state: Template,
    context: Context,
    *,
    comment: Annotated[Text | None, "A remark for the record."] = None,
) -> list[Any]:
    """Put the proposal into force; nobody who ever wrote on the template may."""
    problems = Problems()
    problems.unless(state.proposal, "nothing_proposed", "No proposal is waiting.")
    problems.unless(is_person(context.by), "not_a_person", "Only a person approves a template.")
    own = accounts(state.contributors, context.authority)
    problems.unless(context.by not in own, "own_template", "You wrote on this template.")
    if comment is not None:
        check_given(problems, comment, NOTE, "comment")
    problems.settle()
    number = state.number + 1
    return [Approved(number, state.revision, state.digest, context.grant, comment)]


def decline(state: Template, context: Context, *, reason: Annotated[Text, "Why not."]) -> list[Any]:
    """Turn the proposal down, or take one's own back."""
    problems = Problems()
    problems.unless(state.proposal, "nothing_proposed", "No proposal is waiting.")
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    return [Declined(reason)]


def retire(
    state: Template, context: Context, *, reason: Annotated[Text, "Why it is no longer wanted."]
) -> list[Any]:
    """Take the template out of use; changes scheduled by it can no longer be implemented."""
    problems = Problems()
    retired = state.status is Status.RETIRED
    problems.unless(not retired, "template_retired", "It is retired already.")
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    return [Retired(reason)]


def _process(context: Context, playbook: str) -> Process:
    found = adopted(context.records, playbook)
    if found is None:
        raise refusal("unknown_playbook", "No playbook of this name is adopted.", "playbook")
    return process(found.body)


def _checked(content: Content, found: Process) -> str | None:
    problems = Problems()
    check_content(problems, content, found)
    problems.settle()
    return rated(content, found)


def _digest(playbook: str, kind: str, content: Content, revision: int) -> str:
    return content_digest([playbook, kind, content, revision])


def _scopes(state: Template | None, _command: str, arguments: Mapping[str, Any]) -> Scopes:
    """The services on both sides of a revision."""
    contents = (state.approved if state else None, arguments.get("content"))
    services = {each.service for each in contents if each is not None}
    return {"service": frozenset(services | ({state.service} if state else set()))}


AGGREGATE = Aggregate(
    "template",
    Template,
    events=(Proposed, Revised, Approved, Declined, Retired),
    evolve=evolve,
    commands=(
        Command(propose),
        Command(revise, seen=Seen.VERSION),
        Command(approve, seen=Seen.REVISION, deciding=True),
        Command(decline, seen=Seen.REVISION),
        Command(retire),
    ),
    scopes=_scopes,
    indexed=("status", "kind", "service"),
)
