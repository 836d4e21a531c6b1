"""The published schema as a promise: what was not deprecated before may not be broken."""

from __future__ import annotations

from typing import Any, Final

from graphql import (
    REMOVE,
    DocumentNode,
    GraphQLSchema,
    Visitor,
    build_ast_schema,
    find_breaking_changes,
    get_named_type,
    is_interface_type,
    parse,
    visit,
)

DEPRECATED: Final = "deprecated"


def breaking(published: str, current: str) -> tuple[str, ...]:
    """What the current SDL breaks of the published one, apart from what that one deprecated."""
    promised = _schema(visit(parse(published), _WithoutDeprecated()))
    offered = _schema(parse(current))
    kept = _reachable(promised)
    found = (change.description for change in find_breaking_changes(promised, offered))
    return tuple(sorted(each for each in found if _concerns(each, kept, promised)))


class _WithoutDeprecated(Visitor):
    """Takes away what clients were told to leave."""

    def enter(self, node: Any, *_rest: Any) -> Any:
        """Drop a field, argument or value that is deprecated."""
        directives = getattr(node, "directives", None) or ()
        gone = any(each.name.value == DEPRECATED for each in directives)
        return REMOVE if gone else None


def _schema(document: DocumentNode) -> GraphQLSchema:
    return build_ast_schema(document, assume_valid=True, assume_valid_sdl=True)


def _concerns(change: str, kept: set[str], promised: GraphQLSchema) -> bool:
    """Whether a change is about something that could still be asked for."""
    name = change.split(" ", 1)[0].split(".", 1)[0].strip("'\"")
    return name not in promised.type_map or name in kept


def _reachable(schema: GraphQLSchema) -> set[str]:
    """The types that a document can still name, starting from what may be asked."""
    roots = (schema.query_type, schema.mutation_type, schema.subscription_type)
    waiting: list[Any] = [root for root in roots if root is not None]
    found: set[str] = set()
    while waiting:
        kind = waiting.pop()
        if kind.name in found:
            continue
        found.add(kind.name)
        waiting.extend(_named_by(kind, schema))
    return found


def _named_by(kind: Any, schema: GraphQLSchema) -> list[Any]:
    fields = getattr(kind, "fields", {}).values()
    named = [get_named_type(field.type) for field in fields]
    for field in fields:
        named += [get_named_type(one.type) for one in getattr(field, "args", {}).values()]
    if is_interface_type(kind):
        named += schema.get_possible_types(kind)
    return [*named, *getattr(kind, "types", ()), *getattr(kind, "interfaces", ())]
