"""No policy takes an act from everybody that a playbook in force waits for."""

from __future__ import annotations

from typing import Any

from policies.files import FOLDER
from tests.api.company import Headquarters

IN_FORCE = "{ policies(first: 50) { edges { node { id status } } } }"
PROPOSE = """mutation ($input: ProposePolicyInput!) {
  proposePolicy(input: $input) { policy { id } problems { code message path } } }"""


def test_a_policy_that_leaves_an_approval_to_nobody_is_not_even_proposed(hq: Headquarters) -> None:
    edges = hq.post("ada", IN_FORCE).json()["data"]["policies"]["edges"]
    (current,) = (each["node"]["id"] for each in edges if each["node"]["status"] == "ADOPTED")
    lines = (FOLDER / "policy.csv").read_text().splitlines()
    given: dict[str, Any] = {
        "model": (FOLDER / "model.conf").read_text(),
        "rules": "\n".join(e for e in lines if ", merge_request.sign_off, " not in e) + "\n",
        "basedOn": current,
        "reason": "Nobody signs off any more.",
    }
    told = hq.post("ada", PROPOSE, {"input": given}).json()["data"]["proposePolicy"]
    assert {(each["code"], *each["path"]) for each in told["problems"]} == {
        ("still_needed", "rules")
    }
    said = " ".join(each["message"] for each in told["problems"])
    assert "In the playbook gitaly rule reviews waits for merge_request.sign_off" in said
