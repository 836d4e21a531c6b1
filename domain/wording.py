"""What text and names must be like before they may enter the log."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from domain.kernel import Problems

LINE: Final = 200
"""The longest line, such as a title, in characters."""
NOTE: Final = 2_000
"""The longest note, such as the reason of a rejection, in characters."""
NAME: Final = 100
"""The longest name of a thing outside, such as a service, in characters."""
ANY: Final = "any"
"""Stands for every value in a grant, so that nothing may be called that."""

_NONCHARACTERS: Final = "\ufdd0-\ufdef" + "".join(
    chr(plane * 0x10000 + last) for plane in range(17) for last in (0xFFFE, 0xFFFF)
)
_UNREADABLE: Final = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff{_NONCHARACTERS}]")
_COMMIT: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_NAME: Final = re.compile(r"\S(?:[^\r\n\t]*\S)?")


def is_readable(text: str) -> bool:
    """Whether text is NFC without control characters, lone surrogates and noncharacters."""
    return not _UNREADABLE.search(text) and unicodedata.is_normalized("NFC", text)


def check_wording(problems: Problems, text: str, longest: int, *path: str) -> None:
    """Note what keeps free text from being stored; blank text is fine."""
    problems.unless(is_readable(text), "text_unreadable", "This text cannot be stored.", *path)
    message = f"At most {longest} characters; these are {len(text)}."
    problems.unless(len(text) <= longest, "text_too_long", message, *path)


def check_given(problems: Problems, text: str, longest: int, *path: str) -> None:
    """As `check_wording`, and blank text is a problem too."""
    problems.unless(text.strip(), "text_missing", "Say something here.", *path)
    check_wording(problems, text, longest, *path)


def check_name(problems: Problems, name: str, *path: str) -> None:
    """Note what keeps `name` from naming something outside: it is one line and never `any`."""
    good = _NAME.fullmatch(name) and len(name) <= NAME and is_readable(name) and name != ANY
    problems.unless(
        good, "name_unusable", f"A name is one line of at most {NAME} characters.", *path
    )


def check_names(problems: Problems, names: tuple[str, ...], most: int, *path: str) -> None:
    """Note names that are unusable, twice in the list, or too many."""
    for at, name in enumerate(names):
        check_name(problems, name, *path, str(at))
    problems.unless(
        len(set(names)) == len(names), "named_twice", "A name stands here twice.", *path
    )
    problems.unless(len(names) <= most, "too_many", f"At most {most} of these.", *path)


def blank(values: Iterable[object]) -> bool:
    """Whether every value is missing, empty, or nothing but space."""
    return all(not (value.strip() if isinstance(value, str) else value) for value in values)


def check_commit(problems: Problems, commit: str, *path: str) -> None:
    """Note what is no full commit hash, or all zeros, by which git says that there is none."""
    message = "A commit is 40 or 64 hexadecimal digits, in lower case, and not all of them zeros."
    good = _COMMIT.fullmatch(commit) and set(commit) != {"0"}
    problems.unless(good, "not_a_commit", message, *path)


def first_of(names: Sequence[str], most: int) -> str:
    """So many of the names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
