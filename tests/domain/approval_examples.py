"""Short ways to write rules and votes, and random ones."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.approval import Choice, Rule, Vote

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


def rule(name: str, number: int = 1, **more: object) -> Rule:
    """A rule whose title nobody reads."""
    return Rule(name, name.title(), number=number, **more)  # type: ignore[arg-type]
