"""What a change is tied to: objects here by their global ids, records elsewhere by their names."""

from __future__ import annotations

from typing import Any, Final

from strawberry.annotation import StrawberryAnnotation
from strawberry.types.info import Info
from typing_extensions import override

from api.derived.fields import Attribute, attribute
from api.derived.identity import global_id
from api.derived.inputs import Converted, named_or
from domain.change.state import LinkKind

HERE: Final = {LinkKind.MERGE_REQUEST: "MergeRequest", LinkKind.PREDECESSOR: "Change"}
"""The links to objects of ours, with the published types of these."""


class ReferenceField(Attribute):
    """A reference as a client gave it: a global id for what is here."""

    @override
    def get_result(self, source: Any, info: Info | None, args: list[Any], kwargs: Any) -> Any:
        noun = HERE.get(source.kind)
        return global_id(noun, source.reference) if noun else source.reference


REFERENCE: Final = Converted(str, named_or(*HERE.values()))
FIELDS: Final = {
    "reference": attribute(
        "reference",
        StrawberryAnnotation(str),
        "The global id of a merge request or change, a commit, or a name in the system that "
        "keeps it.",
        ReferenceField,
    ),
}
