"""Walks with many seeds, and prints each tale that ends badly.

`python -m tests.api.walker changes 0 500` takes the seeds from 0 to 499.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.api.walker import changes, merge_requests, patches
from tests.api.walker.ground import founded
from tests.api.walker.tale import Tale
from tests.api.walker.walk import Telling

TELLERS: dict[str, Callable[[Tale], Telling]] = {
    "changes": changes.told,
    "merge_requests": merge_requests.told,
    "patches": patches.told,
}


def main(name: str, first: int, last: int) -> Counter[str]:
    """Walk with these seeds; how they ended."""
    ends: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "ground")
        place.mkdir()
        with founded(place) as ground:
            for seed in range(first, last):
                with ground.world() as world:
                    tale = Tale(world, seed)
                    try:
                        ends[TELLERS[name](tale).go()] += 1
                    except AssertionError as fault:
                        ends["badly"] += 1
                        sys.stdout.write(f"{fault}\n\n")
                    except Exception:
                        sys.stdout.write(tale.fault("the walker itself stumbled"))
                        raise
                sys.stdout.flush()
    return ends


if __name__ == "__main__":
    found = main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
    sys.stdout.write(f"{dict(found)}\n")
    sys.exit(bool(found["badly"]))
