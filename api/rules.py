"""The policy and the playbooks as the ledger needs them: compiled, and checked when proposed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any, Final

import msgspec

from api.deployment import REGISTRY
from domain.kernel import Audience, Problem
from policies.guard import Guard
from policies.rules import PolicyFault

READS: Final = ("log.read", "access.read", "policy.read", "evidence.read")
"""Actions that are asked for by reading, not by a command."""
FEED: Final = "calendar.feed"
"""What a token may be for that no policy speaks of: the calendar of its owner."""


@cache
def actions() -> frozenset[str]:
    """Every action a policy may name."""
    reading = {f"{each.name}.read" for each in REGISTRY.aggregates}
    hidden = {
        f"{each.name}.read_embargoed"
        for each in REGISTRY.aggregates
        if each.audience is Audience.EMBARGOED
    }
    return frozenset(REGISTRY.actions) | frozenset(READS) | reading | hidden


def deciding() -> frozenset[str]:
    """The actions that decide something, so that roles allowed them are approving roles."""
    return frozenset(name for name, one in REGISTRY.actions.items() if one.command.deciding)


class PolicyRules:
    """Compiles adopted policies with casbin's semantics; refuses broken texts when proposed."""

    def compile(self, policy: Any) -> Guard:
        """The guard of an adopted policy; raises ValueError if its text is broken."""
        return _compiled(policy.model, policy.rules)

    def check(self, action: str, arguments: bytes) -> tuple[Problem, ...]:
        """The faults of a proposed policy, each with its line, or of what a token is to be for."""
        check: Callable[[bytes], tuple[Problem, ...]] | None = CHECKS.get(action)
        return check(arguments) if check else ()


@lru_cache(maxsize=8)
def _compiled(model: str, rules: str) -> Guard:
    return Guard.compile(model, rules, deciding=deciding())


def _check_policy(arguments: bytes) -> tuple[Problem, ...]:
    try:
        given = msgspec.json.decode(arguments)
        Guard.compile(given["model"], given["rules"], actions=actions(), deciding=deciding())
    except PolicyFault as broken:
        return tuple(Problem("policy_broken", str(fault), (fault.text,)) for fault in broken.faults)
    except (ValueError, KeyError, TypeError):
        return ()  # the command's own decoder tells what is wrong with the shape
    return ()


def _check_token(arguments: bytes) -> tuple[Problem, ...]:
    """What a token would be for that nobody could ever ask for, such as an action with a slip."""
    try:
        given = enumerate(msgspec.json.decode(arguments).get("actions") or ())
        unknown = [at for at, action in given if action not in actions() | {FEED}]
    except (ValueError, AttributeError, TypeError):
        return ()  # as above
    return tuple(unknown_action("actions", str(at)) for at in unknown)


def unknown_action(*path: str) -> Problem:
    """That an action is named that there is not."""
    return Problem("unknown_action", "There is no such action.", path)


CHECKS: Final = {"policy.propose": _check_policy, "credential.issue": _check_token}
