"""A secret in a file that only its owner reads: whole or absent, whenever somebody is killed or looks."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp


def keep(file: Path, secret: str) -> None:
    """Write it, in place of what was there."""
    with _beside(file, secret) as fresh:
        fresh.replace(file)


def kept(file: Path, fallback: str) -> str:
    """What is in the file; `fallback` becomes it when there is none, for all who start together the same one."""
    if not file.exists():
        with _beside(file, fallback) as fresh, suppress(FileExistsError):
            os.link(fresh, file)
    return file.read_text(encoding="utf-8").strip()


@contextmanager
def _beside(file: Path, secret: str) -> Iterator[Path]:
    """The secret, safe on the disk under another name (mode 0600), which is gone afterwards."""
    descriptor, name = mkstemp(prefix=f"{file.name}.", dir=file.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as fresh:
            fresh.write(secret)
            fresh.flush()
            os.fsync(fresh.fileno())
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)
