"""What an operation selects below a field, where working it out for nobody would cost much."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionNode,
)
from strawberry.types.info import Info


def selects(info: Info, name: str) -> bool:
    """Whether a field of this name is selected of what is resolved, under whatever alias.

    One that a directive leaves out after all counts as selected.
    """
    raw = info._raw_info  # noqa: SLF001  Strawberry's own reading of it converts the whole subtree
    nodes = (each.selection_set for each in raw.field_nodes)
    return any(_named(each.selections, name, raw.fragments) for each in nodes if each)


def _named(
    selections: Iterable[SelectionNode], name: str, fragments: Mapping[str, FragmentDefinitionNode]
) -> bool:
    for each in selections:
        if isinstance(each, FieldNode):
            if each.name.value == name:
                return True
        elif isinstance(each, InlineFragmentNode | FragmentSpreadNode):
            within = fragments[each.name.value] if isinstance(each, FragmentSpreadNode) else each
            if _named(within.selection_set.selections, name, fragments):
                return True
    return False
