"""What a playbook leaves to a role that nobody can be given: the adopted policy knows none such."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator
from typing import Any, Final

from domain.playbook.toml_lines import Path, lines
from domain.playbook.toml_table import Fault

_ALONE: Final = ("role", "reporter")
"""The keys whose role alone may do what is asked for."""
_BESIDE: Final = ("board", "people")
"""The keys by which others may do it, too."""
_FIRST: Final = "nobody could do it, unless a policy that has it is adopted first"


def faults(body: str, roles: Collection[str]) -> Iterator[Fault]:
    """Each line of a well-formed text that only holders of an unknown role could ever fill.

    Where no policy is in force, so that no role is known, there is nothing to go by.
    """
    unknown = [e for e in _named(tomllib.loads(body)) if e[1] not in roles] if roles else []
    at = lines(body) if unknown else {}
    for path, role in unknown:
        yield Fault("playbook", at[path], f"the policy in force has no {role}: {_FIRST}")


def _named(found: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Each role that a table leaves something to alone, with where it stands."""
    if isinstance(found, list):
        for place, each in enumerate(found):
            yield from _named(each, (*path, place))
    elif isinstance(found, dict):
        for key, value in found.items():
            if key in _ALONE and isinstance(value, str) and found.keys().isdisjoint(_BESIDE):
                yield (*path, key), value
            yield from _named(value, (*path, key))
