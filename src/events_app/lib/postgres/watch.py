"""A server that dies while it is used is started again: on one machine nobody else would."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

from events_app.lib.postgres.errors import PostgresError

_LOOK_EVERY = 0.2  # seconds
_log = structlog.get_logger("postgres")


@contextmanager
def watched(is_gone: Callable[[], bool], revive: Callable[[], None]) -> Iterator[None]:
    """While this is open, `revive` is called whenever the server is gone; what hinders it is logged and tried again."""
    over = threading.Event()
    watch = threading.Thread(target=_watch, args=(over, is_gone, revive), name="postgres watch", daemon=True)
    watch.start()
    try:
        yield
    finally:
        over.set()
        watch.join()


def _watch(over: threading.Event, is_gone: Callable[[], bool], revive: Callable[[], None]) -> None:
    while not over.wait(_LOOK_EVERY):
        if not is_gone():
            continue
        _log.error("the database server died; starting it again")
        try:
            revive()
        except (PostgresError, OSError) as error:
            _log.error("the database server cannot be started", error=str(error))
