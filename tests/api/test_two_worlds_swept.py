"""Everything that outsiders can ask for is the same once a patch is out, whatever stays hidden."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
from graphql import get_named_type

from api.authentication.bearer import Caller
from api.calendar.feed import Feed
from api.context import Access, Asker
from api.derived.cursors import Cursors
from api.derived.identity import PERSON, read_id
from api.rules import FEED
from tests.api.astray import Mistaken
from tests.api.company import Headquarters, fresh_database, headquarters
from tests.api.every_answer import QUERIES, by_id, filters, question, selection
from tests.api.patches import Patch, hire

OUTSIDERS: Final = ("wanda", "nils")
LEFT_OUT: Final = frozenset(("log", "proofs", "coverageGaps"))
"""How long the log is, auditors may know; the last is asked for more than one thing."""
NEVER_ALIKE: Final = frozenset(("position", "commitToProductionMean", "meanTimeToProduction"))
"""Places in the log, which are for auditors, and sums of seconds."""
ABSENT: Final = frozenset(("forbidden", "not_found", "unknown_subject"))
"""What a question may be refused with; anything else means that it was not really asked."""
NAMES: Final = re.compile(
    r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?|\d{8}T\d{6}Z?"
    r"|[0-9a-f]{32,}|[A-Za-z0-9_\-+/]{24,}={0,2}|\d+\.\d+|\d{4,}"
    r"|(?<=Demo )[0-9a-f]{4}"
)
"""What no two worlds have in common: times, ids, commits, digests, versions and durations."""
ACCESSES: Final = """query { accesses(first: 100) { totalCount { count } edges { node { action
  outcome count attempts codes record embargoed person { handle } } } } }"""


class World:
    """A company in which a patch goes out, beside another that is hidden still, or alone."""

    def __init__(self, hq: Headquarters, *, hidden: bool) -> None:
        """Let those in who release patches."""
        hire(hq)
        self.hq, self.hidden = hq, hidden
        self.secret: list[str] = []

    def happens(self) -> None:
        """A patch is refused, denied and published; the other comes half of the way.

        Beside what is hidden its merge requests were part of other fixes first.
        """
        patch = Mistaken(self.hq) if self.hidden else Patch(self.hq)
        other = self.beside() if self.hidden else None
        fix, made = patch.complete()
        if other:
            self.moves([id for id, _ in made], fix, other, patch)
        self.hq.do("rhea", "LinkSecurityFix", id=fix, tracker=patch.id)
        patch.do("IncludeRelease", mergeRequests=[id for id, _ in made])
        for _ in range(2):
            assert self.hq.refused("rhea", "PublishRelease", id=patch.id, seen=1)
            assert self.hq.refused("dina", "PublishRelease", id=patch.id, seen=1)
            told = {"id": fix, "severity": "high"}
            assert self.hq.refused("dina", "AssessSecurityFix", **told) == ["forbidden"]
            assert self.hq.refused("rhea", "MergeMergeRequest", id=made[0][0], seen=1)
        if other:
            self.take(self.left, self.gone, patch)
            self.goes_on(other)
        patch.to_publication(made)
        patch.do("PublishRelease")
        patch.do("AnnounceRelease", location="https://about.example/releases/patch")
        self.ids = {"Release": patch.id, "SecurityFix": fix, "MergeRequest": made[0][0]}
        self.ids["Backport"] = made[1][0]

    def beside(self) -> Patch:
        """Another patch, of a little later, with a fix, and one that was given up with another."""
        gone = Patch(self.hq)
        left, _ = gone.linked()
        gone.do("AbortRelease", reason="Not this month.")
        other = Patch(self.hq, title="The secret patch")
        fix, self.parts = other.linked()
        self.secret = [gone.id, left, other.id, fix]
        return other

    def moves(self, parts: list[str], fix: str, other: Patch, patch: Patch) -> None:
        """The fix was to go out with the other, and another one is to with the patch."""
        self.put(fix, parts, other)
        self.take(fix, parts, other)
        self.left, gone = patch.complete()
        self.gone = [id for id, _ in gone]
        self.put(self.left, self.gone, patch)
        self.secret.append(self.left)
        other.aim()
        for (version, own), shared in zip(
            other.commits.items(), patch.commits.values(), strict=True
        ):
            for commit in (shared, own):
                other.do("AimRelease", releaseVersion=version, commit=commit)

    def put(self, fix: str, parts: list[str], where: Patch) -> None:
        """Link a fix to a patch, and put it in."""
        self.hq.do("rhea", "LinkSecurityFix", id=fix, tracker=where.id)
        where.by("rune", "IncludeRelease", mergeRequests=parts)

    def take(self, fix: str, parts: list[str], where: Patch) -> None:
        """Take it off again, and out."""
        where.by("rune", "ExcludeRelease", mergeRequests=parts, reason="It is secret.")
        self.hq.do("rhea", "UnlinkSecurityFix", id=fix, reason="It is secret.")

    def goes_on(self, other: Patch) -> None:
        """The other is refused and denied as well, and its fix runs on the hosted service."""
        for who in ("rhea", "dina"):
            assert self.hq.refused(who, "PublishRelease", id=other.id, seen=1)
        other.aim()
        other.enter()
        other.to_preparation(self.parts)
        for name in ("pipeline", "package_and_test"):
            other.report(name, *other.commits.values())

    # What is answered.

    def told(self, who: str) -> Iterator[tuple[str, Any]]:
        """Every answer that somebody gets, with what was asked."""
        yield "turned away", self.ask(who, ACCESSES)
        for name in sorted(QUERIES.keys() - by_id().keys() - LEFT_OUT):
            found = self.ask(who, *question(name))
            costly = "too_costly" in json.dumps(found.get("errors"))
            yield name, self.ask(who, *question(name, shallow=True)) if costly else found
        for name, arg in sorted(by_id().items()):
            kind = get_named_type(QUERIES[name].type)
            if name in LEFT_OUT:
                continue
            for noun, id in self.ids.items():
                document = f"query($i: ID!) {{ {name}({arg}: $i) {selection(kind, 1)} }}"
                yield f"{name} of {noun}", self.ask(who, document, {"i": id})
        for name, field in filters():
            kind = get_named_type(QUERIES[name].type)
            for noun, id in self.ids.items():
                asked = f"{name}(filter: {{{field}: $i}}) {selection(kind, 0)}"
                document = f"query($i: ID!) {{ {asked} }}"
                yield f"{name} by {field} {noun}", self.ask(who, document, {"i": id})
        yield "feed", self.feed(who)

    def ask(self, who: str, document: str, given: Any = None) -> Any:
        """The answer to a document; lists are ordered by what they say, since ids are random."""
        answer = plain(self.hq.post(who, document, given).json())
        for each in (answer.get("data") or {}).values():
            for listed in ("edges", "items"):
                if isinstance(each, dict) and listed in each:
                    each[listed].sort(key=json.dumps)
        return answer

    def feed(self, who: str) -> str:
        """The calendar of the product, as other programs of somebody read it."""
        access = Access(self.hq.installation.reader, self.hq.submit, Cursors(b"c" * 32))
        person = read_id(self.hq.id(who), PERSON) or ""
        asker = Asker(person, None, (FEED,))
        body = Feed(access, nobody)._body(asker, {"service": "storefront"}).decode()
        return NAMES.sub("#", body)


def plain(told: Any) -> Any:
    """What is told, without what no two worlds have in common."""
    if isinstance(told, dict):
        kept = (each for each in told.items() if each[0] not in NEVER_ALIKE)
        return {name: plain(each) for name, each in kept}
    if isinstance(told, list):
        return [plain(each) for each in told]
    if isinstance(told, str):
        return NAMES.sub("#", told)
    return "#" if isinstance(told, float) or (isinstance(told, int) and told > 999) else told


async def nobody(_authorization: str) -> Caller | None:
    """Nobody comes in: who asks is known already."""
    return None


def swept(hq: Headquarters, *, hidden: bool) -> dict[str, dict[str, Any]]:
    """What each outsider is told in a world, by what was asked."""
    world = World(hq, hidden=hidden)
    world.happens()
    for id in world.secret:
        assert hq.ask("wanda", "Release", id=id) is None
    return {who: dict(world.told(who)) for who in OUTSIDERS}


@pytest.fixture(scope="module")
def bright(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What is told where nothing else was ever hidden."""
    folder = tmp_path_factory.mktemp("bright")
    with headquarters(str(folder / "company.sqlite"), folder) as company:
        return swept(company, hidden=False)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def dark(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Any]]:
    """What is told where another patch, and a fix that was left over, are hidden still."""
    folder = tmp_path_factory.mktemp("dark")
    with (
        fresh_database(request, folder) as database,
        headquarters(database, folder) as company,
    ):
        return swept(company, hidden=True)


@pytest.mark.req("S1-12", "S1-50", "X-05")
@pytest.mark.parametrize("who", OUTSIDERS)
def test_nothing_that_is_told_once_a_patch_is_out_tells_of_what_stays_hidden(
    dark: dict[str, dict[str, Any]], bright: dict[str, dict[str, Any]], who: str
) -> None:
    with_it, without = dark[who], bright[who]
    assert with_it.keys() == without.keys()
    assert [name for name, told in without.items() if with_it[name] != told] == []
    for name, told in without.items():
        refused = told.get("errors", ()) if isinstance(told, dict) else ()
        assert {each["extensions"]["code"] for each in refused} <= ABSENT, name
    assert "secret" not in json.dumps(with_it)
    assert ("release.publish" in json.dumps(without["turned away"])) == (who == "wanda")
