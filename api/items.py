"""What a release contains, as a client names it: records here by global ids, commits by hashes."""

from __future__ import annotations

from typing import Any, Final

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.info import Info
from typing_extensions import override

from api.fields import Attribute, attribute
from api.identity import global_id, read_global_id, read_id
from api.inputs import Converted
from api.subjects import subject_asked
from api.text import read_line
from domain.inclusion import ItemKind
from domain.kernel import Problem, Problems

HERE: Final = {ItemKind.CHANGE: "Change", ItemKind.MERGE_REQUEST: "MergeRequest"}
"""The items that are records here, with their published types."""


class ItemField(Attribute):
    """An item as a client gave it: a global id for what is here."""

    @override
    def get_result(self, source: Any, info: Info | None, args: list[Any], kwargs: Any) -> Any:
        noun = HERE.get(source.kind)
        return global_id(noun, source.reference) if noun else source.reference


def read_reference(given: str, problems: Problems, path: tuple[str, ...]) -> Any:
    """The id within a global id of a change or merge request, else the hash as it is."""
    found = read_global_id(given, HERE.values())
    if found:
        return found[1]
    line = read_line(given)
    if isinstance(line, Problem):
        problems.add(line.code, line.message, *path)
    return line


FIELDS: Final = {
    "reference": attribute(
        "reference",
        StrawberryAnnotation(str),
        "The global id of a change or merge request, or the hash of a commit.",
        ItemField,
    ),
}


def read_package(given: str, problems: Problems, path: tuple[str, ...]) -> Any:
    """The id within a global id of a package, else the digest as it is."""
    id = read_id(given, "Package")
    if id is not None:
        return id
    line = read_line(given)
    if isinstance(line, Problem):
        problems.add(line.code, line.message, *path)
    return line


SPECIAL: Final = {
    ".covered_by": subject_asked(HERE.values()),
    "release.aim.package": Converted(strawberry.ID, read_package),
    "inclusion.reference": Converted(str, read_reference),
}
"""How mutations and filters ask for items."""
