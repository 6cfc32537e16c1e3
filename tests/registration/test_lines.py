"""Who waits and moves up: parties, whole courses, exchanges, and organisers who move somebody for a reason."""

from datetime import timedelta

import httpx
import pytest
from tests.people import (
    SIGNER,
    Union,
    let_in,
    make_account,
    make_activity,
    make_organization,
    make_session,
    make_union,
    register,
)
from tests.registration.test_offers import counters, states, ticket_of, told

from events_app.accounts.tables import Role
from events_app.lib import clock, database
from events_app.lib.codes import new_ticket_code, ticket_text
from events_app.lib.errors import Invalid, NotFound, Refused
from events_app.programmes.tables import Session
from events_app.registration import queries
from events_app.registration.actions import taking, waiting
from events_app.registration.actions.activities import call_off_activity
from events_app.registration.actions.exchanges import Exchanged, exchange
from events_app.registration.actions.lines import move_in_line
from events_app.registration.actions.sessions import call_off
from events_app.registration.forms import LineForm, LineTarget, RegistrationForm
from events_app.registration.queries import Applicant, SeatTaken
from events_app.registration.rules.admission import Companion, Wish
from events_app.registration.rules.waiting import Waiting, next_in_line, offer_ends, reordered


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


@pytest.fixture
async def session(union: Union) -> Session:
    """Of two places; parties of up to four."""
    return await make_session(await make_activity(union.organization, group_most=4), 2)


async def register_party(session: Session, *names: str) -> SeatTaken:
    form = RegistrationForm(name=names[0], phone="19900001234", unit="", consent=True)
    companions = [Companion(n, name) for n, name in enumerate(names[1:], 1)]
    return await taking.register(session.code, form, SIGNER, "a phone", wish=Wish(companions, [], True))


async def line(session: Session) -> list[str]:
    sql = """SELECT p.name FROM seat JOIN registration r ON r.id = seat.registration JOIN person p ON p.id = r.person
              WHERE seat.session = $1 AND seat.state = 'waitlisted' ORDER BY seat.waiting_number"""
    return [row["name"] for row in await database.fetch(sql, session.id)]


async def exchange_with(session: Session, seat: int, name: str) -> Exchanged:
    locked = await queries.lock_session(session.code)
    assert locked
    code = new_ticket_code()
    successor = Applicant(name, "19900001234", "", "{}", code, SIGNER.sign(code), "123456", b"p" * 32)
    return await exchange(locked, seat, successor)


def to_position(position: int | None, reason: str = "要先走") -> LineForm:
    return LineForm(to=LineTarget.POSITION, position=position, reason=reason)


def waiting_row(seat: int, session: int = 1, party: int | None = None) -> Waiting:
    return Waiting(seat, session, seat % 100, party)


def test_places_are_kept_for_a_party_that_does_not_fit_yet() -> None:
    party = [waiting_row(1, party=9), waiting_row(2, party=9)]

    assert next_in_line({1: 1}, {1: [*party, waiting_row(3)]}) == []
    assert next_in_line({1: 3}, {1: [*party, waiting_row(3)]}) == [*party, waiting_row(3)]


def test_course_is_served_when_each_of_its_sessions_has_room() -> None:
    first = [waiting_row(101, 1), waiting_row(201, 2)]
    lines = {1: [first[0]], 2: [first[1]]}

    assert next_in_line({1: 1, 2: 0}, lines) == []
    assert next_in_line({1: 1, 2: 1}, lines) == first


def test_nobody_is_moved_into_the_middle_of_a_party() -> None:
    party = [waiting_row(1, party=9), waiting_row(2, party=9)]

    assert reordered([*party, waiting_row(3)], waiting_row(3), 2) == [*party, waiting_row(3)]
    assert reordered([*party, waiting_row(3)], waiting_row(3), 1) == [waiting_row(3), *party]


def test_nothing_is_offered_once_a_session_has_begun() -> None:
    now = clock.now()

    assert offer_ends(now, 30, now) is None
    assert offer_ends(now, 30, now + timedelta(minutes=5)) == now + timedelta(minutes=5)
    assert offer_ends(now, 30, None) == now + timedelta(minutes=30)


async def test_whoever_comes_for_the_leader_of_a_party_leads_it(session: Session) -> None:
    leader = await register_party(session, "钱一", "钱二")

    heir = await exchange_with(session, leader.seat, "孙一")

    led = await database.fetch("SELECT party FROM seat WHERE state = 'confirmed'")
    assert [row["party"] for row in led] == [heir.registration] * 2


async def test_party_waits_until_all_of_it_fits(session: Session) -> None:
    first = await register(session, "赵一")
    second = await register(session, "赵二")
    await register_party(session, "钱一", "钱二")
    await register(session, "孙一")

    await waiting.cancel(await ticket_of(first), session.code)
    kept = await line(session)
    await waiting.cancel(await ticket_of(second), session.code)

    assert kept == ["钱一", "钱二", "孙一"]
    assert await line(session) == ["孙一"]
    assert await counters(session) == (2, 1)


async def test_party_larger_than_the_session_is_refused(session: Session) -> None:
    with pytest.raises(Refused) as refused:
        await register_party(session, "钱一", "钱二", "钱三")

    assert refused.value.reason == "full"


async def test_capacity_stays_large_enough_for_a_party_that_waits(union: Union, session: Session) -> None:
    first = await register(session, "赵一")
    await register_party(session, "钱一", "钱二")
    locked = await waiting.own_locked_session(union.wang, session.code)

    with pytest.raises(Invalid):
        await waiting.check_capacity(locked, 1)

    assert first.state == "confirmed"


async def test_capacity_stays_large_enough_for_a_party_in_the_draw(union: Union) -> None:
    activity = await make_activity(union.organization, admission="draw", group_most=4)
    session = await make_session(activity, 5)
    await register_party(session, "钱一", "钱二", "钱三")
    locked = await waiting.own_locked_session(union.wang, session.code)

    with pytest.raises(Invalid):
        await waiting.check_capacity(locked, 2)

    await waiting.check_capacity(locked, 3)


async def test_course_is_cancelled_and_served_as_a_whole(union: Union) -> None:
    activity = await make_activity(union.organization, extent="course")
    sessions = [await make_session(activity, capacity) for capacity in (1, 2, 3)]
    first, second = [await register(sessions[0], name) for name in ("赵一", "赵二")]

    before = [await counters(each) for each in sessions]
    await waiting.cancel(await ticket_of(first), sessions[1].code)

    assert (second.state, before) == ("waitlisted", [(1, 1)] * 3)
    assert [await counters(each) for each in sessions] == [(1, 0)] * 3
    assert [await states(each) for each in sessions] == [["released/cancelled", "confirmed"]] * 3
    assert len(await told(second)) == 1


async def test_course_is_served_when_its_full_session_is_called_off(union: Union) -> None:
    activity = await make_activity(union.organization, extent="course")
    small, large = [await make_session(activity, capacity) for capacity in (1, 2)]
    _first, second = [await register(small, name) for name in ("赵一", "赵二")]

    await call_off(union.wang, small.code, "暴雨")

    assert second.state == "waitlisted"
    assert await counters(large) == (2, 0)
    assert [("候补成功" in text, "已取消" in text) for text in await told(second)] == [
        (True, False),
        (False, True),
    ]


async def test_course_is_served_when_its_full_session_is_over(union: Union) -> None:
    activity = await make_activity(union.organization, extent="course")
    small, large = [await make_session(activity, capacity) for capacity in (1, 2)]
    for name in ("赵一", "赵二", "赵三"):
        await register(small, name)

    await waiting.go_on_with_courses()
    before = await counters(large)
    await database.fetch(
        """UPDATE session SET starts_at = starts_at - interval '4 hours', ends_at = ends_at - interval '4 hours',
                  closes_at = closes_at - interval '4 hours' WHERE id = $1""",
        small.id,
    )
    await waiting.go_on_with_courses()
    await waiting.go_on_with_courses()

    assert before == (1, 2)
    assert await counters(large) == (2, 1)
    assert await line(large) == ["赵三"]


async def test_nobody_moves_up_in_a_course_that_is_called_off_as_a_whole(union: Union) -> None:
    activity = await make_activity(union.organization, extent="course")
    small, large = [await make_session(activity, capacity) for capacity in (1, 2)]
    _first, second = [await register(small, name) for name in ("赵一", "赵二")]

    await call_off_activity(union.wang, activity.code, "暴雨")

    assert await counters(large) == (1, 1)
    assert [text for text in await told(second) if "候补成功" in text] == []


async def test_exchange_passes_the_place_on_and_nobody_moves_up(session: Session) -> None:
    first = await register(session, "赵一")
    await register(session, "赵二")
    await register(session, "赵三")

    heir = await exchange_with(session, first.seat, "钱一")

    row = await database.find("SELECT state, replaces FROM seat WHERE id = $1", heir.seats[0])
    assert row
    assert (row["state"], row["replaces"]) == ("confirmed", first.seat)
    assert (await states(session))[0] == "released/exchanged"
    assert (await counters(session), await line(session)) == ((2, 1), ["赵三"])


async def test_exchange_keeps_the_number_in_line(session: Session) -> None:
    seats = [await register(session, f"赵{n}") for n in range(5)]

    await exchange_with(session, seats[3].seat, "钱一")

    assert await line(session) == ["赵2", "钱一", "赵4"]


async def test_exchange_there_and_back_gives_the_place_back(session: Session) -> None:
    first = await register(session, "赵一")

    heir = await exchange_with(session, first.seat, "钱一")
    again = await exchange_with(session, heir.seats[0], "赵一")

    assert (again.seats, again.ticket) == ([first.seat], first.ticket)
    assert sorted(await states(session)) == ["confirmed", "released/exchanged"]
    assert await counters(session) == (1, 0)


async def test_exchange_is_refused_for_whoever_has_a_place_there(session: Session) -> None:
    first = await register(session, "赵一")
    await register(session, "赵二")

    with pytest.raises(Refused) as refused:
        await exchange_with(session, first.seat, "赵二")

    assert refused.value.reason == "already_registered"


async def test_exchange_is_refused_after_the_door(session: Session) -> None:
    first = await register(session, "赵一")
    sql = "UPDATE seat SET attended_at = now(), evidence = 'scan' WHERE id = $1"
    await database.fetch(sql, first.seat)

    with pytest.raises(Refused) as refused:
        await exchange_with(session, first.seat, "钱一")

    assert refused.value.reason == "not_held"


async def test_exchange_takes_the_whole_course_along(union: Union) -> None:
    activity = await make_activity(union.organization, extent="course")
    sessions = [await make_session(activity, 1) for _ in range(3)]
    first = await register(sessions[0], "赵一")

    heir = await exchange_with(sessions[0], first.seat, "钱一")

    assert len(heir.seats) == 3
    assert [await states(each) for each in sessions] == [["released/exchanged", "confirmed"]] * 3


async def test_moving_somebody_tells_them_and_whom_they_passed(union: Union, session: Session) -> None:
    seats = [await register(session, f"赵{n}") for n in range(5)]

    await move_in_line(union.wang, session.code, seats[4].seat, to_position(1, "工伤复查"))

    assert await line(session) == ["赵4", "赵2", "赵3"]
    heard = [await told(seat) for seat in seats]
    assert [len(texts) for texts in heard] == [0, 0, 1, 1, 1]
    assert "第1位" in heard[4][0]
    assert "工伤复查" in heard[4][0]
    assert "工伤复查" not in heard[2][0]


async def test_moving_somebody_is_written_down_with_whom_they_passed(union: Union, session: Session) -> None:
    seats = [await register(session, f"赵{n}") for n in range(5)]

    await move_in_line(union.wang, session.code, seats[4].seat, to_position(2))

    detail = await database.value("SELECT detail::text FROM audit_entry WHERE action = 'session.line'")
    assert f'"passed": [{seats[3].seat}]' in detail
    assert '"reason": "要先走"' in detail
    assert await line(session) == ["赵2", "赵4", "赵3"]


async def test_moving_into_a_place_needs_a_free_one(union: Union, session: Session) -> None:
    seats = [await register(session, f"赵{n}") for n in range(3)]

    form = LineForm(to=LineTarget.PLACE, reason="领队")
    with pytest.raises(Refused) as refused:
        await move_in_line(union.wang, session.code, seats[2].seat, form)

    assert refused.value.reason == "no_room"


async def test_moving_into_a_place_that_is_kept_for_a_party(union: Union, session: Session) -> None:
    first = await register(session, "赵一")
    await register(session, "赵二")
    party = await register_party(session, "钱一", "钱二")
    last = await register(session, "孙一")
    await waiting.cancel(await ticket_of(first), session.code)

    form = LineForm(to=LineTarget.PLACE, reason="领队")
    await move_in_line(union.wang, session.code, last.seat, form)

    assert await line(session) == ["钱一", "钱二"]
    assert await counters(session) == (2, 2)
    assert "排到了您前面" in (await told(party))[0]


async def test_party_moves_together(union: Union, session: Session) -> None:
    for name in ("赵一", "赵二", "孙一"):
        await register(session, name)
    party = await register_party(session, "钱一", "钱二")

    await move_in_line(union.wang, session.code, party.seat, to_position(1))

    assert await line(session) == ["钱一", "钱二", "孙一"]


async def test_line_is_another_unions_business(session: Session) -> None:
    seats = [await register(session, f"赵{n}") for n in range(3)]
    qian = await make_account("qian", Role.ORGANIZER, await make_organization())

    with pytest.raises(NotFound):
        await move_in_line(qian, session.code, seats[2].seat, to_position(1))


async def test_pages_show_the_same_position_to_everybody(
    union: Union, session: Session, client: httpx.AsyncClient
) -> None:
    seats = [await register(session, f"赵{n}") for n in range(5)]
    await waiting.cancel(await ticket_of(seats[2]), session.code)
    ticket = await client.get(f"/t/{ticket_text(seats[4].ticket, seats[4].signature)}")
    await let_in(client, union.wang)

    attendees = await client.get(f"/manage/sessions/{session.code}")
    shown = await client.get(f"/manage/sessions/{session.code}/line")

    for page in (ticket, attendees, shown):
        assert page.status_code == 200
        assert "第2位" in page.text
        assert "第3位" not in page.text


async def test_form_of_a_move_keeps_what_was_typed(
    union: Union, session: Session, client: httpx.AsyncClient
) -> None:
    seats = [await register(session, f"赵{n}") for n in range(3)]
    await let_in(client, union.wang)
    address = f"/manage/sessions/{session.code}/line/{seats[2].seat}"

    asked = await client.get(address)
    wrong = await client.post(address, data={"to": "position", "position": "", "reason": "要先走"})
    full = await client.post(address, data={"to": "place", "reason": "要先走"})
    done = await client.post(address, data={"to": "position", "position": "1", "reason": "要先走"})
    shown = await client.get(f"/manage/sessions/{session.code}/line")

    assert [page.status_code for page in (asked, wrong, full, done)] == [200, 422, 409, 303]
    assert "请填写要移到第几位" in wrong.text
    assert 'value="要先走"' in wrong.text
    assert "现在没有足够的空余名额" in full.text
    assert "原因：要先走" in shown.text


async def test_lines_of_nobody_are_not_found(
    union: Union, session: Session, client: httpx.AsyncClient
) -> None:
    await let_in(client, union.wang)
    confirmed = await register(session, "赵一")
    lines = f"/manage/sessions/{session.code}/line"

    for seat in ("0", "abc", "9" * 21, str(confirmed.seat)):
        assert (await client.get(f"{lines}/{seat}")).status_code == 404
        sent = {"to": "position", "position": "1", "reason": "要先走"}
        assert (await client.post(f"{lines}/{seat}", data=sent)).status_code == 404
