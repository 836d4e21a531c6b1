"""Where the demo's services run, who is on duty for their releases, and which lines it supports."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from api.demo.cast import BILLING, PRODUCT, STOREFRONT
from api.demo.stage import Stage
from api.demo.story import authorized, seen
from domain.environment.state import Health
from domain.environment.state import Plan as Place
from domain.package import Built, Component
from domain.rotation.state import Frequency, Layer

HOSTS: Final = ("test", "staging", "production")
"""Packages are promoted from one to the next."""
HOSTED: Final = (
    ("gstg", Place(kind="staging", line="hosted", order=0)),
    ("gprd", Place(kind="production", line="hosted", order=1)),
    ("release", Place(kind="test", line="releases", order=0)),
)
"""Where the `gitlab` playbook deploys to; kept, so that all is asked there that a gate can ask."""
A_DAY: Final = 24 * 60
"""Minutes after which the monitor's last word is stale: nobody watches a demo in between."""
ZONE: Final = "Europe/Berlin"
LINES: Final = (("18.6", 10), ("18.5", 40), ("18.4", 70), ("18.3", 100))
"""Stable versions of the product, and how many days ago they came out."""


def settle(stage: Stage) -> None:
    """Set everything up that a release or a deployment meets."""
    for order, name in enumerate(HOSTS):
        _environment(stage, name, Place(kind=name, line="services", order=order))
    for name, plan in HOSTED:
        _environment(stage, name, plan)
    standing = _package(stage, BILLING, "4.2.0", "4")
    for name in HOSTS[:-1]:
        _deploy(stage, standing, name)
    _go_live(stage, standing)
    _package(stage, STOREFRONT, "2.7.0", "5")
    _deploy(stage, _package(stage, BILLING, "4.2.1", "6"), "test")
    _rotation(stage)
    for line, days in LINES:
        out: dict[str, Any] = {"service": PRODUCT, "line": line}
        out["released_at"] = datetime.now(UTC) - timedelta(days=days)
        stage.ask("viktor", "stable_line.enter", **out)


def _environment(stage: Stage, name: str, plan: Place) -> None:
    """Define it, and let the monitor report that it is well."""
    plan = replace(plan, stale_minutes=A_DAY)
    place = stage.ask("viktor", "environment.define", name=name, plan=plan).subject
    stage.ask("watch-bot", "environment.report", place, health=Health.HEALTHY)


def _package(stage: Stage, service: str, label: str, digit: str) -> str:
    parts = (Component("web", label), Component("worker", label))
    digest = f"sha256:{digit * 64}"
    built = Built(service, label, service, digit * 40, digest, parts)
    return stage.ask("release-bot", "package.add", built=built).subject


def _go_live(stage: Stage, package: str) -> None:
    """Production takes what a release covers, or an approved change tied to it; here a change."""
    title = "Bring billing 4.2.0 to production"
    change = authorized(stage, title, BILLING, days=0, commit="4" * 40)
    seen(stage, "pavel", "change.implement", change)
    _deploy(stage, package, HOSTS[-1], changes=[change])
    stage.ask("pavel", "change.finish", change, outcome="successful")
    stage.ask("carla", "change.close", change)


def _deploy(stage: Stage, package: str, name: str, **more: Any) -> None:
    wish = {"package": package, "environment": name, "configuration": "None."}
    wish |= {"contents": "Everything in the package.", **more}
    deployment = stage.ask("release-bot", "deployment.request", wish=wish).subject
    stage.ask("release-bot", "deployment.start", deployment)
    stage.ask("release-bot", "deployment.succeed", deployment)


def _rotation(stage: Stage) -> None:
    """The two release managers take turns by the week, under the name playbooks know them by."""
    named: dict[str, Any] = {"name": "Release managers", "service": "any"}
    named["handles"] = ("@release-managers",)
    rotation = stage.ask("viktor", "rotation.establish", **named).subject
    today = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0, tzinfo=None)
    monday = today - timedelta(days=today.weekday() + 7)
    layer = Layer(
        name="weeks",
        people=(stage.people["viktor"], stage.people["wren"]),
        local_start=monday.isoformat(),
        zone=ZONE,
        frequency=Frequency.WEEKLY,
    )
    stage.ask("viktor", "rotation.arrange", rotation, seen=1, layers=(layer,))
