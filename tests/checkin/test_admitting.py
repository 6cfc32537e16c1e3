"""One scan, one answer, for ever the same."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest
from tests.people import (
    Union,
    make_account,
    make_activity,
    make_organization,
    make_session,
    make_union,
    register,
)

from events_app.accounts.rules import Me
from events_app.accounts.tables import Role
from events_app.checkin.actions import admitting as actions
from events_app.checkin.queries.admitting import Outcome, Scan
from events_app.checkin.tables import Direction, Verdict
from events_app.lib import clock, database
from events_app.lib.errors import NotFound
from events_app.programmes.tables import Session
from events_app.registration.actions import waiting as registration
from events_app.registration.queries import SeatTaken, find_ticket


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


def scan_of(seat: SeatTaken, of: Session, by: Me, **changes: object) -> Scan:
    given = {
        "session": of.code,
        "ticket": seat.ticket,
        "signature": seat.signature,
        "nonce": uuid4().hex,
        "direction": Direction.IN,
        "at": clock.now(),
        "offline": False,
        "place": "东门",
        "account": by.account,
        "token": None,
        "address": "",
        "request_id": "",
    }
    return Scan(**given | changes)  # type: ignore[arg-type]


async def admit(seat: SeatTaken, union: Union, **changes: object) -> Outcome:
    return await actions.admit(scan_of(seat, union.session, union.li, **changes))


async def test_first_scan_admits_and_counts(union: Union) -> None:
    seat = await register(union.session, unit="昆明机床厂")

    outcome = await admit(seat, union)

    assert (outcome.verdict, outcome.holder, outcome.unit) == (Verdict.ADMITTED, "赵敏", "昆明机床厂")
    assert (outcome.attended, outcome.expected) == (1, 1)


async def test_second_scan_says_when_the_first_one_was(union: Union) -> None:
    seat = await register(union.session)
    first = await admit(seat, union)

    second = await admit(seat, union)

    assert (second.verdict, second.first_at, second.attended) == (Verdict.ALREADY_IN, first.at, 1)


async def test_replayed_nonce_gets_the_first_answer(union: Union) -> None:
    scan = scan_of(await register(union.session), union.session, union.li)
    first = await actions.admit(scan)

    replay = await actions.admit(scan)

    assert replay.replayed
    assert (replay.verdict, replay.at, replay.attended) == (first.verdict, first.at, first.attended)


async def test_whoever_went_out_may_come_in_again_and_counts_once(union: Union) -> None:
    seat = await register(union.session)
    await admit(seat, union)
    await admit(seat, union, direction=Direction.OUT)

    again = await admit(seat, union)

    assert (again.verdict, again.attended) == (Verdict.ADMITTED, 1)


async def test_forged_signature_is_unknown(union: Union) -> None:
    seat = await register(union.session)

    outcome = await admit(seat, union, signature=bytes(64))

    assert (outcome.verdict, outcome.holder) == (Verdict.UNKNOWN, None)


async def test_ticket_of_another_session_is_named_so(union: Union) -> None:
    seat = await register(await make_session(await make_activity(union.organization)))

    assert (await admit(seat, union)).verdict == Verdict.WRONG_SESSION


async def test_cancelled_waiting_and_pending_are_refused(union: Union) -> None:
    held = await register(union.session, "赵一")
    ticket = await find_ticket(held.ticket, held.signature)
    assert ticket
    await registration.cancel(ticket, union.session.code)
    full = await make_session(union.activity, capacity=1)
    await register(full, "赵二")
    waiting = await register(full, "赵三")
    asked = await make_session(await make_activity(union.organization, admission="approval"))
    pending = await register(asked, "赵四")

    verdicts = [
        (await admit(held, union)).verdict,
        (await admit(waiting, union, session=full.code)).verdict,
        (await admit(pending, union, session=asked.code)).verdict,
    ]

    assert verdicts == [Verdict.CANCELLED, Verdict.WAITLISTED, Verdict.PENDING]


async def test_before_the_doors_open_nobody_is_admitted(union: Union) -> None:
    later = clock.now() + timedelta(hours=1)
    session = await make_session(union.activity, check_in_opens_at=later)
    seat = await register(session)

    assert (await admit(seat, union, session=session.code)).verdict == Verdict.NOT_OPEN


async def test_another_unions_gate_gets_no_answer_and_leaves_no_trace(union: Union) -> None:
    seat = await register(union.session)
    qian = await make_account("qian", Role.OWNER, await make_organization("浙江省总工会"))

    with pytest.raises(NotFound):
        await actions.admit(scan_of(seat, union.session, qian))

    assert await database.value("SELECT count(*) FROM scan") == 0


async def test_bad_scan_spoils_no_other_of_its_statement(committed_db: str) -> None:
    union = await make_union()
    good = scan_of(await register(union.session), union.session, union.li)
    bad = scan_of(await register(union.session, "钱二"), union.session, union.li, place="门" * 41)

    outcomes = await actions.admit_all([good, bad])

    assert isinstance(outcomes[0], Outcome)
    assert outcomes[0].verdict == Verdict.ADMITTED
    assert isinstance(outcomes[1], asyncpg.StringDataRightTruncationError)


@pytest.mark.parametrize(
    "error",
    [TimeoutError(), OSError(), asyncpg.InterfaceError("closed"), asyncpg.ConnectionDoesNotExistError()],
)
async def test_without_a_database_everybody_is_told_at_once(
    union: Union, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    asked = []

    async def away(*_given: object) -> None:
        asked.append(True)
        raise error

    seats = [await register(union.session, name) for name in ("赵一", "赵二", "赵三")]
    scans = [scan_of(seat, union.session, union.li) for seat in seats]
    monkeypatch.setattr(database, "fetch", away)

    outcomes = await actions.admit_all(scans)

    assert (outcomes, len(asked)) == ([error] * 3, 1)


async def test_lane_that_is_stopped_leaves_nobody_waiting(
    union: Union, monkeypatch: pytest.MonkeyPatch
) -> None:
    lane = actions._Lane()
    reached = asyncio.Event()

    async def stuck(*_given: object) -> None:
        reached.set()
        await asyncio.Event().wait()

    scans = [
        scan_of(await register(union.session, name), union.session, union.li) for name in ("赵一", "赵二")
    ]
    monkeypatch.setattr(database, "fetch", stuck)
    waiting = [asyncio.create_task(lane.admit(scan)) for scan in scans]
    await reached.wait()
    assert lane._runner
    lane._runner.cancel()

    async with asyncio.timeout(5):
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError] * 2


async def test_every_scan_is_kept_with_its_verdict(union: Union) -> None:
    seat = await register(union.session)
    await admit(seat, union)
    await admit(seat, union)
    await admit(seat, union, ticket="0" * 26)

    rows = await database.fetch("SELECT verdict FROM scan ORDER BY id")

    assert [row["verdict"] for row in rows] == ["admitted", "already_in", "unknown"]
