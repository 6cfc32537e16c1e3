"""A ticket's page: showing it, taking it along, giving it back, finding it again."""

import re
from datetime import timedelta

import httpx
import pytest
from icalendar import Calendar
from tests.people import Union, make_activity, make_session, make_union, register
from tests.races import scan_of

from events_app.checkin.actions import admitting as checkin
from events_app.lib import clock, database
from events_app.lib.codes import ticket_text
from events_app.programmes.tables import Kind, Session
from events_app.registration.actions import sessions
from events_app.registration.queries import SeatTaken

NO_TICKET = "没有这张入场码。请从报名时保存的链接打开，或用姓名、手机号码和查询码找回。"
NOT_FOUND = "没有找到。请核对姓名、手机号码和报名时显示的六位查询码。"


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


def address(seat: SeatTaken) -> str:
    return f"/t/{ticket_text(seat.ticket, seat.signature)}"


async def pin_of(seat: SeatTaken) -> str:
    pin: str = await database.value("SELECT pin FROM registration WHERE ticket = $1", seat.ticket)
    return pin


async def test_ticket_shows_code_holder_place_and_pin(union: Union, client: httpx.AsyncClient) -> None:
    seat = await register(union.session, unit="昆明机床厂")

    answer = await client.get(address(seat))

    assert answer.status_code == 200
    assert re.search(r'aria-label="赵敏的入场二维码"><svg', answer.text)
    for text in ("赵敏", "昆明机床厂", "大礼堂", await pin_of(seat), f"{seat.ticket[:4]}-{seat.ticket[4:8]}"):
        assert text in answer.text


async def test_ticket_is_nobody_elses_to_keep(union: Union, client: httpx.AsyncClient) -> None:
    answer = await client.get(address(await register(union.session)))

    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["referrer-policy"] == "same-origin"


async def test_ticket_needs_its_own_signature(union: Union, client: httpx.AsyncClient) -> None:
    zhao, qian = await register(union.session, "赵一"), await register(union.session, "钱二")
    text = ticket_text(zhao.ticket, zhao.signature)
    forged = [
        zhao.ticket,
        f"{zhao.ticket}.",
        ticket_text(zhao.ticket, qian.signature),
        ticket_text(zhao.ticket, bytes(64)),
        text[:-1],
        text[:40] + "!" + text[41:],
        text[:40] + "%00" + text[41:],
        text.lower(),
        "unknown",
    ]

    answers = [await client.get(f"/t/{t}") for t in forged]

    assert [answer.status_code for answer in answers] == [404] * len(forged)
    assert NO_TICKET in answers[0].text
    assert ["赵一" in answer.text for answer in answers] == [False] * len(forged)


async def test_forged_ticket_cancels_nothing(union: Union, client: httpx.AsyncClient) -> None:
    zhao, qian = await register(union.session, "赵一"), await register(union.session, "钱二")
    forged = ticket_text(zhao.ticket, qian.signature)

    answer = await client.post(f"/t/{forged}/cancellation/{union.session.code}")

    assert answer.status_code == 404
    assert await database.value("SELECT taken FROM session WHERE id = $1", union.session.id) == 2


async def test_calendar_file_has_the_appointment(union: Union, client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{address(await register(union.session))}/calendar.ics")

    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''ticket.ics"
    assert str(event["UID"]) == f"{union.session.code}@testserver"
    assert event.decoded("DTSTART") == union.session.starts_at.replace(microsecond=0)
    assert (str(event["SUMMARY"]), str(event["STATUS"])) == ("劳模工匠进校园", "CONFIRMED")
    assert str(event["LOCATION"]) == "大礼堂 昆明市安宁市宁波路1号"


async def test_calendar_file_says_that_a_session_is_called_off(
    union: Union, client: httpx.AsyncClient
) -> None:
    seat = await register(union.session)
    await sessions.call_off(union.wang, union.session.code, "暴雨红色预警")

    (event,) = Calendar.from_ical((await client.get(f"{address(seat)}/calendar.ics")).content).walk("VEVENT")

    assert (str(event["STATUS"]), event["SEQUENCE"]) == ("CANCELLED", 1)


@pytest.mark.parametrize("approval", [False, True], ids=["waiting", "pending"])
async def test_place_that_is_not_certain_is_in_no_calendar(
    union: Union, client: httpx.AsyncClient, approval: bool
) -> None:
    admission = "approval" if approval else "open"
    session = await make_session(await make_activity(union.organization, admission=admission), capacity=1)
    if not approval:
        await register(session, "钱二")
    seat = await register(session)

    page, file = await client.get(address(seat)), await client.get(f"{address(seat)}/calendar.ics")

    assert ("加入日历" in page.text, file.status_code) == (False, 200)
    assert Calendar.from_ical(file.content).walk("VEVENT") == []


async def test_place_that_was_given_back_is_a_cancelled_appointment(
    union: Union, client: httpx.AsyncClient
) -> None:
    seat = await register(union.session)
    held = await client.get(address(seat))
    await client.post(f"{address(seat)}/cancellation/{union.session.code}")

    page, file = await client.get(address(seat)), await client.get(f"{address(seat)}/calendar.ics")

    assert ("加入日历" in held.text, "加入日历" in page.text) == (True, False)
    (event,) = Calendar.from_ical(file.content).walk("VEVENT")
    assert str(event["STATUS"]) == "CANCELLED"


async def seats_of_two_days(union: Union) -> tuple[Session, Session, SeatTaken]:
    """One ticket for today and, registered for first, tomorrow, where it waits."""
    now = clock.now()
    times = {"starts_at": now + timedelta(days=1), "ends_at": now + timedelta(days=1, hours=1)}
    tomorrow = await make_session(union.activity, 1, **times)
    await register(tomorrow, "钱二")
    await register(tomorrow)
    return union.session, tomorrow, await register(union.session)


def card_states(page: httpx.Response) -> tuple[str, list[str]]:
    """Of the card as a whole, and of its seats from top to bottom."""
    (card,) = re.findall(r'<article class="ticket" data-state="(\w+)"', page.text)
    rows = page.text.partition('class="ticket-body"')[2]
    return card, re.findall("报名成功|候补中|已取消", rows)


async def test_card_is_about_the_next_seat_that_is_held(union: Union, client: httpx.AsyncClient) -> None:
    today, tomorrow, seat = await seats_of_two_days(union)
    both = card_states(await client.get(address(seat)))
    await client.post(f"{address(seat)}/cancellation/{today.code}")
    second = card_states(await client.get(address(seat)))
    await client.post(f"{address(seat)}/cancellation/{tomorrow.code}")

    none = card_states(await client.get(address(seat)))

    assert both == ("confirmed", ["报名成功", "候补中"])
    assert second == ("waitlisted", ["已取消", "候补中"])
    assert none == ("released", ["已取消", "已取消"])


async def test_card_leaves_behind_what_is_over(union: Union, client: httpx.AsyncClient) -> None:
    today, _tomorrow, seat = await seats_of_two_days(union)
    now = clock.now()
    await Session.update(
        {
            Session.starts_at: now - timedelta(hours=3),
            Session.ends_at: now - timedelta(hours=1),
            Session.closes_at: now - timedelta(hours=2),
        }
    ).where(Session.id == today.id)

    assert card_states(await client.get(address(seat)))[0] == "waitlisted"


async def test_calendar_file_keeps_legal_aid_to_itself(union: Union, client: httpx.AsyncClient) -> None:
    session = await make_session(
        await make_activity(union.organization, kind=Kind.LEGAL_AID, title="欠薪咨询")
    )
    seat = await register(session)

    answer = await client.get(f"{address(seat)}/calendar.ics")

    assert "欠薪咨询" in (await client.get(address(seat))).text  # there is something to hide
    assert ("欠薪咨询" in answer.text, "工会服务" in answer.text) == (False, True)


async def test_giving_a_place_back_takes_two_steps(union: Union, client: httpx.AsyncClient) -> None:
    seat = await register(union.session)
    question = f"{address(seat)}/cancellation/{union.session.code}"

    asked = await client.get(question)
    held = await database.value("SELECT state FROM seat")
    done = await client.post(question)

    assert question in (await client.get(address(await register(union.session)))).text.replace("&#x2f;", "/")
    assert (asked.status_code, "取消报名？" in asked.text, held) == (200, True, "confirmed")
    assert (done.status_code, done.headers["location"]) == (303, address(seat))


async def test_place_given_back_goes_to_whoever_waits(union: Union, client: httpx.AsyncClient) -> None:
    session = await make_session(union.activity, capacity=1)
    first, waiting = await register(session, "赵一"), await register(session, "赵二")

    await client.post(f"{address(first)}/cancellation/{session.code}")

    assert "已取消" in (await client.get(address(first))).text
    assert "赵二的入场二维码" in (await client.get(address(waiting))).text
    assert "赵一的入场二维码" not in (await client.get(address(first))).text


async def test_cancelling_twice_is_refused_and_counts_once(union: Union, client: httpx.AsyncClient) -> None:
    seat = await register(union.session)
    question = f"{address(seat)}/cancellation/{union.session.code}"

    answers = [await client.post(question) for _twice in range(2)]

    assert [answer.status_code for answer in answers] == [303, 409]
    assert "已经取消或已经签到" in answers[1].text
    assert await database.value("SELECT taken FROM session WHERE id = $1", union.session.id) == 0


async def test_who_came_cannot_cancel(union: Union, client: httpx.AsyncClient) -> None:
    seat = await register(union.session)
    await checkin.admit(scan_of(union.session.code, seat.ticket, seat.signature, union.li.account))

    answer = await client.post(f"{address(seat)}/cancellation/{union.session.code}")

    assert (answer.status_code, await database.value("SELECT state FROM seat")) == (409, "confirmed")
    assert "取消报名…" not in (await client.get(address(seat))).text


async def test_after_the_end_nobody_cancels_and_nobody_moves_up(
    union: Union, client: httpx.AsyncClient
) -> None:
    session = await make_session(union.activity, capacity=1)
    first, waiting = await register(session, "赵一"), await register(session, "赵二")
    now = clock.now()
    await Session.update(
        {
            Session.starts_at: now - timedelta(hours=3),
            Session.ends_at: now - timedelta(hours=1),
            Session.closes_at: now - timedelta(hours=2),
        }
    ).where(Session.id == session.id)

    answer = await client.post(f"{address(first)}/cancellation/{session.code}")

    assert (answer.status_code, "本场已经结束，报名不能再取消。" in answer.text) == (409, True)
    assert "取消报名…" not in (await client.get(address(first))).text
    assert "候补中" in (await client.get(address(waiting))).text


async def test_called_off_session_moves_nobody_up(union: Union, client: httpx.AsyncClient) -> None:
    session = await make_session(union.activity, capacity=1)
    first, waiting = await register(session, "赵一"), await register(session, "赵二")
    await sessions.call_off(union.wang, session.code, "暴雨红色预警")

    answer = await client.post(f"{address(first)}/cancellation/{session.code}")

    assert (answer.status_code, "本场已经取消，不必再取消报名。" in answer.text) == (409, True)
    assert "报名成功" not in (await client.get(address(waiting))).text
    assert await database.value("SELECT state FROM seat WHERE id = $1", waiting.seat) == "waitlisted"
    assert "暴雨红色预警" in (await client.get(address(first))).text


async def test_ticket_of_another_session_cancels_nothing(union: Union, client: httpx.AsyncClient) -> None:
    other = await make_session(await make_activity(union.organization))
    seat = await register(union.session)
    await register(other, "钱二")
    question = f"{address(seat)}/cancellation/"

    answers = [
        await client.get(question + other.code),
        await client.post(question + other.code),
        await client.post(question + "nowhere"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert await database.value("SELECT count(*) FROM seat WHERE state = 'released'") == 0


async def test_ticket_is_found_with_name_phone_and_pin(union: Union, client: httpx.AsyncClient) -> None:
    seat = await register(union.session)

    answer = await client.post(
        "/tickets/find",
        data={"name": " 赵敏", "phone": "１９９ ００００ １２３４", "pin": await pin_of(seat)},
    )

    assert (answer.status_code, answer.headers["location"]) == (303, address(seat))


@pytest.mark.parametrize("wrong", [{"name": "赵"}, {"phone": "19900001235"}, {"pin": "another"}])
async def test_ticket_is_not_found_by_halves(
    union: Union, client: httpx.AsyncClient, wrong: dict[str, str]
) -> None:
    pin = await pin_of(await register(union.session))
    sent = {"name": "赵敏", "phone": "19900001234", "pin": pin} | wrong
    sent["pin"] = sent["pin"].replace("another", f"{(int(pin) + 1) % 1_000_000:06}")

    answer = await client.post("/tickets/find", data=sent)

    assert (answer.status_code, NOT_FOUND in answer.text) == (422, True)
    assert all(f'value="{typed}"' in answer.text for typed in sent.values())


async def test_guessing_pins_has_an_end(union: Union, client: httpx.AsyncClient) -> None:
    pin = await pin_of(await register(union.session))
    wrong = {"name": "赵敏", "phone": "19900001234", "pin": f"{(int(pin) + 1) % 1_000_000:06}"}

    statuses = [(await client.post("/tickets/find", data=wrong)).status_code for _try in range(10)]
    answer = await client.post("/tickets/find", data=wrong | {"pin": pin})

    assert statuses == [422] * 10
    assert (answer.status_code, 1 <= int(answer.headers["retry-after"]) <= 3600) == (429, True)


async def test_one_address_cannot_try_many_phones(union: Union, client: httpx.AsyncClient) -> None:
    sent = {"name": "赵敏", "pin": "000000"}

    statuses = [
        (await client.post("/tickets/find", data=sent | {"phone": f"139{n:08}"})).status_code
        for n in range(101)
    ]

    assert statuses == [422] * 100 + [429]


async def test_ticket_of_a_called_off_session_lets_nobody_in(union: Union, client: httpx.AsyncClient) -> None:
    seat = await register(union.session)
    await sessions.call_off(union.wang, union.session.code, "因暴雨红色预警")

    page = (await client.get(address(seat))).text

    assert "本场已取消" in page
    assert "因暴雨红色预警" in page
    assert "入场二维码" not in page
    assert "报名成功" not in page


async def test_blank_in_a_chinese_name_makes_nobody_another_person(
    union: Union, client: httpx.AsyncClient
) -> None:
    seat = await register(union.session, "赵敏")

    sent = {"name": "赵　 敏", "phone": "19900001234", "pin": await pin_of(seat)}
    answer = await client.post("/tickets/find", data=sent)

    assert answer.headers["location"] == address(seat)
