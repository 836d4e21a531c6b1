"""What every mutation answers: the object, the problems, the verdict and the receipt."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from strawberry.annotation import StrawberryAnnotation
from strawberry.types.base import StrawberryList, StrawberryOptional

from api.derived.fields import attribute, build, resolved
from api.derived.meanings import camel, spaced
from api.derived.types import Types
from domain.gate import Verdict
from domain.kernel import Aggregate, Problem


@dataclasses.dataclass(frozen=True, slots=True)
class Told:
    """A problem as a client sees it."""

    code: str
    message: str
    path: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """What a mutation answers: the object as it stands now, and what kept it from being done."""

    subject: Any
    problems: tuple[Told, ...] = ()
    verdict: Verdict | None = None
    position: int | None = None
    checkpoint: str | None = None


ENVELOPE: dict[tuple[str, ...], tuple[str, ...]] = {
    ("key",): ("idempotencyKey",),
    ("behalf",): ("onBehalfOf",),
}
"""Where a client spells what the ledger names in a request around the arguments."""


def told(problems: Sequence[Problem]) -> tuple[Told, ...]:
    """Problems with their paths spelled as the client spelled the input."""
    return tuple(Told(one.code, one.message, spelled(one)) for one in problems)


def spelled(problem: Problem) -> tuple[str, ...]:
    """Where it is, as the client spelled the input."""
    path = problem.path
    if problem.as_named:
        return (*map(camel, path[:-1]), path[-1])
    return ENVELOPE.get(path) or tuple(map(camel, path))


ProblemType = build(
    "Problem",
    "One reason why a request was refused. The codes are stable and listed in a catalogue.",
    {
        "code": attribute("code", str, "What is wrong: a stable name."),
        "message": attribute("message", str, "A sentence for people; it may be reworded."),
        "path": attribute(
            "path",
            StrawberryList(str),
            "The field of the input at fault, from the outside in; of what a gate found, the "
            "requirement as the verdict names it.",
        ),
    },
)


def payload(types: Types, aggregate: Aggregate[Any]) -> type:
    """The payload that every mutation of an aggregate answers with."""
    noun = types.name(aggregate.state)
    verdict = types.object(Verdict)
    about = f"What became of a request about a {spaced(noun)}."
    subject = f"The {spaced(noun)} as it stands now; null if there is none to be seen."
    state = attribute("subject", types.later(f"Optional[{noun}]"), subject)
    state.graphql_name = camel(aggregate.name)
    fields = {
        "subject": state,
        "problems": attribute(
            "problems", StrawberryList(ProblemType), "Why it was refused; empty when it was done."
        ),
        "verdict": attribute(
            "verdict", StrawberryOptional(verdict), "What the gate found, if a gate was asked."
        ),
        "receipt": resolved(
            "receipt",
            StrawberryAnnotation(StrawberryOptional(str)),
            "The proof that it is in the log, in the tlog-proof format, for holders of `log.read`. "
            "Null until a signed checkpoint covers it.",
            _receipt,
        ),
    }
    made: type = types.publish(f"{noun}Payload", build(f"{noun}Payload", about, fields))
    return made


async def _receipt(outcome: Outcome, context: Any) -> str | None:
    if outcome.position is None:
        return None
    receipt: str | None = await context.receipt(outcome.position, outcome.checkpoint)
    return receipt
