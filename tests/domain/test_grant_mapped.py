"""Groups of the directory bring roles for a limited time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.grant.aggregate import (
    AGGREGATE,
    Status,
    confirm,
    map_group,
    renew,
)
from domain.grant.events import Confirmed, Renewed, Revoked
from tests.domain.given import (
    ADA,
    CAT,
    DAN,
    DAY,
    NOON,
    ROBOT,
    authority,
    given,
    refused,
    then,
)
from tests.domain.grant_examples import (
    DECIDES,
    DIGEST,
    MANAGER,
    MAPPED,
    READER,
    READS,
    asking,
)


def mapping(who: str = ROBOT, *more: Any, **changed: Any) -> list[Any]:
    fixed: dict[str, Any] = {"person": ADA, "role": READER, "until": NOON + DAY}
    named = {"group": "staff", "mapping": DIGEST}
    return map_group(None, asking(who, *more), **(fixed | named | changed))


def test_a_group_brings_a_role_for_a_time() -> None:
    grant = given(AGGREGATE, *mapping(), by=ROBOT)
    assert (grant.group, grant.mapping, grant.granted_by) == ("staff", DIGEST, ROBOT)
    assert authority(grant, approving=DECIDES).valid_grant(grant.id, NOON)


def test_a_role_that_decides_waits_for_a_person_also_when_a_group_brings_it() -> None:
    grant = given(AGGREGATE, *mapping(role=MANAGER), by=ROBOT)
    assert grant.status is Status.PROPOSED
    assert confirm(grant, asking(CAT)) == [Confirmed()]


def test_only_the_program_of_the_directory_says_what_a_group_brings() -> None:
    with refused("not_a_program"):
        mapping(CAT)


def test_who_owns_the_program_gets_nothing_through_it() -> None:
    with refused("own_grant"):
        mapping(person=DAN)


def test_a_group_brings_nothing_for_long_and_nothing_twice() -> None:
    held = given(AGGREGATE, MAPPED, by=ROBOT)
    with refused("until_too_far", "held_already"):
        mapping(ROBOT, held, until=NOON + 32 * DAY)


def test_another_group_may_bring_the_same_role() -> None:
    assert mapping(ROBOT, given(AGGREGATE, MAPPED, by=ROBOT), group="leads")


def test_a_mapping_is_named_by_its_digest() -> None:
    with refused("digest_unusable", "name_unusable"):
        mapping(mapping="v1", group="")


def test_what_a_group_brought_is_renewed_while_it_lasts() -> None:
    grant, context = given(AGGREGATE, MAPPED, by=ROBOT), asking(ROBOT)
    events = renew(grant, context, until=NOON + 2 * DAY)
    assert events == [Renewed(NOON + 2 * DAY)]
    assert then(AGGREGATE, grant, context, events).until == NOON + 2 * DAY


def test_a_renewal_that_prolongs_nothing_is_no_event() -> None:
    assert renew(given(AGGREGATE, MAPPED, by=ROBOT), asking(ROBOT), until=NOON + DAY) == []


def test_a_confirmed_grant_stays_confirmed_when_renewed() -> None:
    history = (replace(MAPPED, approving=True), Confirmed(), Renewed(NOON + 2 * DAY))
    assert given(AGGREGATE, *history).status is Status.ACTIVE


def test_what_ran_out_or_came_from_a_person_is_not_renewed() -> None:
    with refused("run_out"):
        grant = given(AGGREGATE, MAPPED)
        renew(grant, asking(ROBOT, at=NOON + DAY), until=NOON + 2 * DAY)
    with refused("not_mapped", "revoked_already"):
        grant = given(AGGREGATE, READS, Revoked("left"))
        renew(grant, asking(ROBOT), until=NOON + DAY)
