"""What somebody attests of deliveries by hand, told as what is found of deployments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from domain.delivery.deployments import FOUND_BEFORE
from domain.delivery.happening import Happening
from domain.release.parts import Judgement

ATTESTED: Final = "release.attested"
WITHDRAWN: Final = "release.attestation_withdrawn"
Watched = Mapping[str, str | None]
"""The requirements that ask whether a release works and was watched, each with where, or None."""
OPENED: Final = "release.opened"
TAKEN: Final = "release.playbook_taken"
PINNED: Final = (OPENED, TAKEN)
"""What tells by which version of its playbook a release goes from then on."""
Pin = tuple[str, str]
"""A version of a playbook, and the kind of release in it."""
Key = tuple[str, str, str, str]
"""A release, a requirement, a gate, and who speaks about these: of such the last word counts."""
NOTHING: Final[Watched] = {}
Standing = Iterable[tuple[str, Happening | None]]
"""What begins what stands by hand in each place; None where nothing does."""


class Said:
    """What was attested so far of deliveries; of what was taken back later nothing was."""

    def __init__(self, watched: Mapping[Pin, Watched], happenings: Sequence[Happening]) -> None:
        """Of these happenings those count that are about what is `watched` as they are said."""
        self._watched, self._against = watched, dict[Key, Happening]()
        self._pins, self._about = dict[str, Pin](), dict[str, str | None]()
        self._void = frozenset(_taken_back(happenings))

    def pinned(self, event: Happening) -> None:
        """Follow by which version of its playbook a release goes."""
        self._pins[event.subject] = pin_of(event, self._pins.get(event.subject))

    def attested(self, event: Happening, standing: Standing) -> Iterator[Happening]:
        """What an event says of what stands there by hand, as that is: whether it works.

        That it works after all once nobody is left who says that it does not.
        """
        where = self._about[event.id] = self._places(event)
        if event.kind == WITHDRAWN or event.id in self._void or where is None:
            return
        fails = event.facts["judgement"] == Judgement.FAILS
        before = self._against.pop(_key(event), None)
        if fails:
            self._against[_key(event)] = event
        if not fails and (before is None or self._left(event, before)):
            return
        for place, start in standing:
            mine = start is not None and start.subject == event.subject
            if start is not None and mine and where in ("", place) and cargo(start) == cargo(event):
                told = replace(event, kind="deployment.verified", subject=start.id, place=place)
                yield replace(told, facts={"passed": not fails})

    def before(self, settled: Happening, start: Happening, place: str) -> Iterator[Happening]:
        """What was said of the very same before, as it is brought there once more."""
        for (release, *_), said in self._against.items():
            mine = release == start.subject and self._about[said.id] in ("", place)
            if mine and cargo(said) == cargo(start):
                told = replace(said, kind=FOUND_BEFORE, subject=start.id, place=place)
                yield replace(told, at=settled.at, facts={"watched": False})

    def _left(self, event: Happening, before: Happening) -> bool:
        """Whether somebody else says that the same does not work."""
        every = ((key, each) for key, each in self._against.items() if key[0] == event.subject)
        return any(cargo(each) == cargo(before) for _, each in every)

    def _places(self, event: Happening) -> str | None:
        """Where it speaks about what goes by hand: everywhere if empty, nowhere if None."""
        pin, name = self._pins.get(event.subject, ("", "")), event.facts["requirement"]
        mine = self._watched.get(pin, NOTHING)
        return (mine[name] or "") if name in mine else None


def pin_of(event: Happening, before: Pin | None) -> Pin:
    """By which version of its playbook a release goes from this event on, and of which kind."""
    kind = event.facts.get("kind") or (before[1] if before else "")
    return event.facts["playbook"], kind


def _taken_back(happenings: Iterable[Happening]) -> Iterator[str]:
    """The ids of what somebody attested and took back."""
    last: dict[Key, str] = {}
    for each in happenings:
        if each.kind == ATTESTED:
            last[_key(each)] = each.id
        elif each.kind == WITHDRAWN and (of := last.pop(_key(each), None)):
            yield of


def _key(event: Happening) -> Key:
    facts = event.facts
    return event.subject, facts["requirement"], facts.get("gate", ""), facts.get("by", "")


def cargo(happening: Happening) -> str | None:
    """What it is of, as the digest of what a release carried."""
    return happening.facts.get("cargo")
