"""Structured logs: one JSON line for each request and each fault, without anybody's payload."""

import json
import logging
import sys
import traceback
from collections.abc import Mapping, Sequence
from typing import Any, Final, TextIO

from api.machine.unseen import unseen
from api.settings import Settings

with unseen("rich"):  # structlog would draw with it what is never drawn here; it takes 6 MB
    import structlog

LENGTH: Final = 300
"""Characters kept of any one value."""
FRAMES: Final = 30
"""Innermost frames kept of a traceback."""
QUIET: Final = ("strawberry.execution", "uvicorn.access", "httpx2", "httpcore2")
"""Loggers that repeat what is logged here, or write payloads and addresses of their own."""

log: structlog.stdlib.BoundLogger = structlog.get_logger("changegate")


def configure(settings: Settings, stream: TextIO | None = None) -> None:
    """Send every log line of this process, the libraries' too, to `stream` (standard error).

    A line is one JSON object in ASCII: control characters, line ends and whatever a terminal
    would obey are escaped.
    """
    console = settings.log_format == "console"
    last = structlog.dev.ConsoleRenderer(colors=False) if console else _line
    shared: list[structlog.types.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_tracebacks,
        _shortened,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
    )
    output = logging.StreamHandler(stream or sys.stderr)
    output.setFormatter(formatter)
    logging.basicConfig(level=settings.log_level.upper(), handlers=[output], force=True)
    for name in QUIET:
        logging.getLogger(name).disabled = True
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def log_bug(
    request: str | None, error: BaseException, path: Sequence[str | int] | None = None
) -> None:
    """Log a fault of ours once: where it rose and of what kinds, but not its message.

    Messages quote values (a database's quotes parameters), so they are payload.
    """
    log.error("bug", request=request, path=list(path or []), **described(error))


def log_out_of_reach(request: str | None, error: BaseException) -> None:
    """Log that a request was not answered since the database cannot be used just now."""
    log.error("database_out_of_reach", request=request, error=described(error)["error"])


def described(error: BaseException) -> dict[str, Any]:
    """The kinds of an error and its causes, and the innermost frames, without any message."""
    kinds: list[str] = []
    frames: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(kinds) < FRAMES:
        kinds.append(type(seen).__qualname__)
        frames += [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in _frames(seen)]
        within = seen.exceptions[0] if isinstance(seen, BaseExceptionGroup) else None
        seen = within or seen.__cause__ or seen.__context__
    return {"error": kinds, "frames": frames[:FRAMES]}


def _frames(error: BaseException) -> list[traceback.FrameSummary]:
    found = traceback.extract_tb(error.__traceback__, limit=-FRAMES)
    return list(reversed(found))


def _without_tracebacks(
    logger: Any, method: str, event: structlog.types.EventDict
) -> structlog.types.EventDict:
    given = event.pop("exc_info", None)
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event.update(described(error))
    return event


def _shortened(
    logger: Any, method: str, event: structlog.types.EventDict
) -> structlog.types.EventDict:
    """Cap every value but the logging library's own, which are named with an underscore."""
    return {key: item if key[0] == "_" else _short(item) for key, item in event.items()}


def _short(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_short(item) for item in value[:FRAMES]]
    text = str(value)
    return text if len(text) <= LENGTH else f"{text[:LENGTH]}... ({len(text)} characters)"


def _line(logger: Any, method: str, event: Mapping[str, Any]) -> str:
    return json.dumps(event, default=repr, ensure_ascii=True)
