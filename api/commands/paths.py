"""How commands take files and folders: once one is used, `api.machine.files` says what is wrong."""

from __future__ import annotations

from functools import partial
from typing import Final

import typer

path_argument: Final = partial(typer.Argument, readable=False)
"""A file or folder that a command is told by its place."""
path_option: Final = partial(typer.Option, readable=False)
"""One that it is told by a name."""
