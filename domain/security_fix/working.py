"""Opening a security fix, saying what is wrong and how grave, and ticking off what is done."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from domain.askers import check_active, check_firsthand, check_human, rights
from domain.kernel import KEEP, Context, Keep, Personal, Problems, Text
from domain.playbook.naming import book_named, kind_named
from domain.security_fix.events import (
    Assessed,
    Box,
    Dismissed,
    Edited,
    Opened,
    Ticked,
    Unticked,
)
from domain.security_fix.following import FOLLOWED, finder_of, followed
from domain.security_fix.standing import OWN_FIND, finders, kind_of
from domain.security_fix.state import ENDED, SecurityFix, Status
from domain.settled import settled
from domain.wording import LINE, NOTE, check_given, check_name, check_wording

LONGEST: Final = 8_000
"""The longest description, in characters."""
_CVE: Final = re.compile(r"CVE-\d{4}-\d{4,19}")


def open(  # noqa: A001  as the trade says of an issue
    _state: None,
    context: Context,
    *,
    playbook: Annotated[str, "The name of the adopted playbook to follow."],
    kind: Annotated[str, "The kind of fix, in the playbook's words."],
    service: Annotated[str, "The product that is vulnerable."],
    project: Annotated[str, "The project it is fixed in, by its full path."],
    title: Annotated[Text, "One line that names the vulnerability."],
    description: Annotated[Text, "What is wrong, and how it shows."] = "",
    component: Annotated[Text | None, "The part of the product that is vulnerable."] = None,
    dependency: Annotated[
        Text | None, "What is depended on, if that is what is vulnerable."
    ] = None,
    known_since: Annotated[datetime | None, "When it became known; now if left out."] = None,
    reporter: Annotated[str | None, "Who found it, if they have an account here."] = None,
    credit: Annotated[Personal | None, "Who is thanked in the advisory."] = None,
    follows: Annotated[
        str | None, "The fix that is out already, and that it brings to more versions."
    ] = None,
) -> list[Any]:
    """Open a fix; nobody without clearance knows of it from this moment on (S1-18, S1-12).

    Who opens it counts as having found it, unless somebody else is named. One that follows a fix
    that is out has to reach only what that did not: a line that came out since, or whose part was
    taken back. It was found by whom that was, and is known since then, unless that is said. Who
    opens it settles nothing of it until a second person agrees to that (`name_finder`).
    """
    problems = Problems()
    book = book_named(problems, context.records, playbook)
    found = kind_named(problems, book, "security fix", lambda plan: plan.security_fix(kind))
    before = followed(problems, context, follows, service, project)
    since = known_since or (before.known_since if before else context.at)
    check_firsthand(problems, context)
    check_name(problems, service, "service")
    check_name(problems, project, "project")
    _check_words(problems, title, description, component=component, dependency=dependency)
    _check_credit(problems, credit)
    problems.unless(since <= context.at, "in_the_future", "It is known by now.", "known_since")
    if reporter is not None:
        check_reporter(problems, context, reporter)
        problems.unless(follows is None, "finder_followed", FOLLOWED, "reporter")
    pinned = settled(problems, book).id
    boxes = tuple(Box(item.name, item.title) for item in settled(problems, found).items)
    said = (service, project, title, description, boxes, since, component, dependency)
    found_by = finder_of(before, reporter, context.by, context.authority)
    return [Opened(kind, pinned, *said, credit=credit, **found_by)]


def edit(
    state: SecurityFix,
    context: Context,
    *,
    title: Annotated[Text, "One line that names the vulnerability."] | Keep = KEEP,
    description: Annotated[Text, "What is wrong, and how it shows."] | Keep = KEEP,
    component: Annotated[Text | None, "The part that is vulnerable."] | Keep = KEEP,
    dependency: Annotated[Text | None, "The dependency that is vulnerable."] | Keep = KEEP,
    credit: Annotated[Personal | None, "Who is thanked in the advisory."] | Keep = KEEP,
    advisory: Annotated[str | None, "The id of the advisory."] | Keep = KEEP,
    cve: Annotated[str | None, "The CVE id."] | Keep = KEEP,
) -> list[Any]:
    """Word anew what is said of the vulnerability, or add the ids it was given."""
    event = Edited(
        title=state.title if title is KEEP else title,
        description=state.description if description is KEEP else description,
        component=state.component if component is KEEP else component,
        dependency=state.dependency if dependency is KEEP else dependency,
        credit=state.credit if credit is KEEP else credit,
        advisory=state.advisory if advisory is KEEP else advisory,
        cve=state.cve if cve is KEEP else cve,
    )
    problems = Problems()
    check_firsthand(problems, context)
    check_open(problems, state)
    named = (event.component, event.dependency)
    _check_words(problems, event.title, event.description, component=named[0], dependency=named[1])
    _check_credit(problems, event.credit)
    _check_ids(problems, event.advisory, event.cve)
    problems.settle()
    names = (field.name for field in fields(Edited))
    same = all(getattr(event, name) == getattr(state, name) for name in names)
    return [] if same else [event]


def _check_words(problems: Problems, title: str, description: str, **named: str | None) -> None:
    check_given(problems, title, LINE, "title")
    check_wording(problems, description, LONGEST, "description")
    for path, text in named.items():
        if text is not None:
            check_given(problems, text, LINE, path)


def _check_credit(problems: Problems, credit: str | None) -> None:
    if credit is not None:
        check_given(problems, credit, LINE, "credit")


def _check_ids(problems: Problems, advisory: str | None, cve: str | None) -> None:
    if advisory is not None:
        check_name(problems, advisory, "advisory")
    good = cve is None or _CVE.fullmatch(cve)
    problems.unless(good, "not_a_cve", "A CVE id looks like CVE-2026-12345.", "cve")


def assess(
    state: SecurityFix,
    context: Context,
    *,
    severity: Annotated[str, "How grave it is, in the playbook's words."],
    comment: Annotated[Text | None, "A remark for the record."] = None,
) -> list[Any]:
    """Say how grave it is; by when it is to be remedied follows (S1-10, S1-13)."""
    kind = kind_of(state, context.records)
    row = kind.severity(severity)
    problems = Problems()
    check_firsthand(problems, context)
    check_open(problems, state)
    check_finder(problems, state, context)
    problems.unless(row, "unknown_severity", "The playbook has no such severity.", "severity")
    if comment is not None:
        check_given(problems, comment, NOTE, "comment")
    problems.settle()
    if row is None or severity == state.severity:
        return []
    due = state.known_since + timedelta(days=row.days)
    return [Assessed(severity, due, comment, kind.severities.index(row))]


def tick(
    state: SecurityFix, context: Context, *, item: Annotated[str, "The step, by its name."]
) -> list[Any]:
    """Say that a step of the checklist is done (S1-19)."""
    box = _item(state, context, item)
    return [] if box else [Ticked(item)]


def untick(
    state: SecurityFix, context: Context, *, item: Annotated[str, "The step, by its name."]
) -> list[Any]:
    """Say that a step of the checklist is not done after all."""
    box = _item(state, context, item)
    return [Unticked(item)] if box else []


def _item(state: SecurityFix, context: Context, name: str) -> bool:
    """Whether the box is ticked."""
    found = next((each for each in state.items if each.name == name), None)
    problems = Problems()
    check_firsthand(problems, context)
    check_open(problems, state)
    problems.unless(found, "unknown_step", "The checklist has no such step.", "item")
    problems.settle()
    return found is not None and found.ticked_at is not None


def dismiss(
    state: SecurityFix, context: Context, *, reason: Annotated[Text, "Why nothing is to be fixed."]
) -> list[Any]:
    """Leave it: there is nothing to fix. What was written stays hidden."""
    problems = Problems()
    check_firsthand(problems, context)
    check_open(problems, state)
    check_finder(problems, state, context)
    linked = state.status is Status.LINKED
    problems.unless(not linked, "linked", "It is linked to a release; take it off that first.")
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    return [Dismissed(reason, *rights(context))]


def check_finder(problems: Problems, state: SecurityFix, context: Context) -> None:
    """Note whoever found it: how grave it is, or whether it is nothing, is for others to say."""
    own = finders(state, context.authority)
    problems.unless(context.by not in own, "own_find", f"{OWN_FIND} settle it.")


def check_reporter(problems: Problems, context: Context, reporter: str) -> None:
    """Note whom nobody knows or who is suspended, and a program: a person finds what is wrong."""
    check_active(problems, context, reporter, "reporter")
    check_human(problems, reporter, "reporter")


def check_open(problems: Problems, state: SecurityFix) -> None:
    """Note a fix of which nothing is worked on any more."""
    problems.unless(state.status not in ENDED, "fix_ended", f"It is {state.status.value}.")
