"""What a new revision of a release voids: told to be done again with what makes that revision."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from domain.approval.dead_end import DeadEnd
from domain.explanation import act_of
from domain.gate import Act, Finding, Verdict, or_else
from domain.release.gate.brought_first import explained
from domain.release.gate.question import Question
from domain.release.state import Release, contents_after, digest_of
from domain.unfolding import end

Asks = Callable[[Question], Verdict]
"""What the gate says to another question."""
_LOADING: Final = frozenset(("release.aim", "release.include", "release.exclude"))
_REVISING: Final = _LOADING | {"release.edit", "release.reschedule", "release.take_playbook"}
_AGAIN: Final = "What a new revision voids is to be done again."
_Acts = tuple[Act, ...]


class _Anew(NamedTuple):
    """The ways that acts come to with what has to be done again; else why nobody can do that."""

    ways: tuple[_Acts, ...]
    vain: tuple[DeadEnd, ...] = ()
    whole: bool = True


class _How(NamedTuple):
    """What a new revision is: with something else in it, and without what these versions were."""

    loaded: bool
    renamed: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Voided:
    """What a gate says now, and would say of a new revision that came to the same."""

    ask: Question
    asks: Asks
    now: tuple[Finding, ...]
    lost: dict[_How, tuple[Finding, ...]] = field(default_factory=dict)
    kept: dict[_How, tuple[Finding, ...]] = field(default_factory=dict)

    def again(self, acts: _Acts) -> _Anew:
        """The acts, with all that counts for the gate now and would do no more after them."""
        lost = self._lost(_how(_revising(self.ask, acts)))
        if not lost:
            return _Anew((acts,))
        said = explained(self.ask, Verdict(lost))
        if said.impossible_reason is not None:
            return _Anew((), (end(_AGAIN, said),))
        more = (tuple(map(act_of, way.acts)) for way in said.ways)
        return _Anew(tuple(_joined(self.ask, acts, each) for each in more), (), said.complete)

    def touches(self, finding: Finding) -> bool:
        """Whether it stands otherwise in a revision that was asked about."""
        return any(finding not in kept for kept in self.kept.values())

    def _lost(self, how: _How) -> tuple[Finding, ...]:
        """What blocks the new revision alone; of approvals all, since they are tallied together."""
        if how not in self.lost:
            then = copy(self.ask)
            then.state, then.manifest = _revised(self.ask.state, how), None
            blocking = self.asks(then).blocking
            voted = any(each.standing and each not in self.now for each in blocking)
            fresh = (each for each in blocking if each not in self.now or (voted and each.standing))
            self.lost[how] = tuple(fresh)
            self.kept[how] = tuple(e for e in blocking if e not in self.lost[how])
        return self.lost[how]


def done_again(ask: Question, said: Verdict, asks: Asks) -> Verdict:
    """What a gate says, where each way that makes a new revision is told with what that voids.

    Votes, attestations, waivers and overrides count for one revision, what went somewhere and what
    was reported of the contents for what it carried (X-04). Whoever did the act alone as they were
    told would find the gate closed for more than before.
    """
    if not ask.explained:
        return said
    every = {acts for each in said.blocking for acts in _ways(each) if _revising(ask, acts)}
    if not every:
        return said
    voided = _Voided(ask, asks, said.blocking)
    again = {acts: voided.again(acts) for acts in every}
    told = (_told(each, again, voided) if each.status.blocks else each for each in said.findings)
    return replace(said, findings=tuple(told))


def _ways(finding: Finding) -> Iterator[_Acts]:
    return (acts for acts in (finding.acts, *finding.instead) if acts)


def _revising(ask: Question, acts: Iterable[Act]) -> list[Act]:
    """Those of them that make a new revision of this very release."""
    own = ("", ask.state.id)
    return [each for each in acts if each.action in _REVISING and each.subject in own]


def _how(acts: list[Act]) -> _How:
    """What these make of it."""
    renamed = frozenset(version for each in acts for version in each.renames)
    return _How(any(each.action in _LOADING for each in acts), renamed)


def _revised(state: Release, how: _How) -> Release:
    """It as a new revision that says the same leaves it, or that has something else in it.

    What takes the place of a version is made of nothing yet, and has no tag.
    """
    bare = replace(state, rules=(), votes=(), alarms=(), approved_at=None)
    after = replace(bare, revision=state.revision + 1)
    if how.renamed:
        targets = tuple(each for each in state.targets if each.version not in how.renamed)
        tags = tuple(each for each in state.tags if each.version not in how.renamed)
        after = replace(after, targets=targets, tags=tags)
    if how.loaded:
        contents = contents_after(state.contents, {"revision": after.revision})
        after = replace(after, contents=contents, withheld=None)
    return replace(after, digest=digest_of(after))


def _joined(ask: Question, acts: _Acts, again: _Acts) -> _Acts:
    """What makes the revision, then what is done again, then what these acts need beside that."""
    last = acts.index(_revising(ask, acts)[-1]) + 1
    return tuple(dict.fromkeys((*acts[:last], *again, *acts[last:])))


def _told(finding: Finding, again: dict[_Acts, _Anew], voided: _Voided) -> Finding:
    """The finding, what helps it told as far as it goes; what is voided is had by that as well."""
    told = _carried_on(finding, again)
    if not voided.touches(finding):
        return told
    return or_else(told, *dict.fromkeys(way for each in again.values() for way in each.ways))


def _carried_on(finding: Finding, again: dict[_Acts, _Anew]) -> Finding:
    """The finding with each of its ways that makes a new revision told to its end."""
    every = [again.get(acts) or _Anew((acts,)) for acts in _ways(finding)]
    if finding.standing is not None or not any(acts in again for acts in _ways(finding)):
        return finding
    first, *others = [way for each in every for way in each.ways] or [()]
    vain = () if first else tuple(end for each in every for end in each.vain)
    cut = finding.more or not all(each.whole for each in every)
    return replace(finding, acts=first, instead=tuple(others), vain=finding.vain or vain, more=cut)
