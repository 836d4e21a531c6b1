"""One HTTP request and its answer: the id, the caller and what is noted about them on the way."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from starlette.types import Scope

    from api.authentication.bearer import Caller

KEY: Final = "changegate.exchange"


@dataclass(slots=True)
class Exchange:
    """What the layers of the edge tell each other about one request."""

    id: str = field(default_factory=lambda: secrets.token_hex(16))
    """The request's id: in the log lines, in `X-Request-Id`, and beside a masked error."""
    caller: Caller | None = None
    """Who asks; None until a credential was accepted."""
    operation: str | None = None
    """The name of the GraphQL operation, if the client gave one that is a plain name."""
    refused: bool = False
    """Whether the GraphQL request was refused before anything of it was executed."""
    done: bool = False
    """Whether anything was recorded for it."""
    away: bool = False
    """Whether nothing came of it for a reason that passes."""
    codes: list[str] = field(default_factory=list)
    """The codes of the errors answered."""


def exchange_of(scope: Scope) -> Exchange:
    """The exchange this scope belongs to; it begins with whoever asks first."""
    found: Exchange = scope.setdefault(KEY, Exchange())
    return found
