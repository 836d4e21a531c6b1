"""A deployment that nobody requested yet, as it would be: what is asked what its gate waits for."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from domain.deployment.state import Deployment, Status, Wish


def would_be(
    wish: Wish, called: str, label: str, service: str, asked: tuple[str, datetime]
) -> Deployment:
    """What would be requested by this wish; `asked` is by whom, and when.

    Its id is made of what it is `called`, and stands for no record.
    """
    by, at = asked
    return Deployment(
        id=sha256(called.encode()).hexdigest()[:32],
        version=0,
        status=Status.REQUESTED,
        environment=wish.environment,
        package=wish.package,
        label=label,
        service=service,
        wish=wish,
        requested_by=by,
        requested_at=at,
    )
