"""What a change is tied to: objects here by their global ids, records elsewhere by their names."""

from __future__ import annotations

from typing import Any, Final

from strawberry.annotation import StrawberryAnnotation
from strawberry.types.info import Info
from typing_extensions import override

from api.fields import Attribute, attribute
from api.identity import global_id, read_global_id
from api.inputs import Converted
from api.text import read_line
from domain.change.state import LinkKind
from domain.kernel import Problem, Problems

HERE: Final = {LinkKind.MERGE_REQUEST: "MergeRequest", LinkKind.PREDECESSOR: "Change"}
"""The links to objects of ours, with the published types of these."""


def read_reference(given: str, problems: Problems, path: tuple[str, ...]) -> Any:
    """The id within a global id of a change or merge request, else the name as it is."""
    found = read_global_id(given, HERE.values())
    if found:
        return found[1]
    line = read_line(given)
    if isinstance(line, Problem):
        problems.add(line.code, line.message, *path)
    return line


class ReferenceField(Attribute):
    """A reference as a client gave it: a global id for what is here."""

    @override
    def get_result(self, source: Any, info: Info | None, args: list[Any], kwargs: Any) -> Any:
        noun = HERE.get(source.kind)
        return global_id(noun, source.reference) if noun else source.reference


REFERENCE: Final = Converted(str, read_reference)
FIELDS: Final = {
    "reference": attribute(
        "reference",
        StrawberryAnnotation(str),
        "The global id of a merge request or change, or a name in the system that keeps it.",
        ReferenceField,
    ),
}
