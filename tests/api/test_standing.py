"""What releases brought by hand stands in the table of versions, and tells what a cycle demands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.calendar.cycles import demand
from api.demo.cast import Role
from api.derived.identity import PERSON, read_id
from api.hiding.visibility import Sight
from api.importing.claiming import Fate
from api.importing.deployments import DeploymentImporter, Told
from api.standing import Lies, Ran, running
from domain.kernel import OPERATOR
from domain.package import Built
from domain.playbook.aggregate import adopted
from domain.process.cycle import Act, Step
from domain.release.state import Release
from tests.api import fixes
from tests.api.company import Headquarters
from tests.api.test_release_deployments import PLAYBOOK
from tests.domain.organisation import PLAYBOOKS

CARTS = (
    PLAYBOOK.replace("lorries", "carts")
    .replace('"depot"', '"staging"')
    .replace('"road"', '"production"')
    .replace(":depot", ":staging")
    .replace(":road", ":production")
)
NUMBERS = iter(range(0xCA47, 0xCFFF))


@pytest.fixture(scope="session")
def yard(hq: Headquarters) -> Headquarters:
    """The company with a process of its own, whose packages nobody builds here."""
    if "carl" not in hq.tokens:
        proposed = hq.desk.ask("playbook.propose", body=CARTS, based_on=None, reason="Carts.")
        hq.desk.ask("playbook.adopt", proposed.subject)
        scopes = ("environment", "service", "project")
        hq.hire("carl", "delivery", *(Role("role:release_manager", e, "any") for e in scopes))
        own = (
            Role("role:ci_bot", "project", "cart"),
            Role("role:release_bot", "service", "cart-c"),
        )
        hq.hire("cart-bot", None, *own, owner="yusuf")
    return hq


def loaded(hq: Headquarters, service: str, **more: Any) -> tuple[str, str]:
    """A release of that service that was checked; its id and version."""
    number = next(NUMBERS)
    commit, version = f"{number:040x}", f"1.{number}"
    plan = {"title": "Load", "service": service, "versions": [version], "project": "cart"}
    told = {"playbook": "carts", "kind": "load", "plan": plan, **more}
    id = hq.do("carl", "OpenRelease", **told)["id"]
    hq.do("carl", "AimRelease", id=id, releaseVersion=version, commit=commit)
    checked = {"project": "cart", "subject": commit, "outcome": "PASSED"}
    hq.do("cart-bot", "ReportEvidence", name="checks", **checked)
    return id, version


def hole(hq: Headquarters) -> str:
    """A hidden merge request that was merged."""
    number = next(NUMBERS)
    part = fixes.merge_request(hq, number, "master")
    fixes.signed(hq, part, number, "master")
    return str(hq.do("rosa", "MergeMergeRequest", id=part, seen=1)["id"])


def brought(
    hq: Headquarters, id: str, environment: str, progress: str = "SUCCEEDED", seen: int = 2
) -> None:
    """Deploy a release by hand, and say how that ended."""
    told = {"id": id, "environment": environment}
    hq.do("carl", "DeployRelease", seen=seen, **told)
    note = {} if progress == "SUCCEEDED" else {"note": "It broke."}
    hq.do("carl", "SettleReleaseDeployment", progress=progress, **told, **note)


def standing(
    hq: Headquarters, service: str, by: str = "wanda", **given: str
) -> dict[str, tuple[str, str | None, object]]:
    """What stands where of a service: the version, the release, and the deployment."""
    found = hq.ask(by, "StandingPackages", **given)
    mine = [each for each in found if each["service"] == service]
    assert len({each["environment"] for each in mine}) == len(mine)
    return {
        each["environment"]: (each["label"], (each["release"] or {}).get("id"), each["deployment"])
        for each in mine
    }


def now() -> str:
    return datetime.now(UTC).isoformat()


@pytest.mark.req("S0-14", "S4-12")
def test_what_a_release_brought_by_hand_stands_in_the_table_until_it_is_rolled_back(
    yard: Headquarters,
) -> None:
    first, one = loaded(yard, "cart-a")
    before = now()
    brought(yard, first, "staging")
    between = now()
    second, two = loaded(yard, "cart-a")
    brought(yard, second, "staging", "FAILED")
    assert standing(yard, "cart-a") == {"staging": (one, first, None)}
    brought(yard, second, "staging")
    assert standing(yard, "cart-a") == {"staging": (two, second, None)}
    assert standing(yard, "cart-a", at=before) == {}
    assert standing(yard, "cart-a", at=between) == {"staging": (one, first, None)}
    told = {"id": second, "environment": "staging", "note": "It loses its load."}
    yard.do("carl", "SettleReleaseDeployment", progress="ROLLED_BACK", **told)
    assert standing(yard, "cart-a") == {"staging": (one, first, None)}


def claimed(hq: Headquarters, service: str, where: str) -> str:
    """What an importer says was brought there right now: its version."""
    label, at = f"9.{next(NUMBERS)}", datetime.now(UTC)
    told = Told(1, Built(f"{service}-pack", label, service, "c" * 40), at, where, at, ())
    importer = DeploymentImporter(hq.installation.reader, hq.desk.writer, OPERATOR)
    (outcome,) = importer.settle([told])
    assert outcome.fate is Fate.ADDED
    return label


@pytest.mark.req("S0-14", "X-05")
def test_a_claim_takes_no_place_of_what_took_place_here(yard: Headquarters) -> None:
    first, one = loaded(yard, "cart-e")
    brought(yard, first, "staging")
    here = standing(yard, "cart-e")
    other = claimed(yard, "cart-e", "staging")
    alone = claimed(yard, "cart-e", "elsewhere")
    found = standing(yard, "cart-e")
    assert here == {"staging": (one, first, None)} == {"staging": found["staging"]}
    assert (found["elsewhere"][0], other != one) == (alone, True)


@pytest.mark.req("S1-50", "X-05")
def test_what_a_hidden_release_brought_is_told_those_who_are_cleared_alone(
    yard: Headquarters,
) -> None:
    shown, one = loaded(yard, "cart-b")
    brought(yard, shown, "staging")
    hidden, two = loaded(yard, "cart-b", embargoed=True)
    yard.do("carl", "IncludeRelease", id=hidden, mergeRequests=[hole(yard)])
    brought(yard, hidden, "staging", seen=3)
    assert standing(yard, "cart-b", "olga") == {"staging": (one, shown, None)}
    assert standing(yard, "cart-b", "carl") == {"staging": (two, hidden, None)}


@pytest.mark.req("S4-12", "S4-14")
def test_a_cycle_knows_what_releases_brought(yard: Headquarters) -> None:
    def known(at: datetime | None = None) -> dict[str, Ran]:
        reader, who = yard.installation.reader, read_id(yard.id("wanda"), PERSON) or ""
        with reader.connection() as connection:
            sight = Sight(reader, connection, who, None, datetime.now(UTC))
            return running(sight, "cart-c", ("staging", "production"), at or sight.at)

    before = datetime.now(UTC)
    assert known() == {}
    release, version = loaded(yard, "cart-c")
    brought(yard, release, "staging")
    ran = Ran(version, frozenset())
    assert known() == {"staging": ran}
    brought(yard, release, "production")
    assert known() == {"staging": ran, "production": ran}
    assert known(before) == {}, "what ran until a date"
    commit, digest = f"{int(version[2:]):040x}", f"sha256:{int(version[2:]):064x}"
    built = {"name": "cart-c", "label": version, "service": "cart-c", "commit": commit}
    yard.do("cart-bot", "AddPackage", built=built | {"digest": digest})
    assert known()["staging"] == Ran(version, frozenset((digest,))), "what it is made of"
    cycle = {"playbook": "mozilla", "cycle": "two_week", "service": "cart-c"}
    production = yard.ask("wanda", "ReleaseCycle", **cycle)["steps"][1]
    assert production["act"] == "NOTHING", "it came since, or no date has come"


@pytest.mark.req("S4-14", "S4-18", "S4-19")
def test_of_what_a_fix_brought_the_next_environment_takes_what_was_planned(
    yard: Headquarters,
) -> None:
    sleds = CARTS.replace("carts", "sleds").replace('name = "load"', 'name = "mend"')
    proposed = yard.desk.ask("playbook.propose", body=sleds, based_on=None, reason="Sleds.")
    yard.desk.ask("playbook.adopt", proposed.subject)

    def known(*fixes: str) -> str | None:
        def lies(release: Release, where: str, came: datetime) -> Lies:
            assert (where, came <= datetime.now(UTC)) == ("staging", True)
            return Lies.BENEATH if release.kind in fixes else Lies.HERE

        reader, who = yard.installation.reader, read_id(yard.id("wanda"), PERSON) or ""
        with reader.connection() as connection:
            sight = Sight(reader, connection, who, None, datetime.now(UTC))
            found = running(sight, "cart-g", ("staging",), sight.at, lies).get("staging")
            return found.version if found else None

    planned, version = loaded(yard, "cart-g")
    brought(yard, planned, "staging")
    assert known("mend") == version
    for _ in range(2):
        fix, mended = loaded(yard, "cart-g", playbook="sleds", kind="mend")
        brought(yard, fix, "staging")
        assert (known(), known("mend")) == (mended, version)
    assert known("mend", "load") is None, "nothing was planned before it"


@pytest.fixture(scope="session")
def hauls(yard: Headquarters) -> Headquarters:
    """The company with a weekly cycle whose date was this Monday, and hotfixes out of turn."""
    train = (PLAYBOOKS / "services_train.toml").read_text("utf-8")
    weekly = (
        train.replace('name = "services_train"', 'name = "hauls"')
        .replace("INTERVAL=2;BYDAY=TU", "INTERVAL=1;BYDAY=MO")
        .replace("2026-01-06T10:00", "2026-01-05T00:00")
        .replace('"America/New_York"', '"Pacific/Kiritimati"')
        .replace('holidays = ["US", "CA"]', "holidays = []")
        .replace("weeks = 2\nlongest_weeks = 4", "weeks = 1\nlongest_weeks = 4")
    )
    fixing = CARTS.replace("carts", "hauling").replace('name = "load"', 'name = "hotfix"')
    for body in (weekly, fixing):
        proposed = yard.desk.ask("playbook.propose", body=body, based_on=None, reason="Hauls.")
        yard.desk.ask("playbook.adopt", proposed.subject)
    return yard


def demanded(hq: Headquarters, service: str, days: int = 0) -> dict[str, Step]:
    """What the weekly cycle demands of each environment in so many days."""
    reader, who = hq.installation.reader, read_id(hq.id("wanda"), PERSON) or ""
    with reader.connection() as connection:
        at = datetime.now(UTC) + timedelta(days=days)
        sight = Sight(reader, connection, who, None, at)
        book = adopted(sight.records, "hauls")
        assert book is not None
        found = demand(sight, book, "two_week", service, None)
    return {each.environment: each for each in found.steps}


@pytest.mark.req("S4-14", "S4-19")
@pytest.mark.parametrize("hurried", [False, True])
def test_nothing_is_demanded_where_a_fix_stands_over_what_was_planned(
    hauls: Headquarters, *, hurried: bool
) -> None:
    service = "cart-i" if hurried else "cart-h"
    train, planned = loaded(hauls, service)
    brought(hauls, train, "staging")
    asked = demanded(hauls, service, 7)["production"]
    assert (asked.act, asked.version) == (Act.REQUEST, planned)
    brought(hauls, train, "production")
    if hurried:
        fix, mended = loaded(hauls, service)
        plan = {"title": "Now", "service": service, "versions": [mended], "project": "cart"}
        plan["shortCircuit"] = "It cannot wait."
        hauls.do("carl", "EditRelease", id=fix, seen=2, plan=plan)
        brought(hauls, fix, "production", seen=3)
    else:
        fix, mended = loaded(hauls, service, playbook="hauling", kind="hotfix")
        brought(hauls, fix, "production")
    asked = demanded(hauls, service, 7)["production"]
    assert (asked.act, asked.version) == (Act.NOTHING, None)
    reason = f"production runs {mended} in the place of {planned}, which staging ran."
    assert asked.reason == reason
    later, another = loaded(hauls, service)
    brought(hauls, later, "staging")
    asked = demanded(hauls, service, 7)["production"]
    assert (asked.act, asked.version) == (Act.REQUEST, another), "that was never there"


@pytest.mark.req("S4-18", "S4-19", "S4-20")
def test_a_fix_takes_the_place_of_what_the_cycle_demanded(hauls: Headquarters) -> None:
    fix, version = loaded(hauls, "cart-j", playbook="hauling", kind="hotfix")
    for where in ("staging", "production"):
        brought(hauls, fix, where)
    found = demanded(hauls, "cart-j")
    reason = f"The release of cart-j {version} took its place in this cycle."
    assert (found["production"].act, found["production"].reason) == (Act.NOTHING, reason)
    assert found["staging"].reason != reason, "there it changes nothing"
    assert demanded(hauls, "cart-j", 7)["production"].reason != reason, "in its own cycle alone"
    cycle = {"playbook": "hauls", "cycle": "two_week", "service": "cart-j"}
    steps = hauls.ask("wanda", "ReleaseCycle", **cycle)["steps"]
    assert steps[1] == {"environment": "production", "act": "NOTHING"} | {
        "version": None,
        "reason": reason,
    }


@pytest.mark.req("S4-18", "S4-14")
def test_what_a_fix_replaced_is_demanded_of_no_other_environment(hauls: Headquarters) -> None:
    body = CARTS.replace("carts", "pushing").replace('name = "load"', 'name = "warmfix"')
    proposed = hauls.desk.ask("playbook.propose", body=body, based_on=None, reason="Pushing.")
    hauls.desk.ask("playbook.adopt", proposed.subject)
    train, version = loaded(hauls, "cart-k")
    brought(hauls, train, "staging")
    assert demanded(hauls, "cart-k", 7)["production"].version == version
    fix, _ = loaded(hauls, "cart-k", playbook="pushing", kind="warmfix")
    brought(hauls, fix, "staging")
    assert "took its place" in demanded(hauls, "cart-k")["staging"].reason
    asked = demanded(hauls, "cart-k", 7)["production"]
    assert (asked.act, asked.version) == (Act.NOTHING, None)


@pytest.mark.req("S4-17")
def test_what_was_given_up_once_it_had_been_in_production_bypassed_the_process_too(
    yard: Headquarters,
) -> None:
    asked = {"playbook": "carts", "since": now(), "service": "cart-d"}

    def counted() -> Any:
        found = yard.ask("wanda", "ShortCircuits", until=now(), **asked)
        return found["releases"], found["bypassed"]

    plan = {"title": "Load", "service": "cart-d", "project": "cart"}
    gone = {"reason": "It lost its load."}
    for out in (False, True):
        id, version = loaded(yard, "cart-d")
        hurried = plan | {"versions": [version], "shortCircuit": "It cannot wait."}
        yard.do("carl", "EditRelease", id=id, seen=2, plan=hurried)
        assert counted() == (1, 1)
        where = "production" if out else "staging"
        brought(yard, id, "staging", seen=3)
        if out:
            brought(yard, id, "production", seen=3)
        told = {"id": id, "environment": where, "note": "It loses its load."}
        yard.do("carl", "SettleReleaseDeployment", progress="ROLLED_BACK", **told)
        yard.do("carl", "AbortRelease", id=id, **gone)
        assert counted() == ((1, 1) if out else (0, 0))
