"""What has happened in the demo's organisation: changes in every state, and a merge request."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from api.demo.cast import BILLING, GITALY, STOREFRONT
from api.demo.stage import Stage
from api.derived.zones import ZONE_RULES
from domain.calendar.window import Window, resolve

ZONE: Final = "Europe/Berlin"


def tell(stage: Stage) -> None:
    """Live through everything once."""
    _closed(stage)
    _looked_back_on(stage)
    _authorizing(stage)
    _scheduled(stage)
    _implementing(stage)
    _assessing(stage)
    _draft(stage)
    _rejected(stage)
    _held(stage)
    _cancelled(stage)
    _standard(stage)
    _emergency(stage)
    _broken_glass(stage)
    _merge_requests(stage)


def window(days: int, hours: int = 2) -> Window:
    """A window that begins so many days from now (zero: it has just begun)."""
    begin = datetime.now(UTC).replace(tzinfo=None, microsecond=0) + timedelta(days=days)
    begin -= timedelta(hours=2)  # the zone is ahead of UTC, so that a window of today is open
    return resolve(begin, begin + timedelta(hours=hours + 4), ZONE, ZONE_RULES)


def content(title: str, service: str, *, risk: str = "low", days: int = 3) -> dict[str, Any]:
    """What a change of this risk says."""
    impact, probability = {
        "low": ("low", "unlikely"),
        "moderate": ("medium", "possible"),
        "high": ("high", "likely"),
    }[risk]
    return {
        "title": title,
        "service": service,
        "description": f"{title}, as discussed with the team.",
        "reason": "The present state costs us an incident a month.",
        "configuration_items": [f"{service}-db", f"{service}-web"],
        "environments": ["production"],
        "implementation_plan": "1. Drain one node. 2. Apply. 3. Watch for ten minutes. 4. Repeat.",
        "test_plan": "The smoke tests, and the dashboard of error rates.",
        "backout_plan": "Re-apply the release before; it takes five minutes.",
        "communication_plan": "A note in the status channel before and after.",
        "impact": impact,
        "probability": probability,
        "window": window(days),
    }


def opened(stage: Stage, by: str, kind: str, said: dict[str, Any], **rest: Any) -> str:
    """Draft a change."""
    return stage.ask(by, "change.open", playbook="itsm", kind=kind, content=said, **rest).subject


def seen(stage: Stage, by: str, action: str, change: str, **rest: Any) -> None:
    """Ask for what names the revision one looked at."""
    stage.ask(by, action, change, seen=stage.change(change).revision, **rest)


def submitted(
    stage: Stage, title: str, service: str, *, risk: str, days: int = 3, commit: str | None = None
) -> str:
    """A normal change that waits for its assessment, tied to the commit that it brings, if any."""
    change = opened(stage, "nils", "normal", content(title, service, risk=risk, days=days))
    if commit is not None:
        stage.ask("nils", "change.link", change, kind="commit", reference=commit)
    seen(stage, "nils", "change.submit", change)
    return change


def assessed(
    stage: Stage, title: str, service: str, *, risk: str, days: int = 3, commit: str | None = None
) -> str:
    """A normal change that waits for those who authorize it."""
    change = submitted(stage, title, service, risk=risk, days=days, commit=commit)
    seen(stage, "mara", "change.approve", change, rule="assessment", comment="Sound.")
    return change


def authorized(
    stage: Stage, title: str, service: str, *, days: int = 3, commit: str | None = None
) -> str:
    """A change of moderate risk that two members of the board approved."""
    change = assessed(stage, title, service, risk="moderate", days=days, commit=commit)
    for member in ("erin", "farid"):
        seen(stage, member, "change.approve", change, rule="cab_two")
    return change


def _closed(stage: Stage) -> None:
    change = authorized(stage, "Raise the connection pool of billing", BILLING, days=0)
    stage.ask("pavel", "change.add_task", change, title="Watch the error rate for an hour")
    seen(stage, "pavel", "change.implement", change)
    stage.ask("pavel", "change.finish", change, outcome="successful")
    stage.ask("pavel", "change.complete_task", change, number=1)
    stage.ask("carla", "change.close", change)


def _looked_back_on(stage: Stage) -> None:
    change = authorized(stage, "Partition the invoices of billing", BILLING, days=0)
    seen(stage, "pavel", "change.implement", change)
    note = "One partition was built twice; the second was dropped."
    stage.ask("pavel", "change.finish", change, outcome="with_issues", note=note)


def _authorizing(stage: Stage) -> None:
    change = assessed(stage, "Move storefront to the new cache", STOREFRONT, risk="moderate")
    seen(stage, "erin", "change.approve", change, rule="cab_two", comment="Fine with me.")
    assessed(stage, "Split the ledger database of billing", BILLING, risk="high", days=9)
    assessed(stage, "Renew the certificate of storefront", STOREFRONT, risk="low")


def _scheduled(stage: Stage) -> None:
    authorized(stage, "Upgrade the message broker of billing", BILLING, days=5)


def _implementing(stage: Stage) -> None:
    change = authorized(stage, "Rotate the credentials of storefront", STOREFRONT, days=0)
    stage.ask("pavel", "change.add_task", change, title="Revoke the old credentials")
    seen(stage, "pavel", "change.implement", change)


def _assessing(stage: Stage) -> None:
    submitted(stage, "Compress the archive of billing", BILLING, risk="low", days=6)


def _draft(stage: Stage) -> None:
    said = content("Replace the load balancer of storefront", STOREFRONT, risk="high", days=20)
    opened(stage, "olga", "normal", said | {"backout_plan": ""})


def _rejected(stage: Stage) -> None:
    change = assessed(stage, "Deploy on a Friday evening", STOREFRONT, risk="low", days=7)
    reason = "Nobody is there on the weekend; take another day."
    for manager in ("carla", "dario"):
        seen(stage, manager, "change.reject", change, rule="change_manager", reason=reason)


def _held(stage: Stage) -> None:
    change = assessed(stage, "Change the retention of billing's logs", BILLING, risk="low", days=8)
    stage.ask("carla", "change.hold", change, reason="Legal looks at the new retention.")


def _cancelled(stage: Stage) -> None:
    change = submitted(stage, "Turn the old reports of billing off", BILLING, risk="low", days=8)
    stage.ask("nils", "change.cancel", change, reason="Finance still needs them.")


def _standard(stage: Stage) -> None:
    said = content("Restart storefront's workers", STOREFRONT) | {"window": None}
    template = stage.ask(
        "olga", "template.propose", playbook="itsm", kind="standard", content=said
    ).subject
    stage.ask("carla", "template.approve", template, seen=1)
    change = opened(stage, "olga", "standard", said | {"window": window(1)}, template=template)
    seen(stage, "olga", "change.submit", change)


def _emergency(stage: Stage) -> None:
    said = content("Block the flood of log-ins to storefront", STOREFRONT, days=0)
    change = opened(stage, "olga", "emergency", said)
    seen(stage, "olga", "change.submit", change)
    seen(stage, "ivan", "change.approve", change, rule="ecab", comment="Go.")


def _broken_glass(stage: Stage) -> None:
    said = content("Fail billing over to the second site", BILLING, risk="high", days=0)
    change = opened(stage, "nils", "emergency", said)
    why = "Payments fail for everybody; the board cannot meet in time."
    second = stage.people["carla"]
    seen(stage, "pavel", "change.break_glass", change, reason=why, second=second)
    seen(stage, "carla", "change.confirm_break_glass", change)


def _merge_requests(stage: Stage) -> None:
    opened_at: dict[str, Any] = {
        "playbook": "gitaly",
        "kind": "component",
        "project": GITALY,
        "number": 7301,
        "title": "Cache the object directory",
        "head": "9f2c1d7e5b3a4c6d8e0f1a2b3c4d5e6f7a8b9c0d",
        "target": "refs/heads/master",
        "base": "1a2b3c4d5e6f7a8b9c0d9f2c1d7e5b3a4c6d8e0f",
    }
    request = stage.ask("uma", "merge_request.open", **opened_at).subject
    stage.ask("tara", "merge_request.sign_off", request, seen=1, rule="reviews")
