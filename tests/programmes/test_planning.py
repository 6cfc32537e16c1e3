"""An organiser's work on pages: from an empty form to a published tour, and what others must not see of it."""

from datetime import timedelta
from html import unescape
from io import BytesIO
from typing import Any

import httpx
import msgspec
import pytest
from PIL import Image
from tests.people import (
    Union,
    counted_statements,
    in_days,
    let_in,
    make_activity,
    make_organization,
    make_session,
    make_union,
    moment_field,
    register,
)

from events_app.lib import clock, database
from events_app.programmes.tables import Session

TOUR: dict[str, Any] = {
    "title": "劳模工匠进校园·昆明站",
    "kind": "visit",
    "description": "# 讲讲\n\n**钳工**的一天",
    "host_organization": ["云南省总工会", "云南省教育厅", "云南技师学院", ""],
    "host_role": ["host", "organizer", "co_organizer", "host"],
}


def session_form(days: int = 7, /, **changes: Any) -> dict[str, Any]:
    """In a week, for two hours."""
    start = in_days(days)
    times = {
        "starts_at": start,
        "ends_at": start + timedelta(hours=2),
        "opens_at": clock.now() - timedelta(days=1),
        "closes_at": start,
    }
    return {
        **{name: moment_field(at) for name, at in times.items()},
        "title": "第一场",
        "venue": "大礼堂",
        "address": "昆明市安宁市宁波路1号",
        "site": "云南技师学院",
        "capacity": "200",
        "waiting_list": "yes",
        "check_in_lead": "60",
        "guests": "耿家盛，全国劳动模范，昆明机床厂\n李师傅",
        **changes,
    }


def hours_of(session: Session) -> dict[str, str]:
    """So that saving a form moves nobody."""
    starts_at, ends_at = moment_field(session.starts_at), moment_field(session.ends_at)
    return {"starts_at": starts_at, "ends_at": ends_at, "closes_at": starts_at}


@pytest.fixture
async def union(db: object) -> Union:
    await make_organization("云南省教育厅", "agency")
    await make_organization("云南技师学院", "school", code="school")
    return await make_union()


@pytest.fixture
async def wang(union: Union, client: httpx.AsyncClient) -> httpx.AsyncClient:
    await let_in(client, union.wang)
    return client


def photograph(format: str = "JPEG", size: tuple[int, int] = (2400, 1200), **save: Any) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "firebrick").save(out, format, **save)
    return out.getvalue()


async def audited() -> list[str]:
    return [row["action"] for row in await database.fetch("SELECT action FROM audit_entry ORDER BY id")]


async def counts() -> dict[str, int]:
    tables = ("activity", "host", "session", "venue", "guest", "appearance", "picture", "audit_entry")
    return {table: await database.value(f"SELECT count(*) FROM {table}") for table in tables}


async def test_organiser_walks_from_an_empty_form_to_calling_off(
    wang: httpx.AsyncClient, union: Union
) -> None:
    created = await wang.post("/manage/activities", data=TOUR, files={"picture": photograph()})
    activity = created.headers["location"]
    planned = [
        await wang.post(f"{activity}/sessions", data=session_form(days, title=t))
        for days, t in ((7, "第一场"), (28, "第二场"))
    ]
    preview = await wang.get(f"{activity}/preview")
    code = activity.rpartition("/")[2]
    before = await wang.get(f"/activities/{code}")
    published = await wang.post(f"{activity}/publication")
    page = await wang.get(f"/activities/{code}")
    edited = await wang.post(activity, data=TOUR | {"title": "劳模工匠进校园·安宁站"})
    session = await database.value("SELECT code FROM session WHERE title = '第二场'")
    moved = await wang.post(
        f"/manage/sessions/{session}/edit", data=session_form(28, title="第二场", capacity="50")
    )
    called_off = await wang.post(f"/manage/sessions/{session}/call-off", data={"reason": "暴雨红色预警"})

    steps = [created, *planned, published, edited, moved, called_off]
    assert [step.status_code for step in steps] == [303] * 7
    assert (before.status_code, page.status_code) == (404, 200)
    for shown in (preview, page):
        assert all(
            text in shown.text for text in (TOUR["title"], "<strong>钳工</strong>", "云南省教育厅", "大礼堂")
        )
    public = await wang.get(f"/s/{session}")
    assert all(
        text in public.text for text in ("安宁站", "暴雨红色预警", "耿家盛", "全国劳动模范", "云南技师学院")
    )
    assert await audited() == [
        "activity.create",
        "session.create",
        "session.create",
        "activity.publish",
        "activity.update",
        "session.update",
        "session.call_off",
    ]


async def test_audit_says_who_what_and_from_where(wang: httpx.AsyncClient, union: Union) -> None:
    answer = await wang.post("/manage/activities", data=TOUR)

    row = await database.find(
        "SELECT account, organization, subject, detail, address, request_id FROM audit_entry"
    )
    assert row is not None
    assert (*tuple(row)[:3], msgspec.json.decode(row["detail"]), *tuple(row)[4:]) == (
        union.wang.account,
        union.organization.id,
        answer.headers["location"].rpartition("/")[2],
        {"title": TOUR["title"]},
        "127.0.0.1",
        answer.headers["x-request-id"],
    )


async def test_hosts_keep_their_order_and_roles(wang: httpx.AsyncClient, union: Union) -> None:
    answer = await wang.post("/manage/activities", data=TOUR)

    rows = await database.fetch(
        """SELECT o.name, h.role FROM host h
             JOIN organization o ON o.id = h.organization JOIN activity a ON a.id = h.activity
            WHERE a.code = $1 ORDER BY h.position""",
        answer.headers["location"].rpartition("/")[2],
    )

    assert [tuple(row) for row in rows] == [
        ("云南省总工会", "host"),
        ("云南省教育厅", "organizer"),
        ("云南技师学院", "co_organizer"),
    ]


async def test_form_comes_back_filled_for_editing(wang: httpx.AsyncClient, union: Union) -> None:
    activity = (await wang.post("/manage/activities", data=TOUR)).headers["location"]
    await wang.post(f"{activity}/sessions", data=session_form())
    session = await database.value("SELECT code FROM session WHERE title = '第一场'")

    forms = [await wang.get(f"{activity}/edit"), await wang.get(f"/manage/sessions/{session}/edit")]

    texts = [unescape(form.text) for form in forms]
    assert all(f'value="{name}"' in texts[0] for name in (TOUR["title"], *TOUR["host_organization"][:3]))
    assert "# 讲讲" in texts[0]
    kept = {k: v for k, v in session_form().items() if k not in ("guests", "waiting_list")}
    assert [k for k, v in kept.items() if f'value="{v}"' not in texts[1]] == []
    assert "耿家盛，全国劳动模范，昆明机床厂\n李师傅</textarea>" in texts[1]


async def test_wrong_activity_keeps_everything_typed(wang: httpx.AsyncClient, union: Union) -> None:
    wrong = TOUR | {"title": "", "host_organization": ["云南省总工会", "没有这个学校", "", "云南技师学院"]}
    wrong["host_role"] = ["host", "supporter", "host", "co_organizer"]
    before = await counts()

    answer = await wang.post("/manage/activities", data=wrong)

    text = unescape(answer.text)
    assert (answer.status_code, await counts()) == (422, before)
    assert "这一项必须填写。" in text
    assert all(f'value="{name}"' in text for name in ("云南省总工会", "没有这个学校", "云南技师学院"))
    assert '<option value="supporter" selected>' in text
    assert "**钳工**的一天" in text


async def test_unknown_host_is_named(wang: httpx.AsyncClient, union: Union) -> None:
    before = await counts()

    answer = await wang.post(
        "/manage/activities", data=TOUR | {"host_organization": ["甲校", "乙校", "", ""]}
    )

    sentence = "没有这些组织：甲校、乙校。请从列表中选择，或先在“组织”页面添加。"
    assert (answer.status_code, unescape(answer.text).count(sentence)) == (422, 2)
    assert await counts() == before


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("kind", "party", "请从列表中选择一项。"),
        ("programme", "nobodys", "请从列表中选择一项。"),
        ("title", "长" * 121, "太长了，最多120个字，现在有121个。"),
        ("description", "长" * 20_001, "太长了，最多20000个字，现在有20001个。"),
    ],
)
async def test_wrong_fields_are_explained(
    wang: httpx.AsyncClient, union: Union, field: str, value: str, sentence: str
) -> None:
    before = await counts()

    answer = await wang.post("/manage/activities", data=TOUR | {field: value})

    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert await counts() == before


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
async def test_picture_is_made_anew_without_its_past(
    wang: httpx.AsyncClient, union: Union, format: str
) -> None:
    exif = Image.Exif()
    exif[0x010E] = "secret description"
    exif.get_ifd(0x8825)[1] = "N"
    upload = photograph(format, exif=exif)
    assert b"secret" in upload  # there is something to lose

    activity = (await wang.post("/manage/activities", data=TOUR, files={"picture": upload})).headers[
        "location"
    ]

    code = await database.value("SELECT code FROM picture")
    answer = await wang.get(f"/pictures/{code}")
    picture = Image.open(BytesIO(answer.content))
    assert (answer.headers["content-type"], picture.format, picture.size) == (
        "image/webp",
        "WEBP",
        (1600, 800),
    )
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (b"secret" in answer.content, len(picture.getexif())) == (False, 0)
    assert f"/pictures/{code}" in unescape((await wang.get(f"{activity}/preview")).text)


async def test_picture_stands_upright(wang: httpx.AsyncClient, union: Union) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    await wang.post("/manage/activities", data=TOUR, files={"picture": photograph(size=(40, 20), exif=exif)})

    assert tuple(await database.find("SELECT width, height FROM picture") or ()) == (20, 40)


async def test_new_picture_has_a_new_address(wang: httpx.AsyncClient, union: Union) -> None:
    activity = (await wang.post("/manage/activities", data=TOUR, files={"picture": photograph()})).headers[
        "location"
    ]
    first = await database.value("SELECT code FROM picture")

    await wang.post(activity, data=TOUR, files={"picture": photograph("PNG")})
    second = await database.value("SELECT code FROM picture")
    await wang.post(activity, data=TOUR, files={"picture": b""})

    assert first != second == await database.value("SELECT code FROM picture")
    assert (await wang.get(f"/pictures/{first}")).status_code == 404


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "upload",
    [
        SVG,
        photograph("GIF", (40, 20)),
        b"\xff\xd8\xff\xe0" + bytes(50),
        photograph()[:300],
        photograph("PNG")[:60],
        b"text",
        b"%PDF-1.7",
    ],
    ids=["SVG", "GIF", "broken JPEG", "half a JPEG", "half a PNG", "text", "PDF"],
)
async def test_other_files_are_refused_as_a_picture(
    wang: httpx.AsyncClient, union: Union, upload: bytes
) -> None:
    before = await counts()

    answer = await wang.post(
        "/manage/activities", data=TOUR, files={"picture": ("poster.png", upload, "image/png")}
    )

    text = unescape(answer.text)
    assert (answer.status_code, text.count("请上传JPEG、PNG或WebP图片。")) == (422, 2)
    assert all(f'value="{name}"' in text for name in TOUR["host_organization"][:3])
    assert await counts() == before


async def test_picture_of_too_many_pixels_is_refused_unread(wang: httpx.AsyncClient, union: Union) -> None:
    out = BytesIO()
    Image.new("1", (9000, 6000)).save(out, "PNG")

    answer = await wang.post("/manage/activities", data=TOUR, files={"picture": out.getvalue()})

    assert (answer.status_code, "图片太大，请缩小到5000万像素以内。" in answer.text) == (422, True)


async def test_upload_of_11_megabytes_is_too_large(wang: httpx.AsyncClient, union: Union) -> None:
    before = await counts()

    answer = await wang.post("/manage/activities", data=TOUR, files={"picture": bytes(11 * 1024 * 1024)})

    assert (answer.status_code, "发来的内容太大。请减少文字；图片请压缩到10 MB以内。" in answer.text) == (
        413,
        True,
    )
    assert await counts() == before


async def test_publishing_needs_a_session(wang: httpx.AsyncClient, union: Union) -> None:
    activity = (await wang.post("/manage/activities", data=TOUR)).headers["location"]

    answer = await wang.post(f"{activity}/publication")

    assert (answer.status_code, "还没有场次。请先添加至少一个场次，再发布。" in answer.text) == (409, True)
    assert await audited() == ["activity.create"]


async def test_publishing_twice_changes_nothing(wang: httpx.AsyncClient, union: Union) -> None:
    before = await database.value("SELECT published_at FROM activity WHERE id = $1", union.activity.id)

    answer = await wang.post(f"/manage/activities/{union.activity.code}/publication")

    assert (answer.status_code, "不能“发布活动”。" in unescape(answer.text)) == (409, True)
    assert (
        await database.value("SELECT published_at FROM activity WHERE id = $1", union.activity.id) == before
    )
    assert await audited() == []


@pytest.mark.parametrize(
    ("changes", "field_sentence"),
    [
        ({"capacity": "0"}, "请填写1到1000000之间的整数。"),
        ({"capacity": "-1"}, "请填写1到1000000之间的整数。"),
        ({"capacity": "--5"}, "请填写1到1000000之间的整数。"),
        ({"capacity": "1000000000"}, "请填写1到1000000之间的整数。"),
        ({"capacity": "1" + "0" * 21}, "请填写1到1000000之间的整数。"),
        ({"capacity": "1" * 10_000}, "请填写1到1000000之间的整数。"),
        ({"capacity": "2.5"}, "请填写1到1000000之间的整数。"),
        ({"capacity": "²"}, "请填写1到1000000之间的整数。"),
        ({"capacity": ""}, "这一项必须填写。"),
        ({"check_in_lead": "1441"}, "请填写0到1440之间的整数。"),
        ({"starts_at": "tomorrow"}, "请选择日期和时间，如2026-12-05 09:00。"),
        ({"starts_at": "2026-02-30T09:00"}, "请选择日期和时间，如2026-12-05 09:00。"),
        ({"starts_at": "9999-12-31T23:59"}, "年份应在2000到2100之间。"),
        ({"starts_at": "0001-01-01T00:00"}, "年份应在2000到2100之间。"),
        ({"ends_at": "2026-01-01T00:00"}, "结束时间应晚于开始时间。"),
        ({"ends_at": "2099-01-01T00:00"}, "一个场次最长31天；更长的活动请分成几个场次。"),
        ({"closes_at": "2099-01-01T00:00"}, "报名截止时间不能晚于场次结束时间。"),
        ({"opens_at": "2099-01-01T00:00"}, "报名截止时间应晚于开放时间。"),
        ({"site": "没有这个学校"}, "没有名为“没有这个学校”的学校或企业。"),
        ({"venue": ""}, "这一项必须填写。"),
        ({"guests": "名" * 61}, "每位嘉宾一行：姓名（60字内）"),
        ({"guests": "耿\u202e家盛"}, "含有看不见的控制字符，请删去后重新填写。"),
    ],
)
async def test_impossible_session_is_refused_and_stays_typed(
    wang: httpx.AsyncClient, union: Union, changes: dict[str, str], field_sentence: str
) -> None:
    before = await counts()
    sent = session_form(**changes)

    answers = [
        await wang.post(f"/manage/activities/{union.activity.code}/sessions", data=sent),
        await wang.post(f"/manage/sessions/{union.session.code}/edit", data=sent),
    ]

    for answer in answers:
        text = unescape(answer.text)
        assert (answer.status_code, text.count(field_sentence)) == (422, 2)
        assert [
            v for k, v in sent.items() if k not in ("waiting_list", "guests") and f'value="{v}"' not in text
        ] == []
        assert f"{sent['guests']}</textarea>" in text
    assert await counts() == before


async def sequences() -> list[tuple[str, int]]:
    rows = await database.fetch("SELECT title, sequence FROM session WHERE title <> '' ORDER BY id")
    return [(row["title"], row["sequence"]) for row in rows]


@pytest.fixture
async def three(union: Union) -> None:
    """At one venue: a session that is over, and two to come."""
    now = clock.now()
    past: dict[str, Any] = {"starts_at": now - timedelta(hours=3), "ends_at": now - timedelta(hours=1)}
    closed: dict[str, Any] = {
        "closes_at": now - timedelta(hours=3),
        "check_in_closes_at": now - timedelta(minutes=30),
    }
    await make_session(union.activity, title="过去", **past, **closed)
    for title in ("下一场", "再下一场"):
        await make_session(union.activity, title=title)


@pytest.mark.parametrize(("title", "raised"), [("劳模工匠进校园·安宁站", 1), ("劳模工匠进校园", 0)])
async def test_new_title_of_an_activity_reaches_calendars_of_all_that_come(
    wang: httpx.AsyncClient, union: Union, three: None, title: str, raised: int
) -> None:
    answer = await wang.post(f"/manage/activities/{union.activity.code}", data=TOUR | {"title": title})

    assert answer.status_code == 303
    assert await sequences() == [("过去", 0), ("下一场", raised), ("再下一场", raised)]


@pytest.mark.parametrize(("rows", "status"), [(50, 303), (51, 422)])
async def test_activity_has_fifty_rows_of_hosts_at_most(
    wang: httpx.AsyncClient, union: Union, rows: int, status: int
) -> None:
    hosts = {"host_organization": ["云南省总工会"] * rows, "host_role": ["host"] * rows}

    answer = await wang.post("/manage/activities", data=TOUR | hosts)

    assert answer.status_code == status
    assert ("最多50行，请删去多余的单位。" in answer.text) == (status == 422)


async def test_capacity_cannot_fall_below_what_is_taken(wang: httpx.AsyncClient, union: Union) -> None:
    for name in ("赵一", "赵二"):
        await register(union.session, name)

    answer = await wang.post(f"/manage/sessions/{union.session.code}/edit", data=session_form(capacity="1"))

    assert (answer.status_code, "已有2人占用名额，不能少于这个数。" in answer.text) == (422, True)


async def test_more_places_go_to_who_waits(wang: httpx.AsyncClient, union: Union) -> None:
    session = await make_session(union.activity, capacity=1)
    for name in ("赵一", "赵二", "赵三"):
        await register(session, name)

    sent = session_form(capacity="2", **hours_of(session))
    await wang.post(f"/manage/sessions/{session.code}/edit", data=sent)

    row = await database.find("SELECT taken, waiting, sequence FROM session WHERE id = $1", session.id)
    assert tuple(row or ()) == (2, 1, 1)


async def test_calling_off_needs_a_reason_and_happens_once(wang: httpx.AsyncClient, union: Union) -> None:
    address = f"/manage/sessions/{union.session.code}/call-off"

    answers = [await wang.post(address, data={"reason": reason}) for reason in ("", "暴雨", "暴雨")]

    assert [answer.status_code for answer in answers] == [422, 303, 409]
    assert await audited() == ["session.call_off"]


async def test_pending_people_are_confirmed_or_declined(wang: httpx.AsyncClient, union: Union) -> None:
    session = await make_session(await make_activity(union.organization, admission="approval"), capacity=2)
    seats = [await register(session, name) for name in ("赵一", "赵二", "赵三")]
    list_of = f"/manage/sessions/{session.code}"

    steps = [
        await wang.post(f"{list_of}/seats/{seats[0].seat}/confirmation"),
        await wang.post(f"{list_of}/seats/{seats[1].seat}/refusal"),
        await wang.post(f"{list_of}/seats/{seats[1].seat}/confirmation"),
    ]

    rows = await database.fetch("SELECT state FROM seat ORDER BY id")
    assert [step.status_code for step in steps] == [303, 303, 409]
    assert [row["state"] for row in rows] == ["confirmed", "released", "pending"]
    assert await audited() == ["seat.confirm", "seat.decline"]


@pytest.mark.parametrize(
    ("words", "found"),
    [("", 3), ("赵", 2), ("机床厂", 1), ("0002", 1), ("没有", 0), ("%", 0), ("' OR 1=1 --", 0)],
)
async def test_people_are_found_by_name_unit_and_phone(
    wang: httpx.AsyncClient, union: Union, words: str, found: int
) -> None:
    await register(union.session, "赵一", "19900000001", "昆明机床厂")
    await register(union.session, "赵二", "19900000002")
    await register(union.session, "钱三", "19900000003")

    answer = await wang.get(f"/manage/sessions/{union.session.code}", params={"words": words})

    assert answer.status_code == 200
    assert sum(name in answer.text for name in ("赵一", "赵二", "钱三")) == found
    assert "199****0001" in answer.text or "赵一" not in answer.text
    assert "19900000001" not in answer.text


ROUTES = [
    ("GET", "/manage/activities/{activity}"),
    ("GET", "/manage/activities/{activity}/edit"),
    ("POST", "/manage/activities/{activity}"),
    ("GET", "/manage/activities/{activity}/preview"),
    ("POST", "/manage/activities/{activity}/publication"),
    ("GET", "/manage/activities/{activity}/sessions/new"),
    ("POST", "/manage/activities/{activity}/sessions"),
    ("GET", "/manage/sessions/{session}"),
    ("GET", "/manage/sessions/{session}/edit"),
    ("POST", "/manage/sessions/{session}/edit"),
    ("GET", "/manage/sessions/{session}/call-off"),
    ("POST", "/manage/sessions/{session}/call-off"),
    ("POST", "/manage/sessions/{session}/seats/{seat}/confirmation"),
    ("POST", "/manage/sessions/{session}/seats/{seat}/refusal"),
    ("GET", "/manage/sessions/{session}/attendees.xlsx"),
    ("GET", "/gate/{session}"),
    ("POST", "/gate/{session}/scans"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_another_unions_work_is_not_found(
    union: Union, client: httpx.AsyncClient, method: str, path: str
) -> None:
    other = await make_union("浙江省总工会", "qian", "zhou")
    seat = await register(union.session)
    names = {"activity": union.activity.code, "session": union.session.code, "seat": seat.seat}
    forms = TOUR | session_form() | {"reason": "不许", "ticket": seat.ticket}
    before = await counts()
    await let_in(client, other.wang)

    for address in (path.format(**names), path.format(activity="nowhere", session="nowhere", seat=10**18)):
        answer = await client.request(method, address, data=forms if method == "POST" else None)
        assert (answer.status_code, "赵敏" in answer.text) == (404, False)

    assert await counts() == before
    assert await database.value("SELECT called_off_at FROM session WHERE id = $1", union.session.id) is None
    assert await database.value("SELECT state FROM seat") == "confirmed"


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if "/manage" in route[1]])
async def test_own_work_is_found(union: Union, wang: httpx.AsyncClient, method: str, path: str) -> None:
    """So that the test above tells something."""
    session = await make_session(await make_activity(union.organization, admission="approval"))
    seat = await register(session)
    names = {"activity": union.activity.code, "session": session.code, "seat": seat.seat}
    hours = hours_of(session) if path.endswith("/edit") else {}
    forms = TOUR | session_form(**hours) | {"reason": "暴雨"}
    if path.endswith("/publication"):
        await wang.post(f"/manage/activities/{union.activity.code}/unpublication")

    answer = await wang.request(method, path.format(**names), data=forms if method == "POST" else None)

    assert answer.status_code == (303 if method == "POST" else 200)


@pytest.mark.parametrize("seat", ["0", "-1", "x", "9" * 18, "9" * 21, "１"])
async def test_seat_of_another_session_is_not_confirmed(
    wang: httpx.AsyncClient, union: Union, seat: str
) -> None:
    answer = await wang.post(f"/manage/sessions/{union.session.code}/seats/{seat}/confirmation")

    assert answer.status_code in (404, 409)


@pytest.mark.parametrize("rows", [1, 3, 30])
async def test_list_of_activities_costs_the_same(wang: httpx.AsyncClient, union: Union, rows: int) -> None:
    for _row in range(rows):
        await make_session(await make_activity(union.organization))

    async with counted_statements() as statements:
        answer = await wang.get("/manage")

    assert (answer.status_code, len(statements)) == (200, 4)


async def test_blank_between_the_characters_of_a_guests_name_makes_nobody_another(
    wang: httpx.AsyncClient, union: Union
) -> None:
    for number, guests in enumerate(("耿家盛，全国劳动模范", "耿 家盛，全国劳动模范")):
        form = session_form(7 + number, guests=guests)
        await wang.post(f"/manage/activities/{union.activity.code}/sessions", data=form)

    assert [row["name"] for row in await database.fetch("SELECT name FROM guest")] == ["耿家盛"]
    assert await database.value("SELECT count(*) FROM appearance") == 2
