"""Keeping deployments away for any reason, and taking that away: each blocker by who raised it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from domain.askers import asking, check_firsthand, itself, rights
from domain.authorship import accounts
from domain.environment.evolve import Blocked, Unblocked, UnblockingRequested
from domain.environment.first_word import void
from domain.environment.planning import MOST, checked, heard
from domain.environment.state import Blocker, Environment
from domain.kernel import Context, Problems, Text, is_person
from domain.titles import person_name
from domain.wording import NOTE, check_given, check_name


def block(
    state: Environment,
    context: Context,
    *,
    name: Annotated[str, "What kind of blocker it is, such as incident."],
    cause: Annotated[Text, "What happened."],
) -> list[Any]:
    """Keep deployments away for a reason of any name, beside what others raised under that name.

    Once more by who raised it, while somebody asks to take it away: that it goes on ends the wish.
    """
    problems = heard(context)
    check_name(problems, name, "name")
    mine = (each for each in state.blockers if (each.name, each.by) == (name, context.by))
    own = next(mine, None)
    message = "You block it by this already."
    problems.unless(own is None or own.unblocking, "blocked_already", message, "name")
    room = own is not None or len(state.blockers) < MOST
    problems.unless(room, "too_many", f"At most {MOST} blockers.")
    check_given(problems, cause, NOTE // 4, "cause")
    problems.settle()
    return [Blocked(name, cause, beside=True)]


def unblock(
    state: Environment,
    context: Context,
    *,
    name: Annotated[str, "Which blocker."],
    note: Annotated[Text, "How it ended."],
    raised_by: Annotated[
        str | None, "Who raised it; left out, you, or else whoever alone raised one of this name."
    ] = None,
) -> list[Any]:
    """Take away what one raised oneself; what another raised, as the second person who says so.

    The first one asks for it, and it stays until then: else somebody would get past it alone. What
    others raised under the same name stays.
    """
    problems = checked(state, context)
    named = [each for each in state.blockers if each.name == name]
    problems.unless(named, "unknown_blocker", "Nothing of this name blocks it.", "name")
    blocker = _meant(problems, named, raised_by, context) if named else None
    check_given(problems, note, NOTE, "note")
    goes = blocker is None or _goes(problems, blocker, context)
    problems.settle()
    of = blocker.by if blocker else None
    return [
        Unblocked(name, note, of) if goes else UnblockingRequested(name, note, of, *rights(context))
    ]


def _meant(
    problems: Problems, named: list[Blocker], raised_by: str | None, context: Context
) -> Blocker | None:
    """Which of those of a name is meant: one's own before others'; notes that it is not known."""
    if raised_by is not None:
        found = next((each for each in named if each.by == raised_by), None)
        message = "They raised nothing of this name."
        problems.unless(found, "unknown_blocker", message, "raised_by")
        return found
    own = [each for each in named if each.by == context.by]
    near = own or [each for each in named if _raised(each, context)] or named
    told = _names(near, context)
    message = f"{told} each raised one of this name: say whose it is that ends."
    problems.unless(len(near) == 1, "raised_by_several", message, "raised_by")
    return near[0] if len(near) == 1 else None


def _names(blockers: Iterable[Blocker], context: Context) -> str:
    """Who raised them, by name."""
    return ", ".join(sorted(person_name(context.authority.person(each.by)) for each in blockers))


def _raised(blocker: Blocker, context: Context) -> bool:
    """Whether it is theirs, by this very account or a program of it."""
    return blocker.by in itself(context.by, context.authority, blocker.at)


def _goes(problems: Problems, blocker: Blocker, context: Context) -> bool:
    """Whether this word takes it away, or is the first of two; notes why it may not be said."""
    authority = context.authority
    if _raised(blocker, context):
        return True
    check_firsthand(problems, context)
    message = "What another raised people take away."
    problems.unless(is_person(context.by), "not_a_person", message)
    first = blocker.unblocking
    if first is None or void(first, authority):
        return False
    apart = accounts((first.by,), authority, first.at).isdisjoint(asking(context))
    problems.unless(apart, "needs_second_person", "It takes the word of a second person.")
    return True
