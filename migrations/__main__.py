"""Writes a revision from what the tables became: `python -m migrations "what it does"`."""

from __future__ import annotations

import sys

from api.machine.migrating import write_revision

if __name__ == "__main__":
    print(write_revision(" ".join(sys.argv[1:])))  # noqa: T201  (the path is the answer)
