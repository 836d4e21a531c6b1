"""Which rules wait for somebody who may decide under them now."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from domain.approval.apart import elsewhere
from domain.approval.approval import Choice, OpenRule, Vote, progress
from domain.approval.electorate import Electorate
from domain.approval.reach import keeps_out
from domain.inbox import stage_waits
from domain.kernel import Problems


def waiting(
    voters: Electorate,
    rules: Sequence[OpenRule],
    votes: Sequence[Vote],
    content: tuple[int, str],
    by: str,
    *,
    behalf: str | None,
) -> tuple[str, ...]:
    """The rules that still wait for whoever asks, or for whom they act, and let them decide.

    `content` is the revision and its digest. What they decided already waits for them no more, nor
    what they may not approve, as they are needed in their own place.
    """
    seat, rules = behalf or by, voters.present(rules)
    mine = [each.rule for each in rules if seat in voters.grants(each.rule)]
    if not mine or not voters.excluded.isdisjoint((by, seat)):
        return ()
    cast = [each for each in votes if (each.revision, each.digest) == content]
    done, undecided = _progress(voters, rules, votes, content)
    found = []
    for rule in mine:
        problems = Problems()
        right = voters.right(problems, by, rule, behalf)
        stands = rule.name not in done and not stage_waits(rules, done, rule)
        place = voters.places().place(seat, right.grant)
        same = [each for each in cast if each.rule == rule.name]
        free = elsewhere(voters, same, by, seat, right.grant) is None
        if stands and free and not problems and place in undecided(rule.name):
            told = (by, rule.name, *content, Choice.APPROVE, right.grant, voters.at, behalf)
            apart = behalf is None and len(mine) == 1
            if apart or not keeps_out(voters, rules, votes, Vote(*told)):
                found.append(rule.name)
    return tuple(found)


def _progress(
    voters: Electorate, rules: Sequence[OpenRule], votes: Sequence[Vote], content: tuple[int, str]
) -> tuple[frozenset[str], Callable[[str], Collection[str]]]:
    """The rules that are satisfied, and whose places may still decide under a rule."""
    if plain := voters.counted(rules, votes, *content):
        count, entitled, excluded = plain
        cast = [each for each in votes if (each.revision, each.digest) == content]

        def plainly(rule: str) -> frozenset[str]:
            decided = {vote.person for vote in cast if vote.rule == rule}
            return frozenset(entitled[rule]) - decided - frozenset(excluded)

        return frozenset(count.done), plainly
    places, _, judged = voters.judged(rules, votes)
    counted = [places.vote(vote) for vote in votes]
    free, done = progress([places.rule(each) for each in rules], counted, content, **judged)
    return done, free.__getitem__
