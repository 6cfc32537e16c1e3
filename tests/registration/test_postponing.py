"""An activity is postponed, resumed or called off: what happens to its sessions, and what its people hear of it."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from tests.people import (
    Union,
    authorization,
    let_in,
    make_activity,
    make_session,
    make_union,
    moment_field,
    register,
)

from events_app.lib import clock, codes, database
from events_app.lib.errors import Refused
from events_app.notifications.queries import list_messages
from events_app.notifications.tables import Recipient
from events_app.programmes.queries.guests import GuestRow, set_guests
from events_app.programmes.rules.sessions import Phase
from events_app.programmes.tables import Session

PASSED: dict[Any, Any] = {
    Session.starts_at: clock.now() - timedelta(hours=5),
    Session.ends_at: clock.now() - timedelta(hours=3),
    Session.closes_at: clock.now() - timedelta(hours=4),
}


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


@pytest.fixture
async def wang(union: Union, client: httpx.AsyncClient) -> httpx.AsyncClient:
    await let_in(client, union.wang)
    return client


@pytest.fixture
async def over(union: Union) -> Session:
    """The activity's first session took place two days ago."""
    now = clock.now()
    return await make_session(
        union.activity,
        title="过去",
        starts_at=now - timedelta(days=2, hours=2),
        ends_at=now - timedelta(days=2),
        opens_at=now - timedelta(days=9),
        closes_at=now - timedelta(days=2),
    )


async def take(client: httpx.AsyncClient, union: Union, step: str, **form: str) -> httpx.Response:
    return await client.post(f"/manage/activities/{union.activity.code}/{step}", data=form)


async def session_of(session: Session) -> tuple[bool, bool, int]:
    """Whether it is postponed, whether it is called off, and its sequence."""
    row = await database.find(
        "SELECT postponed_at, called_off_at, sequence FROM session WHERE id = $1", session.id
    )
    assert row is not None
    return row["postponed_at"] is not None, row["called_off_at"] is not None, row["sequence"]


async def told(registration: int) -> list[str]:
    return [message.text for message in await list_messages(Recipient.REGISTRATION, registration)]


async def registration_of(seat: int) -> int:
    return int(await database.value("SELECT registration FROM seat WHERE id = $1", seat))


async def test_page_says_whom_it_touches_before_anything_happens(
    wang: httpx.AsyncClient, union: Union, over: Session
) -> None:
    await register(union.session)
    await register(await make_session(union.activity, 1, title="第二场"), "孙丽", "19900001235")
    guests = [GuestRow("耿家盛", "全国劳动模范", "")]
    await set_guests(union.session.id, union.organization.id, guests)

    for step in ("postponement", "calling-off"):
        page = unescape((await wang.get(f"/manage/activities/{union.activity.code}/{step}")).text)
        for text in (
            "2场会",
            "2个席位",
            "报名成功2，待审核0，候补0",
            "1位嘉宾",
            "1场已经结束或有人签到，不受影响",
        ):
            assert text in page

    assert await session_of(union.session) == (False, False, 0)


async def test_postponed_session_takes_nobody_and_tells_everybody(
    wang: httpx.AsyncClient, union: Union, over: Session
) -> None:
    seat = await register(union.session)
    ticket = codes.ticket_text(seat.ticket, seat.signature)
    script = await authorization(union.li)
    scan = {"session": union.session.code, "ticket": ticket, "nonce": "n1", "direction": "in"}

    answer = await take(wang, union, "postponement", reason="暴雨红色预警")

    assert answer.status_code == 303
    assert await session_of(union.session) == (True, False, 1)
    assert await session_of(over) == (False, False, 0)
    with pytest.raises(Refused) as refused:
        await register(union.session, "孙丽", "19900001235")
    assert refused.value.reason == "postponed"
    refusal = await wang.post("/api/v1/check-ins", json=scan, headers=script)
    assert (refusal.status_code, refusal.json()["reason"]) == (409, "not_open")
    messages = await told(await registration_of(seat.seat))
    assert len(messages) == 1
    assert all(text in messages[0] for text in ("延期", "暴雨红色预警", "报名"))


async def test_everybody_sees_that_it_is_postponed(wang: httpx.AsyncClient, union: Union) -> None:
    seat = await register(union.session)
    await take(wang, union, "postponement", reason="暴雨")
    ticket = codes.ticket_text(seat.ticket, seat.signature)
    pages = {
        f"/s/{union.session.code}": "本场延期举行",
        f"/activities/{union.activity.code}": "活动延期举行",
        f"/t/{ticket}": "延期举行，新的时间确定后会通知您。",
        "/": "已延期",
        f"/manage/activities/{union.activity.code}": "已延期",
    }

    for address, text in pages.items():
        assert text in (await wang.get(address)).text, address
    for feed in (f"/o/{union.organization.code}.ics", f"/t/{ticket}/calendar.ics"):
        lines = (await wang.get(feed)).text.splitlines()
        assert "STATUS:TENTATIVE" in lines
        assert "SEQUENCE:1" in lines
        assert any(line.startswith("SUMMARY:【延期】") for line in lines)


async def test_postponed_session_calls_nobody_to_the_door(wang: httpx.AsyncClient, union: Union) -> None:
    seat = await register(union.session)
    address = f"/t/{codes.ticket_text(seat.ticket, seat.signature)}"
    before = (await wang.get(address)).text
    await take(wang, union, "postponement", reason="暴雨")

    ticket, session = [(await wang.get(page)).text for page in (address, f"/s/{union.session.code}")]

    assert ("到场出示" in before, "到场出示" in ticket) == (True, False)
    assert ('<span class="badge" data-state="postponed">已延期</span>' in ticket, 'class="qr"' in ticket) == (
        True,
        True,
    )
    assert "个名额" not in session


async def test_resumed_session_takes_people_again(wang: httpx.AsyncClient, union: Union) -> None:
    seat = await register(union.session)
    await take(wang, union, "postponement", reason="暴雨")

    answer = await take(wang, union, "resumption")

    assert answer.status_code == 303
    assert await session_of(union.session) == (False, False, 2)
    assert (await register(union.session, "孙丽", "19900001235")).created
    messages = await told(await registration_of(seat.seat))
    assert ["恢复" in messages[0], "延期" in messages[1]] == [True, True]


async def test_resuming_asks_about_what_was_planned_there_meanwhile(
    wang: httpx.AsyncClient, union: Union
) -> None:
    await take(wang, union, "postponement", reason="暴雨")
    other = await make_session(await make_activity(union.organization))
    held = await session_of(union.session)

    asked = await take(wang, union, "resumption")
    in_vain = await take(wang, union, "resumption", accept_clashes="yes", accepted="x" * 500)
    accepted = re.findall(r'name="accepted" value="([^"]*)"', asked.text)
    still = await session_of(union.session)
    resumed = await take(wang, union, "resumption", accept_clashes="yes", accepted=unescape(accepted[0]))

    assert (asked.status_code, in_vain.status_code, resumed.status_code) == (409, 409, 303)
    assert f'href="/manage/sessions/{other.code}"' in asked.text
    assert (held, still) == ((True, False, 1), (True, False, 1))
    assert await session_of(union.session) == (False, False, 2)
    sql = "SELECT subject FROM audit_entry WHERE action = 'clash.accept'"
    assert await database.value(sql) == union.session.code


async def test_time_that_passed_is_set_anew_before_resuming(wang: httpx.AsyncClient, union: Union) -> None:
    await take(wang, union, "postponement", reason="暴雨")
    await Session.update(PASSED).where(Session.id == union.session.id)

    refused = await take(wang, union, "resumption")
    page = await wang.get(f"/manage/activities/{union.activity.code}")
    called_off = await take(wang, union, "calling-off", reason="不办了")

    assert (refused.status_code, "请先把它们改到新的时间" in refused.text) == (409, True)
    assert "有1个延期的场次" in page.text
    assert called_off.status_code == 303
    assert await session_of(union.session) == (True, True, 2)


async def test_session_that_is_moved_has_a_time_again(wang: httpx.AsyncClient, union: Union) -> None:
    await register(union.session)
    await take(wang, union, "postponement", reason="暴雨")
    await Session.update(PASSED).where(Session.id == union.session.id)
    start = clock.now() + timedelta(days=7)
    form = {
        "starts_at": moment_field(start),
        "ends_at": moment_field(start + timedelta(hours=2)),
        "venue": "大礼堂",
        "address": "昆明市安宁市宁波路1号",
    }

    shown = await wang.get(f"/manage/sessions/{union.session.code}/move", params=form)
    told = re.search(r'name="told" value="([^"]+)"', shown.text)
    assert told
    moved = await wang.post(f"/manage/sessions/{union.session.code}/move", data=form | {"told": told[1]})
    public = await wang.get(f"/activities/{union.activity.code}")
    resumed = await take(wang, union, "resumption")

    assert (moved.status_code, resumed.status_code) == (303, 303)
    assert "活动延期举行" not in public.text  # there is nothing left to wait for
    assert await session_of(union.session) == (False, False, 2)
    assert (await register(union.session, "孙丽", "19900001235")).created


async def test_calling_off_reaches_every_session_to_come(
    wang: httpx.AsyncClient, union: Union, over: Session
) -> None:
    other = await make_session(union.activity, title="第二场")
    running = await make_session(union.activity, title="有人签到", attended=1)
    seats = [await register(session) for session in (union.session, other)]

    answer = await take(wang, union, "calling-off", reason="疫情")

    assert answer.status_code == 303
    assert [await session_of(s) for s in (union.session, other, running, over)] == [
        (False, True, 1),
        (False, True, 1),
        (False, False, 0),
        (False, False, 0),
    ]
    messages = await told(await registration_of(seats[0].seat))
    assert [("取消" in text, "疫情" in text) for text in messages] == [(True, True)] * 2
    assert "活动已取消。" in (await wang.get(f"/activities/{union.activity.code}")).text


async def test_restored_activity_keeps_its_sessions_called_off(wang: httpx.AsyncClient, union: Union) -> None:
    await take(wang, union, "calling-off", reason="疫情")

    answer = await take(wang, union, "restoration")

    assert answer.status_code == 303
    assert await session_of(union.session) == (False, True, 1)
    state = await database.value("SELECT state FROM activity WHERE id = $1", union.activity.id)
    assert state == "published"


async def test_finished_activity_is_neither_postponed_nor_called_off(
    wang: httpx.AsyncClient, union: Union, over: Session
) -> None:
    await database.fetch("DELETE FROM session WHERE id = $1", union.session.id)

    answers = [await take(wang, union, step, reason="雨") for step in ("postponement", "calling-off")]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert "所有场次都已经结束" in answers[1].text


async def test_nothing_is_told_where_the_step_is_refused(wang: httpx.AsyncClient, union: Union) -> None:
    await register(union.session)
    await take(wang, union, "postponement", reason="雨")

    again = await take(wang, union, "postponement", reason="还在下雨")

    assert again.status_code == 409
    assert await database.value("SELECT count(*) FROM message") == 1
    assert await session_of(union.session) == (True, False, 1)


async def test_postponed_session_whose_time_passed_was_not_held(
    wang: httpx.AsyncClient, union: Union
) -> None:
    held = await make_activity(union.organization, title="办过的")
    session = await make_session(held)
    await Session.update(PASSED).where(Session.id == session.id)
    script = await authorization(union.wang)
    address = f"/api/v1/sessions/{session.code}"

    phases = [(await wang.get(address, headers=script)).json()["phase"]]
    await Session.update({Session.postponed_at: clock.now()}).where(Session.id == session.id)
    phases.append((await wang.get(address, headers=script)).json()["phase"])

    assert phases == [Phase.OVER, Phase.POSTPONED]


async def test_gate_and_poster_say_so_too(wang: httpx.AsyncClient, union: Union) -> None:
    await take(wang, union, "postponement", reason="暴雨")

    gate = await wang.get(f"/gate/{union.session.code}")
    poster = await wang.get(f"/s/{union.session.code}/poster")

    assert "本场已延期，现在不签到。" in gate.text
    assert "本场延期举行" in poster.text
