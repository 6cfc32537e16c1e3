"""Registrations by the million, in sessions of the past: made in other processes, copied in from this one.

Every generated session is one transaction: a stop leaves whole sessions behind, and the next run goes on after them.
"""

import asyncio
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from math import ceil

import msgspec

from events_app.checkin.tables import Direction, Verdict
from events_app.demo import chance, names, queries
from events_app.demo.facts import ACTIVITIES
from events_app.demo.progress import Report
from events_app.demo.queries import Stage
from events_app.demo.seats import REGISTRATION, SCAN, SEAT
from events_app.lib import clock
from events_app.lib.codes import signer
from events_app.lib.database import transaction
from events_app.programmes.tables import Session
from events_app.registration.tables import Evidence, SeatState

_PREFIX = "scale-"
_MOST, _LEAST = 5_000, 250  # registrations in one session
_SESSIONS = 20  # at least, when there is enough to share out
_AHEAD = 2  # batches made while one is copied
_SLOTS = 8  # sessions of one generated day, one after the other, from 120 days ago backwards
_FIRST_DAY = timedelta(days=120)
_OPEN = timedelta(days=21)


class Batch(msgspec.Struct, frozen=True):
    """One session's registrations. `first` counts generated people; every person registers for two activities."""

    number: int
    first: int
    size: int


class Made(msgspec.Struct, frozen=True):
    """What takes the time to make, by position."""

    names: list[str]
    phones: list[str]
    tickets: list[str]
    signatures: list[bytes]
    pins: list[str]


async def add_registrations(secret: bytes, number: int, progress: Report) -> None:
    stages = await queries.list_stages([chance.code("activity", a.key) for a in ACTIVITIES])
    sessions, before = await queries.count_generated(_PREFIX)
    done = 0
    async for batch, made in _made_ahead(secret, list(_batches(number, sessions, before))):
        await _save(batch, made, stages[batch.number % len(stages)])
        done += batch.size
        progress(done, number)
    await queries.refresh_statistics()


def _batches(number: int, sessions: int, before: int) -> Iterator[Batch]:
    """Two batches in a row, in two activities, share their people: there are half as many people as attendances."""
    size = min(_MOST, max(_LEAST, ceil(number / _SESSIONS)))
    for index in range(ceil(number / size)):
        yield Batch(sessions + index, before + index // 2 * size, min(size, number - index * size))


async def _made_ahead(secret: bytes, batches: list[Batch]) -> AsyncIterator[tuple[Batch, Made]]:
    """Signing is work for processes; no more of it is kept in memory than is copied soon."""
    workers = min(len(batches), os.cpu_count() or 1)
    loop = asyncio.get_running_loop()
    spawn = multiprocessing.get_context("spawn")
    # Ctrl-C reaches every process of the terminal; the workers leave the answer to this one.
    with ProcessPoolExecutor(workers, spawn, signal.signal, (signal.SIGINT, signal.SIG_IGN)) as pool:
        waiting: deque[asyncio.Future[Made]] = deque()
        try:
            for index, batch in enumerate(batches):
                for further in batches[index + len(waiting) : index + workers + _AHEAD]:
                    waiting.append(loop.run_in_executor(pool, make, secret, further))
                yield batch, await waiting.popleft()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def make(secret: bytes, batch: Batch) -> Made:
    """In a worker process."""
    dice = chance.seeded("scale", batch.number)
    sign = signer(secret).sign
    tickets = [chance.ticket_code(dice) for _ in range(batch.size)]
    people = range(batch.first, batch.first + batch.size)
    return Made(
        names=[names.numbered_name(person) for person in people],
        phones=[names.scale_phone(person) for person in people],
        tickets=tickets,
        signatures=[sign(ticket) for ticket in tickets],
        pins=[chance.pin(dice) for _ in tickets],
    )


async def _save(batch: Batch, made: Made, stage: Stage) -> None:
    starts_at = _starts_at(batch.number)
    async with transaction():
        session = await _schedule(batch, stage, starts_at)
        people = await queries.save_people(made.names, made.phones)
        registrations = await queries.reserve_ids("registration", batch.size)
        seats = await queries.reserve_ids("seat", batch.size)
        await queries.copy(
            "registration", REGISTRATION, _registrations(made, stage, people, registrations, starts_at)
        )
        await queries.copy("seat", SEAT, _seats(session, seats, registrations, starts_at))
        await queries.copy("scan", SCAN, _scans(session, seats, made, stage.account, starts_at))


def _starts_at(number: int) -> datetime:
    day, slot = divmod(number, _SLOTS)
    past = clock.midnight(clock.today()) - _FIRST_DAY - timedelta(days=day)
    return past + timedelta(hours=8 + slot)


async def _schedule(batch: Batch, stage: Stage, starts_at: datetime) -> int:
    session = Session(
        code=f"{_PREFIX}{batch.number:06}",
        activity=stage.activity,
        title=f"第{batch.number + 1}场",
        venue=stage.venue,
        capacity=batch.size,
        taken=batch.size,
        attended=_came(batch.size),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        opens_at=starts_at - _OPEN,
        closes_at=starts_at,
        check_in_opens_at=starts_at - timedelta(hours=1),
        check_in_closes_at=starts_at + timedelta(hours=2),
        created_at=starts_at - _OPEN,
        updated_at=starts_at - _OPEN,
    )
    await session.save()
    return int(session.id)


def _came(size: int) -> int:
    return (size + 1) // 2


def _registrations(
    made: Made, stage: Stage, people: list[int], ids: list[int], starts_at: datetime
) -> Iterator[Sequence[object]]:
    units = stage.units or [""]
    for index, (id_, person) in enumerate(zip(ids, people, strict=True)):
        joined = _joined_at(starts_at, index)
        yield (
            *(id_, stage.activity, person, person, units[index % len(units)], "{}", made.tickets[index]),
            *(made.signatures[index], made.pins[index], joined, joined),
        )


def _seats(
    session: int, ids: list[int], registrations: list[int], starts_at: datetime
) -> Iterator[Sequence[object]]:
    for index, (id_, registration) in enumerate(zip(ids, registrations, strict=True)):
        came, at = index % 2 == 0, _came_at(starts_at, index)
        yield (
            *(id_, registration, session, SeatState.CONFIRMED, None, _joined_at(starts_at, index), None),
            *((at, at, True, Evidence.SCAN) if came else (None, None, False, None)),
        )


def _scans(
    session: int, seats: list[int], made: Made, account: int, starts_at: datetime
) -> Iterator[Sequence[object]]:
    for index in range(0, len(seats), 2):
        at = _came_at(starts_at, index)
        yield (
            *(f"demo-{seats[index]}-1", session, seats[index], made.tickets[index], Direction.IN),
            *(Verdict.ADMITTED, True, Evidence.SCAN, "", at, at, None, index // 2 + 1, len(seats), account),
        )


def _joined_at(starts_at: datetime, index: int) -> datetime:
    return starts_at - _OPEN + timedelta(minutes=5 * index)


def _came_at(starts_at: datetime, index: int) -> datetime:
    return starts_at - timedelta(minutes=55) + timedelta(seconds=index)
