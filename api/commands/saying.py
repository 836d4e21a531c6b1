"""What subcommands share: clear endings, progress, and an opened installation."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from api.machine.installation import Desk, Installation
    from api.settings import Settings

BROKEN = 1
UNUSABLE = 2


class Stop(Exception):
    """Ends the command with a sentence and an exit status.

    1 for a no, also when a service cannot come up for now; 2 for what is unusable.
    """

    def __init__(self, message: str, status: int = UNUSABLE) -> None:
        """Say why."""
        super().__init__(message)
        self.status = status


def say(text: str = "") -> None:
    """One line for whoever typed the command; it is there before what comes next is waited for."""
    print(text, flush=True)  # noqa: T201  (an operator reads it)


def warn(text: str) -> None:
    """One line that is no part of the answer."""
    print(f"changegate: {text}", file=sys.stderr, flush=True)  # noqa: T201  (likewise)


def say_json(value: Any) -> None:
    """The answer for a program, in JSON."""
    import msgspec

    print(msgspec.json.encode(value).decode(), flush=True)  # noqa: T201  (a program reads it)


@contextmanager
def endings() -> Iterator[None]:
    """Turn what an operator can mend into a Stop; a fault of ours keeps its traceback."""
    try:
        yield
    except Stop:
        raise
    except Exception as fault:
        from api.commands.mending import mended

        if stop := mended(fault):
            raise stop from fault
        raise


def settings() -> Settings:
    """The environment's settings."""
    from api.environment import load

    return load()


@contextmanager
def installation(*, unfit: bool = False) -> Iterator[Installation]:
    """The installation that the environment names, opened and closed."""
    from api.machine.installation import Installation

    found = Installation.open(settings(), unfit=unfit)
    try:
        yield found
    finally:
        found.close()


@contextmanager
def desk_in(opened: Installation) -> Iterator[Desk]:
    """A desk in an installation; the newest checkpoint is kept when it is left."""
    from api.machine.installation import Desk

    writer = opened.writer()
    try:
        yield Desk(writer)
    finally:
        writer.close()


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error, told how much is done; silent where nobody watches."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=total)

        def told(done: int) -> None:
            bar.update(task, completed=done)

        yield told
