"""What is said of a file that cannot be read or kept, in words of our own."""

from __future__ import annotations

import errno
from pathlib import Path

_ALONE = {
    errno.EISDIR: "{file} is a folder: name a file",
    errno.EACCES: "{file} is closed to this account: its permissions, or those of its folder",
    errno.EPERM: "{file} is closed to this account: its permissions, or those of its folder",
    errno.EROFS: "{file} is on a disk that only reads: name another place",
    errno.ENOSPC: "there is no space left for {file}",
    errno.EDQUOT: "there is no space left for {file}",
    errno.ENAMETOOLONG: "the name of {file} is too long",
    errno.ELOOP: "{file} is a link that leads to itself",
}
"""By the number of the system's error."""


def told(file: Path, fault: OSError) -> str:
    """Why a file cannot be used, as who named it can mend it."""
    near = file.parent
    if fault.errno == errno.ENOENT:
        there = near.is_dir()
        return f"there is no file {file}" if there else f"there is no folder {near} for {file}"
    if fault.errno in (errno.ENOTDIR, errno.EEXIST):
        return f"{file} cannot be: {near} is no folder"
    known = _ALONE.get(fault.errno or 0, "{file} cannot be used: {why}")
    return known.format(file=file, why=fault.strerror or fault)
