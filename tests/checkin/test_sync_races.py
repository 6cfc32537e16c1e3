"""Several processes that are brought the same at the same moment: each scan counts once, and all hear one answer."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from tests import races
from tests.people import Union, make_union, register
from tests.races import Racers, scan_of

from events_app.checkin.queries.admitting import Outcome, Scan
from events_app.checkin.queries.recording import list_marks
from events_app.checkin.rules.attendance import Attendance, attendance
from events_app.checkin.tables import Direction
from events_app.lib import clock, database
from events_app.registration.queries import SeatTaken


@pytest.fixture(scope="module")
def racers() -> Iterator[Racers]:
    with races.racers() as ready:
        yield ready


@pytest.fixture
async def union(committed_db: str) -> Union:
    return await make_union()


@pytest.fixture
async def seats(union: Union) -> list[SeatTaken]:
    return [await register(union.session, f"赵{number}") for number in range(20)]


def scan(union: Union, seat: SeatTaken, nonce: str, minutes_ago: float, **changes: Any) -> Scan:
    at = clock.now() - timedelta(minutes=minutes_ago)
    made = scan_of(union.session.code, seat.ticket, seat.signature, union.li.account or 0, nonce=nonce)
    return msgspec.structs.replace(made, **{"at": at, "offline": True} | changes)


def answers(outcomes: Sequence[Outcome]) -> dict[str, set[tuple[object, ...]]]:
    """What was said about each nonce, everything but whether it was a repetition."""
    said: dict[str, set[tuple[object, ...]]] = defaultdict(set)
    for o in outcomes:
        said[o.nonce].add((o.verdict, o.holder, o.unit, o.at, o.first_at, o.attended, o.expected))
    return said


async def wrong_seats(seats: Sequence[SeatTaken]) -> list[tuple[object, object]]:
    """Those of which something else is known than their scans say."""
    marks = await list_marks([seat.seat for seat in seats])
    wrong: list[tuple[object, object]] = []
    rows = await database.fetch("SELECT id, attended_at, evidence, inside, moved_at, seconds FROM seat")
    for row in rows:
        told = msgspec.structs.replace(attendance(marks[row["id"]]), doubles=(), strays=())
        known = msgspec.convert({name: row[name] for name in row.keys() if name != "id"}, Attendance)  # noqa: SIM118
        wrong += [(known, told)] if known != told else []
    return wrong


async def counted(union: Union) -> tuple[int, int]:
    sql = """SELECT attended, (SELECT count(*) FROM seat WHERE attended_at IS NOT NULL) FROM session WHERE id = $1"""
    (row,) = await database.fetch(sql, union.session.id)
    return row[0], row[1]


async def test_the_same_scans_brought_by_two_processes_count_once(
    racers: Racers, union: Union, seats: list[SeatTaken], committed_db: str
) -> None:
    queue = [scan(union, seat, f"in-{n}", 40 - n) for n, seat in enumerate(seats)]
    queue += [scan(union, seat, f"out-{n}", 10, direction=Direction.OUT) for n, seat in enumerate(seats[:5])]
    queue += [
        scan(union, seats[5], "undo", 30, direction=Direction.UNDO, undoes="in-5"),
        *(scan(union, seats[0], f"forged-{n}", 5, signature=bytes(64)) for n in range(5)),
    ]
    halves = [queue[:20], queue[20:], queue, queue[::-1], queue[10:30]]

    outcomes = racers.run(races.bring_all, committed_db, [halves, halves[::-1]])

    said = answers(outcomes)
    assert len(outcomes) == 2 * sum(map(len, halves))
    assert {nonce: len(heard) for nonce, heard in said.items()} == dict.fromkeys((s.nonce for s in queue), 1)
    assert sum(not outcome.replayed for outcome in outcomes) == len(queue)
    assert await database.value("SELECT count(*) FROM scan") == len(queue)
    assert await counted(union) == (19, 19)
    assert await wrong_seats(seats) == []


async def rush(
    racers: Racers, union: Union, seats: list[SeatTaken], dsn: str, without: str = ""
) -> list[Outcome]:
    """Four devices that let everybody in without network come back together, while the doors go on asking."""
    number = await database.value("SELECT count(*) FROM scan")
    batches = [
        [scan(union, seat, f"{number}-{device}-{n}", 30 - device) for n, seat in enumerate(seats)]
        for device in range(4)
    ]
    asked = [
        [scan(union, seat, f"{number}-now-{n}", 0, offline=False, direction=Direction.OUT)]
        for n, seat in enumerate(seats)
    ]
    shares = [[*batches[:2], *asked[::2]], [*batches[2:], *asked[1::2]]]
    return racers.run(races.bring_all, dsn, shares, [without] * 2)


async def test_devices_that_come_back_together_let_each_guest_in_once(
    racers: Racers, union: Union, seats: list[SeatTaken], committed_db: str
) -> None:
    outcomes = await rush(racers, union, seats, committed_db)

    assert len(outcomes) == 100
    assert await counted(union) == (20, 20)
    assert await wrong_seats(seats) == []
    first = await database.fetch(
        "SELECT DISTINCT scan.nonce FROM seat JOIN scan ON scan.at = seat.attended_at"
    )
    assert {row["nonce"].split("-")[1] for row in first} == {"0"}  # the earliest, whoever arrived first


async def test_without_the_lock_guests_are_counted_twice(
    racers: Racers, union: Union, committed_db: str
) -> None:
    """The control: shows that the test above would notice. One rush may be lucky, five are not."""
    wrong = False
    for rushed in range(5):
        seats = [await register(union.session, f"赵{rushed}·{number}") for number in range(5)]
        await rush(racers, union, seats, committed_db, without="FOR UPDATE")
        came, there = await counted(union)
        wrong = wrong or came != there or bool(await wrong_seats(seats))
        if wrong:
            break

    assert wrong
