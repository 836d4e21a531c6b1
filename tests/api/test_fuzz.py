"""Whatever fits the schema is answered: no mutation or query ends in a fault of ours."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    build_schema,
    get_named_type,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.demo.cast import FOUNDERS, PEOPLE, Role
from api.schema import sdl
from tests.api.company import (
    HIGH,
    MODERATE,
    Headquarters,
    content,
    fresh_database,
    headquarters,
)
from tests.api.test_journey import assessed, drafted, scheduled
from tests.api.test_journey_paths import merge_request

SCHEMA = build_schema(sdl())
EXAMPLES = settings().max_examples // 10
"""Of each mutation and query: few, and the same, unless hypothesis's profile asks for more."""
ASKERS = ("zed", "zoe", "zoe", "nils")
"""Two who hold every role, so that what they ask for gets further than the policy; and nils."""
OTHERS = ("carla", "erin", "kofi", "nils", "pavel", "quinn", "tara", "viktor", "wanda")
TEXTS = (
    *(
        "",
        " ",
        "a",
        "Ä\u0308",
        "'; DROP TABLE events; --",
        "%_\\",
        "x" * 300,
        "ﷺ" * 400,
        "\U0001f525",
    ),
    *("{}", "null", "any", "user:x", "role:cab_member", "role:everyone", "service", "billing"),
    *(
        "itsm",
        "normal",
        "standard",
        "emergency",
        "gitaly",
        "component",
        "cab",
        "cab_two",
        "assessment",
    ),
    *(
        "change.approve",
        "log.read",
        "refs/heads/master",
        "9" * 40,
        "a" * 40,
        "\u200b",
        "\t",
        "a\nb",
    ),
)
TIMES = (
    *("2026-02-02T10:00:00Z", "2030-01-01T00:00:00+14:00", "1970-01-01T00:00:00Z"),
    *("2199-12-31T23:59:59Z", "2026-02-02T10:00:00", "0001-01-01T00:00:00Z", "now", ""),
)
WALLS = ("2026-03-29T02:30", "2026-10-25T02:30:00", "2199-12-31T00:00", "1970-01-02T00:00", "x")
NUMBERS = (0, 1, 2, 3, -1, 2**31 - 1, -(2**31), 1000)


@dataclass(frozen=True)
class Makes:
    """Makes values that the schema takes; `noun` is what a mutation or query is about."""

    ids: dict[str, list[str]]
    noun: str

    def value(self, kind: GraphQLInputType, name: str = "") -> st.SearchStrategy[Any]:
        """Values of a type; what may be null sometimes is."""
        if isinstance(kind, GraphQLNonNull):
            return self.present(kind.of_type, name)
        return st.none() | self.present(kind, name)

    def present(self, kind: Any, name: str) -> st.SearchStrategy[Any]:
        """Values of a type that are not null."""
        if isinstance(kind, GraphQLList):
            return st.lists(self.value(kind.of_type, name), max_size=3)
        if isinstance(kind, GraphQLEnumType):
            return st.sampled_from(sorted(kind.values))
        if isinstance(kind, GraphQLInputObjectType):
            return self.object(kind)
        return self.known(name) if kind.name == "ID" else LEAVES[kind.name]

    def known(self, name: str) -> st.SearchStrategy[str]:
        """Ids: often of what is asked about, or of people, sometimes of anything else."""
        about = "Principal" if name != "id" else self.noun
        every = [each for ids in self.ids.values() for each in ids]
        likely = self.ids.get(about, every)
        return st.sampled_from([*likely * (1 + 3 * len(every) // len(likely)), *every])

    def object(self, kind: GraphQLInputObjectType) -> st.SearchStrategy[Any]:
        """Values of an input: one field of a choice, else those it needs and some others."""
        if kind.is_one_of:
            choices = kind.fields.items()
            return st.one_of(
                [st.fixed_dictionaries({n: self.present(e.type, n)}) for n, e in choices]
            )
        made = {name: self.value(each.type, name) for name, each in kind.fields.items()}
        needed = {
            name: made.pop(name)
            for name, each in kind.fields.items()
            if isinstance(each.type, GraphQLNonNull)
        }
        made.pop("idempotencyKey", None)
        return st.fixed_dictionaries(needed, optional=made)


WORDS = st.sampled_from(TEXTS) | st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Cn", "Cf")), min_size=1, max_size=20
)
LEAVES: dict[str, st.SearchStrategy[Any]] = {
    "String": WORDS,
    "Int": st.sampled_from(NUMBERS),
    "Boolean": st.booleans(),
    "DateTime": st.sampled_from(TIMES),
    "LocalDateTime": st.sampled_from(WALLS),
}


def selection(kind: GraphQLNamedType, depth: int = 3) -> str:
    """Everything of a type that takes no arguments, some levels deep."""
    if not isinstance(kind, GraphQLObjectType):
        return "{ __typename id }" if kind.name == "Node" else ""
    parts = []
    for name, field in kind.fields.items():
        below = get_named_type(field.type)
        if any(isinstance(each.type, GraphQLNonNull) for each in field.args.values()):
            continue
        if not isinstance(below, GraphQLObjectType) and below.name != "Node":
            parts.append(name)
        elif depth > 1 and (name in SHOWN or depth == 3):
            parts.append(f"{name} {selection(below, depth - 1)}")
    return f"{{ {' '.join(parts) or '__typename'} }}"


SHOWN = {"edges", "node", "pageInfo", "totalCount", "problems", "findings"}


def document(operation: str, name: str, field: GraphQLField) -> str:
    """A document that asks one field for what can be shown of it."""
    taken = "".join(f"${arg}: {each.type} " for arg, each in field.args.items())
    given = ", ".join(f"{arg}: ${arg}" for arg in field.args)
    asked = f"{name}({given})" if given else name
    named = f"{operation} Fuzz({taken})" if taken else operation
    return f"{named} {{ {asked} {selection(get_named_type(field.type))} }}"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def town(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Headquarters]:
    """A company of its own, since whatever is asked for here may be done to it."""
    folder = tmp_path_factory.mktemp("town")
    with fresh_database(request, folder) as url, headquarters(url, folder) as found:
        roles = {role for player in (*FOUNDERS, *PEOPLE) for role in player.roles}
        every = {(role.name, role.scope) for role in roles}
        held = [Role(name, kind, kind and "any") for name, kind in sorted(every, key=str)]
        for who in ("zed", "zoe"):
            found.hire(who, f"team of {who}", *held)
        yield found


@pytest.fixture(scope="module")
def ids(town: Headquarters) -> dict[str, list[str]]:
    """Ids of something of everything, by what they are of."""
    found = [town.id(who) for who in OTHERS]
    found += [drafted(town), assessed(town), scheduled(town)]
    for kind, risk in (("normal", HIGH), ("emergency", MODERATE), ("standard", {})):
        wish = {"playbook": "itsm", "kind": kind, "content": content("Any", **risk)}
        found.append(town.do("nils", "OpenChange", **wish)["id"])
    wish = {"playbook": "itsm", "kind": "standard", "content": content("Any", window=None)}
    found.append(town.do("olga", "ProposeTemplate", **wish)["id"])
    found.append(merge_request(town, 8000))
    for name in ("Boards", "Grants", "Comments"):
        found += [each["node"]["id"] for each in town.ask("wanda", name)["edges"]]
    for page in town.data("wanda", "Rules", first=2).values():
        found += [each["node"]["id"] for each in page["edges"]]
    kinds: dict[str, list[str]] = {"": ["", "Q2hhbmdlOng=", "TG9nOmxvZw==", "\u00d6"]}
    for id in found:
        kinds.setdefault(b64decode(id).decode().partition(":")[0], []).append(id)
    return kinds


def asked(town: Headquarters, text: str, field: GraphQLField, ids: dict[str, list[str]]) -> None:
    """Ask a field for anything, in anybody's name."""
    makes = Makes(ids, get_named_type(field.type).name.removesuffix("Payload"))
    values = st.fixed_dictionaries(
        {arg: makes.value(each.type, arg) for arg, each in field.args.items()}
    )

    @settings(
        max_examples=EXAMPLES if field.args else 1,
        suppress_health_check=list(HealthCheck),
        derandomize=EXAMPLES < 10,
    )
    @given(variables=values, who=st.sampled_from(ASKERS))
    def answer(variables: dict[str, Any], who: str) -> None:
        response = town.post(who, text, variables)
        assert response.status_code < 500, (variables, response.text)
        for error in response.json().get("errors", ()):
            assert error["extensions"]["code"] != "internal", (who, variables, error)

    answer()


def fields(kind: GraphQLObjectType | None) -> dict[str, GraphQLField]:
    assert kind is not None
    found: dict[str, GraphQLField] = kind.fields
    return found


@pytest.mark.parametrize("name", fields(SCHEMA.mutation_type))
def test_no_mutation_ends_in_a_fault(
    town: Headquarters, ids: dict[str, list[str]], name: str
) -> None:
    field = fields(SCHEMA.mutation_type)[name]
    asked(town, document("mutation", name, field), field, ids)


@pytest.mark.parametrize("name", fields(SCHEMA.query_type))
def test_no_query_ends_in_a_fault(town: Headquarters, ids: dict[str, list[str]], name: str) -> None:
    field = fields(SCHEMA.query_type)[name]
    asked(town, document("query", name, field), field, ids)


@pytest.mark.slow
def test_nothing_ends_in_a_fault_at_length(town: Headquarters, ids: dict[str, list[str]]) -> None:
    for operation, kind in (("mutation", SCHEMA.mutation_type), ("query", SCHEMA.query_type)):
        for name, field in fields(kind).items():
            asked(town, document(operation, name, field), field, ids)
