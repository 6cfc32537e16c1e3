"""Which failures mean that the database is away (503), and which are our own mistakes (500)."""

from errno import EACCES, EHOSTUNREACH
from socket import gaierror

import asyncpg
import pytest
from tests.postgres import database_at

from events_app.lib import database
from events_app.web.errors import described

AWAY = [
    ConnectionRefusedError(111, "Connection refused"),
    ConnectionResetError(),
    TimeoutError(),
    gaierror(-2, "Name or service not known"),
    OSError(EHOSTUNREACH, "No route to host"),
    OSError("Multiple exceptions: [Errno 111] Connect call failed"),
    asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
    asyncpg.CannotConnectNowError("the database system is starting up"),
    asyncpg.AdminShutdownError("terminating connection due to administrator command"),
    asyncpg.TooManyConnectionsError("too many clients already"),
    asyncpg.InterfaceError("pool is closing"),
    asyncpg.InterfaceError("connection is closed"),
    asyncpg.InterfaceError("cannot call Connection.fetch(): connection has been released back to the pool"),
    asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"),
]
OURS = [
    PermissionError(EACCES, "Permission denied"),
    PermissionError("no"),
    FileNotFoundError(),
    OSError(EACCES, "Permission denied"),
    asyncpg.InterfaceError("cannot perform operation: another operation is in progress"),
    asyncpg.InternalClientError("unexpected"),
    asyncpg.UniqueViolationError("closed"),
    RuntimeError("connection is closed"),
]


@pytest.mark.parametrize("error", AWAY, ids=repr)
def test_database_that_is_away_is_worth_another_try(error: Exception) -> None:
    assert described(error)[:2] == (503, "unavailable")


@pytest.mark.parametrize("error", OURS, ids=repr)
def test_mistake_of_ours_is_no_outage(error: Exception) -> None:
    assert described(error)[:2] == (500, "failed")


async def test_wrong_argument_is_a_mistake_of_ours(db: object) -> None:
    with pytest.raises(asyncpg.DataError) as raised:
        await database.value("SELECT $1::int", "closed")

    assert described(raised.value)[0] == 500


async def test_closed_pool_is_an_outage(database_server: str) -> None:
    pool = await asyncpg.create_pool(database_at(database_server, "postgres"), min_size=1, max_size=1)
    await pool.close()

    with pytest.raises(asyncpg.InterfaceError) as raised:
        await pool.fetch("SELECT 1")

    assert described(raised.value)[0] == 503
