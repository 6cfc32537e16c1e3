"""A freed place is offered for a time: who hears of it, who may say yes, and where it goes otherwise."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from tests.people import Union, make_activity, make_session, make_union, register

from events_app.lib import clock, clockwork, database
from events_app.lib.clockwork import Job
from events_app.lib.codes import ticket_text
from events_app.lib.errors import Refused
from events_app.notifications.queries import list_messages
from events_app.notifications.tables import Recipient
from events_app.programmes.tables import Session
from events_app.registration import queries
from events_app.registration.actions import offers, waiting
from events_app.registration.queries import SeatTaken, TicketRow
from events_app.registration.tables import Seat


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


@pytest.fixture
async def session(union: Union) -> Session:
    """Of one place, which is offered for half an hour."""
    return await make_session(await make_activity(union.organization, offer_minutes=30), 1)


async def ticket_of(seat: SeatTaken) -> TicketRow:
    ticket = await queries.find_ticket(seat.ticket, seat.signature)
    assert ticket
    return ticket


async def three_in(session: Session) -> list[SeatTaken]:
    """The first has the place."""
    return [await register(session, name) for name in ("赵一", "赵二", "赵三")]


async def states(session: Session) -> list[str]:
    """By order of joining."""
    rows = await database.fetch("SELECT state, cause FROM seat WHERE session = $1 ORDER BY id", session.id)
    return ["/".join(filter(None, row)) for row in rows]


async def counters(session: Session) -> tuple[int, int]:
    row = await database.find("SELECT taken, waiting FROM session WHERE id = $1", session.id)
    assert row
    return row["taken"], row["waiting"]


async def let_time_pass(session: Session) -> None:
    """Until every offer in the session is over."""
    past = clock.now() - timedelta(seconds=1)
    await database.fetch(
        "UPDATE seat SET offer_ends_at = $2 WHERE session = $1 AND state = 'offered'", session.id, past
    )


async def told(seat: SeatTaken) -> list[str]:
    registration = (await ticket_of(seat)).registration
    return [message.text for message in await list_messages(Recipient.REGISTRATION, registration)]


async def test_freed_place_is_offered_to_the_first_in_line_alone(session: Session) -> None:
    first, second, third = await three_in(session)

    await waiting.cancel(await ticket_of(first), session.code)

    assert await states(session) == ["released/cancelled", "offered", "waitlisted"]
    assert await counters(session) == (1, 1)
    assert [len(await told(seat)) for seat in (first, second, third)] == [0, 1, 0]
    assert (await told(second))[0].startswith("轮到您了：“劳模工匠进校园”")


async def test_offer_ends_after_the_minutes_that_the_organiser_set(session: Session) -> None:
    first, second, _third = await three_in(session)

    await waiting.cancel(await ticket_of(first), session.code)

    seat = await Seat.objects().get(Seat.id == second.seat)
    assert seat
    assert seat.offer_ends_at
    assert timedelta(minutes=29) < seat.offer_ends_at - clock.now() <= timedelta(minutes=30)


async def test_no_offer_outlasts_the_start(union: Union) -> None:
    activity = await make_activity(union.organization, offer_minutes=600)
    session = await make_session(activity, 1)
    first, second, _third = await three_in(session)

    await waiting.cancel(await ticket_of(first), session.code)

    seat = await Seat.objects().get(Seat.id == second.seat)
    assert seat
    assert seat.offer_ends_at == session.starts_at


async def test_yes_makes_the_place_certain(session: Session) -> None:
    first, second, _third = await three_in(session)
    await waiting.cancel(await ticket_of(first), session.code)

    await offers.accept(await ticket_of(second), session.code)

    assert await states(session) == ["released/cancelled", "confirmed", "waitlisted"]
    assert await counters(session) == (1, 1)


async def test_second_yes_is_told_that_nothing_is_on_offer(session: Session) -> None:
    first, second, _third = await three_in(session)
    await waiting.cancel(await ticket_of(first), session.code)
    await offers.accept(await ticket_of(second), session.code)

    with pytest.raises(Refused) as refused:
        await offers.accept(await ticket_of(second), session.code)

    assert refused.value.reason == "not_offered"
    assert await counters(session) == (1, 1)


async def test_no_passes_the_place_on(session: Session) -> None:
    first, second, third = await three_in(session)
    await waiting.cancel(await ticket_of(first), session.code)

    await waiting.cancel(await ticket_of(second), session.code)

    assert await states(session) == ["released/cancelled", "released/cancelled", "offered"]
    assert len(await told(third)) == 1


async def test_offer_that_lapsed_goes_to_the_next_and_both_are_told(session: Session) -> None:
    first, second, third = await three_in(session)
    await waiting.cancel(await ticket_of(first), session.code)
    await let_time_pass(session)

    assert await offers.lapse() == 1
    assert await offers.lapse() == 0

    assert await states(session) == ["released/cancelled", "released/lapsed", "offered"]
    assert await counters(session) == (1, 0)
    assert "没有按时确认" in (await told(second))[0]
    assert len(await told(third)) == 1


async def test_offer_that_lapsed_cannot_be_accepted_though_no_clock_has_run(session: Session) -> None:
    first, second, _third = await three_in(session)
    await waiting.cancel(await ticket_of(first), session.code)
    await let_time_pass(session)

    with pytest.raises(Refused) as refused:
        await offers.accept(await ticket_of(second), session.code)

    assert refused.value.reason == "offer_lapsed"
    assert await states(session) == ["released/cancelled", "released/lapsed", "offered"]


async def test_offer_in_what_was_called_off_lapses_in_silence(session: Session) -> None:
    first, second, _third = await three_in(session)
    await waiting.cancel(await ticket_of(first), session.code)
    heard = await told(second)
    await let_time_pass(session)
    await Session.update({Session.called_off_at: clock.now()}).where(Session.id == session.id)

    await offers.lapse()

    assert await states(session) == ["released/cancelled", "released/lapsed", "waitlisted"]
    assert await told(second) == heard


async def test_newcomer_does_not_overtake_an_offer(session: Session) -> None:
    first, _second, _third = await three_in(session)
    await waiting.cancel(await ticket_of(first), session.code)

    assert (await register(session, "赵四")).position == 2


async def test_freed_place_waits_for_approval_and_not_for_a_yes(union: Union) -> None:
    activity = await make_activity(union.organization, offer_minutes=30, admission="approval")
    session = await make_session(activity, 1)
    first, _second, _third = await three_in(session)

    await waiting.cancel(await ticket_of(first), session.code)

    assert await states(session) == ["released/cancelled", "pending", "waitlisted"]


async def test_one_session_that_fails_does_not_hold_up_the_others(
    union: Union, monkeypatch: pytest.MonkeyPatch
) -> None:
    activity = await make_activity(union.organization, offer_minutes=30)
    sessions = [await make_session(activity, 1) for _ in range(2)]
    for session in sessions:
        await waiting.cancel(await ticket_of((await three_in(session))[0]), session.code)
        await let_time_pass(session)
    whole = queries.lock_session

    async def fail_once(code: str) -> queries.LockedSession | None:
        if code == sessions[0].code:
            raise OSError
        return await whole(code)

    monkeypatch.setattr(offers, "lock_session", fail_once)

    assert await offers.lapse() == 1


async def test_ticket_shows_the_offer_and_accepts_it_in_two_steps(
    session: Session, client: httpx.AsyncClient
) -> None:
    first, second, _third = await three_in(session)
    await waiting.cancel(await ticket_of(first), session.code)
    ticket = f"/t/{ticket_text(second.ticket, second.signature)}"

    shown = await client.get(ticket)
    asked = await client.get(f"{ticket}/offer/{session.code}")
    before = await states(session)
    answer = await client.post(f"{ticket}/offer/{session.code}")

    assert f'href="{ticket}/offer/{session.code}"' in shown.text
    assert "确认参加" in asked.text
    assert f'href="{ticket}/cancellation/{session.code}"' in asked.text
    assert before[1] == "offered"
    assert (answer.status_code, answer.headers["location"]) == (303, ticket)
    assert (await states(session))[1] == "confirmed"
    assert "轮到您了：" not in (await client.get(ticket)).text.split("通知")[0]


async def test_nothing_to_confirm_is_said_in_a_sentence(session: Session, client: httpx.AsyncClient) -> None:
    first, _second, _third = await three_in(session)
    ticket = f"/t/{ticket_text(first.ticket, first.signature)}"

    answers = [await client.request(method, f"{ticket}/offer/{session.code}") for method in ("GET", "POST")]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert "现在没有等您确认的名额" in answers[0].text


async def test_offer_of_a_session_that_the_ticket_is_not_for_is_not_found(
    union: Union, session: Session, client: httpx.AsyncClient
) -> None:
    first, _second, _third = await three_in(session)
    ticket = f"/t/{ticket_text(first.ticket, first.signature)}"

    assert (await client.get(f"{ticket}/offer/{union.session.code}")).status_code == 404


async def test_clockwork_goes_on_after_a_failure_and_ends_with_the_application() -> None:
    times = []

    async def fail() -> None:
        times.append(1)
        raise OSError

    async with clockwork.running([Job("broken", 0.01, fail)]):
        await asyncio.sleep(0.2)
        running = [task for task in asyncio.all_tasks() if task.get_name() == "clockwork broken"]

    assert len(times) > 1
    assert [task.done() for task in running] == [True]


async def test_one_process_at_a_time_does_a_job(committed_db: str) -> None:
    busy, done = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        busy.set()
        await done.wait()

    first = asyncio.create_task(clockwork.do_once(Job("slow", 1, slow)))
    await busy.wait()
    second = await clockwork.do_once(Job("slow", 1, slow))
    other = await clockwork.do_once(Job("other", 1, offers.lapse))
    done.set()

    assert (await first, second, other) == (True, False, True)
