"""Connections come back whatever happens, and what fails inside is undone."""
# ruff: noqa: PT012 - a transaction is what raises, so it stands inside

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import msgspec
import pytest

from events_app.lib import database
from events_app.lib.database import again_after_deadlock, transaction
from events_app.web.errors import described

# What the driver says depends on how far the server's goodbye has come.
GONE = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


@pytest.fixture
async def table(committed_db: str) -> None:
    await database.fetch("CREATE TABLE note (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED)")


async def notes() -> list[int]:
    return [row["id"] for row in await database.fetch("SELECT id FROM note ORDER BY id")]


async def add(id: int) -> None:
    await database.fetch("INSERT INTO note VALUES ($1)", id)


def idle() -> int:
    """Connections that are open and not in use."""
    pool = database.engine.pool
    assert pool is not None
    return int(pool.get_idle_size())


def borrowed() -> int:
    pool = database.engine.pool
    assert pool is not None
    return int(pool.get_size()) - idle()


async def test_failed_transaction_leaves_nothing(table: None) -> None:
    with pytest.raises(RuntimeError):
        async with transaction():
            await add(1)
            raise RuntimeError

    assert (await notes(), borrowed()) == ([], 0)


async def test_failure_inside_is_undone_and_the_rest_stays(table: None) -> None:
    async with transaction():
        await add(1)
        with pytest.raises(asyncpg.PostgresError):
            async with transaction():
                await add(2)
                await database.fetch("SELECT 1 / 0")
        await add(3)

    assert await notes() == [1, 3]


async def test_inner_transaction_goes_with_the_outer(table: None) -> None:
    with pytest.raises(RuntimeError):
        async with transaction():
            async with transaction():
                await add(1)
            raise RuntimeError

    assert await notes() == []


async def test_refused_commit_gives_the_connection_back(table: None) -> None:
    with pytest.raises(asyncpg.UniqueViolationError):
        async with transaction():
            await add(1)
            await add(1)  # the deferred constraint speaks at COMMIT

    assert (await notes(), borrowed()) == ([], 0)


@pytest.fixture
async def hasty(table: None) -> AsyncIterator[None]:
    """The driver tells the loop of every connection that it closes in the middle of a cancellation."""
    loop = asyncio.get_running_loop()
    usual = loop.get_exception_handler()
    loop.set_exception_handler(lambda *_: None)
    yield
    loop.set_exception_handler(usual)


async def test_cancelled_work_gives_its_connections_back(hasty: None) -> None:
    async def work(id: int) -> None:
        async with transaction():
            await add(id)
            await database.fetch("SELECT pg_sleep(30)")

    for delay in (0, 0, 0.001, 0.003, 0.01, 0.05):
        running = [asyncio.create_task(work(n)) for n in range(12)]
        await asyncio.sleep(delay)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    assert (await notes(), borrowed()) == ([], 0)
    await asyncio.wait_for(asyncio.gather(*(database.value("SELECT 1") for _ in range(20))), 10)


async def test_connection_that_dies_inside_a_transaction_says_so_and_is_replaced(
    committed_db: str, hasty: None
) -> None:
    with pytest.raises(GONE) as raised:
        async with transaction():
            await add(1)
            await _terminate(committed_db, await database.value("SELECT pg_backend_pid()"))
            await add(2)

    assert described(raised.value)[0] == 503
    assert (await notes(), borrowed()) == ([], 0)


async def _terminate(dsn: str, pid: int) -> None:
    other = await asyncpg.connect(dsn)
    try:
        await other.execute("SELECT pg_terminate_backend($1)", pid)
    finally:
        await other.close()


async def test_statements_outside_see_nothing_of_an_open_transaction(table: None) -> None:
    async def outside() -> list[int]:
        database.engine.current_transaction.set(None)
        return await notes()

    async with transaction():
        await add(1)
        seen = await asyncio.create_task(outside())

    assert (seen, await notes()) == ([], [1])


async def test_loser_of_a_deadlock_tries_again() -> None:
    lost = iter([True, True, False])

    @again_after_deadlock
    async def change(note: str) -> str:
        if next(lost):
            raise asyncpg.DeadlockDetectedError
        return note

    assert await change("kept") == "kept"


async def test_who_always_loses_is_told() -> None:
    tries = []

    @again_after_deadlock
    async def change() -> None:
        tries.append(1)
        raise asyncpg.DeadlockDetectedError

    with pytest.raises(asyncpg.DeadlockDetectedError):
        await change()

    assert len(tries) == 5


async def test_other_failures_are_not_tried_again() -> None:
    tries = []

    @again_after_deadlock
    async def fail() -> None:
        tries.append(1)
        raise asyncpg.UniqueViolationError

    with pytest.raises(asyncpg.UniqueViolationError):
        await fail()

    assert tries == [1]


class Note(msgspec.Struct):
    id: int


async def test_rows_become_structs(table: None) -> None:
    await add(7)

    assert await database.fetch_as(Note, "SELECT id FROM note") == [Note(7)]
    assert await database.find_as(Note, "SELECT id FROM note WHERE id = $1", 8) is None


async def test_times_come_back_in_utc(committed_db: str) -> None:
    assert await database.value("SHOW timezone") == "UTC"
