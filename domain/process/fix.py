"""A kind of security fix as data: its checklist, severities and merge requests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A box that has to be ticked before a fix is complete (S1-19)."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class SeverityRow:
    """How grave a vulnerability is, and within how many days it is remedied (S1-10)."""

    name: str
    title: str
    days: int


@dataclass(frozen=True, slots=True)
class SecurityFixKind:
    """One kind of security fix (S1-18 to S1-27).

    `support` names the support policy that says which versions it covers, `label` what starts the
    review of its readiness, `trackers` the kinds of release it is linked to. `default_kind` and
    `backport_kind` are the playbook's kinds of merge request for the default branch and for each
    version. `severities` go from the gravest to the least.
    """

    name: str
    title: str
    support: str
    label: str
    default_kind: str
    backport_kind: str
    items: tuple[ItemRow, ...]
    severities: tuple[SeverityRow, ...]
    trackers: tuple[str, ...] = ()
    source: str | None = None

    def severity(self, name: str) -> SeverityRow | None:
        """The severity of this name."""
        return next((each for each in self.severities if each.name == name), None)
