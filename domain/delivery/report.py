"""Everything that is told of a period at once: the report on delivery."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any

from domain.change.state import Change
from domain.delivery import (
    blockers,
    changes,
    commits,
    deployments,
    kept_away,
    lead,
    releases,
)
from domain.delivery.blockers import BlockerHours
from domain.delivery.commits import Carried
from domain.delivery.deployments import Band
from domain.delivery.happening import Happening, Period
from domain.delivery.intervals import Stage, places
from domain.lock.state import Lock
from domain.metrics.metrics import Metric


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was recorded, each in order, as far as it is known and may be seen.

    `deployments` are of the environments that `places` names. `carried_changes` and
    `carried_merges` say what each of them brought, `merges` when that was merged, `carried` which
    commits. `out_of_turn` names the releases that went out of turn. `locks` and `under_way` are the
    locks, and the changes that were begun, each as it stood from event to event; `critical` are
    the kinds of change, by playbook, that keep deployments away while they are under way.
    """

    places: Collection[str]
    deployments: Sequence[Happening] = ()
    changes: Sequence[Happening] = ()
    releases: Sequence[Happening] = ()
    environments: Sequence[Happening] = ()
    carried_changes: Mapping[str, Collection[str]] = field(default_factory=dict)
    carried_merges: Mapping[str, Collection[str]] = field(default_factory=dict)
    merges: Mapping[str, Happening] = field(default_factory=dict)
    out_of_turn: Collection[str] = ()
    carried: Carried = field(default_factory=Carried)
    locks: Sequence[Sequence[Stage[Lock]]] = ()
    under_way: Sequence[Sequence[Stage[Change]]] = ()
    critical: Collection[tuple[str, str]] = ()

    def is_critical(self, change: Change) -> bool:
        """Whether a change keeps deployments away while it is under way."""
        return (change.playbook, change.kind) in self.critical


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """How well changes reached production in a period."""

    since: Annotated[datetime, "When the period begins."]
    until: Annotated[datetime, "When it ends, itself not included."]
    known: Annotated[datetime, "From what was recorded up to this time."]
    service: Annotated[str | None, "The service; null for all."]
    environments: Annotated[tuple[str, ...], "The environments that count as production."]
    deployment_frequency: Annotated[Metric, "How many deployments arrived."]
    deployment_band: Annotated[Band, "How often one deploys."]
    lead_time: Annotated[Metric, "The median time from merge to production."]
    mean_time_to_production: Annotated[Metric, "The mean time from merge to production."]
    commit_to_production: Annotated[Metric, "The median time from commit to production."]
    commit_to_production_mean: Annotated[Metric, "The mean time from commit to production."]
    failure_rate_per_deployment: Annotated[Metric, "The share of deployments that failed."]
    failure_rate_per_change: Annotated[Metric, "The share of changes that made it worse."]
    time_to_restore: Annotated[Metric, "The mean time until it was well again."]
    time_to_restore_median: Annotated[Metric, "The median time until it was well again."]
    target_minutes: Annotated[int, "How long a deployment may take, in minutes."]
    deployment_slo: Annotated[Metric, "The share of deployments that took no longer."]
    release_success_rate: Annotated[Metric, "The share of releases that went well."]
    release_deployment_frequency: Annotated[Metric, "How many deployments of releases arrived."]
    short_circuit_rate: Annotated[Metric, "The share of releases that went out of turn."]
    approval_lead_time: Annotated[Metric, "The median time from submission to authorisation."]
    emergency_share: Annotated[Metric, "The share of changes that are emergencies."]
    retrospective_share: Annotated[Metric, "The share of work begun without approval."]
    blocker_hours: Annotated[tuple[BlockerHours, ...], "What kept deployments away how long."]


def report(
    recorded: Recorded, period: Period, *, service: str | None, target: timedelta
) -> DeliveryReport:
    """All numbers of the period; `target` is how long a deployment may take."""
    return DeliveryReport(
        since=period.since,
        until=period.until,
        known=period.known,
        service=service,
        environments=tuple(sorted(recorded.places)),
        target_minutes=target // timedelta(minutes=1),
        approval_lead_time=changes.approval_lead_time(recorded.changes, period),
        emergency_share=changes.emergencies(recorded.changes, period),
        retrospective_share=changes.afterwards(recorded.changes, period),
        blocker_hours=_blocked(recorded, period, service),
        **_of_deployments(recorded, period, target),
        **_of_releases(recorded, period),
    )


def _blocked(recorded: Recorded, period: Period, service: str | None) -> tuple[BlockerHours, ...]:
    there = places(recorded.environments, recorded.places, period)
    locked = kept_away.locked(recorded.locks, there, period, service)
    going = kept_away.under_way(recorded.under_way, there, period, recorded.is_critical)
    return blockers.lost(recorded.environments, period, (*locked, *going))


def _of_deployments(recorded: Recorded, period: Period, target: timedelta) -> dict[str, Any]:
    claims = [each for each in recorded.deployments if each.claimed]
    found = deployments.courses(each for each in recorded.deployments if not each.claimed)
    finished = changes.finished(recorded.changes)
    brought, merges = recorded.carried_changes, recorded.carried_merges
    middle, mean = lead.waits(found, merges, recorded.merges, period)
    since_commit, since_commit_mean = commits.waits(found, recorded.carried, period)
    restored, restored_middle = deployments.restored(found, period)
    return {
        "deployment_frequency": deployments.frequency(found, claims, period),
        "deployment_band": deployments.band(found, period),
        "lead_time": middle,
        "mean_time_to_production": mean,
        "commit_to_production": since_commit,
        "commit_to_production_mean": since_commit_mean,
        "failure_rate_per_deployment": deployments.failure_rate(found, period),
        "failure_rate_per_change": changes.failure_rate(found, brought, finished, period),
        "time_to_restore": restored,
        "time_to_restore_median": restored_middle,
        "deployment_slo": deployments.in_time(found, period, target),
    }


def _of_releases(recorded: Recorded, period: Period) -> dict[str, Any]:
    stops = [each for each in recorded.environments if each.kind == "environment.stopped"]
    told, places = recorded.releases, recorded.places
    return {
        "release_success_rate": releases.success_rate(told, stops, places, period),
        "release_deployment_frequency": releases.frequency(told, places, period),
        "short_circuit_rate": releases.short_circuits(told, recorded.out_of_turn, period),
    }
