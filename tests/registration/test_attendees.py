"""What an organiser does to a session that people are registered for: changing it, declining, calling it off."""

import asyncio
from collections.abc import Coroutine
from contextvars import Context
from datetime import timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from tests.people import Union, let_in, make_session, make_union, moment_field, register
from tests.races import scan_of

from events_app.checkin.actions import admitting as checkin
from events_app.lib import clock, database
from events_app.programmes.tables import Session
from events_app.registration import queries
from events_app.registration.actions import decisions as actions
from events_app.registration.actions import sessions

OVER = {"starts_at": timedelta(hours=-3), "ends_at": timedelta(hours=-1), "closes_at": timedelta(hours=-2)}


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


@pytest.fixture
async def wang(union: Union, client: httpx.AsyncClient) -> httpx.AsyncClient:
    await let_in(client, union.wang)
    return client


async def end(session: Session) -> None:
    now = clock.now()
    await Session.update({name: now + ago for name, ago in OVER.items()}).where(Session.id == session.id)


async def call_off(union: Union, session: Session) -> None:
    await sessions.call_off(union.wang, session.code, "暴雨红色预警")


async def form_of(session: Session, **changes: Any) -> dict[str, Any]:
    """What the page of changing this session sends."""
    row = await Session.objects().get(Session.id == session.id)
    assert row
    times = {
        name: moment_field(getattr(row, name)) for name in ("starts_at", "ends_at", "opens_at", "closes_at")
    }
    kept = {"venue": "大礼堂", "capacity": row.capacity, "waiting_list": "yes", "check_in_lead": 60}
    return {"title": "", "address": "", "site": "", "guests": "", **times, **kept, **changes}


def elsewhere(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """On another connection than the transaction that runs here."""
    return asyncio.create_task(work, context=Context())


async def states(session: Session) -> list[str]:
    rows = await database.fetch("SELECT state FROM seat WHERE session = $1 ORDER BY id", session.id)
    return [row["state"] for row in rows]


async def test_another_unions_organiser_waits_for_no_row_of_ours(committed_db: str) -> None:
    ours, theirs = await make_union(), await make_union("浙江省总工会", "qian", "zhou")
    seat = await register(ours.session)
    qian = asyncio.wait_for(actions.decline(theirs.wang, ours.session.code, seat.seat), 2)
    wang = asyncio.wait_for(actions.decline(ours.wang, ours.session.code, seat.seat), 0.2)

    async with database.transaction():
        await queries.lock_session(ours.session.code)
        answers = await asyncio.gather(*map(elsewhere, (qian, wang)), return_exceptions=True)

    assert [type(answer).__name__ for answer in answers] == ["NotFound", "TimeoutError"]


@pytest.mark.parametrize("ended", [True, False], ids=["over", "called off"])
async def test_declining_where_nothing_takes_place_any_more_moves_nobody_up(
    wang: httpx.AsyncClient, union: Union, ended: bool
) -> None:
    session = await make_session(union.activity, capacity=1)
    seat, _waiting = await register(session, "赵一"), await register(session, "赵二")
    await (end(session) if ended else call_off(union, session))

    answer = await wang.post(f"/manage/sessions/{session.code}/seats/{seat.seat}/refusal")

    assert (answer.status_code, await states(session)) == (303, ["released", "waitlisted"])


async def test_declining_moves_the_first_in_line_up(wang: httpx.AsyncClient, union: Union) -> None:
    session = await make_session(union.activity, capacity=1)
    seat, _waiting = await register(session, "赵一"), await register(session, "赵二")

    await wang.post(f"/manage/sessions/{session.code}/seats/{seat.seat}/refusal")

    assert await states(session) == ["released", "confirmed"]


@pytest.mark.parametrize(("ended", "moved"), [(False, "confirmed"), (True, "waitlisted")])
async def test_more_places_help_while_the_session_is_to_come(
    wang: httpx.AsyncClient, union: Union, ended: bool, moved: str
) -> None:
    session = await make_session(union.activity, capacity=1)
    await register(session, "赵一")
    await register(session, "赵二")
    if ended:
        await end(session)

    answer = await wang.post(f"/manage/sessions/{session.code}/edit", data=await form_of(session, capacity=2))

    assert (answer.status_code, await states(session)) == (303, ["confirmed", moved])


async def test_called_off_session_is_not_changed(wang: httpx.AsyncClient, union: Union) -> None:
    await call_off(union, union.session)

    answer = await wang.post(
        f"/manage/sessions/{union.session.code}/edit", data=await form_of(union.session, capacity=99)
    )

    opened = await wang.get(f"/manage/sessions/{union.session.code}/edit")
    own = (await wang.get(f"/manage/sessions/{union.session.code}")).text
    assert (answer.status_code, "本场已经取消，不能再修改。" in answer.text) == (409, True)
    assert (opened.status_code, f"/manage/sessions/{union.session.code}/edit" in own) == (409, False)
    assert await database.value("SELECT capacity FROM session WHERE id = $1", union.session.id) == 50


async def test_session_that_is_over_is_not_called_off(wang: httpx.AsyncClient, union: Union) -> None:
    await end(union.session)

    answer = await wang.post(f"/manage/sessions/{union.session.code}/call-off", data={"reason": "暴雨"})

    assert (answer.status_code, "本场已经结束，不能再取消。" in answer.text) == (409, True)
    assert await database.value("SELECT called_off_at FROM session WHERE id = $1", union.session.id) is None


async def test_session_that_somebody_came_to_is_not_called_off(wang: httpx.AsyncClient, union: Union) -> None:
    seat = await register(union.session)
    await checkin.admit(scan_of(union.session.code, seat.ticket, seat.signature, union.li.account))

    answer = await wang.post(f"/manage/sessions/{union.session.code}/call-off", data={"reason": "暴雨"})

    assert (answer.status_code, "本场已有1人签到，不能再取消。" in answer.text) == (409, True)
    assert await database.value("SELECT called_off_at FROM session WHERE id = $1", union.session.id) is None


async def test_session_is_called_off_once(wang: httpx.AsyncClient, union: Union) -> None:
    address = f"/manage/sessions/{union.session.code}/call-off"

    answers = [await wang.post(address, data={"reason": "暴雨"}) for _twice in range(2)]

    assert [answer.status_code for answer in answers] == [303, 409]
    assert "本场已经取消过了。" in answers[1].text


async def test_guests_stay_what_they_are_when_a_session_is_saved_again(
    wang: httpx.AsyncClient, union: Union
) -> None:
    address = f"/manage/sessions/{union.session.code}"
    guests = "张三，，昆明某厂\n耿家盛，全国劳动模范，昆明机床厂\n李师傅，高级技师\n王师傅"

    await wang.post(
        f"{address}/edit", data=await form_of(union.session, guests="张三,,昆明某厂" + guests[8:])
    )
    shown = unescape((await wang.get(f"{address}/edit")).text).partition('name="guests"')[2]
    shown = shown.partition(">")[2].partition("</textarea>")[0].strip()
    await wang.post(f"{address}/edit", data=await form_of(union.session, guests=shown))

    assert shown == guests
    rows = await database.fetch("SELECT name, honour, unit FROM guest ORDER BY name")
    assert sorted(tuple(row) for row in rows) == sorted(
        [
            ("张三", "", "昆明某厂"),
            ("耿家盛", "全国劳动模范", "昆明机床厂"),
            ("李师傅", "高级技师", ""),
            ("王师傅", "", ""),
        ]
    )
