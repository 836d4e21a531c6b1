"""What may become true of a security fix; stored for ever, so fields are only ever added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.kernel import Personal, Text
from domain.passage import Passed


@dataclass(frozen=True, slots=True)
class Box:
    """A box of the checklist that the playbook demands."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A vulnerability is to be fixed, under a playbook version which the fix keeps (S1-18).

    One that `follows` another has its finder, whether two agreed on them, and whom that kept out.
    Where it is `proposed`, another has to agree that it is a port of that before its opener, who is
    kept out as well, settles anything of it.
    """

    kind: str
    playbook: str
    service: str
    project: str
    title: Text
    description: Text
    items: tuple[Box, ...]
    known_since: datetime
    component: Text | None = None
    dependency: Text | None = None
    report: str | None = None
    reporter: str | None = None
    credit: Personal | None = None
    follows: str | None = None
    kept_out: tuple[str, ...] = ()
    finder_agreed: bool = False
    proposed: bool = False


@dataclass(frozen=True, slots=True)
class Edited:
    """What is said of the vulnerability was worded anew, as a whole."""

    title: Text
    description: Text
    component: Text | None
    dependency: Text | None
    credit: Personal | None
    advisory: str | None
    cve: str | None


@dataclass(frozen=True, slots=True)
class Assessed:
    """Application security said how grave it is, and so by when it is to be remedied (S1-10)."""

    severity: str
    due_at: datetime
    comment: Text | None = None
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class FinderNamed:
    """Somebody else counts as having found it; what they said of its severity counts no more.

    It is `agreed` by two people; the word of oneself was enough once.
    """

    reporter: str
    reason: Text
    unassessed: bool = False
    agreed: bool = False


@dataclass(frozen=True, slots=True)
class FinderProposed:
    """Somebody says who found it; it counts once another says so.

    What is said `of_self` binds at once: what they said of its severity counts no more.
    """

    reporter: str
    reason: Text
    of_self: bool = False
    unassessed: bool = False


@dataclass(frozen=True, slots=True)
class Ticked:
    """A step of the checklist is done."""

    item: str


@dataclass(frozen=True, slots=True)
class Unticked:
    """A step of the checklist is not done after all."""

    item: str


@dataclass(frozen=True, slots=True)
class MergeRequestAdded:
    """A merge request is part of the fix, or `related`: it hides with it."""

    merge_request: str
    related: bool = False


@dataclass(frozen=True, slots=True)
class MergeRequestRemoved:
    """A merge request is no part of the fix any more; it stays hidden until somebody reveals it."""

    merge_request: str


@dataclass(frozen=True, slots=True)
class Labelled:
    """The fix wears a label."""

    label: str


@dataclass(frozen=True, slots=True)
class Unlabelled:
    """The fix wears a label no longer."""

    label: str


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Its readiness was reviewed: complete, or what was missing, by its codes (S1-26)."""

    complete: bool
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Linked:
    """Found complete for these versions, it goes out with the release (S1-27)."""

    tracker: str
    versions: tuple[str, ...]
    evidence: tuple[Passed, ...]


@dataclass(frozen=True, slots=True)
class Unlinked:
    """It does not go out with the release it was linked to; `grant` is by what right."""

    tracker: str
    reason: Text
    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dismissed:
    """There is nothing to fix; what was written stays hidden. `grant` is by what right."""

    reason: Text
    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RevealProposed:
    """Somebody says that everybody may know of it; it is shown once another does."""

    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Revealed:
    """Its embargo ended; everybody may know of it."""
