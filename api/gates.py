"""What a guarded object says about its gates: open or not, why, and who can unblock it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, Final, TypeVar

import strawberry
from sqlalchemy import Connection
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.enum import EnumValue, StrawberryEnumDefinition
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from api.derived.meanings import spaced
from api.derived.nouns import TYPES
from api.derived.text import Unreadable
from api.hiding.visibility import Sight
from api.http.logs import log
from api.records import KnownRecords
from domain.approval.voting import Standing as Rule
from domain.authority import Authority
from domain.explanation import Explanation, explain
from domain.gate import Act, Finding, Status, There, Verdict, elsewhere
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

    def who(self, action: str, scopes: Scopes) -> frozenset[str]:
        """Who may ask for an action in these scopes, by the policy and what they hold then."""
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
        """Ask the policy and the gate; `act` is a command, with what it is asked for after `:`."""
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


def _apart(_state: Any, _act: str, _moment: Moment) -> Verdict:
    """What a gate says of a hidden record to whose own it is: what it looks at is not for them."""
    message = "What it waits for is told to who is cleared."
    title = "You may know of what the gate looks at"
    told = Finding("clearance", Status.ERROR, title, message=message, code="needs_clearance")
    return Verdict((told,))


THEN: Final = (
    "At this moment to come instead of now: what would block then, as far as is known now."
)
AT: Final = Annotated[datetime | None, strawberry.argument(description=THEN)]


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


def can_field(gates: Gates) -> dict[str, StrawberryField]:
    """The field `can(action)` of a guarded object: many of them are answered in one go."""
    noun = TYPES.name(gates.aggregate.state)

    def question(
        _connection: Connection, sight: Sight, keys: Sequence[tuple[Any, str, datetime | None]]
    ) -> list[Possibility]:
        partly = sight.partial([state for state, _, _ in keys])
        apart = replace(gates, ask=_apart)
        moments = moments_of(sight, ((state, at) for state, _, at in keys))
        return [
            (apart if state.id in partly else gates).possibility(state, act, moment)
            for (state, act, _), moment in zip(keys, moments, strict=True)
        ]

    async def resolver(root: Any, info: Info, action: Any, at: Any = strawberry.UNSET) -> Any:
        return await info.context.batch(question, (root, action.value, read_time(at)))

    resolver.__annotations__ = {
        "root": Any,
        "info": Info,
        "action": Annotated[
            act_enum(f"{noun}Act", noun, gates.acts),
            strawberry.argument(description="The guarded act."),
        ],
        "at": AT,
        "return": Any,
    }
    about = "Whether a guarded act is possible, and if not, who can unblock it by doing what."
    field = strawberry.field(resolver=resolver, description=about)
    field.type_annotation = StrawberryAnnotation(TYPES.object(Possibility))
    return {"can": field}


def act_enum(name: str, noun: str, acts: Sequence[str]) -> StrawberryEnumDefinition:
    """The enum of an aggregate's guarded acts."""
    kind = StrEnum(name, {act.upper(): act for act in acts})  # type: ignore[misc]
    words = [act.replace("_", " ").capitalize() for act in acts]
    values = [
        EnumValue(act.upper(), act, description=f"{word} the {spaced(noun)}.")
        for act, word in zip(acts, words, strict=True)
    ]
    made = StrawberryEnumDefinition(kind, name, values, f"The guarded acts on a {spaced(noun)}.")
    TYPES.publish(name, made)
    return made
