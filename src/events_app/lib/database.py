"""One PostgreSQL engine for Piccolo and for hand-written SQL: same pool, same transaction.

Stock Piccolo leaks the pooled connection when a transaction is cancelled or its COMMIT fails, and treats a
transaction inside a transaction as nothing at all. Here the connection always goes back, and an inner
transaction is a savepoint: what fails inside is undone even when the outer one goes on.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from functools import wraps
from typing import Any, Literal, ParamSpec, TypeAlias, TypeVar

import asyncpg
import msgspec
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction

P = ParamSpec("P")
T = TypeVar("T")
Row: TypeAlias = asyncpg.Record
_TRIES_AFTER_DEADLOCK = 5
_CONNECTION_GONE = (
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    ConnectionError,
)


# A session that an earlier query left behind cannot exist: nothing here sets session state on a pooled
# connection. Without this asyncpg spends a round trip on resetting it at every release.
async def _leave_as_is(_connection: object) -> None: ...


class Transaction(PostgresTransaction):
    """BEGIN … COMMIT, or SAVEPOINT … RELEASE inside another one."""

    async def __aenter__(self) -> "Transaction":
        parent = self._parent
        self.connection = parent.connection if parent else await self._a_connection()
        try:
            self.transaction = self.connection.transaction()
            await self.transaction.start()
        except BaseException:
            await self._give_back()
            raise
        self.context = self.engine.current_transaction.set(self)
        return self

    async def __aexit__(self, kind: object, error: object, trace: object) -> Literal[False]:
        try:
            await (self.transaction.commit() if kind is None else self._roll_back())
        finally:
            self.engine.current_transaction.reset(self.context)
            await self._give_back()
        return False

    async def _roll_back(self) -> None:
        """Without a connection there is nothing to undo, and what went wrong before tells more."""
        with suppress(*_CONNECTION_GONE):
            await self.transaction.rollback()

    async def _a_connection(self) -> Any:
        return await (self.engine.pool.acquire() if self.engine.pool else self.engine.get_new_connection())

    async def _give_back(self) -> None:
        if self._parent:
            return
        with suppress(asyncpg.InterfaceError):  # the pool has taken a dead connection back already
            if self.connection.is_in_transaction():  # cancelled half way, or COMMIT refused
                self.connection.terminate()
        if self.engine.pool:
            await self.engine.pool.release(self.connection)
        elif not self.connection.is_closed():
            await asyncio.shield(self.connection.close())


class Engine(PostgresEngine):
    """Told where its database is after it was made, so importing a table connects to nothing."""

    async def check_version(self) -> None: ...

    async def prep_database(self) -> None: ...

    def transaction(self, allow_nested: bool = True) -> Transaction:
        return Transaction(engine=self, allow_nested=allow_nested)


engine = Engine({})
transaction = engine.transaction


def configure(dsn: str) -> None:
    engine.config = {"dsn": dsn, "server_settings": {"timezone": "UTC", "application_name": "events_app"}}


async def open_pool(size: int = 6) -> None:
    await engine.start_connection_pool(min_size=1, max_size=size, reset=_leave_as_is, command_timeout=30)


async def close_pool() -> None:
    await engine.close_connection_pool()


@asynccontextmanager
async def connection() -> AsyncIterator[Any]:
    """The transaction's connection, or one from the pool; without a pool (commands) one of its own."""
    if running := engine.current_transaction.get():
        yield running.connection
    elif engine.pool:
        async with engine.pool.acquire() as pooled:
            yield pooled
    else:
        alone = await engine.get_new_connection()
        try:
            yield alone
        finally:
            await alone.close()


def again_after_deadlock(work: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """For a whole transaction that locks rows in another order than somebody else: nothing of the loser is written."""

    @wraps(work)
    async def patient(*args: P.args, **named: P.kwargs) -> T:
        for _try in range(_TRIES_AFTER_DEADLOCK - 1):
            with suppress(asyncpg.DeadlockDetectedError):
                return await work(*args, **named)
        return await work(*args, **named)

    return patient


@asynccontextmanager
async def attempt() -> AsyncIterator[None]:
    """Around one statement whose failure the caller survives: alone its own transaction, inside one a savepoint."""
    if engine.current_transaction.get() is None:
        yield
        return
    async with transaction():
        yield


@asynccontextmanager
async def snapshot() -> AsyncIterator[None]:
    """Reads that agree with one another, whatever is written meanwhile, each planned for its own values.

    Inside a running transaction they see what that one sees.
    """
    outermost = engine.current_transaction.get() is None
    async with transaction(), connection() as c:
        if outermost:
            await c.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            await c.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        yield


async def fetch(sql: str, *values: object) -> list[Row]:
    async with connection() as c:
        return await c.fetch(sql, *values)  # type: ignore[no-any-return]


async def find(sql: str, *values: object) -> Row | None:
    """The first row, or None."""
    async with connection() as c:
        return await c.fetchrow(sql, *values)


async def value(sql: str, *values: object) -> Any:
    """The first column of the first row, or None."""
    async with connection() as c:
        return await c.fetchval(sql, *values)


async def fetch_as(kind: type[T], sql: str, *values: object) -> list[T]:
    """The rows as Structs: column names are field names."""
    return structs(kind, await fetch(sql, *values))


async def find_as(kind: type[T], sql: str, *values: object) -> T | None:
    row = await find(sql, *values)
    return None if row is None else msgspec.convert(dict(row), kind)


def structs(kind: type[T], rows: Sequence[Row]) -> list[T]:
    return msgspec.convert([dict(row) for row in rows], list[kind])  # type: ignore[valid-type]
