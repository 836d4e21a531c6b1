"""Which environments are known: kept here, or declared by a playbook that is or was in force."""

from __future__ import annotations

from typing import Final

from domain.adoption import Status
from domain.environment.readiness import environment_named
from domain.kernel import Records
from domain.playbook.aggregate import Playbook, process

_IN_FORCE: Final = frozenset((Status.ADOPTED, Status.SUPERSEDED))


def known(name: str, records: Records) -> bool:
    """Whether an environment is kept here, in use or not, or ever was declared by a playbook.

    What runs under an older version of one goes where that says.
    """
    if environment_named(records, name) is not None:
        return True
    books = records.find(Playbook, status=_IN_FORCE)
    near = (each.body for each in books if name in each.body)  # no other text is worth decoding
    return any(process(body).releases.environment(name) for body in near)
