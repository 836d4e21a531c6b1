"""The usual case of counting votes, at a fraction of its cost: different people who all approve."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from domain.approval.voting import MACHINE, Choice, OpenRule, Vote

People = Mapping[str, Collection[str]]
_STAGE = attrgetter("rule.stage")
_NOBODY: frozenset[str] = frozenset()


@dataclass(slots=True)
class Wanting:
    """A rule that is not met: who is named and has not approved, and how many others it lacks."""

    open_rule: OpenRule
    unnamed: frozenset[str]
    others: int


@dataclass(slots=True)
class Count:
    """What the votes amount to: the rules that are met, those that are not, and who approved."""

    done: set[str]
    wanting: list[Wanting]
    voters: set[str]


def plain_count(
    rules: Sequence[OpenRule],
    votes: Iterable[Vote],
    *,
    revision: int,
    digest: str,
    entitled: People,
    excluded: Collection[str],
) -> Count | None:
    """Count as `tally` does, or answer None where more than counting may be asked for.

    So it is once anybody rejects, abstains, takes a decision back, decides for another or under
    two rules, decides without a seat, or decides before the stage is open. Votes that are void
    for a reason of the caller's must not be among these.
    """
    given: dict[str, list[str]] = {each.rule.name: [] for each in rules}
    voters: set[str] = set()
    if len(given) != len(rules):
        return None
    for vote in votes:
        rule, person = vote.rule, vote.person
        if rule not in given or vote.revision != revision or vote.digest != digest:
            continue
        if person in voters or person in excluded or person not in entitled.get(rule, _NOBODY):
            return None
        if vote.choice is not Choice.APPROVE or vote.behalf or person.startswith(MACHINE):
            return None
        voters.add(person)
        given[rule].append(person)
    return _by_stage(rules, given, voters)


def _by_stage(
    rules: Sequence[OpenRule], given: Mapping[str, list[str]], voters: set[str]
) -> Count | None:
    """A stage opens when every rule of the earlier ones is met."""
    count = Count(set(), [], voters)
    stage, is_open = 0, True
    for each in sorted(rules, key=_STAGE):
        rule = each.rule
        if rule.stage != stage:
            stage, is_open = rule.stage, not count.wanting
        approved = given[rule.name]
        if approved and not is_open:
            return None
        unnamed, others = _NOBODY, each.needed - len(approved)
        if rule.mandatory:
            unnamed, others = _named(each, approved)
        if unnamed or others > 0:
            count.wanting.append(Wanting(each, unnamed, others))
        else:
            count.done.add(rule.name)
    return count


def _named(each: OpenRule, approved: Sequence[str]) -> tuple[frozenset[str], int]:
    """Who is named under a rule and has not approved, and how many others it lacks."""
    named = frozenset(each.rule.mandatory)
    unnamed = named.difference(approved)
    places = max(each.needed - len(named), 0)
    return unnamed, places - len(approved) + len(named) - len(unnamed)


def plainly_open(count: Count, entitled: People, excluded: Collection[str]) -> bool:
    """Whether those who have not decided yet surely suffice for whatever is not met.

    False only says that it takes a closer look. Nobody is taken twice over all distinct rules.
    """
    distinct = [each for each in count.wanting if each.open_rule.rule.distinct]
    others = [[each] for each in count.wanting if not each.open_rule.rule.distinct]
    return all(_enough(group, count.voters, entitled, excluded) for group in (distinct, *others))


def _enough(
    group: Sequence[Wanting], voters: set[str], entitled: People, excluded: Collection[str]
) -> bool:
    taken = voters.copy()
    for each in group:
        if each.unnamed:
            known = entitled.get(each.open_rule.rule.name, _NOBODY)
            if not taken.isdisjoint(each.unnamed) or any(
                person not in known or person in excluded or person.startswith(MACHINE)
                for person in each.unnamed
            ):
                return False
            taken |= each.unnamed
    for each in group:
        if each.others > 0 and not _filled(each, taken, entitled, excluded):
            return False
    return True


def _filled(each: Wanting, taken: set[str], entitled: People, excluded: Collection[str]) -> bool:
    """Take as many free people as the rule lacks; answers whether there are so many."""
    lacking, rule = each.others, each.open_rule.rule
    for person in entitled.get(rule.name, _NOBODY):
        if not (
            person in taken
            or person in excluded
            or person in rule.mandatory
            or person.startswith(MACHINE)
        ):
            taken.add(person)
            lacking -= 1
            if not lacking:
                return True
    return False
