"""`python -m benchmarks [NAME ...]`: measure, and print ratios against limits of the same run."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from importlib import import_module

from benchmarks import figures, places
from benchmarks.figures import Figure
from benchmarks.sizes import SIZES, Size

Measure = Callable[[Size, str], Iterator[Figure]]
NAMES = (
    "append",
    "http",
    "policy",
    "verify",
    "inbox",
    "gate",
    "patch",
    "visibility",
    "clashes",
    "delivery",
    "imports",
    "start",
)


def main(given: Sequence[str] | None = None, lent: str | None = None) -> int:
    """Run those named, or all, on a server of their own unless one is lent."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--size", choices=SIZES, default=os.environ.get("SIZE") or "default")
    parser.add_argument("--json", action="store_true", help="print one JSON object for a program")
    told = parser.parse_args(given)
    if unknown := set(told.names) - set(NAMES):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    found: list[Figure] = []
    took: dict[str, float] = {}
    with nullcontext(lent) if lent else places.flushing_server() as server:
        if not told.json:
            print(_machine(told.size), figures.heading(), sep="\n", flush=True)
        for name in told.names or NAMES:
            started = time.monotonic()
            for figure in _measured(name, SIZES[told.size], server):
                found.append(figure)
                if not told.json:
                    print(figures.line(figure), flush=True)
            took[name] = time.monotonic() - started
    if told.json:
        whole = {**_told(told.size), "seconds": sum(took.values()), "took": took}
        print(json.dumps({**whole, "figures": [*map(_record, found)]}))
    else:
        missed = sum(figure.met == "MISSED" for figure in found)
        demanded = sum(figure.required is not None for figure in found)
        apart = ", ".join(f"{name} {each:.0f} s" for name, each in took.items())
        in_all = sum(took.values())
        print(f"{demanded - missed} of {demanded} met, in {in_all:.0f} s ({apart})")
    return 0


def _measured(name: str, size: Size, server: str) -> Iterator[Figure]:
    measure: Measure = import_module(f"benchmarks.{name}").measure
    yield from measure(size, server)


def _told(size: str) -> dict[str, object]:
    return {
        "size": size,
        "cores": len(os.sched_getaffinity(0)),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "optimized": "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or ""),
        "machine": platform.machine(),
        "system": platform.platform(),
    }


def _machine(size: str) -> str:
    told = _told(size)
    words = ", ".join(f"{name} {value}" for name, value in told.items())
    return f"{words}\nA load near or above the number of cores says that others disturb."


def _record(figure: Figure) -> dict[str, object]:
    return figure.record()


if __name__ == "__main__":
    sys.exit(main())
