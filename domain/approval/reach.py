"""Whether an approval puts a rule out of reach, since who gives it is needed in their own place."""

from __future__ import annotations

from collections.abc import Sequence

from domain.approval.approval import OpenRule, Standpoint, Vote
from domain.approval.electorate import Electorate
from domain.approval.voting import without

Content = tuple[int, str]
"""The revision that is decided on, and its digest."""


def lost_by(
    voters: Electorate,
    rules: Sequence[OpenRule],
    before: Sequence[Vote],
    after: Sequence[Vote],
    content: Content,
) -> tuple[str, ...]:
    """The titles of the rules that could be met before a vote, and can be no more."""
    revision, digest = content
    if voters.plainly(rules, after, revision=revision, digest=digest) is not None:
        return ()
    lost = _rejected(voters, rules, after, content)
    known = _rejected(voters, rules, before, content) if lost else {}
    return tuple(title for name, title in lost.items() if name not in known)


def _rejected(
    voters: Electorate, rules: Sequence[OpenRule], votes: Sequence[Vote], content: Content
) -> dict[str, str]:
    revision, digest = content
    now = voters.standings(rules, votes, revision=revision, digest=digest).rules
    return {e.rule.name: e.rule.title for e in now if e.status is Standpoint.REJECTED}


def keeps_out(
    voters: Electorate,
    rules: Sequence[OpenRule],
    votes: Sequence[Vote],
    fresh: Vote,
) -> bool:
    """Whether this approval would put a rule out of reach."""
    kept = without(votes, fresh.rule, {fresh.person, fresh.seat})
    content = (fresh.revision, fresh.digest)
    return bool(lost_by(voters, rules, votes, (*kept, fresh), content))
