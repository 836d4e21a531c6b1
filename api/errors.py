"""What the edge answers when it refuses: the catalogue of its codes, and errors without secrets."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from graphql import GraphQLError, GraphQLSyntaxError
from starlette.responses import Response
from strawberry.types.execution import ExecutionResult, PreExecutionError

from api.http.exchange import Exchange
from api.http.logs import log_bug, log_out_of_reach
from domain.kernel import Refusal
from ledger.databases import is_out_of_reach


class Fault(NamedTuple):
    """An HTTP status and a sentence for people."""

    status: int
    message: str


CATALOGUE: Final[dict[str, Fault]] = {
    # Before anything is read.
    "unauthenticated": Fault(401, "A valid bearer token is needed."),
    "unknown_host": Fault(421, "This server does not answer to that host."),
    "forwarded": Fault(400, "This server stands behind no proxy."),
    "method_not_allowed": Fault(405, "Queries come by GET or POST, mutations by POST."),
    "not_acceptable": Fault(406, "Answers are JSON; the Accept header leaves no room for it."),
    "unsupported_media_type": Fault(415, "Requests are application/json in UTF-8."),
    "not_found": Fault(404, "There is nothing here."),
    # While the request is read.
    "uri_too_long": Fault(414, "The query string is too long; send the request by POST."),
    "body_too_large": Fault(413, "The body is too large."),
    "body_too_slow": Fault(408, "The body took too long to arrive."),
    "string_too_long": Fault(400, "A string in the body is too long."),
    "json_too_deep": Fault(400, "The JSON nests too deep."),
    "bad_json": Fault(400, "The JSON cannot be read."),
    "doubled_key": Fault(400, "An object in the JSON names a key twice."),
    "forbidden_character": Fault(400, "NUL, surrogates and noncharacters are not accepted."),
    "bad_request": Fault(400, "This is no GraphQL request."),
    # While the document is checked.
    "syntax_error": Fault(400, "The document is no GraphQL."),
    "document_too_long": Fault(400, "The document is too long."),
    "too_deep": Fault(400, "The document nests too deep."),
    "too_many_fields": Fault(400, "The document asks for too many fields."),
    "too_many_repeats": Fault(400, "The document asks for the same too often."),
    "too_many_aliases": Fault(400, "The document has too many aliases."),
    "too_many_directives": Fault(400, "The document has too many directives."),
    "too_many_fragments": Fault(400, "The document has too many fragments."),
    "too_many_spreads": Fault(400, "The document spreads fragments too often."),
    "too_many_operations": Fault(400, "The document has too many operations."),
    "too_many_mutations": Fault(400, "The document has too many mutations."),
    "too_costly": Fault(400, "The document asks for too much."),
    "unknown_operation": Fault(400, "The document has no such operation."),
    "invalid_document": Fault(400, "The document does not fit the schema."),
    "invalid_variables": Fault(400, "The variables do not fit the document."),
    # While it is executed.
    "invalid_argument": Fault(200, "An argument does not fit the schema."),
    "more_errors": Fault(200, "More errors are not shown."),
    "timeout": Fault(503, "The request took too long; whether it had an effect is not known."),
    "unavailable": Fault(
        503, "The database cannot be used just now; ask again, for a change with the same key."
    ),
    "internal": Fault(500, "Something went wrong on our side."),
}
"""Every code the edge itself answers. A published code keeps its meaning for ever."""

HEADERS: Final = {
    "unauthenticated": {"WWW-Authenticate": 'Bearer realm="changegate"'},
    "method_not_allowed": {"Allow": "GET, POST"},
    "timeout": {"Retry-After": "1"},
    "unavailable": {"Retry-After": "1"},
}
PASSING: Final = frozenset({"unavailable", "busy", "deadline_passed", "writer_unavailable"})
"""What keeps a request from being carried out for a while, whatever it asks for."""
MESSAGE_LENGTH: Final = 500
SUGGESTION: Final = re.compile(r"\s*Did you mean .*\Z", re.DOTALL)


def failure(
    code: str,
    message: str | None = None,
    request: str | None = None,
    places: Iterable[Sequence[str]] = (),
) -> Response:
    """The answer to a request that never became GraphQL: one error with its code.

    `request` is the id under which a fault of ours was logged, `places` where in the request it is.
    """
    fault = CATALOGUE[code]
    told = message or fault.message
    extensions: dict[str, Any] = {"code": code} | ({"requestId": request} if request else {})
    if problems := [{"code": code, "message": told, "path": list(each)} for each in places]:
        extensions["problems"] = problems
    error = {"message": told, "extensions": extensions}
    return Response(
        msgspec.json.encode({"errors": [error]}),
        fault.status,
        headers=HEADERS.get(code),
        media_type="application/json; charset=utf-8",
    )


def code_of(error: BaseException) -> str:
    """The code by which whoever asked is told of what went wrong on our side."""
    return "unavailable" if is_out_of_reach(error) else "internal"


def logged(error: BaseException, request: str, path: Sequence[str | int] | None = None) -> str:
    """Log what went wrong on our side, once; its code."""
    code = code_of(error)
    if code == "internal":
        log_bug(request, error, path)
    else:
        log_out_of_reach(request, error)
    return code


def refusing(code: str, message: str | None = None) -> GraphQLError:
    """An error of the catalogue, about the document as a whole."""
    return GraphQLError(message or CATALOGUE[code].message, extensions={"code": code})


def presented(result: ExecutionResult, exchange: Exchange, most: int) -> list[dict[str, Any]]:
    """The errors of a result as a client may see them, `most` of them at the most.

    Every error has a code. What is a fault of ours is logged once with the request's id and
    answered without a word about its cause.
    """
    errors = result.errors or []
    before = isinstance(result, PreExecutionError)
    shown = [_shown(error, exchange, before=before) for error in errors]
    exchange.codes += sorted({error["extensions"]["code"] for error in shown})
    if len(shown) > most:
        shown = [*shown[:most], dict(refusing("more_errors").formatted)]
    return shown


def passes(result: ExecutionResult, shown: Sequence[Mapping[str, Any]]) -> bool:
    """Whether nothing is answered to a request for a reason that passes."""
    return result.data is None and any(each["extensions"]["code"] in PASSING for each in shown)


def is_refusal(result: ExecutionResult) -> bool:
    """Whether a request was refused before anything of it was executed."""
    errors = result.errors or []
    return result.data is None and bool(errors) and all(error.path is None for error in errors)


def _shown(error: GraphQLError, exchange: Exchange, *, before: bool) -> dict[str, Any]:
    cause = _cause(error)
    if isinstance(cause, Refusal):
        return _told(error, cause)
    code = _code(error, cause, before=before)
    if code == "internal":
        code = logged(cause or error, exchange.id, error.path)
        error = GraphQLError(CATALOGUE[code].message, nodes=error.nodes, path=error.path)
        extensions = {"code": code, "requestId": exchange.id}
    else:
        extensions = {**(error.extensions or {}), "code": code}
    message = SUGGESTION.sub("", error.message)[:MESSAGE_LENGTH]
    return {**error.formatted, "message": message, "extensions": extensions}


def _told(error: GraphQLError, refusal: Refusal) -> dict[str, Any]:
    problems = [
        {"code": problem.code, "message": problem.message, "path": list(problem.path)}
        for problem in refusal.problems
    ]
    extensions = {"code": problems[0]["code"], "problems": problems}
    return {**error.formatted, "message": problems[0]["message"], "extensions": extensions}


def _code(error: GraphQLError, cause: BaseException | None, *, before: bool) -> str:
    """The code of an error: its own, or what its place in the request's life says."""
    given = (error.extensions or {}).get("code")
    if isinstance(given, str):
        return given
    if isinstance(error, GraphQLSyntaxError):
        return "syntax_error"
    if error.path is None:
        # Checking a document raises GraphQLErrors only; anything else is a fault of ours.
        # A scalar that refuses a variable raises what it likes, and that is the client's.
        if before and cause is not None:
            return "internal"
        return "invalid_document" if before else "invalid_variables"
    return "internal" if cause is not None or not _about_argument(error) else "invalid_argument"


def _about_argument(error: GraphQLError) -> bool:
    """Whether the executor blames a value in the document, as it does when it coerces one."""
    return bool(error.nodes) and error.nodes is not None and error.nodes[0].kind != "field"


def _cause(error: BaseException) -> BaseException | None:
    """The exception of another kind at the root of a GraphQL error, if there is one."""
    found: BaseException | None = error
    while isinstance(found, GraphQLError):
        found = found.original_error
    return found
