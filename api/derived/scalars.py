"""Scalars of the schema: moments in UTC, and local times for clocks on a wall."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from api.derived.zones import read_local, read_moment

LocalDateTime = NewType("LocalDateTime", str)


def write_moment(moment: datetime) -> str:
    """RFC 3339 in UTC with the offset written out; raises ValueError for a naive time."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone names no moment")
    return moment.astimezone(UTC).isoformat()


def write_local(local: str) -> str:
    """A wall time as it was asked for: the domain keeps it spelled."""
    return local


def _spelled(value: Any) -> str:
    if not isinstance(value, str):
        raise GraphQLError("A time is spelled as a string.")
    return value


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment in RFC 3339, with its offset. Answers are always in UTC (+00:00).",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        serialize=write_moment,
        parse_value=lambda value: read_moment(_spelled(value)),
    ),
    LocalDateTime: strawberry.scalar(
        name="LocalDateTime",
        description=(
            "What a clock on a wall shows, without an offset: 2026-11-20T19:00. "
            "It becomes a moment together with a time zone."
        ),
        serialize=write_local,
        parse_value=lambda value: read_local(_spelled(value)),
    ),
}
