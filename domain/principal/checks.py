"""What keeps an account from being described, identified or tied as asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from domain.askers import askers, asking, check_active, check_first, check_human
from domain.authorship import accounts
from domain.kernel import Context, Problems
from domain.principal.state import Kind, NewIdentity, Principal, Unlinking
from domain.wording import LINE, check_given, check_name, check_wording

LONGEST_MAIL: Final = 254
MOST_TIES: Final = 16
"""How many identities, linked accounts or coming absences a principal may have, of each."""
MOST_FORMER: Final = 64
"""How many former owners and teams are remembered; none is forgotten for newer ones."""

_ANEW: Final = "somebody else asks for it anew (`unlinkPrincipalAccount`)."

_ID: Final = re.compile(r"(?:user|bot):[0-9a-f]{32}")
_HANDLE: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,99}")
_MAIL: Final = re.compile(r"[^\s@<>]+@[^\s@<>]+")


def check_subject(problems: Problems, kind: Kind, subject: str) -> None:
    """Note an id that is not one of this kind of principal."""
    good = _ID.fullmatch(subject) and subject.startswith(kind.prefix)
    problems.unless(good, "id_unusable", f"The id of this kind is {kind.prefix}<32 hex>.", "id")


def check_handle(problems: Problems, context: Context, handle: str) -> None:
    """Note a handle that is misspelt or another's, whatever its case."""
    if not _HANDLE.fullmatch(handle):
        message = "A handle is at most 100 letters, digits, dots, hyphens and underscores."
        problems.add("handle_unusable", message, "handle")
    taken = context.authority.named(handle) not in (None, context.subject)
    problems.unless(not taken, "handle_taken", "Another account has this handle.", "handle")


def check_details(problems: Problems, given: Mapping[str, str | None]) -> None:
    """Note what is wrong with a name, mail address or team, of those given."""
    if (name := given.get("name")) is not None:
        check_given(problems, name, LINE, "name")
    if (mail := given.get("mail")) is not None:
        check_wording(problems, mail, LONGEST_MAIL, "mail")
        problems.unless(_MAIL.fullmatch(mail), "mail_unusable", "No mail address.", "mail")
    if (team := given.get("team")) is not None:
        check_name(problems, team, "team")


def check_owner(problems: Problems, context: Context, kind: Kind, owner: str | None) -> None:
    """Note a program without a person responsible for it, or a person with one."""
    if kind is Kind.HUMAN:
        problems.unless(owner is None, "owner_of_person", "Only a program has an owner.", "owner")
    elif owner is None:
        problems.add("owner_missing", "Say who is responsible for the program.", "owner")
    else:
        check_human(problems, owner, "owner")
        check_active(problems, context, owner, "owner")


def check_identity(problems: Problems, context: Context, identity: NewIdentity, *path: str) -> None:
    """Note an identity that cannot be stored, or that is verified as somebody's already."""
    check_given(problems, identity.issuer, LINE, *path, "issuer")
    check_given(problems, identity.subject, LINE, *path, "subject")
    holder = context.authority.identified(identity.issuer, identity.subject)
    taken = holder not in (None, context.subject)
    problems.unless(not taken, "identity_taken", "This is another account's identity.", *path)


def check_linking(problems: Problems, context: Context, state: Principal, account: str) -> None:
    """Note why another account cannot be said to be the same person's."""
    check_human(problems, state.id, "id")
    check_human(problems, account, "account")
    known = context.authority.person(account) is not None
    problems.unless(known, "unknown_person", "Nobody has this id.", "account")
    problems.unless(account != state.id, "same_account", "This is the same account.", "account")
    waits = any(each.account == account for each in state.unlinking)
    fresh = account not in state.linked or waits
    problems.unless(fresh, "linked_already", "These accounts are linked.", "account")
    few = len(state.linked) < MOST_TIES
    problems.unless(few, "too_many", f"At most {MOST_TIES} of these.", "account")


def check_linked(problems: Problems, state: Principal, account: str) -> None:
    """Note an account that is not said to be the same person's."""
    linked = account in state.linked
    problems.unless(linked, "not_linked", "These accounts are not linked.", "account")


def check_second(problems: Problems, context: Context, wish: Unlinking | None) -> None:
    """Note when nobody asked to untie the accounts who still may, or when the asker did."""
    if wish is None:
        message = "Nobody asks to untie these accounts."
        problems.add("not_awaited", message, "account")
        return
    proposers = (wish.proposed_by, wish.proposed_behalf)
    own = asking(context) & accounts(filter(None, proposers), context.authority, context.at)
    problems.unless(not own, "own_proposal", "Who asked for it may not confirm it.", "account")
    others = wish.other_grants
    check_first(problems, context, proposers, wish.grant, _ANEW, "account", others=others)


def check_former(problems: Problems, state: Principal, changed: Mapping[str, object]) -> None:
    """Note a principal that would have had more owners and teams than are remembered."""
    left = {(each.owner, each.team) for each in state.former}
    left |= {(state.owner, None)} if "owner" in changed else set()
    left |= {(None, state.team)} if "team" in changed else set()
    few = len(left) <= MOST_FORMER
    problems.unless(few, "too_many", f"At most {MOST_FORMER} former owners and teams.")


def check_others(
    problems: Problems, context: Context, state: Principal, other: str | None = None
) -> None:
    """Note when who asks stands behind the account, or behind the other one concerned."""
    message = "Nobody does this for an account of their own."
    apart = askers(context).isdisjoint(filter(None, (state.id, other)))
    problems.unless(apart, "own_account", message)
