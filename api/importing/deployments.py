"""A line of a file of deployments into two claims: of the package, and of where it was deployed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import select

from api.context import new_id
from api.importing.claiming import Fate, Outcome, Unrecorded, unrecorded
from api.importing.lines import Line
from api.importing.rows import Field, line, listed, moment, read_fields, read_object, typed, whole
from domain.deployment.claiming import MOST_MOVES, MOST_WAITS, check_told, deployment_id
from domain.deployment.state import Deployment, Direction, Move
from domain.kernel import OPERATOR, Problem, Problems, Refusal, refusal
from domain.package import Built, Component, Package, check_built, package_id
from ledger.request import Answer, Request, Status
from ledger.store import Reader
from ledger.writer import Writer

ACTIONS: Final = ("package.claim", "deployment.claim")


@dataclass(frozen=True, slots=True)
class Told:
    """What one line tells: a package, when it was built, and when it was deployed where."""

    line: int
    built: Built
    built_at: datetime
    environment: str
    deployed_at: datetime
    moves: tuple[Move, ...]

    @property
    def package(self) -> str:
        """The id of the package."""
        return package_id(self.built.name, self.built.label)

    @property
    def deployment(self) -> str:
        """The id of the deployment."""
        return deployment_id(self.environment, self.package, self.deployed_at.isoformat())


def _object(value: Any, problems: Problems, *path: str) -> Any:
    return typed(value, dict, "an object", problems, *path)


def _components(value: Any, problems: Problems, *path: str) -> Any:
    """The label of each component, in the order of their names."""
    if _object(value, problems, *path) is None:
        return ()
    told = [
        (line(name, problems, *path), line(value[name], problems, *path, name)) for name in value
    ]
    return tuple(Component(*each) for each in sorted(each for each in told if None not in each))


def _moves(value: Any, problems: Problems, *path: str) -> Any:
    return listed(value, _move, ("moves", MOST_MOVES), problems, *path) or ()


def _move(value: Any, problems: Problems, *path: str) -> Any:
    if _object(value, problems, *path) is None:
        return None
    return Move(**read_fields(MOVE, value, problems, *path))


def _direction(value: Any, problems: Problems, *path: str) -> Any:
    known = isinstance(value, str) and value in set(Direction)
    ways = ", ".join(f"`{each}`" for each in Direction)
    problems.unless(known, "wrong_type", f"This is one of {ways}.", *path)
    return Direction(value) if known else None


def _waits(value: Any, problems: Problems, *path: str) -> Any:
    return listed(value, whole, ("whole numbers", MOST_WAITS), problems, *path) or ()


MOVE: Final = (
    Field("component", "component", line),
    Field("before", "before", line, nullable=True),
    Field("after", "after", line),
    Field("direction", "direction", _direction),
    Field("waits", "waits", _waits, default=()),
)
DEPLOYED: Final = (
    Field("environment", "environment", line),
    Field("service", "service", line),
    Field("name", "name", line),
    Field("label", "label", line),
    Field("commit", "commit", line),
    Field("built_at", "built_at", moment),
    Field("deployed_at", "deployed_at", moment),
    Field("components", "components", _components, default=()),
    Field("moves", "moves", _moves, default=()),
)
"""What is read of a row; other fields are passed over."""


def read_told(number: int, content: bytes) -> Told:
    """What a line tells; raises Refusal with every problem of its fields.

    What the domain refuses is refused here too, before anything of the line is asked for.
    """
    problems = Problems()
    row = read_fields(DEPLOYED, read_object(content), problems)
    problems.settle()
    of_package = (row["service"], row["commit"], None, row["components"])
    built = Built(row["name"], row["label"], *of_package)
    told = Told(
        number, built, row["built_at"], row["environment"], row["deployed_at"], row["moves"]
    )
    _check(told)
    return told


def _check(told: Told) -> None:
    """Refuse what the domain would, named as the row names what it is about."""
    about = Problems()
    check_built(about, told.built)
    problems = Problems(Problem(each.code, each.message, _placed(each, told)) for each in about)
    check_told(problems, told.environment, told.moves)
    message = "Nothing is deployed before it was built."
    early = told.deployed_at < told.built_at
    problems.unless(not early, "deployed_before_built", message, "deployed_at")
    problems.settle()


def _placed(problem: Problem, told: Told) -> tuple[str, ...]:
    """Where in the row this problem of a package is: there each component goes by its name."""
    first, *rest = problem.path[1:] or ("components",)
    named = [told.built.components[int(rest[0])].name] if rest else []
    return (first, *named)


def read_line(found: Line) -> Told | Outcome:
    """What a line tells, or why it is bad."""
    try:
        if found.content is None:
            raise refusal("line_too_long", "The line is longer than 256 KiB.")
        return read_told(found.number, found.content)
    except Refusal as refused:
        return Outcome(found.number, Fate.BAD, refused.problems)


@dataclass(slots=True)
class DeploymentImporter:
    """Claims packages and deployments in the name of `by`, the operator or an importer."""

    reader: Reader
    writer: Writer
    by: str

    def settle_lines(self, batch: Sequence[Told | Outcome]) -> Iterator[Outcome]:
        """What becomes of each line of a batch, in their order; the bad ones stay so."""
        outcomes = self.settle([each for each in batch if isinstance(each, Told)])
        for each in batch:
            yield each if isinstance(each, Outcome) else next(outcomes)

    def settle(self, told: Sequence[Told]) -> Iterator[Outcome]:
        """What becomes of each line: both claims, or neither where one says something else.

        Raises Unrecorded when the log takes nothing more, with a part of the batch recorded.
        """
        packages = self._states(Package, [each.package for each in told])
        fresh = {each.package: each for each in reversed(told) if each.package not in packages}
        asked = dict(
            zip(fresh, self.writer.run([*map(self._package, fresh.values())]), strict=True)
        )
        packages = self._states(Package, [each.package for each in told])
        good = [each for each in told if _same(each, packages.get(each.package))]
        known = self._states(Deployment, [each.deployment for each in good])
        new = [each for each in good if each.deployment not in known]
        answers = self.writer.run([self._deployment(each) for each in new])
        made = {each.line: answer for each, answer in zip(new, answers, strict=True)}
        for each in told:
            yield self._outcome(each, asked.get(each.package), packages, made.get(each.line), known)

    def _outcome(
        self,
        told: Told,
        packaged: Answer | None,
        packages: dict[str, Any],
        made: Answer | None,
        known: dict[str, Any],
    ) -> Outcome:
        package = packages.get(told.package)
        if package is None and packaged is not None:
            return _answered(told, packaged)
        if not _same(told, package):
            return _differs(told)
        if made is not None and "already_exists" not in [each.code for each in made.problems]:
            return _answered(told, made)
        there = known.get(told.deployment) or self._states(Deployment, [told.deployment]).get(
            told.deployment
        )
        same = there is not None and there.moves == told.moves
        return Outcome(told.line, Fate.KNOWN) if same else _differs(told)

    def _package(self, told: Told) -> Request:
        arguments = {"built": told.built}
        return self._request(ACTIONS[0], told.package, told.built_at, arguments)

    def _deployment(self, told: Told) -> Request:
        arguments = {
            "environment": told.environment,
            "package": told.package,
            "moves": told.moves,
        }
        return self._request(ACTIONS[1], told.deployment, told.deployed_at, arguments)

    def _request(self, action: str, subject: str, at: datetime, arguments: Any) -> Request:
        return Request(
            id=new_id(),
            action=action,
            subject=subject,
            arguments=msgspec.json.encode(arguments),
            by=self.by,
            credential=OPERATOR,  # in whoever's name, it is asked for at the machine itself
            claimed=True,
            happened=at,
        )

    def _states(self, state: type[Any], ids: Sequence[str]) -> dict[str, Any]:
        if not ids:
            return {}
        table = self.reader.snapshot(state)
        statement = select(*self.reader.columns(state)).where(table.c.id.in_(set(ids)))
        with self.reader.connection() as connection:
            rows = connection.execute(statement).all()
        found = [self.reader.state_of(state, row) for row in rows]
        return {each.id: each for each in found}


def _same(told: Told, package: Package | None) -> bool:
    """Whether the package on record is what the line tells of."""
    if package is None:
        return False
    built = told.built
    one = (built.service, built.commit, built.components, told.built_at)
    return package.claimed and one == (
        package.service,
        package.commit,
        package.components,
        package.built_at,
    )


def _differs(told: Told) -> Outcome:
    message = "This is recorded already, and told differently here."
    return Outcome(told.line, Fate.BAD, (Problem("claimed_differently", message),))


def _answered(told: Told, answer: Answer) -> Outcome:
    if answer.status is Status.DONE:
        return Outcome(told.line, Fate.ADDED)
    if unrecorded(answer):
        raise Unrecorded(told.line, answer.problems[0])
    return Outcome(told.line, Fate.BAD, answer.problems)
