"""The register of guests: kept once, found by what they do and when they are free, and nobody else's."""

from datetime import date, datetime, timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from tests.people import Union, counted_statements, let_in, make_session, make_union

from events_app.lib import clock, codes, database
from events_app.lib.errors import Invalid
from events_app.programmes.actions.guests import place_guests
from events_app.programmes.queries.guests import GuestRow, match_guests, set_guests
from events_app.programmes.tables import Absence, Guest, Invitation, Session

GENG: dict[str, Any] = {
    "name": "耿家盛",
    "honour": "全国劳动模范",
    "unit": "昆明机床厂",
    "fields": "钳工, 焊接；钳工",
    "languages": "普通话，彝语",
    "region": "530100",
    "phone": "199 0000 1234",
    "introduction": "四十年车床边。",
    "weekdays": ["0", "2", "4"],
}
WEDNESDAY = date(2026, 12, 2)


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


@pytest.fixture
async def wang(union: Union, client: httpx.AsyncClient) -> httpx.AsyncClient:
    await let_in(client, union.wang)
    return client


async def make_guest(union: Union, name: str = "耿家盛", **columns: Any) -> Guest:
    guest = Guest(code=codes.new_code(), organization=union.organization.id, name=name, **columns)
    await guest.save()
    return guest


async def on(union: Union, day: date, hours: tuple[int, int], *guests: Guest, **columns: Any) -> Session:
    """A session on that day in Shanghai, with these guests."""
    starts, ends = (datetime(day.year, day.month, day.day, hour, tzinfo=clock.ZONE) for hour in hours)
    session = await make_session(union.activity, starts_at=starts, ends_at=ends, closes_at=ends, **columns)
    rows = [GuestRow(g.name, g.honour, g.unit) for g in guests]
    await set_guests(session.id, union.organization.id, rows)
    return session


async def found(client: httpx.AsyncClient, **search: str) -> list[str]:
    """Names in the register that a search leaves."""
    answer = await client.get("/manage/guests", params=search)
    assert answer.status_code == 200
    return [name for name in ("耿家盛", "李律师", "王法官", "𬱖㛃·阿依") if f">{name}</a>" in answer.text]


async def test_guest_is_kept_as_typed_with_lists_made_tidy(wang: httpx.AsyncClient, union: Union) -> None:
    answer = await wang.post("/manage/guests", data=GENG)

    assert answer.status_code == 303
    row = await database.find("SELECT * FROM guest")
    assert row is not None
    kept = {name: row[name] for name in GENG}
    assert kept == GENG | {
        "fields": "钳工、焊接",
        "languages": "普通话、彝语",
        "phone": "19900001234",
        "weekdays": 0b10101,
    }
    shown = unescape((await wang.get(answer.headers["location"])).text)
    assert all(text in shown for text in ("全国劳动模范", "钳工、焊接", "云南省 530100", "周一、周三、周五"))
    assert await database.value("SELECT action FROM audit_entry") == "guest.create"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "这一项必须填写。"),
        ({"name": "，"}, "这一项必须填写。"),
        ({"name": "名" * 61}, "太长了，最多60个字"),
        ({"honour": "耿\u202e家盛"}, "含有看不见的控制字符"),
        ({"region": "53x"}, "请填写6位数字。"),
        ({"phone": "123"}, "请填写11位手机号码"),
        ({"weekdays": ["7"]}, "请从列表中选择一项。"),
        ({"weekdays": ["0"] * 8}, "太多了，最多7项"),
        ({"introduction": "字" * 5001}, "太长了，最多5000个字"),
    ],
)
async def test_bad_guest_is_refused_and_stays_typed(
    wang: httpx.AsyncClient, union: Union, changes: dict[str, Any], sentence: str
) -> None:
    answer = await wang.post("/manage/guests", data=GENG | changes)

    assert (answer.status_code, sentence in unescape(answer.text)) == (422, True)
    assert 'value="昆明机床厂"' in unescape(answer.text)
    assert await database.value("SELECT count(*) FROM guest") == 0


async def test_same_guest_twice_is_refused_with_the_way_to_the_other(
    wang: httpx.AsyncClient, union: Union
) -> None:
    first = (await wang.post("/manage/guests", data=GENG)).headers["location"]
    another = (await wang.post("/manage/guests", data=GENG | {"unit": "云南省总工会"})).headers["location"]

    answers = [await wang.post(path, data=GENG) for path in ("/manage/guests", f"{another}/edit")]

    for answer in answers:
        assert (answer.status_code, f'href="{first}"' in answer.text) == (422, True)
        assert "嘉宾库中已有同名、同荣誉、同单位的嘉宾" in answer.text
        assert 'value="2" checked' in answer.text
        assert 'value="1" checked' not in answer.text
    assert (await wang.post(f"{first}/edit", data=GENG)).status_code == 303


@pytest.mark.parametrize(
    ("search", "names"),
    [
        ({}, ["耿家盛", "李律师", "王法官", "𬱖㛃·阿依"]),
        ({"words": "家盛"}, ["耿家盛"]),
        ({"words": "劳动模范 机床"}, ["耿家盛"]),
        ({"words": "劳动模范 律所"}, []),
        ({"words": "𬱖"}, ["𬱖㛃·阿依"]),
        ({"words": "caac"}, ["𬱖㛃·阿依"]),
        ({"words": "%"}, []),
        ({"words": "' OR 1=1 --"}, []),
        ({"words": "字" * 500}, ["耿家盛", "李律师", "王法官", "𬱖㛃·阿依"]),
        ({"field": "焊接"}, ["耿家盛"]),
        ({"field": "焊"}, []),
        ({"region": "53"}, ["耿家盛", "𬱖㛃·阿依"]),
        ({"region": "530100"}, ["耿家盛"]),
        ({"region": "5301"}, ["耿家盛"]),
        ({"region": "x"}, ["耿家盛", "李律师", "王法官", "𬱖㛃·阿依"]),
        ({"day": "昨天", "from_time": "99:99"}, ["耿家盛", "李律师", "王法官", "𬱖㛃·阿依"]),
    ],
)
async def test_guests_are_found_by_words_field_and_region(
    wang: httpx.AsyncClient, union: Union, search: dict[str, str], names: list[str]
) -> None:
    await make_guest(union, honour="全国劳动模范", unit="昆明机床厂", fields="钳工、焊接", region="530100")
    await make_guest(union, "李律师", unit="某某律所", fields="劳动法", region="110000")
    await make_guest(union, "王法官")
    await make_guest(union, "𬱖㛃·阿依", honour="无人机教员（CAAC）", region="532500")

    assert await found(wang, **search) == names


async def test_guest_is_free_on_their_weekdays_when_neither_away_nor_busy(
    wang: httpx.AsyncClient, union: Union
) -> None:
    busy = await make_guest(union)
    await make_guest(union, "李律师", weekdays=0b11011)
    away = await make_guest(union, "王法官")
    await Absence(guest=away.id, first_day=WEDNESDAY - timedelta(days=1), last_day=WEDNESDAY).save()
    await on(union, WEDNESDAY, (9, 11), busy)

    assert await found(wang, day="2026-12-02") == []
    assert await found(wang, day="2026-12-02", from_time="11:00", to_time="12:00") == ["耿家盛"]
    assert await found(wang, day="2026-12-02", from_time="10:30", to_time="12:00") == []
    assert await found(wang, day="2026-12-02", to_time="09:00") == ["耿家盛"]
    assert await found(wang, day="2026-12-03") == ["耿家盛", "李律师", "王法官"]


async def test_day_is_that_of_shanghai(wang: httpx.AsyncClient, union: Union) -> None:
    """Six in the morning there is still yesterday in UTC."""
    await on(union, WEDNESDAY, (6, 7), await make_guest(union))

    assert await found(wang, day="2026-12-01") == ["耿家盛"]
    assert await found(wang, day="2026-12-02") == []


@pytest.mark.parametrize("off", ["called_off_at", "postponed_at"])
async def test_what_is_off_takes_nobodys_time(wang: httpx.AsyncClient, union: Union, off: str) -> None:
    await on(union, WEDNESDAY, (9, 11), await make_guest(union), **{off: clock.now()})

    assert await found(wang, day="2026-12-02") == ["耿家盛"]


async def test_what_was_declined_takes_nobodys_time(wang: httpx.AsyncClient, union: Union) -> None:
    guest = await make_guest(union)
    session = await on(union, WEDNESDAY, (9, 11), guest)
    await Invitation(
        session=session.id, guest=guest.id, secret="s", answer="declined", asked_at=clock.now()
    ).save()

    assert await found(wang, day="2026-12-02") == ["耿家盛"]


async def test_next_weeks_show_what_a_guest_does(wang: httpx.AsyncClient, union: Union) -> None:
    today = clock.today()
    guest = await make_guest(union, weekdays=127)
    tomorrow, later = today + timedelta(days=1), today + timedelta(days=3)
    session = await on(union, tomorrow, (9, 11), guest, title="第一场")
    await Absence(guest=guest.id, first_day=later, last_day=later, reason="体检").save()

    shown = (await wang.get(f"/manage/guests/{guest.code}")).text

    states = [part.partition('"')[0] for part in shown.split('<li data-state="')[1:]]
    assert states == ["free", "busy", "free", "away", *["free"] * 24]
    assert all(text in shown for text in ("第一场", "体检", f"/manage/sessions/{session.code}", "未邀请"))


async def test_absences_are_added_and_removed(wang: httpx.AsyncClient, union: Union) -> None:
    guest = await make_guest(union)
    path = f"/manage/guests/{guest.code}/absences"

    added = await wang.post(
        path, data={"first_day": "2030-01-01", "last_day": "2030-01-05", "reason": "出差"}
    )
    absence = await database.value("SELECT id FROM absence")
    removed = [await wang.post(f"{path}/{absence}/removal") for _twice in range(2)]

    assert (added.status_code, [answer.status_code for answer in removed]) == (303, [303, 404])
    assert await database.value("SELECT count(*) FROM absence") == 0
    rows = await database.fetch("SELECT action FROM audit_entry ORDER BY id")
    assert [row["action"] for row in rows] == ["absence.create", "absence.remove"]


@pytest.mark.parametrize(
    ("first", "last"),
    [("2030-01-05", "2030-01-01"), ("", ""), ("嗯", "2030-01-01"), ("2030-01-01", "2050-01-01")],
)
async def test_impossible_absence_is_refused(
    wang: httpx.AsyncClient, union: Union, first: str, last: str
) -> None:
    guest = await make_guest(union)

    answer = await wang.post(
        f"/manage/guests/{guest.code}/absences", data={"first_day": first, "last_day": last}
    )

    assert (answer.status_code, await database.value("SELECT count(*) FROM absence")) == (422, 0)


ROUTES = [
    ("GET", "/manage/guests/{guest}"),
    ("GET", "/manage/guests/{guest}/edit"),
    ("POST", "/manage/guests/{guest}/edit"),
    ("POST", "/manage/guests/{guest}/absences"),
    ("POST", "/manage/guests/{guest}/absences/{absence}/removal"),
    ("POST", "/manage/guests/{guest}/feed"),
    ("POST", "/manage/guests/{guest}/feed/removal"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize(("who", "expected"), [("wang", (200, 303)), ("qian", (404,))])
async def test_guests_belong_to_their_union(
    union: Union, client: httpx.AsyncClient, method: str, path: str, who: str, expected: tuple[int, ...]
) -> None:
    other = await make_union("浙江省总工会", "qian", "zhou")
    guest = await make_guest(union, phone="19900001234")
    absence = Absence(guest=guest.id, first_day=WEDNESDAY, last_day=WEDNESDAY)
    await absence.save()
    await let_in(client, union.wang if who == "wang" else other.wang)
    form = GENG | {"first_day": "2030-01-01", "last_day": "2030-01-01"}

    answer = await client.request(
        method,
        path.format(guest=guest.code, absence=absence.id),
        data=form if method == "POST" else None,
    )

    assert answer.status_code in expected
    assert ("耿家盛" in answer.text) == (answer.status_code == 200)
    assert who == "wang" or await found(client) == []


@pytest.mark.parametrize("absence", ["0", "-1", "x", "9" * 21])
async def test_absence_that_cannot_be_is_not_found(
    wang: httpx.AsyncClient, union: Union, absence: str
) -> None:
    guest = await make_guest(union)

    answer = await wang.post(f"/manage/guests/{guest.code}/absences/{absence}/removal")

    assert answer.status_code == 404


async def test_list_hides_the_middle_of_phone_numbers(wang: httpx.AsyncClient, union: Union) -> None:
    await make_guest(union, phone="19900001234")

    shown = (await wang.get("/manage/guests")).text

    assert ("199****1234" in shown, "19900001234" in shown) == (True, False)


@pytest.mark.parametrize("rows", [1, 3, 30])
async def test_register_costs_the_same(wang: httpx.AsyncClient, union: Union, rows: int) -> None:
    for number in range(rows):
        await on(union, WEDNESDAY, (9, 11), await make_guest(union, f"嘉宾{number}", fields=f"第{number}行"))

    async with counted_statements() as statements:
        answer = await wang.get("/manage/guests", params={"day": "2026-12-03", "words": "嘉宾"})

    assert (answer.status_code, len(statements)) == (200, 4)


async def test_name_alone_is_the_one_registered_guest_of_that_name(db: object) -> None:
    union = await make_union()
    geng = await make_guest(union, honour="全国劳动模范", unit="昆明机床厂")
    other = await make_union("浙江省总工会", "qian", "zhou")
    await make_guest(other, "李师傅")
    lines = [
        *(GuestRow("耿家盛", "", ""), GuestRow("耿家盛", "全国劳动模范", ""), GuestRow("李师傅", "", "")),
        GuestRow("耿家盛", "省劳动模范", ""),
    ]

    known = await match_guests(union.organization.id, lines)
    await set_guests(union.session.id, union.organization.id, lines)

    assert known == [geng.id]
    rows = await database.fetch(
        "SELECT g.name, g.honour FROM appearance ap JOIN guest g ON g.id = ap.guest WHERE session = $1 ORDER BY ap.id",
        union.session.id,
    )
    assert [tuple(row) for row in rows] == [
        ("耿家盛", "全国劳动模范"),
        ("李师傅", ""),
        ("耿家盛", "省劳动模范"),
    ]


async def test_name_that_several_have_asks_for_more(union: Union) -> None:
    for unit in ("昆明机床厂", "云南铜业"):
        await make_guest(union, "张伟", unit=unit)

    with pytest.raises(Invalid) as refused:
        await place_guests(union.session.id, union.organization.id, [GuestRow("张伟", "", "")])

    assert refused.value.errors == {"guests": "有几位嘉宾都叫张伟。请在姓名后写明荣誉或单位。"}
    await place_guests(union.session.id, union.organization.id, [GuestRow("张伟", "", "云南铜业")])
    assert await database.value("SELECT count(*) FROM guest WHERE name = '张伟'") == 2
