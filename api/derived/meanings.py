"""Descriptions of fields and arguments that their own annotation does not describe."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

_RAISES: Final = re.compile(r"\s*\bRaises [^.]*\.")
_SOURCES: Final = re.compile(r" \((?:[A-Z]\d?-\d+(?:, )?)+\)")

MEANINGS: Mapping[str, str] = {
    "at": "When it was recorded, by the database's clock.",
    "version": "Rises with every event. An edit names the version it looked at.",
    "revision": "Rises with every change of content. A decision names the revision it looked at.",
    "digest": "The digest of the content, which every decision is bound to.",
    "title": "One line that says what this is.",
    "name": "The stable name.",
    "description": "What this is about, in full.",
    "status": "How it stands.",
    "zone": "The time zone, by its name in the zone database, such as Europe/Berlin.",
    "source": "Where the demand comes from.",
    "comment": "A remark, for people to read.",
    "reason": "Why, for people to read later.",
}
"""What a field of this name means wherever it stands, unless its annotation says more."""


def meaning_of(field: str, owner: str, given: str, own: Mapping[str, str]) -> str:
    """The best description there is: annotated, given for the owner, common, or from the name."""
    return given or own.get(field) or MEANINGS.get(field) or from_name(field, owner)


def from_name(field: str, owner: str) -> str:
    """The plainest description: `planned_start` of `Change` is "The planned start"."""
    words = field.replace("_", " ")
    return f"The {words} of this {spaced(owner)}."


def spaced(name: str) -> str:
    """A class name as words: `MergeRequest` becomes `merge request`."""
    return "".join(f" {each.lower()}" if each.isupper() else each for each in name).strip()


def several(name: str) -> str:
    """A class name as words for more than one: `Policy` becomes `policies`."""
    words = spaced(name)
    if words.endswith("y"):
        return f"{words[:-1]}ies"
    return f"{words}es" if words.endswith("s") else f"{words}s"


def one(name: str) -> str:
    """A class name as words for any one: `Access` becomes `an access`."""
    words = spaced(name)
    return f"{'an' if words[0] in 'aeio' else 'a'} {words}"


def description(docstring: str | None, otherwise: str, fields: Iterable[str] = ()) -> str:
    """A docstring as the schema publishes it, or what stands for it.

    Lines within a paragraph are joined, field names spelled as published, and what only concerns
    callers in Python is left out.
    """
    if not docstring:
        return otherwise
    paragraphs = (" ".join(each.split()) for each in docstring.strip().split("\n\n"))
    text = "\n\n".join(_RAISES.sub("", each).strip() for each in paragraphs)
    for name in fields:
        text = text.replace(f"`{name}`", f"`{camel(name)}`")
    return _SOURCES.sub("", text).strip()


def camel(name: str) -> str:
    """The published spelling of a name: `planned_start` becomes `plannedStart`."""
    first, *rest = name.split("_")
    return first + "".join(each.capitalize() for each in rest)
