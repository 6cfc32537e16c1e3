"""Bring a database's schema up to date, once, however many nodes start together."""

import io
import re
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path

import asyncpg

from events_app.lib import database

_PACKAGED = Path(__file__).parent / "migrations"
MIGRATIONS = _PACKAGED if _PACKAGED.is_dir() else Path(__file__).parents[2] / "migrations"
_LOCK = 0x6576656E7473  # "events"
_NAME = re.compile(r'^ID = "(.+)"$', re.MULTILINE)


async def migrate(dsn: str) -> int:
    """Run what is missing and return how many that were; others wait at the advisory lock and find nothing to do."""
    database.configure(dsn)
    guard = await asyncpg.connect(dsn)
    try:
        await guard.execute("SELECT pg_advisory_lock($1)", _LOCK)
        missing = _known() - await _applied(guard)
        if missing:
            await _run_forwards()
        return len(missing)
    finally:
        await guard.close()


async def is_current() -> bool:
    """Whether the running pool's database has had every migration that this code knows."""
    async with database.connection() as c:
        return _known() <= await _applied(c)


@cache
def _known() -> frozenset[str]:
    """The names by which Piccolo notes the migrations of this code."""
    texts = [path.read_text(encoding="utf-8") for path in MIGRATIONS.glob("events_app_*.py")]
    return frozenset(name for text in texts for name in _NAME.findall(text))


async def _run_forwards() -> None:
    """All that is missing and the notes that it ran, in one transaction: whoever is killed half way leaves nothing."""
    # Here, not above: it brings a code formatter and 10 MB that serving never needs.
    from piccolo.apps.migrations.commands.forwards import ForwardsMigrationManager

    with redirect_stdout(io.StringIO()) as said:
        async with database.transaction():
            result = await ForwardsMigrationManager(app_name="events_app", migration_id="all").run()
            if not result.success:
                raise RuntimeError(f"The migration failed: {result.message or said.getvalue()}")


async def _applied(connection: asyncpg.Connection) -> set[str]:
    if not await connection.fetchval("SELECT to_regclass('migration')"):
        return set()
    return {
        row["name"]
        for row in await connection.fetch("SELECT name FROM migration WHERE app_name = 'events_app'")
    }
