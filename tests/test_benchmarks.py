"""Every benchmark runs, if only for a moment, and says what it compares with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import import_module
from math import isfinite

import pytest

from benchmarks import __main__ as program
from benchmarks import figures
from benchmarks.figures import Figure, against, alone, share
from benchmarks.sizes import SIZES

TINY = SIZES["tiny"]


@pytest.mark.parametrize("name", program.NAMES)
def test_a_benchmark_prints_ratios(name: str, pg_server: str) -> None:
    found: list[Figure] = list(import_module(f"benchmarks.{name}").measure(TINY, pg_server))
    assert any(each.ratio is not None for each in found)
    for each in found:
        assert isfinite(each.ours)
        assert each.ratio is None or each.ratio > 0 or each.ours == 0
        assert figures.line(each).startswith(each.name)
        json.dumps(each.record())


def test_a_program_reads_figures_as_json(
    pg_server: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert program.main(["policy", "--size", "tiny", "--json"], pg_server) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["cores"] >= 1
    assert {"name", "ratio", "required", "met"} <= told["figures"][0].keys()


def test_nobody_waits_for_a_benchmark_that_is_not_there() -> None:
    with pytest.raises(SystemExit):
        program.main(["speed"])


@pytest.mark.parametrize(
    "ratio, required, aim, at_most, met",
    [
        (0.7, 0.8, 1.0, False, "MISSED"),
        (0.8, 0.8, 1.0, False, "met"),
        (1.1, 0.8, 1.0, False, "met, aim too"),
        (5.1, 4.0, 3.0, True, "MISSED"),
        (3.5, 4.0, 3.0, True, "met"),
        (2.0, 4.0, 3.0, True, "met, aim too"),
        (2.0, 4.0, None, True, "met"),
        (2.0, None, None, True, ""),
    ],
)
def test_a_figure_says_whether_it_is_good_enough(
    *, ratio: float, required: float | None, aim: float | None, at_most: bool, met: str
) -> None:
    figure = Figure(
        "f", "sqlite", 1, "/s", ratio=ratio, required=required, aim=aim, at_most=at_most
    )
    assert figure.met == met


def rounds(*values: float) -> Sequence[float]:
    return values


def test_a_ratio_is_the_median_of_the_rounds_own() -> None:
    figure = against("f", "sqlite", rounds(10, 30, 90), "/s", rounds(100, 100, 100), "limit")
    assert (figure.ours, figure.limit, figure.ratio) == (30, 100, 0.3)
    drifting = against("f", "sqlite", rounds(10, 20, 40), "/s", rounds(20, 40, 80), "limit")
    assert drifting.ratio == 0.5


def test_what_is_a_share_already_is_compared_as_it_is() -> None:
    figure = share("f", "sqlite", rounds(0.02, 0.03, 0.04), required=0.05)
    assert (figure.ours, figure.ratio, figure.met) == (3, 0.03, "met")
    assert alone("f", "sqlite", rounds(1, 2, 3), "ms").met == ""
