"""The phase in which a release merges what it has, and what it takes for one to come to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from domain.gate import Act, Explanation, Finding, nowhere, or_else
from domain.gate import Status as Is
from domain.inclusion import Inclusion
from domain.kernel import Records
from domain.merge_request.question import Question, unknown
from domain.merge_request.state import MergeRequest
from domain.playbook.aggregate import Playbook, process
from domain.process.release import ReleaseStatus
from domain.release.evidence.made_of import named
from domain.release.gate.brought_first import acts_of, explained
from domain.release.gate.gates import coming_to
from domain.release.gate.question import Question as Carrying
from domain.release.standing import scopes_of
from domain.release.state import ENDED, Release
from domain.unfolding import end

_CLEARED: Final = "release.read_embargoed"
_MERGE: Final = "merge_request.merge"
_OUT: Final = "release.exclude"
"""What may take the merge request itself out of it, and so is told where nothing else helps."""
_GOING: Final = frozenset(ReleaseStatus).difference(ENDED)
TITLE = "A release that has it has come to its phase"


def in_phase(ask: Question, phase: str | None) -> Finding:
    """Whether a release that goes on has it, and is in the phase or past it (S1-30, S1-31).

    Of a hidden one to who may know of that one: knowing of the merge request does not do (S1-12).
    """
    state, records = ask.state, ask.records
    if phase is None:
        return Finding("release", Is.NOT_APPLICABLE, TITLE)
    found = records.find(Inclusion, reference=state.id)
    ids = frozenset(each.release for each in found if each.included)
    releases = records.find(Release, id=ids) if ids else ()
    told = [each for each in releases if state.embargoed or not each.embargoed]
    carrying = [each for each in told if each.status not in ENDED]
    phases = {each.id: _phases(each, records) for each in carrying}
    on_it = [each for each in carrying if phase in phases[each.id]]
    there = [each for each in on_it if _has_come_to(each, phase, phases[each.id])]
    known = [each for each in there if _knows(ask, each)]
    if known or (there and _merges(ask)):
        return Finding("release", Is.SATISFIED, TITLE, tuple(each.id for each in known))
    seen = [each for each in carrying if _knows(ask, each)]
    if seen:
        about = [each for each in seen if phase in phases[each.id]]
        return _to_come(ask, phase, about or seen, about)
    return _nowhere(ask)


def _knows(ask: Question, release: Release) -> bool:
    """Whether who asks may know of it, who may know of the merge request by another clearance."""
    return ask.by is None or ask.sees(ask.by, release)


def _merges(ask: Question) -> bool:
    """Whether who asks may ask to merge it, and so is answered by every release that has it."""
    return ask.who is unknown or ask.by in ask.who(_MERGE)


def _nowhere(ask: Question) -> Finding:
    """That no release has it of which who asks may know."""
    going = ask.records.find(Release, status=_GOING)
    may = (each for each in going if _may_take(each, ask.state))
    told = (
        "No release that you may know of has it." if ask.state.embargoed else "No release has it."
    )
    return _lacking(told, _act(ask, "release.include", "Put it into a release.", may))


def _lacking(message: str, act: Act) -> Finding:
    answer = Finding("release", Is.UNSATISFIED, TITLE, message=message, acts=(act,))
    return replace(answer, code="phase_not_reached")


def _to_come(ask: Question, phase: str, about: list[Release], on_it: list[Release]) -> Finding:
    """That a release goes on to it, with what each phase on the way waits for."""
    taking = f"Take a release that has it to {phase}."
    act = _act(ask, "release.enter_phase", taking, about)
    answer = _lacking(f"No release that has it is in {phase}.", act)
    if ask.there is nowhere:
        return answer
    every = [(each, _explained(ask, each, phase)) for each in on_it]
    told = [acts for each, said in every for acts in _acts_of(each, said)]
    if ways := [acts for acts in told if not any(e.action == _OUT for e in acts)] or told:
        cut = any(not said.complete for _, said in every)
        return or_else(replace(answer, acts=ways[0], more=cut), *ways[1:])
    if every and len(every) == len(about):
        return replace(answer, vain=tuple(end(f"{TITLE}:", said) for _, said in every))
    return answer


def _explained(ask: Question, release: Release, phase: str) -> Explanation:
    """How a release comes to the phase, by those who may know of it."""

    def who(action: str) -> frozenset[str]:
        able = ask.there(action, scopes_of(release))
        return able & _cleared(ask, release) if release.embargoed else able

    given = (ask.at, ask.authority, ask.records, who)
    carrying = Carrying(release, *given, there=ask.there)
    return explained(carrying, coming_to(carrying, phase))


def _acts_of(release: Release, said: Explanation) -> Iterator[tuple[Act, ...]]:
    """Each way as acts, which tell of what release they are."""
    start = f"For the release of {named((release,))}: "
    for acts in acts_of(release, said):
        own = (each.subject == release.id for each in acts)
        told = zip(acts, own, strict=True)
        yield tuple(replace(e, description=start + e.description) if of else e for e, of in told)


def _cleared(ask: Question, release: Release) -> frozenset[str]:
    return ask.there(_CLEARED, scopes_of(release))


def _may_take(release: Release, state: MergeRequest) -> bool:
    """Whether a release may have it: one of the project, and hidden where that is."""
    return release.plan.project == state.project and release.embargoed == state.embargoed


def _act(ask: Question, action: str, told: str, releases: Iterable[Release]) -> Act:
    """That somebody does it on one of these, who may see that."""
    people: frozenset[str] = frozenset()
    for each in releases:
        able = ask.there(action, scopes_of(each))
        people |= able & _cleared(ask, each) if each.embargoed else able
    return Act(action, people, description=told)


def _phases(release: Release, records: Records) -> tuple[str, ...]:
    """The phases of its kind, in order; none where nothing tells them."""
    playbook = records.get(Playbook, release.playbook)
    kind = process(playbook.body).releases.kind(release.kind) if playbook else None
    return tuple(each.name for each in kind.phases) if kind else ()


def _has_come_to(release: Release, phase: str, names: tuple[str, ...]) -> bool:
    """Whether it is in the phase or past it."""
    return release.phase in names and names.index(release.phase) >= names.index(phase)
