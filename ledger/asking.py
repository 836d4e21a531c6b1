"""What a command may ask about who asks for it, and about others who might."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain.kernel import Scopes
from domain.office import in_service
from ledger.registry import Action
from ledger.scene import Scene


@dataclass(frozen=True, slots=True)
class Asking:
    """An action that is asked for on a subject as it stands, in these scopes."""

    scene: Scene
    action: Action
    state: Any
    scopes: Scopes

    def may(self, who: str, verb: str = "") -> bool:
        """Whether the policy lets somebody else ask for the same, whose account is in service.

        Or for another `verb` of the same subject, as it stands.
        """
        scene, aggregate = self.scene, self.action.aggregate
        if scene.judge is None or not in_service(scene.authority, who):
            return False
        where = aggregate.scopes(self.state, verb, {}) if verb else self.scopes
        asked = f"{aggregate.name}.{verb or self.action.command.name}"
        return scene.judge.decide(who, asked, where, scene.authority, scene.at).allowed

    def grants(self, who: str) -> tuple[str, ...]:
        """Every grant by which the policy lets them ask for it."""
        scene = self.scene
        if scene.judge is None:
            return ()
        return scene.judge.grants(who, self.action.name, self.scopes, scene.authority, scene.at)
