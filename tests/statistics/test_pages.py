"""The organiser's page and its downloads, as they arrive."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from io import BytesIO
from types import ModuleType
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from python_calamine import CalamineWorkbook
from tests.conftest import new_client
from tests.people import Union, log_in, make_activity, make_session, make_union, register

from events_app.accounts.tables import AuditEntry
from events_app.lib import clock, database
from events_app.programmes.tables import Kind, Session
from events_app.registration.tables import Seat
from events_app.statistics import controllers
from events_app.web.edge import Edge


@pytest.fixture
async def union(db: ModuleType) -> Union:
    return await make_union()


@pytest.fixture
async def wang(app: Edge, union: Union) -> AsyncIterator[httpx.AsyncClient]:
    """Wang's browser, logged in."""
    async with new_client(app) as browser:
        await log_in(browser, "wang")
        yield browser


async def attend(session: Session, name: str, unit: str = "", phone: str = "19900001234") -> None:
    seat = await register(session, name, phone, unit)
    await Seat.update({Seat.attended_at: clock.now(), Seat.evidence: "scan"}).where(Seat.id == seat.seat)


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """Every statement that the transaction's connection is sent meanwhile."""
    statements: list[str] = []
    running = database.engine.current_transaction.get()
    assert running is not None
    with running.connection.query_logger(lambda record: statements.append(record.query)):
        yield statements


def sheets_of(answer: httpx.Response) -> dict[str, list[list[Any]]]:
    assert answer.status_code == 200, answer.text
    book = CalamineWorkbook.from_filelike(BytesIO(answer.content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


async def test_page_shows_measures_tables_chart_and_what_they_mean(
    wang: httpx.AsyncClient, union: Union
) -> None:
    await attend(union.session, "赵敏", "云南机电职业技术学院")

    answer = await wang.get("/manage/statistics")

    assert answer.status_code == 200
    for word in ("签到人次", "按活动", "按场次", "按单位", "云南机电职业技术学院", "怎么统计", "<svg"):
        assert word in answer.text


async def test_page_says_so_when_nothing_matches(wang: httpx.AsyncClient) -> None:
    answer = await wang.get("/manage/statistics?to=2000-01-01")

    assert answer.status_code == 200
    assert "没有可统计的场次" in answer.text


async def test_empty_parameters_ask_for_everything(wang: httpx.AsyncClient) -> None:
    answer = await wang.get("/manage/statistics?from=&to=&activity=&kind=&utm_source=wechat")

    assert answer.status_code == 200
    assert "按活动" in answer.text


@pytest.mark.parametrize(
    "query",
    [
        "from=tomorrow",
        "from=2026-02-30",
        "to=99999-01-01",
        "to=9999-12-31",
        "from=0001-01-01",
        "from=%00",
        "from=2026-12-05T09:00",
        "from=2026-12-05&to=2026-12-04",
        "kind=tea",
        "activity=unknown",
        "activity=%00",
        "activity=" + "x" * 5000,
    ],
)
@pytest.mark.parametrize("path", ["/manage/statistics", "/manage/statistics.xlsx"])
async def test_wrong_filters_are_answered_with_a_sentence(
    wang: httpx.AsyncClient, path: str, query: str
) -> None:
    answer = await wang.get(f"{path}?{query}")

    assert answer.status_code == 422
    assert "。" in answer.text


async def test_wrong_date_is_kept_for_correcting(wang: httpx.AsyncClient) -> None:
    answer = await wang.get("/manage/statistics?from=2026-02-30&kind=visit")

    assert 'value="2026-02-30"' in answer.text
    assert '<option value="visit" selected>' in answer.text


async def test_another_unions_activity_is_no_choice(wang: httpx.AsyncClient) -> None:
    other = await make_union("淮北市总工会", "qian", "sun")
    await attend(other.session, "冯军", "淮北矿业")

    answer = await wang.get(f"/manage/statistics?activity={other.activity.code}")

    assert answer.status_code == 422
    assert "淮北矿业" not in answer.text


async def test_small_numbers_of_legal_aid_are_not_shown(wang: httpx.AsyncClient, union: Union) -> None:
    session = await make_session(await make_activity(union.organization, kind=Kind.LEGAL_AID))
    await attend(session, "周骑手", "闪送站")

    page = (await wang.get("/manage/statistics?kind=legal_aid")).text
    units = sheets_of(await wang.get("/manage/statistics.xlsx?kind=legal_aid"))["按单位"]

    assert "闪送站" not in page
    assert "&lt;5" in page
    assert units[1][0] == "其他"
    assert units[1][4] == units[1][7] == units[1][8] == "<5"


async def test_page_costs_the_same_statements_for_1_3_and_30_rows(
    wang: httpx.AsyncClient, union: Union
) -> None:
    await wang.get("/manage/statistics")  # the driver asks the server about types once a connection
    costs = []
    for rows in (1, 3, 30):
        while len(await union_sessions(union)) < rows:
            session = await make_session(await make_activity(union.organization))
            await attend(session, "赵敏", f"单位{session.id}")
        with counted_statements() as statements:
            answer = await wang.get("/manage/statistics")
            await asyncio.sleep(0)  # the last statement is logged in the loop's next turn
        assert answer.text.count("/manage/sessions/") == rows
        costs.append(len(statements))

    assert costs == [8, 8, 8], costs  # six reads, and the snapshot that five of them share


async def union_sessions(union: Union) -> list[database.Row]:
    sql = "SELECT s.id FROM session s JOIN activity a ON a.id = s.activity WHERE a.organization = $1"
    return await database.fetch(sql, union.organization.id)


@pytest.mark.parametrize(
    "path", ["/manage/statistics", "/manage/statistics.xlsx", "/manage/sessions/x/attendees.xlsx"]
)
async def test_strangers_are_led_to_the_login_and_gate_staff_are_refused(
    client: httpx.AsyncClient, union: Union, path: str
) -> None:
    stranger = await client.get(path)
    await log_in(client, "li")
    gate = await client.get(path)

    assert (stranger.status_code, stranger.headers["location"][:6]) == (303, "/login")
    assert gate.status_code == 403


async def test_workbook_holds_the_three_tables_their_totals_and_what_they_mean(
    wang: httpx.AsyncClient, union: Union
) -> None:
    await attend(union.session, "赵敏", "云南机电职业技术学院")

    answer = await wang.get("/manage/statistics.xlsx?kind=visit")
    found = sheets_of(answer)

    assert list(found) == ["按活动", "按场次", "按单位", "说明"]
    assert found["按活动"][1][:9] == ["劳模工匠进校园", "劳模工匠进校园", 0, 1, 0, 1, 0, 0, 1]
    assert found["按活动"][-1][0] == found["按场次"][-1][0] == found["按单位"][-1][0] == "合计"
    assert found["按单位"][1][0] == "云南机电职业技术学院"
    assert ["查询", "/manage/statistics?kind=visit"] in found["说明"]
    assert "活动统计" in unquote(answer.headers["content-disposition"])


async def test_attendance_list_keeps_names_and_phones(wang: httpx.AsyncClient, union: Union) -> None:
    await attend(union.session, "=1+1", "@单位", "087163112233")
    await register(union.session, "𬱖㛃", "19900001234")

    answer = await wang.get(f"/manage/sessions/{union.session.code}/attendees.xlsx")
    top, first, second = sheets_of(answer)["签到名单"]

    assert top == ["序号", "姓名", "电话", "单位", "状态", "报名时间", "签到时间", "方式", "现场登记"]
    assert first[:5] == [1, "=1+1", "087163112233", "@单位", "报名成功"]
    assert first[7] == "扫码"
    assert type(first[6]).__name__ == "datetime"
    assert (second[1], second[2], second[6], second[7]) == ("𬱖㛃", "19900001234", "", "")


async def test_attendance_list_is_whole_however_it_is_read(
    wang: httpx.AsyncClient, union: Union, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(controllers, "_CHUNK", 2)
    for number in range(5):
        await register(union.session, f"赵{number}")

    rows = sheets_of(await wang.get(f"/manage/sessions/{union.session.code}/attendees.xlsx"))["签到名单"]

    assert [row[:2] for row in rows[1:]] == [[n + 1, f"赵{n}"] for n in range(5)]


async def test_attendance_list_is_named_after_activity_and_day(wang: httpx.AsyncClient, union: Union) -> None:
    answer = await wang.get(f"/manage/sessions/{union.session.code}/attendees.xlsx")

    day = clock.local(union.session.starts_at).date()
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert unquote(answer.headers["content-disposition"]).endswith(f"劳模工匠进校园 {day} 签到名单.xlsx")


async def test_taking_an_attendance_list_away_is_written_down(wang: httpx.AsyncClient, union: Union) -> None:
    await wang.get(f"/manage/sessions/{union.session.code}/attendees.xlsx")

    entries = await AuditEntry.select(AuditEntry.account, AuditEntry.organization, AuditEntry.subject).where(
        AuditEntry.action == "attendees.export"
    )
    assert entries == [
        {
            "account": union.wang.account,
            "organization": union.organization.id,
            "subject": union.session.code,
        }
    ]


async def test_another_unions_attendance_list_is_not_found(wang: httpx.AsyncClient, app: Edge) -> None:
    other = await make_union("淮北市总工会", "qian", "sun")
    path = f"/manage/sessions/{other.session.code}/attendees.xlsx"
    async with new_client(app) as qian:
        await log_in(qian, "qian")
        assert (await qian.get(path)).status_code == 200

    assert (await wang.get(path)).status_code == 404
    assert await AuditEntry.count().where(AuditEntry.action == "attendees.export") == 1
