"""Whoever is blocked and does what the gate says gets there: tried by a walker who knows no more.

`python -m tests.api.walker changes 0 500` tries more seeds, on SQLite; so do `merge_requests`
and `patches`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.api.walker import changes, merge_requests, patches
from tests.api.walker.ground import Ground, founded
from tests.api.walker.tale import Tale

ENDS = {"reached", "waits", "nobody can", "nobody may"}
TELLERS = {"change": changes.told, "merge request": merge_requests.told}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def ground(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ground]:
    """A company with nothing under way, on each database."""
    on_server = request.param == "postgresql"
    server = request.getfixturevalue("pg_server") if on_server else ""
    with founded(tmp_path_factory.mktemp(f"ground_{os.getpid()}_"), server) as company:
        yield company


@pytest.mark.req("X-04")
@pytest.mark.parametrize("about", TELLERS)
@pytest.mark.parametrize("seed", range(8))
def test_what_is_said_to_help_helps(ground: Ground, about: str, seed: int) -> None:
    with ground.world() as world:
        assert TELLERS[about](Tale(world, seed)).go() in ENDS


@pytest.mark.slow
@pytest.mark.req("S1-06", "S1-27", "S1-29", "S1-30", "S1-31", "S1-33", "S1-54")
@pytest.mark.parametrize("seed", range(40))
def test_a_patch_to_which_things_happen_gets_to_its_close_as_it_is_told(
    ground: Ground, seed: int
) -> None:
    with ground.world() as world:
        assert patches.told(Tale(world, seed)).go() in ENDS
