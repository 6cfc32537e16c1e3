"""What has to be done every so often, by one process of the cluster at a time."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from zlib import crc32

import msgspec
import structlog

from events_app.lib import database

_log = structlog.get_logger()


class Job(msgspec.Struct, frozen=True):
    """`work` is done every so many `seconds`, in the cluster under its `name`."""

    name: str
    seconds: float
    work: Callable[[], Awaitable[object]]


@asynccontextmanager
async def running(jobs: Sequence[Job]) -> AsyncIterator[None]:
    """While this is open the jobs are done, each by itself: one that fails or is slow holds up no other."""
    tasks = [asyncio.create_task(_keep_doing(job), name=f"clockwork {job.name}") for job in jobs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def do_once(job: Job) -> bool:
    """Now, unless another process is at it; False then. What goes wrong is logged and comes to nothing."""
    try:
        async with _alone(job.name) as alone:
            if alone:
                await job.work()
            return alone
    except Exception:
        _log.exception("job failed", job=job.name)
        return False


async def _keep_doing(job: Job) -> None:
    """Processes that started together do not ask together: each waits a little longer or shorter."""
    while True:
        await asyncio.sleep(job.seconds * random.uniform(0.8, 1.2))  # noqa: S311
        await do_once(job)


# The lock ends with its transaction, however this process ends. The work has connections of its own.
@asynccontextmanager
async def _alone(name: str) -> AsyncIterator[bool]:
    async with database.connection() as c, c.transaction():
        yield bool(
            await c.fetchval("SELECT pg_try_advisory_xact_lock($1, $2)", _LOCKS, crc32(name.encode()) >> 1)
        )


_LOCKS = 20261123
