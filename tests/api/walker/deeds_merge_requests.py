"""How a walker does what the gates of merge requests tell people to do."""

from __future__ import annotations

import re
from typing import Any, Final

from tests.api.walker.mischief import WHY
from tests.api.walker.walk import Step, Table

ABOUT: Final = """{ revision head project kind
  declines { declinedBy { id name } agreedAt } }"""
EVIDENCE: Final = re.compile(r"Report that (\w+) passed")
ROLE: Final = re.compile(r"role:\w+")


def state(step: Step) -> Any:
    """The merge request that an act is about, as it stands; its reader may know of it."""
    return step.tale.read("mergeRequest", ABOUT, by=step.reader, id=step.about("MergeRequest"))


def _seen(step: Step, **more: Any) -> dict[str, Any]:
    return {"id": step.about("MergeRequest"), "seen": state(step)["revision"], **more}


def _reported(step: Step) -> tuple[str, dict[str, Any]]:
    now, [name] = state(step), EVIDENCE.findall(step.slot.description)
    told = {"project": now["project"], "name": name, "outcome": "PASSED", "subject": now["head"]}
    return "reportEvidence", told


def _assigned(step: Step) -> tuple[str, dict[str, Any]]:
    """Somebody who holds the role that is named."""
    [role] = ROLE.findall(step.slot.description)
    held = step.tale.listed("grants", "{ status person { id } }", filter={"role": role})
    [first, *_] = [each["person"]["id"] for each in held if each["status"] == "ACTIVE"]
    return "assignMergeRequest", {"id": step.about("MergeRequest"), "assignee": first}


def _agreed(step: Step) -> tuple[str, dict[str, Any]]:
    """With whom the act names, of those who said that they wrote nothing."""
    waiting = [each["declinedBy"] for each in state(step)["declines"] if not each["agreedAt"]]
    [person, *_] = [each["id"] for each in waiting if each["name"] in step.slot.description]
    return "agreeToMergeRequestDecline", {"id": step.about("MergeRequest"), "person": person}


def _plain(mutation: str, **given: Any) -> Any:
    return lambda step: (mutation, {"id": step.about("MergeRequest"), **given})


DEEDS: Final[Table] = {
    "merge_request.sign_off": lambda step: (
        "signOffMergeRequest",
        _seen(step, rule=step.rule()),
    ),
    "merge_request.withdraw_sign_off": lambda step: (
        "withdrawMergeRequestSignOff",
        _seen(step, rule=step.rule()),
    ),
    "merge_request.merge": lambda step: ("mergeMergeRequest", _seen(step)),
    "merge_request.recount": _plain("recountMergeRequest"),
    "merge_request.reopen": _plain("reopenMergeRequest"),
    "merge_request.revert": _plain("revertMergeRequest", reason=WHY),
    "merge_request.decline_authorship": _plain("declineMergeRequestAuthorship"),
    "merge_request.agree_decline": _agreed,
    "merge_request.assign": _assigned,
    "evidence.report": _reported,
}
"""Those about merge requests and what is reported of them."""
