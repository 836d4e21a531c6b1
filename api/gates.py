"""What a guarded object says about its gates: open or not, why, and who can unblock it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final, TypeVar

from api.derived.text import Unreadable
from api.hiding.visibility import Sight
from api.http.logs import log
from api.records import KnownRecords
from domain.approval.voting import Standing as Rule
from domain.authority import Authority
from domain.explanation import Explanation, explain
from domain.gate import Act, There, Verdict, elsewhere
from domain.kernel import Problem, Refusal, Scopes, refusal
from domain.merge_request.state import MergeRequest
from domain.release.standing import scopes_of
from domain.release.state import Release
from domain.titles import person_name
from ledger.request import NOT_FOR_THIS
from ledger.store import Standing

S = TypeVar("S")
NOBODY: frozenset[str] = frozenset()
NOTHING: Mapping[str, Any] = {}
UNTOLD: Final = Explanation()
"""What stands for an explanation that nobody asked for."""


@dataclass(frozen=True, slots=True)
class Possibility:
    """Whether an act is possible for you, and if not, why, and what would change that.

    `permitted` says that the policy lets you ask for it, by `line`; `reason` is its no. `verdict`
    is what the gate finds, whoever asks, and `explanation` who could open it by doing what.
    """

    allowed: bool
    permitted: bool
    reason: str
    line: str | None
    verdict: Verdict
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class Moment:
    """What a gate is asked with: who asks, when, and everything that was known then."""

    by: str
    at: datetime
    standing: Standing
    records: KnownRecords
    now: datetime | None = None
    """Where `at` lies ahead, what moment this is."""
    limits: Collection[str] | None = None
    """The only actions of the token that is used, if it is for some alone."""
    explained: bool = True
    """Whether to say who could open a closed gate by doing what, beside what it says."""
    _known: dict[tuple[str, frozenset[Any]], frozenset[str]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def who(self, action: str, scopes: Scopes) -> frozenset[str]:
        """Who may ask for an action in these scopes, by the policy and what they hold then."""
        key = (action, frozenset(scopes.items()))
        if key not in self._known:
            self._known[key] = self._asked(action, scopes)
        return self._known[key]

    def _asked(self, action: str, scopes: Scopes) -> frozenset[str]:
        judge = self.standing.judge
        if judge is None:
            return NOBODY
        found = judge.who(action, scopes, self.standing.authority, self.at)  # type: ignore[attr-defined]
        people, authority = frozenset(found.people), self.standing.authority
        return people if found.everyone is None else people | authority.everybody()

    def of_services(self, act: Act) -> frozenset[str]:
        """Who may do what helps to a record of other services; where none is named, of all."""
        services = frozenset(act.services or ())
        return self.who(act.action, {"service": services} if services else {})

    def sees(self, who: str, record: MergeRequest | Release) -> bool:
        """Whether somebody may know of a record, hidden or not, by what they hold then."""
        if not record.embargoed:
            return True
        if isinstance(record, Release):
            return who in self.who("release.read_embargoed", scopes_of(record))
        place = {"project": frozenset((record.project,))}
        return who in self.who("merge_request.read_embargoed", place)


Ask = Callable[[Any, str, Moment], Verdict]
"""The gate of an act on a state."""


@dataclass(frozen=True, slots=True)
class Gates:
    """The gates of an aggregate: their names, how they are asked, and what an approval is.

    `may` says whom the policy lets approve, where it takes more than the scopes of the command.
    """

    aggregate: Any
    acts: Sequence[str]
    ask: Ask
    approve: str
    may: Callable[[Any, Rule, There], frozenset[str]] | None = None

    def possibility(
        self, state: Any, act: str, moment: Moment, arguments: Mapping[str, Any] = NOTHING
    ) -> Possibility:
        """Ask the policy and the gate; `act` is a command, with what it is asked for after `:`.

        Where it is not to be `explained`, nothing is made out of how the gate would open.
        """
        standing = moment.standing
        verdict = elsewhere(self.ask(state, act, moment), moment.of_services)
        for fault in verdict.faults:
            log.error("gate_not_evaluated", act=act, fault=fault)
        verb = act.partition(":")[0]
        action = f"{self.aggregate.name}.{verb}"
        scopes = self.aggregate.scopes(state, verb, arguments)
        if moment.limits is not None and action not in moment.limits:
            permitted, reason, line = False, NOT_FOR_THIS, None
        elif standing.judge is None:
            permitted, reason, line = False, "No policy has been adopted yet.", None
        else:
            found = standing.judge.decide(moment.by, action, scopes, standing.authority, moment.at)
            permitted, reason, line = found.allowed, found.reason, found.line
        allowed = permitted and verdict.allowed
        named = partial(_name_of, standing.authority)
        may = partial(self._may_approve, state, moment)
        explanation = UNTOLD
        if moment.explained:
            explanation = explain(verdict, approve=self.approve, named=named, may=may)
        return Possibility(allowed, permitted, reason, line, verdict, explanation)

    def _may_approve(self, state: Any, moment: Moment, standing: Rule) -> frozenset[str] | None:
        """Whom the policy lets approve under a rule, before or after the fact.

        Of another record only what asks about that one tells.
        """
        if standing.subject.partition(" ")[0] != state.id:
            return None
        if self.may is not None:
            return self.may(state, standing, moment.who)
        verb, told = self.approve.partition(".")[2], {"rule": standing.rule.name}
        return moment.who(self.approve, self.aggregate.scopes(state, verb, told))


def _name_of(authority: Authority, id: str) -> str:
    return person_name(authority.person(id))


def moment_of(sight: Sight, at: datetime | None = None, *, shown: bool = False) -> Moment:
    """What gates are asked with: now, or at a moment to come; what was is for the history.

    What is `shown` since is judged without what stays hidden from the reader.
    """
    if at is not None and at < sight.moment:
        raise refusal("until_passed", "That moment lies in the past.", "at")
    known = (sight.held, sight.records_in_sight if shown else sight.records)
    if at is None:
        return Moment(sight.principal, sight.moment, *known, limits=sight.limits)
    return Moment(sight.principal, at, *known, now=sight.moment, limits=sight.limits)


def moments_of(sight: Sight, asked: Iterable[tuple[Any, datetime | None]]) -> list[Moment]:
    """For each state, and when; one for all about the same, so that the next know what one read."""
    every = list(asked)
    shown = sight.shown_since([state for state, _ in every])
    keys = [(at, state.id in shown) for state, at in every]
    made = {(at, out): moment_of(sight, at, shown=out) for at, out in set(keys)}
    return [made[key] for key in keys]


def together(sight: Sight, found: Sequence[S]) -> list[tuple[Moment, list[S]]]:
    """With what gates of these are asked now, and of which: one for all but what was shown since.

    No more than two, so that many are read at as many questions as one.
    """
    grouped: dict[int, tuple[Moment, list[S]]] = {}
    moments = moments_of(sight, ((each, None) for each in found))
    for each, moment in zip(found, moments, strict=True):
        grouped.setdefault(id(moment), (moment, []))[1].append(each)
    return list(grouped.values())


def read_time(given: Any) -> datetime | None:
    """A moment as it was given, if one was; Refusal for one that cannot be read."""
    if isinstance(given, Unreadable):
        raise Refusal(Problem(given.code, given.message, ("at",)))
    return given or None
