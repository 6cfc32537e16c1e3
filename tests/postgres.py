"""Databases for the tests: one throw-away server per run, a template migrated once, a clone for whoever asks."""

import asyncio
import hashlib
import os
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from events_app import schema
from events_app.lib.postgres import embedded

T = TypeVar("T")
# Workers that arrive together wait for the first one to make the template.
TEMPLATE_LOCK = 7_365_001


@contextmanager
def server(directory: Path) -> Iterator[str]:
    """The DSN of a server that may be filled with databases: a given one, or the run's own."""
    if given := os.environ.get("EVENTS_TEST_DATABASE_URL"):
        yield given
        return
    with embedded(directory, durable=False, settings={"max_connections": "300"}) as dsn:
        yield dsn


@contextmanager
def clone(dsn: str) -> Iterator[str]:
    """A migrated, empty database of one's own, dropped afterwards."""
    name = f"events_test_{token_hex(6)}"
    run(lambda: _create(dsn, name))
    try:
        yield database_at(dsn, name)
    finally:
        run(lambda: _execute(dsn, f"DROP DATABASE {name} WITH (FORCE)"))


def database_at(dsn: str, name: str) -> str:
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))


def run(work: Callable[[], Awaitable[T]]) -> T:
    """Run to the end in a thread of its own: this one may have a running loop already, Playwright's for example."""

    async def wait() -> T:
        return await work()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(wait())).result()


async def _create(dsn: str, name: str) -> None:
    template = await _template(dsn)
    await _execute(dsn, f"CREATE DATABASE {name} TEMPLATE {template}")


async def _template(dsn: str) -> str:
    """The name of the database that has this code's migrations and nothing else, made when it is missing."""
    name = f"events_template_{_fingerprint()}"
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", TEMPLATE_LOCK)
        if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
            await _make_template(connection, dsn, name)
    finally:
        await connection.close()
    return name


async def _make_template(connection: asyncpg.Connection, dsn: str, name: str) -> None:
    """Under another name first, so that a run stopped half way leaves no half migrated template."""
    partial = f"{name}_partial"
    await connection.execute(f"DROP DATABASE IF EXISTS {partial} WITH (FORCE)")
    await connection.execute(f"CREATE DATABASE {partial}")
    await schema.migrate(database_at(dsn, partial))
    await connection.execute(f"ALTER DATABASE {partial} RENAME TO {name}")


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in sorted(schema.MIGRATIONS.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


async def _execute(dsn: str, sql: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
