"""Credentials: API tokens, known by a keyed hash, limited in actions and time, revocable.

A person has tokens issued for oneself and for the programs one owns, which end once these have
another owner; only the operator at the machine has them issued for others. When a token was last
used is no fact for the log.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from domain.askers import check_active, check_firsthand
from domain.authority import Authority
from domain.kernel import (
    OPERATOR,
    Aggregate,
    Audience,
    Command,
    Context,
    Internal,
    Problems,
    Recorded,
    Text,
    moved,
)
from domain.term import in_force
from domain.wording import LINE, NOTE, check_given

LONGEST: Final = timedelta(days=366)
"""A token nobody replaced for a year is one nobody remembers."""
MOST_ACTIONS: Final = 100

_PUBLIC_ID: Final = re.compile(r"[0-9A-Za-z]{16,32}")
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_ACTION: Final = re.compile(r"[a-z][a-z0-9_]{0,59}\.[a-z][a-z0-9_]{0,59}")


@dataclass(frozen=True, slots=True)
class Credential:
    """An API token, by its public id. `actions` are all it may ask for; none means no limit.

    A token never gives a right of its own: its owner has to hold the right as well.
    """

    id: str
    version: int
    owner: str
    name: Text
    keyed_hash: Internal[str]
    actions: tuple[str, ...]
    since: datetime
    until: datetime
    issued_by: str
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    revoked_reason: Text | None = None

    def usable(self, authority: Authority, at: datetime) -> bool:
        """Whether it is in force and its owner is known and not suspended."""
        owned = authority.person(self.owner) is not None and not authority.suspended(self.owner)
        ended = self.revoked_at or self.given_away(authority)
        return owned and ended is None and in_force(self.since, self.until, at)

    def given_away(self, authority: Authority) -> datetime | None:
        """When its program was given to another owner, with which it ended; None while it was not.

        Whoever was responsible before knows its text, whoever had it made.
        """
        program = authority.person(self.owner)
        if program is None:
            return None
        last = max((each.until for each in program.former if each.owner), default=None)
        own = self.issued_by == program.owner
        ended = last is not None and (self.since < last or (self.since == last and not own))
        return last if ended else None


# Events.


@dataclass(frozen=True, slots=True)
class Issued:
    """A token was made; its text was shown once and is kept nowhere."""

    owner: str
    name: Text
    keyed_hash: Internal[str]
    actions: tuple[str, ...]
    until: datetime


@dataclass(frozen=True, slots=True)
class Revoked:
    """The token is of no use from now on."""

    reason: Text


def evolve(state: Credential | None, recorded: Recorded) -> Credential:
    """Fold one event."""
    event = recorded.event
    if isinstance(event, Issued):
        return _issued(event, recorded)
    if state is None:
        raise TypeError(f"a credential does not begin with {type(event).__name__}")
    if not isinstance(event, Revoked):
        raise TypeError(f"{type(event).__name__} is no event of a credential")
    return moved(
        state,
        recorded,
        revoked_at=recorded.at,
        revoked_by=recorded.by,
        revoked_reason=event.reason,
    )


def _issued(event: Issued, recorded: Recorded) -> Credential:
    return Credential(
        id=recorded.subject,
        version=recorded.version,
        owner=event.owner,
        name=event.name,
        keyed_hash=event.keyed_hash,
        actions=event.actions,
        since=recorded.at,
        until=event.until,
        issued_by=recorded.by,
    )


# Commands.


def issue(
    _state: None,
    context: Context,
    *,
    owner: Annotated[str, "For whom the token speaks: oneself, or a program one owns."],
    name: Annotated[Text, "What the token is for."],
    keyed_hash: Annotated[Internal[str], "The HMAC-SHA256 of the token, in hex."],
    actions: Annotated[tuple[str, ...], "The only actions it may ask for; all if empty."] = (),
    until: Annotated[datetime, "When it ends, at most 366 days from now."],
) -> list[Any]:
    """Record a token that was just made, so that it can be recognised and not be known."""
    problems = Problems()
    check_firsthand(problems, context)
    _check_shape(problems, context.subject, keyed_hash)
    check_given(problems, name, LINE, "name")
    _check_actions(problems, actions)
    _check_limits(problems, context, actions)
    _check_until(problems, context.at, until)
    check_active(problems, context, owner, "owner")
    own = context.by in (OPERATOR, owner) or _owns(context, owner)
    problems.unless(own, "not_own_account", "One's own tokens, or a program's one owns.", "owner")
    problems.settle()
    return [Issued(owner, name, keyed_hash, actions, until)]


def revoke(
    state: Credential,
    context: Context,
    *,
    reason: Annotated[Text, "Why, such as a leak."],
) -> list[Any]:
    """End one's own token, or that of a program one owns."""
    problems = Problems()
    own = context.by in (OPERATOR, state.owner) or _owns(context, state.owner)
    problems.unless(own, "not_own_account", "One's own tokens, or a program's one owns.")
    _check_ending(problems, context, state, reason)
    problems.settle()
    return [Revoked(reason)]


def annul(
    state: Credential,
    context: Context,
    *,
    reason: Annotated[Text, "Why, such as a leak."],
) -> list[Any]:
    """End somebody else's token."""
    problems = Problems()
    _check_ending(problems, context, state, reason)
    problems.settle()
    return [Revoked(reason)]


def _owns(context: Context, program: str) -> bool:
    """Whether the asker answers for the program; acting for its owner is not enough."""
    known = context.authority.person(program)
    return known is not None and known.owner is not None and known.owner == context.by


def _check_shape(problems: Problems, public_id: str, keyed_hash: str) -> None:
    good = _PUBLIC_ID.fullmatch(public_id)
    problems.unless(good, "id_unusable", "A public id is 16 to 32 letters and digits.", "id")
    hashed = _HASH.fullmatch(keyed_hash)
    problems.unless(hashed, "hash_unusable", "A keyed hash is 64 hex digits.", "keyed_hash")


def _check_actions(problems: Problems, actions: tuple[str, ...]) -> None:
    for at, action in enumerate(actions):
        good = _ACTION.fullmatch(action)
        message = "An action is written like change.approve."
        problems.unless(good, "action_unusable", message, "actions", str(at))
    few = len(actions) <= MOST_ACTIONS
    problems.unless(few, "too_many", f"At most {MOST_ACTIONS} of these.", "actions")
    once = len(set(actions)) == len(actions)
    problems.unless(once, "named_twice", "An action stands here twice.", "actions")


def _check_limits(problems: Problems, context: Context, actions: tuple[str, ...]) -> None:
    """Note a token that may do more than the one it is asked for with."""
    if context.limits is not None:
        within = bool(actions) and set(actions) <= set(context.limits)
        message = "A token gives no more than the token it is asked for with."
        problems.unless(within, "exceeds_own_token", message, "actions")


def _check_until(problems: Problems, at: datetime, until: datetime) -> None:
    problems.unless(until > at, "until_passed", "This moment has passed.", "until")
    near = until <= at + LONGEST
    problems.unless(near, "until_too_far", f"At most {LONGEST.days} days from now.", "until")


def _check_ending(problems: Problems, context: Context, state: Credential, reason: str) -> None:
    check_firsthand(problems, context)
    check_given(problems, reason, NOTE, "reason")
    problems.unless(state.revoked_at is None, "revoked_already", "This token was revoked.")


AGGREGATE = Aggregate(
    "credential",
    Credential,
    events=(Issued, Revoked),
    evolve=evolve,
    commands=(Command(issue, operator=True), Command(revoke, operator=True), Command(annul)),
    indexed=("owner", "issued_by", "until"),
    audience=Audience.SCOPED,
)
