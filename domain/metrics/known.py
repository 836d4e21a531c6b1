"""Every number that there is, by the id of its definition."""

from __future__ import annotations

from typing import Final

from domain.delivery import blockers, changes, commits, deployments, lead
from domain.delivery import releases as delivered
from domain.metrics import releases

DEFINITIONS: Final = (
    blockers.HOURS,
    changes.FAILURE_RATE,
    changes.LEAD_TIME,
    changes.EMERGENCIES,
    changes.AFTERWARDS,
    commits.MEDIAN,
    commits.MEAN,
    deployments.FREQUENCY,
    deployments.FAILURE_RATE,
    deployments.RESTORED_MEAN,
    deployments.RESTORED_MEDIAN,
    deployments.IN_TIME,
    delivered.SUCCESS_RATE,
    delivered.FREQUENCY,
    delivered.SHORT_CIRCUITS,
    lead.LEAD_TIME,
    lead.MEAN_TIME,
    releases.FREQUENCY,
    releases.LEAD_TIME,
    releases.PATCH_INTERVAL,
)
KNOWN: Final = tuple(sorted(each.id for each in DEFINITIONS))
