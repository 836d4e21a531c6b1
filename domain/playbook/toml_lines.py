"""Tells on which line of a TOML text each table, key and array element stands."""

from __future__ import annotations

import re
import tomllib
from typing import Final

Path = tuple[str | int, ...]
"""Keys and positions that lead to a value: ("change", 0, "rule", 1, "name")."""

_BLANK: Final = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_KEY: Final = re.compile(r"""[A-Za-z0-9_-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*'""")
_DOT: Final = re.compile(r"[ \t]*\.[ \t]*")
_SCALAR: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})'
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\d{4}-\d\d-\d\d \d\d:[^\s,\]}#]+"
    r"|[^\s,\]}#]+",
    re.DOTALL,
)


def lines(text: str) -> dict[Path, int]:
    """The line, counted from 1, of everything in a text that `tomllib` has accepted.

    A table counts where its header stands, a key where it is written, an element where it begins.
    """
    return _Scan(text).found


class _Scan:
    """Walks over TOML that is known to be valid, so it looks at shape only, not at values."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.table = text, 0, Path()
        self.line, self.counted = 1, 0
        self.found: dict[Path, int] = {(): 1}
        self.arrays: dict[Path, int] = {}
        self._blank()
        while self.at < len(text):
            self._statement()
            self._blank()

    def _statement(self) -> None:
        if self._take("[["):
            self._header(self._key(), "]]", array=True)
        elif self._take("["):
            self._header(self._key(), "]", array=False)
        else:
            self._pair(self.table)

    def _header(self, key: Path, close: str, *, array: bool) -> None:
        here = Path()
        for name in key[:-1]:
            here = self._element((*here, name))
        here = (*here, key[-1])
        self._mark(here)
        if array:
            self.arrays[here] = self.arrays.get(here, -1) + 1
            here = self._element(here)
            self.found[here] = self._line()
        self.table = here
        self._take(close)

    def _element(self, path: Path) -> Path:
        """An array of tables stands for the table that was opened last in it."""
        return (*path, self.arrays[path]) if path in self.arrays else path

    def _pair(self, table: Path) -> None:
        line = self._line()
        key = self._key()
        for depth in range(1, len(key) + 1):
            self.found.setdefault(table + key[:depth], line)
        self._take("=")
        self._value(table + key)

    def _value(self, path: Path) -> None:
        self._mark(path)
        if self._take("["):
            position = 0
            while not self._take("]"):
                self._value((*path, position))
                position += 1
                self._take(",")
        elif self._take("{"):
            while not self._take("}"):
                self._pair(path)
                self._take(",")
        else:
            self._match(_SCALAR)

    def _key(self) -> Path:
        self._blank()
        key = [self._name()]
        while (dot := _DOT.match(self.text, self.at)) is not None:
            self.at = dot.end()
            key.append(self._name())
        return tuple(key)

    def _name(self) -> str:
        name = self._match(_KEY)
        return str(tomllib.loads(f"k = {name}")["k"]) if name[0] in "\"'" else name

    def _mark(self, path: Path) -> None:
        self._blank()
        self.found.setdefault(path, self._line())

    def _line(self) -> int:
        """The line we are at; counts only what was passed since it was asked last."""
        self.line += self.text.count("\n", self.counted, self.at)
        self.counted = self.at
        return self.line

    def _blank(self) -> None:
        self._match(_BLANK)

    def _take(self, mark: str) -> bool:
        self._blank()
        taken = self.text.startswith(mark, self.at)
        self.at += len(mark) * taken
        return taken

    def _match(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise ValueError(f"no TOML at offset {self.at}")
        self.at = match.end()
        return match.group()
