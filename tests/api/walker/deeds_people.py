"""How a walker does what gates say of people, programs and what they hold."""

from __future__ import annotations

import re
from typing import Any, Final

from tests.api.walker.mischief import WHY, soon
from tests.api.walker.walk import Step, Table

ROLE: Final = re.compile(r"role:\w+")
PLACE: Final = re.compile(r" in (\S+?),")


def _handed_over(step: Step) -> tuple[str, dict[str, Any]]:
    """Another owner for the program that is named, who is in service."""
    tale, told = step.tale, "{ id name version kind handle suspended }"
    people = tale.listed("principals", told)
    [program, *_] = [e for e in people if e["kind"] == "BOT" and e["name"] in step.slot.description]
    able = [e for e in people if e["kind"] == "HUMAN" and not e["suspended"]]
    owner = tale.random.choice(sorted(able, key=lambda each: str(each["handle"])))
    given = {"id": program["id"], "owner": owner["id"], "seen": program["version"]}
    return "editPrincipal", given


def _given(step: Step) -> tuple[str, dict[str, Any]]:
    """The role that is named, to somebody who is named, where it is said."""
    words, people = step.slot.description, step.tale.listed("principals", "{ id name handle }")
    named = [each for each in people if each["name"] in words]
    [person, *_] = sorted(named, key=lambda each: str(each["handle"]))
    given = {"person": person["id"], "role": ROLE.findall(words)[0], "reason": WHY}
    place = PLACE.findall(words)
    given |= {"scope": "PROJECT", "value": place[0]} if place else {}
    return "giveGrant", {**given, "until": soon(24 * 30)}


def _confirmed(step: Step) -> tuple[str, dict[str, Any]]:
    waiting = step.tale.listed("grants", "{ id }", filter={"status": "PROPOSED"})
    return "confirmGrant", {"id": waiting[0]["id"]}


DEEDS: Final[Table] = {
    "principal.edit": _handed_over,
    "grant.give": _given,
    "grant.confirm": _confirmed,
}
"""Those about people and programs."""
