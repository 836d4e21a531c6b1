"""What a benchmark says: a figure of ours beside a limit of the same run, and what is demanded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured line.

    `ratio` is what `required` and `aim` speak of; `at_most` says that less is better. A figure
    without `required` is for information.
    """

    name: str
    database: str
    ours: float
    unit: str
    limit: float | None = None
    against: str = ""
    ratio: float | None = None
    required: float | None = None
    aim: float | None = None
    at_most: bool = False
    note: str = ""

    @property
    def met(self) -> str:
        """Whether what is required, and what is aimed at, was reached."""
        if self.required is None or self.ratio is None:
            return ""
        if not _reached(self.ratio, self.required, at_most=self.at_most):
            return "MISSED"
        aimed = self.aim is not None and _reached(self.ratio, self.aim, at_most=self.at_most)
        return "met, aim too" if aimed else "met"

    def record(self) -> dict[str, Any]:
        """The line for a program."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return fields | {"met": self.met}


def _reached(ratio: float, bound: float, *, at_most: bool) -> bool:
    return ratio <= bound if at_most else ratio >= bound


def against(  # noqa: PLR0917  (a line has so many columns)
    name: str,
    database: str,
    ours: Sequence[float],
    unit: str,
    limit: Sequence[float],
    other: str,
    **demanded: Any,
) -> Figure:
    """A figure whose ratio is the median of the rounds' own ratios, since machines drift."""
    ratios = [mine / theirs for mine, theirs in zip(ours, limit, strict=True)]
    return Figure(
        name, database, median(ours), unit, median(limit), other, median(ratios), **demanded
    )


def alone(name: str, database: str, values: Sequence[float], unit: str, **more: Any) -> Figure:
    """A figure for information: the median of the rounds."""
    return Figure(name, database, median(values), unit, **more)


def share(name: str, database: str, values: Sequence[float], **demanded: Any) -> Figure:
    """A figure that is a share of something already."""
    found = median(values)
    return Figure(name, database, found * 100, "%", ratio=found, at_most=True, **demanded)


# As text.

WIDTHS = (50, 10, 15, 26, 8, 9, 6)
TITLES = ("figure", "database", "ours", "limit", "ratio", "required", "aim")


def heading() -> str:
    """The titles of the columns."""
    return _row(TITLES) + "  met"


def line(figure: Figure) -> str:
    """One figure as a row of a table, with a remark below it."""
    limit = "" if figure.limit is None else f"{number(figure.limit)} {figure.against}"
    sign = "<=" if figure.at_most else ">="
    cells = (
        figure.name,
        figure.database,
        f"{number(figure.ours)} {figure.unit}",
        limit,
        "" if figure.ratio is None else number(figure.ratio),
        "" if figure.required is None else f"{sign} {figure.required:g}",
        "" if figure.aim is None else f"{figure.aim:g}",
    )
    row = f"{_row(cells)}  {figure.met}".rstrip()
    return f"{row}\n    {figure.note}" if figure.note else row


def number(value: float) -> str:
    """Three digits that count."""
    if value == 0 or abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}"


def _row(cells: Sequence[str]) -> str:
    return " ".join(f"{cell:<{width}}" for cell, width in zip(cells, WIDTHS, strict=True))


def quantile(values: Sequence[float], part: float) -> float:
    """The value below which this part of the values lies, by nearest rank."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(part * len(ranked)))]
