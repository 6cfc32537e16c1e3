"""Many sessions at once: looked through first, the good ones saved together, the others kept as they were typed."""

import asyncio
import re
import time
from datetime import timedelta
from html import unescape
from io import BytesIO
from typing import Any

import httpx
import pytest
import xlsxwriter
from tests.conftest import new_client
from tests.people import (
    Union,
    counted_statements,
    let_in,
    make_activity,
    make_organization,
    make_union,
)

from events_app.lib import clock, database
from events_app.lib.errors import NotFound, Refused
from events_app.lib.sheets import read_table
from events_app.programmes.actions import batches
from events_app.programmes.actions.dry_runs import dry_run
from events_app.programmes.rules.headers import rows_of
from events_app.programmes.rules.rows import Defaults
from events_app.programmes.rules.workdays import Workdays
from events_app.programmes.tables import Activity, ActivityState, BatchSource
from events_app.web.edge import Edge

HEADER = ("学校", "场地", "日期", "开始", "结束", "名额")
# Sixty days on which nobody is warned of a public holiday.
_COMING = (clock.today() + timedelta(days=n) for n in range(30, 200))
DAYS = [day for day in _COMING if not Workdays([]).holiday(day)][:60]
FIRST = DAYS[0]


def usual() -> Defaults:
    return Defaults(opens_at=clock.now() - timedelta(days=1))


def row(number: int = 0, **changes: str) -> dict[str, str]:
    """Each in a hall of its own, so that none is in the way of another."""
    return {
        "site": "云南技师学院",
        "venue": f"第{number}礼堂",
        "day": f"{DAYS[number % 60]}",
        "starts": "9:00",
        "ends": "11:00",
        "capacity": "300",
        **changes,
    }


def form(**changes: Any) -> dict[str, Any]:
    opens_at = clock.field_text(clock.now() - timedelta(days=1))
    return {
        "opens_at": opens_at,
        "closes_at_start": "yes",
        "waiting_list": "yes",
        "check_in_lead": "60",
        **changes,
    }


def pasted(*rows: dict[str, str]) -> str:
    cells = [[r.get(f, "") for f in ("site", "venue", "day", "starts", "ends", "capacity")] for r in rows]
    return "\n".join("\t".join(line) for line in [HEADER, *cells])


def workbook(*rows: dict[str, str]) -> bytes:
    out = BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADER)
    for number, cells in enumerate(rows, 1):
        sheet.write_row(
            number, 0, [cells.get(f, "") for f in ("site", "venue", "day", "starts", "ends", "capacity")]
        )
    book.close()
    return out.getvalue()


@pytest.fixture
async def union(db: object) -> Union:
    await make_organization("云南技师学院", "school", code="school")
    return await make_union()


@pytest.fixture
async def wang(union: Union, client: httpx.AsyncClient) -> httpx.AsyncClient:
    await let_in(client, union.wang)
    return client


async def make_batch(union: Union, *rows: dict[str, str], defaults: Defaults | None = None) -> str:
    return await batches.create_batch(
        union.wang, union.activity.code, BatchSource.TABLE, list(rows), defaults or usual()
    )


async def states(union: Union, code: str) -> dict[str, str]:
    rows = await dry_run(await batches.own_batch(union.wang, code))
    return {row.line: row.state for row in rows}


async def errors(union: Union, *rows: dict[str, str]) -> list[dict[str, str]]:
    code = await make_batch(union, *rows)
    return [row.errors for row in await dry_run(await batches.own_batch(union.wang, code))]


async def planned(union: Union) -> int:
    """How many sessions there are besides the one that the union began with."""
    return int(
        await database.value("SELECT count(*) - 1 FROM session WHERE activity = $1", union.activity.id)
    )


async def counts() -> dict[str, int]:
    tables = ("session", "venue", "guest", "appearance", "organization", "audit_entry", "batch")
    return {table: await database.value(f"SELECT count(*) FROM {table}") for table in tables}


def edited(text: str, **changes: Any) -> dict[str, Any]:
    """What a browser would send of the page."""
    fields = dict(re.findall(r'<input class="box"[^>]* name="([^"]+)" value="([^"]*)"', text))
    fields |= {
        name: value[1:]
        for name, value in re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>([^<]*)</textarea>', text)
    }
    hidden = re.findall(r'<input type="hidden" name="((?:keys|page)[^"]*)" value="([^"]*)"', text)
    ticked = re.findall(r'<input type="checkbox"[^>]* name="([^"]+)" value="([^"]*)" ?checked', text)
    schools = [unescape(value) for name, value in ticked if name == "school"]
    lines = re.findall(r'name="line" value="([^"]*)"', text)
    typed = {name: unescape(value) for name, value in [*fields.items(), *hidden, *ticked]}
    return form() | typed | {"line": lines, "school": schools, "kind": "school"} | changes


async def test_tour_is_planned_from_a_workbook_in_three_steps(wang: httpx.AsyncClient, union: Union) -> None:
    address = f"/manage/activities/{union.activity.code}/batches"
    body = workbook(*[row(n) for n in range(12)])

    uploaded = await wang.post(address, data=form(), files={"file": ("巡回.xlsx", body)})
    page = await wang.get(uploaded.headers["location"])
    saved = await wang.post(f"{uploaded.headers['location']}/sessions", data=edited(page.text))
    activity = await wang.get(saved.headers["location"])

    assert (uploaded.status_code, page.status_code, saved.status_code) == (303, 200, 303)
    assert "可以保存12行" in page.text
    assert page.text.count("（新场地）") == 12
    assert await planned(union) == 12
    assert saved.headers["location"] == f"/manage/activities/{union.activity.code}?added=12"
    assert "已添加12个场次" in activity.text
    assert (await wang.get(uploaded.headers["location"])).status_code == 404


async def test_saved_sessions_are_what_the_rows_said(union: Union) -> None:
    opens_at = clock.now() - timedelta(days=2)
    usual = Defaults(opens_at=opens_at, waiting_list=False, check_in_lead=30)
    said = row(
        0, title="第一场", address="昆明", guests="耿家盛，全国劳动模范，昆明机床厂；李师傅", in_charge="wang"
    )
    code = await make_batch(union, said, defaults=usual)

    await batches.save_batch(union.wang, code, {})

    saved = await database.find(
        """SELECT s.*, v.name AS venue_name, v.address, o.name AS site_name,
                  ARRAY(SELECT g.name || g.honour FROM appearance ap JOIN guest g ON g.id = ap.guest
                         WHERE ap.session = s.id ORDER BY ap.id) AS guests
             FROM session s JOIN venue v ON v.id = s.venue JOIN organization o ON o.id = s.site
            WHERE s.title = '第一场'"""
    )
    assert saved is not None
    starts_at = clock.midnight(FIRST) + timedelta(hours=9)
    expected = {
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=2),
        "opens_at": opens_at,
        "closes_at": starts_at,
        "check_in_opens_at": starts_at - timedelta(minutes=30),
        "check_in_closes_at": starts_at + timedelta(hours=2),
        "capacity": 300,
        "taken": 0,
        "waiting": 0,
        "waiting_last": 0,
        "attended": 0,
        "sequence": 0,
        "waiting_list": False,
        "activity": union.activity.id,
        "in_charge": union.wang.account,
        "called_off_at": None,
        "called_off_reason": "",
        "venue_name": "第0礼堂",
        "address": "昆明",
        "site_name": "云南技师学院",
        "guests": ["耿家盛全国劳动模范", "李师傅"],
    }
    assert {name: saved[name] for name in expected} == expected


async def test_every_session_and_the_batch_are_written_down(union: Union) -> None:
    code = await make_batch(union, row(0), row(1))

    await batches.save_batch(union.wang, code, {})

    rows = await database.fetch("SELECT action, account, organization FROM audit_entry ORDER BY id")
    assert [row["action"] for row in rows] == [
        "batch.create",
        "session.create",
        "session.create",
        "batch.save",
    ]
    assert {(row["account"], row["organization"]) for row in rows} == {
        (union.wang.account, union.organization.id)
    }


async def test_venues_and_guests_are_kept_once(union: Union) -> None:
    before = await counts()
    code = await make_batch(
        union, *[row(n, venue="大礼堂", address="昆明市安宁市宁波路1号", guests="耿家盛") for n in range(5)]
    )
    again = await make_batch(union, *[row(n + 10, venue="新礼堂", guests="耿家盛、李师傅") for n in range(5)])

    saved = [await batches.save_batch(union.wang, c, {}) for c in (code, again)]

    after = await counts()
    assert [s.sessions for s in saved] == [5, 5]
    assert {name: after[name] - before[name] for name in ("session", "venue", "guest", "appearance")} == {
        "session": 10,
        "venue": 1,
        "guest": 2,
        "appearance": 15,
    }


async def test_bad_rows_stay_and_can_be_put_right(wang: httpx.AsyncClient, union: Union) -> None:
    bad = row(1, day="2月31日", capacity="很多")
    code = await make_batch(union, row(0), bad, row(2))
    address = f"/manage/batches/{code}"

    page = await wang.get(address)
    saved = await wang.post(f"{address}/sessions", data=edited(page.text))
    left = await wang.get(saved.headers["location"])
    right = edited(left.text, **{"day-2": f"{DAYS[9]}", "capacity-2": "80人"})
    checked = await wang.get((await wang.post(address, data=right)).headers["location"])
    finished = await wang.post(f"{address}/sessions", data=edited(checked.text))

    assert all(
        text in page.text for text in ("没有2月31日这一天。", "请填写1到1000000之间的整数。", 'value="很多"')
    )
    assert page.text.index("第2行") < page.text.index("第1行") < page.text.index("第3行")
    assert "已保存2个场次" in left.text
    assert "可以保存1行" in checked.text
    assert finished.headers["location"].endswith("?added=1")
    assert await planned(union) == 3


async def test_reload_loses_nothing(wang: httpx.AsyncClient, union: Union) -> None:
    code = await make_batch(union, row(0), row(1))
    page = await wang.get(f"/manage/batches/{code}")
    typed = edited(
        page.text, **{"venue-2": "报<告>厅", "guests-2": "耿家盛，全国劳动模范\n李师傅", "capacity": "90"}
    )

    await wang.post(f"/manage/batches/{code}", data=typed)

    batch = await batches.own_batch(union.wang, code)
    assert (batch.rows[1]["venue"], batch.rows[1]["guests"]) == ("报<告>厅", "耿家盛，全国劳动模范\n李师傅")
    assert batch.defaults.capacity == "90"
    assert "报&lt;告&gt;厅" in (await wang.get(f"/manage/batches/{code}")).text


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        (
            {"ends": "8:00"},
            "ends",
            "结束时间应晚于开始时间；第二天才结束的，请写上日期，如2026-12-06 01:00。",
        ),
        (
            {"starts": "9:00", "ends": "9:00"},
            "ends",
            "结束时间应晚于开始时间；第二天才结束的，请写上日期，如2026-12-06 01:00。",
        ),
        (
            {"ends": f"{FIRST + timedelta(days=40)} 9:00"},
            "ends",
            "一个场次最长31天；更长的活动请分成几个场次。",
        ),
        ({"day": "2027-02-31"}, "day", "没有2月31日这一天。"),
        ({"site": "没有的学校"}, "site", "还没有名为“没有的学校”的学校或企业。请改正名称，或在上面添加。"),
        ({"in_charge": "赵"}, "in_charge", "本工会没有叫“赵”的组织者。请改正，或先空着。"),
        ({"capacity": "-1"}, "capacity", "请填写1到1000000之间的整数。"),
        ({"venue": "\x07"}, "venue", "含有看不见的控制字符，请删去后重新填写。"),
    ],
)
async def test_mistake_is_told_at_its_field(
    union: Union, changes: dict[str, str], field: str, sentence: str
) -> None:
    assert await errors(union, row(0, **changes)) == [{field: sentence}]


async def test_same_row_twice_is_saved_once(union: Union) -> None:
    code = await make_batch(union, row(0), row(1), row(0))

    assert await states(union, code) == {"1": "ready", "2": "ready", "3": "wrong"}
    assert await batches.save_batch(union.wang, code, {}) == (2, 1)


async def test_venue_of_another_union_is_not_ours(union: Union) -> None:
    theirs = await make_union("浙江省总工会", "qian", "sun")
    other = await make_batch(theirs, row(0, venue="西湖会堂", site=""))
    await batches.save_batch(theirs.wang, other, {})
    code = await make_batch(union, row(0, venue="西湖会堂"))

    rows = await dry_run(await batches.own_batch(union.wang, code))
    await batches.save_batch(union.wang, code, {})

    assert (rows[0].venue, rows[0].clashes) == (None, [])
    owners = await database.fetch("SELECT DISTINCT organization FROM venue WHERE name = '西湖会堂'")
    assert {row["organization"] for row in owners} == {union.organization.id, theirs.organization.id}


async def test_venue_that_may_be_one_of_several_is_asked_for(union: Union) -> None:
    await make_batch(union, row(0))
    first = await make_batch(
        union, row(0, venue="报告厅", address="东楼"), row(1, venue="报告厅", address="西楼")
    )
    await batches.save_batch(union.wang, first, {})

    assert await errors(union, row(5, venue="报告厅")) == [
        {"venue": "有2个场地叫“报告厅”。请写全名（楼·房间），或写上地址。"}
    ]
    assert await errors(union, row(5, venue="报告厅", address="西楼")) == [{}]


async def test_unknown_schools_are_added_in_one_go(wang: httpx.AsyncClient, union: Union) -> None:
    rows = [row(n, site=site) for n, site in enumerate(("昆明一中", "昆明二中", "昆明一中", "云南技师学院"))]
    code = await make_batch(union, *rows, row(4, site="昆明三中", day="待定"))
    address = f"/manage/batches/{code}"

    page = await wang.get(address)
    sent = edited(page.text)
    added = await wang.post(
        f"{address}/organizations", data=sent | {"school": [*sent["school"], "无关的学校"]}
    )
    checked = await wang.get(added.headers["location"])

    assert sent["school"] == ["昆明一中", "昆明二中", "昆明三中"]
    assert "可以保存4行" in checked.text
    rows_added = await database.fetch(
        "SELECT name, kind FROM organization WHERE name LIKE '昆明%中' ORDER BY name"
    )
    assert [tuple(r) for r in rows_added] == [
        ("昆明一中", "school"),
        ("昆明三中", "school"),
        ("昆明二中", "school"),
    ]
    assert await database.value("SELECT count(*) FROM organization WHERE name = '无关的学校'") == 0
    assert await database.value("SELECT count(*) FROM audit_entry WHERE action = 'organization.create'") == 3


async def test_school_whose_name_is_damaged_holds_up_no_other(wang: httpx.AsyncClient, union: Union) -> None:
    code = await make_batch(
        union, row(0, site="曲靖\u200b学院"), row(1, site="长" * 101), row(2, site="玉溪学院")
    )
    page = await wang.get(f"/manage/batches/{code}")

    added = await wang.post(f"/manage/batches/{code}/organizations", data=edited(page.text))

    assert added.status_code == 303
    assert await states(union, code) == {"1": "wrong", "2": "wrong", "3": "ready"}


async def test_clash_is_shown_and_saved_only_when_ticked(wang: httpx.AsyncClient, union: Union) -> None:
    first = await make_batch(union, row(0))
    await batches.save_batch(union.wang, first, {})
    code = await make_batch(union, row(0, site="", title="另一场"), row(1))
    address = f"/manage/batches/{code}"

    page = await wang.get(address)
    saved = await wang.post(f"{address}/sessions", data=edited(page.text))
    left = await wang.get(saved.headers["location"])
    ticked = await wang.post(f"{address}/sessions", data=edited(left.text, **{"accept-1": "yes"}))

    assert "有提醒1行" in page.text
    assert "场地“第0礼堂”同时有另一场" in unescape(page.text)
    assert ("已保存1个场次" in left.text, await planned(union)) == (True, 3)
    assert ticked.headers["location"].endswith("?added=1")
    kept = await database.value("SELECT detail::text FROM audit_entry WHERE action = 'clash.accept'")
    assert "第0礼堂" in kept


async def test_tick_accepts_only_what_was_shown(union: Union) -> None:
    """Somebody books the hall between the look and the save: that row stays, the others are saved."""
    code = await make_batch(union, row(0, site=""), row(1))
    looked = {"1": {"accepted": ""}, "2": {"accepted": ""}}
    assert set((await states(union, code)).values()) == {"ready"}
    meanwhile = await make_batch(union, row(0, title="抢先的一场"))
    await batches.save_batch(union.wang, meanwhile, {})

    saved = await batches.save_batch(union.wang, code, looked)

    assert saved == (1, 1)
    assert await states(union, code) == {"1": "warned"}


async def test_tick_for_other_warnings_is_worth_nothing(union: Union) -> None:
    first = await make_batch(union, row(0))
    await batches.save_batch(union.wang, first, {})
    code = await make_batch(union, row(0, site="", title="另一场"))
    stale = {"1": {"accepted": "0123456789abcdef0123"}}

    assert await batches.save_batch(union.wang, code, stale) == (0, 1)
    assert await planned(union) == 1


async def test_rows_are_in_the_way_of_one_another(union: Union) -> None:
    """In a new hall and with a new guest, whom no register knows yet."""
    code = await make_batch(
        union,
        row(0, site="", venue="新礼堂", title="甲"),
        row(0, site="", venue="新礼堂", title="乙", guests="耿家盛"),
        row(0, site="", venue="别处", guests="耿家盛"),
        row(1, site="", venue="新礼堂", guests="耿家盛"),
    )

    assert await states(union, code) == {"1": "warned", "2": "warned", "3": "warned", "4": "ready"}
    rows = await dry_run(await batches.own_batch(union.wang, code))
    ticks = {row.line: {"accepted": row.keys} for row in rows if row.line in ("1", "2")}
    assert await batches.save_batch(union.wang, code, ticks) == (3, 1)


async def test_row_is_removed(wang: httpx.AsyncClient, union: Union) -> None:
    code = await make_batch(union, row(0), row(1))
    page = await wang.get(f"/manage/batches/{code}")

    await wang.post(f"/manage/batches/{code}", data=edited(page.text, remove="1"))

    assert await states(union, code) == {"2": "ready"}


async def test_batch_is_cleared(wang: httpx.AsyncClient, union: Union) -> None:
    code = await make_batch(union, row(0))

    answer = await wang.post(f"/manage/batches/{code}/removal")

    assert answer.headers["location"] == f"/manage/activities/{union.activity.code}"
    assert (await wang.get(f"/manage/batches/{code}")).status_code == 404
    assert await planned(union) == 0


async def test_wrong_defaults_keep_what_was_typed(wang: httpx.AsyncClient, union: Union) -> None:
    code = await make_batch(union, row(0))
    page = await wang.get(f"/manage/batches/{code}")

    answer = await wang.post(
        f"/manage/batches/{code}", data=edited(page.text, **{"starts": "早上", "venue-1": "别的厅"})
    )

    assert answer.status_code == 422
    assert all(text in answer.text for text in ("看不懂这个时间", 'value="早上"', 'value="别的厅"'))


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"table": ""}, "没有找到表头"),
        ({"table": "你好"}, "没有找到表头"),
        ({"table": "\t".join(HEADER)}, "没有要添加的场次：请至少写一行。"),
        ({"table": pasted(*[row(n) for n in range(1001)])}, "一次最多1000行，现在有1001行。请分成几次。"),
        ({"table": pasted(row(0)), "opens_at": ""}, "请选择日期和时间，如2026-12-05 09:00。"),
        ({"table": pasted(row(0)), "capacity": "许多"}, "请填写1到1000000之间的整数。"),
    ],
)
async def test_table_that_is_none_is_explained(
    wang: httpx.AsyncClient, union: Union, sent: dict[str, str], sentence: str
) -> None:
    before = await counts()

    answer = await wang.post(f"/manage/activities/{union.activity.code}/batches", data=form(**sent))

    assert (answer.status_code, await counts()) == (422, before)
    assert sentence in unescape(answer.text)
    assert unescape(answer.text).count(sent["table"][:200]) >= 1


async def test_five_thousand_rows_are_refused_with_a_sentence(wang: httpx.AsyncClient, union: Union) -> None:
    body = workbook(*[row(n % 300, title=str(n)) for n in range(5000)])

    answer = await wang.post(
        f"/manage/activities/{union.activity.code}/batches", data=form(), files={"file": ("a.xlsx", body)}
    )

    assert answer.status_code == 422
    assert "一次最多1000行，现在有5000行。请分成几次。" in answer.text


async def test_file_that_is_no_table_is_refused_with_a_sentence(
    wang: httpx.AsyncClient, union: Union
) -> None:
    address = f"/manage/activities/{union.activity.code}/batches"

    answers = [
        await wang.post(address, data=form(table="留着"), files={"file": (f"a{n}.xlsx", body)})
        for n, body in enumerate((b"PK\x03\x04", b"\x89PNG\x00", "，".join(HEADER).encode()))
    ]

    assert [answer.status_code for answer in answers] == [422] * 3
    assert all("留着</textarea>" in answer.text for answer in answers)


async def test_file_past_five_megabytes_is_refused(wang: httpx.AsyncClient, union: Union) -> None:
    answer = await wang.post(
        f"/manage/activities/{union.activity.code}/batches",
        data=form(),
        files={"file": ("a.xlsx", b"x" * (6 * 1024 * 1024))},
    )

    assert answer.status_code == 413


async def test_columns_that_nobody_understands_are_named(wang: httpx.AsyncClient, union: Union) -> None:
    table = "备注\t" + pasted(row(0)).replace("\n", "\n带投影\t")

    answer = await wang.post(f"/manage/activities/{union.activity.code}/batches", data=form(table=table))

    assert "没有用到这些列：备注。" in (await wang.get(answer.headers["location"])).text


async def test_template_is_read_as_a_table_without_rows(wang: httpx.AsyncClient, union: Union) -> None:
    address = f"/manage/activities/{union.activity.code}/batches"

    template = await wang.get(f"{address}/template.xlsx")
    answer = await wang.post(address, data=form(), files={"file": ("a.xlsx", template.content)})

    assert template.headers["content-type"].startswith("application/vnd.openxmlformats")
    assert "没有要添加的场次：请至少写一行。" in answer.text


async def test_english_template_is_understood_too(wang: httpx.AsyncClient, union: Union) -> None:
    wang.cookies.set("language", "en")

    template = await wang.get(f"/manage/activities/{union.activity.code}/batches/template.xlsx")

    table = await read_table(template.content)
    _rows, ignored = rows_of(table)
    assert (table[0][0], ignored) == ("School", [])


async def test_other_unions_batches_do_not_exist(union: Union, app: Edge) -> None:
    qian = await make_union("浙江省总工会", "qian", "sun")
    code = await make_batch(union, row(0))
    before = await counts()
    async with new_client(app) as client:
        await let_in(client, qian.wang)
        activity = f"/manage/activities/{union.activity.code}/batches"
        answers = [
            await client.get(f"/manage/batches/{code}"),
            await client.post(f"/manage/batches/{code}", data=form()),
            await client.post(f"/manage/batches/{code}/sessions", data=form()),
            await client.post(f"/manage/batches/{code}/organizations", data=form()),
            await client.post(f"/manage/batches/{code}/removal"),
            await client.get(f"{activity}/new"),
            await client.get(f"{activity}/template.xlsx"),
            await client.post(activity, data=form(table=pasted(row(0)))),
        ]

    assert [answer.status_code for answer in answers] == [404] * len(answers)
    assert await counts() == before


async def test_other_unions_clashes_say_no_more_than_everybody_sees(union: Union) -> None:
    qian = await make_union("浙江省总工会", "qian", "sun")
    hidden = await make_activity(qian.organization, published_at=None, title="秘密筹备")
    code = await batches.create_batch(qian.wang, hidden.code, BatchSource.TABLE, [row(0)], usual())
    await batches.save_batch(qian.wang, code, {})

    mine = await make_batch(union, row(0, venue="别处"))

    assert await states(union, mine) == {"1": "ready"}


async def test_statements_do_not_grow_with_rows(union: Union) -> None:
    looked, saved = [], []
    for number, offset in ((1, 30), (3, 31), (30, 0)):
        rows = [row(n + offset, site="", guests=f"嘉宾{n + offset}", in_charge="wang") for n in range(number)]
        code = await make_batch(union, *rows)
        async with counted_statements() as statements:
            assert set((await states(union, code)).values()) == {"ready"}
        looked.append(len(statements))
        async with counted_statements() as statements:
            assert await batches.save_batch(union.wang, code, {}) == (number, 0)
        saved.append(len(statements))

    assert looked == [looked[0]] * 3
    assert saved == [saved[0]] * 3


async def test_five_hundred_rows_are_read_checked_and_saved_within_three_seconds(
    wang: httpx.AsyncClient, union: Union
) -> None:
    for n in range(12):
        await make_organization(f"第{n}中学", "school")
    rows = [row(n, site=f"第{n // 60}中学", venue=f"礼堂{n // 60}") for n in range(500)]
    body = workbook(*rows)
    address = f"/manage/activities/{union.activity.code}/batches"

    begun = time.perf_counter()
    uploaded = await wang.post(address, data=form(), files={"file": ("a.xlsx", body)})
    page = await wang.get(uploaded.headers["location"])
    saved = await wang.post(f"{uploaded.headers['location']}/sessions", data=edited(page.text))
    seconds = time.perf_counter() - begun

    assert (saved.status_code, await planned(union)) == (303, 500)
    assert seconds < 3


async def test_defaults_that_were_typed_count_when_saving(wang: httpx.AsyncClient, union: Union) -> None:
    code = await make_batch(union, row(0, capacity=""), row(1, capacity=""))
    page = await wang.get(f"/manage/batches/{code}")

    saved = await wang.post(f"/manage/batches/{code}/sessions", data=edited(page.text, capacity="70"))

    assert page.text.count("请写名额。") == 2
    assert saved.headers["location"].endswith("?added=2")


async def test_batch_that_was_left_is_found_again(wang: httpx.AsyncClient, union: Union) -> None:
    code = await make_batch(union, row(0), row(1))

    page = await wang.get(f"/manage/activities/{union.activity.code}")

    assert f'<a href="/manage/batches/{code}">' in page.text
    assert "开始的一批还有2行没有保存" in page.text


async def test_called_off_activity_takes_no_sessions(union: Union) -> None:
    code = await make_batch(union, row(0))
    await Activity.update({Activity.state: ActivityState.CALLED_OFF}).where(Activity.id == union.activity.id)

    with pytest.raises(Refused):
        await batches.save_batch(union.wang, code, {})
    with pytest.raises(Refused):
        await make_batch(union, row(0))
    assert await planned(union) == 0


async def test_what_was_typed_is_kept_though_the_activity_was_called_off_meanwhile(
    wang: httpx.AsyncClient, union: Union
) -> None:
    code = await make_batch(union, row(0, day="2月31日"))
    page = await wang.get(f"/manage/batches/{code}")
    await Activity.update({Activity.state: ActivityState.CALLED_OFF}).where(Activity.id == union.activity.id)
    typed = edited(page.text, **{"day-1": row(0)["day"], "capacity-1": "77"})

    saved = await wang.post(f"/manage/batches/{code}/sessions", data=typed)

    assert saved.status_code == 409
    assert "活动已经取消，不能添加场次。" in saved.text
    assert (await batches.own_batch(union.wang, code)).rows[0]["capacity"] == "77"
    assert await states(union, code) == {"1": "ready"}


async def test_unexpected_words_in_the_form_change_nothing(wang: httpx.AsyncClient, union: Union) -> None:
    code = await make_batch(union, row(0))
    address = f"/manage/batches/{code}"
    strange = form(
        line=["99", "x", "", "1" * 500],
        **{"venue-99": "没有", "page": "-5", "remove": "77", "accept-99": "1"},
    )

    answers = [await wang.post(address, data=strange), await wang.get(f"{address}?page=999&saved=x")]

    assert [answer.status_code for answer in answers] == [303, 200]
    assert await states(union, code) == {"1": "ready"}
    assert (await wang.get("/manage/batches/nothing")).status_code == 404


async def test_page_says_that_nothing_could_be_saved(wang: httpx.AsyncClient, union: Union) -> None:
    code = await make_batch(union, row(0, day="2月31日"))
    page = await wang.get(f"/manage/batches/{code}")

    saved = await wang.post(f"/manage/batches/{code}/sessions", data=edited(page.text))

    assert "一个场次也没有保存" in (await wang.get(saved.headers["location"])).text
    assert "场次也没有保存" not in page.text


async def test_two_tabs_save_a_batch_once(committed_db: str) -> None:
    union = await make_union()
    await make_organization("云南技师学院", "school")
    code = await make_batch(union, *[row(n) for n in range(20)])

    results = await asyncio.gather(
        *[batches.save_batch(union.wang, code, {}) for _tab in range(4)], return_exceptions=True
    )

    assert sum(result.sessions for result in results if isinstance(result, batches.Saved)) == 20
    assert sum(isinstance(result, NotFound) for result in results) == 3
    assert await planned(union) == 20


async def test_one_hall_is_booked_once_by_six_batches(committed_db: str) -> None:
    """All looked before one was saved: who comes later has a warning that was never shown."""
    union = await make_union()
    codes = [
        await make_batch(
            union,
            row(0, site="", venue="大礼堂", address="昆明市安宁市宁波路1号", title=f"{n}"),
            row(n + 1, site=""),
        )
        for n in range(6)
    ]
    looked = await asyncio.gather(
        *[states(union, code) for code in codes]
    )  # on six connections, as the saves
    assert looked == [{"1": "ready", "2": "ready"}] * 6

    results = await asyncio.gather(*[batches.save_batch(union.wang, code, {}) for code in codes])

    assert sorted(results) == [(1, 1)] * 5 + [(2, 0)]
    assert await planned(union) == 7


async def test_too_many_rows_are_no_batch(union: Union) -> None:
    with pytest.raises(Refused, match="一次最多1000行"):
        await make_batch(union, *[row(0)] * 1001)
    with pytest.raises(NotFound):
        await batches.create_batch(union.wang, "nothing", BatchSource.COPY, [row(0)], usual())
