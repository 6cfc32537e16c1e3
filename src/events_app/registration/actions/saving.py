"""A program of its own that saves one long file: its memory is capped, and killed half-way nothing of it is there.

`start` runs it; what it has to know comes on standard input, so that no secret stands in the list of processes.
"""

import asyncio
import resource
import sys

import msgspec

from events_app.accounts.rules import Me
from events_app.lib import codes, database, language, request_context
from events_app.lib.database import open_pool
from events_app.lib.errors import NotFound, Refused
from events_app.lib.language import gettext as _
from events_app.registration.actions.imports import save_import
from events_app.registration.queries import imports as queries

_MEMORY = 1024 * 1024 * 1024  # bytes
_running: set[asyncio.Task[None]] = set()


class Order(msgspec.Struct, frozen=True):
    """What to save, for whom, and where the database is."""

    dsn: str
    key: bytes
    me: Me | None
    secret: str
    code: str
    import_id: int
    terms: int
    language: str
    address: str
    request_id: str


def start(order: Order) -> asyncio.Task[None]:
    """The program runs beside us; who waits for it hears when it has ended."""
    task = asyncio.create_task(_run(order))
    _running.add(task)
    task.add_done_callback(_running.discard)
    return task


async def _run(order: Order) -> None:
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __name__), stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    await program.communicate(msgspec.json.encode(order))
    if program.returncode:
        await queries.note_problem(order.import_id, interrupted())


def interrupted() -> str:
    return _("保存中断了，什么也没有保存。请再保存一次。")


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    asyncio.run(_save(order))


async def _save(order: Order) -> None:
    database.configure(order.dsn)
    language.current.set(order.language)
    request_context.address.set(order.address)
    request_context.request_id.set(order.request_id)
    await open_pool(2)
    try:
        await save_import(
            order.me,
            order.secret,
            order.code,
            order.terms,
            codes.signer(order.key),
            lambda done: queries.note_progress(order.import_id, done),
        )
    except (Refused, NotFound) as refused:
        if refused.reason != "running":  # another program is at it, and its progress is what counts
            await queries.note_problem(order.import_id, refused.sentence)
    finally:
        await database.close_pool()


if __name__ == "__main__":
    main()
