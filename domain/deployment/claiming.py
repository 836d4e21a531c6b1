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
    check_name(problems, environment, "environment")
    known = context.records.get(Package, package)
    problems.unless(known, "unknown_package", "There is no such package.", "package")
    _check_moves(problems, moves)
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


def _check_moves(problems: Problems, moves: tuple[Move, ...]) -> None:
    problems.unless(len(moves) <= MOST_MOVES, "too_many", f"At most {MOST_MOVES}.", "moves")
    for at, each in enumerate(moves):
        path = ("moves", str(at))
        for word in filter(None, (each.component, each.before, each.after)):
            check_name(problems, word, *path)
        few = len(each.waits) <= MOST_WAITS
        problems.unless(few, "too_many", f"At most {MOST_WAITS}.", *path, "waits")
        message = "Nothing is deployed before it was merged."
        problems.unless(min(each.waits, default=0) >= 0, "out_of_range", message, *path, "waits")
