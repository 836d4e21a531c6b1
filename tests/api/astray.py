"""Patches whose merge requests were part of another fix first, which stays hidden."""

from __future__ import annotations

from typing import Any

from typing_extensions import override

from tests.api.company import Headquarters
from tests.api.patches import PROJECT, Patch

FINDER = "olga"
"""Who found what the other fix is about, as two came to say."""
REMOVE = """mutation($i: ID!, $m: ID!) { removeSecurityFixMergeRequest(
  input: {id: $i, mergeRequest: $m}) { problems { code } } }"""


def other_fix(hq: Headquarters) -> str:
    """A fix that goes out with nothing."""
    told: dict[str, Any] = {"playbook": "planned_patch", "kind": "vulnerability"}
    told |= {"service": "storefront", "project": PROJECT, "title": "The other, secret hole"}
    return str(hq.do("noor", "OpenSecurityFix", **told)["id"])


def go_astray(hq: Headquarters, fix: str, part: str, **more: Any) -> None:
    """Make something part of a fix, say of that who found it, and take it off again."""
    hq.do("saga", "AddSecurityFixMergeRequest", id=fix, mergeRequest=part, **more)
    told = {"id": fix, "reporter": hq.id(FINDER), "reason": "They told us."}
    for who in ("saga", "rhea"):
        hq.do(who, "NameSecurityFixFinder", **told)
    take_off(hq, fix, part)


def take_off(hq: Headquarters, fix: str, part: str) -> None:
    """Take a merge request off a fix."""
    told = hq.post("saga", REMOVE, {"i": fix, "m": part}).json()["data"]
    assert told == {"removeSecurityFixMergeRequest": {"problems": []}}


class Mistaken(Patch):
    """A patch of which each merge request was part of another fix first."""

    @override
    def join(self, fix: str, part: str) -> None:
        """First of a fix of its own."""
        go_astray(self.hq, other_fix(self.hq), part)
        super().join(fix, part)
