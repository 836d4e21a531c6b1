"""What a batch shares, and running commands and their consequences against it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Any

import msgspec

from domain.authority import Authority
from domain.belonging import ABOUT, BELONGING, CARRIED, LIKE, OWN, TELLING, along, in_the_open
from domain.kernel import OPERATOR, Audience, Context, Erases, Recorded, Scopes, Then, refusal
from ledger.judging import Judge
from ledger.registry import Action, Registry
from ledger.request import event_id
from ledger.view import View


class Pending(msgspec.Struct, frozen=True):
    """An event that a request yields, before it has bytes and a position."""

    aggregate: Any
    event: Any
    recorded: Recorded
    before: Any
    after: Any
    hushed: bool = False
    """Whether it follows from something under embargo, whatever it is about itself."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What a batch shares: its time, the judge, who holds what, and the states it sees."""

    at: datetime
    judge: Judge | None
    authority: Authority
    policy: str | None
    view: View
    registry: Registry


def visible(aggregate: Any, state: Any, by: str, scene: Scene, verb: str = "") -> bool:
    """Whether a record may be known to this person; what is hidden answers as absent.

    So does what belongs to something hidden, such as a comment on it. Who wrote or opened what is
    hidden knows of it where `verb` carries it on, and of what is told along.
    """
    if aggregate.name in TELLING and by != OPERATOR:
        return _told_of(getattr(state, TELLING[aggregate.name]), by, scene)
    known = _cleared(aggregate, state, by, scene)
    if not known:
        known = _carries(aggregate, state, by) and verb in CARRIED[aggregate.name].acts
    told = along(aggregate.name, state, by)
    return known and _shown(BELONGING.get(aggregate.name, {}), state, by, scene, told=told)


def _told_of(id: str | None, by: str, scene: Scene) -> bool:
    """Whether what a refusal or an erasure tells of is no record that is hidden from the person."""
    if not id:
        return True
    found = ((each, scene.view.at((each.name, id))) for each in scene.registry.hiding)
    return all(state is None or visible(each, state, by, scene) for each, state in found)


def _shown(
    owners: Mapping[str, Collection[str]], state: Any, by: str, scene: Scene, *, told: bool = False
) -> bool:
    """Whether none of the records that these columns name is hidden from the person.

    What is `told` along to who carries a hidden one on is theirs, too.
    """
    named = (
        (scene.registry.by_name[name], scene.view.at((name, id)))
        for column, names in owners.items()
        if (id := getattr(state, column))
        for name in names
    )
    return all(
        _cleared(owner, found, by, scene) or (told and _carries(owner, found, by))
        for owner, found in named
        if found is not None
    )


def scopes_of(
    action: Action, state: Any, arguments: Mapping[str, Any], by: str, scene: Scene
) -> Scopes:
    """Where a command acts; what makes a record like another one, where that is.

    Of one that the asker may not know of nothing is said, as of one that is not there.
    """
    model = arguments.get(LIKE.get(action.name, ""))
    found = scene.view.at((action.aggregate.name, model)) if model else None
    told = found is not None and visible(action.aggregate, found, by, scene)
    return action.aggregate.scopes(found if told else state, action.command.name, arguments)


def secret(name: str, id: str, scene: Scene) -> bool:
    """Whether a record is under embargo, or belongs to one that is."""
    state = scene.view.at((name, id)) if name in scene.registry.by_name else None
    if state is None:
        return False
    owners = (
        scene.view.at((kind, getattr(state, column)))
        for column, kinds in BELONGING.get(name, {}).items()
        for kind in kinds
        if getattr(state, column)
    )
    return not all(map(in_the_open, (state, *owners)))


def _carries(aggregate: Any, state: Any, by: str) -> bool:
    """Whether it is something that this person carries on while it is hidden."""
    carried = CARRIED.get(aggregate.name)
    return carried is not None and carried.by(state, by)


def _cleared(aggregate: Any, state: Any, by: str, scene: Scene) -> bool:
    """Whether the record itself is in the open, or the person may see it under embargo."""
    if aggregate.audience is not Audience.EMBARGOED or not state.embargoed or by == OPERATOR:
        return True
    if _own(aggregate, state, by, scene):
        return True
    if scene.judge is None:
        return False
    action = f"{aggregate.name}.read_embargoed"
    scopes = aggregate.scopes(state, "read_embargoed", {})
    return scene.judge.decide(by, action, scopes, scene.authority, scene.at).allowed


def _own(aggregate: Any, state: Any, by: str, scene: Scene) -> bool:
    """Whether it is the person's own, and about nothing that is hidden from them."""
    mine = any(getattr(state, each) == by for each in OWN.get(aggregate.name, ()))
    return mine and _shown(ABOUT.get(aggregate.name, {}), state, by, scene)


class Foresight:
    """Folds events of one request as they will be recorded, so that none has to be folded twice.

    A command is told by it what its subject becomes, and never says so itself: what the command
    yields is taken from here only where that very event was folded into that very state.
    """

    __slots__ = ("_aggregate", "_before", "_kept", "context")

    context: Context
    """Who asks for what; given before the command runs."""

    def __init__(self, aggregate: Any, before: Any) -> None:
        """Look ahead from the subject as it stands, None where it is yet to be made."""
        self._aggregate = aggregate
        self._before = _version(before)
        self._kept: list[tuple[Any, Any, tuple[Any, Recorded]]] = []

    def fold(self, state: Any, event: Any) -> Any:
        """What the subject becomes by an event that comes next."""
        id = event_id(self.context.request, _version(state) - self._before)
        found = evolve(self._aggregate, state, event, self.context, id)
        self._kept.append((state, event, found))
        return found[0]

    def kept(self, before: Any, event: Any, id: str) -> tuple[Any, Recorded] | None:
        """What became of an event that was folded under this id, and how it is recorded."""
        for state, known, found in self._kept:
            if known is event and state is before and found[1].id == id:
                return found
        return None


def run(
    action: Action,
    context: Context,
    arguments: Mapping[str, Any],
    scene: Scene,
    ahead: Foresight | None = None,
) -> Iterator[Pending]:
    """Run a command and what follows from it; the view moves with each event.

    What the command had folded `ahead` is not folded again.
    """
    ordinals = count()
    hushed = False
    for event in _yielded(action, context, arguments, scene):
        if not isinstance(event, Then):
            done = _apply(action.aggregate, event, context, scene, next(ordinals), ahead=ahead)
            hushed = not in_the_open(done.after)
            yield done
            continue
        then = scene.registry.actions[event.action]
        moved = replace(context, subject=event.subject, grant=None, folds=None)
        for consequence in _yielded(then, moved, event.arguments, scene):
            if isinstance(consequence, Then):
                raise TypeError("a consequence has no consequences")
            done = _apply(then.aggregate, consequence, moved, scene, next(ordinals))
            yield msgspec.structs.replace(done, hushed=hushed)


def _yielded(
    action: Action, context: Context, arguments: Mapping[str, Any], scene: Scene
) -> list[Any]:
    state = scene.view.at((action.aggregate.name, context.subject))
    if (state is None) is not action.creates:
        raise LookupError(f"{action.name} cannot run: its subject is not as it needs")
    return action.command.run(state, context, **arguments)


def _apply(
    aggregate: Any,
    event: Any,
    context: Context,
    scene: Scene,
    ordinal: int,
    *,
    ahead: Foresight | None = None,
) -> Pending:
    key = (aggregate.name, context.subject)
    before = scene.view.at(key)
    if isinstance(event, Erases):
        check_erasure(event, context.by, scene)
    id = event_id(context.request, ordinal)
    known = ahead.kept(before, event, id) if ahead is not None else None
    after, recorded = known or evolve(aggregate, before, event, context, id)
    scene.view.put(key, after)
    return Pending(aggregate, event, recorded, before, after)


def check_erasure(erases: Erases, by: str, scene: Scene) -> None:
    """Refuse to empty parts that are not there, or of what is kept whole for ever."""
    aggregate = scene.registry.by_name.get(erases.aggregate)
    if aggregate is None or not aggregate.erasable:
        raise refusal("not_erasable", "Records of this kind are kept whole.", "aggregate")
    state = scene.view.at((aggregate.name, erases.subject))
    if state is None or not visible(aggregate, state, by, scene):
        raise refusal("not_found", "There is no such record.", "subject")
    known = scene.view.parts(aggregate.name, erases.subject)
    for at, part in enumerate(erases.parts):
        if part not in known or part == "sealed":
            raise refusal("unknown_part", "No part is called that.", "parts", str(at))


def _version(state: Any) -> int:
    """How many events a state is made of, which is none where it is yet to be made."""
    version: int = 0 if state is None else state.version
    return version


def evolve(
    aggregate: Any, before: Any, event: Any, context: Context, id: str
) -> tuple[Any, Recorded]:
    """Fold one new event; raises TypeError when the fold forgot to raise the version."""
    version = _version(before) + 1
    recorded = Recorded(
        event=event,
        id=id,
        subject=context.subject,
        version=version,
        at=context.at,
        by=context.by,
        behalf=context.behalf,
        happened=context.happened,
        claimed=context.claimed,
    )
    after = aggregate.evolve(before, recorded)
    if after.version != version or after.id != context.subject:
        raise TypeError(f"{aggregate.name} folded {type(event).__name__} to a wrong version or id")
    return after, recorded
