"""An inbox lists to a limited token only what that token can really decide."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.api.company import HIGH, Headquarters, content


def limited(hq: Headquarters, who: str, *actions: str) -> str:
    """A token of somebody for these actions alone; as whom one asks with it."""
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    wish = {"owner": hq.id(who), "name": "Limited", "actions": list(actions), "until": until}
    name = f"{who} for {' '.join(actions)}"
    hq.tokens[name] = hq.ask(who, "CreateToken", input=wish)["token"]
    return name


def awaiting(hq: Headquarters, who: str) -> set[str]:
    """The changes that await whoever asks."""
    edges = hq.ask(who, "ChangesAwaitingMe")["edges"]
    return {each["node"]["change"]["id"] for each in edges}


@pytest.mark.req("S1-55")
def test_what_a_token_may_not_decide_does_not_await_it(hq: Headquarters) -> None:
    said = content("Only by a limited token", **HIGH)
    change = hq.do("nils", "OpenChange", playbook="itsm", kind="normal", content=said)["id"]
    hq.do("nils", "SubmitChange", id=change, seen=1)
    able, other = limited(hq, "mara", "change.approve"), limited(hq, "mara", "lock.confirm")
    assert change in awaiting(hq, "mara")
    assert change in awaiting(hq, able)
    assert awaiting(hq, other) == set()
    approval = {"id": change, "rule": "assessment", "seen": 1}
    assert hq.refused(other, "ApproveChange", **approval) == ["forbidden"]
    hq.do(able, "ApproveChange", **approval)
    assert change not in awaiting(hq, able)
    hq.do("nils", "CancelChange", id=change, reason="It was for this alone.")
