"""A version of a playbook, and which one is in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from domain.adoption import Status, in_force
from domain.kernel import Internal, Records, Text


@dataclass(frozen=True, slots=True)
class Playbook:
    """One version of a playbook; its text never changes, and what runs under it keeps it.

    `number` counts the versions proposed under one name. `based_on` is the version that was in
    force when this one was proposed. `digest` is that of the text's bytes.
    """

    id: str
    version: int
    name: str
    title: str
    number: int
    body: str
    digest: str
    based_on: str | None
    reason: Text
    proposed_by: str
    proposed_at: datetime
    proposed_behalf: str | None = None
    status: Status = Status.PROPOSED
    revision: int = 1
    adopted_by: str | None = None
    adopted_at: datetime | None = None
    declined_by: str | None = None
    declined_at: datetime | None = None
    objection: Text | None = None
    superseded_by: str | None = None
    superseded_at: datetime | None = None
    grant: Annotated[Internal[str | None], "By what right it was proposed."] = None
    other_grants: Annotated[Internal[tuple[str, ...]], "By what else it might have been."] = ()


def adopted(records: Records, name: str) -> Playbook | None:
    """The version of this name that is in force, for what is opened now."""
    return in_force(records.find(Playbook, name=name, status=Status.ADOPTED))
