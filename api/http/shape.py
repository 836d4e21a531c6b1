"""What is written in a document: its operations and fragments, counted before any is expanded."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)

PAGE_ARGUMENTS: Final = frozenset({"first", "last"})


@dataclass(slots=True)
class Shape:
    """What is written in a document, fragments not expanded."""

    document: DocumentNode
    operations: list[OperationDefinitionNode] = field(default_factory=list)
    fragments: dict[str, FragmentDefinitionNode] = field(default_factory=dict)
    spreads: int = 0  # of fragments, inline ones too
    repeats: int = 0  # of the commonest response key in one selection set
    nesting: int = 0  # of selection sets in one definition
    uses: dict[str, list[str]] = field(default_factory=dict)  # fragment -> fragments it spreads
    defined: int = 0  # fragments, also those of the same name
    open: bool = False  # whether a variable says how large a page is

    def __post_init__(self) -> None:
        """Walk over the document without recursion, so that no nesting is too deep for it."""
        for definition in self.document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                self.operations.append(definition)
                self._walk(definition.selection_set)
            elif isinstance(definition, FragmentDefinitionNode):
                self.defined += 1
                self.fragments[definition.name.value] = definition
                self.uses[definition.name.value] = self._walk(definition.selection_set)

    def _walk(self, start: SelectionSetNode) -> list[str]:
        spread: list[str] = []
        waiting = [(start, 1)]
        while waiting:
            selections, depth = waiting.pop()
            self.nesting = max(self.nesting, depth)
            keys: Counter[str] = Counter()
            for node in selections.selections:
                if isinstance(node, FragmentSpreadNode):
                    spread.append(node.name.value)
                elif isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set:
                    waiting.append((node.selection_set, depth + 1))
                if isinstance(node, FieldNode):
                    keys[(node.alias or node.name).value] += 1
                    self.open |= any(isinstance(value, VariableNode) for value in pages(node))
                else:
                    self.spreads += 1
            self.repeats = max(self.repeats, *keys.values(), 0)
        return spread


def pages(node: FieldNode) -> Iterator[ValueNode]:
    """The values that say how large a page is."""
    for argument in node.arguments or ():
        if argument.name.value in PAGE_ARGUMENTS:
            yield argument.value
