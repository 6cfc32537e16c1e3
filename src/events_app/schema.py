"""Bring a database's schema up to date, once, however many nodes start together."""

import io
from contextlib import redirect_stdout
from pathlib import Path

import asyncpg

from events_app.lib import database

_PACKAGED = Path(__file__).parent / "migrations"
MIGRATIONS = _PACKAGED if _PACKAGED.is_dir() else Path(__file__).parents[2] / "migrations"
_LOCK = 0x6576656E7473  # "events"


async def migrate(dsn: str) -> int:
    """Run what is missing and return how many that were; others wait at the advisory lock and find nothing to do."""
    database.configure(dsn)
    guard = await asyncpg.connect(dsn)
    try:
        await guard.execute("SELECT pg_advisory_lock($1)", _LOCK)
        missing = len(_known()) - len(await _applied(guard))
        return await _run_forwards() if missing else 0
    finally:
        await guard.close()


async def is_current() -> bool:
    """Whether the running pool's database has had every migration that this code knows."""
    async with database.connection() as c:
        return len(await _applied(c)) >= len(_known())


def _known() -> list[Path]:
    return list(MIGRATIONS.glob("events_app_*.py"))


async def _run_forwards() -> int:
    # Here, not above: it brings a code formatter and 10 MB that serving never needs.
    from piccolo.apps.migrations.commands.forwards import ForwardsMigrationManager

    with redirect_stdout(io.StringIO()) as said:
        before = len(await _applied_now())
        result = await ForwardsMigrationManager(app_name="events_app", migration_id="all").run()
    if not result.success:
        raise RuntimeError(f"The migration failed: {result.message or said.getvalue()}")
    return len(await _applied_now()) - before


async def _applied_now() -> set[str]:
    async with database.connection() as c:
        return await _applied(c)


async def _applied(connection: asyncpg.Connection) -> set[str]:
    if not await connection.fetchval("SELECT to_regclass('migration')"):
        return set()
    return {
        row["name"]
        for row in await connection.fetch("SELECT name FROM migration WHERE app_name = 'events_app'")
    }
