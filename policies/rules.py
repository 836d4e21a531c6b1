"""Reads the policy's two texts strictly; a text with one fault is refused whole."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from domain.policy_lines import ALLOW, fields, numbered

EVERYONE: Final = "role:everyone"
"""Held by every person who is known and not suspended, without any grant; never by machines."""
NONE: Final = "none"
"""The scope kind of an action that touches no scope."""
SCOPES: Final = ("service", "project", "environment", "board", NONE)
EFFECTS: Final = (ALLOW, "deny")
EMBARGOED: Final = ".read_embargoed"
READING: Final = (".read", EMBARGOED)
"""How the names of actions end that filter rows rather than refuse a request."""

_ROLE: Final = re.compile(r"role:[a-z][a-z0-9_]{0,62}")
_ACTION: Final = re.compile(r"[a-z][a-z_]*\.[a-z][a-z_]*")
_STATEMENT: Final = re.compile(r"([a-z]+) = (.+)")
_MATCHER: Final = (
    "r.act == p.act && r.scope == p.scope && (g(r.sub, p.sub, r.value)"
    " || g(r.sub, p.sub, r.every) || g(r.sub, p.sub, r.everywhere))"
)
_MODEL: Final = {
    "[request_definition]": ("r", "sub, act, scope, value, every, everywhere"),
    "[policy_definition]": ("p", "sub, act, scope, eft"),
    "[role_definition]": ("g", "_, _, _"),
    "[policy_effect]": ("e", "some(where (p.eft == allow)) && !some(where (p.eft == deny))"),
    "[matchers]": ("m", _MATCHER),
}
"""The one model that the compiled form answers exactly; each section holds one statement."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the policy: a role may, or may never, ask for an action in a scope kind."""

    number: int
    text: str
    role: str
    action: str
    scope: str
    allows: bool


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong on which line of which of the two texts: "model" or "rules"."""

    text: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{_FILES[self.text]}:{self.line}: {self.message}"


_FILES: Final = {"model": "model.conf", "rules": "policy.csv"}


class PolicyFault(ValueError):
    """The texts are no policy; `faults` says everything that is wrong with them, by line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Refuse for these faults, at least one."""
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.text, fault.line)))
        super().__init__("\n".join(map(str, self.faults)))


def read(model: str, rules: str, actions: Collection[str] | None) -> tuple[Line, ...]:
    """The policy's lines in their order; `actions` are the names there are, None for any.

    Raises PolicyFault with every fault of both texts.
    """
    faults = [*_model_faults(model)]
    lines: dict[tuple[str, str, str], Line] = {}
    for number, text in numbered(rules):
        line = _line(number, text, actions)
        if isinstance(line, str):
            faults.append(Fault("rules", number, line))
            continue
        first = lines.setdefault((line.role, line.action, line.scope), line)
        if first is not line:
            faults.append(Fault("rules", number, f"line {first.number} decides that already"))
    if not lines and not faults:
        faults.append(Fault("rules", 1, "a policy without lines denies everything"))
    if faults:
        raise PolicyFault(faults)
    return tuple(lines.values())


def _line(number: int, text: str, actions: Collection[str] | None) -> Line | str:
    """The line, or what is wrong with it. One spelling only, which casbin reads the same way."""
    parts = fields(text)
    if len(parts) != 5 or parts[0] != "p" or not text.isascii() or not text.isprintable():
        return "a line is: p, role:name, action, scope kind, allow or deny"
    _, role, action, scope, effect = parts
    if not _ROLE.fullmatch(role):
        return f"{role[:80]!r} is no role: role: and a lower-case name"
    if not _ACTION.fullmatch(action) or (actions is not None and action not in actions):
        return f"there is no action {action[:80]!r}"
    if scope not in SCOPES:
        return f"{scope[:80]!r} is no scope kind: {', '.join(SCOPES)}"
    if effect not in EFFECTS:
        return f"{effect[:80]!r} is neither allow nor deny"
    if effect == "deny" and action.endswith(READING):
        return f"{action} is not denied but left out: rows show by what a reader holds"
    return Line(number, text, role, action, scope, effect == ALLOW)


def _model_faults(model: str) -> Iterator[Fault]:
    """Whatever makes the model another one than the guard compiles, spaces and comments aside."""
    section, missing = "", dict(_MODEL)
    for number, raw in enumerate(model.split("\n"), start=1):
        text = raw.strip()
        if not text or text.startswith("#"):
            continue
        if text.startswith("["):
            section = text
            if section not in missing:
                yield Fault("model", number, f"section {section[:80]} is unknown or repeated")
            continue
        wanted = missing.pop(section, None)
        if wanted is None or _statement(text) != wanted:
            spoken = " = ".join(wanted) if wanted else "one statement in a section"
            yield Fault("model", number, f"the guard compiles only: {spoken}")
    for section, statement in missing.items():
        yield Fault("model", model.count("\n") + 1, f"{section} {' = '.join(statement)} is missing")


def _statement(text: str) -> tuple[str, str] | None:
    match = _STATEMENT.fullmatch(text)
    return (match[1], match[2]) if match else None
