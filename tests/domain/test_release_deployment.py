"""Releases meet what keeps deployments away, and begin a deployment whose end settles theirs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.calendar.entry_state import CalendarEntry, EntryKind, EntryPlan
from domain.change.state import Link, LinkKind
from domain.deployment.gates import verdict as starting
from domain.deployment.state import Deployment, Status, Wish
from domain.environment.state import Blocker, Environment, Health, Plan, Report, Stop
from domain.exemption.state import Approval, Exemption
from domain.exemption.state import Status as Exempt
from domain.gate import Finding, Verdict, explain
from domain.lock.state import Kind, Lock, Terms
from domain.lock.state import Status as Locked
from domain.package import Built, Package
from domain.release.evidence.made_of import named
from domain.release.gate.gates import asked
from domain.release.gate.question import Question
from domain.release.state import Progress
from tests.domain.given import DAY, NOON
from tests.domain.organisation import HOUR, OWEN, ROBOT, SERVICE, SUE, WINDOW, adopted, refused
from tests.domain.release_stories import (
    CI,
    COMMIT,
    PACKAGE,
    PLAN,
    RITA,
    Office,
    approved_change,
    filled,
    opened,
)

TEST = "deploy:test"
PLACE = Environment(
    "e" * 32,
    1,
    "test",
    Plan("test", "hosted", 1, stale_minutes=1440),
    OWEN,
    NOON - DAY,
    (Report(ROBOT, Health.HEALTHY, NOON),),
)
LOCK = Lock(
    "1" * 32,
    1,
    Locked.ACTIVE,
    Kind.HARD,
    Terms("Quiet", Kind.HARD, since=NOON, until=NOON + DAY, exempters=(SUE,)),
    1,
    OWEN,
    NOON,
)


def built(**more: Any) -> Package:
    """The package that the release is made of."""
    told = ("shop", "1.2.0", SERVICE, COMMIT, PACKAGE, (), ROBOT, NOON - DAY)
    return replace(Package("a" * 32, 1, *told), **more)


def office(*others: Any) -> tuple[Office, str]:
    """A release of that package, with what stands around it."""
    made = Office()
    made.learn(PLACE, *others)
    major = filled(made, "itsm_releases", "major")
    told = {"release_version": "1.2.0", "commit": COMMIT, "package": PACKAGE}
    made.ask(RITA, "release.aim", major, **told)
    return made, major


def begun(made: Office) -> Deployment:
    """The one deployment there is."""
    (found,) = (each for (kind, _), each in made.states.items() if kind is Deployment)
    return found  # type: ignore[no-any-return]


def progress(made: Office, release: str) -> Progress | None:
    """How far the release is in the environment."""
    delivery = made.release(release).delivery("test")
    return delivery.progress if delivery else None


# What keeps it away.


@pytest.mark.req("S0-12", "S0-13", "X-05")
@pytest.mark.parametrize(
    "around,code",
    [
        (LOCK, "hard_locked"),
        (replace(PLACE, stop=Stop(SUE, NOON, "Errors.")), "line_stopped"),
        (replace(PLACE, reports=()), "health_unknown"),
        (
            replace(PLACE, reports=(Report(ROBOT, Health.UNHEALTHY, NOON),)),
            "environment_unhealthy",
        ),
        (
            replace(PLACE, blockers=(Blocker("incident", SUE, NOON, "Down."),)),
            "environment_blocked",
        ),
        (replace(PLACE, retired=True), "environment_retired"),
    ],
)
@pytest.mark.parametrize("packages", [(), (built(),)])
def test_a_release_meets_what_keeps_deployments_away(
    around: Any, code: str, packages: tuple[Any, ...]
) -> None:
    made, major = office(*packages)
    unbuilt = set() if packages else {"package_never_built"}
    assert made.codes(major, TEST) == unbuilt
    made.learn(around)
    assert made.codes(major, TEST) == {code} | unbuilt
    with refused(code):
        made.ask(RITA, "release.deploy", major, environment="test")


@pytest.mark.req("X-01")
def test_production_that_its_playbook_calls_a_test_is_gone_to_by_no_release() -> None:
    live = replace(PLACE, plan=replace(PLACE.plan, kind="production"))
    made, major = office(live, built())
    (told,) = (e for e in made.verdict(major, TEST).findings if e.requirement == "kind")
    assert told.code == "production_passed_off"
    assert told.message == "test is kept here as production, and is declared as test."
    with refused("production_passed_off"):
        made.ask(RITA, "release.deploy", major, environment="test")
    wish = Wish("a" * 32, "test", "None.", contents="All.", belongs_to=major)
    made.ask(RITA, "deployment.request", "d" * 32, wish=wish)
    with refused("release_not_ready"):
        made.ask(ROBOT, "deployment.start", "d" * 32)
    made.learn(PLACE)
    made.ask(ROBOT, "deployment.start", "d" * 32)


@pytest.mark.req("S4-26")
@pytest.mark.parametrize(
    "where,said",
    [("nowhere", ", and not to nowhere."), ("", ": say to which.")],
)
def test_a_release_that_goes_nowhere_is_told_where_its_kind_goes(where: str, said: str) -> None:
    made, major = office(built())
    with refused("unknown_environment") as caught:
        made.ask(RITA, "release.deploy", major, environment=where)
    (problem,) = caught.value.problems
    places = "test, staging, production"
    assert problem.message == f"Releases of the kind major go to {places}{said}"


@pytest.mark.req("S0-13")
def test_another_deployment_that_runs_there_is_waited_for() -> None:
    wish = Wish("b" * 32, "test", "None.")
    told = ("test", "b" * 32, "7", SERVICE, wish, OWEN, NOON)
    made, major = office(built(), Deployment("d" * 32, 2, Status.RUNNING, *told))
    assert made.codes(major, TEST) == {"deployment_running"}


@pytest.mark.req("S4-12")
def test_what_stands_there_already_is_not_deployed_there_again() -> None:
    wish = Wish("a" * 32, "test", "None.")
    told = ("test", "a" * 32, "7", SERVICE, wish, OWEN, NOON)
    made, major = office(built(), Deployment("d" * 32, 2, Status.SUCCEEDED, *told, current=True))
    assert made.codes(major, TEST) == {"same_version"}
    known = (made.release(major), made.at, made.authority, made.records)
    said = asked(Question(*known, lambda _: frozenset((RITA, OWEN, SUE))), TEST)
    (stands,) = said.blocking
    assert (stands.acts, stands.instead) == ((), ()), "no request of it is taken to go past that"
    assert "No act is known" in (explain(said).impossible_reason or "")


@pytest.mark.req("S0-13", "S0-21")
@pytest.mark.parametrize("kept", [True, False])
def test_a_critical_change_under_way_keeps_releases_away_but_not_the_one_that_carries_it(
    *, kept: bool
) -> None:
    made, major = office(built())
    if not kept:
        del made.states[Environment, PLACE.id]
    critical = approved_change("d" * 32)
    content = replace(critical.content, environments=("test",))
    book = adopted("criticality")
    made.learn(book, replace(critical, kind="c1", playbook=book.id, content=content))
    assert made.codes(major, TEST) == {"critical_change_under_way"}
    made.ask(RITA, "release.include", major, changes=(critical.id,))
    assert made.codes(major, TEST) == set()


@pytest.mark.req("S0-13", "X-05")
def test_a_critical_change_that_a_release_only_names_keeps_it_away() -> None:
    made, major = office(built())
    critical, book = approved_change("d" * 32), adopted("criticality")
    content = replace(critical.content, environments=("test",))
    begun = replace(critical, kind="c1", playbook=book.id, content=content)
    made.learn(book, replace(begun, links=()))
    made.ask(RITA, "release.include", major, changes=(critical.id,))
    assert "critical_change_under_way" in made.codes(major, TEST)
    made.learn(replace(begun, links=(Link(LinkKind.MERGE_REQUEST, "m" * 32),)))
    assert made.codes(major, TEST) == set(), "what it is tied to is in the release"


@pytest.mark.req("S0-12")
@pytest.mark.parametrize("kept", [True, False])
def test_a_release_is_exempt_from_a_lock_like_anything_else(*, kept: bool) -> None:
    made, major = office(LOCK, built())
    if not kept:
        del made.states[Environment, PLACE.id]
    approvals = (Approval(SUE, NOON, None),)
    asked = (LOCK.id, major, RITA, NOON, "It cannot wait.")
    wish = Exemption("f" * 32, 2, Exempt.OPEN, *asked, release=major, approvals=approvals)
    made.learn(wish)
    assert made.codes(major, TEST) == set()


@pytest.mark.req("S3-15")
def test_a_place_that_takes_deployments_in_windows_alone_takes_those_of_the_calendar() -> None:
    made, major = office(built())
    made.learn(replace(PLACE, plan=replace(PLACE.plan, needs_window=True)))
    assert made.codes(major, TEST) == {"window_missing"}
    span = replace(WINDOW, since=made.at, until=made.at + HOUR)
    window = EntryPlan("Nights", EntryKind.MAINTENANCE, span, service=SERVICE)
    told = (None, None, OWEN, NOON - DAY)
    for plan, codes in (
        (window, set()),
        (replace(window, environments=("test",)), set()),
        (replace(window, environments=("production",)), {"window_missing"}),
        (replace(window, service="other"), {"window_missing"}),
        (replace(window, kind=EntryKind.BUSINESS), {"window_missing"}),
        (replace(window, window=replace(span, until=made.at)), {"window_missing"}),
        (replace(window, rrule="FREQ=HOURLY"), {"calendar_unknown"}),
        (replace(window, rrule="FREQ=HOURLY", service="other"), {"window_missing"}),
    ):
        made.learn(CalendarEntry("c" * 32, 1, plan.kind, plan, *told))
        assert made.codes(major, TEST) == codes
    untold = replace(window, rrule="FREQ=HOURLY")
    made.learn(CalendarEntry("c" * 32, 1, untold.kind, untold, *told))
    made.learn(CalendarEntry("d" * 32, 1, window.kind, window, *told))
    assert made.codes(major, TEST) == set(), "a window that is known suffices"


@pytest.mark.req("S3-15", "X-05")
def test_a_window_that_a_request_makes_up_is_none_of_the_calendar() -> None:
    made, major = office(built())
    made.learn(replace(PLACE, plan=replace(PLACE.plan, needs_window=True)))
    span = replace(WINDOW, since=made.at, until=made.at + HOUR)
    wish = Wish("a" * 32, "test", "None.", contents="All.", window=span, belongs_to=major)
    made.ask(RITA, "deployment.request", "d" * 32, wish=wish)
    assert made.codes(major, TEST) == {"window_missing"}
    planned = EntryPlan("Nights", EntryKind.MAINTENANCE, span, service=SERVICE)
    made.learn(CalendarEntry("c" * 32, 1, planned.kind, planned, None, None, OWEN, NOON - DAY))
    assert made.codes(major, TEST) == set()
    made.at = span.until
    assert "outside_window" in made.codes(major, TEST), "nor does it go at another time"


@pytest.mark.req("S0-13")
def test_what_two_people_overrode_for_its_deployment_keeps_a_release_away_no_more() -> None:
    made, major = office(built(), LOCK)
    wish = Wish("a" * 32, "test", "None.", contents="All of it.", belongs_to=major)
    made.ask(RITA, "deployment.request", "d" * 32, wish=wish)
    assert made.codes(major, TEST) == {"hard_locked"}
    made.ask(OWEN, "deployment.override", "d" * 32, reason="It cannot wait.")
    assert made.codes(major, TEST) == set()
    made.learn(replace(LOCK, id="2" * 32))
    assert made.codes(major, TEST) == {"hard_locked"}, "what came up later is not overridden"


@pytest.mark.req("S0-13", "S3-05")
def test_a_release_is_not_closed_while_a_second_person_owes_what_was_overridden_for_it() -> None:
    made, major = office(built(), LOCK)
    wish = Wish("a" * 32, "test", "None.", contents="All of it.", belongs_to=major)
    made.ask(RITA, "deployment.request", "d" * 32, wish=wish)
    made.ask(OWEN, "deployment.override", "d" * 32, reason="It cannot wait.")
    assert "countersignature_missing" not in made.codes(major, "close"), "nothing set off by it"
    made.ask(RITA, "release.deploy", major, environment="test")
    assert "countersignature_missing" in made.codes(major, "close")
    made.ask(SUE, "deployment.countersign", "d" * 32)
    assert "countersignature_missing" not in made.codes(major, "close")


# The deployment it begins.


@pytest.mark.req("S4-25", "S3-13", "S0-14")
@pytest.mark.parametrize(
    "verb,given,ended",
    [
        ("succeed", {}, Progress.SUCCEEDED),
        ("fail", {"reason": "Out of memory."}, Progress.FAILED),
        ("roll_back", {"reason": "It loses data."}, Progress.ROLLED_BACK),
    ],
)
def test_deploying_a_release_begins_a_deployment_that_settles_it(
    verb: str, given: dict[str, str], ended: Progress
) -> None:
    made, major = office(built())
    made.ask(RITA, "release.deploy", major, environment="test")
    deployment = begun(made)
    assert (deployment.status, deployment.wish.belongs_to) == (Status.RUNNING, major)
    assert made.codes(major, TEST) == {"deployment_running"}
    with refused("settled_by_deployment"):
        made.settle(major, "test", Progress.SUCCEEDED)
    made.ask(RITA, f"deployment.{verb}", deployment.id, **given)
    assert progress(made, major) is ended


@pytest.mark.req("S0-14")
def test_a_rollback_after_success_is_told_the_release_too() -> None:
    made, major = office(built())
    made.ask(RITA, "release.deploy", major, environment="test")
    made.ask(RITA, "deployment.succeed", begun(made).id)
    assert made.release(major).reached("test") is not None
    made.ask(RITA, "deployment.roll_back", begun(made).id, reason="It loses data.")
    assert made.release(major).reached("test") is None


def test_a_release_goes_there_again_after_a_failure_by_a_deployment_of_its_own() -> None:
    made, major = office(built())
    made.ask(RITA, "release.deploy", major, environment="test")
    first = begun(made)
    made.ask(RITA, "deployment.fail", first.id, reason="Out of memory.")
    made.ask(RITA, "release.deploy", major, environment="test")
    second = made.release(major).delivery("test")
    assert second is not None
    assert second.deployment not in (None, first.id)
    made.ask(RITA, "deployment.roll_back", first.id, reason="It left a mess.")
    assert progress(made, major) is Progress.RUNNING, "the end of the first is not the second's"


SECOND = built(id="b" * 32)


@pytest.mark.req("S0-14", "S4-26", "X-05")
@pytest.mark.parametrize(
    "around,code",
    [
        ((), "package_never_built"),
        ((built(claimed=True),), "package_never_built"),
        ((built(digest=None),), "package_never_built"),
        ((built(service="other"),), "package_never_built"),
        ((built(commit="9" * 40),), "package_never_built"),
        ((built(commit="9" * 40, digest="sha256:" + "9" * 64),), "package_never_built"),
        ((built(condemned=True), replace(SECOND, condemned=True)), "package_condemned"),
    ],
)
def test_a_release_of_what_nobody_built_here_or_that_may_be_several_goes_nowhere(
    around: tuple[Any, ...], code: str
) -> None:
    made, major = office(*around)
    assert made.codes(major, TEST) - {"package_of_other_commit"} == {code}
    with refused(code):
        made.ask(RITA, "release.deploy", major, environment="test")


@pytest.mark.req("S0-14", "S4-26")
def test_one_build_under_several_names_is_one_package_by_the_first_of_them() -> None:
    again = replace(SECOND, label="1.2.0-ga", built_at=NOON)
    made, major = office(again, built())
    assert made.codes(major, TEST) == set()
    made.learn(replace(again, commit="9" * 40), replace(again, id="c" * 32))
    assert made.codes(major, TEST) == set()
    wish = Wish("c" * 32, "test", "None.", contents="All.", belongs_to=major)
    made.ask(RITA, "deployment.request", "e" * 32, wish=wish)
    with refused("other_package"):
        made.ask(RITA, "deployment.request", "d" * 32, wish=replace(wish, package="b" * 32))
    assert deployment_verdict(made, "e" * 32).codes == ()
    made.ask(RITA, "release.deploy", major, environment="test")
    (brought,) = (
        each
        for (kind, _), each in made.states.items()
        if kind is Deployment and each.status is Status.RUNNING
    )
    assert brought.id == "e" * 32, "what was requested for it goes, by whatever name"
    made, major = office(again, built())
    made.ask(RITA, "release.deploy", major, environment="test")
    assert begun(made).package == "a" * 32
    made, major = office(built(), replace(again, digest="sha256:" + "8" * 64))
    made.ask(RITA, "release.aim", major, release_version="1.2.0", commit=COMMIT, package=None)
    assert made.codes(major, TEST) == {"package_not_named"}


def deployment_verdict(made: Office, id: str) -> Verdict:
    """What the gate says at which a deployment starts."""
    state = made.states[Deployment, id]
    given, records = made.authority, made.records
    return starting(state, "start", at=made.at, authority=given, records=records)


def test_a_release_of_several_packages_of_which_one_is_good_goes_with_that() -> None:
    made, major = office(built(condemned=True), SECOND)
    made.ask(RITA, "release.deploy", major, environment="test")
    assert begun(made).package == SECOND.id


def unkept(*others: Any, package: str | None) -> tuple[Office, str]:
    """That release, aimed so, where its playbook alone speaks of the place it goes to."""
    made, major = office(*others)
    del made.states[Environment, PLACE.id]
    made.ask(RITA, "release.aim", major, release_version="1.2.0", package=package)
    return made, major


@pytest.mark.parametrize("around,package", [((), None), ((built(),), PACKAGE)])
def test_where_nobody_keeps_the_place_a_release_goes_by_hand(
    around: tuple[Any, ...], package: str | None
) -> None:
    made, major = unkept(*around, package=package)
    made.ask(RITA, "release.deploy", major, environment="test")
    assert [kind for kind, _ in made.states if kind is Deployment] == []
    made.settle(major, "test", Progress.SUCCEEDED)
    assert progress(made, major) is Progress.SUCCEEDED


@pytest.mark.req("S0-14", "X-05")
@pytest.mark.parametrize(
    "around,code",
    [
        ((), "package_never_built"),
        ((built(claimed=True),), "package_never_built"),
        ((built(commit="9" * 40),), "package_never_built"),
        ((built(condemned=True),), "package_condemned"),
    ],
)
def test_where_nobody_keeps_the_place_the_package_it_names_was_built_all_the_same(
    around: tuple[Any, ...], code: str
) -> None:
    made, major = unkept(*around, package=PACKAGE)
    assert made.codes(major, TEST) - {"package_of_other_commit"} == {code}
    with refused(code):
        made.ask(RITA, "release.deploy", major, environment="test")
    made.learn(replace(made.release(major), embargoed=True))
    told = made.codes(major, TEST)
    assert (code in told) == (code == "package_condemned"), "all may read of packages, so only that"


@pytest.mark.req("S0-14", "X-01")
@pytest.mark.parametrize("package", [None, PACKAGE])
def test_what_turned_out_to_be_bad_is_not_tagged_deployed_nor_published(
    package: str | None,
) -> None:
    made, major = unkept(built(), package=package)
    monthly = filled(made, "gitlab", "monthly", replace(PLAN, versions=("17.3.0",)))
    made.ask(RITA, "release.aim", monthly, release_version="17.3.0", package=package)
    gates = ((monthly, "tag"), (monthly, "deploy:release"), (monthly, "publish"), (major, TEST))
    for id, gate in gates:
        assert "package_condemned" not in made.codes(id, gate)
    made.learn(built(condemned=True))
    for id, gate in gates:
        assert "package_condemned" in made.codes(id, gate), gate
    made.learn(replace(SECOND, digest="sha256:" + "7" * 64))
    for id, gate in gates:
        assert ("package_condemned" in made.codes(id, gate)) == bool(package), "built anew"


@pytest.mark.req("S0-12", "S0-13")
def test_where_nobody_keeps_the_place_one_release_at_a_time_goes_there() -> None:
    made, major = unkept(package=None)
    other = filled(made, "itsm_releases", "major")
    made.ask(RITA, "release.deploy", major, environment="test")
    (found,) = made.verdict(other, TEST).blocking
    assert (found.code, found.evidence) == ("deployment_running", (major,))
    name = named((made.release(major),))
    assert found.message == f"Another release is being deployed to test: the release of {name}."
    [ends] = found.acts
    assert ends.description == f"Say how the deployment of the release of {name} to test ended."
    with refused("deployment_running"):
        made.ask(RITA, "release.deploy", other, environment="test")
    hidden = replace(made.release(major), embargoed=True)
    made.learn(hidden, replace(made.release(other), embargoed=True))
    [found] = [e for e in made.verdict(other, TEST).blocking if e.code == "deployment_running"]
    assert found.message.endswith("to test."), "who may know of the one may not of the other"
    made.learn(hidden, replace(made.release(other), embargoed=False))
    assert made.codes(other, TEST) == set(), "what is hidden is told to nobody"
    made.learn(replace(made.release(major), embargoed=False))
    made.settle(major, "test", Progress.FAILED, "It fell over.")
    made.ask(RITA, "release.deploy", other, environment="test")


@pytest.mark.req("S0-12", "S0-13")
@pytest.mark.parametrize("ended", [Progress.SUCCEEDED, Progress.FAILED])
def test_no_deployment_of_a_release_starts_while_it_is_on_its_way_there_by_hand(
    ended: Progress,
) -> None:
    made, major = unkept(package=None)
    made.ask(RITA, "release.deploy", major, environment="test")
    made.learn(PLACE, built())
    wish = Wish("a" * 32, "test", "None.", contents="All of it.", belongs_to=major)
    made.ask(RITA, "deployment.request", "d" * 32, wish=wish)
    with refused("deployment_running"):
        made.ask(ROBOT, "deployment.start", "d" * 32)
    made.settle(major, "test", ended, None if ended is Progress.SUCCEEDED else "It fell over.")
    assert progress(made, major) is ended
    made.ask(ROBOT, "deployment.start", "d" * 32)
    assert progress(made, major) is Progress.RUNNING


@pytest.mark.req("S0-14", "S1-20")
def test_every_version_of_a_release_is_built_before_it_goes_there() -> None:
    made, major = office(built())
    plan = replace(made.release(major).plan, versions=("1.2.1", "1.2.0"))
    made.ask(RITA, "release.edit", major, plan=plan)
    made.ask(RITA, "release.aim", major, release_version="1.2.1", commit="9" * 40)
    made.ask(RITA, "release.aim", major, release_version="1.2.0", commit=COMMIT, package=PACKAGE)
    made.compare(major, "9" * 40)
    assert "package_never_built" in made.codes(major, TEST)
    other = built(id="b" * 32, commit="9" * 40, digest="sha256:" + "9" * 64)
    made.learn(other)
    assert made.codes(major, TEST) == set()
    made.learn(replace(other, id="f" * 32, digest="sha256:" + "8" * 64))
    assert made.codes(major, TEST) == {"package_not_named"}
    digest = "sha256:" + "8" * 64
    made.ask(RITA, "release.aim", major, release_version="1.2.1", package=digest)
    assert made.codes(major, TEST) == set()
    made.ask(RITA, "release.deploy", major, environment="test")
    assert [kind for kind, _ in made.states if kind is Deployment] == [], "it goes by hand"


@pytest.mark.req("S1-50")
def test_no_package_is_asked_of_what_is_hidden_since_all_may_read_of_packages() -> None:
    made, major = office()
    assert "package_never_built" in made.codes(major, TEST)
    made.learn(replace(made.release(major), embargoed=True))
    assert "package_never_built" not in made.codes(major, TEST)


def test_a_condemned_package_is_not_deployed_by_a_release() -> None:
    made, major = office(built(condemned=True))
    assert made.codes(major, TEST) == {"package_condemned"}


def test_what_turns_out_to_be_bad_while_it_is_brought_by_hand_does_not_arrive() -> None:
    made, major = office()
    made.states.pop((Environment, PLACE.id))
    made.learn(approved_change(), built())
    made.ask(RITA, "release.include", major, changes=("c" * 32,))
    made.ask(RITA, "release.deploy", major, environment="test")
    made.learn(built(condemned=True))
    with refused("package_condemned"):
        made.settle(major, "test", Progress.SUCCEEDED)
    made.settle(major, "test", Progress.FAILED, "It is bad.")


# The deployment that was requested for it.


@pytest.mark.req("S4-13", "S4-26")
def test_a_release_goes_on_by_the_deployment_that_was_requested_for_it() -> None:
    made, major = office(built())
    wish = Wish("a" * 32, "test", "None.", contents="All of it.", belongs_to=major)
    made.ask(RITA, "deployment.request", "d" * 32, wish=wish)
    made.ask(RITA, "release.deploy", major, environment="test")
    assert (begun(made).id, begun(made).status) == ("d" * 32, Status.RUNNING)


def _of_its_release(made: Office, going: Deployment) -> Finding:
    """What the gate of starting it says of the release it belongs to."""
    people = frozenset((RITA, CI))
    said = starting(
        going,
        "start",
        at=made.at,
        authority=made.authority,
        records=made.records,
        who=lambda _: people,
        there=lambda *_: people,
    )
    return next(each for each in said.findings if each.requirement == "release")


@pytest.mark.req("S4-26", "S4-23")
def test_a_deployment_that_belongs_to_a_release_looks_at_it() -> None:
    made = Office()
    place = replace(PLACE, name="production")
    made.learn(place, built())
    major = opened(made, "itsm_releases", "major")
    told = {"release_version": "1.2.0", "commit": COMMIT, "package": PACKAGE}
    made.ask(RITA, "release.aim", major, **told)
    wish = Wish("a" * 32, "production", "None.", contents="All.", belongs_to=major)
    made.ask(RITA, "deployment.request", "d" * 32, wish=wish)
    with refused("release_not_ready"):
        made.ask(ROBOT, "deployment.start", "d" * 32)
    made.learn(replace(place, id="f" * 32, name="test"))
    test = Wish("a" * 32, "test", "None.", contents="All.", belongs_to=major)
    made.ask(RITA, "deployment.request", "c" * 32, wish=test)
    with refused("release_not_ready"):
        made.ask(ROBOT, "deployment.start", "c" * 32)
    waits = _of_its_release(made, made.states[Deployment, "c" * 32])
    assert not any(code in waits.message for code in waits.missing), "it is told in words"
    helps = {e.action for acts in (waits.acts, *waits.instead) for e in acts if e.people}
    assert "release.include" in helps, "what helps is told, and not where that is told"
    assert "release.deploy" not in helps
    made.learn(approved_change())
    made.ask(RITA, "release.include", major, changes=("c" * 32,))
    made.ask(ROBOT, "deployment.start", "c" * 32)
    assert progress(made, major) is Progress.RUNNING
    made.ask(ROBOT, "deployment.succeed", "c" * 32)
    assert made.release(major).reached("test") is not None


@pytest.mark.parametrize(
    "changes,code",
    [
        ({"belongs_to": "9" * 32}, "unknown_release"),
        ({"environment": "elsewhere"}, "unknown_environment"),
        ({"package": "b" * 32}, "other_package"),
    ],
)
def test_a_request_for_a_release_fits_it(changes: dict[str, Any], code: str) -> None:
    made, major = office(built(), replace(PLACE, id="f" * 32, name="elsewhere"))
    made.learn(replace(built(), id="b" * 32, commit="8" * 40, digest="sha256:" + "9" * 64))
    wish = Wish("a" * 32, "test", "None.", contents="All of it.", belongs_to=major)
    with refused(code):
        made.ask(RITA, "deployment.request", "d" * 32, wish=replace(wish, **changes))


@pytest.mark.req("S4-10", "S4-25")
def test_the_package_built_for_a_release_goes_to_staging_by_itself() -> None:
    made = Office()
    staging = replace(PLACE, name="staging")
    plan = replace(staging.plan, automatic=("shop",))
    made.learn(replace(staging, plan=plan))
    train = filled(made)
    package = Built("shop", "1.2.0", SERVICE, COMMIT, PACKAGE)
    made.ask(ROBOT, "package.add", "a" * 32, built=package)
    assert (begun(made).automatic, begun(made).wish.belongs_to) == (True, train)
    assert begun(made).status is Status.REQUESTED
    with refused("release_not_ready"):
        made.ask(ROBOT, "deployment.start", begun(made).id)


@pytest.mark.req("S4-25")
def test_a_package_that_was_there_first_goes_for_the_release_that_is_made_of_it() -> None:
    made = Office()
    plan = replace(PLACE.plan, automatic=("shop",))
    made.learn(replace(PLACE, name="staging", plan=plan))
    package = Built("shop", "1.2.0", SERVICE, COMMIT, PACKAGE)
    made.ask(ROBOT, "package.add", "a" * 32, built=package)
    assert begun(made).wish.belongs_to is None
    train = filled(made)
    assert begun(made).wish.belongs_to == train
    with refused("release_not_ready"):
        made.ask(ROBOT, "deployment.start", begun(made).id)
    made.ask(RITA, "release.aim", train, release_version="1.2.0", commit="9" * 40)
    with refused("other_package"):
        made.ask(ROBOT, "deployment.start", begun(made).id)


def taking(made: Office, *names: str, **more: Any) -> None:
    """Places that take packages of the shop by themselves from now on."""
    plan = replace(PLACE.plan, automatic=("shop",))
    for at, name in enumerate(names):
        made.learn(replace(PLACE, id=f"{at}" * 32, name=name, plan=plan, **more))


def requests(made: Office) -> list[tuple[str, Any]]:
    """What was requested by itself, and for which release."""
    found = [each for each in made.states.values() if isinstance(each, Deployment)]
    assert all(each.automatic and each.status is Status.REQUESTED for each in found)
    return sorted((each.environment, each.wish.belongs_to) for each in found)


@pytest.mark.req("S4-10", "S4-25", "S0-12")
def test_a_release_aimed_at_a_package_that_is_there_is_requested_where_such_come() -> None:
    made = Office()
    made.learn(built())
    taking(made, "staging", "production", "elsewhere")
    train = filled(made)
    assert requests(made) == [("production", train), ("staging", train)]
    aim = {"release_version": "1.2.0", "package": PACKAGE}
    made.ask(RITA, "release.aim", train, **aim)
    assert len(requests(made)) == 2, "it waits there already"


@pytest.mark.req("S4-25")
@pytest.mark.parametrize("current", [True, False])
def test_what_stands_there_is_not_requested_again_and_what_came_to_nothing_is(
    *, current: bool
) -> None:
    made = Office()
    wish = Wish("a" * 32, "staging", "None.", contents="All of it.")
    status = Status.SUCCEEDED if current else Status.WITHDRAWN
    told = (status, "staging", "a" * 32, "1.2.0", SERVICE, wish, OWEN, NOON)
    made.learn(built(), Deployment("d" * 32, 2, *told, current=current))
    taking(made, "staging")
    before = set(made.states)
    filled(made)
    fresh = [each for each in set(made.states) - before if each[0] is Deployment]
    assert bool(fresh) is not current


@pytest.mark.req("S1-12", "X-05")
def test_nothing_is_requested_for_what_is_hidden_bad_or_of_a_retired_place() -> None:
    for package, hidden, retired in (
        (built(), True, False),
        (built(condemned=True), False, False),
        (built(), False, True),
        (built(name="other"), False, False),
    ):
        made = Office()
        made.learn(package)
        taking(made, "staging", retired=retired)
        filled(made, embargoed=hidden)
        assert requests(made) == []


def test_a_package_that_no_release_is_made_of_goes_for_none() -> None:
    made = Office()
    plan = replace(PLACE.plan, automatic=("shop",))
    made.learn(replace(PLACE, name="staging", plan=plan))
    filled(made)
    package = Built("shop", "1.3.0", SERVICE, "9" * 40, "sha256:" + "9" * 64)
    made.ask(ROBOT, "package.add", "a" * 32, built=package)
    assert begun(made).wish.belongs_to is None
