"""What must hold before the work begins: approved as it is, inside its window, in its turn."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from domain.change.anew import approved_again
from domain.change.by_two import breaking
from domain.change.gate_submit import completeness, early, preapproved
from domain.change.in_its_place import in_its_place, opens
from domain.change.planned import others, plan_of
from domain.change.question import Question, aside, found, unknown
from domain.change.relief import relieved
from domain.change.standing import ending, goes_on, kind_of, pinned
from domain.change.state import ENDED, Change, LinkKind, Outcome, Status
from domain.change.to_come import before_hold, tallied
from domain.clash.findings import TITLE as CLASHES
from domain.clash.findings import Asked, clash_findings
from domain.exemption.hands import hands
from domain.explanation import act_of, explain
from domain.gate import (
    Act,
    Finding,
    Reference,
    Requirement,
    either,
    evaluate,
    or_else,
    taken_back,
    with_people,
)
from domain.lock.blocking import Target, lock_findings
from domain.process.process import Path
from domain.titles import change_title, sentence

_TITLE: Final = "The change is in scheduled"


def implementing(
    ask: Question, instead: tuple[tuple[Act, ...], ...] | None = None
) -> tuple[Requirement, ...]:
    """The requirements of implementing, and in draft also those of getting out of it.

    What went ahead without approval, and is on hold, is resumed, and goes on. In an emergency two
    people may break the glass instead of all that blocks (S3-20); where more is asked for after
    that, `instead` are the ways that begin so.
    """
    if goes_on(ask.state):
        return (Requirement("status", _TITLE, lambda: _held(ask)),)
    by_two = breaking(ask) if instead is None else instead
    ways = () if ask.behind else by_two
    every = in_its_place(ask, approved_again(ask, _implementing(ask), _edited))
    return tuple(_or_broken(each, ways) for each in every)


def _or_broken(requirement: Requirement, ways: tuple[tuple[Act, ...], ...]) -> Requirement:
    """The requirement, met as well by what does instead of every one of them."""

    def check() -> tuple[Finding, ...]:
        answer = requirement.check()
        every = (answer,) if isinstance(answer, Finding) else answer
        return tuple(or_else(each, *ways) for each in every)

    return replace(requirement, check=check) if ways else requirement


def _implementing(ask: Question) -> tuple[Requirement, ...]:
    inside = Requirement("window", "Now is inside the window", lambda: _inside(ask))
    anew = _spent(ask)  # it cannot even be submitted, or is to be approved once more
    return (
        *authorising(ask, *((inside,) if anew else ())),
        *(() if anew else (inside,)),
        Requirement("locks", "No lock is in force", lambda: _locks(ask), "S0-12"),
        Requirement("clashes", CLASHES, lambda: _clashes(ask), "S3-23"),
        Requirement("predecessors", "What must come first is done", lambda: _predecessors(ask)),
    )


def authorising(ask: Question, *before: Requirement) -> tuple[Requirement, ...]:
    """Those by which it is approved, whenever it is carried out, in the order they are met.

    A draft on hold is resumed, then edited, which is what those `before` it is submitted ask for.
    """
    if before_hold(ask.state) is Status.DRAFT:
        return _drafted(ask, *_in_time(ask), *before)
    return (_stands(ask), *before, *_approval(ask))


def _stands(ask: Question) -> Requirement:
    return Requirement("status", _TITLE, lambda: _scheduled(ask))


def _edited(ask: Question, planned: bool) -> tuple[Requirement, ...]:
    """Those of a draft again; where its window is still to be `planned`, not that there is time."""
    return _drafted(ask, *(() if planned else _in_time(ask)))


def _drafted(ask: Question, *before: Requirement) -> tuple[Requirement, ...]:
    """Those of a draft."""
    approval, stands = _approval(ask), _stands(ask)
    held = Requirement("status", _TITLE, lambda: _held(ask))
    on = (held,) if ask.state.status is Status.ON_HOLD else ()
    draft = (*completeness(ask), *before)
    if ask.state.path is Path.STANDARD:  # approved in advance, or else it cannot be submitted
        return (*on, *draft, *approval, stands)
    return (*on, *draft, stands, *approval)


def _in_time(ask: Question) -> tuple[Requirement, ...]:
    """That a draft can still be submitted early enough: now, also where that is asked of later."""
    return early(replace(ask, at=ask.now or ask.at))


def _held(ask: Question) -> Finding:
    """That what is on hold goes on: a draft so that it may be edited."""
    return ask.status(Status.SCHEDULED, ask.act("change.resume", "Resume it."))


def _scheduled(ask: Question) -> Finding:
    """Whether it is scheduled; while votes are awaited these alone bring it there."""
    state = ask.state
    if state.status in (Status.ASSESSING, Status.AUTHORIZING):
        if not tallied(ask).satisfied:
            return aside("status", _TITLE, "It follows from the approvals.")
        return ask.status(Status.SCHEDULED, ask.act("change.recount", "Count the votes again."))
    if before_hold(state) is Status.DRAFT:
        return _to_submit(ask)
    held = state.status is Status.ON_HOLD
    return ask.status(
        Status.SCHEDULED, *((ask.act("change.resume", "Resume it."),) if held else ())
    )


def _to_submit(ask: Question) -> Finding:
    finding = ask.status(Status.SCHEDULED, ask.act("change.submit", "Submit it."))
    return replace(finding, message="It is in draft.")


def _approval(ask: Question) -> tuple[Requirement, ...]:
    """Standard changes are approved by their template, all others by votes that count now."""
    if ask.state.path is Path.STANDARD:
        return preapproved(ask)
    title = "Every rule is satisfied"
    return (Requirement("approvals", title, lambda: _votes(ask)),)


def _votes(ask: Question) -> tuple[Finding, ...]:
    found = relieved(ask, lambda state: tallied(replace(ask, state=state)))
    return tuple(taken_back(each, "change.withdraw_vote", ask.who) for each in found)


def _inside(ask: Question) -> Finding:
    window, title = ask.state.content.window, "Now is inside the window"
    if window is None:
        return aside("window", title)
    if ask.at < window.since:
        message = f"The window opens at {window.since.isoformat()}."
        act = Act("change.wait", count=0, description=message)
        return found("window", title, None, "window_not_open", message, act)
    act = ask.act("change.edit", "Plan another window, and have it approved.")
    return found("window", title, not _spent(ask), "window_over", "It is over.", act)


def _spent(ask: Question) -> bool:
    """Whether its window is over."""
    window = ask.state.content.window
    return window is not None and window.until <= ask.at


def locked(ask: Question) -> Target:
    """What locks look at; a soft one may spare its kind's activity."""
    content = ask.state.content
    return Target(
        ask.state.id,
        lambda: frozenset((kind_of(ask.state, ask.records).activity,)),
        frozenset(content.environments),
        frozenset((content.service,)),
        hands=lambda: hands(ask.state, ask.authority, ask.records),
    )


def _locks(ask: Question) -> tuple[Finding, ...]:
    """The locks on what it touches."""
    found = lock_findings(locked(ask), ask.at, ask.records, ask.authority, ask.there)
    return tuple(with_people(each, ask.who) for each in found)


def _clashes(ask: Question) -> tuple[Finding, ...] | Finding:
    """What is planned does not stand in its way, as far as its playbook lets that block.

    What of its window has passed is not looked at: what is over is in nobody's way.
    """
    plan = plan_of(ask.state)
    if plan is None or ask.state.path is Path.EMERGENCY or plan.until <= ask.at:
        return aside("clashes", CLASHES)
    act = ask.act("change.edit", "Plan another window, and have it approved.")
    asked = Asked(plan, pinned(ask.state, ask.records).severities())
    around = others(asked, ask.records, ask.at)
    ahead = replace(asked, plan=replace(plan, since=max(plan.since, ask.at)))
    return clash_findings(ahead, around, ask.records, act)


def _predecessors(ask: Question) -> tuple[Finding, ...] | Finding:
    kind = LinkKind.PREDECESSOR
    links = [link.reference for link in ask.state.links if link.kind is kind]
    if not links:
        return aside("predecessors", "What must come first is done")
    cut = _cutting(ask)
    return tuple(_predecessor(ask, reference, cut) for reference in links)


def _cutting(ask: Question) -> tuple[Act, ...]:
    """What cuts the ties that the template leaves out, so that nothing has to come first."""
    conditions = () if ask.who is unknown else preapproved(ask)
    blocking = evaluate(conditions).blocking if conditions else ()
    return tuple(act for each in blocking for act in each.acts if act.action == "change.unlink")


def _predecessor(ask: Question, reference: str, cut: tuple[Act, ...]) -> Finding:
    before = ask.records.get(Change, reference)
    good = (Outcome.SUCCESSFUL, Outcome.WITH_ISSUES)
    done = before is not None and before.outcome in good
    named = "a change that is not there" if before is None else change_title(before)
    title, message = f"{sentence(named)} is done", f"{sentence(named)} was not carried out well."
    answer = found("predecessors", title, done, "predecessor_open", message)
    if done:
        return answer
    if cut:
        return replace(answer, acts=cut, lacking=(Reference("change", reference),))
    every, lacking, more = _carrying_out(ask, before, named)
    ways = (tuple(replace(e, subject=e.subject or reference) for e in acts) for acts in every)
    told = (Reference("change", reference), *lacking)
    return either(replace(answer, lacking=told, more=more), tuple(ways))


def _carrying_out(
    ask: Question, before: Change | None, named: str
) -> tuple[tuple[tuple[Act, ...], ...], tuple[Reference, ...], bool]:
    """Each way to have it carried out, by who may, what is in its way, and whether there are more.

    Of what never will be, that the tie is cut.
    """
    apart = ask.act("change.unlink", f"Cut the tie to {named}, and have this approved anew.")
    cut = replace(apart, subject=ask.state.id)
    if before is None or before.outcome is not None or before.status in ENDED:
        return ((cut,),), (), False
    asked = ask.of(before)
    finish = finishing(asked, f"Carry out {named} first.")
    if before.status is Status.IMPLEMENTING:
        return ((finish,),), (), False
    if goes_on(before):
        return ((asked.act("change.resume", f"Resume {named} first."), finish),), (), False
    gate = evaluate(_to_begin(ask, asked))
    told = explain(gate, may=asked.may)
    slots = [way.acts for way in told.ways if not opens(map(act_of, way.acts))]
    if told.impossible_reason or (told.ways and not slots):
        return ((cut,),), (), False
    begin, said = asked.act("change.implement", f"Begin {named} first."), sentence(named)
    first = (
        [replace(act_of(e), description=f"{said}: {e.description}") for e in w]
        for w in slots or [()]
    )
    ways = tuple((*each, begin, finish) for each in first)
    return ways, tuple(e for each in gate.blocking for e in each.lacking), not told.complete


def _to_begin(ask: Question, asked: Question) -> tuple[Requirement, ...]:
    """What one that comes first waits for; of what comes before that in turn, its approval alone.

    Each is looked at once for every way there is to it, and so not with all that it waits for.
    """
    return authorising(asked) if ask.behind else implementing(asked)


def finishing(ask: Question, description: str) -> Act:
    """That somebody says it is over; where deployments wait for it, who does the work, if any may.

    LookupError when its playbook is gone.
    """
    may, act = ask.who("change.finish"), ask.act("change.finish", description)
    if not kind_of(ask.state, ask.records).blocks_deployments:
        return act
    return replace(act, people=ending(ask.state, ask.authority, may.__contains__) or may)
