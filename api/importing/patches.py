"""Reads the patch releases of a file that lists a product's versions, one in JSON on each line."""

from __future__ import annotations

from typing import Any, BinaryIO, Final

from api.importing.lines import LONGEST, Line, lines
from api.importing.rows import Field, line, moment, read_fields, read_object
from domain.kernel import Problems, Refusal, refusal
from domain.metrics.patch_calendar import Patched

PATCH: Final = "patch"
KIND: Final = (Field("kind", "kind", line),)
FIELDS: Final = (
    Field("version", "version", line),
    Field("line", "line", line),
    Field("patch_batch", "batch", line, nullable=True, default=None),
    Field("released_at", "at", moment, nullable=True),
)
"""What is read of the row of a patch release; other fields are passed over."""


class Unfit(ValueError):
    """A line that is no version; the message names the line."""


def read_patches(source: BinaryIO) -> tuple[Patched, ...]:
    """Every patch release that was tagged, in the order of the file; Unfit for a bad line."""
    found = (_patch(each) for each in lines(source))
    return tuple(each for each in found if each is not None)


def _patch(each: Line) -> Patched | None:
    try:
        if each.content is None:
            raise refusal("line_too_long", f"A line has at most {LONGEST} bytes.")
        return _read(each.content)
    except Refusal as fault:
        told = " ".join(f"{'.'.join(p.path)}: {p.message}".lstrip(": ") for p in fault.problems)
        raise Unfit(f"line {each.number}: {told}") from fault


def _read(content: bytes) -> Patched | None:
    """The patch release of a row; None for another version, and for one that was never tagged."""
    row, problems = read_object(content), Problems()
    if read_fields(KIND, row, problems)["kind"] != PATCH:
        problems.settle()
        return None
    told: dict[str, Any] = read_fields(FIELDS, row, problems)
    problems.settle()
    return None if told["at"] is None or told["batch"] is None else Patched(**told)
