"""What is going out, or is out: its contents are not exchanged on the way, and nobody drops it."""

from __future__ import annotations

from typing import Final

from domain.deployment.state import Deployment
from domain.kernel import Context, Problems, Records
from domain.process_release import DEPLOY, EnvironmentKind, Matter
from domain.release.standing import kind_of, pinned
from domain.release.state import Delivery, Progress, Release

_HELD: Final = "It is on its way to {}: what it carries stays as it is until that has ended."


def check_still(problems: Problems, state: Release, context: Context) -> None:
    """Note that nothing comes into it on its way to where only what is authorised goes (S3-02).

    The gate looked at what it carried as it began.
    """
    kind = kind_of(state, context.records)
    going = (each.environment for each in state.deliveries if each.progress is Progress.RUNNING)
    asked = (
        where
        for where in going
        if any(row.about is Matter.CHANGES_AUTHORISED for row in kind.rows(f"{DEPLOY}:{where}"))
    )
    where = next(asked, None)
    problems.unless(where is None, "being_deployed", _HELD.format(where))


def live(state: Release, records: Records) -> bool:
    """Whether it stands where people use it, and nothing that came later took its place."""
    process = pinned(state, records)
    for each in state.deliveries:
        place = process.environment(each.environment)
        used = place is not None and place.kind is EnvironmentKind.PRODUCTION
        if used and each.progress is Progress.SUCCEEDED and _stands(state, each, records):
            return True
    return False


def _stands(state: Release, delivery: Delivery, records: Records) -> bool:
    if delivery.deployment is not None:
        brought = records.get(Deployment, delivery.deployment)
        return brought is not None and brought.current
    since = delivery.settled_at or delivery.started_at
    near = records.find(Release, service=state.service)
    others = (each.delivery(delivery.environment) for each in near if each.id != state.id)
    return not any(
        each.progress is Progress.SUCCEEDED and (each.settled_at or each.started_at) > since
        for each in others
        if each is not None
    )
