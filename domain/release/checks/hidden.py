"""What a hidden release owes: something hidden in it, and to be shown before it is closed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Final

from domain.authorship import accounts
from domain.gate import Act, Finding, Requirement, or_else
from domain.gate import Status as Is
from domain.merge_request.state import MergeRequest, Status
from domain.process.release import CLOSE, DEPLOY, PUBLISH, TAG
from domain.release.checks.beside import BESIDE, beside
from domain.release.checks.completing import completing, short
from domain.release.checks.leaving import something_stays
from domain.release.checks.moving import merging
from domain.release.embargo import MOST_HIDDEN, at_once, staying, too_many
from domain.release.evidence.carried import carried
from domain.release.gate.naming import how_many, listed, merge_request_name, of_merge_requests
from domain.release.gate.question import Question
from domain.showing import barred, kept_from_release, seconded, standing, words

HIDING: Final = "What is hidden with it is still hidden"
STAYING: Final = "Nothing in it stays hidden"
AT_ONCE: Final = "What is hidden in it is shown at once"
SHOWN: Final = "Everybody may know of it"


def hidden(ask: Question, act: str) -> Iterator[Requirement]:
    """What is asked of a hidden release, whatever the playbook says."""
    if act in (TAG, DEPLOY):
        yield Requirement("hidden", HIDING, lambda: _hiding(ask), "S1-12")
    if act in (TAG, DEPLOY, PUBLISH, CLOSE):
        yield Requirement("beside", BESIDE, lambda: beside(ask), "S1-12")
    if act == PUBLISH:
        yield Requirement("staying", STAYING, lambda: _staying(ask), "S1-12")
        yield Requirement("at_once", AT_ONCE, lambda: _at_once(ask), "S1-12")
    if act == CLOSE:
        yield Requirement("shown", SHOWN, lambda: _shown(ask), "S1-12")


def _hiding(ask: Question) -> Finding:
    """Nothing is hidden for nothing: something in it is, unless its kind hides all its releases.

    Else one manager could take anything anywhere, and neither owners nor auditors would see it.
    """
    if ask.kind.embargo:
        return Finding("hidden", Is.NOT_APPLICABLE, HIDING)
    secret = [each.id for each in ask.merge_requests.values() if each.embargoed]
    secret += [each.id for each in ask.fixes if each.embargoed]
    if secret:
        return Finding("hidden", Is.SATISFIED, HIDING)
    act = ask.act("release.include", "Put in the hidden merge request that it brings.")
    message = "It is hidden, and nothing in it is."
    answer = Finding("hidden", Is.UNSATISFIED, HIDING, message=message, code="nothing_hidden")
    return or_else(replace(answer, acts=(act,)), (_revealing(ask),))


def _revealing(ask: Question) -> Act:
    """That somebody shows it who may: not who let go of what is hidden, or opened what hides.

    Two do where the word of one of those counts no more, and nobody else said so since.
    """
    hides = ask.kind.embargo
    own = kept_from_release(ask.state, ask.authority, ask.records, hides=hides)
    first = standing(own.firsts, ask.state.reveal_proposals, own.people, ask.authority)
    if first.lacks:
        act = ask.act("release.reveal", "Let everybody know of it: two say so.", own.people)
        return replace(act, count=2)
    said = accounts(first.said, ask.authority, ask.state.opened_at)
    return ask.act("release.reveal", "Let everybody know of it.", own.people | said)


def _staying(ask: Question) -> Finding:
    """What is published carries nothing that is not shown with it: no part of what is not out."""
    left = staying(ask.state, ask.records)
    if not left:
        return Finding("staying", Is.SATISFIED, STAYING)
    named = listed(merge_request_name(ask, each) for each in left)
    message = (
        f"{how_many(ask, left)} merge requests in it stay hidden once it is published: {named}."
    )
    answer = Finding("staying", Is.UNSATISFIED, STAYING, message=message, code="carries_hidden")
    linked = {id for fix in ask.fixes for id in fix.belonging}
    own = [each for each in left if each.id in linked]
    rest = tuple(each for each in left if each.id not in linked)
    out, shown = tuple(_leaving(ask, rest)), tuple(_showing(ask, rest))
    others = [way for way in (out, shown) if way] or [()]
    ways = [(*way, *other) for way in _going_whole(ask, own) for other in others]
    answer = or_else(replace(answer, acts=ways[0]), *ways[1:])
    return of_merge_requests(answer, [each.id for each in left])


def _going_whole(ask: Question, own: Collection[MergeRequest]) -> list[tuple[Act, ...]]:
    """How this, which is of linked fixes, goes out with them, or leaves with them.

    What is of a fix that has lost something is shown once that is complete again.
    """
    if not own:
        return [()]
    if whole := tuple(_made_whole(ask, own)):
        off = (_taking_off(ask), *_leaving(ask, own, "Take out what is in it of that fix."))
        return [whole, off] if something_stays(ask, own) else [whole]
    off = (_taking_off(ask), *_leaving(ask, own, "Take out what is in it of that fix."))
    return completing(ask, short(ask)) or [off]


def _made_whole(ask: Question, left: Collection[MergeRequest]) -> Iterator[Act]:
    """What has the linked fixes that these are of go out whole: merged, and in it."""
    of_them = [each for each in ask.fixes if not {e.id for e in left}.isdisjoint(each.belonging)]
    ids = frozenset(id for fix in of_them for id in fix.merge_requests)
    parts = ask.records.find(MergeRequest, id=ids) if ids else ()
    going = [each for each in parts if not each.given_up]
    inside = carried(ask.items, {e.id: e for e in parts}, ask.state.plan.project)
    if any(each.id not in inside for each in going):
        yield ask.act("release.include", "Put in what is linked.")
    if waiting := [each for each in going if each.status is Status.OPEN]:
        yield from merging(ask, waiting, "Merge what is open of the linked fixes.")


def _taking_off(ask: Question) -> Act:
    """That the fixes go out with another release."""
    return ask.act("security_fix.unlink", "Take the fix off the release.")


def _leaving(
    ask: Question, left: Collection[MergeRequest], told: str = "Take out what stays hidden."
) -> Iterator[Act]:
    """What takes this out of it: it is in it, or it is made of it, or both."""
    ids = {each.id for each in left}
    inside = staying(replace(ask.state, targets=()), ask.records)
    if any(each.id in ids for each in inside):
        yield ask.act("release.exclude", told)
    if any(e.id in ids for e in staying(ask.state, ask.records, made_of_alone=True)):
        yield ask.act("release.aim", "Say that it is made of something else.")


def _showing(ask: Question, left: Collection[MergeRequest]) -> Iterator[Act]:
    """That two let everybody know of what stays hidden, if all of it is of no fix."""
    if not left or any(each.fix or each.related for each in left):
        return
    said = all(seconded(each, (), ask.authority) for each in left)
    own = frozenset().union(*(barred(each, ask.authority, ask.records) for each in left))
    firsts = (word.proposed_by for each in left for word in words(each, ask.authority))
    own |= accounts(firsts, ask.authority, ask.state.opened_at) if said else frozenset()
    told = "Let everybody know of what is part of no fix: two say so."
    yield replace(ask.act("merge_request.reveal", told, own), count=1 if said else 2)


def _at_once(ask: Question) -> Finding:
    """Everything hidden in it is shown in one request, which holds so much and no more."""
    number = at_once(ask.state, ask.records)
    if number <= MOST_HIDDEN:
        return Finding("at_once", Is.SATISFIED, AT_ONCE)
    acts = (
        ask.act("release.exclude", "Leave some of it to another release."),
        ask.act("security_fix.unlink", "Leave some of the fixes to another release."),
    )
    message = too_many(number)
    return Finding("at_once", Is.UNSATISFIED, AT_ONCE, message=message, code="too_many", acts=acts)


def _shown(ask: Question) -> Finding:
    """A release that has ended reads for everybody: its embargo ends first."""
    acts = (ask.act("release.publish", "Publish it."),)
    message = "It is hidden: publish or reveal it first."
    answer = Finding("shown", Is.UNSATISFIED, SHOWN, message=message, code="still_hidden")
    return or_else(replace(answer, acts=acts), (_revealing(ask),))
