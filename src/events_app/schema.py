"""Bring a database's schema up to date, once, however many nodes start together."""

import io
from contextlib import redirect_stdout
from pathlib import Path

import asyncpg
from piccolo.apps.migrations.commands.forwards import ForwardsMigrationManager

from events_app.lib import database

_PACKAGED = Path(__file__).parent / "migrations"
MIGRATIONS = _PACKAGED if _PACKAGED.is_dir() else Path(__file__).parents[2] / "migrations"
_LOCK = 0x6576656E7473  # "events"


async def migrate(dsn: str) -> list[str]:
    """Run what is missing and return its ids. Others wait at the advisory lock and then find nothing to do."""
    database.configure(dsn)
    guard = await asyncpg.connect(dsn)
    try:
        await guard.execute("SELECT pg_advisory_lock($1)", _LOCK)
        before = await _applied(guard)
        with redirect_stdout(io.StringIO()):
            result = await ForwardsMigrationManager(app_name="events_app", migration_id="all").run()
        if not result.success:
            raise RuntimeError(f"The migration failed: {result.message}")
        return sorted(await _applied(guard) - before)
    finally:
        await guard.close()


async def is_current() -> bool:
    """Whether the running pool's database has had every migration that this code knows."""
    known = {path.name for path in MIGRATIONS.glob("events_app_*.py")}
    rows = await database.fetch("SELECT name FROM migration WHERE app_name = 'events_app'")
    return len({row["name"] for row in rows}) >= len(known)


async def _applied(connection: asyncpg.Connection) -> set[str]:
    if not await connection.fetchval("SELECT to_regclass('migration')"):
        return set()
    return {
        row["name"]
        for row in await connection.fetch("SELECT name FROM migration WHERE app_name = 'events_app'")
    }
