"""A deployment as it stands: what goes where, how far it is, and when it stood there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from domain.calendar.window import Window
from domain.kernel import Internal, Text
from domain.passage import Passed
from domain.verdict import Reference

MOST_SEEN: Final = 30
"""How many observations one deployment keeps: the last."""


class Status(StrEnum):
    """Where a deployment stands. One that is RUNNING has its environment for itself."""

    REQUESTED = "requested"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ROLLED_BACK = "rolled_back"
    WITHDRAWN = "withdrawn"


class Strategy(StrEnum):
    """How a package replaces the one before (S3-10)."""

    ROLLING = "rolling"
    CANARY = "canary"
    BLUE_GREEN = "blue_green"


class Direction(StrEnum):
    """Where a component moved: to a later commit of its line, an earlier one, or another line's."""

    FORWARD = "forward"
    BACKWARD = "backward"
    DIVERGED = "diverged"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be deployed where: the request that is filed for it (S4-05, S4-13)."""

    package: Annotated[str, "The package."]
    environment: Annotated[str, "The name of the environment."]
    configuration: Annotated[Text, "The configuration changes it requires; say so if none."]
    changes: Annotated[tuple[str, ...], "The changes that go out with it."] = ()
    contents: Annotated[Text, "What else goes out with it, in words."] = ""
    activity: Annotated[str | None, "What its requester calls it; no lock spares it for that."] = (
        None
    )
    strategy: Annotated[Strategy | None, "How it replaces what stands there."] = None
    window: Annotated[Window | None, "The maintenance window it is for."] = None
    release: Annotated[str | None, "The release it belongs to, by a name outside."] = None
    belongs_to: Annotated[str | None, "The release here that it belongs to."] = None


@dataclass(frozen=True, slots=True)
class Covered:
    """One thing that stood in the way and was overridden, as it stood then.

    Once it is another in any of this, such as a lock that says more or a monitor that says worse,
    it is overridden no more.
    """

    requirement: Annotated[str, "The requirement of the gate that it kept from being met."]
    code: Annotated[str, "The code with which it blocked."]
    evidence: Internal[tuple[str, ...]] = ()
    grounds: Internal[tuple[str, ...]] = ()
    lacking: Internal[tuple[Reference, ...]] = ()


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody let it go on in spite of what blocked it, naming exactly that.

    It covers what stood in the way then, as it stood, which `covers` tells: nothing that came up
    later or has changed since, and nothing at all where old logs did not keep that. Where `before`
    is true it counts once it is countersigned. Else a second person owes that until `due`, once it
    was used. Until then it counts only while both of them may still speak.
    """

    by: Annotated[str, "Who overrode it."]
    at: datetime
    reason: Text
    requirements: Annotated[tuple[str, ...], "The requirements of the gate that were overridden."]
    evidence: Annotated[
        tuple[str, ...],
        "The ids within the service of what it covers, which `covers` tells better.",
    ]
    before: Annotated[bool, "Whether it counts only once a second person has countersigned it."]
    due: Annotated[
        datetime,
        "Until when it is countersigned: a day after its use; before that, a day after it.",
    ]
    countersigned_by: Annotated[str | None, "Who countersigned it, as the second person."] = None
    countersigned_at: Annotated[datetime | None, "When that was; null before."] = None
    covers: Annotated[
        tuple[Covered, ...], "What stood in the way then, one by one; empty in logs without that."
    ] = ()
    used_at: Annotated[
        datetime | None, "When it first went past something by this override; null before."
    ] = None
    grant: Internal[str | None] = None  # by whose right it was given; unknown in old logs
    countersigned_grant: Internal[str | None] = None
    other_grants: Internal[tuple[str, ...]] = ()  # by which else it might have been given
    countersigned_others: Internal[tuple[str, ...]] = ()

    def used(self, at: datetime) -> Override:
        """It, once something went past by it, from when on a signature is owed."""
        first = self.used_at is None
        return replace(self, used_at=at, due=at + (self.due - self.at)) if first else self

    def signed(
        self, by: str, at: datetime, grant: str | None, others: tuple[str, ...] = ()
    ) -> Override:
        """It, with the second person who stands by it, and by which grants."""
        told = {"countersigned_by": by, "countersigned_at": at, "countersigned_grant": grant}
        return replace(self, countersigned_others=others, **told)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Observation:
    """What somebody saw on the dashboards, during the deployment or after it (S4-06)."""

    by: str
    at: datetime
    well: bool
    during: bool
    note: Text | None


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether what was deployed works, as somebody found (S3-09)."""

    by: str
    at: datetime
    passed: bool
    findings: Text | None


@dataclass(frozen=True, slots=True)
class Stand:
    """A span in which the package stood in the environment; without `until` it stands there."""

    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """What a deployment did to one component, and how many seconds each merge had waited for it."""

    component: str
    before: str | None
    after: str
    direction: Direction
    waits: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Deployment:
    """A package on its way to an environment, or there, or on the way back.

    `current` says that it stands in the environment now, `stands` when it did. `replaced` is the
    deployment it took the place of. One that is only `claimed` took place elsewhere.
    """

    id: str
    version: int
    status: Status
    environment: str
    package: str
    label: str
    service: str
    wish: Wish
    requested_by: str
    requested_at: datetime
    automatic: bool = False
    claimed: bool = False
    started_by: str | None = None
    started_at: datetime | None = None
    evidence: tuple[Passed, ...] = ()
    stage: str | None = None
    percent: int | None = None
    ended_at: datetime | None = None
    ended_because: Text | None = None
    override: Override | None = None
    observations: tuple[Observation, ...] = ()
    verification: Verification | None = None
    stands: tuple[Stand, ...] = ()
    current: bool = False
    replaced: str | None = None
    moves: tuple[Move, ...] = ()
    closed_by: str | None = None
    closed_at: datetime | None = None

    @property
    def askers(self) -> tuple[str, ...]:
        """Who asked for it, and so is no second person to it."""
        return (self.requested_by,)

    @property
    def by_hand(self) -> bool:
        """Whether no deployment tells of it: it is what a release brings there by hand itself."""
        return self.id == self.wish.belongs_to

    def action(self, act: str) -> str:
        """By which command it is overridden or countersigned: an `act` of what it belongs to."""
        return f"{'release' if self.by_hand else 'deployment'}.{act}"

    @property
    def arrived(self) -> datetime | None:
        """When it came there; put back after a rollback, it came no later for that."""
        return self.stands[0].since if self.stands else None

    @property
    def verified(self) -> bool:
        """Whether somebody found that it works (S3-09)."""
        return self.verification is not None and self.verification.passed

    @property
    def watched(self) -> bool:
        """Whether it looked well when it was last looked at since it ended (S4-06)."""
        return self.seen_since is not None and self.seen_since.well

    @property
    def faulty(self) -> bool:
        """Whether it does not work, as was last found, or did not look well when last looked at.

        For what builds on it, it is as if it had not arrived.
        """
        found, seen = self.verification, self.seen_since
        return (found is not None and not found.passed) or (seen is not None and not seen.well)

    @property
    def seen_since(self) -> Observation | None:
        """What was last seen of it since it ended."""
        after = [each for each in self.observations if not each.during]
        return after[-1] if after else None

    @property
    def overridden(self) -> bool:
        """Whether somebody let it go on in spite of what blocked it."""
        return self.override is not None

    @property
    def owing(self) -> bool:
        """Whether it went on by an override that no second person has signed."""
        made = self.override
        return made is not None and made.used_at is not None and made.countersigned_at is None
