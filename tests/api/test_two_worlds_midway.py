"""What gates tell of a patch under way in the open tells nothing of what is hidden beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from api.demo.cast import Role
from tests.api.company import Headquarters, fresh_database, headquarters
from tests.api.patches import BRANCHES, Patch, hire
from tests.api.test_two_worlds_published import NAMES, apart

ELSEWHERE = "otto"
OUTSIDERS = ("nils", ELSEWHERE)
ACTS = ("TAG", "PUBLISH", "CLOSE", "ENTER_PHASE", "ANNOUNCE")
PLACES = ("release", "gprd")
GATES = " ".join(
    (
        *(f"act{at}: can(action: {each}) {{ ...said }}" for at, each in enumerate(ACTS)),
        *(
            f'place{at}: can(action: DEPLOY, environment: "{each}") {{ ...said }}'
            for at, each in enumerate(PLACES)
        ),
    )
)
TOLD = f"""query($i: ID!) {{
  release(id: $i) {{ version revision itemCount contributors {{ handle }} impact {{ others }}
    onlookers {{ person {{ handle }} acts }} {GATES} }}
  mergeRequest(id: $i) {{ version revision alarms onlookers {{ person {{ handle }} acts }}
    merge: can(action: MERGE) {{ ...said }} revert: can(action: REVERT) {{ ...said }} }}
}}
fragment said on Possibility {{ allowed permitted reason
  verdict {{ findings {{ requirement status title evidence missing message code
    acts {{ action count description rule }} }} }}
  explanation {{ complete impossibleReason
    ways {{ acts {{ action count total description rule people {{ handle }} }} }} }} }}"""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def hq(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Headquarters]:
    """A company of its own, with somebody who is cleared for another project alone."""
    folder = tmp_path_factory.mktemp("midway")
    with fresh_database(request, folder) as database, headquarters(database, folder) as company:
        hire(company)
        company.hire(ELSEWHERE, "elsewhere", Role("role:cleared", "project", "another/project"))
        yield company


class Midway:
    """A patch with the fixes of bugs that is shown, and of which one after the other comes in."""

    def __init__(self, hq: Headquarters) -> None:
        """Plan it, and put in what is to be merged."""
        self.hq, self.patch = hq, Patch(hq)
        told = {"embargoed": False, "title": "A bug"}
        self.parts = [self.patch.request("bug_fix", each, **told) for each in BRANCHES]
        self.patch.do("IncludeRelease", mergeRequests=[id for id, _ in self.parts])

    def ask(self, who: str, verb: str, **given: Any) -> None:
        kind = f"{verb[0].upper()}{verb[1:]}Input"
        asked = f"mutation($i: {kind}!) {{ {verb}(input: $i) {{ problems {{ code }} }} }}"
        assert self.hq.post(who, asked, {"i": given}).json()["data"] == {verb: {"problems": []}}

    def heard(self) -> list[Any]:
        """All that the gates tell people without a clearance."""
        told = []
        for who in OUTSIDERS:
            for id in (self.patch.id, *(id for id, _ in self.parts)):
                answer = self.hq.post(who, TOLD, {"i": id}).json()
                assert "errors" not in answer, answer
                assert any(answer["data"].values()), "it is shown"
                told.append(in_any_order(json.loads(NAMES.sub("#", json.dumps(answer["data"])))))
        return told

    def story(self, secret: Callable[[Midway], None]) -> list[list[Any]]:
        """What is told once it is shown, and once one was merged, and another closed."""
        if secret is a_fix_left:
            secret(self)
        self.ask("rune", "revealRelease", id=self.patch.id)
        before = self.heard()
        if secret is not a_fix_left:
            secret(self)
        (first, head), *_, (last, _) = self.parts
        self.patch.report("package_and_test", head)
        self.hq.do("mads", "SignOffMergeRequest", id=first, rule="maintainer", seen=1)
        self.patch.merge(first)
        self.ask("dina", "closeMergeRequest", id=last, reason="It is no bug.")
        self.patch.aim()
        return [before, self.heard()]


def in_any_order(told: Any) -> Any:
    """The same with what is listed by ids in one order, whatever those are."""
    if isinstance(told, dict):
        return {name: in_any_order(each) for name, each in told.items()}
    return sorted(map(in_any_order, told), key=json.dumps) if isinstance(told, list) else told


def nothing(_: Midway) -> None:
    """Nothing is hidden beside it."""


def of_one_head(world: Midway) -> None:
    """Hidden merge requests have the heads of its own, for the same branches."""
    for (_, head), branch in zip(world.parts, BRANCHES, strict=True):
        world.patch.request("backport", branch, head=head, title="The hole")


def of_the_same_versions(world: Midway) -> None:
    """A hidden patch has its versions, tagged and brought to where patches are tested."""
    other = Patch(world.hq, versions=[*world.patch.commits])
    other.to_publication(other.fix())


def a_fix_left(world: Midway) -> None:
    """A hidden fix was in it with all its parts, and left before it was shown."""
    fix, made = world.patch.linked()
    parts = [id for id, _ in made]
    world.patch.do("ExcludeRelease", mergeRequests=parts, reason="It waits.")
    world.hq.do("rhea", "UnlinkSecurityFix", id=fix, reason="It waits.")


def a_fix_waits(world: Midway) -> None:
    """A hidden fix is complete for the next patch."""
    world.patch.complete()


@pytest.fixture(scope="module")
def bright(hq: Headquarters) -> list[list[Any]]:
    """What is told where nothing is hidden."""
    return Midway(hq).story(nothing)


@pytest.mark.req("S1-12", "X-05")
@pytest.mark.parametrize("secret", [of_one_head, of_the_same_versions, a_fix_left, a_fix_waits])
def test_gates_tell_nobody_of_what_is_hidden_beside_a_patch_that_is_shown(
    hq: Headquarters, bright: list[list[Any]], secret: Callable[[Midway], None]
) -> None:
    dark = Midway(hq).story(secret)
    for two, one in zip(dark, bright, strict=True):
        assert [
            list(apart(with_it, without)) for with_it, without in zip(two, one, strict=True)
        ] == ([[]] * len(one))
