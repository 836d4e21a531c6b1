"""Short ways to write rules and votes, and random ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from domain.approval.approval import (
    Choice,
    OpenRule,
    Quorum,
    Rule,
    Standings,
    Vote,
    open_rules,
    tally,
)

AT = datetime(2026, 3, 3, 14, 5, tzinfo=UTC)
REVISION = 2
DIGEST = "sha256:aa"

ANN, BOB, CAT, DAN, EVE, FAY = (
    f"user:{name}" for name in ("ann", "bob", "cat", "dan", "eve", "fay")
)


def vote(
    person: str,
    rule: str,
    choice: Choice = Choice.APPROVE,
    *,
    behalf: str | None = None,
    revision: int = REVISION,
    digest: str = DIGEST,
) -> Vote:
    """A vote on the revision and digest at hand, with an id made of its words."""
    words = [person, rule, choice.value, str(revision), digest, behalf or ""]
    return Vote(person, rule, revision, digest, choice, "grant:1", AT, behalf, "/".join(words))


def rule(
    name: str,
    number: int = 1,
    quorum: Quorum = Quorum.COUNT,
    *,
    mandatory: tuple[str, ...] = (),
    veto: bool = False,
    stage: int = 1,
    distinct: bool = True,
) -> Rule:
    """A rule whose title is its name."""
    return Rule(
        name,
        name.title(),
        quorum=quorum,
        number=number,
        mandatory=mandatory,
        veto=veto,
        stage=stage,
        distinct=distinct,
    )


def count(
    rules: Rule | Sequence[Rule],
    votes: Sequence[Vote],
    entitled: Mapping[str, Sequence[str]],
    *,
    excluded: Sequence[str] = (),
    void: Mapping[str, str] | None = None,
    lapsed: Sequence[str] = (),
    opened: Sequence[OpenRule] | None = None,
) -> Standings:
    """Open the rules for these people and count the votes on the revision at hand."""
    people = {name: frozenset(members) for name, members in entitled.items()}
    chosen = [rules] if isinstance(rules, Rule) else rules
    return tally(
        opened or open_rules(chosen, people, frozenset(excluded)),
        votes,
        revision=REVISION,
        digest=DIGEST,
        entitled=people,
        excluded=frozenset(excluded),
        void=void or {},
        lapsed=frozenset(lapsed),
    )


def reasons(standings: Standings, name: str) -> list[tuple[str, str]]:
    """Who cast the votes on a rule that do not count, and why not."""
    return [(each.vote.person, str(each.reason)) for each in standings.of(name).void]


def counted(standings: Standings, name: str) -> list[str]:
    """Whose votes fill a rule, in the order of their names."""
    return sorted(each.person for each in standings.of(name).counted)
