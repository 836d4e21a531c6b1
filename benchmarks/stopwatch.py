"""Times the parts of the write path inside the writer; what it costs itself counts for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from ledger import facts, recording
from ledger.envelope import Part
from ledger.growth import RightEdge
from ledger.writer import Writer

TREE = ("leaf", "tree")
INTEGRITY = ("facts", "salts", "commitments", "envelope", "leaf", "tree", "signature")
PARTS = (
    ("leaf", "leaf_hash"),
    ("salts", "salted"),
    ("commitments", "commit"),
    ("envelope", "encode_envelope"),
)


@dataclass(slots=True)
class Stopwatch:
    """Seconds spent by part; `all` is everything from taking a batch to having its answers."""

    spent: dict[str, float] = field(default_factory=dict)

    @classmethod
    def over(cls, writer: Writer) -> Stopwatch:
        """Put the watch around the parts of this process's writer."""
        watch = cls()
        put: Any = setattr  # these are functions of other modules, and a class's
        for part, name in PARTS:
            put(recording, name, watch.timed(part, getattr(recording, name)))
        put(Part, "commitment", property(watch.timed("commitments", _commitment())))
        put(facts, "encode_event", watch.timed("facts", facts.encode_event))
        put(RightEdge, "grow", watch.timed("tree", RightEdge.grow))
        signer: Any = writer.signer
        put(type(signer), "sign", watch.timed("signature", type(signer).sign))
        put(Writer, "run", watch.timed("all", Writer.run))
        return watch

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, with the time it takes added to its part."""
        spent = self.spent
        spent.setdefault(part, 0.0)

        def measured(*arguments: Any, **named: Any) -> Any:
            started = perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                spent[part] += perf_counter() - started

        return measured


def _commitment() -> Callable[..., Any]:
    getter = Part.__dict__["commitment"].fget
    assert getter is not None
    found: Callable[..., Any] = getter
    return found
