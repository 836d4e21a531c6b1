"""What an operation selects below a field, where working it out for nobody would cost much."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
)
from strawberry.types.info import Info


def selects(info: Info, *names: str) -> bool:
    """Whether a field of one of these names is selected below what is resolved, however deep.

    Under whatever alias; one that a directive leaves out after all counts as selected.
    """
    raw = info._raw_info  # noqa: SLF001  Strawberry's own reading of it converts the whole subtree
    nodes = (each.selection_set for each in raw.field_nodes)
    wanted = frozenset(names)
    return any(_named(each.selections, wanted, raw.fragments) for each in nodes if each)


def _named(
    selections: Iterable[SelectionNode],
    names: frozenset[str],
    fragments: Mapping[str, FragmentDefinitionNode],
) -> bool:
    for each in selections:
        if isinstance(each, FieldNode) and each.name.value in names:
            return True
        if isinstance(each, FragmentSpreadNode):
            within: SelectionSetNode | None = fragments[each.name.value].selection_set
        elif isinstance(each, FieldNode | InlineFragmentNode):
            within = each.selection_set
        else:
            within = None
        if within is not None and _named(within.selections, names, fragments):
            return True
    return False
