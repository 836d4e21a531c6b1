"""Proposing an accord: what it is about, and who its parties are at that moment."""

from __future__ import annotations

from typing import Annotated, Any, Final

from domain.accord.asking import Matter, matter_of, on_duty_now
from domain.accord.binding import outdated
from domain.accord.events import Agreed, Proposed, Revised
from domain.accord.evolve import foreseen
from domain.accord.standing import book_of, check_hand, involved, kind_of, scopes_of
from domain.accord.state import Accord, Terms, digest_of
from domain.accord.versions import check_versions
from domain.approval.approval import OpenRule, Quorum, Rule
from domain.approval.electorate import NAMED, Electorate
from domain.approval.voting import Choice
from domain.askers import check_firsthand
from domain.authorship import accounts
from domain.kernel import Context, Problems, Records, distinct, is_person
from domain.merge_request.state import MergeRequest
from domain.playbook.aggregate import process
from domain.playbook.naming import book_named, kind_named
from domain.process.accord import AccordKind, PartyRow, Subject
from domain.release.state import Release
from domain.settled import settled
from domain.wording import NOTE, check_given, check_names

MOST_VERSIONS: Final = 20
TermsGiven = Annotated[Terms, "What is to be agreed on."]


def propose(
    _state: None,
    context: Context,
    *,
    playbook: Annotated[str, "The name of the adopted playbook with the kind."],
    kind: Annotated[str, "The kind of accord, in the playbook's words."],
    subject: Annotated[str, "The release or merge request it is about."],
    terms: TermsGiven,
) -> list[Any]:
    """Put terms before the parties; who is on duty and has to agree is settled now."""
    problems = Problems()
    check_firsthand(problems, context)
    problems.unless(is_person(context.by), "not_a_person", "Only a person proposes.")
    book = book_named(problems, context.records, playbook)
    row = kind_named(problems, book, "accord", lambda plan: plan.accord(kind))
    about = _known(problems, row, subject, context)
    _check_terms(problems, terms, row)
    if book is not None:
        check_versions(problems, terms.versions, kind, about, process(book.body))
    near = matter_of(about, context.authority) if about else None
    excluded = _excluded(context.by, row, near)
    out = accounts(excluded, context.authority, context.at)
    rules = _rules(problems, context, row, context.by, near, out)
    pinned, found = settled(problems, book), settled(problems, row)
    matter = settled(problems, near)
    digest = digest_of(kind, pinned.id, subject, terms, 1)
    told = (found.about, subject, matter.service, matter.project, terms, digest, rules)
    proposed = Proposed(kind, pinned.id, *told, excluded, matter.hidden)
    return [proposed, *_own(found, context.by, 1, digest)]


def revise(state: Accord, context: Context, *, terms: TermsGiven) -> list[Any]:
    """Put other terms before the parties: nobody has agreed to them yet.

    Who asked for it agrees to what another made of the terms by putting just these forward.
    """
    kind = kind_of(state, context.records)
    problems = Problems()
    check_firsthand(problems, context)
    check_hand(problems, state, context)
    _check_terms(problems, terms, kind)
    about = _found(kind.about, state.subject, context.records)
    book = book_of(state, context.records)
    check_versions(problems, terms.versions, state.kind, about, book)
    same = terms == state.terms
    since = about.opened_at if about else context.at
    told = (state.service, state.project, (), state.embargoed, since)
    matter = None if same else Matter(*told)
    out = involved(state, context.authority, context.records)
    rules = _rules(problems, context, kind, state.requested_by, matter, out)
    problems.settle()
    if same:
        return _agreed_anew(state, kind, context)
    revision = state.revision + 1
    digest = digest_of(state.kind, state.playbook, state.subject, terms, revision)
    own = _own(kind, context.by, revision, digest) if context.by == state.requested_by else []
    return [Revised(terms, rules, revision, digest), *own, *outdated(state, context)]


def _agreed_anew(state: Accord, kind: AccordKind, context: Context) -> list[Any]:
    """That who asks agrees to the terms at hand, where they have not or objected since."""
    said = {vote.rule for vote in state.votes if vote.choice is Choice.APPROVE}
    own = _own(kind, context.by, state.revision, state.digest)
    lacking = [each for each in own if each.rule not in said]
    if context.by != state.requested_by or not lacking:
        return []
    after = foreseen(state, context, lacking[0])
    return [*lacking, *outdated(after, context)]


def _excluded(by: str, kind: AccordKind | None, matter: Matter | None) -> tuple[str, ...]:
    """Who is kept from agreeing, where the parties are independent of who had a hand in it."""
    if kind is None or matter is None or not kind.independent:
        return ()
    return distinct((by, *matter.hands))


def _own(kind: AccordKind, requester: str, revision: int, digest: str) -> list[Agreed]:
    """Who asks for something agrees to it by asking, where the requester is a party."""
    own = (each for each in kind.parties if each.requester)
    return [Agreed(each.name, revision, digest, NAMED, requester) for each in own]


def _found(about: Subject, id: str, records: Records) -> Release | MergeRequest | None:
    if about is Subject.RELEASE:
        return records.get(Release, id)
    return records.get(MergeRequest, id)


def _known(
    problems: Problems, kind: AccordKind | None, subject: str, context: Context
) -> Release | MergeRequest | None:
    """What it is about; what is hidden is there for who is cleared, whoever that is.

    Who carries it on without a clearance is told of no accord about it. What it has to be depends
    on the kind.
    """
    if kind is None:
        return None
    found = _found(kind.about, subject, context.records)
    if found is None or not context.knows(found):
        problems.add("unknown_subject", "There is no such record.", "subject")
        return None
    return found


def _check_terms(problems: Problems, terms: Terms, kind: AccordKind | None) -> None:
    check_given(problems, terms.wording, NOTE, "terms", "wording")
    check_names(problems, terms.versions, MOST_VERSIONS, "terms", "versions")
    if kind is None:
        return
    message = "A date is to be agreed on."
    problems.unless(terms.due or not kind.dated, "date_missing", message, "terms", "due")
    names = [each.name for each in kind.paths]
    known = terms.path in names or (terms.path is None and not names)
    message = f"The playbook offers: {', '.join(names) or 'nothing else'}."
    problems.unless(known, "unknown_path", message, "terms", "path")


def _rules(  # noqa: PLR0917  (what two commands know of it already)
    problems: Problems,
    context: Context,
    kind: AccordKind | None,
    requester: str,
    matter: Matter | None,
    out: frozenset[str],
) -> tuple[OpenRule, ...]:
    """One rule for each party, with who is on duty now, but for who asks where that is one.

    Each party of whom nobody is on duty is noted; nothing, while it is not known what it is about.
    """
    if kind is None or matter is None:
        return ()
    scopes = scopes_of(matter.service, matter.project)
    asking = [requester] if any(each.requester for each in kind.parties) else []
    own = accounts(asking, context.authority, context.at)
    rules = [_rule(problems, context, each, requester, matter, own) for each in kind.parties]
    if problems:
        return ()
    return Electorate(context.authority, context.at, scopes, out).opened(rules)


def _rule(  # noqa: PLR0917  (likewise)
    problems: Problems,
    context: Context,
    row: PartyRow,
    requester: str,
    matter: Matter,
    own: frozenset[str],
) -> Rule:
    if row.role is not None:
        return Rule(row.name, row.title, row.role, row.scope, source=row.source)
    known = (context.authority, context.at, context.records)
    duty = on_duty_now(row, matter, *known, asks=(requester,))
    others = (each for each in duty if each not in own)
    people = (requester,) if row.requester else tuple(others)
    message = f"Nobody else is on duty in {row.rotation}, so nobody could agree."
    problems.unless(people, "nobody_on_duty", message)
    named = {"people": people, "quorum": Quorum.ALL, "source": row.source}
    return Rule(row.name, row.title, **named)  # type: ignore[arg-type]
