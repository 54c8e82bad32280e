"""Logs: one JSON object a line on standard error, nothing personal and no secret in any."""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog


def set_up_logs(level: str) -> None:
    """Send our log and the libraries' to standard error as JSON lines."""
    number = logging.getLevelNamesMapping()[level.upper()]
    # One write a line: the lines of several workers must not run into each other.
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            name_exception,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_Lines(sys.stderr)], force=True)
    # What aiohttp says of malformed requests quotes them; we log those ourselves.
    logging.getLogger("aiohttp").setLevel(logging.CRITICAL)


def name_exception(
    _logger: object, _method: str, entry: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replace an exception by its type and the places it passed: its message may quote what was sent."""
    raised = entry.pop("exc_info", None)
    error = sys.exc_info()[1] if raised is True else raised
    if isinstance(error, BaseException):
        entry["error"] = type(error).__name__
        entry["at"] = [
            f"{at.filename}:{at.lineno} {at.name}" for at in traceback.extract_tb(error.__traceback__)
        ]
    return entry


class _Lines(logging.StreamHandler):  # type: ignore[type-arg]
    """The libraries' warnings, in our form: which logger, not what it quotes."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger(record.name).log(record.levelno, "library", logger=record.name)
