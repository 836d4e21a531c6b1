"""Rotations in an office: set up, arranged and asked through the schema, as a client would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.api.office import Office

OPERATIONS = Path("frontend-schema/operations")


def act(office: Office, verb: str, by: str = "mia", noun: str = "rotation", **given: Any) -> Any:
    """The rotation, or another noun, after a mutation."""
    payload = ask(office, verb, by, noun, **given)
    assert payload["problems"] == [], payload["problems"]
    return payload[noun]


def ask(office: Office, verb: str, by: str = "mia", noun: str = "rotation", **given: Any) -> Any:
    """What a mutation answers."""
    document = f"""mutation($i: {verb[0].upper()}{verb[1:]}Input!) {{
        {verb}(input: $i) {{ {noun} {{ id version }} problems {{ code path }} }}
    }}"""
    return office.data(document, by, i=given)[verb]


def look(office: Office, name: str, by: str = "rita", **given: Any) -> Any:
    """What an operation that front ends are given answers."""
    [found] = office.data((OPERATIONS / f"{name}.graphql").read_text(), by, **given).values()
    return found


def on(office: Office, **given: Any) -> dict[str | None, list[str]]:
    """The handles of those on duty, by region."""
    found = look(office, "OnDuty", **given)
    return {
        each["region"]: [one["handle"] for one in (each["duty"] or {"people": []})["people"]]
        for each in found["regions"]
    }
