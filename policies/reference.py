"""Casbin's own enforcer over the same texts and holdings: what the compiled guard must agree with.

It takes a hundred times as long, so it answers in tests and benchmarks, not in the service.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import casbin
from casbin.model import Model

from domain.grant.holdings import Holding
from domain.wording import ANY
from policies.rules import EVERYONE, NONE


def enforcer(
    model: str, rules: str, holdings: Iterable[Holding], people: Iterable[str] = ()
) -> Any:
    """An enforcer for these texts, holdings (of one moment) and `people` in good standing."""
    found = Model()
    found.load_model_from_text(model)
    made = casbin.Enforcer(found)
    # With casbin's default, equal names are found by comparing every pair of them.
    made.rm_map["g"].add_matching_func(None)
    lines = (line for line in rules.split("\n") if line and not line.startswith("#"))
    made.add_policies([line.split(", ")[1:] for line in lines])
    made.add_grouping_policies(list(dict.fromkeys(_links(holdings, people))))
    return made


def enforces(made: Any, by: str, action: str, kind: str = NONE, value: str = ANY) -> bool:
    """Whether casbin lets `by` ask for an action that touches one value of one scope kind."""
    places = (ANY, ANY) if kind == NONE else (f"{kind}={value}", f"{kind}={ANY}")
    return bool(made.enforce(by, action, kind, *places, ANY))


def _links(holdings: Iterable[Holding], people: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    for held in holdings:
        place = ANY if held.scope is None else f"{held.scope}={held.value}"
        yield held.person, held.role, place
    for person in people:
        yield person, EVERYONE, ANY
