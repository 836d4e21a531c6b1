"""Reads TOML strictly: what is unknown, missing or of the wrong type is a fault with its line."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeVar
from unicodedata import is_normalized

from domain.playbook.toml_lines import Path, lines

E = TypeVar("E", bound=StrEnum)

MAX_TEXT: Final = 200
MAX_LIST: Final = 100
MAX_MESSAGE: Final = 1000
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
_HUGE: Final = re.compile(r"[0-9_]{640}")
_AT: Final = re.compile(r"at line (\d+)")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a text, and on which line of which file."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class Faults(list[Fault]):
    """Collects the faults of one file, and knows where everything in it stands."""

    def __init__(self, file: str, text: str) -> None:
        """Start without faults."""
        super().__init__()
        self.file, self.text = file, text
        self.lines: dict[Path, int] = {}
        self.paths: set[Path] = set()

    def spoilt(self, path: Path, *keys: str) -> bool:
        """Whether one of these keys is at fault, or missing, at the path or anywhere within.

        What is judged by them is not known then, and no fault of its own.
        """
        size = len(path)
        inside = (each[size:] for each in self.paths if each[:size] == path)
        return any(not set(keys).isdisjoint(each) for each in inside)

    def note(self, path: Path, message: str) -> None:
        """Note a fault at a path, or at the nearest thing around it that is written down."""
        self.paths.add(path)
        self.follow(path, message)

    def follow(self, path: Path, message: str) -> None:
        """Note what is found by judging others, on which nothing else hinges."""
        while path not in self.lines and path:
            path = path[:-1]
        self.append(Fault(self.file, self.lines.get(path, 1), message[:MAX_MESSAGE]))

    def load(self) -> Table | None:
        """The text's root table, or None when it is no TOML, which is then noted."""
        try:
            content = tomllib.loads(self.text)
            self.lines = lines(self.text)
        except RecursionError:
            self.append(Fault(self.file, 1, "is nested too deeply"))
        except tomllib.TOMLDecodeError as broken:
            place = _AT.search(str(broken))
            last = self.text.count("\n") + 1
            self.append(Fault(self.file, int(place[1]) if place else last, str(broken)))
        except ValueError:  # the limit Python sets to decimal numbers
            huge = _HUGE.search(self.text)
            line = self.text.count("\n", 0, huge.start()) + 1 if huge else 1
            self.append(Fault(self.file, line, "holds a number that is too long"))
        else:
            return Table(self, content, ())
        return None


class Table:
    """One table, from which each known key is taken once; what then remains is unknown."""

    def __init__(self, faults: Faults, content: dict[str, Any], path: Path) -> None:
        """Read `content`, which stands at `path`."""
        self.faults, self.rest, self.path = faults, dict(content), path

    def note(self, key: str | None, message: str, *, judging: tuple[str, ...] = ()) -> None:
        """Note a fault at one of the table's keys, or at the table itself.

        What is found by `judging` these keys is none where one of them is at fault already.
        """
        if not self.spoilt(*judging):
            path = self.path if key is None else (*self.path, key)
            (self.faults.follow if judging else self.faults.note)(path, message)

    def spoilt(self, *keys: str) -> bool:
        """Whether one of these keys is at fault in the table, or in a table within it."""
        return self.faults.spoilt(self.path, *keys)

    def close(self) -> None:
        """Note every key that nobody asked for."""
        for key in self.rest:
            self.note(key, f"unknown key {key!r}")

    def has(self, key: str) -> bool:
        """Whether the key is there and was not taken yet."""
        return key in self.rest

    def text(self, key: str, default: str | None = None) -> str:
        """A line of printable text; required unless there is a default."""
        value = self._take(key, str, default)
        if value is None:
            return ""
        if not 0 < len(value) <= MAX_TEXT or not value.strip() or not value.isprintable():
            self.note(key, f"{key} must be one line of 1 to {MAX_TEXT} printable characters")
        elif not is_normalized("NFC", value):
            self.note(key, f"{key} is not in Unicode normalisation form C")
        return str(value)

    def optional(self, key: str) -> str | None:
        """A line of text, or None when the key is not there."""
        return self.text(key) if key in self.rest else None

    def name(self, key: str) -> str:
        """A required name: lower-case letters, digits and underscores, a letter first."""
        value = self._take(key, str, None)
        if value is not None and not _NAME.fullmatch(value):
            self.note(key, f"{value!r} is no name: lower case, digits and underscores")
        return str(value or "")

    def number(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number from `low` to `high`; required unless there is a default."""
        value = self._take(key, int, default)
        if value is not None and not low <= value <= high:
            self.note(key, f"{key} must be from {low} to {high}")  # value may have any length
            return low
        return low if value is None else int(value)

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        return bool(self._take(key, bool, default))

    def choice(self, key: str, kind: type[E], default: E | None = None) -> E:
        """One of an enumeration's values; required unless there is a default."""
        value = self._take(key, str, default)
        known = {member.value: member for member in kind}
        if value is not None and value not in known:
            said = value if len(value) <= MAX_TEXT else f"{value[:MAX_TEXT]}…"
            self.note(key, f"{key} must be one of {', '.join(known)}, not {said!r}")
        return known.get(str(value), next(iter(kind)))

    def words(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """A list of distinct texts; empty when the key is left out."""
        value = self._take(key, list, None if required else [])
        if value is None or not self._list_of(key, value, str, "texts"):
            return ()
        if required and not value:
            self.note(key, f"{key} names nothing")
        if len(set(value)) != len(value):
            self.note(key, f"{key} names something twice")
        if not all(word.isprintable() and 0 < len(word) <= MAX_TEXT for word in value):
            self.note(key, f"{key} holds something that is no printable text")
        return tuple(value)

    def names(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """A list of distinct names."""
        value = self.words(key, required=required)
        for position, name in enumerate(value):
            if not _NAME.fullmatch(name):
                path = (*self.path, key, position)
                self.faults.note(path, f"{name!r} is no name: lower case, digits and underscores")
        return value

    def sequence(self, key: str) -> tuple[str, ...] | None:
        """A required list of texts, which may repeat; None when it is missing or something else."""
        value = self._take(key, list, None)
        if value is None or not self._list_of(key, value, str, "texts"):
            return None
        return tuple(value)

    def table(self, key: str) -> Table | None:
        """A table within this one, or None when it is not there."""
        value = self._take(key, dict, {})
        return Table(self.faults, value, (*self.path, key)) if value else None

    def tables(self, key: str) -> tuple[Table, ...]:
        """An array of tables, empty when it is not there."""
        value = self._take(key, list, [])
        if not value or not self._list_of(key, value, dict, "tables"):
            return ()
        found = enumerate(value)
        return tuple(Table(self.faults, each, (*self.path, key, at)) for at, each in found)

    def _list_of(self, key: str, value: list[Any], kind: type, words: str) -> bool:
        if len(value) > MAX_LIST or not all(type(each) is kind for each in value):
            self.note(key, f"{key} must be a list of at most {MAX_LIST} {words}")
            return False
        return True

    def _take(self, key: str, kind: type, default: Any) -> Any:
        """The key's value, the default, or None with the fault noted."""
        if key not in self.rest:
            if default is None:
                self.note(None, f"{key} is missing")
                self.faults.paths.add((*self.path, key))
            return default
        value = self.rest.pop(key)
        if type(value) is not kind:  # a boolean is no number here
            found = _SPOKEN.get(type(value), "a date or time")
            self.note(key, f"{key} must be {_SPOKEN[kind]}, not {found}")
            return default
        return value


_SPOKEN: Final[dict[type, str]] = {
    str: "text",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
    float: "a fraction",
}
