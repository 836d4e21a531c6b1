"""What stands somewhere already counts for a release made of it, once the gate lets it go there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.deployment.state import Deployment
from domain.kernel import Records, Then
from domain.passage import Passed
from domain.release.act_events import DeploymentCounted
from domain.release.evidence.made_of import names_of, package_of
from domain.release.state import Delivery, Progress, Release, cargo_of
from domain.release.whereabouts.by_hand import standing_of


def standing(state: Release, environment: str, records: Records) -> Deployment | None:
    """What stands there, is of the very package the release is made of, and does not count yet.

    So it is where its list became another after it had gone there, or where something else had the
    package deployed. None where there is anything to deploy, and where it counts already.
    """
    package = package_of(state, records)
    if package is None or state.reached(environment) is not None:
        return None
    same = standing_of(records, names_of(state, records), environment, hidden=state.embargoed)
    return next((each for each in same if each.stands and not each.claimed), None)


def as_counted(state: Release, environment: str, records: Records) -> Delivery | None:
    """How what stands there would count for it, from when on it does: see `standing`."""
    there = standing(state, environment, records)
    if there is None:
        return None
    own, since = state.delivery(environment), there.stands[-1].since
    if own and own.deployment == there.id and own.progress is Progress.SUCCEEDED:
        return replace(own, cargo=cargo_of(state))
    told = (Progress.SUCCEEDED, there.requested_by, since, there.requested_by, since)
    return Delivery(environment, cargo_of(state), *told, there.id)


def counting(state: Release, there: Deployment, evidence: tuple[Passed, ...]) -> list[Any]:
    """That it counts for the release from now on; what belonged to none belongs to it.

    No deployment tells of a hidden release, since all may read them.
    """
    told = (there.environment, cargo_of(state), evidence, there.id, there.stands[-1].since)
    joins = there.wish.belongs_to is None and not state.embargoed
    joined = [Then("deployment.join", there.id, {"release": state.id})] if joins else []
    return [DeploymentCounted(*told), *joined]


def counted_for(state: Deployment, records: Records) -> tuple[str, ...]:
    """The releases that a deployment counts for beside the one that it belongs to."""
    near = records.find(Release, service=state.service)
    others = (each for each in near if each.id != state.wish.belongs_to)
    return tuple(each.id for each in others if state.id in _ever_there_by(each))


def there_by(release: Release, state: Deployment) -> bool:
    """Whether what a deployment brought is, or was, there for the release.

    It belongs to it, or counts for it, whatever the release tried there since.
    """
    return state.wish.belongs_to == release.id or state.id in _ever_there_by(release)


def _ever_there_by(release: Release) -> frozenset[str | None]:
    last = (each.deployment for each in release.deliveries)
    return frozenset((*last, *(each.deployment for each in release.counted)))
