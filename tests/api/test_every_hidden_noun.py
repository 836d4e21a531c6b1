"""Whatever may be hidden, or belong to what is, is as absent for outsiders by every road."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
)

from api.demo.cast import Role, projects, services
from api.deployment import REGISTRY
from api.derived.identity import global_id, read_id
from api.derived.meanings import camel
from api.derived.mutation_names import MUTATIONS
from api.derived.mutations import mutation_name
from domain.belonging import BELONGING
from domain.kernel import Aggregate, Audience
from domain.vulnerability_report import fix_id
from tests.api import fixes
from tests.api.company import Headquarters
from tests.api.office import SCHEMA
from tests.api.patches import PROJECT, Patch, commit, hire

GRAPH: Final = SCHEMA._schema
OUTSIDERS: Final = ("olga", "wanda")
CLEARED: Final = "cleo"
WORDS: Final = "Nobody may read this."


def may_hide(noun: Aggregate[Any]) -> bool:
    """Whether a noun is hidden at times: by itself, with what it is of, or as what tells of it."""
    told = "embargoed" in getattr(noun.state, "__dataclass_fields__", {})
    return noun.audience is Audience.EMBARGOED or noun.name in BELONGING or told


NOUNS: Final = {each.name: each for each in REGISTRY.aggregates if may_hide(each)}


def words(hidden: object) -> str:
    """What is said of a record: of what is hidden nobody else may read it."""
    return WORDS if hidden else "All may read this."


def mutation(hq: Headquarters, who: str, verb: str, **given: Any) -> Any:
    kind = f"{verb[0].upper()}{verb[1:]}Input"
    document = f"mutation($i: {kind}!) {{ {verb}(input: $i) {{ problems {{ code }} }} }}"
    told = hq.post(who, document, {"i": given}).json()
    return told["data"][verb]["problems"]


class Maker:
    """Makes of each noun one that is hidden, and the same in the open, by commands alone."""

    def __init__(self, hq: Headquarters) -> None:
        """Let everybody in, with one who may know of all and reads what was refused and erased."""
        self.hq = hq
        hire(hq)
        if CLEARED not in hq.tokens:
            roles = ("role:appsec", "role:maintainer", "role:release_manager")
            everywhere = (Role("role:auditor"), Role("role:privacy_officer"))
            held = (*map(projects, roles), services("role:release_manager"), *everywhere)
            hq.hire(CLEARED, "cleared", *held)
        self.until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        terms = {"title": "Stop", "kind": "HARD", "until": self.until, "environments": ["release"]}
        terms["exempters"] = [hq.id("saga")]
        self.lock = hq.do("rhea", "DeclareLock", terms=terms)["id"]

    def release(self, *, hidden: bool) -> str:
        return Patch(self.hq).id if hidden else fixes.monthly(self.hq)

    def merge_request(self, *, hidden: bool) -> str:
        return Patch.request(self.patch, "bug_fix", "master", embargoed=hidden)[0]

    @property
    def patch(self) -> Patch:
        found = Patch.__new__(Patch)
        found.hq = self.hq
        return found

    def security_fix(self, *, hidden: bool) -> str:
        fix = str(fixes.fix(self.hq, "noor", title=words(hidden))["id"])
        if not hidden:
            self.show(fix, "saga")
        return fix

    def show(self, fix: str, by: str) -> None:
        """Dismiss it and have another show it: everybody may know that there was nothing."""
        told = {"id": fix, "reason": "It is none."}
        assert mutation(self.hq, by, "dismissSecurityFix", **told) == []
        self.hq.do("quinn" if by == CLEARED else CLEARED, "RevealSecurityFix", id=fix)

    def vulnerability_report(self, *, hidden: bool) -> str:
        told = {"service": fixes.PRODUCT, "project": fixes.PROJECT, "title": words(hidden)}
        made = self.hq.do("nils", "SubmitVulnerabilityReport", description=words(hidden), **told)[
            "id"
        ]
        how = {"playbook": "security", "kind": "vulnerability"}
        self.hq.do("quinn", "AcceptVulnerabilityReport", id=made, **how)
        if not hidden:
            fix = fix_id(read_id(made, "VulnerabilityReport") or "")
            self.show(global_id("SecurityFix", fix), "quinn")
        return str(made)

    def accord(self, *, hidden: bool) -> str:
        plan = {"project": PROJECT, "service": "storefront"}
        about = Patch(self.hq).id if hidden else self.opened(plan)
        return str(self.patch.propose(about)["id"])

    def opened(self, plan: dict[str, Any]) -> str:
        told = {"playbook": "gitlab", "kind": "monthly"}
        named = {"title": "17.7", "versions": ["17.7.0"]}
        return str(self.hq.do("rhea", "OpenRelease", **told, plan=plan | named)["id"])

    def comment(self, *, hidden: bool) -> str:
        told = {"about": "MERGE_REQUEST", "subject": self.merge_request(hidden=hidden)}
        return str(self.hq.do("mads", "WriteComment", **told, body=words(hidden))["id"])

    def evidence(self, *, hidden: bool) -> str:
        _, head = self.patch.request("bug_fix", "master", embargoed=hidden)
        self.patch.report("pipeline", head)
        return self.found("evidenceReports", f'subject: "{head}"')

    def found(self, field: str, wanted: str) -> str:
        """The newest that somebody cleared finds."""
        asked = f"{{ {field}(first: 1, filter: {{{wanted}}}) {{ edges {{ node {{ id }} }} }} }}"
        [edge] = self.hq.post(CLEARED, asked).json()["data"][field]["edges"]
        return str(edge["node"]["id"])

    def exemption(self, *, hidden: bool) -> str:
        told = {"lock": self.lock, "reason": words(hidden), "release": self.release(hidden=hidden)}
        return str(self.hq.do("rhea", "RequestExemption", **told)["id"])

    def inclusion(self, *, hidden: bool) -> str:
        release = self.release(hidden=hidden)
        by = "rhea" if hidden else "viktor"
        self.hq.do(by, "IncludeRelease", id=release, commits=[{"commit": commit()}])
        return self.found("inclusions", f'release: "{release}"')

    def access(self, *, hidden: bool) -> str:
        request = self.merge_request(hidden=hidden)
        assert mutation(self.hq, "rhea", "mergeMergeRequest", id=request, seen=1) != []
        asked = "{ accesses(first: 50) { edges { node { id record } } } }"
        edges = self.hq.post(CLEARED, asked).json()["data"]["accesses"]["edges"]
        of = [e["node"]["id"] for e in edges if e["node"]["record"] == request]
        assert of, edges
        return str(of[0])

    def erasure(self, *, hidden: bool) -> str:
        """In what hides by itself, and in what belongs to that."""
        made = ""
        for noun, part in (("security_fix", "title"), ("comment", "body")):
            subject = getattr(self, noun)(hidden=hidden)
            told = {"aggregate": noun, "subject": subject, "parts": [part], "ground": "Law."}
            assert mutation(self.hq, CLEARED, "eraseErasure", **told) == []
            made = self.found("erasures", f'subject: "{subject}"')
        return made


def input_of(kind: Any, id: str, name: str = "") -> Any:
    """Something that a mutation's input takes, which is about this id."""
    if isinstance(kind, GraphQLNonNull):
        return input_of(kind.of_type, id, name)
    if isinstance(kind, GraphQLList):
        return []
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        wanted = {k: v.type for k, v in kind.fields.items() if isinstance(v.type, GraphQLNonNull)}
        return {key: input_of(each, id, key) for key, each in wanted.items()}
    scalars = {"ID": id, "Int": 1, "Boolean": True, "DateTime": "2030-01-01T00:00:00Z"}
    return scalars.get(kind.name, "words")


def acts(noun: Aggregate[Any]) -> Iterator[tuple[str, Any]]:
    """The mutations that ask something of one record, with their inputs."""
    fields = GRAPH.mutation_type.fields if GRAPH.mutation_type else {}
    for command in noun.commands:
        named = mutation_name(command.name, noun.state.__name__)
        verb = MUTATIONS.get(noun.action(command), named)
        if not command.creates and verb in fields:
            yield verb, fields[verb].args["input"].type


def lists(noun: Aggregate[Any]) -> list[str]:
    """The queries that list records of the noun, or what waits of it."""
    assert isinstance(GRAPH.query_type, GraphQLObjectType)
    wanted = f"{noun.state.__name__}Connection"
    found = [n for n, e in GRAPH.query_type.fields.items() if str(e.type).rstrip("!") == wanted]
    assert found, f"nothing lists {noun.name}"
    return found


def looked_up(hq: Headquarters, who: str, noun: Aggregate[Any], id: str) -> list[Any]:
    """What somebody is answered who looks one id up, by every road."""
    name = camel(noun.name)
    kind = GRAPH.type_map[noun.state.__name__]
    assert isinstance(kind, GraphQLObjectType)
    can = "can" in kind.fields
    actions = kind.fields["can"].args["action"].type if can else None
    gate = f"can(action: {input_of(actions, id)}) {{ allowed }}" if can else ""
    asked = f"query($i: ID!) {{ node(id: $i) {{ id }} {name}(id: $i) {{ id {gate} }} }}"
    told = [hq.post(who, asked, {"i": id}).json()]
    told.append(hq.ask(who, "History", id=id, first=9)["edges"])
    return told


def tried(hq: Headquarters, who: str, noun: Aggregate[Any], id: str) -> list[Any]:
    """What somebody is answered who asks for every act on the record with this id."""
    told = []
    for verb, input_type in acts(noun):
        answer = "problems { code message path }"
        document = f"mutation($i: {input_type}) {{ {verb}(input: $i) {{ {answer} }} }}"
        told.append((verb, hq.post(who, document, {"i": input_of(input_type, id)}).json()))
    return told


def listed(hq: Headquarters, who: str, noun: Aggregate[Any]) -> list[Any]:
    """What somebody is told by lists, counts and events, however many there are."""
    told = [page for field in lists(noun) for page in pages(hq, who, field)]
    told.append(hq.ask("wanda", "Events", filter={"aggregate": noun.name}, first=50))
    return told


def pages(hq: Headquarters, who: str, field: str) -> Iterator[Any]:
    """A list from its first page to its last; one that is refused is refused once."""
    asked = (
        f"query($a: String) {{ {field}(first: 100, after: $a) {{ totalCount {{ count }} "
        "edges { node { id } } pageInfo { hasNextPage endCursor } } }"
    )
    after = None
    while True:
        page = hq.post(who, asked, {"a": after}).json()
        yield page
        found = (page.get("data") or {}).get(field)
        if not found or not found["pageInfo"]["hasNextPage"]:
            return
        after = found["pageInfo"]["endCursor"]


@pytest.fixture(scope="module")
def maker(hq: Headquarters) -> Iterator[Maker]:
    """Makes what is hidden, and the same in the open; it leaves nothing locked behind."""
    made = Maker(hq)
    yield made
    hq.do("rhea", "LiftLock", id=made.lock, reason="Only asked.")


def made(maker: Maker, noun: str, *, hidden: bool) -> str:
    """The id of a fresh one; a noun that nobody taught to be made fails here."""
    make: Callable[..., str] | None = getattr(maker, noun, None)
    assert make is not None, f"{noun} may be hidden: say here how it comes to be, by commands"
    return make(hidden=hidden)


@pytest.mark.req("S1-12", "X-05", "S0-12")
@pytest.mark.parametrize("name", sorted(NOUNS))
def test_what_is_hidden_is_as_absent_by_every_road(
    hq: Headquarters, maker: Maker, name: str
) -> None:
    noun, never = NOUNS[name], global_id(NOUNS[name].state.__name__, "0" * 32)
    made(maker, name, hidden=True)
    before = {who: listed(hq, who, noun) for who in OUTSIDERS}
    hidden = made(maker, name, hidden=True)
    assert looked_up(hq, CLEARED, noun, hidden)[0]["data"]["node"] == {"id": hidden}
    for who in OUTSIDERS:
        assert listed(hq, who, noun) == before[who]
        assert looked_up(hq, who, noun, hidden) == looked_up(hq, who, noun, never)
        assert tried(hq, who, noun, hidden) == tried(hq, who, noun, never)
        assert WORDS not in str(listed(hq, who, noun))


@pytest.mark.req("S0-12")
@pytest.mark.parametrize("name", sorted(NOUNS))
def test_the_same_roads_lead_to_what_is_in_the_open(
    hq: Headquarters, maker: Maker, name: str
) -> None:
    noun = NOUNS[name]
    shown = made(maker, name, hidden=False)
    assert looked_up(hq, "wanda", noun, shown)[0]["data"]["node"] == {"id": shown}
    assert hq.ask("wanda", "History", id=shown, first=9)["edges"]
    assert any(shown in str(each) for each in listed(hq, "wanda", noun))


def test_every_act_that_names_one_record_is_tried() -> None:
    verbs = {verb for noun in NOUNS.values() for verb, _ in acts(noun)}
    assert {"signOffMergeRequest", "publishRelease", "editComment", "approveExemption"} <= verbs
