"""What comments and erasures are about: a record of any of several kinds, by its global id."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info
from typing_extensions import override

from api.derived.fields import Attribute, attribute
from api.derived.identity import global_id, read_global_id
from api.derived.inputs import Converted
from domain.accord.state import Accord
from domain.aggregates import AGGREGATES
from domain.comment import About, Comment
from domain.erasure import Erasure
from domain.kernel import Problems
from domain.process.accord import Subject

COMMENTED: Final = {
    About.CHANGE: "Change",
    About.TEMPLATE: "Template",
    About.MERGE_REQUEST: "MergeRequest",
    About.RELEASE: "Release",
    About.SECURITY_FIX: "SecurityFix",
}
"""What may be commented on, with the published types."""
AGREED: Final = {Subject.RELEASE: "Release", Subject.MERGE_REQUEST: "MergeRequest"}
"""What an accord may be about, with the published types."""
NOUNS: Final = {each.name: each.state.__name__ for each in AGGREGATES}
"""Every noun, with its published type; where something may be erased."""


def subject_asked(kinds: Collection[str]) -> Converted:
    """How a record of one of these published types is asked for."""

    def read(given: str, problems: Problems, path: tuple[str, ...]) -> Any:
        found = read_global_id(given, kinds)
        if found is None:
            problems.add("unknown_subject", "There is no such record.", *path)
            return None
        return found[1]

    return Converted(strawberry.ID, read)


class AgreedField(Attribute):
    """What an accord is about, as a client names it."""

    @override
    def get_result(self, source: Any, info: Info | None, args: list[Any], kwargs: Any) -> Any:
        return global_id(AGREED[source.about], source.subject)


class CommentedField(Attribute):
    """What a comment is about, as a client names it."""

    @override
    def get_result(self, source: Any, info: Info | None, args: list[Any], kwargs: Any) -> Any:
        return global_id(COMMENTED[source.about], source.subject)


class ErasedField(Attribute):
    """Where something was erased, as a client names it."""

    @override
    def get_result(self, source: Any, info: Info | None, args: list[Any], kwargs: Any) -> Any:
        return global_id(NOUNS[source.aggregate], source.subject)


def _field(about: str, kind: type[Attribute]) -> dict[str, StrawberryField]:
    return {"subject": attribute("subject", StrawberryAnnotation(strawberry.ID), about, kind)}


FIELDS: Final = {
    Accord: _field("The global id of what it is about.", AgreedField),
    Comment: _field("The global id of what was commented on.", CommentedField),
    Erasure: _field("The global id of the record.", ErasedField),
}
"""How the two types answer it."""
SPECIAL: Final = {
    "accord.propose.subject": subject_asked(AGREED.values()),
    "accord.subject": subject_asked(AGREED.values()),
    "comment.write.subject": subject_asked(COMMENTED.values()),
    "comment.subject": subject_asked(COMMENTED.values()),
    "erasure.erase.subject": subject_asked(NOUNS.values()),
    "erasure.subject": subject_asked(NOUNS.values()),
}
"""How mutations and filters ask for it."""
