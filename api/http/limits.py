"""How much a document asks for, counted in one pass over it, fragments expanded.

Each selection is visited once: what a fragment weighs is reckoned once and added wherever it is
spread, so that twenty fragments that double each other cost twenty additions, not a million visits.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
)

from api.errors import refusing
from api.http.shape import PAGE_ARGUMENTS, Shape, pages
from api.settings import Limits

INTROSPECTION: Final = {"__schema": "__Schema", "__type": "__Type"}
INTROSPECTION_COST: Final = 20
"""What each field below `__schema` or `__type` costs: it is answered for every type there is."""
TYPE_LISTS: Final = frozenset({"fields", "inputFields", "interfaces", "possibleTypes"})
"""What a type lists; each field of such a list below another costs as much once more."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What a selection weighs, fragments expanded."""

    depth: int = 0
    introspection: int = 0  # depth below __schema or __type
    listing: int = 0  # depth of lists of __Type
    width: int = 0  # fields of the outermost level
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    cost: int = 0  # fields, times the sizes of the pages they stand in

    def __add__(self, other: Self) -> Self:
        """The weight of both beside each other."""
        return type(self)(
            max(self.depth, other.depth),
            max(self.introspection, other.introspection),
            max(self.listing, other.listing),
            self.width + other.width,
            self.fields + other.fields,
            self.aliases + other.aliases,
            self.directives + other.directives,
            self.cost + other.cost,
        )


NOTHING: Final = Weight()


def excesses(
    shape: Shape,
    schema: GraphQLSchema,
    limits: Limits,
    variables: Mapping[str, Any] | None = None,
) -> list[GraphQLError]:
    """Everything a document has too much of; nothing if it may be validated and executed.

    `variables` say how large the pages are that the document leaves open.
    """
    written = [
        ("too_many_operations", len(shape.operations), limits.operations),
        ("too_many_fragments", shape.defined, limits.fragments),
        ("too_many_spreads", shape.spreads, limits.spreads),
        ("too_many_repeats", shape.repeats, limits.repeats),
        ("too_deep", shape.nesting, limits.introspection_depth + limits.spreads),
    ]
    if found := list(_over(written)):
        return found  # only what is small as written is expanded
    scale = Scale(schema, limits, shape, variables or {})
    weights = [(operation, scale.of_operation(operation)) for operation in shape.operations]
    total = sum((weight for _, weight in weights), NOTHING)
    changing = sum(
        weight.width
        for operation, weight in weights
        if operation.operation is OperationType.MUTATION
    )
    expanded = [
        ("too_deep", total.depth, limits.depth),
        ("too_deep", total.introspection, limits.introspection_depth),
        ("too_many_fields", total.fields, limits.fields),
        ("too_many_aliases", total.aliases, limits.aliases),
        ("too_many_directives", total.directives, limits.directives),
        ("too_many_mutations", changing, limits.mutations),
        ("too_costly", total.cost, limits.cost),
    ]
    return list(_over(expanded))


def _over(counts: list[tuple[str, int, int]]) -> Iterator[GraphQLError]:
    for code, count, limit in counts:
        if count > limit:
            shown = str(count) if count < 10**9 else "more than a billion"
            yield refusing(code, f"{_TOLD[code]}: {shown}, at most {limit}.")


_TOLD: Final = {
    "too_many_operations": "Operations in the document",
    "too_many_fragments": "Fragments in the document",
    "too_many_spreads": "Fragment spreads in the document",
    "too_many_repeats": "Selections of the same response key",
    "too_deep": "Levels of fields",
    "too_many_fields": "Fields, fragments expanded",
    "too_many_aliases": "Aliases, fragments expanded",
    "too_many_directives": "Directives, fragments expanded",
    "too_many_mutations": "Mutations in the document",
    "too_costly": "Cost of the document, its fields times the sizes of their pages",
}


class Scale:
    """Weighs the selections of one document, each of them once."""

    def __init__(
        self,
        schema: GraphQLSchema,
        limits: Limits,
        shape: Shape,
        variables: Mapping[str, Any],
    ) -> None:
        self.schema = schema
        self.limits = limits
        self.shape = shape
        self.sizes = {**_defaults(shape.operations), **variables}
        self.weighed: dict[str, Weight] = {}
        self.visits = 0
        for name in _innermost_first(shape.uses):
            fragment = shape.fragments[name]
            within = schema.get_type(fragment.type_condition.name.value)
            own = Weight(directives=len(fragment.directives or ()))
            self.weighed[name] = self._set(fragment.selection_set, within) + own

    def of_operation(self, operation: OperationDefinitionNode) -> Weight:
        """The weight of an operation with all that it spreads."""
        directives = len(operation.directives or ())
        for variable in operation.variable_definitions or ():
            directives += len(variable.directives or ())
        root = self.schema.get_root_type(operation.operation)
        return self._set(operation.selection_set, root) + Weight(directives=directives)

    def _set(self, selections: SelectionSetNode, within: GraphQLNamedType | None) -> Weight:
        total = NOTHING
        for node in selections.selections:
            self.visits += 1
            total += self._node(node, within) + Weight(directives=len(node.directives or ()))
        return total

    def _node(self, node: SelectionNode, within: GraphQLNamedType | None) -> Weight:
        if isinstance(node, FragmentSpreadNode):
            # Unknown fragments and cycles weigh nothing here: validation refuses them.
            return self.weighed.get(node.name.value, NOTHING)
        if isinstance(node, InlineFragmentNode):
            named = node.type_condition
            inner = self.schema.get_type(named.name.value) if named else within
            return self._set(node.selection_set, inner)
        assert isinstance(node, FieldNode)  # noqa: S101  (there is no fourth kind)
        return self._field(node, within)

    def _field(self, node: FieldNode, within: GraphQLNamedType | None) -> Weight:
        name = node.name.value
        known = _field_of(within, name)
        looks_inside = name in INTROSPECTION
        if looks_inside:
            inner = self.schema.get_type(INTROSPECTION[name])
        else:
            inner = get_named_type(known.type) if known else None
        below = self._set(node.selection_set, inner) if node.selection_set else NOTHING
        lists = within is not None and within.name == "__Type" and name in TYPE_LISTS
        multiplies = looks_inside or (lists and below.listing)
        times = INTROSPECTION_COST if multiplies else self._page(node, known)
        return Weight(
            depth=1 if looks_inside else below.depth + 1,
            introspection=below.depth + 1 if looks_inside else below.introspection,
            listing=0 if looks_inside else below.listing + lists,
            width=1,
            fields=below.fields + 1,
            aliases=below.aliases + (node.alias is not None),
            directives=below.directives,
            cost=below.cost * times + 1,
        )

    def _page(self, node: FieldNode, known: GraphQLField | None) -> int:
        """How many times what is below a field may be answered, by the page it asks for."""
        if asked := [self._size(value) for value in pages(node)]:
            return min(max(1, *asked), self.limits.page_max)
        paged = known is not None and not PAGE_ARGUMENTS.isdisjoint(known.args)
        return self.limits.page_default if paged else 1

    def _size(self, value: ValueNode) -> int:
        if isinstance(value, IntValueNode):
            return int(value.value[:9])
        given = self.sizes.get(value.name.value) if isinstance(value, VariableNode) else None
        return given if isinstance(given, int) else self.limits.page_default


def _field_of(within: GraphQLNamedType | None, name: str) -> GraphQLField | None:
    if not isinstance(within, GraphQLObjectType | GraphQLInterfaceType):
        return None
    fields: Mapping[str, GraphQLField] = within.fields
    return fields.get(name)


def _defaults(operations: list[OperationDefinitionNode]) -> dict[str, int]:
    """The defaults of variables that are whole numbers."""
    return {
        variable.variable.name.value: int(variable.default_value.value[:9])
        for operation in operations
        for variable in operation.variable_definitions or ()
        if isinstance(variable.default_value, IntValueNode)
    }


def _innermost_first(uses: Mapping[str, list[str]]) -> Iterator[str]:
    """The fragments, each after those it spreads; a cycle is cut where it closes."""
    seen: set[str] = set()
    for start in uses:
        path = [(start, iter(uses[start]))] if start not in seen else []
        seen.add(start)
        while path:
            name, rest = path[-1]
            inner = next((other for other in rest if other in uses and other not in seen), None)
            if inner is None:
                path.pop()
                yield name
            else:
                seen.add(inner)
                path.append((inner, iter(uses[inner])))
