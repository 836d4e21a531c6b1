"""What has a gate of its own to pass first: told after what that waits for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from domain.approval.dead_end import NOBODY, DeadEnd
from domain.explanation import Explanation, Slot, Way, act_of
from domain.sequence import VOIDED
from domain.verdict import Act, Finding, throughout

Opening = Callable[[Act], Explanation | None]
"""How the gate opens that an act has to pass, such as to deploy; None where it passes none."""
Going = Callable[[Act], Act]
"""How an act is carried out as things stand, such as by what was requested already."""
_Acts = tuple[Act, ...]
_PAST: Final = ("deployment.request", "deployment.override", "release.override")
_FOR: Final = "For "
_PLACED: Final = (_FOR, "Deploy ")
"""How what goes past a gate begins where it says of which place."""


def unfolded(finding: Finding, opening: Opening, going: Going) -> Finding:
    """The finding with every way to satisfy it from its beginning, as far as somebody can go it.

    Where nobody can go any, it says what each waits for.
    """
    every = (finding.acts, *finding.instead)
    if not finding.status.blocks:
        return finding
    told, vain, cut = list[_Acts](), list[DeadEnd](), finding.more
    for acts in every:
        first = _first(acts, opening)
        if first is None:
            told.append(acts)
        elif first[1].impossible_reason is None:
            told += _from_the_start(acts, first, going)
            cut = cut or not first[1].complete
        elif any(each.action in VOIDED for each in acts):  # by then something else goes there
            told.append(acts)
        else:
            where = first[0].environment
            can = f"deploy it to {where}" if where else first[0].action.partition(".")[2] + " it"
            vain.append(end(f"{finding.title}: nobody can {can}.", first[1]))
    if not any(told) and vain:
        return replace(finding, vain=tuple(vain))
    acts, *more = told or [()]
    return replace(finding, acts=acts, instead=tuple(more), more=cut)


def _first(acts: _Acts, opening: Opening) -> tuple[Act, Explanation] | None:
    """The first of these that has a gate to pass, and how that opens."""
    asked = ((act, opening(act)) for act in acts)
    return next(((act, said) for act, said in asked if said is not None), None)


def end(start: str, said: Explanation) -> DeadEnd:
    """Why nobody can, of something whose own gate nobody opens."""
    why = (said.impossible_reason or "").removeprefix(NOBODY).strip()
    return DeadEnd(f"{start} {why}", said.repairs)


def _from_the_start(acts: _Acts, first: tuple[Act, Explanation], going: Going) -> Iterator[_Acts]:
    """The acts, with each way to open the gate before what passes it."""
    passes, said = first
    at = acts.index(passes)
    for way in said.ways or (Way(()),):
        before = tuple(_there(each, passes.environment) for each in way.acts)
        yield (*map(going, acts[:at]), *before, *map(going, acts[at:]))


def _there(slot: Slot, where: str) -> Act:
    """The same as an act; what goes past a gate says which, since that is one of several."""

    def placed(act: Act) -> Act:
        past = where and act.action.startswith(_PAST) and not act.description.startswith(_PLACED)
        return replace(act, description=f"{_FOR}{where}: {act.description}") if past else act

    return throughout(act_of(slot), placed)
