"""Who acts on the command line: the operator, or a person by showing their own token."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from api.commands.paths import path_option
from api.commands.saying import BROKEN, Stop

if TYPE_CHECKING:
    from api.machine.installation import Desk, Installation
    from ledger.request import Answer

TokenFile = Annotated[
    Path,
    path_option(help="File with the token of whoever acts; - reads it from standard input."),
]
LONGEST = 1024


@dataclass(frozen=True, slots=True)
class Person:
    """A person, or a program, who has shown a token of theirs."""

    id: str
    credential: str
    limits: tuple[str, ...] | None

    def ask(self, desk: Desk, action: str, subject: str | None = None, **rest: Any) -> Answer:
        """Ask in their name, within what the token allows."""
        return desk.ask(
            action, subject, by=self.id, credential=self.credential, limits=self.limits, **rest
        )


def person(opened: Installation, token_file: Path) -> Person:
    """Whose token is in a file; raises Stop for one that is not valid here."""
    from api.authentication.accounts import Accounts
    from api.authentication.tokens import check
    from api.machine.keys import pepper

    text = _read(token_file)
    known = Accounts(opened.reader)
    stored = check(text, known.token, pepper(opened.settings), datetime.now(UTC))
    if stored is None:
        raise Stop(f"{token_file} holds no token that is valid here", BROKEN)
    limits = None if stored.actions is None else tuple(sorted(stored.actions))
    return Person(stored.principal, f"token:{stored.public_id}", limits)


def principal(opened: Installation, named: str) -> str:
    """The id of a person or program by handle or id; raises Stop when there is none."""
    from api.authentication.accounts import Accounts

    found = Accounts(opened.reader).principal(named)
    if found is None:
        raise Stop(f"nobody here is called {named}", BROKEN)
    return found


def known_action(action: str) -> str:
    """The action, if there is one of this name; raises Stop, with what may be meant."""
    import difflib

    from api.rules import FEED, actions

    if action in actions() | {FEED}:
        return action
    near = difflib.get_close_matches(action, actions(), 1)
    raise Stop(f"there is no action {action}" + (f"; {near[0]} is one" if near else ""), BROKEN)


def _read(token_file: Path) -> str:
    if str(token_file) == "-":
        return sys.stdin.read(LONGEST).strip()
    with token_file.open(encoding="utf-8", errors="replace") as file:
        return file.read(LONGEST).strip()
