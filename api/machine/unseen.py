"""Keeps a package out of sight while another is imported that would use it where it is found."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def unseen(package: str) -> Iterator[None]:
    """Let the package seem not to be installed; one that is imported already stays."""
    modules: dict[str, Any] = sys.modules
    hidden = modules.setdefault(package, None) is None
    try:
        yield
    finally:
        if hidden:
            del modules[package]
