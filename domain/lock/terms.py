"""What the terms of a lock must be like before they may enter the log."""

from __future__ import annotations

from typing import Final

from domain.askers import check_active, check_human
from domain.kernel import Context, Problems
from domain.lock.recurrence import check_recurrence
from domain.lock.state import Kind, Terms
from domain.lock.timing import never_locks
from domain.wording import LINE, check_given, check_names

MOST_NAMES: Final = 40
"""How many environments, services, projects, activities or people a lock may name."""
MOST_HOURS: Final = 90 * 24
"""The longest buffer and the longest warning, in hours."""
_HOURS: Final = f"From 0 to {MOST_HOURS} hours."


def check_terms(problems: Problems, context: Context, terms: Terms) -> None:
    """Note everything about the terms that could not be kept or could never lock."""
    check_given(problems, terms.title, LINE, "terms", "title")
    for name in ("environments", "services", "projects", "spares"):
        check_names(problems, getattr(terms, name), MOST_NAMES, "terms", name)
    _check_kind(problems, terms)
    good = len(problems)
    _check_time(problems, terms)
    if len(problems) == good:
        message = "None of its recurring times lies between its first and its last."
        never = never_locks(terms, context.at)
        problems.unless(not never, "never_locks", message, "terms", "recurrence")
    _check_exempters(problems, context, terms)


def _check_kind(problems: Problems, terms: Terms) -> None:
    merge = terms.kind is Kind.MERGE
    foreign = (terms.environments or terms.services) if merge else terms.projects
    message = "A merge lock is about projects, any other about environments and services."
    problems.unless(not foreign, "foreign_scope", message, "terms", "kind")
    soft = terms.kind is Kind.SOFT or not terms.spares
    problems.unless(soft, "spares_nothing", "Only a soft lock spares anything.", "terms", "spares")


def _check_time(problems: Problems, terms: Terms) -> None:
    if terms.recurrence is not None:
        check_recurrence(problems, terms.recurrence, "terms", "recurrence")
    ordered = terms.since is None or terms.until is None or terms.since < terms.until
    message = "It ends before it begins."
    problems.unless(ordered, "ends_before_it_begins", message, "terms", "until")
    for name in ("buffer_hours", "warning_hours"):
        good = 0 <= getattr(terms, name) <= MOST_HOURS
        problems.unless(good, "out_of_range", _HOURS, "terms", name)


def _check_exempters(problems: Problems, context: Context, terms: Terms) -> None:
    named, path = terms.exempters, ("terms", "exempters")
    problems.unless(len(named) <= MOST_NAMES, "too_many", f"At most {MOST_NAMES}.", *path)
    problems.unless(
        len(set(named)) == len(named), "named_twice", "Somebody stands here twice.", *path
    )
    for at, each in enumerate(named):
        check_active(problems, context, each, *path, str(at))
        check_human(problems, each, *path, str(at))
    enough = 1 <= terms.exempting <= max(len(named), 1)
    message = "It takes at least one of those named, and no more than there are."
    problems.unless(enough, "out_of_range", message, "terms", "exempting")
