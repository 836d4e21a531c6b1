"""The first administrator and tokens given at the machine: the operator's recorded acts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from api.ids import new_id
from api.installation import Desk
from api.tokens import mint

ADMINISTRATOR = "role:administrator"
TOKEN_LASTS = timedelta(days=90)


def appoint(  # noqa: PLR0917  (who a person is)
    desk: Desk,
    pepper: bytes,
    handle: str,
    name: str,
    mail: str | None,
    identity: dict[str, Any] | None = None,
) -> str:
    """Register the first administrator, give them their role, and answer their token."""
    person = f"user:{new_id()}"
    desk.ask(
        "principal.register",
        person,
        kind="human",
        handle=handle,
        name=name,
        mail=mail,
        identity=identity,
    )
    reason = "The first administrator, appointed by the operator."
    desk.ask("grant.give", person=person, role=ADMINISTRATOR, reason=reason)
    return issue_token(desk, pepper, person, name="First sign-in", lasts=TOKEN_LASTS)


def issue_token(  # noqa: PLR0913  (a token's owner, purpose, bounds and time)
    desk: Desk,
    pepper: bytes,
    owner: str,
    *,
    name: str,
    lasts: timedelta,
    actions: tuple[str, ...] = (),
    by: str | None = None,
) -> str:
    """Make a token for a principal and answer its text, which is kept nowhere."""
    minted = mint(pepper)
    given: dict[str, Any] = {} if by is None else {"by": by}
    desk.ask(
        "credential.issue",
        minted.public_id,
        owner=owner,
        name=name,
        keyed_hash=minted.hash.hex(),
        actions=actions,
        until=datetime.now(UTC) + lasts,
        **given,
    )
    return minted.text
