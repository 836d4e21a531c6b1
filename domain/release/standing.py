"""What a release touches, which rules take votes now, and what its playbook says of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from domain.approval.approval import OpenRule
from domain.authority import Authority
from domain.authorship import accounts
from domain.kernel import Records, Scopes
from domain.playbook.aggregate import Playbook, process
from domain.process.process import Process
from domain.process.release import PhaseRow, ReleaseKind, ReleaseProcess
from domain.release.state import ENDED, Plan, Release

COUNTERSIGN: Final = "countersign"


def authors(state: Release, authority: Authority) -> frozenset[str]:
    """Everybody who ever wrote on any revision of it, with every account of theirs."""
    return accounts((state.author, *state.contributors), authority, state.opened_at)


def scopes_of(state: Release) -> Scopes:
    """What the release touches, by kind of scope."""
    return plan_scopes(state.plan)


def plan_scopes(*plans: Plan) -> Scopes:
    """What these plans touch together."""
    projects = frozenset(each.project for each in plans if each.project)
    return {"service": frozenset(each.service for each in plans), "project": projects}


def scopes(state: Release | None, command: str, arguments: Mapping[str, Any]) -> Scopes:
    """Where a command acts: on both sides of an edit, in an environment, on a rule's board."""
    plan = arguments.get("plan")
    plans = [each for each in (state.plan if state else None, plan) if each is not None]
    found = dict(plan_scopes(*plans)) if plans else {"service": frozenset[str]()}
    if environment := arguments.get("environment") or _signed(state, command, arguments):
        found["environment"] = frozenset((environment,))
    boards = _boards(state, arguments.get("rule")) if state else frozenset[str]()
    return found | {"board": boards} if boards else found


def _signed(state: Release | None, command: str, arguments: Mapping[str, Any]) -> str | None:
    """The environment of the override that is countersigned; None where none is."""
    number = arguments.get("number")
    every = state.overrides if state and command == COUNTERSIGN else ()
    return next((each.environment for each in every if each.number == number), None)


def _boards(state: Release, rule: object) -> frozenset[str]:
    rules = (each.rule for each in awaiting(state))
    return frozenset(each.board for each in rules if each.name == rule and each.board)


def awaiting(state: Release) -> tuple[OpenRule, ...]:
    """The rules that take votes now."""
    return () if state.status in ENDED else state.rules


def whole(state: Release, records: Records) -> Process:
    """The playbook the release runs under; LookupError when it is gone."""
    playbook = records.get(Playbook, state.playbook)
    if playbook is None:
        raise LookupError("its playbook is missing")
    return process(playbook.body)


def pinned(state: Release, records: Records) -> ReleaseProcess:
    """What that playbook says of releases; LookupError when it is gone."""
    return whole(state, records).releases


def kind_of(state: Release, records: Records) -> ReleaseKind:
    """The kind of the release in its pinned playbook; LookupError when it is gone."""
    kind = pinned(state, records).kind(state.kind)
    if kind is None:
        raise LookupError(f"the playbook knows no {state.kind}")
    return kind


def late_phases(kind: ReleaseKind) -> tuple[PhaseRow, ...]:
    """The phases in which nothing more is included, the first of which is its cut-off (S1-11)."""
    names = [phase.name for phase in kind.phases]
    return kind.phases[names.index(kind.cut_off) :] if kind.cut_off else ()


def closed_since(state: Release, records: Records) -> PhaseRow | None:
    """The phase since which nothing more is included; None while things are (S1-11)."""
    kind = kind_of(state, records)
    late = late_phases(kind)
    return late[0] if late and state.phase in [phase.name for phase in late] else None


def closed_at(state: Release, records: Records) -> datetime | None:
    """When it came to the first phase in which nothing more is included; None while things are."""
    late = [phase.name for phase in late_phases(kind_of(state, records))]
    return next((each.at for each in state.entered if each.phase in late), None)
