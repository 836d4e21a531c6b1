"""Opening, pushing to, retargeting, closing and reopening a merge request."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Final

from domain.branch import is_branch
from domain.evidence.reports import heading, hiding
from domain.kernel import Context, Problems, Text, distinct, refusal
from domain.merge_request.demanding import demand
from domain.merge_request.events import Closed, Opened, Pushed, Reopened, Retargeted
from domain.merge_request.evolve import foreseen
from domain.merge_request.standing import alarms, electorate, kind_of
from domain.merge_request.state import Head, MergeRequest, Status, digest_of, head_of
from domain.merge_request.twins import open_twins
from domain.office import OWNER_SUSPENDED, UNANSWERED, answered
from domain.playbook.naming import book_named, kind_named
from domain.settled import settled
from domain.wording import LINE, NOTE, check_commit, check_given, check_name

_LARGEST: Final = 2**31 - 1
MOST_CONTRIBUTORS: Final = 100
"""How many contributors may be named at once."""


def open(  # noqa: A001  the trade opens merge requests
    _state: None,
    context: Context,
    *,
    playbook: Annotated[str, "The name of the adopted playbook to follow."],
    kind: Annotated[str, "The kind of merge request, in the playbook's words."],
    project: Annotated[str, "The project, by its full path."],
    number: Annotated[int, "Its number in the project."],
    title: Annotated[Text, "One line that names it."],
    head: Annotated[str, "The commit to be merged."],
    target: Annotated[str, "The branch it is to be merged into."],
    base: Annotated[str, "The commit of the target it was last brought up to."],
    author: Annotated[str | None, "Who wrote it and answers for it; else whoever opens it."] = None,
    contributors: Annotated[tuple[str, ...], "Who committed to it."] = (),
    embargoed: Annotated[bool, "Hide it until it is revealed."] = False,
) -> list[Any]:
    """Open a merge request; its rules are fixed for this head (S2-01)."""
    at = Head(project, number, head, target, base)
    people = distinct((author or context.by, *contributors))
    problems = Problems()
    book = book_named(problems, context.records, playbook)
    kind_named(problems, book, "merge request", lambda plan: plan.merge_request(kind))
    _check_head(problems, at)
    check_given(problems, title, LINE, "title")
    _check_author(problems, context, people[0])
    _check_people(problems, context, contributors)
    _check_new(problems, context, at, "number")
    pinned = settled(problems, book).id
    digest, place = digest_of(kind, pinned, at, 1), (project, number, title, head, target, base)
    event = Opened(kind, pinned, *place, people[0], people, (), digest, embargoed)
    return _ruled(None, context, event)


def push(
    state: MergeRequest,
    context: Context,
    *,
    head: Annotated[str, "The commit to be merged from now on."],
    base: Annotated[str, "The commit of the target it was last brought up to."],
    contributors: Annotated[tuple[str, ...], "Who committed to it."] = (),
) -> list[Any]:
    """Move the head: every sign-off is void, and stays so when the old head comes back."""
    at = replace(head_of(state), head=head, base=base)
    problems = Problems()
    _check_open(problems, state)
    _check_head(problems, at)
    _check_people(problems, context, contributors)
    problems.settle()
    if at == head_of(state) and set(contributors) <= set(state.contributors):
        return []
    revision = state.revision + 1
    digest = digest_of(state.kind, state.playbook, at, revision)
    return _ruled(state, context, Pushed(head, base, contributors, (), revision, digest))


def retarget(
    state: MergeRequest,
    context: Context,
    *,
    target: Annotated[str, "The branch it is to be merged into from now on."],
    base: Annotated[str, "The commit of that branch it was last brought up to."],
) -> list[Any]:
    """Aim at another branch: every sign-off is void."""
    at = replace(head_of(state), target=target, base=base)
    problems = Problems()
    _check_open(problems, state)
    _check_head(problems, at)
    problems.settle()
    if at == head_of(state):
        return []
    revision = state.revision + 1
    digest = digest_of(state.kind, state.playbook, at, revision)
    return _ruled(state, context, Retargeted(target, base, (), revision, digest))


def close(
    state: MergeRequest, context: Context, *, reason: Annotated[Text, "Why it is not merged."]
) -> list[Any]:
    """Close it without merging."""
    problems = Problems()
    _check_open(problems, state)
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    return [Closed(reason)]


def reopen(state: MergeRequest, context: Context) -> list[Any]:
    """Open it again: who signed it off before is asked anew."""
    if state.status is not Status.CLOSED:
        raise refusal("not_closed", f"It is {state.status.value}.")
    if not state.embargoed and any(open_twins(state, context.records)):
        raise refusal("already_known", "It is open here under another id.")
    revision = state.revision + 1
    digest = digest_of(state.kind, state.playbook, head_of(state), revision)
    return _ruled(state, context, Reopened((), revision, digest))


def recount(state: MergeRequest, context: Context) -> list[Any]:
    """Look again whether anybody can still fill the rules; people and grants may have changed.

    Also whether evidence of the head has failed, so that more have to look at it.
    """
    return [*alarms(state, context), *demand(state, context)]


def _ruled(
    state: MergeRequest | None,
    context: Context,
    event: Opened | Pushed | Retargeted | Reopened,
) -> list[Any]:
    """The event with the rules fixed as of now, and alarms for those that nobody can fill."""
    bare = foreseen(state, context, event)
    kind = kind_of(bare, context.records)
    rules = tuple(each for each in kind.rules if each.name not in kind.conditional)
    whole = replace(event, rules=electorate(bare, context.authority, context.at).opened(rules))
    after = foreseen(state, context, whole)
    records = context.records
    if after.embargoed:
        reports = hiding((after.head,), after.project, records, merge_request=after.id)
    else:
        reports = heading(after.head, after.project, after.id, records)
    return [whole, *alarms(after, context), *demand(after, context), *reports]


def _check_open(problems: Problems, state: MergeRequest) -> None:
    problems.unless(state.status is Status.OPEN, "not_open", f"It is {state.status.value}.")


def _check_head(problems: Problems, at: Head) -> None:
    check_name(problems, at.project, "project")
    check_name(problems, at.target, "target")
    message = "Git takes no such name for a branch."
    problems.unless(not at.target or is_branch(at.target), "not_a_branch", message, "target")
    problems.unless(0 < at.number <= _LARGEST, "number_unusable", "Numbers count from 1.", "number")
    for commit, name in ((at.head, "head"), (at.base, "base")):
        check_commit(problems, commit, name)
    message = "The head is the commit of the target: there is nothing to merge."
    problems.unless(at.head != at.base, "nothing_to_merge", message, "head")


def _check_author(problems: Problems, context: Context, author: str) -> None:
    """Note an author who does not answer for it: who wrote it and left is among contributors."""
    known = context.authority.person(author) is not None
    problems.unless(known, "unknown_person", "Nobody has this id.", "author")
    free = not context.authority.suspended(author)
    message = "This account is suspended: be its author, with them among the contributors."
    problems.unless(free, "suspended_person", message, "author")
    message = f"{UNANSWERED} Or be its author, with it among the contributors."
    problems.unless(answered(context.authority, author), OWNER_SUSPENDED, message, "author")


def _check_people(problems: Problems, context: Context, people: tuple[str, ...]) -> None:
    """Note names that stand for nobody; a program or suspended person may have written it."""
    message = f"At most {MOST_CONTRIBUTORS} contributors."
    problems.unless(len(people) <= MOST_CONTRIBUTORS, "too_many", message, "contributors")
    for at, person in enumerate(people):
        known = context.authority.person(person)
        problems.unless(known, "unknown_person", "Nobody has this id.", "contributors", str(at))


def _check_new(problems: Problems, context: Context, at: Head, *path: str) -> None:
    """A second record of the same one could leave a contributor out.

    Those under embargo are left aside, since the answer would tell that they exist; once one is
    revealed, it takes the place of the other.
    """
    same = context.records.find(MergeRequest, project=at.project, number=at.number)
    known = any(not each.embargoed for each in same)
    problems.unless(not known, "already_known", "It has been opened here before.", *path)
