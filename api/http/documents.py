"""Parses, bounds and validates GraphQL documents, and remembers those it has looked at."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    StringValueNode,
    Visitor,
    parse,
    specified_rules,
    validate,
    visit,
)
from strawberry.extensions import SchemaExtension
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule
from typing_extensions import override

from api.errors import refusing
from api.http.limits import excesses
from api.http.shape import Shape
from api.http.wire import FORBIDDEN
from api.settings import Limits

RULES: Final = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)
COMMENTS: Final = 200


@dataclass(slots=True)
class Checked:
    """A parsed document with what was found in it, once somebody asked."""

    document: DocumentNode
    shape: Shape
    excesses: list[GraphQLError] | None = None
    errors: list[GraphQLError] | None = None


class Documents:
    """Checks the documents of one schema. Each text is parsed and validated once while remembered.

    What a document asks for is counted before it is validated, because the standard rules take
    quadratic time on documents made for it, and anew where variables say how large a page is.
    """

    def __init__(self, limits: Limits, *, introspection: bool = True) -> None:
        self.limits = limits
        self.rules = RULES if introspection else (*RULES, NoSchemaIntrospectionCustomRule)
        self.checked = lru_cache(limits.documents)(self._parse)

    def _parse(self, text: str) -> Checked:
        if len(text) > self.limits.characters:
            raise refusing("document_too_long", f"At most {self.limits.characters} characters.")
        try:
            document = parse(text, max_lexical_tokens=self.limits.tokens, max_comments=COMMENTS)
        except GraphQLSyntaxError as error:
            if error.message.endswith("Parsing aborted."):
                raise refusing("document_too_long", error.message) from None
            raise
        if "\\u" in text and holds_forbidden_escape(document):
            raise refusing("forbidden_character")
        return Checked(document, Shape(document))

    def faults(
        self, text: str, schema: GraphQLSchema, variables: dict[str, Any] | None
    ) -> list[GraphQLError]:
        """Why a document must not be executed; nothing if it may. Raises on a syntax error."""
        checked = self.checked(text)
        if checked.excesses is None or checked.shape.open:
            checked.excesses = excesses(checked.shape, schema, self.limits, variables)
        if checked.excesses:
            return checked.excesses
        if checked.errors is None:
            most = self.limits.errors
            checked.errors = validate(
                schema, checked.document, self.rules, max_errors=most, hide_suggestions=True
            )
        return checked.errors

    def extension(self) -> SchemaExtension:
        """What makes one execution of a Strawberry schema use these checks."""
        return Checking(self)


class Checking(SchemaExtension):
    """Takes the place of Strawberry's own parsing and validation in one execution."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents

    @override
    def on_parse(self) -> Iterator[None]:
        """Parse, or take what was parsed before."""
        context = self.execution_context
        context.graphql_document = self.documents.checked(context.query or "").document
        yield

    @override
    def on_validate(self) -> Iterator[None]:
        """Count and validate. A list, even an empty one, keeps Strawberry from doing it again."""
        context = self.execution_context
        context.pre_execution_errors = self.documents.faults(
            context.query or "",
            context.schema._schema,  # noqa: SLF001  (Strawberry keeps the schema proper there)
            context.variables,
        )
        yield


class _Escapes(Visitor):
    """Looks for forbidden characters that were spelled as escapes."""

    def __init__(self) -> None:
        super().__init__()
        self.found = False

    def enter_string_value(self, node: StringValueNode, *_: object) -> None:
        """Look at one string."""
        self.found = self.found or FORBIDDEN.search(node.value) is not None


def holds_forbidden_escape(document: DocumentNode) -> bool:
    """Whether a string in the document stands for a character that nobody may store."""
    escapes = _Escapes()
    visit(document, escapes)
    return escapes.found
