"""The numbers and the names of what is out, without what stays hidden of its past."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from strawberry.types.field import StrawberryField

from api.derived.fields import found_by
from api.derived.hints import hints
from api.derived.nouns import TYPES
from api.hiding.untold import NOTHING, Untold, may_have_hidden, untold_of
from domain.merge_request.state import MergeRequest
from domain.principal.state import Principal
from domain.release.state import Release
from domain.security_fix.state import SecurityFix

Find = Callable[[Any, Any], Any]


def _as_told(find: Callable[[Any, Untold], Any]) -> Find:
    """Read a field by what of a record is not told; of what never hid nothing is looked up."""

    async def load(root: Any, context: Any) -> Any:
        return find(root, await context.batch(untold_of, root))

    return lambda root, context: (
        load(root, context) if may_have_hidden(root) else find(root, NOTHING)
    )


def _retold(name: str) -> Find:
    """Read a field with the revisions in it as the reader counts them."""
    return _as_told(lambda root, left: left.retold(getattr(root, name)))


async def _contributors(root: Any, context: Any) -> Any:
    left_out = (await context.batch(untold_of, root)).actors if may_have_hidden(root) else ()
    told = (each for each in root.contributors if each not in left_out)
    return await context.load_many(Principal, told)


def _fields(state: type, finds: Mapping[str, Find]) -> dict[str, StrawberryField]:
    """Derived fields of a state as they are, but for how their values are found."""
    kinds = hints(state)
    return {n: found_by(TYPES.field(state, n, kinds[n]), find) for n, find in finds.items()}


_VERSION: Final = {"version": _as_told(lambda root, left: left.version(root.version))}
_REVISION: Final = {"revision": _as_told(lambda root, left: left.revision(root.revision))}
_PARTS: Final = (
    *("digest", "attestations", "deliveries"),
    *("rejection", "overrides", "publication_override"),
)
"""What of a release names its revisions, or what was in it."""

FIX_FIELDS: Final = _fields(SecurityFix, _VERSION)
MERGE_REQUEST_FIELDS: Final = _fields(MergeRequest, _VERSION)
RELEASE_FIELDS: Final = _fields(
    Release,
    {
        **_VERSION,
        **_REVISION,
        **{name: _retold(name) for name in _PARTS},
        "contributors": _contributors,
    },
)
