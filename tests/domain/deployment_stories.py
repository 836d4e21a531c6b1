"""Stories of environments, packages and deployments up to the point where a test begins."""

from __future__ import annotations

from typing import Any

from domain.deployment.aggregate import AGGREGATE as DEPLOYMENT
from domain.deployment.state import Deployment, Wish
from domain.environment.aggregate import AGGREGATE as ENVIRONMENT
from domain.environment.state import Environment, Health, Plan
from domain.package import AGGREGATE as PACKAGE
from domain.package import Built, Component, Package
from tests.domain.given import NOON
from tests.domain.organisation import HOUR, MAX, OWEN, ROBOT, SERVICE, WORLD, Story

STAGING, PRODUCTION = "staging", "production"
PLANS = {
    STAGING: Plan("staging", "hosted", 1),
    PRODUCTION: Plan("production", "hosted", 2, dwell_hours=2, cover=()),
}
NONE_NEEDED = "None."


def environment(
    name: str = PRODUCTION, health: Health | None = Health.HEALTHY, plan: Plan | None = None
) -> Environment:
    """An environment that a monitor has just called well."""
    story = Story(ENVIRONMENT, WORLD, subject=name.ljust(32, "0"), at=NOON - HOUR)
    story.ask(OWEN, "define", name=name, plan=plan or PLANS[name])
    if story.state.proposal is not None:
        story.ask(MAX, "confirm")
    if health is not None:
        story.at = NOON
        story.ask(ROBOT, "report", health=health)
    return story.state  # type: ignore[no-any-return]


def package(label: str = "1.0", subject: str = "a" * 32, *others: Any) -> Package:
    """A package that a program built."""
    story = Story(PACKAGE, (*WORLD, *others), subject=subject, at=NOON - HOUR)
    built = Built(
        "ledger",
        label,
        SERVICE,
        "1" * 40,
        f"sha256:{'0' * 64}",
        (Component("core", label), Component("web", "7")),
    )
    story.ask(ROBOT, "add", built=built)
    return story.state  # type: ignore[no-any-return]


def wish(where: str = PRODUCTION, what: str = "a" * 32, **more: Any) -> Wish:
    """What a request says."""
    return Wish(what, where, NONE_NEEDED, **{"contents": "Two fixes.", **more})


def requested(where: str = STAGING, *others: Any, subject: str = "d" * 32, **more: Any) -> Story:
    """A deployment that somebody asked for, with what stands around it."""
    world = (*WORLD, environment(where), package(), *others)
    story = Story(DEPLOYMENT, world, subject=subject, at=NOON)
    story.ask(OWEN, "request", wish=wish(where, **more))
    return story


def succeeded(where: str = STAGING, *others: Any, **more: Any) -> Story:
    """A deployment that stands there."""
    story = requested(where, *others, **more)
    story.ask(ROBOT, "start")
    story.ask(ROBOT, "succeed")
    return story


def stood() -> Deployment:
    """The package's deployment to staging."""
    return succeeded(STAGING, subject="5" * 32).state  # type: ignore[no-any-return]
