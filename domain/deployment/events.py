"""What may become true of a deployment; stored for ever, so fields are only ever added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.deployment.state import Covered, Move, Wish
from domain.kernel import Text
from domain.passage import Passed


@dataclass(frozen=True, slots=True)
class Requested:
    """A deployment was requested (S4-05), or came by itself with a package (S4-25)."""

    wish: Wish
    service: str
    label: str
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class Joined:
    """It turned out to belong to a release, which is made of its package (S4-25)."""

    release: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The request was taken back before anything was deployed."""

    reason: Text


@dataclass(frozen=True, slots=True)
class Overridden:
    """Somebody let it go on in spite of what blocked it, which `covers` tells as it stood."""

    reason: Text
    requirements: tuple[str, ...]
    evidence: tuple[str, ...]
    before: bool
    due: datetime
    covers: tuple[Covered, ...] = ()
    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Countersigned:
    """A second person stands by the override."""

    grant: str | None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Started:
    """The gate let it start; what counted then is kept."""

    evidence: tuple[Passed, ...]


@dataclass(frozen=True, slots=True)
class Advanced:
    """It went on to its next stage."""

    stage: str
    evidence: tuple[Passed, ...]


@dataclass(frozen=True, slots=True)
class Progressed:
    """It is so far on its way."""

    percent: int


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The package stands in the environment, in the place of another deployment's."""

    replaced: str | None
    evidence: tuple[Passed, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """It did not work out; what stood there still does, as far as is known."""

    reason: Text


@dataclass(frozen=True, slots=True)
class RolledBack:
    """It was taken back, and what stood there before stands there again.

    `cancelled` are the changes in that which were cancelled since, as whoever said so knew.
    """

    reason: Text
    to: str | None
    cancelled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Superseded:
    """Another deployment took its place."""

    by: str


@dataclass(frozen=True, slots=True)
class Reinstated:
    """It stands there again, since what took its place was rolled back."""

    instead_of: str


@dataclass(frozen=True, slots=True)
class Observed:
    """Somebody looked at the dashboards (S4-06)."""

    well: bool
    note: Text


@dataclass(frozen=True, slots=True)
class Verified:
    """Somebody found whether what was deployed works (S3-09)."""

    passed: bool
    findings: Text


@dataclass(frozen=True, slots=True)
class FoundBefore:
    """The same package was found not to work there before, in a deployment, by somebody.

    Or, when it was `watched`, not to look well.
    """

    deployment: str
    by: str
    at: datetime
    watched: bool = False


@dataclass(frozen=True, slots=True)
class Closed:
    """Nothing is left to do for it."""

    evidence: tuple[Passed, ...]


@dataclass(frozen=True, slots=True)
class Claimed:
    """An importer said that this deployment took place elsewhere."""

    environment: str
    package: str
    label: str
    service: str
    moves: tuple[Move, ...]
