"""What is hidden, what belongs to it and hides with it, and what is one's own though hidden."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

BELONGING: Final[Mapping[str, Mapping[str, Collection[str]]]] = {
    "comment": {"subject": ("merge_request", "release", "security_fix")},
    "evidence": {"merge_request": ("merge_request",), "release": ("release",)},
    "exemption": {"merge_request": ("merge_request",), "release": ("release",)},
    "inclusion": {
        "release": ("release",),
        "reference": ("merge_request",),
        "covered_by": ("merge_request",),
    },
}
"""What belongs to other records: in which columns, and of which kinds that may be hidden.

While one of them is hidden, so is it.
"""

OWN: Final[Mapping[str, tuple[str, ...]]] = {
    "accord": ("requested_by",),
    "credential": ("owner", "issued_by"),
    "evidence": ("reporter",),
    "vulnerability_report": ("reporter",),
}
"""What is hidden without a right, and there for the person whom one of these columns names."""

ABOUT: Final[Mapping[str, Mapping[str, Collection[str]]]] = {
    "accord": {"subject": ("merge_request", "release")},
}
"""What is one's own only as long as one may know of what it is about: in which columns that is."""

TELLING: Final[Mapping[str, str]] = {"access": "record", "erasure": "subject"}
"""What tells of another record, and in which column: while that one is hidden, it is, too."""

LIKE: Final[Mapping[str, str]] = {"release.copy": "source"}
"""What makes a record like another one, and by which argument: it acts where that is."""


def in_the_open(record: Any) -> bool:
    """Whether a record is not under embargo, nor tells of one that is, as an erasure in it does."""
    return not getattr(record, "embargoed", False)


def nothing_hidden(_kind: str, _id: str) -> bool:
    """That no record is hidden, where nothing is."""
    return False


def everything(_action: str, _scopes: Any) -> bool:
    """That whoever asks may see all that hides, where no policy is looked at."""
    return True


def ungranted(_who: str) -> tuple[str, ...]:
    """By which grants somebody may ask for this: by none, where no policy is looked at."""
    return ()


def anybody(_who: str, _verb: str = "") -> bool:
    """That somebody else may ask for the same, or another verb, where no policy is looked at."""
    return True


def everybody(_who: str, _record: Any) -> bool:
    """That somebody else may know of a record, where no policy is looked at."""
    return True


@dataclass(frozen=True, slots=True)
class Carried:
    """What somebody without a clearance is told of something hidden of their own, and may ask for.

    `whose` names the fields that hold whose own it is, `acts` the commands with which they carry it
    on, and `events` what they are told of its history. `untold` are fields that would tell of what
    else is hidden, and what stands there instead.
    """

    whose: tuple[str, ...]
    acts: frozenset[str]
    events: frozenset[str]
    untold: Mapping[str, Any]

    def by(self, state: Any, person: str) -> bool:
        """Whether it is this person's own."""
        return any(getattr(state, each) == person for each in self.whose)


CARRIED: Final[Mapping[str, Carried]] = {
    "merge_request": Carried(
        whose=("writer", "opened_by"),
        acts=frozenset(
            ("open", "push", "retarget", "close", "reopen", "assign", "decline_authorship")
        ),
        events=frozenset(
            f"merge_request.{each}"
            for each in (
                "opened",
                "pushed",
                "retargeted",
                "closed",
                "reopened",
                "assigned",
                "authorship_declined",
                "decline_agreed",
            )
        ),
        untold={
            "fix": None,
            "excluded": (),
            "rules": (),
            "votes": (),
            "reveal_proposals": (),
            "voided": 0,
            "alarms": (),
            "reverted_because": None,
        },
    )
}
"""What is carried on while it is hidden, by who wrote or opened it."""

ALONG: Final[Mapping[str, str | None]] = {"comment": "author", "evidence": None}
"""What of that belongs to it they are told along: all, or what this field names them for."""


def along(name: str, state: Any, person: str) -> bool:
    """Whether who carries a record on is told of what belongs to it."""
    if name not in ALONG:
        return False
    field = ALONG[name]
    return field is None or getattr(state, field) == person
