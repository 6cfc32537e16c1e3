"""One JSON line per event on stderr, with the request id; no bodies, no cookies, no names."""

import logging
import sys
from collections.abc import Iterator
from traceback import format_tb
from typing import Any

import asyncpg
import msgspec
import structlog


def configure() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(lambda info: "\n".join(_told(info[1]))),
            structlog.processors.JSONRenderer(serializer=_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )


def _told(error: BaseException) -> Iterator[str]:
    """What happened and where, causes first, the members of a group before it."""
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    members = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    for other in (*members, *([earlier] if earlier else [])):
        yield from _told(other)
    yield "".join(format_tb(error.__traceback__)) + _named(error)


def _named(error: BaseException) -> str:
    """The exception in one line. PostgreSQL's and its driver's sentences quote rows and values: they stay out."""
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    if not isinstance(error, asyncpg.PostgresError | asyncpg.InterfaceError):
        return f"{name}: {error}"
    facts = [getattr(error, fact, None) for fact in ("sqlstate", "table_name", "constraint_name")]
    return " ".join([name, *(fact for fact in facts if fact)])


def _json(event: dict[str, Any], **_: object) -> bytes:
    return msgspec.json.encode(event, enc_hook=str)
