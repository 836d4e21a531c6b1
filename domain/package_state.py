"""What was built: a package, its parts, and whether it turned out to be bad."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from domain.kernel import Internal, Text


@dataclass(frozen=True, slots=True)
class Component:
    """A part of a package, and which one of it."""

    name: Annotated[str, "The name of the part."]
    label: Annotated[str, "Its version or commit, as the package has it."]


@dataclass(frozen=True, slots=True)
class Built:
    """What was built: named, of one commit, known by its digest."""

    name: Annotated[str, "What it is a package of; with its label, one of a kind."]
    label: Annotated[str, "Its version, as its builder calls it."]
    service: Annotated[str, "The service it is of."]
    commit: Annotated[str, "The commit it was built from."]
    digest: Annotated[
        str | None, "Its digest, sha256: and 64 hexadecimal digits; who adds a package gives it."
    ] = None
    components: Annotated[tuple[Component, ...], "What it is made of."] = ()


@dataclass(frozen=True, slots=True)
class Reinstatement:
    """Somebody says that a package is not bad after all; it counts once another agrees."""

    by: Annotated[str, "Who asked for it."]
    at: datetime
    reason: Annotated[Text, "Why it is not bad, as they say."]
    confirmed_by: Annotated[str | None, "Who agreed, as the second person."] = None
    confirmed_at: Annotated[datetime | None, "When that was; null before."] = None
    grant: Internal[str | None] = None


@dataclass(frozen=True, slots=True)
class Package:
    """A built artefact. One that is only `claimed` was built elsewhere, and is never deployed."""

    id: str
    version: int
    name: Annotated[str, "What it is a package of."]
    label: Annotated[str, "Its version, as its builder calls it."]
    service: Annotated[str, "The service it is of."]
    commit: Annotated[str, "The commit it was built from."]
    digest: Annotated[str | None, "Its digest; null if that was not recorded."]
    components: tuple[Component, ...]
    built_by: str
    built_at: datetime
    claimed: Annotated[bool, "Whether it is only told of by an importer."] = False
    condemned: bool = False
    condemned_by: str | None = None
    condemned_because: Text | None = None
    reinstatement: Annotated[
        Reinstatement | None,
        "Who asks, or asked, to take back that it is bad; null once it is condemned anew.",
    ] = None

    @property
    def waiting(self) -> bool:
        """Whether its reinstatement waits for a second person."""
        return self.reinstatement is not None and self.reinstatement.confirmed_at is None
