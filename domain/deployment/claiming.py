"""Deployments that took place elsewhere, as an importer claims them; no gate ever counts them."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Any, Final

from domain.deployment.events import Claimed
from domain.deployment.state import Move
from domain.kernel import Context, Problems
from domain.package import Package
from domain.wording import check_name

MOST_MOVES: Final = 40
"""How many components one deployment may be told to have moved."""
MOST_WAITS: Final = 500
"""How many merges one move may be told to have brought."""
LONGEST_WAIT: Final = 2**31 - 1
"""For how many seconds a merge may be told to have waited: 68 years."""


def claim(
    _state: None,
    context: Context,
    *,
    environment: Annotated[str, "The environment, by its name there."],
    package: Annotated[str, "The package, which was claimed before."],
    moves: Annotated[tuple[Move, ...], "What it did to which components."] = (),
) -> list[Any]:
    """Record that somebody else's records tell of a deployment; the same one is claimed once."""
    problems = Problems()
    _check_claim(problems, context, environment, package)
    known = context.records.get(Package, package)
    problems.unless(known, "unknown_package", "There is no such package.", "package")
    check_told(problems, environment, moves)
    problems.settle()
    label, service = (known.label, known.service) if known else ("", "")
    return [Claimed(environment, package, label, service, moves)]


def deployment_id(environment: str, package: str, happened: str) -> str:
    """The id of the deployment of a package to an environment at that time, in ISO 8601."""
    return sha256(f"{environment}\n{package}\n{happened}".encode()).hexdigest()[:32]


def _check_claim(problems: Problems, context: Context, environment: str, package: str) -> None:
    happened = context.happened
    message = "Ask for it as a claim, with the time at which it took place."
    problems.unless(context.claimed and happened is not None, "not_a_claim", message)
    if happened is not None:
        past = happened <= context.at
        problems.unless(past, "still_to_come", "This is to happen later than now.")
        own = context.subject == deployment_id(environment, package, happened.isoformat())
        message = "The id is that of environment, package and time."
        problems.unless(own, "other_subject", message)


def check_told(problems: Problems, environment: str, moves: tuple[Move, ...]) -> None:
    """Note everything about where and what was moved that keeps it from being recorded."""
    check_name(problems, environment, "environment")
    problems.unless(len(moves) <= MOST_MOVES, "too_many", f"At most {MOST_MOVES}.", "moves")
    for at, each in enumerate(moves):
        path = ("moves", str(at))
        _check_names(
            problems, *path, component=each.component, before=each.before, after=each.after
        )
        few = len(each.waits) <= MOST_WAITS
        problems.unless(few, "too_many", f"At most {MOST_WAITS}.", *path, "waits")
        likely = all(0 <= seconds <= LONGEST_WAIT for seconds in each.waits)
        message = f"A merge waits 0 to {LONGEST_WAIT} seconds: none goes out before it is merged."
        problems.unless(likely, "out_of_range", message, *path, "waits")


def _check_names(problems: Problems, *path: str, **words: str | None) -> None:
    for field, word in words.items():
        if word:
            check_name(problems, word, *path, field)
