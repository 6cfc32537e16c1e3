"""Who gets a place, who waits, and who moves up."""

import pytest
from tests.people import Union, make_activity, make_session, make_union, register

from events_app.lib.errors import Refused
from events_app.registration import queries
from events_app.registration.actions import waiting as actions
from events_app.registration.tables import SeatState


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


async def test_registering_takes_a_place(union: Union) -> None:
    seat = await register(union.session)

    assert (seat.state, seat.position, seat.created) == (SeatState.CONFIRMED, None, True)


async def test_registering_twice_gives_the_same_ticket(union: Union) -> None:
    first = await register(union.session)

    second = await register(union.session)

    assert (second.ticket, second.created) == (first.ticket, False)


async def test_one_phone_may_register_several_people(union: Union) -> None:
    mother = await register(union.session, "赵敏")

    child = await register(union.session, "赵小敏")

    assert child.ticket != mother.ticket


async def test_full_session_numbers_the_waiting_list(union: Union) -> None:
    session = await make_session(union.activity, capacity=1)

    seats = [await register(session, name) for name in ("赵一", "赵二", "赵三")]

    assert [(s.state, s.position) for s in seats] == [
        (SeatState.CONFIRMED, None),
        (SeatState.WAITLISTED, 1),
        (SeatState.WAITLISTED, 2),
    ]


async def test_full_session_without_waiting_list_refuses(union: Union) -> None:
    session = await make_session(union.activity, capacity=1, waiting_list=False)
    await register(session, "赵一")

    with pytest.raises(Refused) as refused:
        await register(session, "赵二")

    assert refused.value.reason == "full"


async def test_cancelling_moves_the_first_in_line_up(union: Union) -> None:
    session = await make_session(union.activity, capacity=1)
    first, _second, _third = [await register(session, name) for name in ("赵一", "赵二", "赵三")]
    ticket = await queries.find_ticket(first.ticket, first.signature)
    assert ticket

    await actions.cancel(ticket, session.code)

    assert (await register(session, "赵二")).state == SeatState.CONFIRMED
    assert (await register(session, "赵三")).position == 1


async def test_a_seat_given_back_can_be_taken_again_with_the_same_ticket(union: Union) -> None:
    seat = await register(union.session)
    ticket = await queries.find_ticket(seat.ticket, seat.signature)
    assert ticket
    await actions.cancel(ticket, union.session.code)

    again = await register(union.session)

    assert (again.ticket, again.state, again.created) == (seat.ticket, SeatState.CONFIRMED, True)


async def test_two_sessions_of_an_activity_share_one_ticket(union: Union) -> None:
    other = await make_session(union.activity)

    assert (await register(union.session)).ticket == (await register(other)).ticket


async def test_approval_leaves_a_registration_pending(union: Union) -> None:
    session = await make_session(await make_activity(union.organization, admission="approval"))

    assert (await register(session)).state == SeatState.PENDING
