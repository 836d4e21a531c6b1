"""Packages: what was built, by whom, of what; nothing else is deployed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, Final

from domain.askers import check_claim
from domain.environment.state import Environment
from domain.kernel import (
    Aggregate,
    Command,
    Context,
    Problems,
    Recorded,
    Scopes,
    Text,
    Then,
    moved,
)
from domain.package_state import Built, Component, Package
from domain.reinstating import (
    Reinstated,
    ReinstatementRequested,
    alike,
    ask_to_reinstate,
    asked_back,
    reinstate,
    reinstate_along,
    reinstated,
)
from domain.wording import NOTE, check_commit, check_given, check_name

__all__ = [
    "AGGREGATE",
    "MOST_COMPONENTS",
    "Added",
    "Built",
    "Claimed",
    "Component",
    "Condemned",
    "Package",
    "changed",
    "check_built",
    "evolve",
    "package_id",
]

MOST_COMPONENTS: Final = 100
"""How many components a package may name."""
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")


# Events.


@dataclass(frozen=True, slots=True)
class Added:
    """A package was built here (S0-10, S4-25)."""

    built: Built


@dataclass(frozen=True, slots=True)
class Claimed:
    """An importer said that a package was built elsewhere."""

    built: Built


@dataclass(frozen=True, slots=True)
class Condemned:
    """A package turned out to be bad: it is not deployed any more."""

    reason: Text


def evolve(state: Package | None, recorded: Recorded) -> Package:
    """Fold one event; TypeError for one that is none of a package's, or not its first."""
    event = recorded.event
    if isinstance(event, Added | Claimed):
        return _added(event.built, recorded, claimed=isinstance(event, Claimed))
    if state is None or type(event) not in _FOLDS:
        raise TypeError(f"{type(event).__name__} does not belong here")
    return moved(state, recorded, **_FOLDS[type(event)](event, recorded))


def _condemned(event: Condemned, recorded: Recorded) -> dict[str, Any]:
    bad = {"condemned": True, "condemned_by": recorded.by, "condemned_because": event.reason}
    return {**bad, "reinstatement": None}


_FOLDS: Final[Mapping[type, Callable[[Any, Recorded], dict[str, Any]]]] = {
    Condemned: _condemned,
    ReinstatementRequested: asked_back,
    Reinstated: reinstated,
}


def _added(built: Built, recorded: Recorded, *, claimed: bool) -> Package:
    return Package(
        id=recorded.subject,
        version=recorded.version,
        name=built.name,
        label=built.label,
        service=built.service,
        commit=built.commit,
        digest=built.digest,
        components=built.components,
        built_by=recorded.by,
        built_at=recorded.happened or recorded.at,
        claimed=claimed,
    )


# Commands.


def add(_state: None, context: Context, *, built: Annotated[Built, "What was built."]) -> list[Any]:
    """Add a package that was built; environments that take it by themselves get their request."""
    problems = Problems()
    check_claim(problems, context)
    problems.unless(built.digest, "digest_unusable", "Give its digest.", "built", "digest")
    check_built(problems, built)
    _check_known(problems, context, built)
    bad = any(each.condemned for each in alike(context.records, built.digest, built.service))
    message = "What has this digest was condemned, by whatever name."
    problems.unless(not bad, "package_condemned", message, "built", "digest")
    problems.settle()
    known = context.records.find(Environment, retired=False)
    waiting = [each.name for each in known if built.name in each.plan.automatic]
    return [Added(built), *(_request(context.subject, built, each) for each in waiting)]


def _request(package: str, built: Built, environment: str) -> Then:
    """The request for an environment that takes such packages by themselves (S3-13, S4-25)."""
    subject = sha256(f"{package}\n{environment}".encode()).hexdigest()[:32]
    given = {"package": package, "environment": environment}
    told = {"service": built.service, "label": built.label}
    return Then("deployment.request_automatically", subject, {**given, **told})


def claim(
    _state: None, context: Context, *, built: Annotated[Built, "What was built elsewhere."]
) -> list[Any]:
    """Record that somebody else's records tell of a package."""
    problems = Problems()
    claimed = context.claimed and context.happened is not None
    message = "Ask for it as a claim, with the time at which it was built."
    problems.unless(claimed, "not_a_claim", message)
    own = context.subject == package_id(built.name, built.label)
    problems.unless(own, "other_subject", "The id is that of the name and label.")
    check_built(problems, built)
    _check_known(problems, context, built)
    problems.settle()
    return [Claimed(built)]


def condemn(
    state: Package, context: Context, *, reason: Annotated[Text, "What is wrong with it."]
) -> list[Any]:
    """Have it deployed nowhere any more, nor what has its digest under another name.

    That goes for its service alone: what has its digest in another, people there condemn. Said once
    more while somebody asks to take it back, it ends that.
    """
    problems = Problems()
    check_claim(problems, context)
    same = alike(context.records, state.digest, state.service)
    waits = state.waiting or any(each.waiting for each in same)
    fresh = waits or not state.condemned
    problems.unless(fresh, "package_condemned", "It is condemned already.")
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    others = sorted(e.id for e in same if e.id != state.id and (e.waiting or not e.condemned))
    return [
        Condemned(reason),
        *(Then("package.condemn_along", e, {"reason": reason}) for e in others),
    ]


def condemn_along(_state: Package, _context: Context, *, reason: Text) -> list[Any]:
    """Condemn what has the digest of something that was condemned: they are the same bytes."""
    return [Condemned(reason)]


def package_id(name: str, label: str) -> str:
    """The id of the package that these name, so that it cannot be claimed twice."""
    return sha256(f"{name}\n{label}".encode()).hexdigest()[:32]


def check_built(problems: Problems, built: Built) -> None:
    """Note everything about what was built that keeps it from being recorded."""
    for name in ("name", "label", "service"):
        check_name(problems, getattr(built, name), "built", name)
    check_commit(problems, built.commit, "built", "commit")
    good = built.digest is None or _DIGEST.fullmatch(built.digest)
    message = "A digest is sha256: and 64 hexadecimal digits, in lower case."
    problems.unless(good, "digest_unusable", message, "built", "digest")
    names = [each.name for each in built.components]
    problems.unless(len(names) <= MOST_COMPONENTS, "too_many", f"At most {MOST_COMPONENTS}.")
    once = len(set(names)) == len(names)
    problems.unless(once, "named_twice", "A component stands twice.", "built", "components")
    for at, each in enumerate(built.components):
        for part in ("name", "label"):
            check_name(problems, getattr(each, part), "built", "components", str(at), part)


def _check_known(problems: Problems, context: Context, built: Built) -> None:
    same = context.records.find(Package, name=built.name, label=built.label)
    taken = any(not each.claimed or context.claimed for each in same)
    problems.unless(not taken, "package_known", "There is such a package.", "built", "label")


def changed(before: Package, after: Package) -> tuple[str, ...]:
    """The names of the components in which two packages differ, in order."""
    one, other = ({each.name: each.label for each in p.components} for p in (before, after))
    return tuple(sorted(name for name in one.keys() | other if one.get(name) != other.get(name)))


def _scopes(state: Package | None, _command: str, arguments: Mapping[str, Any]) -> Scopes:
    built = arguments.get("built")
    service = state.service if state else built.service if built else None
    return {"service": frozenset((service,) if service else ())}


AGGREGATE: Final = Aggregate(
    "package",
    Package,
    events=(Added, Claimed, *_FOLDS),
    evolve=evolve,
    commands=(
        Command(add),
        Command(claim, operator=True),
        Command(condemn),
        Command(condemn_along, internal=True),
        Command(ask_to_reinstate),
        Command(reinstate, deciding=True),
        Command(reinstate_along, internal=True),
    ),
    scopes=_scopes,
    columns={"waiting": (bool, lambda state: state.waiting)},
    indexed=("name", "label", "service", "commit", "digest", "waiting"),
    fold=2,
)
