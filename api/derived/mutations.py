"""Mutations from commands: the input a command needs, its request, and the payload it answers."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any

import msgspec
import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.base import StrawberryOptional
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from api.derived.fields import attribute, build_input
from api.derived.identity import PERSON, read_id
from api.derived.inputs import BEHALF, Argument, Inputs, read_arguments
from api.derived.meanings import description, spaced
from api.derived.payload import Outcome, told
from api.derived.text import read_line
from api.hiding.untold import counts, uncounted
from domain.kernel import KEEP, Aggregate, Command, Problem, Problems, Refusal, Seen
from ledger.request import Answer, Request, Status

NOT_FOUND = Problem("not_found", "There is no such record.", ("id",))
"""What an unknown, a hidden and a malformed id are answered with: nobody can tell which it was."""
SEEN = {
    Seen.REVISION: "The revision you looked at. A later one is refused as `moved_on`.",
    Seen.VERSION: "The version you looked at. A later one is refused as `moved_on`.",
}
KEY = (
    "Makes a retry harmless: within a day the same key, by the same person for the same mutation, "
    "answers what was done instead of doing it again. With other arguments it is refused."
)


def _no_prefix(_given: Mapping[str, Any]) -> str:
    return ""


@dataclasses.dataclass(frozen=True, slots=True)
class Mutation:
    """One command at the edge: its action, how its input is read, and what it must say it saw."""

    name: str
    action: str
    state: type
    type_name: str
    command: Command
    arguments: tuple[Argument, ...]
    prefix: Callable[[Mapping[str, Any]], str] = _no_prefix

    def read(self, given: Mapping[str, Any], fresh: str, by: Mapping[str, Any]) -> Request:
        """The request of an input, with its flaws; raises Refusal when it names no subject."""
        problems = Problems()
        arguments = read_arguments(self.arguments, given, problems)
        key = self._line("idempotencyKey", given, problems)
        behalf = self._principal(given, problems)
        new = self.command.creates
        subject = self.prefix(arguments) + fresh if new else read_id(given["id"], self.type_name)
        if subject is None:
            raise Refusal(*problems or (NOT_FOUND,))
        kept = {name: value for name, value in arguments.items() if value is not KEEP}
        if behalf is not None and takes_behalf(self.command):
            kept[BEHALF] = behalf
        return Request(
            action=self.action,
            subject=subject,
            arguments=msgspec.json.encode(kept),
            behalf=behalf,
            seen=given.get("seen"),
            key=None if problems else key,
            flaws=tuple(problems),
            **by,
        )

    def _line(self, name: str, given: Mapping[str, Any], problems: Problems) -> str | None:
        if given.get(name) is None:
            return None
        line = read_line(given[name])
        if isinstance(line, Problem):
            problems.add(line.code, line.message, name)
            return None
        problems.unless(line, "key_empty", "A key is at least one character.", name)
        return line

    def _principal(self, given: Mapping[str, Any], problems: Problems) -> str | None:
        if given.get("onBehalfOf") is None:
            return None
        found = read_id(given["onBehalfOf"], PERSON)
        problems.unless(found, "not_found", "There is no such person.", "onBehalfOf")
        return found


def failed(answer: Answer) -> Exception:
    """What a request that was not carried out raises: its reason, unless it is a fault of ours."""
    told = tuple(each for each in answer.problems if each.code != "internal")
    if told:
        return Refusal(*told)
    return RuntimeError(f"the ledger failed on request {answer.request}")


async def run(mutation: Mutation, info: Any, input: Mapping[str, Any]) -> Outcome:
    """Read the input, ask for the command, and show the object by the reader's rights."""
    context = info.context
    try:
        request = mutation.read(input, context.new_id(), context.asking())
    except Refusal as refused:
        return Outcome(None, told(refused.problems))
    request = await _as_counted(mutation, context, request)
    answer: Answer = await context.ask(request)
    if answer.status is Status.FAILED:
        raise failed(answer)
    subject = None
    if answer.status is not Status.ABSENT and answer.subject:
        subject = await context.load(mutation.state, answer.subject)
    problems = told(answer.problems)
    return Outcome(subject, problems, answer.verdict, _act(answer), answer.checkpoint)


async def _as_counted(mutation: Mutation, context: Any, request: Request) -> Request:
    """The request, with how many numbers who asks is told nothing of, of a record that has such."""
    seen = mutation.command.seen
    if request.seen is None or not counts(mutation.state, seen):
        return request
    left: int = await context.look(
        lambda _, sight: uncounted(sight, mutation.state, request.subject, seen)
    )
    return msgspec.structs.replace(request, uncounted=left) if left else request


def _act(answer: Answer) -> int | None:
    """Where in the log the act itself is, which is the first that was recorded of it."""
    if answer.position is None:
        return None
    return answer.position + 1 - max(1, len(answer.events))


def make_mutation(inputs: Inputs, aggregate: Aggregate[Any], command: Command) -> Mutation:
    """A command as the edge sees it."""
    noun = inputs.types.name(aggregate.state)
    action = aggregate.action(command)
    return Mutation(
        name=inputs.mutations.get(action) or mutation_name(command.name, noun),
        action=action,
        state=aggregate.state,
        type_name=noun,
        command=command,
        arguments=inputs.of_command(command.run, aggregate.state, action),
        prefix=inputs.ids.get(action, _no_prefix),
    )


def mutation_name(verb: str, noun: str) -> str:
    """The published name: the verb, the noun, the rest: `add_task` becomes `addChangeTask`."""
    first, *rest = verb.split("_")
    return first + noun + "".join(each.capitalize() for each in rest)


def takes_behalf(command: Command) -> bool:
    """Whether the command itself wants to know in whose place it decides."""
    return BEHALF in inspect.signature(command.run).parameters


def mutation_field(inputs: Inputs, mutation: Mutation, answers: type) -> StrawberryField:
    """The field of `Mutation` that runs a command."""
    name = f"{mutation.name[0].upper()}{mutation.name[1:]}Input"
    noun = spaced(mutation.type_name)
    about = description(mutation.command.run.__doc__, f"Change a {noun}.")
    made = build_input(name, f"What `{mutation.name}` needs.", input_fields(mutation))
    kind = inputs.types.publish(name, made)
    described = strawberry.argument(description="Everything the request says.")
    resolver = _named(partial(run, mutation))
    resolver.__annotations__ = {
        "info": Info,
        "input": Annotated[kind, described],
        "return": answers,
    }
    return strawberry.field(resolver=resolver, description=about, name=mutation.name)  # type: ignore[no-any-return]


def _named(asked: Any) -> Any:
    async def resolver(info: Any, input: Any) -> Any:
        return await asked(info, input)

    return resolver


def input_fields(mutation: Mutation) -> dict[str, StrawberryField]:
    """The fields of a mutation's input: the command's own, between the subject and the key."""
    command = mutation.command
    fields = {}
    if not command.creates:
        about = f"The {spaced(mutation.type_name)} it is about."
        fields["id"] = attribute("id", strawberry.ID, about)
    fields |= {each.name: each.field for each in mutation.arguments}
    if command.seen is not Seen.NOTHING:
        fields["seen"] = attribute("seen", int, SEEN[command.seen])
    if takes_behalf(command):
        about = "The person whose delegation is used, to decide in their place."
        fields["on_behalf_of"] = _optional("on_behalf_of", strawberry.ID, about)
    fields["idempotency_key"] = _optional("idempotency_key", str, KEY)
    return fields


def _optional(name: str, kind: Any, about: str) -> StrawberryField:
    field = strawberry.field(description=about, default=strawberry.UNSET)
    field.python_name = name
    field.type_annotation = StrawberryAnnotation(StrawberryOptional(kind))
    return field  # type: ignore[no-any-return]
