"""Reads the file that says which roles the groups of an identity provider give."""

import re
import tomllib
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from api.authentication.bearer import MappedGrant
from api.derived.identity import read_id
from api.machine.files import told
from api.settings import Misconfigured
from domain.grant.aggregate import Scope

FORMAT: Final = 1
ROLE: Final = re.compile(r"role:[a-z][a-z0-9_]{0,62}")
Name = Annotated[str, Meta(min_length=1, max_length=255)]


class Line(msgspec.Struct, forbid_unknown_fields=True):
    """One grant in the file, as it is written there."""

    group: Name
    role: Name
    scope: Scope | None = None
    value: Name = "any"


class File(msgspec.Struct, forbid_unknown_fields=True):
    """The whole file: `format = 1` and any number of `[[grant]]`."""

    format: int
    grant: list[Line]


@dataclass(frozen=True, slots=True)
class GroupGrants:
    """What each group gives. `digest` (SHA-256, hex) says which text of the file it was."""

    digest: str
    grants: tuple[MappedGrant, ...]

    def of(self, groups: tuple[str, ...]) -> tuple[MappedGrant, ...]:
        """The grants that membership in these groups gives."""
        member = frozenset(groups)
        return tuple(grant for grant in self.grants if grant.group in member)


NOBODYS: Final = GroupGrants("", ())


def read_group_grants(path: Path) -> GroupGrants:
    """Read the file. Raises `Misconfigured`, saying where it is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
        file = msgspec.convert(tomllib.loads(text), File)
    except OSError as fault:
        raise Misconfigured(told(path, fault)) from fault
    except UnicodeDecodeError as fault:
        raise Misconfigured(f"{path}: it is no text in UTF-8") from fault
    except ValueError as error:
        raise Misconfigured(f"{path}: {error}") from error
    faults = [f"{path}: format {file.format} is not known"] if file.format != FORMAT else []
    for number, line in enumerate(file.grant, 1):
        if line.scope is None and line.value != "any":
            faults.append(f"{path}: grant {number} has a value but no scope")
        if not ROLE.fullmatch(line.role):
            faults.append(f"{path}: grant {number}: a role is written role:<name>, in lower case")
    if faults:
        raise Misconfigured(*faults)
    grants = (MappedGrant(e.group, e.role, e.scope, _value(e)) for e in file.grant)
    return GroupGrants(sha256(text.encode()).hexdigest(), tuple(grants))


def _value(line: Line) -> str:
    """What a grant is limited to; a board goes by the id that the API gives it."""
    board = read_id(line.value, "Board") if line.scope is Scope.BOARD else None
    return board or line.value
