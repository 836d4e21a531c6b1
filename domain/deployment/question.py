"""What the gates of a deployment are asked with, and how their findings are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from domain.authority import Authority
from domain.deployment.activity import of_wish
from domain.deployment.state import Deployment
from domain.environment.readiness import Helped, environment_named
from domain.environment.state import Environment
from domain.exemption.hands import hands
from domain.gate import Act, Finding, Reference, There, nowhere
from domain.gate import Status as Is
from domain.inclusion import Inclusion
from domain.kernel import Records
from domain.lock.blocking import Activities, Target

Who = Callable[[str], frozenset[str]]
"""Who may ask for an action on what is deployed there, by the policy and what they hold now."""


def nobody(_action: str) -> frozenset[str]:
    """Of whom it is told where nobody asks who could help."""
    return frozenset()


@dataclass(frozen=True, slots=True)
class Question:
    """A deployment, and everything its gates look at."""

    state: Deployment
    at: datetime
    authority: Authority
    records: Records
    hidden: bool = False  # whether it is known only to those who may see what is embargoed
    now: datetime | None = None  # where `at` is a moment to come, what moment this is
    who: Who = nobody  # inside the writer it is decided, not explained
    toward: Target | None = None  # what locks look at where a release goes there by hand
    there: There = nowhere  # who may do what helps to a record of other scopes
    carrying: bool = False  # whether its release asks, which may go by another deployment

    @property
    def environment(self) -> Environment:
        """Where it goes; LookupError when there is no such environment any more (X-05)."""
        found = environment_named(self.records, self.state.environment)
        if found is None or found.retired:
            raise LookupError(f"there is no environment {self.state.environment} any more")
        return found

    @property
    def gone(self) -> Finding | None:
        """That the environment is no more, if it is: whatever asks about it has no answer then."""
        name, title = self.state.environment, "Its environment is in use"
        found_there = environment_named(self.records, name)
        if found_there is None:
            message = f"There is no environment {name}."
            return found("environment", title, None, "unknown_environment", message)
        if not found_there.retired:
            return None
        message = f"{name} is retired: nothing is deployed to it any more."
        able = self.who("environment.reinstate")
        back = Act("environment.reinstate", able, description=f"Use {name} again.")
        answer = found("environment", title, None, "environment_retired", message, back)
        return replace(answer, lacking=(Reference("environment", found_there.id),))

    @property
    def helped(self) -> Helped:
        """Who helps where its environment keeps deployments away."""
        return Helped(self.who, self.authority, self.at)

    @property
    def target(self) -> Target:
        """What locks look at."""
        if self.toward is not None:
            return self.toward
        place, service = frozenset((self.state.environment,)), frozenset((self.state.service,))
        wish = self.state.wish

        def activities() -> Activities:
            return of_wish(wish, self.state.environment, self.at, self.authority, self.records)

        return Target(
            self.state.id,
            activities,
            place,
            service,
            within=wish.belongs_to,
            hands=lambda: hands(self.state, self.authority, self.records),
        )

    @property
    def own(self) -> frozenset[str]:
        """The changes that are to go out with it, by itself or in its release."""
        named = frozenset(self.state.wish.changes)
        return named.union(each.reference for each in self.inside)

    @property
    def inside(self) -> tuple[Inclusion, ...]:
        """What is in the release that it belongs to, if it does to one."""
        release = self.state.wish.belongs_to
        items = self.records.find(Inclusion, release=release) if release else ()
        return tuple(each for each in items if each.included)


def found(name: str, title: str, holds: object, code: str, message: str, *acts: Act) -> Finding:
    """A finding that is satisfied when `holds` is true, and else says what would help."""
    if holds:
        return Finding(name, Is.SATISFIED, title)
    return Finding(name, Is.UNSATISFIED, title, message=message, code=code, acts=acts)
