"""What can go wrong with the embedded server, in sentences for the person at the console."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class PostgresError(Exception):
    """The message is one whole sentence: what happened, and what to do."""


@contextmanager
def in_plain_words(place: Path) -> Iterator[None]:
    """Turn an operating system's refusal below `place` into a PostgresError."""
    try:
        yield
    except OSError as error:
        raise PostgresError(_refusal(error, place)) from error


def _refusal(error: OSError, place: Path) -> str:
    where = error.filename or place
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _disk_full(place)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"{where} cannot be used ({error.strerror}): check who owns it, or set another EVENTS_DATA_DIR."
        )
    return f"The embedded PostgreSQL could not use {where}: {error.strerror}."


def from_output(doing: str, output: str, place: Path) -> PostgresError:
    """Explain why one of PostgreSQL's programs failed, from what it printed."""
    if "No space left on device" in output or "Disk quota exceeded" in output:
        return PostgresError(_disk_full(place))
    lines = [line for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "error:" in line or "ERROR" in line]
    reason = (telling or lines or ["it said nothing"])[-1].strip()
    return PostgresError(f"PostgreSQL could not {doing} in {place}: {reason.rstrip('.')}.")


def _disk_full(place: Path) -> str:
    return f"The disk that holds {place} is full: free some space there and start again."
