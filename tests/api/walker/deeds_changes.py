"""How a walker does what the gates of changes tell people to do."""

from __future__ import annotations

import re
from typing import Any, Final

from tests.api.company import content, window
from tests.api.walker.walk import Step, Table

ABOUT: Final = """{ version revision status kind playbook { name }
  content { title service description reason configurationItems environments implementationPlan
    testPlan backoutPlan communicationPlan impact probability
    window { localSince localUntil zone } }
  template { template { id } }
  obligations { name fulfilledAt } tasks { number status }
  links { kind reference } }"""
NUMBER: Final = re.compile(r"\d+")
LENGTH: Final = "So that it can be read: this was done, by these people, at that time, as agreed."


def state(step: Step) -> Any:
    """The change that an act is about, as it stands."""
    return step.tale.read("change", ABOUT, id=step.about("Change"))


def _seen(step: Step, **more: Any) -> dict[str, Any]:
    """What names a change and the revision one looked at."""
    return {"id": step.about("Change"), "seen": state(step)["revision"], **more}


def _edited(step: Step) -> tuple[str, dict[str, Any]]:
    """Say all that a change may need to say, and what the act asks for."""
    now = state(step)
    told, words = now["content"], step.slot.description
    kept = {name: value for name, value in told.items() if value and name != "window"}
    given: dict[str, Any] = {**content(told["title"]), **kept, "window": _window(step)}
    if "Plan it for" in words:
        given |= {"impact": "low", "probability": "unlikely"}
    if "template says" in words:
        template = step.tale.read("template", f"{{ approved {ABOUT_CONTENT} }}", id=_template(now))
        given |= {name: value for name, value in template["approved"].items() if value}
        given["title"] = told["title"]
    return "editChange", {"id": step.about("Change"), "content": given, "seen": now["version"]}


ABOUT_CONTENT: Final = """{ service description reason configurationItems environments
  implementationPlan testPlan backoutPlan communicationPlan impact probability }"""


def _template(now: Any) -> str:
    return str(now["template"]["template"]["id"])


def _window(step: Step) -> dict[str, str]:
    """Open now, unless it has to be later or something stands in the way today."""
    words = step.slot.description
    if "later" in words:
        return window(24 * 30)
    clash = step.finding and step.finding.code.startswith("clash_")
    return window(24 * step.tale.random.randint(400, 900)) if clash else window()


def _obligation(step: Step) -> tuple[str, dict[str, Any]]:
    owed = step.finding.requirement if step.finding else ""
    return "fulfilChangeObligation", {
        "id": step.subject,
        "name": owed,
        "writeUp": LENGTH,
    }


def _task(step: Step) -> tuple[str, dict[str, Any]]:
    [number] = NUMBER.findall(step.slot.description)
    return "completeChangeTask", {"id": step.subject, "number": int(number)}


def _finish(step: Step) -> tuple[str, dict[str, Any]]:
    going = state(step)["status"] == "IMPLEMENTING"
    outcome = "SUCCESSFUL" if going else "UNSUCCESSFUL"
    return "finishChange", {"id": step.about("Change"), "outcome": outcome, "note": LENGTH}


def _unlinked(step: Step) -> tuple[str, dict[str, Any]]:
    reference = step.about("Change")
    return "unlinkChange", {"id": step.subject, "kind": "PREDECESSOR", "reference": reference}


def _linked(step: Step) -> tuple[str, dict[str, Any]]:
    return "linkChange", {"id": step.subject, "kind": "REQUEST", "reference": "REQ-1"}


def _opened(step: Step) -> tuple[str, dict[str, Any]]:
    """Another change from a template in force, in the place of this one."""
    now = state(step)
    told = f"{{ id number approved {ABOUT_CONTENT} }}"
    [template, *_] = step.tale.listed(
        "templates", told, filter={"status": "ACTIVE", "kind": now["kind"]}
    )
    given = {name: value for name, value in template["approved"].items() if value}
    given |= {"title": now["content"]["title"], "window": window()}
    return "openChange", {
        "playbook": now["playbook"]["name"],
        "kind": now["kind"],
        "content": given,
        "template": template["id"],
    }


def _proposed(step: Step) -> tuple[str, dict[str, Any]]:
    now = state(step)
    told = {name: value for name, value in now["content"].items() if value and name != "window"}
    given = {**told, "impact": "low", "probability": "unlikely"}
    return "proposeTemplate", {
        "playbook": now["playbook"]["name"],
        "kind": now["kind"],
        "content": given,
    }


def _template_approved(step: Step) -> tuple[str, dict[str, Any]]:
    told = "{ id revision proposal { title } }"
    waiting = [each for each in step.tale.listed("templates", told) if each["proposal"]]
    [template, *_] = waiting
    return "approveTemplate", {"id": template["id"], "seen": template["revision"]}


def _plain(mutation: str, **given: Any) -> Any:
    return lambda step: (mutation, {"id": step.about("Change"), **given})


def _looked_at(mutation: str) -> Any:
    return lambda step: (mutation, _seen(step))


def _ruled(mutation: str) -> Any:
    return lambda step: (mutation, _seen(step, rule=step.slot.rule))


DEEDS: Final[Table] = {
    "change.submit": _looked_at("submitChange"),
    "change.implement": _looked_at("implementChange"),
    "change.approve": _ruled("approveChange"),
    "change.withdraw_vote": _ruled("withdrawChangeVote"),
    "change.close": lambda step: ("closeChange", {"id": step.subject}),
    "change.recount": _plain("recountChange"),
    "change.resume": _plain("resumeChange"),
    "change.decline_ownership": _plain("declineChangeOwnership"),
    "change.decline_request": _plain("declineChangeRequest"),
    "change.review": _plain("reviewChange", findings=LENGTH),
    "change.edit": _edited,
    "change.finish": _finish,
    "change.fulfil_obligation": _obligation,
    "change.complete_task": _task,
    "change.unlink": _unlinked,
    "change.link": _linked,
    "change.open": _opened,
    "template.propose": _proposed,
    "template.approve": _template_approved,
}
"""Those about changes and templates."""
