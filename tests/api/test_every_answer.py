"""No query and no mutation tells the uncleared of what is hidden; none is left out by oversight."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from graphql import GraphQLObjectType, get_named_type, parse, validate
from sqlalchemy import select

from api.derived.identity import global_id, read_global_id
from api.derived.nouns import TYPES
from tests.api import test_two_worlds_fixes as fixes
from tests.api import test_two_worlds_releases as releases
from tests.api.company import fresh_database
from tests.api.every_answer import (
    MUTATIONS,
    QUERIES,
    REFERENCES,
    SCHEMA,
    by_id,
    filters,
    noun,
    question,
    selection,
    unclear,
    wish,
)
from tests.api.test_merge_request_queries import PROJECT
from tests.api.test_two_worlds import EVENTS, NAMES, plain

ELSEWHERE: Final = {"scope": "project", "value": "group/other"}
SERVICE: Final = {"scope": "service", "value": "app"}
WINDOW: Final = {"since": "2030-05-06T10:00", "until": "2030-05-06T12:00", "zone": "UTC"}
HEADS: Final = "%040x"
TYPES_OF: Final = {name: TYPES.name(state) for name, state in TYPES.states.items()}
ROLES: Final = (
    ("reviewer", PROJECT),
    ("product_owner", SERVICE),
    ("implementer", SERVICE),
    ("appsec", ELSEWHERE),
    ("maintainer", ELSEWHERE),
    ("release_manager", ELSEWHERE),
    ("cleared", ELSEWHERE),
)
"""What somebody holds who may do much, and is cleared in another project alone."""
HIDEABLE: Final = (
    "SecurityFix",
    "VulnerabilityReport",
    "MergeRequest",
    "Release",
    "Exemption",
    "Accord",
    "Comment",
    "Evidence",
    "Inclusion",
    "Access",
    "Erasure",
)
OF_THE_LOG: Final = {
    "log": "its size and head count every event, for auditors; compared in a list of their own",
    "proofs": "sizes and roots of the tree, for auditors; refused to everybody else",
}
"""Queries that tell auditors how long the log is."""
NEEDED: Final = {
    "coverageGaps": ', since: "2026-01-01T00:00:00Z", until: "2026-02-01T00:00:00Z"',
}
ERASING: Final = {"parts": ["title"], "ground": "Law."}
ABSENT: Final = frozenset(("forbidden", "not_found", "unknown_subject"))
"""What a question may be refused with; anything else means that it was not really asked."""
ASKED_AT: Final = datetime.now(UTC) + timedelta(minutes=30)
"""When everything is asked in each world, so that what is told of that moment is the same."""
LEFT_OUT: Final[Mapping[str, str]] = {
    "createToken": "it names people alone, who are never hidden, and needs the secret of a server",
}
"""Queries and mutations that are not asked, and why."""
SECRET: Final = "Close the hole"


class Whole(fixes.World):
    """An office in which one fix was hidden and is revealed, and another one may still be."""

    def __init__(self, folder: Path, database: str) -> None:
        """Let in a manager of releases, and somebody who may do much and is not cleared here."""
        super().__init__(folder, database)
        office = self.office
        for handle, role, scope in (
            ("sec", "privacy_officer", {}),
            ("max", "release_manager", PROJECT),
            ("max", "release_manager", {"scope": "environment", "value": "any"}),
            *(("rita", role, scope) for role, scope in ROLES),
        ):
            if handle not in office.people:
                office.people[handle] = office.person(handle)
            office.grant(handle, role, **scope)
        self.ids = {name: global_id(name, "0" * 32) for name in TYPES_OF.values()}
        self.lock = self.locked()
        self.moment = datetime.now(UTC).isoformat()

    def locked(self) -> str:
        """A lock of a place where nothing goes."""
        until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        people = [self.office.id("sec"), self.office.id("mia")]
        terms = {"title": "Stop", "kind": "HARD", "until": until, "environments": ["nowhere"]}
        return self.do("max", "declareLock", "lock", terms={**terms, "exempters": people})

    # What happens.

    def reveal_one(self) -> None:
        """One fix is hidden, refused, denied, dismissed and revealed: everybody knows of it."""
        fix, part = self.fixed(31, "Mend the fence")
        self.ask("sec", "dismissSecurityFix", id=fix, reason="It is none.")
        found = self.ask("max", "revealSecurityFix", id=fix)
        assert found["data"] == {"revealSecurityFix": {"problems": []}}
        assert self.office.data("query($i: ID!) { mergeRequest(id: $i) { id } }", "aud", i=part)

    def fixed(self, number: int, title: str) -> tuple[str, str]:
        """A fix with a merge request that is talked about, reported on, refused and denied."""
        how = {"playbook": "security", "kind": "vulnerability"}
        fix = self.do("eng", "openSecurityFix", "securityFix", **how, **fixes.PLACE, title=title)
        part = self.opening(
            "eng", number, "master", embargoed=True, title=title, head=HEADS % number
        )
        self.ask("eng", "addSecurityFixMergeRequest", id=fix, mergeRequest=part)
        about = {"about": "MERGE_REQUEST", "subject": part, "body": title}
        self.ask("eng", "writeComment", **about)
        self.evidence(HEADS % number, "FAILED")
        for _ in range(2):
            self.ask("sec", "linkSecurityFix", id=fix, tracker=fixes.NEVER["SecurityFix"])
            self.ask("mia", "mergeMergeRequest", id=part, seen=1)
            self.ask("eng", "assessSecurityFix", id=fix, severity="high")
        told = self.ask("sec", "eraseErasure", **self.erasing(fix))["data"]
        assert told == {"eraseErasure": {"problems": []}}
        return fix, part

    def hide(self) -> None:
        """The other fix, with a report, an accord, a patch and a wish that it be exempt."""
        told = {**fixes.PLACE, "title": SECRET, "description": SECRET}
        report = self.do("fin", "submitVulnerabilityReport", "vulnerabilityReport", **told)
        fix, part = self.fixed(32, SECRET)
        agreed = {"playbook": "planned_patch", "kind": "revert", "subject": part}
        accord = self.do(
            "sec",
            "proposeAccord",
            "accord",
            **agreed,
            terms={"wording": SECRET, "path": "take_back"},
        )
        plan = {"title": SECRET, **fixes.PLACE, "versions": releases.VERSIONS}
        due = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        given = {"playbook": "planned_patch", "kind": "planned_patch", "plan": plan}
        patch = self.do("max", "openRelease", "release", **given, scheduled=due)
        self.ask("max", "includeRelease", id=patch, mergeRequests=[part])
        for _ in range(2):
            self.ask("max", "publishRelease", id=patch, seen=1)
        wished = {"lock": self.lock, "release": patch, "reason": SECRET}
        exemption = self.do("max", "requestExemption", "exemption", **wished)
        self.ids |= {"SecurityFix": fix, "VulnerabilityReport": report, "MergeRequest": part}
        self.ids |= {"Accord": accord, "Release": patch, "Exemption": exemption}
        raw = {name: read_global_id(id, [name])[1] for name, id in self.ids.items()}  # type: ignore[index]
        for name, column, about in (
            ("Comment", "subject", "MergeRequest"),
            ("Evidence", "merge_request", "MergeRequest"),
            ("Inclusion", "release", "Release"),
            ("Access", "record", "SecurityFix"),
            ("Erasure", "subject", "SecurityFix"),
        ):
            self.ids[name] = self.stored(name, column, raw[about])

    def stored(self, name: str, column: str, about: str) -> str:
        """The id of something that tells of a record."""
        reader = self.office.reader
        aggregate = next(each for each, kind in TYPES_OF.items() if kind == name)
        table = reader.snapshot(TYPES.states[aggregate])
        with reader.connection() as connection:
            found = connection.execute(select(table.c.id).where(table.c[column] == about))
            return global_id(name, found.scalars().all()[0])

    def live(self) -> None:
        """What happens in both worlds in the open."""
        twin = self.opening("rita", 32, "master", head="2" * 40)
        self.evidence(fixes.HEAD, "PASSED")
        self.ask("rita", "writeComment", about="MERGE_REQUEST", subject=twin, body="Look.")
        for _ in range(3):
            self.ask("mia", "mergeMergeRequest", id=twin, seen=1)
        plan = {"title": "In the open", **fixes.PLACE, "versions": ["1.2.3"]}
        given = {"playbook": "itsm_releases", "kind": "minor", "plan": plan}
        due = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        release = self.do("max", "openRelease", "release", **given, scheduled=due)
        self.ask("max", "includeRelease", id=release, mergeRequests=[twin])
        self.moment = datetime.now(UTC).isoformat()
        self.change = self.office.change(window=WINDOW)["id"]

    # What is answered.

    def listen(self, by: str, document: str, **given: Any) -> str:
        """What somebody is answered; lists are ordered by what they say.

        Their order is that of ids, which are hashes, or random within a millisecond.
        """
        result = self.office.ask(document, by, **given)
        errors = [each.message for each in result.errors or ()]
        assert set(errors) <= ABSENT, (document, given, result.errors)
        for told in (result.data or {}).values():
            if isinstance(told, dict) and "edges" in told:
                told["edges"].sort(key=lambda edge: NAMES.sub("", json.dumps(edge)))
        return json.dumps([by, result.data, errors])

    def sweep(self, by: str) -> Iterator[str]:
        """Every query that is not about one object, with all it tells."""
        for name in sorted(QUERIES.keys() - by_id().keys() - LEFT_OUT.keys() - OF_THE_LOG.keys()):
            document, given = question(name)
            yield self.listen(by, document, **given)

    def look_up(self, by: str) -> Iterator[str]:
        """Every query about one object, with the ids of what is hidden, now and as it was."""
        for name, arg in sorted(by_id().items()):
            kind = get_named_type(QUERIES[name].type)
            moment = ", asOf: {time: $t}" if "asOf" in QUERIES[name].args else ""
            more = NEEDED.get(name, "")
            own = noun(kind.name)
            for about in [own] if own in self.ids else HIDEABLE:
                asked = f"{name}({arg}: $i{more}%s) {selection(kind, 1)}"
                yield self.listen(by, f"query($i: ID!) {{ {asked % ''} }}", i=self.ids[about])
                if moment:
                    document = f"query($i: ID!, $t: DateTime!) {{ {asked % moment} }}"
                    yield self.listen(by, document, i=self.ids[about], t=self.moment)

    def narrow(self, by: str) -> Iterator[str]:
        """Every list, narrowed to what has to do with something hidden."""
        for name, field in filters():
            count = "{ totalCount { count } edges { node { id } } }"
            kind = get_named_type(QUERIES[name].type)
            told = (
                count
                if isinstance(kind, GraphQLObjectType) and "totalCount" in kind.fields
                else selection(kind, 1)
            )
            for about in abouts(field):
                document = f"query($i: ID!) {{ {name}(filter: {{{field}: $i}}) {told} }}"
                yield self.listen(by, document, i=self.ids[about])

    def attempt(self, by: str) -> Iterator[str]:
        """Every mutation, with the ids of what is hidden wherever it takes one."""
        for name in sorted(MUTATIONS.keys() - LEFT_OUT.keys()):
            for about in HIDEABLE if unclear(name) else ("",):
                yield self.attempted(by, name, wish(name, self.ids, about))
        for about, kind in (("MergeRequest", "MERGE_REQUEST"), ("Release", "RELEASE")):
            subject = {"about": kind, "subject": self.ids[about], "body": "Hm."}
            yield self.attempted(by, "writeComment", subject)
        tie = {"id": self.change, "kind": "MERGE_REQUEST", "reference": self.ids["MergeRequest"]}
        for name in ("linkChange", "unlinkChange"):
            yield self.attempted(by, name, tie)
        for aggregate, about in TYPES_OF.items():
            if about in HIDEABLE:
                subject = {"aggregate": aggregate, "subject": self.ids[about]}
                yield self.attempted("priv", "eraseErasure", {**subject, **ERASING})

    def attempted(self, by: str, name: str, given: Any) -> str:
        """What somebody is answered who asks for an act."""
        payload = selection(get_named_type(MUTATIONS[name].type), 1)
        kind = MUTATIONS[name].args["input"].type
        return self.listen(by, f"mutation($i: {kind}) {{ {name}(input: $i) {payload} }}", i=given)

    def audit(self, by: str) -> Iterator[str]:
        """What holders of `log.read` are told beside: events by kind of thing and by who acted."""
        yield self.listen(by, EVENTS)
        for aggregate in sorted(TYPES_OF):
            yield self.listen(by, EVENTS, f={"aggregate": aggregate})
        for who in ("sec", "eng", "max", "fin", "ci"):
            yield self.listen(by, EVENTS, f={"actor": self.office.id(who)})

    def measure(self, by: str) -> Iterator[str]:
        """How long the log is, and what is proved of it, without the numbers and the hashes."""
        document = (
            f"query($i: ID!) {{ log(id: $i) {selection(get_named_type(QUERIES['log'].type), 1)} }}"
        )
        yield self.listen(by, document, i=global_id("Log", "log"))
        document = '{ proofs { origin verifierKey receipt(event: "x") entry(event: "x") } }'
        yield self.listen(by, document)


def abouts(field: str) -> tuple[str, ...]:
    """What an id in a filter may be of: what the field says, or anything that may be hidden."""
    return (REFERENCES[field],) if field in REFERENCES else HIDEABLE


def answers(folder: Path, database: str, *, hidden: bool) -> dict[str, list[str]]:
    """Everything that is answered in a world, by list."""
    world = Whole(folder, database)
    try:
        world.reveal_one()
        if hidden:
            world.hide()
        world.live()
        world.office.access = replace(world.office.access, clock=lambda: ASKED_AT)
        found = {
            f"{list_} of {by}": list(getattr(world, list_)(by))
            for by, lists in (
                ("rita", ("sweep", "look_up", "narrow", "attempt", "measure")),
                ("aud", ("sweep", "look_up", "audit", "measure")),
            )
            for list_ in lists
        }
        cleared = "".join(world.sweep("sec"))
        assert (SECRET in cleared) == hidden, "there is something to be found by who is cleared"
        return found
    finally:
        world.office.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def dark(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[str]]:
    """What is answered where the second fix is hidden."""

    def told() -> dict[str, list[str]]:
        folder = tmp_path_factory.mktemp("dark")
        with fresh_database(request, folder) as database:
            return answers(folder, f"{database}", hidden=True)

    return within_an_hour(told)


@pytest.fixture(scope="module")
def bright(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What is answered where it never was, and ids that never were are asked for."""
    return within_an_hour(lambda: answers(tmp_path_factory.mktemp("bright"), "", hidden=False))


def within_an_hour(told: Callable[[], dict[str, list[str]]]) -> dict[str, list[str]]:
    """What is answered while no hour ends, since what is refused is counted by the hour."""
    while True:
        begun = datetime.now(UTC)
        found = told()
        if datetime.now(UTC).hour == begun.hour:
            return found


LISTS: Final = (
    "sweep of rita",
    "look_up of rita",
    "narrow of rita",
    "attempt of rita",
    "measure of rita",
)
OF_AUDITORS: Final = ("sweep of aud", "look_up of aud", "audit of aud", "measure of aud")


@pytest.mark.req("X-05", "S1-12")
@pytest.mark.parametrize("name", LISTS)
def test_nobody_who_is_not_cleared_is_answered_anything_else(
    dark: dict[str, list[str]], bright: dict[str, list[str]], name: str
) -> None:
    alike(dark[name], bright[name])


@pytest.mark.req("X-05", "X-07", "S1-12")
@pytest.mark.parametrize("name", OF_AUDITORS)
def test_no_auditor_who_is_not_cleared_is_answered_anything_else(
    dark: dict[str, list[str]], bright: dict[str, list[str]], name: str
) -> None:
    alike(dark[name], bright[name])


def alike(with_it: list[str], without: list[str]) -> None:
    """Both tell the same, at the same length, and nothing of the secret."""
    for one, other in zip(plain(with_it), plain(without), strict=True):
        assert json.loads(one) == json.loads(other)
        assert len(one) == len(other)
    assert SECRET not in "".join(with_it)


def test_every_query_and_every_mutation_is_asked_or_left_out_for_a_reason() -> None:
    """A new one that cannot be worded from the schema fails here until somebody decides."""
    ids = {name: global_id(name, "0" * 32) for name in TYPES_OF.values()}
    for name in QUERIES.keys() - by_id().keys() - OF_THE_LOG.keys() - LEFT_OUT.keys():
        document, given = question(name)
        assert validate(SCHEMA, parse(document)) == [], (name, given)
    for name in MUTATIONS.keys() - LEFT_OUT.keys():
        assert wish(name, ids)
    known = QUERIES.keys() | MUTATIONS.keys()
    assert LEFT_OUT.keys() | OF_THE_LOG.keys() <= known
    assert all(reason.strip() for reason in (*LEFT_OUT.values(), *OF_THE_LOG.values()))
