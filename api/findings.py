"""What a finding misses, as a client can look it up: records by their global ids."""

from __future__ import annotations

from typing import Any, Final

from strawberry.annotation import StrawberryAnnotation
from strawberry.types.base import StrawberryList
from strawberry.types.info import Info
from typing_extensions import override

from api.fields import Attribute, attribute
from api.identity import global_id
from api.subjects import NOUNS


class MissingField(Attribute):
    """What is not there, in words, and then the records that are in the way."""

    @override
    def get_result(self, source: Any, info: Info | None, args: list[Any], kwargs: Any) -> Any:
        records = (global_id(NOUNS[each.noun], each.id) for each in source.lacking)
        return [*source.missing, *records]


ABOUT: Final = (
    "What is not there: in words, or the hash of a commit; and the global ids of the first records "
    "that are in the way, which the message calls by their names as far as you may see them."
)
FIELDS: Final = {
    "missing": attribute("missing", StrawberryAnnotation(StrawberryList(str)), ABOUT, MissingField),
}
