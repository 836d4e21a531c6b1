"""Whether a standard change meets the conditions of its approval in advance (S3-14)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final

from domain.authorship import accounts
from domain.change.gone_out import check_untied
from domain.change.question import Question, found
from domain.change.standing import kind_of
from domain.change.state import Change
from domain.content import Content, differing, erased
from domain.gate import Act, Finding, or_else
from domain.kernel import Problems
from domain.playbook.aggregate import Playbook
from domain.process.process import About, ChangeKind, Condition
from domain.template.standing import in_force, lapsed, unsaid
from domain.template.state import Status, Template
from domain.titles import person_name

_TITLE: Final = "It is what an approved template says"
_APPROVE: Final = "template.approve"
_SECOND: Final = "Approve it, as a second person"
_OLD: Final = "Approve the version in force anew, as a second person."
_AGAIN: Final = "Open another from the version of a template in force, in the place of this one."
_CUT: Final = (
    "Cut its ties to merge requests, commits and changes before it, which the template leaves out."
)
_TIES: Final = "links"
_TO_COME: Final = frozenset((Status.PROPOSED, Status.ACTIVE))


def findings(ask: Question) -> tuple[Finding, ...]:
    """One finding for the template, and one for each further condition of the kind."""
    kind = kind_of(ask.state, ask.records)
    others = (each for each in kind.conditions if each.about is not About.TEMPLATE)
    every = (_template(ask, kind), *(_condition(ask, each) for each in others))
    return tuple(replace(each, source=kind.source) for each in every)


def _template(ask: Question, kind: ChangeKind) -> Finding:
    """The change is what a template's approved version says, but for the fields left free."""
    used = ask.state.template
    template = ask.records.get(Template, used.template) if used else None
    if used is None or template is None:
        return _anew(ask, kind, "template_missing", "It was opened from no template.")
    current = template.status is Status.ACTIVE and template.number == used.number
    if not current or template.approved is None or not _meant(ask, template):
        message = f"Version {used.number} of the template is not in force."
        return _anew(ask, kind, "template_not_in_force", message)
    if lapsed(template, ask.authority):
        return _unapproved(ask, kind, template)
    if gone := _gone(template, kind):
        message = f"What it says in {', '.join(gone)} was erased: it takes another version."
        return _anew(ask, kind, "template_not_in_force", message)
    if strays := _strays(ask.state, template.approved, kind):
        return _departed(ask, kind, strays)
    return replace(found("template", _TITLE, template, "", ""), evidence=(template.id,))


def _departed(ask: Question, kind: ChangeKind, strays: tuple[str, ...]) -> Finding:
    """What is written as the template says, and what is cut that says what goes out with it.

    Where a tie cannot be cut any more, since it went out with that, only another one helps.
    """
    message = f"It departs in {', '.join(strays)}."
    bound, problems = _TIES in strays, Problems()
    for tie in ask.state.links if bound else ():
        check_untied(problems, ask.state, tie, ask.records)
    if problems:
        return _anew(ask, kind, "template_departed_from", message)
    write = (ask.act("change.edit", "Write what the template says."),)
    acts = () if strays == (_TIES,) else write
    if bound:
        acts = (*acts, ask.act("change.unlink", _CUT))
    return found("template", _TITLE, None, "template_departed_from", message, *acts)


def _meant(ask: Question, template: Template) -> bool:
    """Whether it is for this kind of this playbook, in any version."""
    playbook = ask.records.get(Playbook, ask.state.playbook)
    named = (playbook.name, ask.state.kind) if playbook else None
    return (template.playbook, template.kind) == named


def _anew(ask: Question, kind: ChangeKind, code: str, message: str) -> Finding:
    """What it was opened from stays, whatever is written in it."""
    again = ask.act("change.open", _AGAIN)
    every = ask.records.find(Template, status=_TO_COME, kind=ask.state.kind)
    meant = [each for each in every if _meant(ask, each) and _serves(ask, kind, each)]
    if any(in_force(each, ask.authority) and not _gone(each, kind) for each in meant):
        return found("template", _TITLE, None, code, message, again)
    return found("template", _TITLE, None, code, message, *_brought(ask, kind, meant), again)


def _unapproved(ask: Question, kind: ChangeKind, template: Template) -> Finding:
    """Who approved it may not any more, or turns out to have written it: another stands by it.

    Where another version waits, that is what is approved, and this one goes out of force; or it is
    declined first.
    """
    named = person_name(ask.authority.person(template.approved_by or ""))
    message = f"Version {template.number} is approved by the word of {named}, which counts no more."
    again = () if _gone(template, kind) else _again(ask, template)
    if not template.proposal and any(act.people for act in again):
        return found("template", _TITLE, None, "template_not_in_force", message, *again)
    return or_else(_anew(ask, kind, "template_not_in_force", message), again)


def _again(ask: Question, template: Template) -> tuple[Act, ...]:
    """What has its version in force approved anew: by itself, once no other waits."""
    able = _approvers(ask, replace(template, proposal=None))
    if not template.proposal:
        return (Act(_APPROVE, able, description=f"{_SECOND}."),)
    declined = ask.act("template.decline", "Decline the version of it that waits.")
    return declined, Act(_APPROVE, able, description=_OLD)


def _gone(template: Template, kind: ChangeKind) -> tuple[str, ...]:
    """The fields that nobody can write as the template says, since that was erased there."""
    said = erased(template.approved) if template.approved else ()
    return tuple(sorted(frozenset(said).difference(_free(kind))))


def _brought(ask: Question, kind: ChangeKind, meant: Iterable[Template]) -> tuple[Act, ...]:
    """What puts a template into force: one that waits is approved, else one is proposed."""
    waits = (each for each in meant if each.proposal or not _gone(each, kind))
    able = frozenset[str]().union(*(_approvers(ask, each) for each in waits))
    if able:
        return (Act(_APPROVE, able, description=f"{_SECOND}."),)
    first = ask.act("template.propose", "Propose a template, or another version of one.")
    return first, ask.act(_APPROVE, f"{_SECOND}, who did not propose it.")


def _approvers(ask: Question, template: Template) -> frozenset[str]:
    """Who may approve it, and wrote nothing of it; nobody where nobody proposes it any more."""
    if unsaid(template, ask.authority):
        return frozenset()
    own = accounts(template.contributors, ask.authority, template.proposed_at)
    return ask.who(_APPROVE) - own


def _serves(ask: Question, kind: ChangeKind, template: Template) -> bool:
    """Whether a change of this service can be what the template says."""
    said = template.approved or template.proposal
    own = said is not None and said.service == ask.state.content.service
    return own or "service" in _free(kind)


def _strays(state: Change, approved: Content, kind: ChangeKind) -> tuple[str, ...]:
    """The fields that differ though the playbook leaves them no freedom."""
    free = _free(kind)
    differ = differing(state.content, approved)
    tied = (_TIES,) if any(link.kind.binding for link in state.links) else ()
    return tuple(name for name in (*differ, *tied) if name not in free)


def _free(kind: ChangeKind) -> frozenset[str]:
    """The fields that the playbook leaves free."""
    about = (each.values for each in kind.conditions if each.about is About.TEMPLATE)
    return frozenset(name for values in about for name in values)


_VALUES: Final[Mapping[About, Callable[[Change], tuple[str | None, ...]]]] = {
    About.RISK: lambda state: (state.risk,),
    About.IMPACT: lambda state: (state.content.impact,),
    About.PROBABILITY: lambda state: (state.content.probability,),
    About.SERVICE: lambda state: (state.content.service,),
    About.ENVIRONMENT: lambda state: state.content.environments,
}


def _condition(ask: Question, condition: Condition) -> Finding:
    """Every value the change has for it is among those allowed, and it has at least one."""
    about, allowed = condition.about.value, ", ".join(condition.values)
    values = _VALUES[condition.about](ask.state)
    holds = values and all(value in condition.values for value in values)
    message = f"It is approved in advance only for {allowed}."
    act = ask.act("change.edit", f"Plan it for {allowed}.")
    return found(about, f"The {about} is one of {allowed}", holds, "condition_unmet", message, act)
