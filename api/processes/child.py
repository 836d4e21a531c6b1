"""What the service's processes share: how they begin, and how they fail."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from api.commands.mending import mended
from api.http import logs
from api.http.logs import log
from api.machine.installation import Installation, Unready
from api.processes.handing import handed
from api.processes.kept import AGAIN, UNFIT
from api.processes.lifeline import ChildEnd
from api.settings import Misconfigured
from ledger.heads import RolledBack
from ledger.signing import UnusableKey
from ledger.socket_file import SocketTaken, SocketUnusable
from ledger.writes import DatabaseFault

FAULTS = (Misconfigured, Unready, UnusableKey, RolledBack, SocketUnusable)


def run(given: argparse.Namespace, serve: Callable[[Installation, ChildEnd], None]) -> int:
    """Serve the installation that the parent's settings name; answers the exit status."""
    line = ChildEnd(given.lifeline)
    try:
        settings = handed(given)
        logs.configure(settings)
        installation = Installation.open(settings)
        try:
            _check_kind(installation)
            serve(installation, line)
        finally:
            installation.close()
    except FAULTS as fault:
        line.unfit(str(fault))
        return UNFIT
    except SocketTaken as fault:  # perhaps by a writer whose parent is gone, and which ends soon
        line.unfit(str(fault))
        return AGAIN
    except (SQLAlchemyError, DatabaseFault) as fault:
        log.error("database_unusable", program=sys.argv[0], reason=str(mended(fault)))
        return AGAIN
    return 0


def _check_kind(installation: Installation) -> None:
    """Raise Unready unless a demo is served as one, and nothing else is."""
    if installation.demo and not installation.settings.demo:
        raise Unready("this log is a demo's: serve it with `changegate demo --serve`")
    if installation.settings.demo and not installation.demo:
        raise Unready("this log is no demo: serve it with `changegate serve`")
