"""What a policy says about one action, arranged so that deciding only looks things up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from domain.authority import Key
from policies.decision import Decision
from policies.rules import EMBARGOED, EVERYONE, NONE, Line


class Way(NamedTuple):
    """One way to be meant by a line: to hold its role for its scope kind, or without scope."""

    key: Key
    kind: str | None
    line: Line


class Ruling(NamedTuple):
    """The ways by which one action is allowed and denied, in the order of their lines.

    `keys` are those of the allowing ways, and `denying` says whether any line denies. `everyone`
    and `deny_everyone` are the answers to any person, if such lines are for everyone. `hidden` says
    that the action is to see what is under embargo.
    """

    denying: bool
    denies: tuple[Way, ...]
    allows: tuple[Way, ...]
    keys: frozenset[Key]
    deny_everyone: Decision | None
    everyone: Decision | None
    refusal: Decision
    hidden: bool


def ruling(lines: Sequence[Line]) -> Ruling:
    """The ruling of all lines about one action."""
    allows = [line for line in lines if line.allows]
    denies = [line for line in lines if not line.allows]
    ways = _ways(allows)
    return Ruling(
        bool(denies),
        _ways(denies),
        ways,
        frozenset(way.key for way in ways),
        next((denied(line) for line in denies if line.role == EVERYONE), None),
        next((allowed(line, None) for line in allows if line.role == EVERYONE), None),
        Decision(allowed=False, line=None, number=None, grant=None, reason=_needed(allows)),
        any(line.action.endswith(EMBARGOED) for line in lines),
    )


def allowed(line: Line, grant: str | None) -> Decision:
    """The answer to whom a line allows."""
    # A named tuple's own constructor takes twice as long, and this is made for every request.
    return tuple.__new__(Decision, (True, line.text, line.number, grant, ""))


def denied(line: Line, grant: str | None = None) -> Decision:
    """The answer to whom a line denies."""
    reason = f"Line {line.number} of the policy denies it: {line.text}"
    return Decision(allowed=False, line=line.text, number=line.number, grant=grant, reason=reason)


def _ways(lines: Iterable[Line]) -> tuple[Way, ...]:
    return tuple(way for line in lines if line.role != EVERYONE for way in _of(line))


def _of(line: Line) -> tuple[Way, ...]:
    """A role without scope counts in every scope; a line without scope takes such a role."""
    anywhere = Way((line.role, None), None, line)
    if line.scope == NONE:
        return (anywhere,)
    return (Way((line.role, line.scope), line.scope, line), anywhere)


def _needed(allows: Sequence[Line]) -> str:
    """Which roles would help, for somebody who may not ask."""
    if not allows:
        return "The policy allows this to nobody."
    return f"This takes {' or '.join(dict.fromkeys(map(_spoken, allows)))}."


def _spoken(line: Line) -> str:
    if line.role == EVERYONE:
        return "an account of a person"
    return f"{line.role} {'without scope' if line.scope == NONE else f'for its {line.scope}'}"


NOBODY: Final = ruling(())
"""For an action that no line speaks of."""
