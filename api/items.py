"""What a release contains, as a client names it: records here by global ids, commits by hashes."""

from __future__ import annotations

from typing import Any, Final

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.info import Info
from typing_extensions import override

from api.derived.fields import Attribute, attribute
from api.derived.identity import global_id
from api.derived.inputs import Converted, named_or
from api.subjects import subject_asked
from domain.inclusion import ItemKind

HERE: Final = {ItemKind.CHANGE: "Change", ItemKind.MERGE_REQUEST: "MergeRequest"}
"""The items that are records here, with their published types."""


class ItemField(Attribute):
    """An item as a client gave it: a global id for what is here."""

    @override
    def get_result(self, source: Any, info: Info | None, args: list[Any], kwargs: Any) -> Any:
        noun = HERE.get(source.kind)
        return global_id(noun, source.reference) if noun else source.reference


FIELDS: Final = {
    "reference": attribute(
        "reference",
        StrawberryAnnotation(str),
        "The global id of a change or merge request, or the hash of a commit.",
        ItemField,
    ),
}
SPECIAL: Final = {
    ".covered_by": subject_asked(HERE.values()),
    "release.aim.package": Converted(strawberry.ID, named_or("Package")),
    "inclusion.reference": Converted(str, named_or(*HERE.values())),
}
"""How mutations and filters ask for items."""
