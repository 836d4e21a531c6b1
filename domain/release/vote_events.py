"""What people decide on a release and say of it; stored for ever, so fields are only added."""

from __future__ import annotations

from dataclasses import dataclass

from domain.approval.approval import OpenRule
from domain.kernel import Text
from domain.release.state import Baseline, Judgement, Target


@dataclass(frozen=True, slots=True)
class ApprovalRequested:
    """The release was put before those who approve it, whose rules are fixed now."""

    rules: tuple[OpenRule, ...]


@dataclass(frozen=True, slots=True)
class Approved:
    """A person approved this revision under a rule, by right of a grant or seat (X-04)."""

    rule: str
    revision: int
    digest: str
    grant: str
    role: str
    behalf: str | None = None
    comment: Text | None = None
    role_grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A person rejected this revision under a rule, and said why."""

    rule: str
    revision: int
    digest: str
    grant: str
    role: str
    reason: Text
    behalf: str | None = None
    role_grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Abstained:
    """A person took no side under a rule."""

    rule: str
    revision: int
    digest: str
    grant: str
    role: str
    behalf: str | None = None
    comment: Text | None = None
    role_grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VoteWithdrawn:
    """A person took back their decision under a rule."""

    rule: str
    revision: int
    digest: str
    comment: Text | None = None


@dataclass(frozen=True, slots=True)
class QuorumFoundImpossible:
    """Too few people may fill a rule, whatever they decide: somebody must act."""

    rule: str
    needed: int
    lacking: int
    rivals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Authorized:
    """Every rule is met; `baseline` is how the matrix stood then."""

    baseline: tuple[Baseline, ...]


@dataclass(frozen=True, slots=True)
class Returned:
    """Rejected: a new revision, which has to be put before people again."""

    rules: tuple[str, ...]
    revision: int
    digest: str


@dataclass(frozen=True, slots=True)
class Attested:
    """A person said of a requirement at a gate whether it holds, by right of a grant (X-04)."""

    requirement: str
    gate: str
    judgement: Judgement
    revision: int
    digest: str
    cargo: str
    grant: str
    role: str
    comment: Text | None = None
    made: tuple[Target, ...] = ()
    service: str | None = None
    project: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AttestationWithdrawn:
    """A person took back what they had said of a requirement at a gate."""

    requirement: str
    gate: str
    comment: Text | None = None
