"""One JSON line per event on stderr, with the request id; no bodies, no cookies, no names."""

import logging
import sys

import msgspec
import structlog


def configure(*, pretty: bool) -> None:
    """JSON for machines; for a person at a terminal (`pretty`) readable lines."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer()
            if pretty
            else structlog.processors.JSONRenderer(serializer=_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr)
        if pretty
        else structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )


def _json(event: dict[str, object], **_: object) -> bytes:
    return msgspec.json.encode(event, enc_hook=str)
