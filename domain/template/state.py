"""A template of standard changes as it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from domain.content import Content
from domain.kernel import (
    Internal,
    Text,
)


class Status(StrEnum):
    """Whether standard changes may be opened from a template."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    DECLINED = "declined"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Template:
    """The content that a kind of standard change is approved for in advance (S3-14).

    `approved` is the version in force and `number` counts such versions; `proposal` is the next
    one, which `revision` and `digest` name, until a second person approves or declines it.
    """

    id: str
    version: int
    status: Status
    playbook: str
    kind: str
    service: str
    revision: int
    digest: str
    proposal: Content | None
    risk: str | None
    proposed_by: str
    proposed_at: datetime
    contributors: tuple[str, ...] = ()
    approved: Content | None = None
    number: int = 0
    approved_by: str | None = None
    approved_at: datetime | None = None
    declined_because: Text | None = None
    retired_because: Text | None = None
    approved_risk: Internal[str | None] = None
    writers: Annotated[Internal[tuple[str, ...]], "Who had written on it as it was approved."] = ()
    grant: Annotated[Internal[str | None], "By what right it was approved."] = None
    other_grants: Annotated[Internal[tuple[str, ...]], "By what else it might have been."] = ()
    proposed_grant: Annotated[Internal[str | None], "By what right it was proposed."] = None
    proposed_grants: Annotated[Internal[tuple[str, ...]], "By what else it might have been."] = ()
