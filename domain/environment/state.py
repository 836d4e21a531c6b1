"""An environment as it stands: its place in promotion, its health, and what blocks it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final

from domain.kernel import Internal, Text

SILENCE: Final = timedelta(minutes=15)
"""For so long at least nobody gives up a monitor."""


class Health(StrEnum):
    """How well an environment is, as a monitor reports it."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"


class Cover(StrEnum):
    """What may stand for something that goes to an environment, so that no one word is enough.

    CHANGE: a change of its service, approved for this environment, that may be carried out now; of
    one that is tied to commits or merge requests, only what was built of these.
    RELEASE: a release that is made of it and goes there, and lets it by its own matrix.
    CHECKS: reports that the environment's `checks` of its commit passed.
    """

    CHANGE = "change"
    RELEASE = "release"
    CHECKS = "checks"


@dataclass(frozen=True, slots=True)
class Check:
    """A check of a commit that stands for what was built from it, once it passed."""

    name: Annotated[str, "What is checked, by the name evidence has."]
    project: Annotated[str, "The project whose evidence counts."]
    service: Annotated[str | None, "The service it is asked of; left out, of all."] = None
    role: Annotated[str, "The role for that project whose holders' word counts."] = "role:ci_bot"


@dataclass(frozen=True, slots=True)
class Plan:
    """What an environment is: defined and edited as a whole.

    A package is promoted along its line, from every environment with the next lower order.
    """

    kind: Annotated[str, "What kind it is of, such as production."]
    line: Annotated[str, "The line of environments that packages are promoted along."]
    order: Annotated[int, "Its place in the line; lower ones come first."]
    stale_minutes: Annotated[int, "After so many minutes a report of its health is stale."] = 15
    dwell_hours: Annotated[int, "So long a package stands where it is promoted from."] = 0
    automatic: Annotated[
        tuple[str, ...], "Packages of these names are requested for it when they are built."
    ] = ()
    needs_window: Annotated[bool, "Whether a deployment needs a maintenance window."] = False
    cover: Annotated[
        tuple[Cover, ...] | None,
        "What has to cover whatever goes there, any one of these; none of them where it is empty. "
        "Left out it stays as it was: at first CHANGE or RELEASE for the kind production.",
    ] = None
    checks: Annotated[tuple[Check, ...], "What has to have passed where CHECKS cover."] = ()
    cover_overridable: Annotated[
        bool, "Whether two people may let something go there that nothing covers."
    ] = False
    tied: Annotated[
        bool | None,
        "Whether a change covers only what was built of a commit that it is tied to, and nothing "
        "where it is tied to no commit and no merge request. Left out it stays as it was: at first "
        "so for the kind production.",
    ] = None


def follows(later: Plan, earlier: Plan) -> bool:
    """Whether what stands in the earlier one may go on to the later one of its line."""
    return later.line == earlier.line and later.order > earlier.order


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an environment is to be, which asks less of what goes there: it takes a second person.

    The plan in force stays so until then.
    """

    by: str
    at: datetime
    plan: Plan
    grant: Annotated[Internal[str | None], "By what right that was asked for."] = None
    other_grants: Annotated[Internal[tuple[str, ...]], "By what else it might have been."] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The newest word of one monitor."""

    reporter: str
    health: Health
    measured_at: datetime
    as_of: Internal[int] = 0  # the environment's version since which it has said the same

    def silent(self, plan: Plan, at: datetime) -> bool:
        """Whether it has told nothing for so long that it may be given up.

        Whatever the plan says by now: what makes news stale sooner must not get rid of bad news.
        """
        return self.measured_at + max(timedelta(minutes=plan.stale_minutes), SILENCE) <= at


@dataclass(frozen=True, slots=True)
class Stop:
    """Somebody stopped the line: nothing is deployed until two people have released it."""

    by: str
    at: datetime
    reason: Text


@dataclass(frozen=True, slots=True)
class Resuming:
    """Somebody asks to release the line; it takes another person's word."""

    by: str
    at: datetime
    reason: Text
    grant: Annotated[Internal[str | None], "By what right that was asked for."] = None
    other_grants: Annotated[Internal[tuple[str, ...]], "By what else it might have been."] = ()


@dataclass(frozen=True, slots=True)
class Unblocking:
    """Somebody asks to take away what another raised; it takes a second person's word."""

    by: str
    at: datetime
    note: Annotated[Text, "How it ended, as they say."]
    grant: Annotated[Internal[str | None], "By what right that was asked for."] = None
    other_grants: Annotated[Internal[tuple[str, ...]], "By what else it might have been."] = ()


@dataclass(frozen=True, slots=True)
class Blocker:
    """Something else that keeps deployments away, by the name that whoever raised it gave it.

    Others may have raised one of the same name: each is that of who raised it.
    """

    name: str
    by: str
    at: datetime
    cause: Text
    as_of: Internal[int] = 0  # the environment's version in which it was raised
    unblocking: Unblocking | None = None


@dataclass(frozen=True, slots=True)
class Environment:
    """Where packages are deployed to.

    `revision` rises with all that is said of its plan, in force or proposed. `reports` holds the
    newest of each monitor. `stop` holds the line until a second person releases it. `blockers` are
    an open set.
    """

    id: str
    version: int
    name: str
    plan: Plan
    defined_by: str
    defined_at: datetime
    reports: tuple[Report, ...] = ()
    stop: Stop | None = None
    resuming: Resuming | None = None
    blockers: tuple[Blocker, ...] = ()
    retired: bool = False
    retired_because: Text | None = None
    revision: int = 1
    proposal: Proposal | None = None
    came_after: Internal[tuple[str, ...] | None] = None  # right before it as it was retired
