"""What must hold before a change is submitted: it is complete, rated, and its window lies ahead."""

from __future__ import annotations

from datetime import timedelta

from domain.change import preapproval
from domain.change.question import Question, aside, found
from domain.change.standing import kind_of
from domain.change.state import EDITABLE, Status
from domain.gate import Finding, Requirement, evaluate
from domain.process.process import Path
from domain.wording import blank


def submitting(ask: Question) -> tuple[Requirement, ...]:
    """The requirements of submitting."""
    content = (
        *completeness(ask),
        Requirement("window", "The window is not over", lambda: _not_over(ask)),
        *early(ask),
        *preapproved(ask),
    )
    drafted = Requirement("status", "The change is in draft", lambda: _drafted(ask, content))
    return (drafted, *content)


def early(ask: Question) -> tuple[Requirement, ...]:
    """That its window leaves those who decide as much time as its kind demands."""
    return (Requirement("lead_time", "It is submitted early enough", lambda: _lead(ask)),)


def _drafted(ask: Question, content: tuple[Requirement, ...]) -> Finding:
    """What was submitted is a draft again once it is edited, where its content has to be."""
    state = ask.state
    before = state.held or state.status
    edits = [
        act
        for each in (evaluate(content).blocking if before in EDITABLE - {Status.DRAFT} else ())
        for act in each.acts
        if act.action == "change.edit"
    ]
    on = (ask.act("change.resume", "Resume it."),) if state.held else ()
    return ask.status(Status.DRAFT, *(on if edits or before is Status.DRAFT else ()), *edits)


def completeness(ask: Question) -> tuple[Requirement, ...]:
    """What people need to know before they can decide."""
    return (
        Requirement("fields", "Everything required is filled in", lambda: _fields(ask)),
        Requirement("risk", "The risk is known", lambda: _risk(ask)),
    )


def preapproved(ask: Question) -> tuple[Requirement, ...]:
    """The conditions of the approval in advance, of a standard change."""
    if ask.state.path is not Path.STANDARD:
        return ()
    title = "The conditions of the approval in advance"
    return (Requirement("preapproval", title, lambda: preapproval.findings(ask)),)


def _fields(ask: Question) -> tuple[Finding, ...]:
    """One finding for each field the kind requires; an emergency always says why it is one."""
    always = ("title", "service", *(("reason",) if ask.state.path is Path.EMERGENCY else ()))
    names = dict.fromkeys((*always, *kind_of(ask.state, ask.records).required))
    return tuple(_field(ask, name) for name in names)


def _field(ask: Question, name: str) -> Finding:
    value = ask.state.links if name == "links" else getattr(ask.state.content, name)
    words = name.replace("_", " ")
    act = ask.act("change.link" if name == "links" else "change.edit", f"Fill in {words}.")
    message = f"{words.capitalize()}: nothing is filled in."
    return found(
        name, f"{words.capitalize()} filled in", not blank((value,)), "field_missing", message, act
    )


def _risk(ask: Question) -> Finding:
    act = ask.act("change.edit", "Answer impact and probability.")
    message = "Impact or probability is not answered."
    return found("risk", "The risk is known", ask.state.risk, "risk_unknown", message, act)


def _lead(ask: Question) -> Finding:
    """Whether its window is as far ahead as its kind demands; without a window it is not."""
    lead, title = kind_of(ask.state, ask.records).lead_hours, "It is submitted early enough"
    if not lead:
        return aside("lead_time", title)
    window = ask.state.content.window
    early = window is not None and ask.at + timedelta(hours=lead) <= window.since
    message = f"Its window must begin at least {lead} hours from now."
    act = ask.act("change.edit", "Plan a later window.")
    return found("lead_time", title, early, "lead_time_short", message, act)


def _not_over(ask: Question) -> Finding:
    window, title = ask.state.content.window, "The window is not over"
    if window is None:
        return aside("window", title)
    act = ask.act("change.edit", "Plan another window.")
    return found("window", title, ask.at < window.until, "window_over", "It is over.", act)
