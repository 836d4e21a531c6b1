"""Who opens a gate of a release by doing what: everything that it takes, each act once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.change.state import Status as ChangeStatus
from domain.deployment.state import Deployment, Status, Wish
from domain.evidence.aggregate import Outcome
from domain.explanation import Explanation, Way, explain
from domain.release.gate.completing import completing
from domain.release.gate.gates import asked
from domain.release.gate.question import Question
from domain.release.parts import Delivery, Progress
from domain.release.state import cargo_of
from domain.titles import person_name
from tests.domain.given import DAY
from tests.domain.organisation import CAB_ONE, CAB_THREE, CAB_TWO, CHAIR
from tests.domain.release_stories import (
    CI,
    COMMIT,
    DATE,
    PACKAGE,
    PAULA,
    PLAN,
    QUINN,
    RAY,
    RITA,
    WATCH,
    Office,
    approved_change,
    filled,
    hold,
    opened,
)
from tests.domain.test_release_deployment import PLACE, built
from tests.domain.test_release_in_advance import LIVE, approved_in_advance
from tests.domain.test_release_matrix import tagged_train
from tests.domain.test_release_promoted import staging

ASK = ("release.request_approval", 1)


def told(office: Office, id: str, gate: str, but: str = "") -> Explanation:
    """What opens a gate, where everybody named may do everything, but for one."""
    people = frozenset((RITA, QUINN, RAY, CI, WATCH)) - {but}
    given = (office.release(id), office.at, office.authority, office.records)
    return explain(asked(Question(*given, lambda _: people), gate), approve="release.approve")


def acts(way: Way) -> list[tuple[str, int]]:
    return [(each.action, each.count) for each in way.acts]


@pytest.mark.req("S1-20", "S3-14", "S3-20")
def test_who_approves_is_named_before_they_are_asked() -> None:
    office = Office()
    minor = approved_in_advance(office)
    office.report("unit_tests", outcome=Outcome.FAILED)
    report, way = told(office, minor, LIVE).ways
    assert acts(report) == [("evidence.report", 1)], "it is approved in advance by that alone"
    assert acts(way) == [ASK, ("release.approve", 1)]
    assert CAB_ONE in way.acts[1].people
    assert office.codes(minor, LIVE) == {"approval_not_requested"}
    office.ask(RITA, "release.request_approval", minor)
    assert {e.acts for e in told(office, minor, LIVE).ways} == {report.acts, way.acts[1:]}
    office.ask(CAB_ONE, "release.approve", minor, rule="cab")
    assert office.verdict(minor, LIVE).allowed


@pytest.mark.req("S1-20", "S3-19", "S3-20")
def test_every_rule_is_named_and_what_they_ask_for_once() -> None:
    office = Office()
    major = filled(office, "itsm_releases", "major")
    (way,) = told(office, major, LIVE).ways
    every = acts(way)
    votes = [("release.approve", 1), ("release.approve", 2)]
    assert [each for each in every if each[0] == "release.approve"] == votes
    by = {each.rule: each.people for each in way.acts if each.rule}
    assert by == {
        "product_owner": (PAULA,),
        "cab": tuple(sorted((CAB_ONE, CAB_TWO, CAB_THREE, CHAIR))),
    }
    assert every.count(ASK) == 1
    assert every.index(ASK) < every.index(votes[0])


@pytest.mark.req("S1-20", "S0-13")
@pytest.mark.parametrize("built_here", [True, False])
def test_where_it_has_to_go_first_is_named_once(built_here: bool) -> None:
    office = Office()
    live = replace(staging(), id="9" * 32, name="production")
    live = replace(live, plan=replace(live.plan, order=3))
    office.learn(PLACE, staging(), live, *([built()] if built_here else []))
    major = filled(office, "itsm_releases", "major")
    package = PACKAGE if built_here else None
    office.ask(RITA, "release.aim", major, release_version="1.2.0", commit=COMMIT, package=package)
    way = told(office, major, LIVE).ways[0]
    first = [each.description for each in way.acts if "eploy it to staging" in each.description]
    assert first == ["Deploy it to staging."]


@pytest.mark.req("S1-20", "S3-20")
def test_that_nobody_could_approve_is_told_before_anybody_is_asked() -> None:
    office = Office()
    major = filled(office, "itsm_releases", "major")
    for each in [one for one in office.states if "role:product_owner" in one[1]]:
        del office.states[each]
    said = told(office, major, LIVE)
    assert not said.ways
    assert "quorum_impossible" in office.codes(major, LIVE)


@pytest.mark.req("S1-20", "S3-20", "S0-13")
def test_where_nobody_opens_the_gate_of_a_place_it_is_told_what_that_waits_for() -> None:
    office = Office()
    major = filled(office, "itsm_releases", "major")
    assert told(office, major, "close").ways
    for each in [one for one in office.states if "role:product_owner" in one[1]]:
        del office.states[each]
    said, there = told(office, major, "close"), told(office, major, LIVE)
    assert not said.ways
    why = (there.impossible_reason or "").removeprefix("Nobody can. ")
    waits = f"It is in production: nobody can deploy it to production. {why}"
    assert waits in (said.impossible_reason or "")
    assert set(said.repairs) == set(there.repairs) != set()


@pytest.mark.req("S1-20", "S0-13")
def test_so_it_is_told_through_every_place_that_comes_first() -> None:
    office = Office()
    minor = opened(office, "itsm_releases", "minor")
    office.learn(approved_change())
    office.ask(RITA, "release.include", minor, changes=("c" * 32,))

    def who(action: str) -> frozenset[str]:
        return frozenset(() if action == "release.aim" else (RITA, QUINN, RAY, CI))

    given = (office.release(minor), office.at, office.authority, office.records)
    said = explain(asked(Question(*given, who), "close"))
    assert not said.ways
    aim = "It is known what goes out: too few may ask for release.aim."
    staging = f"It is in staging: nobody can deploy it to staging. {aim}"
    told = said.impossible_reason or ""
    assert "It is in production: nobody can deploy it to production." in told
    assert staging in told


@pytest.mark.req("S1-20", "S3-25")
def test_it_is_told_of_a_task_that_whom_it_is_given_to_may_not_complete_it() -> None:
    office = Office()
    major = opened(office, "itsm_releases", "major")
    office.ask(RITA, "release.add_task", major, title="Ring the bell.", assignee=CAB_ONE)
    number = office.release(major).tasks[-1].number

    def acts_of(people: frozenset[str]) -> list[tuple[frozenset[str], str]]:
        ask = Question(
            office.release(major), office.at, office.authority, office.records, lambda _: people
        )
        acts = completing(ask, office.release(major).tasks[-1:])
        return [(each.people, each.description) for each in acts]

    name = person_name(office.authority.person(CAB_ONE))
    vain = f"Complete task {number}, which is given to {name}, who may not complete it."
    assert acts_of(frozenset((RITA,))) == [(frozenset((RITA,)), vain)]
    both = frozenset((RITA, CAB_ONE))
    assert acts_of(both) == [(both, f"Complete task {number}.")]


@pytest.mark.req("S1-20", "S0-13")
def test_what_is_on_its_way_somewhere_is_told_to_end_and_not_to_go_there_again() -> None:
    office = Office()
    minor = approved_in_advance(office)

    def first() -> str:
        ways = told(office, minor, "close").ways
        return next(each.action for each in ways[0].acts if "production" in each.description)

    assert first() == "release.deploy"
    office.ask(RITA, "release.deploy", minor, environment="production")
    assert first() == "release.settle_deployment"
    office.settle(minor, "production", Progress.FAILED, "It broke.")
    assert first() == "release.deploy"


@pytest.mark.req("S1-20", "S3-25")
def test_what_a_phase_waits_for_is_told_before_it_is_entered() -> None:
    office = Office()
    major = filled(office, "itsm_releases", "major")
    (way,) = told(office, major, LIVE).ways
    steps = [e.description for e in way.acts if e.action.endswith(("enter_phase", "complete_task"))]
    assert steps == [
        *("Complete task 1.", "Go on to the phase building."),
        *("Complete task 2.", "Go on to the phase testing."),
        *("Complete task 3.", "Go on to the phase approval.", "Go on to the phase deployment."),
    ]
    for each in way.acts:
        if each.description in steps:
            number = each.description.removeprefix("Complete task ").removesuffix(".")
            more = {"number": int(number)} if number.isdigit() else {}
            office.ask(QUINN if number == "3" else RITA, each.action, major, **more)
    assert office.release(major).phase == "deployment"
    (left,) = told(office, major, LIVE).ways
    assert not {e.action for e in left.acts} & {"release.enter_phase", "release.complete_task"}


def _waiting(way: Way) -> int:
    return sum(each.action == "release.wait" for each in way.acts)


@pytest.mark.req("S1-20", "S3-12")
def test_that_a_phase_opens_later_is_told_before_it_is_entered() -> None:
    office = Office()
    monthly = filled(office, "gitlab", "monthly", replace(PLAN, versions=("17.5.0",)))
    entering = office.verdict(monthly, "enter_phase").blocking
    sooner, way = sorted(told(office, monthly, "publish").ways, key=_waiting)
    assert not _waiting(sooner)
    assert acts(sooner)[0] == ("release.reschedule", 1)
    phased = ("release.wait", "release.enter_phase", "release.complete_task")
    steps = [e.description for e in way.acts if e.action in phased]
    assert steps[0] == entering[0].message
    enter = [f"Go on to the phase {each}." for each in ("candidate", "final")]
    assert steps[1:4] == [enter[0], "Complete task 1.", enter[1]]
    assert {"phase_not_open", "tasks_open"} <= office.codes(monthly, "publish")


@pytest.mark.req("S1-20", "S3-35")
def test_what_goes_first_does_so_by_what_its_kind_knows_or_is_waited_for_no_more() -> None:
    office = Office()

    def steps(playbook: str, kind: str, gate: str, under_way: bool = False) -> list[str]:
        first = opened(office, playbook, kind, replace(PLAN, versions=("1.1.0",)))
        if under_way:
            going = (cargo_of(office.release(first)), Progress.RUNNING, RITA, office.at)
            delivery = Delivery("production", *going)
            office.learn(replace(office.release(first), deliveries=(delivery,)))
        second = filled(office, playbook, kind, plan=replace(PLAN, depends_on=(first,)))
        given = (office.release(second), office.at, office.authority, office.records)
        findings = asked(Question(*given, lambda _: frozenset((RITA,))), gate).findings
        (waits,) = (each for each in findings if each.code == "release_waits")
        ways = (waits.acts, *waits.instead)
        assert {e.subject for (e,) in ways if e.action != "release.edit"} == {first}
        name = waits.message.removesuffix(" has not gone as far.").replace("The", "the", 1)
        return [each.description.replace(name, "it") for (each,) in ways]

    deploy, last = "Deploy it to production first.", "Wait no more for it."
    assert steps("itsm_releases", "minor", LIVE) == [deploy, last]
    ends = "Say how the deployment of it to production ended."
    assert steps("itsm_releases", "minor", LIVE, under_way=True) == [ends, last]
    assert steps("mozilla", "train", "tag") == ["Tag it first.", deploy, last]
    assert steps("gitlab", "monthly", "publish")[-2:] == ["Publish it first.", last]


@pytest.mark.req("S1-20", "S3-12")
def test_what_makes_a_new_revision_is_told_before_what_that_voids() -> None:
    office = Office()
    undated = filled(office, "itsm_releases", "standard", scheduled=None)
    (way,) = told(office, undated, LIVE).ways
    every = [each.action for each in way.acts]
    assert every.index("release.reschedule") < every.index("release.request_approval")
    minor = approved_in_advance(office)
    office.report("unit_tests", outcome=Outcome.FAILED)
    office.learn(approved_change(status=ChangeStatus.DRAFT))
    for way in (ways := told(office, minor, LIVE).ways):
        assert way.acts[0].action == "release.exclude"
    assert ASK in [each for way in ways for each in acts(way)]


@pytest.mark.req("S1-20", "S0-13", "S3-14")
def test_how_what_is_on_its_way_ended_is_told_once_and_after_it_is_approved() -> None:
    office = Office()
    minor = approved_in_advance(office)
    office.ask(RITA, "release.deploy", minor, environment="production")
    office.report("unit_tests", outcome=Outcome.FAILED)
    settle = "release.settle_deployment"
    for way in (ways := told(office, minor, "close").ways):
        every = [each.action for each in way.acts]
        assert every.count(settle) == 1
        if "release.approve" in every:
            assert every.index("release.approve") < every.index(settle)
    assert any("release.approve" in (e.action for e in way.acts) for way in ways)


@pytest.mark.req("S1-20", "S3-13")
def test_what_a_place_waits_for_is_told_before_it_is_deployed_there() -> None:
    office = Office()
    minor = opened(office, "itsm_releases", "minor")
    office.learn(approved_change())
    office.ask(RITA, "release.include", minor, changes=("c" * 32,))
    deploys = [f"Deploy it to {each}." for each in ("staging", "production")]
    for gate, places in ((LIVE, deploys[:1]), ("close", deploys)):
        for way in (ways := told(office, minor, gate).ways):
            every = [each.description for each in way.acts]
            at = [every.index(each) for each in places]
            aim = every.index("Say which commit it is made from.")
            assert aim < at[0], "without that it goes nowhere"
            assert at == sorted(at)
            assert len(every) == len(set(every))
        assert ways
    assert "regression_tests" in "".join(
        e.description for e in told(office, minor, "close").ways[0].acts
    )


@pytest.mark.req("S1-20", "S0-13")
def test_what_was_requested_for_it_is_told_to_be_started() -> None:
    office = Office()
    office.learn(PLACE, built())
    major = filled(office, "itsm_releases", "major")
    aim = {"release_version": "1.2.0", "commit": COMMIT, "package": PACKAGE}
    office.ask(RITA, "release.aim", major, **aim)
    office.learn(replace(staging(), plan=replace(staging().plan, order=2)))
    deploy, start = "Deploy it to test.", "Start the deployment to test that was requested."

    def steps() -> set[str]:
        ways = told(office, major, "deploy:staging").ways
        return {e.description for way in ways for e in way.acts} & {deploy, start}

    assert steps() == {deploy}
    wish = Wish("a" * 32, "test", "None.", contents="All of it.", belongs_to=major)
    office.ask(RITA, "deployment.request", "d" * 32, wish=wish)
    assert steps() == {start}


@pytest.mark.req("S1-20", "S0-13")
def test_what_is_on_its_way_where_it_comes_from_is_told_to_end_once() -> None:
    office = Office()
    office.learn(PLACE, built(), replace(staging(), plan=replace(staging().plan, order=2)))
    major = filled(office, "itsm_releases", "major")
    aim = {"release_version": "1.2.0", "commit": COMMIT, "package": PACKAGE}
    office.ask(RITA, "release.aim", major, **aim)
    wish = Wish("a" * 32, "test", "None.", contents="All of it.", belongs_to=major)
    office.ask(RITA, "deployment.request", "d" * 32, wish=wish)
    requested = office.records.get(Deployment, "d" * 32)
    assert requested is not None
    running = replace(requested, status=Status.RUNNING)
    cargo, going = cargo_of(office.release(major)), Progress.RUNNING
    delivery = Delivery("test", cargo, going, RITA, office.at, deployment=running.id)
    waits = replace(running, id="5" * 32, status=Status.REQUESTED)
    office.learn(running, replace(office.release(major), deliveries=(delivery,)))

    def steps() -> list[list[str]]:
        ways = told(office, major, "deploy:staging").ways
        own = (way for way in ways if "deployment.override" not in dict(acts(way)))
        return [[e.description for e in way.acts if "to test" in e.description] for way in own]

    ends = "Say how the deployment to test ended."
    for others in ((), (waits,)):
        office.learn(*others)
        assert steps()
        assert all(each == [ends] for each in steps())
    office.learn(replace(office.release(major), deliveries=(replace(delivery, cargo="other"),)))
    assert steps()
    assert all(each.count(ends) == 1 for each in steps())
    assert all(each[-1].startswith("Start the deployment to test") for each in steps())


@pytest.mark.req("S1-20", "S3-08")
def test_what_is_to_be_written_and_reviewed_is_told_to_be_both_from_the_start() -> None:
    office = Office()
    bare = replace(PLAN, rollback_plan="")
    reviewed = opened(office, "itsm_releases", "major", bare)
    unseen = opened(office, "itsm_releases", "standard", replace(bare, versions=("1.3.0",)))

    def steps(id: str) -> list[str]:
        ways = told(office, id, LIVE).ways
        every = [[e.description for e in way.acts if "way back" in e.description] for way in ways]
        assert all(each == every[0] for each in every)
        return every[0]

    assert steps(reviewed) == [
        "Write down the way back.",
        "Attest: The way back is written down and reviewed.",
    ]
    assert steps(unseen) == ["Write down the way back."]
    assert "too few may ask for release.attest" in (
        told(office, reviewed, LIVE, but=RAY).impossible_reason or ""
    )


@pytest.mark.req("S1-20", "S4-22")
def test_what_stands_against_it_is_attested_once_more_or_taken_back_and_not_both() -> None:
    office = Office()
    train = tagged_train(office)
    back = "Have who said that it fails take it back."
    again = "Have who said that it fails look once more, and attest: QA found no blockers."
    attest = "Attest: QA found no blockers."

    def steps(but: str = "") -> list[list[str]]:
        every = [each.acts for each in told(office, train, LIVE, but=but).ways]
        return [[e.description for e in w if e.description in (back, again, attest)] for w in every]

    office.attest(QUINN, train, "qa", LIVE, "fails")
    assert steps() == [[again], [back, attest]]
    office.learn(hold(RAY, "role:qa"))
    office.attest(RAY, train, "qa", LIVE)
    assert steps() == [[again], [back]]
    assert steps(but=QUINN) == [[back]]


@pytest.mark.req("S1-20", "S4-04", "X-04")
def test_what_its_tag_waits_for_is_told_where_its_tag_is_waited_for() -> None:
    office = Office(at=DATE)
    train = filled(office, scheduled=None)
    office.report("unit_tests", "integration_tests", "hosting_release")
    office.attest(RITA, train, "safe", "deploy:staging")
    assert "date_missing" in office.codes(train, "tag")
    for gate in ("deploy:staging", "close"):
        for way in told(office, train, gate).ways:
            every = [each.action for each in way.acts]
            assert every.index("release.reschedule") < every.index("release.tag"), gate
    office.ask(RITA, "release.reschedule", train, scheduled=DATE, reason="As planned.")
    office.report("unit_tests", "integration_tests", "hosting_release")
    office.ask(RITA, "release.tag", train, release_version="1.2.0")
    office.attest(RITA, train, "safe", "deploy:staging")
    assert office.verdict(train, "deploy:staging").allowed, "as it was told"


@pytest.mark.req("S1-20", "X-04")
def test_what_its_publication_waits_for_is_told_where_that_is_waited_for() -> None:
    office = Office(at=DATE)
    monthly = filled(office, "gitlab", "monthly", replace(PLAN, versions=("17.6.0",)))
    (way,) = told(office, monthly, "publish").ways
    for gate in ("announce", "close"):
        (whole,) = told(office, monthly, gate).ways
        at = whole.acts.index(next(e for e in whole.acts if e.action == "release.publish"))
        assert set(way.acts) <= set(whole.acts[:at]), gate


@pytest.mark.req("S1-20", "X-04")
def test_that_nobody_can_tag_it_is_told_where_its_tag_is_waited_for() -> None:
    office = Office(at=DATE)
    train = filled(office, scheduled=None)
    people = frozenset((RITA, QUINN, CI))

    def who(action: str) -> frozenset[str]:
        return frozenset() if action == "release.reschedule" else people

    given = (office.release(train), office.at, office.authority, office.records)
    said = explain(asked(Question(*given, who), "deploy:staging"))
    assert said.impossible_reason is not None
    assert "nobody can tag it. " in said.impossible_reason


@pytest.mark.req("S1-20", "S4-26")
def test_of_another_release_made_of_the_same_it_is_told_which_and_that_it_is_given_up() -> None:
    office = Office()
    office.learn(PLACE, built())
    major = filled(office, "itsm_releases", "major")
    other = opened(office, "itsm_releases", "major", replace(PLAN, versions=("1.3.0",)))
    for id, version in ((major, "1.2.0"), (other, "1.3.0")):
        aim = {"release_version": version, "commit": COMMIT, "package": PACKAGE}
        office.ask(RITA, "release.aim", id, **aim)
    assert "release_not_ready" in office.codes(major, "deploy:test")
    every = [way.acts for way in told(office, major, "deploy:test").ways]
    of_it = [[each.description for each in acts if each.subject == other] for acts in every]
    name = f"{PLAN.service} 1.3.0"
    apart = [
        [f"Give up {name}."],
        [f"Aim {name} at another commit, and another package or none yet."],
    ]
    assert all(each in of_it for each in apart)
    others = [each for each in of_it if each not in apart]
    assert all(told.startswith(f"For {name}: ") for each in others for told in each)
    again = {"release_version": "1.3.0", "commit": "9" * 40, "package": None}
    office.ask(RITA, "release.aim", other, **again)
    assert "release_not_ready" not in office.codes(major, "deploy:test")
    office.ask(RITA, "release.aim", other, **(again | {"commit": COMMIT}))
    assert "release_not_ready" in office.codes(major, "deploy:test")
    office.ask(RITA, "release.abort", other, reason="It is the same.")
    assert "release_not_ready" not in office.codes(major, "deploy:test")


@pytest.mark.req("S1-20", "S3-12")
def test_what_keeps_it_from_its_phase_is_told_once() -> None:
    office = Office(at=DATE - 40 * DAY)
    monthly = filled(office, "gitlab", "monthly", replace(PLAN, versions=("17.6.0",)))
    found = [each for each in office.verdict(monthly, "publish").blocking if each.code]
    once = {(each.requirement, each.code, each.message) for each in found}
    assert {"phase_not_open", "phase_not_reached"} <= {each.code for each in found}
    assert len(found) == len(once)
