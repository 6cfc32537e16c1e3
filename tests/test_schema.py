"""Migrations run whole or not at all, and which ones ran is known by their names."""

from collections.abc import AsyncIterator, Iterator
from secrets import token_hex
from typing import Any

import asyncpg
import pytest
from piccolo.apps.migrations.tables import Migration
from tests import postgres

from events_app import schema
from events_app.lib import database


@pytest.fixture
async def empty(database_server: str) -> AsyncIterator[str]:
    """The DSN of a database without a table."""
    name = f"events_test_{token_hex(6)}"
    server = await asyncpg.connect(database_server)
    await server.execute(f"CREATE DATABASE {name}")
    yield postgres.database_at(database_server, name)
    await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await server.close()


@pytest.fixture(autouse=True)
def usual_database() -> Iterator[None]:
    """Afterwards the other tests find theirs again."""
    config, pool = database.engine.config, database.engine.pool
    database.engine.pool = None
    yield
    database.engine.config, database.engine.pool = config, pool


async def ask(dsn: str, sql: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_migrations_run_once(empty: str) -> None:
    first, second = await schema.migrate(empty), await schema.migrate(empty)

    assert (first, second) == (len(list(schema.MIGRATIONS.glob("events_app_*.py"))), 0)
    assert await schema.is_current()


async def test_migration_that_is_cut_off_leaves_nothing_and_runs_again(
    empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Migration, "insert", killed)  # the tables are made, the note is not
        with pytest.raises(KeyboardInterrupt):
            await schema.migrate(empty)

    assert await ask(empty, "SELECT to_regclass('migration') IS NULL AND to_regclass('account') IS NULL")
    assert await schema.migrate(empty) > 0
    assert await schema.is_current()


async def test_foreign_migration_does_not_stand_for_one_of_ours(empty: str) -> None:
    await schema.migrate(empty)
    await ask(empty, "UPDATE migration SET name = 'another' WHERE id = (SELECT max(id) FROM migration)")

    assert not await schema.is_current()
