"""Files that are named to a command: how they are made, and why one cannot be used."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

_ALONE: Final = {
    errno.EISDIR: "{file} is a folder: name a file",
    errno.EEXIST: "{file} is there already, and nothing is overwritten: name a new file",
    errno.EACCES: "{file} is closed to this account: its permissions, or those of its folder",
    errno.EPERM: "{file} is closed to this account: its permissions, or those of its folder",
    errno.EROFS: "{file} is on a disk that only reads: name another place",
    errno.ENOSPC: "there is no space left for {file}",
    errno.EDQUOT: "there is no space left for {file}",
    errno.ENAMETOOLONG: "the name of {file} is too long",
    errno.ELOOP: "{file} is a link that leads to itself",
}
"""What is said of a file by the number of the system's error."""


class Unwritable(Exception):
    """A file cannot be made where it is to be; the message says why."""


def told(file: Path | str, fault: OSError) -> str:
    """Why a file cannot be used, as who named it can mend it."""
    near = Path(file).parent
    if fault.errno == errno.ENOENT:
        here = near.is_dir()
        return f"there is no file {file}" if here else f"there is no folder {near} for {file}"
    if fault.errno == errno.ENOTDIR:
        return f"{file} cannot be: {near} is no folder"
    known = _ALONE.get(fault.errno or 0)
    if known is not None:
        return known.format(file=file)
    return f"{file} cannot be used: {fault.strerror or fault}"


@contextmanager
def written(file: Path) -> Iterator[BinaryIO]:
    """A new file only its owner may read, flushed to disk; removed when the block fails.

    Raises Unwritable where it cannot be made, as where there is one.
    """
    opened = _made(file)
    try:
        with os.fdopen(opened, "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def _made(file: Path) -> int:
    try:
        return os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileNotFoundError as fault:
        missing = f"{file} cannot be made there"
        raise Unwritable(missing if file.parent.is_dir() else told(file, fault)) from fault
    except OSError as fault:
        raise Unwritable(told(file, fault)) from fault
