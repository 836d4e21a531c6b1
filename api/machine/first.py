"""First people and tokens given at the machine: the operator's recorded acts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from api.authentication.tokens import mint
from api.ids import new_id
from api.machine.installation import Desk
from domain.authority import Authority
from domain.kernel import OPERATOR

ADMINISTRATOR: Final = "role:administrator"
TOKEN_LASTS: Final = timedelta(days=90)
REASON: Final = "Appointed by the operator, while fewer than two people hold this role."


class Founder(NamedTuple):
    """Whom the operator appoints; `identity` says who signs them in, and as whom."""

    handle: str
    name: str
    identity: dict[str, str] | None = None


def is_administered(authority: Authority, at: datetime) -> bool:
    """Whether anybody is an administrator: then the founding is over."""
    return bool(authority.holders(ADMINISTRATOR, None, frozenset(), at))


def appoint(
    desk: Desk, known: Authority, founders: Iterable[Founder], role: str = ADMINISTRATOR
) -> dict[str, str]:
    """Register those who are not known yet, then give all of them a role; their ids by handle."""
    people = {each.handle: known.named(each.handle) or register(desk, each) for each in founders}
    for person in people.values():
        desk.ask("grant.give", person=person, role=role, reason=REASON)
    return people


def register(desk: Desk, founder: Founder) -> str:
    """Give a person an account; answers its id."""
    told: dict[str, Any] = {"kind": "human", "handle": founder.handle, "name": founder.name}
    person = f"user:{new_id()}"
    desk.ask("principal.register", person, **told, identity=founder.identity, mail=None)
    return person


def issue_token(
    desk: Desk,
    pepper: bytes,
    owner: str,
    *,
    name: str,
    lasts: timedelta,
    actions: tuple[str, ...] = (),
    by: str = OPERATOR,
) -> str:
    """Make a token for a principal and answer its text, which is kept nowhere."""
    minted = mint(pepper)
    given: dict[str, Any] = {"owner": owner, "name": name, "actions": actions}
    hashed: dict[str, Any] = {"keyed_hash": minted.hash.hex(), "until": datetime.now(UTC) + lasts}
    desk.ask("credential.issue", minted.public_id, by=by, **given, **hashed)
    return minted.text
