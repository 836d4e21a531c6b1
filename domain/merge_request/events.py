"""What may become true of a merge request; stored for ever, so fields are only ever added."""

from __future__ import annotations

from dataclasses import dataclass

from domain.approval.approval import OpenRule
from domain.kernel import Text
from domain.passage import Passed


@dataclass(frozen=True, slots=True)
class Opened:
    """A merge request was opened under a playbook version, which it keeps."""

    kind: str
    playbook: str
    project: str
    number: int
    title: Text
    head: str
    target: str
    base: str
    author: str
    contributors: tuple[str, ...]
    rules: tuple[OpenRule, ...]
    digest: str
    embargoed: bool = False


@dataclass(frozen=True, slots=True)
class Pushed:
    """Another head, or more contributors: a new revision, without sign-offs."""

    head: str
    base: str
    contributors: tuple[str, ...]
    rules: tuple[OpenRule, ...]
    revision: int
    digest: str


@dataclass(frozen=True, slots=True)
class Retargeted:
    """Another target: a new revision, without sign-offs."""

    target: str
    base: str
    rules: tuple[OpenRule, ...]
    revision: int
    digest: str


@dataclass(frozen=True, slots=True)
class AuthorshipDeclined:
    """Whom others had named says that they wrote nothing of it, by any of these accounts.

    Of the programs among these, `others` are who else owned them as it was written, or since: they
    do not say so. Where that was not recorded, as in early logs, it frees by the own account alone.
    """

    contributors: tuple[str, ...] = ()
    others: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class DeclineAgreed:
    """A second person agrees that they wrote nothing of it, and so may sign it off (S2-02).

    By right of this grant, which early logs do not tell.
    """

    person: str
    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SignedOff:
    """A person signed this head off under a rule, by right of a grant or seat (S2-01, X-04)."""

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
    """A person rejected this head under a rule, and said why."""

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
class SignOffWithdrawn:
    """A person took back their decision on this head."""

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
class Merged:
    """The gate let it be merged by who may; what counted then is kept (S2-02)."""

    head: str
    target: str
    evidence: tuple[Passed, ...]
    merge_commit: str | None = None


@dataclass(frozen=True, slots=True)
class Reverted:
    """The gate let what was merged be taken back; what counted then is kept (S1-52)."""

    reason: Text
    evidence: tuple[Passed, ...]


@dataclass(frozen=True, slots=True)
class Closed:
    """It will not be merged, unless it is reopened."""

    reason: Text


@dataclass(frozen=True, slots=True)
class Reopened:
    """It may be merged after all: a new revision, without sign-offs."""

    rules: tuple[OpenRule, ...]
    revision: int
    digest: str


@dataclass(frozen=True, slots=True)
class ReviewDemanded:
    """Evidence of the head failed, so that more people have to look at it (S1-16)."""

    rules: tuple[OpenRule, ...]
    evidence: str


@dataclass(frozen=True, slots=True)
class Assigned:
    """Somebody, often a program, is to take it from here; null takes it off everybody (S1-25)."""

    assignee: str | None


@dataclass(frozen=True, slots=True)
class Tied:
    """It is part of a security fix, or `related`; who found that does not sign it off."""

    fix: str
    excluded: tuple[str, ...] = ()
    related: bool = False


@dataclass(frozen=True, slots=True)
class FinderNamed:
    """Who found the vulnerability is somebody else than was known: they do not sign it off.

    Those who are freed were kept from it for that reason alone, and are no more.
    """

    excluded: tuple[str, ...]
    freed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Untied:
    """It is no part of the security fix any more."""

    fix: str


@dataclass(frozen=True, slots=True)
class Concealed:
    """From now on only who is cleared is told of it, and of what was recorded before."""

    reason: Text | None = None


@dataclass(frozen=True, slots=True)
class RevealProposed:
    """Somebody says that everybody may know of it as it stands; it is shown once another does."""

    revision: int
    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Revealed:
    """Its embargo ended; everybody may know of it."""
