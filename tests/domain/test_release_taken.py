"""What came somewhere by hand takes the place of what was there, and older gives way to none."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from domain.deployment.state import Deployment, Stand, Status
from domain.evidence.aggregate import Outcome
from domain.merge_request.state import Status as Merge
from domain.release.fold_acts import MOST_STOOD
from domain.release.gate.question import Question
from domain.release.state import Delivery, Progress, Release
from domain.release.whereabouts.by_hand import unbroken, uncovered
from domain.release.whereabouts.there import GAVE_WAY, lacking
from domain.release.whereabouts.times import times_there
from tests.domain.given import DAY, NOON
from tests.domain.organisation import HOUR, refused
from tests.domain.patch_stories import (
    apply_backports,
    begin,
    fix,
    host,
    merge,
    patch_office,
    prepared,
    report_all,
    tag_and_test,
    to_preparation,
)
from tests.domain.release_stories import OTHER, PLAN, RITA, Office, filled, opened
from tests.domain.test_release_there import (
    NEXT,
    brought,
    codes,
    deployment,
    gone,
    hosted,
    in_staging,
    package,
)

HOSTED = "17.7.202603021200"
BEFORE, AFTER = "17.7.202603021159", "17.7.202603021300"
BACKPORTS = "enter_phase:backports"


def by_hand(
    made: Office, where: str, version: str, at: datetime, *, hidden: bool = True
) -> Release:
    """Another release of the service that went there by hand, and stands there since."""
    plan = replace(PLAN, versions=("17.6.202603011200",))
    id = opened(made, "gitlab", "auto_deploy", plan, scheduled=None, embargoed=hidden)
    now, made.at = made.at, at
    going = Delivery(where, "", Progress.RUNNING, RITA, at)
    made.learn(replace(made.release(id), deliveries=(going,)))
    made.settle(id, where, Progress.SUCCEEDED)
    made.at = max(now, made.at)
    release = made.release(id)
    (span,) = release.stood
    made.learn(replace(release, stood=(replace(span, label=version),)))
    return made.release(id)


def on_the_hosted_service() -> tuple[Office, str]:
    """A patch the fix of which a hidden package brought there."""
    made = patch_office()
    id = prepared(made)
    begin(made, id)
    first, *ports = fix()
    merge(made, first)
    made.learn(replace(made.release(host(made, first)), embargoed=True))
    apply_backports(made, *ports)
    assert codes(made, id, BACKPORTS, "hosted_first") == set()
    return made, id


def deployed(made: Office, label: str) -> None:
    """A package in the open with this label, which was built and deployed there just now."""
    made.learn(replace(package("b" * 32, commit=OTHER, label=label), built_at=made.at))
    made.learn(replace(deployment("gprd", made.at + HOUR, NEXT, "b" * 32), label=label))


@pytest.mark.req("S0-06", "S1-32")
@pytest.mark.parametrize(
    "label,code",
    [(BEFORE, "older_stands_there"), (HOSTED, None), (AFTER, None), ("nightly", None)],
)
def test_a_package_with_a_lower_version_takes_the_place_of_what_is_hidden(
    label: str, code: str | None
) -> None:
    made, id = on_the_hosted_service()
    deployed(made, label)
    assert codes(made, id, BACKPORTS, "hosted_first") == ({code} if code else set())


@pytest.mark.req("S0-06", "S1-32")
@pytest.mark.parametrize("hidden", [True, False])
@pytest.mark.parametrize("version,code", [(BEFORE, "older_stands_there"), (AFTER, None)])
def test_what_came_by_hand_takes_the_place_of_what_came_by_hand(
    version: str, code: str | None, *, hidden: bool
) -> None:
    made, id = on_the_hosted_service()
    other = by_hand(made, "gprd", version, made.at, hidden=hidden)
    assert codes(made, id, BACKPORTS, "hosted_first") == ({code} if code else set())
    made.settle(other.id, "gprd", Progress.ROLLED_BACK, "It loses data.")
    assert codes(made, id, BACKPORTS, "hosted_first") == set(), "what was there before is back"


def test_what_came_by_hand_gives_way_to_a_package_that_came_later() -> None:
    made, id = on_the_hosted_service()
    by_hand(made, "gprd", BEFORE, made.at)
    deployed(made, AFTER)
    assert codes(made, id, BACKPORTS, "hosted_first") == set()


def test_what_gave_way_on_the_hosted_service_is_brought_there_once_more() -> None:
    made, id = on_the_hosted_service()
    (release,) = (e for e in made.states.values() if isinstance(e, Release) and e.reached("gprd"))
    made.learn(replace(fix()[0], status=Merge.MERGED, embargoed=True))
    by_hand(made, "gprd", BEFORE, made.at)
    made.deploy(release.id, "gprd")
    assert codes(made, id, BACKPORTS, "hosted_first") == set()


@pytest.mark.req("S1-35")
def test_a_patch_that_gave_way_to_an_older_one_where_it_is_tested_is_not_published() -> None:
    made = patch_office()
    id = prepared(made)
    begin(made, id)
    to_preparation(made, id)
    tag_and_test(made, id)
    assert codes(made, id, "publish", "tested") == set()
    by_hand(made, "release", "17.6.0", made.at)
    assert codes(made, id, "publish", "tested") == {"older_stands_there"}
    made.deploy(id, "release")
    assert codes(made, id, "publish", "tested") == set()


@pytest.mark.req("S1-35", "X-01")
@pytest.mark.parametrize("hand", [True, False])
def test_nor_is_one_that_another_took_the_place_of_whatever_version_that_has(*, hand: bool) -> None:
    made = patch_office()
    id = prepared(made)
    begin(made, id)
    to_preparation(made, id)
    tag_and_test(made, id)
    there = replace(deployment("release", made.at + HOUR, NEXT, "b" * 32), label="17.6.2")
    other = by_hand(made, "release", "17.6.2", made.at).id if hand else ""
    if not hand:
        made.learn(replace(package("b" * 32, commit=OTHER, label="17.6.2"), built_at=made.at))
        made.learn(there)
    assert codes(made, id, "publish", "tested") == {"other_stands_there"}
    (row,) = (e for e in made.verdict(id, "publish").findings if e.requirement == "tested")
    assert row.message.startswith("17.6.2 stands in release now")
    assert [act.action for act in row.acts] == ["release.deploy"]
    with refused("other_stands_there"):
        made.ask(RITA, "release.publish", id)
    if hand:
        made.settle(other, "release", Progress.ROLLED_BACK, "It was tested.")
    else:
        made.learn(gone(there, made.at + 2 * HOUR))
    assert codes(made, id, "publish", "tested") == set(), "it is back"


@pytest.mark.req("S1-35", "X-05")
def test_nothing_passes_on_behalf_of_a_release_while_another_is_tested_in_its_place() -> None:
    made = patch_office()
    id = prepared(made)
    begin(made, id)
    to_preparation(made, id)
    tag_and_test(made, id)
    other = by_hand(made, "release", "17.6.2", made.at)
    report_all(made, "qa", environment="release", outcome=Outcome.FAILED)
    report_all(made, "qa", environment="release")
    assert codes(made, id, "publish", "qa") == {"evidence_failed"}, "bad news counts"
    made.settle(other.id, "release", Progress.ROLLED_BACK, "It was tested.")
    assert codes(made, id, "publish", "qa") == {"evidence_failed"}
    report_all(made, "qa", environment="release")
    assert codes(made, id, "publish", "qa") == set()
    by_hand(made, "release", "17.6.3", made.at)
    report_all(made, "qa", environment="release")
    made.deploy(id, "release")
    assert codes(made, id, "publish", "qa") == {"evidence_missing"}
    report_all(made, "qa", environment="release")
    assert made.codes(id, "publish") == set()


@pytest.mark.req("S1-50")
def test_nothing_hidden_takes_a_place_in_the_open() -> None:
    made, monthly, stood = hosted()
    made.learn(replace(stood, label="17.6.202603011200"))
    other = by_hand(made, "gprd", "17.5.202603011200", NOON + HOUR)
    assert codes(made, monthly, "publish", "hosted_first") == set()
    made.learn(replace(other, embargoed=False))
    assert codes(made, monthly, "publish", "hosted_first") == {"older_stands_there"}
    made.learn(gone(stood, NOON + 2 * HOUR), package("b" * 32, -1, OTHER))
    made.learn(deployment("gprd", NOON + 2 * HOUR, NEXT, "b" * 32))
    assert codes(made, monthly, "publish", "hosted_first") == set()


@pytest.mark.parametrize(
    "version,code",
    [("1.1.0", "older_stands_there"), ("1.2.0-b", "older_stands_there"), ("1.3.0", None)],
)
def test_what_nothing_tells_to_be_newer_goes_on_from_nothing(
    version: str, code: str | None
) -> None:
    made, id, _ = in_staging()
    by_hand(made, "staging", version, NOON + HOUR, hidden=False)
    assert codes(made, id, "deploy:production", "staged") == ({code} if code else set())


@pytest.mark.req("S4-07")
def test_what_came_by_hand_in_between_ends_the_time_that_something_stood_there() -> None:
    made, stood = Office(), deployment("staging", NOON - 14 * DAY)
    id = filled(made)
    made.learn(package(days=-20))
    brought(made, id, stood)
    gate, row = "deploy:production", "staging_time"
    assert codes(made, id, gate, row) == set()
    other = by_hand(made, "staging", "17.6.202603011200", NOON - 13 * DAY, hidden=False)
    assert codes(made, id, gate, row) == {"dwell_interrupted"}
    (span,) = other.stood
    made.learn(replace(other, stood=(replace(span, until=NOON - 12 * DAY),)))
    assert codes(made, id, gate, row, NOON) == {"dwell_too_short"}
    assert codes(made, id, gate, row, NOON + 2 * DAY) == set()


def over_and_back(made: Office, id: str, at: datetime, until: datetime) -> None:
    """Something more takes the place of what a deployment brought, and is rolled back."""
    was = made.states[Deployment, id]
    over = deployment("staging", at, NEXT, "b" * 32)
    made.learn(replace(gone(over, until), status=Status.ROLLED_BACK), package("b" * 32, -1, OTHER))
    made.learn(replace(gone(was, at), current=True, stands=(*gone(was, at).stands, Stand(until))))


@pytest.mark.req("S0-14", "S4-12")
def test_a_rollback_puts_nothing_over_what_had_come_over_it_by_hand() -> None:
    made, id, stood = in_staging()
    other = by_hand(made, "staging", "1.1.0", NOON + HOUR, hidden=False)
    over_and_back(made, stood.id, NOON + 2 * HOUR, NOON + 3 * HOUR)
    assert codes(made, id, "deploy:production", "staged") == {GAVE_WAY}
    (delivery,) = other.deliveries
    asked = Question(other, NOON + DAY, made.authority, made.records)
    assert lacking(asked, other, delivery) is None, "it stands there"
    made.settle(other.id, "staging", Progress.ROLLED_BACK, "It loses data.")
    assert codes(made, id, "deploy:production", "staged") == set()


@pytest.mark.req("S0-14")
def test_what_is_rolled_back_from_beneath_what_came_by_hand_leaves_that_where_it_is() -> None:
    made, id, stood = in_staging()
    made.learn(package("b" * 32, -1, OTHER))
    was = gone(stood, NOON + HOUR)
    by_hand(made, "staging", "1.1.0", NOON + 2 * HOUR, hidden=False)
    made.learn(replace(was, current=True, stands=(*was.stands, Stand(NOON + 3 * HOUR))))
    assert codes(made, id, "deploy:production", "staged") == {GAVE_WAY}


@pytest.mark.req("S4-07")
def test_what_a_rollback_puts_back_beneath_what_came_by_hand_does_not_stay_there() -> None:
    made, stood = Office(), deployment("staging", NOON - 14 * DAY)
    id = filled(made)
    made.learn(package(days=-20))
    brought(made, id, stood)
    other = by_hand(made, "staging", "17.6.202603011200", NOON - 13 * DAY, hidden=False)
    over_and_back(made, stood.id, NOON - 12 * DAY, NOON - 11 * DAY)
    gate, row = "deploy:production", "staging_time"
    assert codes(made, id, gate, row, NOON + 90 * DAY) == {"dwell_interrupted"}
    (span,) = other.stood
    made.learn(replace(other, stood=(replace(span, until=NOON - 10 * DAY),)))
    assert codes(made, id, gate, row, NOON + 3 * DAY - HOUR) == {"dwell_too_short"}
    assert codes(made, id, gate, row, NOON + 3 * DAY) == set()


@pytest.mark.req("S0-06", "S1-32")
def test_what_is_hidden_is_back_once_an_older_package_over_it_is_rolled_back() -> None:
    made, id = on_the_hosted_service()
    made.learn(package("d" * 32, -9, "7" * 40))
    beneath = deployment("gprd", NOON - 9 * DAY, NEXT, "d" * 32)
    deployed(made, BEFORE)
    over = made.states[Deployment, NEXT]
    made.learn(gone(replace(beneath, id="5" * 32), over.stands[0].since))
    assert codes(made, id, BACKPORTS, "hosted_first") == {GAVE_WAY}
    until = over.stands[0].since + HOUR
    was = made.states[Deployment, "5" * 32]
    made.learn(replace(gone(over, until), status=Status.ROLLED_BACK))
    made.learn(replace(was, current=True, stands=(*was.stands, Stand(until))))
    assert codes(made, id, BACKPORTS, "hosted_first") == set()


@pytest.mark.req("S0-14")
def test_what_stands_somewhere_is_told_however_often_it_went_elsewhere() -> None:
    made = Office()
    by_hand(made, "gprd", BEFORE, NOON)
    id = next(id for kind, id in made.states if kind is Release)

    def bring(where: str) -> None:
        going = Delivery(where, "", Progress.RUNNING, RITA, made.at)
        others = (each for each in made.release(id).deliveries if each.environment != where)
        made.learn(replace(made.release(id), deliveries=(*others, going)))
        made.settle(id, where, Progress.SUCCEEDED)

    for _ in range(MOST_STOOD + 2):
        bring("gstg")
    spans = made.release(id).stood
    assert [each.environment for each in spans if each.until is None] == ["gprd", "gstg"]
    assert len(spans) == MOST_STOOD + 1, "the latest of each"


@pytest.mark.req("S0-14", "S4-04")
def test_a_rollback_by_hand_leaves_what_the_same_release_had_brought_before() -> None:
    made = Office()
    by_hand(made, "gprd", BEFORE, NOON)
    id = next(id for kind, id in made.states if kind is Release)

    def bring(cargo: str) -> None:
        going = Delivery("gprd", cargo, Progress.RUNNING, RITA, made.at)
        made.learn(replace(made.release(id), deliveries=(going,)))
        made.settle(id, "gprd", Progress.SUCCEEDED)

    def standing() -> list[str]:
        return [each.cargo for each in made.release(id).stood if each.until is None]

    bring("one more")
    bring("two more")
    bring("two more")
    made.settle(id, "gprd", Progress.ROLLED_BACK, "It crashes.")
    assert standing() == ["one more"]
    (span,) = unbroken(made.release(id), "gprd", "one more")
    ask = Question(made.release(id), made.at, made.authority, made.records)
    assert [
        each.taken_back for each in times_there(ask.records, made.release(id), "gprd", hidden=False)
    ] == [
        *(False, False),
        *(True, True),
    ]
    stands = list(uncovered(made.records, made.release(id), [span], hidden=True))
    assert [each.until is None for each in stands] == [False, True], "the others lay over it"
    with refused("rolled_back_already"):
        made.settle(id, "gprd", Progress.ROLLED_BACK, "It crashes.")
    with refused("rolled_back_already"):
        made.settle(id, "gprd", Progress.ROLLED_BACK, "So does that.", made.at)
    made.settle(id, "gprd", Progress.ROLLED_BACK, "So does that.", span.since)
    assert standing() == [""]
    with refused("rolled_back_already"):
        made.settle(id, "gprd", Progress.ROLLED_BACK, "So does that.", span.since)
    made.settle(id, "gprd", Progress.ROLLED_BACK, "And that.", NOON)
    assert not standing()
    with refused("not_deploying"):
        made.settle(id, "gprd", Progress.ROLLED_BACK, "Once more.")


@pytest.mark.req("S0-14")
@pytest.mark.parametrize("ended", [Progress.FAILED, Progress.ROLLED_BACK])
def test_what_stands_by_hand_is_rolled_back_beneath_a_deployment_that_failed(
    ended: Progress,
) -> None:
    made = Office()
    release = by_hand(made, "gprd", BEFORE, NOON)
    (span,) = release.stood
    (last,) = release.deliveries
    tried = replace(last, progress=Progress.RUNNING, deployment="d" * 32)
    made.learn(replace(release, deliveries=(tried,)))
    with refused("settled_by_deployment"):
        made.settle(release.id, "gprd", Progress.ROLLED_BACK, "It crashes.", span.since)
    tried = replace(tried, progress=ended)
    made.learn(replace(release, deliveries=(tried,)))
    for progress, arrived in (
        (Progress.ROLLED_BACK, None),
        (Progress.ROLLED_BACK, made.at),
        (Progress.FAILED, span.since),
    ):
        with refused("settled_by_deployment"):
            made.settle(release.id, "gprd", progress, "It crashes.", arrived)
    made.settle(release.id, "gprd", Progress.ROLLED_BACK, "It crashes.", span.since)
    after = made.release(release.id)
    assert [each.until is None for each in after.stood] == [False]
    assert after.deliveries == (tried,), "the deployment ended as it did"
    with refused("settled_by_deployment"):
        made.settle(release.id, "gprd", Progress.ROLLED_BACK, "It crashes.", span.since)
