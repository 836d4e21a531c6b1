"""Drafting a change: opening, editing and tying it to other records."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Final

from domain.approval.electorate import check_person
from domain.change.events import Edited, Linked, Opened, Unlinked
from domain.change.gone_out import check_moved, check_still, check_untied
from domain.change.links import check_link, known, open_ties
from domain.change.room import check_room
from domain.change.standing import pinned
from domain.change.state import (
    EDITABLE,
    Change,
    Covered,
    Link,
    LinkKind,
    Status,
    TemplateUse,
    digest_of,
    without,
)
from domain.content import Content, check_content, rated
from domain.digest import content_digest
from domain.kernel import Context, Problems, refusal
from domain.playbook.aggregate import process
from domain.playbook.naming import book_named, kind_named
from domain.settled import settled
from domain.template.standing import lapsed
from domain.template.state import Status as TemplateStatus
from domain.template.state import Template

MOST_LINKS: Final = 50
"""How many records a change may be tied to."""
_LAPSED: Final = (
    "The word of who approved this template counts no more: a second person approves it anew."
)


def open(  # noqa: A001  the trade opens changes
    _state: None,
    context: Context,
    *,
    playbook: Annotated[str, "The name of the adopted playbook to follow."],
    kind: Annotated[str, "The kind of change, in the playbook's words."],
    content: Annotated[Content, "What is to be changed, why, how and when."],
    requester: Annotated[str | None, "Who wants it; else whoever opens it."] = None,
    owner: Annotated[str | None, "Who answers for it; else the requester."] = None,
    template: Annotated[str | None, "The template that a standard change is opened from."] = None,
) -> list[Any]:
    """Draft a change; it keeps the playbook version that is adopted now (S3-02)."""
    problems = Problems()
    book = book_named(problems, context.records, playbook)
    found = kind_named(problems, book, "change", lambda plan: plan.kind(kind))
    people = (requester or context.by, owner or requester or context.by)
    check_person(problems, context, people[0], "requester")
    if owner:
        check_person(problems, context, owner, "owner")
    used = _template(problems, context, (playbook, kind) if found else None, template)
    check_content(problems, content, process(book.body) if book else None)
    pinned_to, path = settled(problems, book), settled(problems, found).path
    risk = rated(content, process(pinned_to.body))
    digest = content_digest(Covered(kind, pinned_to.id, used, content, risk, (), 1))
    return [Opened(kind, path, pinned_to.id, content, risk, digest, *people, used)]


def _template(
    problems: Problems, context: Context, kind: tuple[str, str] | None, id: str | None
) -> TemplateUse | None:
    """The template, which must be for this kind of this playbook: names alone may agree.

    Where there is no such kind, that is all there is to say of it.
    """
    if id is None:
        return None
    template = context.records.get(Template, id)
    if template is None or template.status is not TemplateStatus.ACTIVE:
        problems.add("unknown_template", "There is no such template in force.", "template")
    elif lapsed(template, context.authority):
        problems.add("unknown_template", _LAPSED, "template")
    elif kind and (template.playbook, template.kind) != kind:
        message = f"The template is for {template.kind} of {template.playbook}."
        problems.add("template_of_other_kind", message, "template")
    else:
        return TemplateUse(id, template.number)
    return None


def edit(
    state: Change,
    context: Context,
    *,
    content: Annotated[Content, "What the change says from now on, whole."],
) -> list[Any]:
    """Say something else: a new revision, which voids every vote and returns to draft."""
    _check_editable(state)
    if content == state.content:
        return []
    plan = pinned(state, context.records)
    problems = Problems()
    check_still(problems, state, context.records)
    check_content(problems, content, plan)
    _check_begun(problems, state, content)
    check_moved(problems, state, content, context.records)
    if not problems:
        check_room(problems, replace(state, content=content), context.records, "content")
    problems.settle()
    risk = rated(content, plan)
    edited = replace(state, content=content, risk=risk, revision=state.revision + 1)
    return [Edited(content, risk, edited.revision, digest_of(edited))]


def _check_begun(problems: Problems, state: Change, content: Content) -> None:
    """Note environments left out in which the work has begun: there it keeps others away."""
    kept = not state.unfinished or set(state.content.environments) <= set(content.environments)
    message = "The work has begun there: finish the change, and say how that went."
    problems.unless(kept, "work_begun", message, "content", "environments")


def _check_editable(state: Change) -> None:
    if state.status not in EDITABLE:
        message = f"What a change says is settled once it is in {state.status.value}."
        raise refusal("not_editable", message)


def link(
    state: Change,
    context: Context,
    *,
    kind: Annotated[LinkKind, "What sort of record it is."],
    reference: Annotated[str, "Its id here, or its name in the system that keeps it."],
) -> list[Any]:
    """Tie the change to a request, problem, incident, article, merge request, commit or change.

    A merge request, commit or predecessor says what goes out and when: it makes a new revision.
    """
    tie = Link(kind, reference)
    if tie in state.links and known(state, tie, context):
        return []
    _check_tie(state, tie, context)
    problems = Problems()
    check_link(problems, context, state, tie)
    message = f"At most {MOST_LINKS} links."
    few = len(open_ties(state, context.records)) < MOST_LINKS
    problems.unless(few, "too_many", message, "reference")
    links = (*without(state.links, tie), tie)
    if not problems:
        check_room(problems, replace(state, links=links), context.records, "reference")
    problems.settle()
    return [Linked(tie, *_tied(state, tie, links))]


def unlink(
    state: Change,
    context: Context,
    *,
    kind: Annotated[LinkKind, "What sort of record it is."],
    reference: Annotated[str, "Its id here, or its name in the system that keeps it."],
) -> list[Any]:
    """Cut a tie; cutting one to a merge request, commit or predecessor makes a new revision."""
    tie = Link(kind, reference)
    if tie not in state.links or not known(state, tie, context):
        raise refusal("not_linked", "The change is not tied to this.", "reference")
    _check_tie(state, tie, context)
    problems = Problems()
    check_untied(problems, state, tie, context.records)
    problems.settle()
    links = without(state.links, tie)
    return [Unlinked(tie, *_tied(state, tie, links))]


def _check_tie(state: Change, tie: Link, context: Context) -> None:
    if tie.kind.binding:
        _check_editable(state)
        problems = Problems()
        check_still(problems, state, context.records)
        problems.settle()
    elif state.status is Status.CANCELLED:
        raise refusal("ended", "The change was cancelled.")


def _tied(state: Change, tie: Link, links: tuple[Link, ...]) -> tuple[int, str]:
    """The revision and digest with these links; only a binding tie makes new ones."""
    if not tie.kind.binding:
        return state.revision, state.digest
    tied = replace(state, links=links, revision=state.revision + 1)
    return tied.revision, digest_of(tied)
