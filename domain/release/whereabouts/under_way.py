"""Releases that are on their way into an environment without a deployment that is kept here."""

from __future__ import annotations

from typing import Final

from domain.gate import Act
from domain.kernel import Records
from domain.process.release import ReleaseStatus
from domain.release.state import ENDED, Progress, Release

ENDING: Final = ("deployment.succeed", "release.settle_deployment")
"""How it is told that what is on its way arrived: of a deployment that is kept here, or by hand."""
GOING_ON: Final = frozenset(ReleaseStatus) - ENDED


def under_way(
    records: Records, environment: str, *, but: str | None = None, hidden: bool = False
) -> tuple[str, ...]:
    """The ids of releases that are being deployed there by hand, all but one (S0-13).

    What is hidden is not told of, and so stands in nobody's way, but in that of what is hidden.
    """
    going = records.find(Release, status=GOING_ON)
    told = (each for each in going if each.id != but and (hidden or not each.embargoed))
    return tuple(each.id for each in told if _by_hand(each, environment))


def ending(where: str, deployment: str | None, *, by: str = "", of: str = "") -> Act:
    """That somebody says how what is on its way there ended: the deployment, or else the release.

    It is told in the same words wherever it is waited for, and so once in a way; another release
    that goes there by hand by what it is a deployment `of`.
    """
    action = ENDING[0] if deployment else ENDING[1]
    what = f"the deployment of {of}" if of and not deployment else "the deployment"
    return Act(action, description=f"Say how {what} to {where} ended.", subject=deployment or by)


def _by_hand(release: Release, environment: str) -> bool:
    found = release.delivery(environment)
    return found is not None and found.progress is Progress.RUNNING and found.deployment is None
