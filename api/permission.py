"""Whether whoever asks may ask for an action: by the policy, and by the token used."""

from __future__ import annotations

from api.hiding.visibility import Sight
from domain.kernel import Scopes


def permits(sight: Sight, action: str, scopes: Scopes) -> bool:
    """Whether the policy lets the asker, and the token does not leave the action out."""
    judge, authority = sight.standing.judge, sight.standing.authority
    if judge is None or (sight.limits is not None and action not in sight.limits):
        return False
    return judge.decide(sight.principal, action, scopes, authority, sight.at).allowed
