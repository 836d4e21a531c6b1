"""The shipped policy and playbooks: proposals, until somebody adopts their text into the log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from domain.playbook.aggregate import Playbook
from domain.policy import Policy

FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Shipped:
    """The texts as the files have them; `playbooks` pairs a playbook's name with its text."""

    model: str
    rules: str
    playbooks: tuple[tuple[str, str], ...]


def shipped(folder: Path = FOLDER) -> Shipped:
    """Read the files of a folder laid out like this one; OSError or ValueError if one is broken."""
    found = sorted((folder / "playbooks").glob("*.toml"))
    return Shipped(
        _text(folder / "model.conf"),
        _text(folder / "policy.csv"),
        tuple((path.stem, _text(path)) for path in found),
    )


def differences(
    files: Shipped, policy: Policy | None, playbooks: Iterable[Playbook]
) -> tuple[str, ...]:
    """What the files have otherwise than what is adopted, as the names of files.

    A playbook that is adopted and has no file differs too; it may well be meant to.
    """
    return tuple(_differing(files, policy, {each.name: each.body for each in playbooks}))


def _differing(files: Shipped, policy: Policy | None, adopted: dict[str, str]) -> Iterator[str]:
    if policy is None or policy.model != files.model:
        yield "model.conf"
    if policy is None or policy.rules != files.rules:
        yield "policy.csv"
    texts = dict(files.playbooks)
    for name in sorted(texts.keys() | adopted.keys()):
        if texts.get(name) != adopted.get(name):
            yield f"playbooks/{name}.toml"


def _text(path: Path) -> str:
    """The text byte for byte: line ends count, since the digest is that of the bytes."""
    return path.read_bytes().decode("utf-8")
