"""The embargo of a release: what it may name while it is hidden, and what ends with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from domain.accord.state import Accord
from domain.askers import check_firsthand
from domain.inclusion import Inclusion, ItemKind
from domain.kernel import Context, Problems, Records, Then, refusal
from domain.merge_request.embargo import TWIN
from domain.merge_request.state import MergeRequest, Status
from domain.release.act_events import Revealed
from domain.release.state import Release
from domain.security_fix.publishing import reports_of
from domain.security_fix.state import SecurityFix

MOST_SHOWN: Final = 400
"""How many hidden records one publication may show, with everything else it does."""


def known(found: Release | None, state: Release | None = None) -> Release | None:
    """The release, unless it is hidden and this one is not: what all read names nothing hidden."""
    hidden = found is not None and found.embargoed
    return None if hidden and not (state and state.embargoed) else found


def reveal(state: Release, context: Context) -> list[Any]:
    """End the embargo of a release that is not to be published, such as a hosted package."""
    if not state.embargoed:
        raise refusal("not_embargoed", "It is not under embargo.")
    problems = Problems()
    check_firsthand(problems, context)
    problems.settle()
    return [Revealed(), *shown(state, context.records)]


def shown(state: Release, records: Records) -> tuple[Then, ...]:
    """That what is hidden with a release is shown, all at once: its fixes and its merge requests.

    Whoever opened the same merge request in the open could not be told that it is known; theirs is
    closed.
    """
    fixes = [each for each in records.find(SecurityFix, tracker=state.id) if each.embargoed]
    items = (each for each in records.find(Inclusion, release=state.id) if each.included)
    own = {each.reference for each in items if each.kind is ItemKind.MERGE_REQUEST}
    ids = frozenset(own.union(*(each.merge_requests for each in fixes)))
    requests = records.find(MergeRequest, id=ids) if ids else ()
    hidden = [each for each in requests if each.embargoed]
    if len(hidden) + len(fixes) > MOST_SHOWN:
        raise refusal("too_many", f"At most {MOST_SHOWN} hidden records are shown at once.")
    about = frozenset((state.id, *(each.id for each in hidden)))
    accords = [each for each in records.find(Accord, subject=about) if each.embargoed]
    return (
        *(Then("accord.disclose", each.id) for each in accords),
        *(Then("security_fix.disclose", each.id) for each in fixes),
        *(Then("merge_request.disclose", each.id) for each in hidden),
        *_closing_twins(hidden, records),
        *reports_of(frozenset(each.id for each in fixes), records),
    )


def _closing_twins(hidden: list[MergeRequest], records: Records) -> Iterator[Then]:
    if not hidden:
        return
    numbers = {(each.project, each.number) for each in hidden}
    same = records.find(
        MergeRequest,
        project=frozenset(project for project, _ in numbers),
        number=frozenset(number for _, number in numbers),
    )
    for each in same:
        twin = (each.project, each.number) in numbers and not each.embargoed
        if twin and each.status is Status.OPEN:
            yield Then("merge_request.close", each.id, {"reason": TWIN})
