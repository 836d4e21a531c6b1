"""A kind of accord as data: who has to agree, what speaks against it, and what else may be done."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Subject(StrEnum):
    """What an accord may be about."""

    RELEASE = "release"
    MERGE_REQUEST = "merge_request"


@dataclass(frozen=True, slots=True)
class PartyRow:
    """One who has to agree: a holder of `role`, everybody on duty in `rotation`, or who asked."""

    name: str
    title: str
    role: str | None = None
    scope: str | None = None
    rotation: str | None = None
    requester: bool = False
    source: str | None = None

    @property
    def who(self) -> tuple[str | None, str | None, str | None, bool]:
        """Whom it takes, whatever the party is called."""
        return self.role, self.scope, self.rotation, self.requester


@dataclass(frozen=True, slots=True)
class PathRow:
    """A way to go, which the process offers; one that does not `open` leads around the act."""

    name: str
    title: str
    opens: bool = True


@dataclass(frozen=True, slots=True)
class AccordKind:
    """What several parties agree on, each of them somebody else (S1-03, S1-41, S1-54).

    `independent` keeps out whoever asked for it or had a hand in what it is about. `reasons` speak
    against it, and `paths` are the ways that the process offers; one of them is chosen.
    """

    name: str
    title: str
    about: Subject
    parties: tuple[PartyRow, ...]
    independent: bool = False
    dated: bool = False
    reasons: tuple[str, ...] = ()
    paths: tuple[PathRow, ...] = ()
    source: str | None = None

    def asks_no_less(self, other: AccordKind) -> bool:
        """Whether whoever agreed by this kind has agreed by the other, too."""
        parties = {each.who for each in other.parties} <= {each.who for each in self.parties}
        apart = self.independent or not other.independent
        dated = self.dated or not other.dated
        return self.about is other.about and parties and apart and dated


APPSEC: Final = "role:appsec"
"""Who settles what is done about vulnerabilities."""
_RISK: Final = (
    "Without another fix in the release it risks telling everybody of the vulnerability when the "
    "release is made."
)
REVERT: Final = AccordKind(
    "revert",
    "Taking back a merged fix",
    Subject.MERGE_REQUEST,
    (
        PartyRow("appsec", "Application security", APPSEC, "project"),
        PartyRow("release_managers", "A release manager", "role:release_manager", "project"),
    ),
    independent=True,
    reasons=(
        "It takes back the fix of a vulnerability, on the hosted service and everywhere else.",
        _RISK,
        "There is little time to prepare another fix before the release is due.",
    ),
    paths=(
        PathRow(
            "fix_in_the_open",
            "Fix the ordinary bug in the open repository, once the patch is published",
            opens=False,
        ),
        PathRow("replace_the_fix", "Put another fix of the vulnerability into the release with it"),
        PathRow(
            "take_back",
            "Take it back, as application security and release managers coordinate it",
        ),
    ),
    source="S1-52",
)
"""What taking a security fix back takes where its playbook does not say (S1-52 to S1-54)."""
