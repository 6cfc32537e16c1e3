"""Devices without network bring what happened late, in any order and more than once: it comes to the same."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from tests.people import Union, make_union, register

from events_app.checkin.actions.admitting import admit
from events_app.checkin.actions.recording import record, record_all
from events_app.checkin.queries.admitting import Outcome, Scan
from events_app.checkin.queries.recording import list_marks
from events_app.checkin.rules.attendance import Attendance, attendance
from events_app.checkin.tables import Direction, Verdict
from events_app.lib import clock, database
from events_app.registration.queries import SeatTaken
from events_app.registration.tables import Evidence


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


def scan_of(union: Union, seat: SeatTaken, nonce: str, minutes_ago: float, **changes: Any) -> Scan:
    """By Li's device without network, so many minutes ago."""
    given: dict[str, Any] = {
        "session": union.session.code,
        "ticket": seat.ticket,
        "signature": seat.signature,
        "nonce": nonce,
        "direction": Direction.IN,
        "at": clock.now() - timedelta(minutes=minutes_ago),
        "offline": True,
        "account": union.li.account,
        "address": "",
        "request_id": "",
    }
    return Scan(**given | changes)


async def known_of(seat: SeatTaken) -> tuple[datetime | None, Evidence | None, bool, int]:
    row = await database.find(
        "SELECT attended_at, evidence, inside, seconds FROM seat WHERE id = $1", seat.seat
    )
    assert row is not None
    return (row["attended_at"], row["evidence"], row["inside"], row["seconds"])


async def attended(union: Union) -> int:
    count: int = await database.value("SELECT attended FROM session WHERE id = $1", union.session.id)
    return count


def verdicts(outcomes: Sequence[Outcome | Exception]) -> list[Verdict]:
    return [outcome.verdict for outcome in outcomes if isinstance(outcome, Outcome)]


async def test_two_devices_that_let_one_ticket_in_make_one_attendance(union: Union) -> None:
    seat = await register(union.session)
    first, second = scan_of(union, seat, "a", 20), scan_of(union, seat, "b", 10, device="another")

    brought = await record_all([second, first])

    assert verdicts(brought) == [Verdict.ADMITTED, Verdict.ADMITTED]
    assert await known_of(seat) == (first.at, "scan", True, 0)
    assert await attended(union) == 1
    told = attendance((await list_marks([seat.seat]))[seat.seat])
    assert list(told.doubles) == [("b", "a")]


async def test_scan_sent_again_gets_its_first_answer(union: Union) -> None:
    scan = scan_of(union, await register(union.session), "a", 5)
    first = await record(scan)

    again, more = await record_all([scan, scan])

    assert isinstance(again, Outcome)
    assert again == more
    assert (again.verdict, again.replayed, first.replayed) == (Verdict.ADMITTED, True, False)
    assert await database.value("SELECT count(*) FROM scan") == 1


async def test_time_between_coming_and_going_adds_up(union: Union) -> None:
    seat = await register(union.session)
    come, gone = scan_of(union, seat, "a", 50), scan_of(union, seat, "b", 30, direction=Direction.OUT)

    await record_all([gone])
    await record_all([come])

    assert await known_of(seat) == (come.at, "scan", False, 1200)


async def test_what_was_refused_without_network_is_written_down_and_counts_nothing(union: Union) -> None:
    seat = await register(union.session)

    outcome = await record(scan_of(union, seat, "a", 5, shown=Verdict.ALREADY_IN))

    assert outcome.verdict == Verdict.ALREADY_IN
    assert (await known_of(seat))[0] is None
    assert await database.value("SELECT let_in FROM scan") is False


async def test_guest_let_through_while_the_answer_was_lost_is_known_of(union: Union) -> None:
    """The server refused, the device did not hear it and let them in: the log has to say so."""
    seat = await register(union.session)
    await database.fetch("UPDATE seat SET state = 'waitlisted', waiting_number = 1 WHERE id = $1", seat.seat)
    refused = scan_of(union, seat, "a", 0, offline=False)
    assert (await admit(refused)).verdict == Verdict.WAITLISTED

    again = await record(msgspec.structs.replace(refused, offline=True))

    assert (again.verdict, again.replayed) == (Verdict.WAITLISTED, True)
    assert await database.value("SELECT let_in FROM scan") is True
    assert await attended(union) == 0


async def test_gate_takes_its_own_scan_back_for_a_quarter_of_an_hour(union: Union) -> None:
    seat, other = await register(union.session, "赵一"), await register(union.session, "赵二")
    await record_all([scan_of(union, seat, "a", 20), scan_of(union, other, "b", 20)])

    undo = {"direction": Direction.UNDO, "offline": False}
    soon = await record(scan_of(union, seat, "c", 6, undoes="a", **undo))
    late = await record(scan_of(union, other, "d", 4, undoes="b", **undo))

    assert [soon.verdict, late.verdict] == [Verdict.ADMITTED, Verdict.TOO_LATE]
    assert (await known_of(seat))[0] is None
    assert await attended(union) == 1
    assert await database.value("SELECT count(*) FROM scan") == 4


async def test_undo_is_taken_from_a_clock_that_is_a_little_slow(union: Union) -> None:
    """The answer was given by our clock, the undo by that of the device."""
    seat = await register(union.session)
    scan = scan_of(union, seat, "a", 0, offline=False)
    await admit(scan)

    undo = scan_of(union, seat, "b", 0.6, undoes="a", direction=Direction.UNDO)

    assert (await record(undo)).verdict == Verdict.ADMITTED
    assert await attended(union) == 0


async def test_undo_that_is_brought_again_let_nobody_through(union: Union) -> None:
    seat = await register(union.session)
    scan = scan_of(union, seat, "a", 20)
    undo = scan_of(union, seat, "b", 1, undoes="a", direction=Direction.UNDO)

    for brought in ([scan, undo], [undo]):
        await record_all(brought)

    written = await database.fetch("SELECT verdict, let_in FROM scan ORDER BY id")
    assert [tuple(row) for row in written] == [("admitted", True), ("too_late", False)]


async def test_undo_that_comes_before_its_scan_still_takes_it_back(union: Union) -> None:
    seat = await register(union.session)
    undo = scan_of(union, seat, "b", 5, undoes="a", direction=Direction.UNDO)

    early = await record(undo)
    await record(scan_of(union, seat, "a", 10))

    assert early.verdict == Verdict.NOT_IN
    assert await known_of(seat) == (None, None, False, 0)


async def test_added_later_yields_to_what_was_seen_at_the_door(union: Union) -> None:
    seat = await register(union.session)
    later = scan_of(union, seat, "a", 60, offline=False, evidence=Evidence.LATER)
    await record(later)
    assert await known_of(seat) == (later.at, "later", False, 0)

    scan = scan_of(union, seat, "b", 30)
    await record(scan)

    assert await known_of(seat) == (scan.at, "scan", True, 0)
    assert await attended(union) == 1


async def test_scans_of_this_moment_come_to_what_the_log_says(union: Union) -> None:
    seat = await register(union.session)
    await record(scan_of(union, seat, "0", 9, offline=False, evidence=Evidence.LATER))
    ways = [
        Direction.IN,
        Direction.IN,
        Direction.OUT,
        Direction.OUT,
        Direction.IN,
        Direction.OUT,
        Direction.IN,
    ]
    for number, way in enumerate(ways):
        await admit(scan_of(union, seat, f"n{number}", 0, offline=False, direction=way))

    row = await database.find(
        "SELECT attended_at, evidence, inside, moved_at, seconds FROM seat WHERE id = $1", seat.seat
    )

    assert row is not None
    told = attendance((await list_marks([seat.seat]))[seat.seat])
    assert msgspec.convert(dict(row), Attendance) == msgspec.structs.replace(told, doubles=(), strays=())


async def test_gate_that_was_revoked_is_heard_and_counts_nothing(union: Union) -> None:
    seat = await register(union.session)
    gate = await database.value(
        """INSERT INTO gate (code, session, label, opens_at, closes_at, device_digest, opened_at, created_at,
                             revoked_at)
                VALUES ('g', $1, '东门', now() - interval '1 hour', now() + interval '1 hour', 'd', now(), now(), now())
             RETURNING id""",
        union.session.id,
    )

    outcome = await record(scan_of(union, seat, "a", 5, account=None, gate=gate))

    assert outcome.verdict == Verdict.REVOKED
    assert await database.value("SELECT let_in FROM scan") is True
    assert await attended(union) == 0
