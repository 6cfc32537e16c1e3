"""The register of venues: buildings with rooms, what they are like, when they are open, and who hears of a change."""

from collections.abc import Iterator
from datetime import time, timedelta
from html import unescape
from io import BytesIO
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tests.people import Union, counted_statements, let_in, make_session, make_union, register

from events_app.lib import clock, database
from events_app.lib.errors import Invalid
from events_app.programmes.actions.venues import resolve_venue
from events_app.programmes.queries.venues import find_or_add_venue, list_opening_hours, list_own_venues
from events_app.programmes.rules.venues import read_place, read_spans, spans_text

HALL: dict[str, str] = {
    "name": "职工文化宫",
    "parent": "",
    "address": "昆明市五华区东风西路1号",
    "capacity": "800",
    "latitude": "25.04",
    "longitude": "102.70",
    "step_free": "yes",
    "access": "电梯在北门",
    "hours_0": "09:00-12:00，14:00-17:30",
    "hours_5": "9:00–24:00",
}
HOSTILE = ("<script>alert(1)</script>", "'; DROP TABLE venue; --", "{{ 7 * 7 }}", "𬱖㛃·礼堂", "%_\\")


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


@pytest.fixture
async def wang(union: Union, client: httpx.AsyncClient) -> httpx.AsyncClient:
    await let_in(client, union.wang)
    return client


async def add(client: httpx.AsyncClient, **changes: str) -> str:
    """Its code."""
    answer = await client.post("/manage/venues", data=HALL | changes)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].rpartition("/")[2]


async def test_venue_is_kept_shown_and_changed(wang: httpx.AsyncClient, union: Union) -> None:
    code = await add(wang)
    page = unescape((await wang.get(f"/manage/venues/{code}")).text)
    form = unescape((await wang.get(f"/manage/venues/{code}/edit")).text)
    changed = await wang.post(
        f"/manage/venues/{code}/edit", data=HALL | {"name": "文化宫", "hours_0": "", "hours_5": ""}
    )
    after = unescape((await wang.get(f"/manage/venues/{code}")).text)

    for text in (
        *("职工文化宫", "昆明市五华区东风西路1号", "800人", "25.04, 102.7", "无台阶通行", "电梯在北门"),
        *("周一 09:00-12:00，14:00-17:30", "周二 不开放", "周六 09:00-23:59"),
    ):
        assert text in page
    for text in ('value="职工文化宫"', 'value="25.04"', 'value="09:00-12:00，14:00-17:30"', " checked"):
        assert text in form
    assert changed.status_code == 303
    assert all(text in after for text in ("文化宫", "一直开放"))
    audited = await database.fetch("SELECT action FROM audit_entry WHERE action LIKE 'venue.%' ORDER BY id")
    assert [row["action"] for row in audited] == ["venue.create", "venue.update"]


async def test_room_has_its_buildings_address_and_hours(wang: httpx.AsyncClient, union: Union) -> None:
    building = await add(wang)
    code = await add(
        wang,
        name="三楼会议室",
        parent=building,
        address="",
        latitude="",
        longitude="",
        hours_0="",
        hours_5="",
    )

    rooms = {venue.full_name: venue for venue in await list_own_venues(union.organization.id)}
    room = rooms["职工文化宫·三楼会议室"]
    page = unescape((await wang.get(f"/manage/venues/{code}")).text)

    assert (room.address, room.latitude, room.longitude) == ("昆明市五华区东风西路1号", 25.04, 102.7)
    assert len((await list_opening_hours([room.id]))[room.id]) == 3
    assert "职工文化宫·三楼会议室" in page
    assert "三楼会议室" in (await wang.get(f"/manage/venues/{building}")).text


async def test_room_has_no_rooms(wang: httpx.AsyncClient, union: Union) -> None:
    building, other = await add(wang), await add(wang, name="技师学院")
    room = await add(wang, name="三楼会议室", parent=building)

    answers = [
        await wang.post("/manage/venues", data=HALL | {"name": "讲台", "parent": room}),
        await wang.post(f"/manage/venues/{building}/edit", data=HALL | {"parent": other}),
        await wang.post(f"/manage/venues/{building}/edit", data=HALL | {"parent": building}),
        await wang.post("/manage/venues", data=HALL | {"name": "讲台", "parent": "nowhere"}),
    ]

    assert [answer.status_code for answer in answers] == [422] * 4
    assert "房间里不能再有房间" in answers[0].text
    assert "这个场地自己有房间" in answers[1].text
    assert await database.value("SELECT count(*) FROM venue WHERE name = '讲台'") == 0


async def test_same_name_and_address_are_refused_once(wang: httpx.AsyncClient, union: Union) -> None:
    await add(wang)
    other = await add(wang, name="另一个")

    answers = [
        await wang.post("/manage/venues", data=HALL),
        await wang.post(f"/manage/venues/{other}/edit", data=HALL),
    ]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert all("这里已有同名、同地址的场地。" in answer.text for answer in answers)
    assert await add(wang, address="昆明市官渡区关上中路2号")
    assert await database.value("SELECT count(*) FROM venue WHERE name = '另一个'") == 1


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "这一项必须填写。"),
        ("name", "长" * 101, "太长了，最多100个字"),
        ("name", "礼\u202e堂", "含有看不见的控制字符"),
        ("capacity", "很多", "请填写1到1000000之间的整数。"),
        ("capacity", "0", "请填写1到1000000之间的整数。"),
        ("latitude", "102.7, 25.04", "好像写反了"),
        ("latitude", "北", "请写纬度和经度两个数"),
        ("longitude", "0", "经度应在73到136之间"),
        ("hours_2", "上午", "请这样写：09:00-12:00"),
        ("hours_2", "12:00-09:00", "关门时间应晚于开门时间"),
        ("hours_2", "09:00-12:00，11:00-13:00", "不能重叠"),
        ("hours_2", "09:00-25:00", "请这样写：09:00-12:00"),
        ("access", "长" * 301, "太长了，最多300个字"),
    ],
)
async def test_wrong_fields_are_explained_and_kept(
    wang: httpx.AsyncClient, union: Union, field: str, value: str, sentence: str
) -> None:
    changes = {field: value} | ({"longitude": ""} if field == "latitude" else {})

    answer = await wang.post("/manage/venues", data=HALL | changes)

    text = unescape(answer.text)
    assert (answer.status_code, sentence in text) == (422, True)
    assert value in text
    assert await database.value("SELECT count(*) FROM venue WHERE address = $1", HALL["address"]) == 0


@pytest.mark.parametrize("name", HOSTILE)
async def test_any_name_comes_back_as_it_was_typed(wang: httpx.AsyncClient, union: Union, name: str) -> None:
    code = await add(wang, name=name)

    assert await database.value("SELECT name FROM venue WHERE code = $1", code) == name
    for address in (f"/manage/venues/{code}", f"/manage/venues/{code}/edit", "/manage/venues"):
        page = (await wang.get(address, params={"words": name} if address == "/manage/venues" else None)).text
        assert name in unescape(page)
        assert "<script>alert" not in page


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [("24.95", "102.44"), ("24.95, 102.44", ""), ("", "24.95，102.44"), ("２４．９５", "北纬102.44")],
)
def test_place_is_understood_as_pasted(latitude: str, longitude: str) -> None:
    assert read_place(latitude, longitude) == (24.95, 102.44)


@given(st.text(), st.text())
def test_place_is_read_or_refused_with_a_sentence(latitude: str, longitude: str) -> None:
    try:
        place = read_place(latitude, longitude)
    except ValueError as wrong:
        assert str(wrong).endswith("。")  # noqa: PT017
    else:
        assert place is None or (3 <= place[0] <= 54 and 73 <= place[1] <= 136)


_MINUTES = st.lists(st.integers(0, 1439), min_size=2, max_size=8, unique=True).filter(
    lambda m: len(m) % 2 == 0
)


@given(_MINUTES)
def test_spans_come_back_as_they_were_written(minutes: list[int]) -> None:
    moments = [time(m // 60, m % 60) for m in sorted(minutes)]
    spans = list(zip(moments[::2], moments[1::2], strict=True))

    assert read_spans(spans_text(spans)) == spans
    assert read_spans("； ".join(spans_text([span]) for span in reversed(spans))) == spans


def photograph() -> bytes:
    out = BytesIO()
    Image.new("RGB", (60, 40), "firebrick").save(out, "PNG")
    return out.getvalue()


async def test_photo_is_shown_and_replaced(wang: httpx.AsyncClient, union: Union) -> None:
    code = await add(wang)
    seen = []
    for _time in range(2):
        answer = await wang.post(f"/manage/venues/{code}/edit", data=HALL, files={"picture": photograph()})
        assert answer.status_code == 303
        seen.append(await database.value("SELECT code FROM picture"))
    bad = await wang.post(f"/manage/venues/{code}/edit", data=HALL, files={"picture": b"no picture"})

    assert seen[0] != seen[1]
    assert f"/pictures/{seen[1]}" in (await wang.get(f"/manage/venues/{code}")).text
    assert (await wang.get(f"/pictures/{seen[1]}")).headers["content-type"] == "image/webp"
    assert (bad.status_code, "请上传JPEG、PNG或WebP图片。" in bad.text) == (422, True)


@pytest.fixture
async def three(union: Union) -> str:
    """Sessions in 大礼堂: one that is over, the next one, and one in its room; its code."""
    hall = int(await database.value("SELECT venue FROM session WHERE id = $1", union.session.id))
    room: int = await database.value(
        """INSERT INTO venue (code, organization, parent, name) VALUES ('theroom', $1, $2, '二楼') RETURNING id""",
        union.organization.id,
        hall,
    )
    now = clock.now()
    past: dict[str, Any] = {
        "starts_at": now - timedelta(days=2, hours=2),
        "ends_at": now - timedelta(days=2),
        "opens_at": now - timedelta(days=9),
        "closes_at": now - timedelta(days=2),
    }
    await make_session(union.activity, title="过去", **past)
    await make_session(union.activity, title="二楼的", venue=room)
    await make_session(
        union.activity,
        title="别处",
        venue=await find_or_add_venue(union.organization.id, "别处", ""),
    )
    return str(await database.value("SELECT code FROM venue WHERE id = $1", hall))


async def sequences() -> dict[str, int]:
    rows = await database.fetch("SELECT title, sequence FROM session ORDER BY id")
    return {row["title"]: row["sequence"] for row in rows}


_HALL = {"name": "大礼堂", "address": "昆明市安宁市宁波路1号"}


@pytest.mark.parametrize(
    ("changes", "raised"),
    [
        ({"address": "昆明市盘龙区青年路2号"}, 1),
        ({"name": "新礼堂"}, 1),
        ({"latitude": "24.95, 102.44"}, 1),
        ({"capacity": "300", "access": "电梯在北门"}, 0),
        ({}, 0),
    ],
)
async def test_another_place_reaches_calendars_of_all_that_come(
    wang: httpx.AsyncClient, union: Union, three: str, changes: dict[str, str], raised: int
) -> None:
    before = await database.value("SELECT max(updated_at) FROM session")

    answer = await wang.post(f"/manage/venues/{three}/edit", data=_HALL | changes)

    assert answer.status_code == 303
    assert await sequences() == {"": raised, "过去": 0, "二楼的": raised, "别处": 0}
    untouched = "SELECT count(*) FROM session WHERE sequence > 0 AND updated_at = $1"
    assert await database.value(untouched, before) == 0


async def test_room_with_an_address_of_its_own_keeps_it(
    wang: httpx.AsyncClient, union: Union, three: str
) -> None:
    await database.fetch("UPDATE venue SET address = '青年路9号' WHERE code = 'theroom'")

    await wang.post(f"/manage/venues/{three}/edit", data=_HALL | {"address": "昆明市盘龙区青年路2号"})

    assert await sequences() == {"": 1, "过去": 0, "二楼的": 0, "别处": 0}


async def test_form_says_whom_another_address_touches(
    wang: httpx.AsyncClient, union: Union, three: str
) -> None:
    await register(union.session)

    page = await wang.get(f"/manage/venues/{three}/edit")

    assert "这里还有2个没有结束的场次，1个报名。" in page.text


async def test_used_venue_and_one_with_rooms_are_not_deleted(
    wang: httpx.AsyncClient, union: Union, three: str
) -> None:
    building = await add(wang)
    room = await add(wang, name="三楼会议室", parent=building)

    answers = [
        await wang.post(f"/manage/venues/{code}/removal") for code in (three, building, room, building)
    ]

    assert [answer.status_code for answer in answers] == [409, 409, 303, 303]
    assert "有场次用过这个场地" in answers[0].text
    assert "请先删除房间" in answers[1].text
    assert await database.value("SELECT count(*) FROM opening_hours") == 0


async def test_accessibility_is_said_where_people_register_and_on_the_ticket(
    wang: httpx.AsyncClient, union: Union, three: str
) -> None:
    words = ("无台阶通行", "有助听感应环路", "电梯在北门")
    before = (await wang.get(f"/s/{union.session.code}")).text
    facts = {"step_free": "yes", "hearing_loop": "yes", "access": "电梯在北门"}

    await wang.post(f"/manage/venues/{three}/edit", data=_HALL | facts)
    room = await database.value("SELECT code FROM session WHERE title = '二楼的'")
    registered = {"name": "赵敏", "phone": "19900001234", "consent": "yes"}
    ticket = await wang.post(f"/s/{union.session.code}/registrations", data=registered)

    assert not any(word in before for word in words)
    for address in (f"/s/{union.session.code}", ticket.headers["location"]):
        page = (await wang.get(address)).text
        assert all(word in page for word in words)
    page = (await wang.get(f"/s/{room}")).text
    assert all(text in page for text in ("大礼堂·二楼", "电梯在北门"))
    assert "无台阶通行" not in page  # the way into the hall says nothing of the room upstairs


async def test_venue_is_found_by_its_whole_name_or_its_room(union: Union, three: str) -> None:
    organization = union.organization.id
    hall = await resolve_venue(organization, "大礼堂", "")
    room = await resolve_venue(organization, "大礼堂·二楼", "")

    assert room != hall == await resolve_venue(organization, "大礼堂", "昆明市安宁市宁波路1号")
    assert room == await resolve_venue(organization, "二楼", "")
    elsewhere = await resolve_venue(organization, "大礼堂", "青年路9号")
    assert elsewhere not in (hall, room)
    with pytest.raises(Invalid, match="有2个场地叫“大礼堂”"):
        await resolve_venue(organization, "大礼堂", "")
    qian = await make_union("青海省总工会", "qian", "other-gate")
    assert await resolve_venue(qian.organization.id, "别处", "") != await resolve_venue(
        organization, "别处", ""
    )


async def test_another_unions_venues_are_not_found(
    client: httpx.AsyncClient, union: Union, three: str
) -> None:
    qian = await make_union("青海省总工会", "qian", "other-gate")
    await let_in(client, qian.wang)
    before = await database.value("SELECT count(*) FROM venue")

    for code in (three, "nowhere"):
        for address in (f"/manage/venues/{code}", f"/manage/venues/{code}/edit"):
            assert (await client.get(address)).status_code == 404
        for step in ("edit", "removal"):
            answer = await client.post(f"/manage/venues/{code}/{step}", data=HALL)
            assert answer.status_code == 404
    listed = await client.get("/manage/venues")
    foreign = await client.post("/manage/venues", data=HALL | {"parent": three})

    assert "二楼" not in listed.text
    assert foreign.status_code == 422
    assert await database.value("SELECT count(*) FROM venue") == before


@pytest.mark.parametrize(
    ("words", "found"),
    [("", 3), ("二楼", 1), ("大礼堂 二楼", 1), ("宁波路", 2), ("没有", 0), ("%", 0), ("' OR 1=1 --", 0)],
)
async def test_venues_are_found_by_words(
    wang: httpx.AsyncClient, union: Union, three: str, words: str, found: int
) -> None:
    page = await wang.get("/manage/venues", params={"words": words})

    assert page.text.count('<th role="rowheader"') == found


async def test_list_costs_the_same_for_many(wang: httpx.AsyncClient, union: Union) -> None:
    costs = set()
    more: Iterator[int] = iter((1, 2, 27))
    for venues in more:
        for _number in range(venues):
            building = await add(wang, name=f"楼{await database.value('SELECT count(*) FROM venue')}")
            await add(wang, name="房间", parent=building)
        async with counted_statements() as sent:
            assert (await wang.get("/manage/venues")).status_code == 200
        costs.add(len(sent))
    second = await wang.get("/manage/venues?page=2")

    assert len(costs) == 1
    assert costs.pop() <= 6
    assert second.text.count('<th role="rowheader"') == 30
