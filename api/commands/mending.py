"""Which faults an operator can mend, and the sentence and exit status each ends a command with."""

from __future__ import annotations

from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from api.commands.saying import BROKEN, UNUSABLE, Stop
from api.machine.files import Unwritable, told
from api.machine.installation import Failed, Unready
from api.machine.revision import NewerDatabase
from api.processes.kept import CannotServe, NotNow
from api.settings import Misconfigured
from ledger.databases import UnusableDatabase
from ledger.founding import AlreadyFounded
from ledger.heads import RolledBack
from ledger.signing import UnusableKey
from ledger.writes import DatabaseFault

UNFIT: Final = (
    AlreadyFounded,
    CannotServe,
    Misconfigured,
    NewerDatabase,
    UnusableDatabase,
    UnusableKey,
    Unready,
    Unwritable,
)


def mended(fault: Exception) -> Stop | None:
    """How a command ends for this fault; None when it is a fault of ours."""
    match fault:
        case RolledBack():
            return Stop(f"{fault}; `changegate restore --accept` records one", UNUSABLE)
        case Failed() | NotNow():
            return Stop(str(fault), BROKEN)
        case _ if isinstance(fault, UNFIT):
            return Stop(str(fault), UNUSABLE)
        case DBAPIError():
            return Stop(f"the database cannot be used: {_first_line(fault.orig)}", UNUSABLE)
        case SQLAlchemyError() | DatabaseFault():
            return Stop(f"the database answered with a fault: {type(fault).__name__}", UNUSABLE)
        case UnicodeEncodeError():
            return Stop("what was given is no text in UTF-8", BROKEN)
        case OSError():
            named = fault.filename or "what is written"
            return Stop(told(str(named), fault), UNUSABLE)
        case _:
            return None


def _first_line(fault: BaseException | None) -> str:
    """What the driver says; the lines after the first may quote what is stored."""
    return str(fault).strip().partition("\n")[0] or type(fault).__name__
