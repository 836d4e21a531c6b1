"""Random approval cases: people, rules, exclusions, delegations and votes."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from domain.approval.approval import Choice, OpenRule, Quorum, Rule, Vote, open_rules
from tests.domain.approval_examples import AT, DIGEST, REVISION
from tests.domain.approval_reference import Case

MACHINE = "bot:ci"


@st.composite
def rules(draw: st.DrawFn, people: list[str], most: int = 4) -> tuple[Rule, ...]:
    """Up to `most` rules of every quorum, in one or two stages, most of them distinct."""
    drawn = []
    for number in range(draw(st.integers(0, most))):
        quorum = draw(st.sampled_from(Quorum))
        drawn.append(
            Rule(
                f"r{number}",
                f"Rule {number}",
                quorum=quorum,
                number=draw(st.integers(1, 100 if quorum is Quorum.PERCENT else 3)),
                mandatory=tuple(draw(st.lists(st.sampled_from(people), max_size=2)))
                if draw(st.integers(0, 3)) == 0
                else (),
                veto=draw(st.integers(0, 3)) == 0,
                stage=draw(st.sampled_from([1, 1, 2])),
                distinct=draw(st.sampled_from([True, True, False])),
            )
        )
    return tuple(drawn)


@st.composite
def cases(draw: st.DrawFn, most_people: int = 8, most_votes: int = 10) -> Case:
    """A case with votes of every kind, valid or not."""
    people = [f"user:{n}" for n in range(draw(st.integers(1, most_people)))]
    some = st.frozensets(st.sampled_from([*people, MACHINE]))
    demanded = draw(rules(people))
    entitled = {rule.name: draw(some) for rule in demanded}
    excluded = draw(st.frozensets(st.sampled_from(people), max_size=2))
    opened = open_rules(demanded, entitled, excluded)
    left = {
        name: members - draw(st.frozensets(st.sampled_from(people), max_size=1))
        for name, members in entitled.items()
    }
    votes = tuple(draw(_vote(people, opened, n)) for n in range(draw(st.integers(0, most_votes))))
    ids = st.frozensets(st.sampled_from([vote.id for vote in votes]), max_size=2)
    void = draw(ids) if votes else frozenset()
    lapsed = draw(ids) if votes else frozenset()
    return Case(opened, votes, left, excluded, dict.fromkeys(void, "suspended"), lapsed)


@st.composite
def contests(draw: st.DrawFn, most_people: int = 8, most_votes: int = 8) -> Case:
    """A case in which distinct rules compete for people who have mostly approved."""
    people = [f"user:{n}" for n in range(draw(st.integers(2, most_people)))]
    absent = st.frozensets(st.sampled_from(people), max_size=len(people) - 1)
    kinds = draw(st.lists(st.tuples(st.integers(1, 2), st.integers(0, 9)), min_size=2, max_size=4))
    demanded = tuple(
        Rule(
            f"r{index}",
            f"Rule {index}",
            number=number,
            mandatory=(draw(st.sampled_from(people)),) if oddity == 1 else (),
            veto=oddity == 2,
            stage=2 if oddity in {3, 4} else 1,
            distinct=oddity != 5,
        )
        for index, (number, oddity) in enumerate(kinds)
    )
    entitled = {each.name: frozenset(people) - draw(absent) for each in demanded}
    opened = open_rules(demanded, entitled, frozenset())
    likely = st.sampled_from([Choice.APPROVE] * 12 + [Choice.REJECT, Choice.ABSTAIN])
    votes = draw(
        st.lists(
            st.builds(
                Vote,
                person=st.sampled_from(people),
                rule=st.sampled_from([each.name for each in demanded]),
                revision=st.just(REVISION),
                digest=st.just(DIGEST),
                choice=likely,
                grant=st.just("grant:1"),
                at=st.just(AT),
                behalf=st.sampled_from([None] * 8 + people[:2]),
            ),
            max_size=most_votes,
        )
    )
    numbered = tuple(replace(vote, id=f"v{number}") for number, vote in enumerate(votes))
    return Case(opened, numbered, entitled)


@st.composite
def _vote(draw: st.DrawFn, people: list[str], opened: tuple[OpenRule, ...], number: int) -> Vote:
    names = [each.rule.name for each in opened] or ["unknown"]
    likely = st.sampled_from([Choice.APPROVE] * 6 + list(Choice))
    return Vote(
        draw(st.sampled_from([*people, *people, *people, MACHINE])),
        draw(st.sampled_from(names)),
        draw(st.sampled_from([REVISION] * 9 + [REVISION - 1])),
        draw(st.sampled_from([DIGEST] * 9 + ["sha256:bb"])),
        draw(likely),
        "grant:1",
        AT,
        draw(st.sampled_from([None, None, None, *people])),
        f"v{number}",
    )
