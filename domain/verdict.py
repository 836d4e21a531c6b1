"""What a gate answers: findings with their evidence, and the acts that would change them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from domain.approval.dead_end import DeadEnd
from domain.approval.voting import Standing
from domain.kernel import Internal, Scopes


class Status(StrEnum):
    """How a requirement stands. Unsatisfied and error block; not applicable alone opens nothing."""

    NOT_APPLICABLE = "not_applicable"
    SATISFIED = "satisfied"
    UNSATISFIED = "unsatisfied"
    WAIVED = "waived"
    BYPASSED = "bypassed"
    ERROR = "error"

    @property
    def blocks(self) -> bool:
        """Whether a finding of this status closes the gate (X-05)."""
        return self is Status.UNSATISFIED or self is Status.ERROR


class Whoever(frozenset[str]):
    """The people of an act of which only the policy says who may ask for it."""


WHOEVER: Final = Whoever()
"""Nobody is named yet: that is another thing than that nobody can."""
There = Callable[[str, Scopes], frozenset[str]]
"""Who may ask for an action in other scopes than those of what a gate is of."""


def nowhere(_action: str, _scopes: Scopes) -> frozenset[str]:
    """Nobody: inside the writer it is decided, not explained, so nobody is looked up."""
    return frozenset()


@dataclass(frozen=True, slots=True)
class Act:
    """Something that would help: `count` of `people` ask for `action`.

    `action` is the name of a command, such as "change.approve". A `count` of 0 needs nobody: it
    happens by itself, as a window that opens. `rule` names the approval rule it serves. `services`
    says of which services the record is that it is about, none for every service, where that is
    another than what the gate is of; who may do that is looked up by those. `subject` is the id of
    the one record it is asked for on, where others may be called as that one is, `environment`
    where something is deployed by it.
    """

    action: str
    people: frozenset[str] = WHOEVER
    count: int = 1
    description: str = ""
    rule: str | None = None
    services: tuple[str, ...] | None = None
    subject: str = ""
    environment: str = ""
    # what it takes instead where the same way aims its release elsewhere: never shown
    anew: Internal[Anew | None] = None
    # the versions that have to give way to others by it: what they were made of is lost
    renames: Internal[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True)
class Anew:
    """What is done instead of something once its release is aimed elsewhere: all of these acts."""

    release: str
    acts: tuple[Act, ...]


def throughout(act: Act, change: Callable[[Act], Act]) -> Act:
    """The act, changed so, and as well what is done instead of it."""
    anew = act.anew and replace(act.anew, acts=tuple(map(change, act.anew.acts)))
    return replace(change(act), anew=anew)


def on(act: Act, id: str) -> Act:
    """The act, where what is told of no other record is done to this one."""
    return throughout(act, lambda each: replace(each, subject=each.subject or id))


@dataclass(frozen=True, slots=True)
class Reference:
    """A record by the name of its aggregate, such as "merge_request", and its id."""

    noun: str
    id: str


@dataclass(frozen=True, slots=True)
class Finding:
    """How one requirement of a gate stands.

    `requirement` is its stable name, `source` the requirement id it comes from. `evidence` holds
    the ids of what counted, `missing` says what is not there, in words; `lacking` are the records
    that are in the way, which a message calls by their names. `code` is a stable refusal code in
    snake_case, set when the finding blocks. `acts` are those needed, all of them, to satisfy it;
    each of `instead` would do as well, all of its acts. Of approvals it has the `standing`.
    """

    requirement: str
    status: Status
    title: str
    evidence: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    message: str = ""
    code: str = ""
    source: str | None = None
    standing: Standing | None = None
    acts: tuple[Act, ...] = ()
    instead: tuple[tuple[Act, ...], ...] = ()
    lacking: tuple[Reference, ...] = ()
    fault: str = ""  # where a program went wrong that was to evaluate it: logged, and never shown
    approve: str = ""  # the action of its approvals, where they are about another record
    taken_back: Act | None = None  # by which those who rejected it may undo that, if they may
    # which it is that is in the way, then as of when it stands so: compared, and never shown
    grounds: tuple[str, ...] = ()
    vain: tuple[DeadEnd, ...] = ()  # why nobody can do what its acts ask for, if that is known
    more: bool = False  # whether there are other ways to satisfy it than its acts and `instead`
    # whether it stays with the act: not what is there only since something else is, and is hidden
    kept: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of a gate."""

    findings: tuple[Finding, ...]

    @property
    def allowed(self) -> bool:
        """Nothing blocks and at least one finding applies: an empty gate lets nothing pass."""
        applies = any(f.status is not Status.NOT_APPLICABLE for f in self.findings)
        return applies and not self.blocking

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """The findings that close the gate, in the order of the requirements."""
        return tuple(f for f in self.findings if f.status.blocks)

    @property
    def whole(self) -> bool:
        """Whether what blocks tells every way there is to satisfy it."""
        return not any(each.more for each in self.blocking)

    @property
    def faults(self) -> tuple[str, ...]:
        """Where programs went wrong that were to evaluate it, for a log."""
        return tuple(f.fault for f in self.findings if f.fault)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the blocking findings, each once, in order."""
        return tuple(dict.fromkeys(f.code for f in self.blocking))


def ballots_of(findings: Iterable[Finding]) -> Mapping[str, list[Finding]]:
    """The findings whose standings were tallied together, of those that still count."""
    ballots: dict[str, list[Finding]] = {}
    for finding in findings:
        counts = finding.status is Status.SATISFIED or finding.status.blocks
        if finding.standing is not None and counts:
            ballots.setdefault(finding.standing.subject, []).append(finding)
    return ballots


def shared(findings: Sequence[Finding]) -> tuple[tuple[Act, ...], ...]:
    """What would do instead of every one of them that lacks."""
    lacking = [each for each in findings if each.status.blocks]
    every = lacking[0].instead if lacking else ()
    return tuple(acts for acts in every if all(acts in each.instead for each in lacking))
