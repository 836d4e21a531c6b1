"""What the log says of those who come in: their tokens, their identities, what they hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from api.authentication.bearer import Identity
from api.authentication.tokens import StoredToken
from domain.credential import Credential
from domain.grant.aggregate import Grant
from ledger.store import Reader, Standing


@dataclass(frozen=True, slots=True)
class Accounts:
    """Looks accounts up, each time as they stand now; to be asked in a thread."""

    reader: Reader

    def token(self, public_id: str) -> StoredToken | None:
        """A token by its public id; one that its owner may not use is as good as revoked."""
        with self.reader.connection() as connection:
            found = self.reader.get(connection, Credential, public_id)
            authority = self.reader.standing(connection).authority
        if found is None or authority.person(found.owner) is None:
            return None
        return StoredToken(
            found.id,
            bytes.fromhex(found.keyed_hash),
            found.owner,
            frozenset(found.actions) or None,
            found.until,
            None if found.usable(authority, found.since) else found.since,
        )

    def identified(self, identity: Identity) -> str | None:
        """The account of a person of the provider, None if there is none or it is suspended."""
        authority = self.standing().authority
        found = authority.identified(identity.issuer, identity.subject)
        return None if found is None or authority.suspended(found) else found

    def principal(self, named: str) -> str | None:
        """The id of the account with this id or handle, None if there is none."""
        authority = self.standing().authority
        return named if authority.person(named) else authority.named(named)

    def grants_of(self, person: str) -> tuple[Grant, ...]:
        """Every grant a person has been given."""
        return self.standing().authority.grants_of(person)

    def may(self, principal: str, action: str) -> bool:
        """Whether the policy lets a principal ask for an action that has no scope."""
        standing = self.standing()
        if standing.judge is None:
            return False
        at = datetime.now(UTC)
        return standing.judge.decide(principal, action, {}, standing.authority, at).allowed

    def standing(self) -> Standing:
        """Who holds what, and the policy in force."""
        with self.reader.connection() as connection:
            return self.reader.standing(connection)
