"""What the ledger needs of a policy: a judge, and what it answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from domain.authority import Authority
from domain.kernel import Problem, Scopes


class Judgement(Protocol):
    """What a judge answers: whether, by which line of the policy, and by which grant."""

    @property
    def allowed(self) -> bool:
        """Whether the policy lets the person ask."""

    @property
    def line(self) -> str | None:
        """The deciding line."""

    @property
    def grant(self) -> str | None:
        """The grant that was used."""

    @property
    def reason(self) -> str:
        """A sentence for the person."""


class Judge(Protocol):
    """A compiled policy: the roles it knows, and those of them that let their holder decide."""

    @property
    def roles(self) -> frozenset[str]:
        """Every role the policy speaks of."""

    @property
    def approving(self) -> frozenset[str]:
        """The roles by which somebody may ask for a deciding command."""

    def decide(
        self, by: str, action: str, scopes: Scopes, authority: Authority, at: datetime
    ) -> Judgement:
        """Whether this principal may ask for this action in these scopes now."""

    def grants(
        self, by: str, action: str, scopes: Scopes, authority: Authority, at: datetime
    ) -> tuple[str, ...]:
        """Every grant by which they may; none where a line lets everyone."""


class Rules(Protocol):
    """What the edge passes in: how to compile an adopted policy, and checks beyond the domain."""

    def compile(self, policy: Any) -> Judge:
        """The judge for an adopted policy; raises ValueError if its text is broken."""

    def check(self, action: str, arguments: bytes) -> tuple[Problem, ...]:
        """Problems that only the edge can find, such as a policy text that does not compile."""


class Halted(RuntimeError):
    """Writing has stopped until an operator acts; `code` says why."""

    def __init__(self, code: str, message: str) -> None:
        """Stop for this reason."""
        super().__init__(message)
        self.code = code
