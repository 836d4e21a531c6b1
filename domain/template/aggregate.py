"""The aggregate `template`: proposed, approved by a second person, in versions, retired."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from domain.askers import asking, check_claim, check_firsthand, rights
from domain.authorship import accounts
from domain.content import Content, check_content, rated
from domain.digest import content_digest
from domain.kernel import (
    Aggregate,
    Command,
    Context,
    Problems,
    Scopes,
    Seen,
    Text,
    is_person,
    refusal,
)
from domain.playbook.aggregate import Playbook, process
from domain.playbook.naming import book_named, kind_named
from domain.process.process import ChangeKind, Path, Process
from domain.settled import settled
from domain.template.evolve import Approved, Declined, Proposed, Retired, Revised, evolve
from domain.template.standing import lapsed, unsaid
from domain.template.state import Status, Template
from domain.wording import NOTE, check_given

_LOST: Final = (
    "Who proposed it is suspended, or has lost the right to: somebody else proposes it anew."
)


def propose(
    _state: None,
    context: Context,
    *,
    playbook: Annotated[str, "The name of the adopted playbook it belongs to."],
    kind: Annotated[str, "The kind of standard change, in the playbook's words."],
    content: Annotated[Content, "What changes opened from it say."],
) -> list[Any]:
    """Propose a template for standard changes; a second person has to approve it."""
    problems = Problems()
    book = book_named(problems, context.records, playbook)
    kind_named(problems, book, "standard change", lambda plan: _standard(plan, kind))
    risk = _checked(problems, content, book)
    digest = _digest(playbook, kind, content, 1)
    return [Proposed(playbook, kind, content, risk, digest, *rights(context))]


def revise(
    state: Template,
    context: Context,
    *,
    content: Annotated[Content, "What changes opened from the next version say."],
) -> list[Any]:
    """Propose another content; what is in force stays so until a second person approves it."""
    if state.status is Status.RETIRED:
        raise refusal("template_retired", "A retired template stays as it was.")
    problems = Problems()
    risk = _checked(problems, content, book_named(problems, context.records, state.playbook))
    revision = state.revision + 1
    digest = _digest(state.playbook, state.kind, content, revision)
    return [Revised(content, risk, revision, digest, *rights(context))]


def approve(
    state: Template,
    context: Context,
    *,
    comment: Annotated[Text | None, "A remark for the record."] = None,
) -> list[Any]:
    """Put the proposal into force; nobody who ever wrote on the template may.

    Where none waits, and the word of who approved the version in force counts no more, that is
    approved anew.
    """
    problems = Problems()
    again = state.proposal is None and lapsed(state, context.authority)
    problems.unless(state.proposal or again, "nothing_proposed", "No proposal is waiting.")
    problems.unless(is_person(context.by), "not_a_person", "Only a person approves a template.")
    check_firsthand(problems, context)
    own = accounts(state.contributors, context.authority, state.proposed_at)
    problems.unless(own.isdisjoint(asking(context)), "own_template", "You wrote on this template.")
    problems.unless(again or not unsaid(state, context.authority), "proposer_lost", _LOST)
    if comment is not None:
        check_given(problems, comment, NOTE, "comment")
    problems.settle()
    return [_approved(state, context, comment, again=again)]


def _approved(state: Template, context: Context, comment: str | None, *, again: bool) -> Approved:
    """That the proposal is approved; or `again` the version in force, under its number."""
    grant, others = rights(context)
    told = (grant, comment, again, others)
    if not again or state.approved is None:
        return Approved(state.number + 1, state.revision, state.digest, *told)
    digest = _digest(state.playbook, state.kind, state.approved, state.revision)
    return Approved(state.number, state.revision, digest, *told)


def decline(state: Template, context: Context, *, reason: Annotated[Text, "Why not."]) -> list[Any]:
    """Turn the proposal down, or take one's own back."""
    problems = Problems()
    problems.unless(state.proposal, "nothing_proposed", "No proposal is waiting.")
    check_claim(problems, context)
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
    check_claim(problems, context)
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    return [Retired(reason)]


def _standard(plan: Process, kind: str) -> ChangeKind | None:
    found = plan.kind(kind)
    return found if found and found.path is Path.STANDARD else None


def _checked(problems: Problems, content: Content, book: Playbook | None) -> str | None:
    """The risk of the content; a Refusal with whatever is wrong with it, and was before."""
    check_content(problems, content, process(book.body) if book else None)
    return rated(content, process(settled(problems, book).body))


def _digest(playbook: str, kind: str, content: Content, revision: int) -> str:
    return content_digest([playbook, kind, content, revision])


def _scopes(state: Template | None, command: str, arguments: Mapping[str, Any]) -> Scopes:
    """The services on both sides of a revision; what is in force is retired where that is."""
    if state and state.approved and command == "retire":
        return {"service": frozenset((state.approved.service,))}
    own = (state.approved, state.proposal) if state else ()
    contents = (*own, arguments.get("content"))
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
    fold=4,
)
