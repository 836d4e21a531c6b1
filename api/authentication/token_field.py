"""The mutation that makes an API token: the one answer in which its secret is ever shown."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec
import strawberry
from strawberry.types.base import StrawberryList, StrawberryOptional
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from api.derived.fields import attribute, build, build_input
from api.derived.mutations import Mutation, failed, input_fields, make_mutation
from api.derived.nouns import INPUTS, TYPES
from api.derived.payload import ProblemType, Told, told
from domain import credential
from domain.credential import Credential
from domain.kernel import Command, Refusal
from ledger.request import Status

NAME: Final = "createToken"
HASH: Final = "keyed_hash"


@dataclasses.dataclass(frozen=True, slots=True)
class Made:
    """What became of the wish for a token."""

    credential: Credential | None
    token: str | None
    problems: tuple[Told, ...]


async def create(info: Any, input: Mapping[str, Any]) -> Made:
    """Mint a token, record its keyed hash, and show its text; a refusal shows nothing."""
    context = info.context
    minted = context.access.mint()
    try:
        request = MUTATION.read(input, minted.public_id, context.asking())
    except Refusal as refused:
        return Made(None, None, told(refused.problems))
    given = msgspec.json.decode(request.arguments) | {HASH: minted.hash.hex()}
    asked = msgspec.structs.replace(request, arguments=msgspec.json.encode(given))
    answer = await context.ask(asked)
    if answer.status is Status.FAILED:
        raise failed(answer)
    if answer.status is not Status.DONE:
        return Made(None, None, told(answer.problems))
    return Made(await context.load(Credential, answer.subject), minted.text, ())


def _mutation() -> Mutation:
    command = next(each for each in credential.AGGREGATE.commands if each.name == "issue")
    derived = make_mutation(INPUTS, credential.AGGREGATE, Command(command.run))
    kept = tuple(each for each in derived.arguments if each.name != HASH)
    return dataclasses.replace(derived, name=NAME, arguments=kept)


MUTATION: Final = _mutation()


def _payload() -> type:
    fields = {
        "credential": attribute(
            "credential",
            TYPES.later("Optional[Credential]"),
            "What is kept of the token, for those who may read it.",
        ),
        "token": attribute(
            "token",
            StrawberryOptional(str),
            "The token itself. It is shown only in this answer and kept nowhere.",
        ),
        "problems": attribute(
            "problems", StrawberryList(ProblemType), "Why it was refused; empty when it was made."
        ),
    }
    return build("TokenPayload", "A new API token, or why there is none.", fields)


def _field() -> StrawberryField:
    fields = input_fields(MUTATION)
    del fields["idempotency_key"]  # a retry could not show the secret again
    made = INPUTS.types.publish(
        "CreateTokenInput", build_input("CreateTokenInput", f"What `{NAME}` needs.", fields)
    )

    async def resolver(info: Any, input: Any) -> Any:
        return await create(info, input)

    described = strawberry.argument(description="Everything the request says.")
    resolver.__annotations__ = {
        "info": Info,
        "input": Annotated[made, described],
        "return": TYPES.publish("TokenPayload", _payload()),
    }
    about = "Make an API token for oneself or a program one owns; its secret is shown this once."
    return strawberry.field(resolver=resolver, description=about, name=NAME)  # type: ignore[no-any-return]


FIELDS: Final[dict[str, StrawberryField]] = {"create_token": _field()}
"""The mutation `createToken`."""
