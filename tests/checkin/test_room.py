"""The organiser's page of a session on the day: who is in and how, and where to go on from here."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from piccolo.columns import Column
from tests.gates import make_gate
from tests.people import Union, let_in, make_activity, make_session, make_union, register

from events_app.checkin.actions.admitting import admit
from events_app.checkin.queries.admitting import Scan
from events_app.checkin.tables import Direction
from events_app.lib import clock, database
from events_app.programmes.tables import Activity, Session
from events_app.registration.tables import Evidence

SESSION_PAGES = ["", "/line", "/check-in", "/gates", "/door", "/edit", "/move", "/call-off", "/draw"]


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


@pytest.fixture
async def wang(client: httpx.AsyncClient, union: Union) -> httpx.AsyncClient:
    await let_in(client, union.wang)
    return client


async def come(union: Union, name: str, **given: Any) -> None:
    """Somebody of the session, by what `given` says of the scan."""
    seat = await register(union.session, name)
    usual: dict[str, Any] = {"evidence": Evidence.SCAN, "direction": Direction.IN, "at": clock.now()}
    await admit(
        Scan(
            session=union.session.code,
            ticket=seat.ticket,
            nonce=name + given.get("direction", ""),
            account=union.wang.account,
            address="",
            request_id="",
            **usual | given,
        )
    )


async def page_of(wang: httpx.AsyncClient, address: str, **headers: str) -> str:
    answer = await wang.get(address, headers=headers)
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


async def room_of(wang: httpx.AsyncClient, union: Union) -> str:
    return await page_of(wang, f"/manage/sessions/{union.session.code}/check-in")


def totals(page: str) -> dict[str, str]:
    pairs = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page, re.DOTALL)
    return {name: "".join(re.sub(r"<[^>]*>", "", value).split()) for name, value in pairs}


async def test_nobody_has_come_yet(wang: httpx.AsyncClient, union: Union) -> None:
    await register(union.session)

    page = await room_of(wang, union)

    assert totals(page) == {
        "已签到": "0/1",
        "还没有来": "1",
        "现在在场": "0",
        "最近5分钟签到": "0",
        "签到点在线": "0/0",
    }
    assert 'class="came"' not in page


async def test_numbers_tell_who_is_in_and_how(wang: httpx.AsyncClient, union: Union) -> None:
    await come(union, "赵敏")
    await come(union, "孙丽", evidence=Evidence.ROSTER)
    await come(union, "周杰", evidence=Evidence.LATER)
    await register(union.session, "吴彤")
    await database.fetch("UPDATE scan SET at = now() - interval '6 minutes' WHERE nonce LIKE '赵敏%'")
    left = await database.value("SELECT ticket FROM scan WHERE nonce LIKE '孙丽%'")
    await admit(
        Scan(
            session=union.session.code,
            ticket=left,
            nonce="out",
            direction=Direction.OUT,
            at=clock.now(),
            account=union.wang.account,
            address="",
            request_id="",
        )
    )

    page = await room_of(wang, union)

    shown = totals(page)
    assert (shown["已签到"], shown["还没有来"], shown["现在在场"]) == ("3/4", "1", "1")
    assert shown["最近5分钟签到"] == "2"
    assert [way for way in ("扫码", "名册", "补录", "纸质") if f"{way} <b>1</b>" in page] == [
        "扫码",
        "名册",
        "补录",
    ]


async def test_pupils_without_names_are_in_as_well(wang: httpx.AsyncClient, union: Union) -> None:
    await database.fetch(
        """WITH r AS (INSERT INTO roster (activity, unit, secret, arrival_code, leader_name, leader_phone, created_at)
                           VALUES ($1, '附中', 's', 'a', '', '', now()) RETURNING id)
           INSERT INTO headcount (roster, session, number, attended, created_at)
                SELECT id, $2, 40, 38, now() FROM r""",
        union.activity.id,
        union.session.id,
    )
    await Session.update({Session.taken: 40, Session.attended: 38}).where(Session.id == union.session.id)

    page = await room_of(wang, union)

    shown = totals(page)
    assert (shown["已签到"], shown["现在在场"]) == ("38/40", "38")
    assert "不留姓名 <b>38</b>" in page


async def test_gates_that_are_there_are_counted(wang: httpx.AsyncClient, union: Union) -> None:
    now = clock.now()
    await make_gate(union.session, device="one")
    await make_gate(union.activity, device="two", seen_at=now - timedelta(minutes=3))
    await make_gate(union.session, device="three", revoked_at=now)
    await make_gate(union.session, device="four", closes_at=now - timedelta(minutes=1))
    await make_gate(union.session)
    await make_gate(await make_session(union.activity), device="five")

    assert totals(await room_of(wang, union))["签到点在线"] == "1/2"


async def test_strange_scans_are_told(wang: httpx.AsyncClient, union: Union) -> None:
    before = await room_of(wang, union)
    await come(union, "赵敏", evidence=Evidence.SELF, flagged=True, by_code=True)

    page = await room_of(wang, union)

    assert "要请您看一看" not in before
    assert "有1次扫码要请您看一看" in page


async def test_numbers_alone_for_the_page_that_is_open(wang: httpx.AsyncClient, union: Union) -> None:
    part = await wang.get(
        f"/manage/sessions/{union.session.code}/check-in", headers={"hx-request-type": "partial"}
    )

    assert re.findall(r"<(html|section|h1|ul)", part.text) == ["section"]
    assert "HX-Request-Type" in part.headers["vary"]


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"called_off_at": clock.now()}, "本场已取消，谁的入场码都不能放行。"),
        ({"postponed_at": clock.now()}, "本场已延期，现在不签到。"),
    ],
)
async def test_room_says_why_nobody_is_let_in(
    wang: httpx.AsyncClient, union: Union, columns: dict[Column | str, Any], sentence: str
) -> None:
    await Session.update(columns).where(Session.id == union.session.id)

    assert sentence in await room_of(wang, union)


async def test_draft_has_no_door_yet(wang: httpx.AsyncClient, union: Union) -> None:
    activity = await make_activity(union.organization, published_at=None)
    session = await make_session(activity)

    page = await page_of(wang, f"/manage/sessions/{session.code}/check-in")

    assert "活动还没有发布" in page
    assert f'"/gate/{session.code}' not in page
    assert f"/manage/sessions/{session.code}/gates" in page


async def test_walk_in_is_offered_where_it_is_welcome(wang: httpx.AsyncClient, union: Union) -> None:
    address = f'href="/gate/{union.session.code}/walk-in"'
    await Activity.update({Activity.walk_ins: False}).where(Activity.id == union.activity.id)
    without = await room_of(wang, union)
    await Activity.update({Activity.walk_ins: True}).where(Activity.id == union.activity.id)

    assert address not in without
    assert address in await room_of(wang, union)


@pytest.mark.parametrize("address", SESSION_PAGES)
async def test_pages_of_a_session_share_their_tabs(
    wang: httpx.AsyncClient, union: Union, address: str
) -> None:
    base = f"/manage/sessions/{union.session.code}"
    page = await page_of(wang, base + address)

    tabs = re.search(r'<nav aria-label="这个场次">.*?</nav>', page, re.DOTALL)

    assert tabs
    rooms = re.findall(r'href="(.*?)"', tabs[0])
    assert [room.removeprefix(base) for room in rooms if room != f"{base}/draw"] == ["", "/line", "/check-in"]


@pytest.mark.parametrize(("address", "name"), [("", "报名名单"), ("/line", "候补名单"), ("/gates", "签到")])
async def test_tab_of_the_page_is_marked(
    wang: httpx.AsyncClient, union: Union, address: str, name: str
) -> None:
    page = await page_of(wang, f"/manage/sessions/{union.session.code}{address}")

    assert f'aria-current="page">{name}</a>' in page


async def test_draw_is_a_tab_where_places_are_drawn(wang: httpx.AsyncClient, union: Union) -> None:
    drawn = await make_session(await make_activity(union.organization, admission="draw"))

    pages = [
        await page_of(wang, f"/manage/sessions/{session.code}/check-in") for session in (union.session, drawn)
    ]

    assert ["/draw" in page for page in pages] == [False, True]


async def test_activitys_page_leads_to_the_room(wang: httpx.AsyncClient, union: Union) -> None:
    page = await page_of(wang, f"/manage/activities/{union.activity.code}")

    assert f'href="/manage/sessions/{union.session.code}/check-in"' in page


async def test_organizers_first_page_leads_to_the_rooms_of_today(
    wang: httpx.AsyncClient, union: Union
) -> None:
    now, day = clock.now(), timedelta(days=1)
    later = await make_session(
        union.activity, check_in_opens_at=now + 2 * day, check_in_closes_at=now + 3 * day
    )
    over = await make_session(union.activity, check_in_closes_at=now - timedelta(minutes=1))
    off = await make_session(union.activity, called_off_at=now, called_off_reason="暴雨")
    other = await make_union("曲靖市总工会", "qian", "sun")

    page = await page_of(wang, "/manage")

    sessions = (union.session, later, over, off, other.session)
    rooms = [f"/manage/sessions/{session.code}/check-in" in page for session in sessions]
    assert rooms == [True, False, False, False, False]
