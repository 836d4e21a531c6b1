"""The quick count of plain approvals never differs from the tally, whoever is who."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.approval.approval import Choice, OpenRule, Rule, Standings, Standpoint, Vote
from domain.approval.electorate import NAMED, Electorate
from domain.approval.plain import plain_count, plainly_open
from domain.grant.aggregate import Scope
from tests.domain import authority_strategies as some
from tests.domain.approval_examples import DIGEST, REVISION
from tests.domain.approval_reference import Case
from tests.domain.approval_strategies import cases, contests
from tests.domain.given import NOON, authority
from tests.domain.organisation import board, grant, person, revoked

NAMES = ("r0", "r1", "r2")
RARELY = st.sampled_from([False] * 7 + [True])
OFTEN = st.sampled_from([True] * 7 + [False])
ENOUGH = 40
"""How many of the random cases the quick count answers at the least."""

SEATED = board(some.KINDS[0], *some.PEOPLE)
GRANTED = [grant(each, some.ROLES[0], Scope.SERVICE, "any") for each in some.PEOPLE]
STEADY = (SEATED, *GRANTED, *map(person, some.PEOPLE))


def satisfied(standings: Standings) -> set[str]:
    return {s.rule.name for s in standings.rules if s.status is Standpoint.SATISFIED}


def undecided(standings: Standings) -> bool:
    open_still = (Standpoint.OPEN, Standpoint.WAITING, Standpoint.SATISFIED)
    return all(each.status in open_still for each in standings.rules)


def test_what_is_counted_plainly_is_what_the_tally_finds() -> None:
    answered: Counter[bool] = Counter()

    @given(cases() | contests())
    @settings(max_examples=400)
    def agrees(case: Case) -> None:
        votes = [vote for vote in case.votes if vote.id not in case.void]
        count = plain_count(
            case.rules,
            votes,
            revision=REVISION,
            digest=DIGEST,
            entitled=case.entitled,
            excluded=case.excluded,
        )
        if count is None:
            return
        told = Case(case.rules, tuple(votes), case.entitled, case.excluded).tally()
        assert count.done == satisfied(told)
        is_open = plainly_open(count, case.entitled, case.excluded)
        assert is_open <= undecided(told)
        answered[is_open] += 1

    agrees()
    assert answered[True] > ENOUGH
    assert answered[False]


@st.composite
def rules(draw: st.DrawFn, name: str) -> OpenRule:
    """A rule for a role, a board or people by name."""
    role, board = draw(
        st.sampled_from([(some.ROLES[0], None), (None, some.KINDS[0]), (None, None)])
    )
    rule = Rule(
        name,
        name,
        role=role,
        scope="service" if role and draw(st.booleans()) else None,
        board=board,
        people=tuple(draw(st.lists(some.people, max_size=2))) if role is board else (),
        mandatory=tuple(draw(st.lists(some.people, max_size=1))) if draw(RARELY) else (),
        stage=draw(st.sampled_from([1, 1, 2])),
        distinct=draw(st.sampled_from([True, True, False])),
    )
    return OpenRule(rule, draw(st.sampled_from([1, 1, 2])), 2)


@st.composite
def electorates(draw: st.DrawFn) -> Electorate:
    """People with linked accounts, grants that end, alternates, delegations and exclusions."""
    states: list[Any] = [
        *(each for each in STEADY if draw(OFTEN)),
        *draw(st.lists(some.accounts(), max_size=5)),
        *draw(st.lists(some.grants(), max_size=8)),
        *draw(st.lists(some.boards(), max_size=2)),
        *draw(st.lists(some.delegations(), max_size=2)),
    ]
    known = {(type(each), each.id): each for each in states}
    excluded = draw(st.frozensets(some.principals, max_size=1))
    scopes = {"service": frozenset(("api",))}
    return Electorate(authority(*known.values()), NOON, scopes, excluded)


@st.composite
def votes(draw: st.DrawFn, voters: Electorate, opened: list[OpenRule]) -> list[Vote]:
    """Mostly approvals by whoever is entitled, some by anybody and by whatever right."""
    found = []
    for number in range(draw(st.integers(0, 4))):
        rule = draw(st.sampled_from(opened)).rule
        entitled = list(voters.grants(rule).items())
        anybody = st.tuples(some.principals, st.sampled_from(["grant-1", "board-1.0", NAMED]))
        likely = st.sampled_from(entitled) if entitled else anybody
        who, grant = draw(likely | likely | anybody)
        behalf = draw(some.people) if draw(RARELY) else None
        choice = Choice.REJECT if draw(RARELY) else Choice.APPROVE
        found.append(
            Vote(who, rule.name, 1, DIGEST, choice, grant, draw(some.moments), behalf, f"v{number}")
        )
    return found


def test_an_electorate_counts_plainly_only_what_its_standings_say() -> None:
    answered: Counter[bool] = Counter()

    @given(st.data())
    @settings(max_examples=400)
    def agrees(data: st.DataObject) -> None:
        voters = data.draw(electorates())
        names = NAMES[: data.draw(st.integers(1, 3))]
        opened = [data.draw(rules(name)) for name in names]
        cast = data.draw(votes(voters, opened))
        told = voters.standings(opened, cast, revision=1, digest=DIGEST)
        assert voters.filled(opened, cast, revision=1, digest=DIGEST) == satisfied(told)
        done = voters.plainly(opened, cast, revision=1, digest=DIGEST)
        answered[done is not None] += 1
        if done is not None:
            assert done == satisfied(told)
            assert undecided(told)

    agrees()
    assert answered[True] > ENOUGH
    assert answered[False]


def test_without_rules_nothing_is_plainly_satisfied() -> None:
    voters = Electorate(authority(), NOON, {}, frozenset())
    assert voters.plainly((), (), revision=1, digest=DIGEST) is None


def test_an_approval_by_a_right_taken_away_counts_for_nobody_who_has_another() -> None:
    own, other = GRANTED[0], grant(some.PEOPLE[0], some.ROLES[1], None, "any")
    voters = Electorate(
        authority(*map(person, some.PEOPLE), own, revoked(other)),
        NOON,
        {"service": frozenset(("api",))},
        frozenset(),
    )
    opened = [OpenRule(Rule("r", "A rule", role=some.ROLES[0], scope="service"), 1, 1)]
    cast = [
        Vote(own.person, "r", 1, DIGEST, Choice.APPROVE, each.id, NOON) for each in (own, other)
    ]
    found = [voters.filled(opened, [one], revision=1, digest=DIGEST) for one in cast]
    assert found == [{"r"}, set()]
