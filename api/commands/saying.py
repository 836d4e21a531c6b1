"""What subcommands share: clear endings, progress, and an opened installation."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from api.installation import Desk, Installation
    from api.settings import Settings

BROKEN = 1
UNUSABLE = 2


class Stop(Exception):
    """Ends the command with a sentence and an exit status: 1 for a no, 2 for what is unusable."""

    def __init__(self, message: str, status: int = UNUSABLE) -> None:
        """Say why."""
        super().__init__(message)
        self.status = status


def say(text: str = "") -> None:
    """One line for whoever typed the command."""
    print(text)


def say_json(value: Any) -> None:
    """The answer for a program, in JSON."""
    import msgspec

    print(msgspec.json.encode(value).decode())


@contextmanager
def endings() -> Iterator[None]:
    """Turn what an operator can mend into a Stop."""
    from sqlalchemy.exc import OperationalError, SQLAlchemyError

    from api.backups import Unrestorable
    from api.installation import Failed, Unready
    from api.settings import Misconfigured
    from ledger.databases import UnusableDatabase
    from ledger.founding import AlreadyFounded
    from ledger.heads import RolledBack
    from ledger.signing import UnusableKey

    from api.revision import NewerDatabase

    try:
        yield
    except (Misconfigured, Unready, UnusableKey, UnusableDatabase, RolledBack) as unfit:
        raise Stop(str(unfit)) from unfit
    except (AlreadyFounded, Unrestorable, NewerDatabase) as unfit:
        raise Stop(str(unfit)) from unfit
    except Failed as failed:
        raise Stop(str(failed), BROKEN) from failed
    except OperationalError as fault:
        raise Stop(f"the database cannot be used: {fault.orig}") from fault
    except SQLAlchemyError as fault:
        raise Stop(f"the database answered with a fault: {type(fault).__name__}") from fault


def settings() -> Settings:
    """The environment's settings."""
    from api.environment import load

    return load()


@contextmanager
def installation() -> Iterator[Installation]:
    """The installation that the environment names, opened and closed."""
    from api.installation import Installation

    with endings():
        found = Installation.open(settings())
        try:
            yield found
        finally:
            found.close()


@contextmanager
def desk() -> Iterator[Desk]:
    """A desk in the installation that the environment names."""
    from api.installation import Desk

    with installation() as found:
        writer = found.writer()
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
