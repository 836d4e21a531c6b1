"""Who may agree to an accord, and whether all its parties have."""

from __future__ import annotations

from datetime import datetime

from domain.accord.finding import finders
from domain.accord.state import Accord, Status
from domain.approval.approval import Standings
from domain.approval.electorate import Electorate
from domain.authority import Authority
from domain.authorship import accounts
from domain.kernel import Context, Problems, Records, Scopes
from domain.merge_request.standing import writers
from domain.merge_request.state import MergeRequest
from domain.playbook.aggregate import Playbook, process
from domain.process.accord import AccordKind, Subject
from domain.process.process import Process


def scopes_of(service: str | None, project: str | None) -> Scopes:
    """What an accord touches, by kind of scope."""
    named = {"service": service, "project": project}
    return {kind: frozenset((value,)) for kind, value in named.items() if value}


def involved(state: Accord, authority: Authority, records: Records) -> frozenset[str]:
    """Who asked for it, and who has a hand in what it is about, where they agree to nothing.

    A merge request is asked for that anew: whom others named may be free of it since (S2-02).
    """
    found = None
    if state.excluded and state.about is Subject.MERGE_REQUEST:
        found = records.get(MergeRequest, state.subject)
    if found is None:
        return accounts(state.excluded, authority, state.opened_at)
    return accounts((state.requested_by,), authority, state.opened_at) | writers(found, authority)


def electorate(state: Accord, authority: Authority, at: datetime, records: Records) -> Electorate:
    """The people who may agree."""
    out = involved(state, authority, records) | finders(state, records, authority)
    return Electorate(authority, at, scopes_of(state.service, state.project), out)


def standings(state: Accord, authority: Authority, at: datetime, records: Records) -> Standings:
    """How each party stands to the terms at hand."""
    return electorate(state, authority, at, records).standings(
        state.rules,
        state.votes,
        revision=state.revision,
        digest=state.digest,
        subject=state.id,
    )


def agreed(state: Accord, authority: Authority, at: datetime, records: Records) -> bool:
    """Whether every party agrees to the terms as they are."""
    return state.status is Status.OPEN and standings(state, authority, at, records).satisfied


def suits(state: Accord, kind: str, playbook: str, records: Records) -> bool:
    """Whether it is of the kind that this version of a playbook names so, or is as good.

    Another playbook may call something else by the same name. What it takes by a later version of
    the playbook, or by any that asks for no less, is as good; what cannot be told is not (X-05).
    """
    if state.kind != kind or state.playbook == playbook:
        return state.kind == kind
    own, its = records.get(Playbook, playbook), records.get(Playbook, state.playbook)
    if own is None or its is None:
        return False
    wanted, given = process(own.body).accord(kind), process(its.body).accord(kind)
    if wanted is None or given is None:
        return False
    later = own.name == its.name and its.number >= own.number
    return later or given.asks_no_less(wanted)


def check_not_outdated(problems: Problems, state: Accord) -> None:
    """Note that the parties agreed on another date since, so that these terms are over."""
    message = "Other terms were agreed on since: propose these anew, or revise those."
    problems.unless(state.status is not Status.SUPERSEDED, "accord_superseded", message)


def check_hand(problems: Problems, state: Accord, context: Context) -> None:
    """Note that only who asked for it, or a party, moves an accord that is on the table."""
    there = state.status is not Status.WITHDRAWN
    problems.unless(there, "accord_withdrawn", "It was withdrawn.")
    check_not_outdated(problems, state)
    rules = (each.rule for each in state.rules)
    voters = electorate(state, context.authority, context.at, context.records)
    parties = voters.entitled(rules).values()
    mine = context.by == state.requested_by or any(context.by in each for each in parties)
    problems.unless(mine, "not_entitled", "This is for who asked for it, and for its parties.")


def book_of(state: Accord, records: Records) -> Process:
    """Its pinned playbook; LookupError when that is gone."""
    playbook = records.get(Playbook, state.playbook)
    if playbook is None:
        raise LookupError("its playbook is missing")
    return process(playbook.body)


def kind_of(state: Accord, records: Records) -> AccordKind:
    """Its kind in its pinned playbook; LookupError when that is gone."""
    kind = book_of(state, records).accord(state.kind)
    if kind is None:
        raise LookupError(f"the playbook of kind {state.kind} is missing")
    return kind
