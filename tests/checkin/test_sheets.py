"""Sheets for signatures: printed with the same lines for ever, and typed in page by page."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from tests.conftest import new_client
from tests.gates import make_gate
from tests.people import (
    Union,
    counted_statements,
    let_in,
    make_activity,
    make_session,
    make_union,
    moment_field,
    register,
)

from events_app.checkin.rules.sheets import count_pages, numbers_on, usual_blanks
from events_app.lib import clock, codes, database
from events_app.programmes.tables import Activity, Kind, Session
from events_app.registration.queries import SeatTaken
from events_app.web.edge import Edge


@pytest.fixture
async def union(db: object) -> Union:
    """Its session began an hour ago."""
    union = await make_union()
    await begin(union.session)
    return union


@pytest.fixture
async def wang(client: httpx.AsyncClient, union: Union) -> httpx.AsyncClient:
    await let_in(client, union.wang)
    return client


@pytest.fixture
async def li(app: Edge, union: Union) -> AsyncIterator[httpx.AsyncClient]:
    async with new_client(app) as browser:
        await let_in(browser, union.li)
        yield browser


async def begin(session: Session) -> None:
    """An hour ago, for three hours."""
    now = clock.now()
    session.starts_at = now - timedelta(hours=1)
    times: dict[Any, Any] = {
        "starts_at": session.starts_at,
        "ends_at": now + timedelta(hours=2),
        "check_in_opens_at": now - timedelta(hours=2),
        "check_in_closes_at": now + timedelta(hours=2),
    }
    await Session.update(times).where(Session.id == session.id)


async def make_sheet(wang: httpx.AsyncClient, session: Session, blanks: int | str = 0) -> str:
    answer = await wang.post(f"/manage/sessions/{session.code}/sheets", data={"blanks": str(blanks)})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].rpartition("/")[2]


def at_gate(session: Session, sheet: str, page: int = 1) -> str:
    return f"/gate/{session.code}/sheets/{sheet}/{page}"


async def type_in(
    client: httpx.AsyncClient, session: Session, sheet: str, *seats: SeatTaken, page: int = 1, **given: Any
) -> httpx.Response:
    """As the page would be sent after its fields were changed to `given`."""
    shown = await client.get(at_gate(session, sheet, page))
    fields = dict(re.findall(r'name="(turn|at)" value="([^"]*)"', shown.text))
    data = {"turn": "0"} | fields | {"seat": [str(seat.seat) for seat in seats]} | given
    return await client.post(at_gate(session, sheet, page), data=data)


async def known(seat: SeatTaken) -> tuple[bool, str | None, int]:
    row = await database.find(
        "SELECT attended_at IS NOT NULL AS came, evidence, s.attended"
        " FROM seat JOIN session s ON s.id = seat.session WHERE seat.id = $1",
        seat.seat,
    )
    assert row
    return (row["came"], row["evidence"], row["attended"])


def boxes(page: httpx.Response) -> list[int]:
    return [int(seat) for seat in re.findall(r'name="seat" value="(\d+)"', page.text)]


def rows(page: httpx.Response) -> list[tuple[str, str]]:
    """Number and name of each printed line."""
    found = re.findall(r'<td class="no">(\d+)</td>\s*<t[hd] [^>]*>(?:<div[^>]*>)?([^<]*)', page.text)
    return [(number, name) for number, name in found]


async def test_sheet_has_its_people_by_unit_and_then_empty_lines(
    wang: httpx.AsyncClient, union: Union
) -> None:
    await register(union.session, "钱多", "19900005678", "昆明机床厂")
    await register(union.session, "孙立", "19900005679")
    await register(union.session, "李𬱖", "19900001234", "昆明机床厂")

    page = await wang.get(
        f"/manage/sessions/{union.session.code}/sheets/{await make_sheet(wang, union.session, 2)}"
    )

    assert rows(page) == [("1", "孙立"), ("2", "钱多"), ("3", "李𬱖"), ("4", ""), ("5", "")]
    assert ("199****5678" in page.text, "19900005678" in page.text) == (True, False)
    assert all(word in page.text for word in ("云南省总工会", "劳模工匠进校园", "大礼堂", "第1页，共1页"))


async def test_sheet_stays_as_it_was_printed(wang: httpx.AsyncClient, union: Union) -> None:
    seats = [await register(union.session, f"赵{n}", f"1990000123{n}") for n in range(2)]
    sheet = await make_sheet(wang, union.session)
    await database.fetch(
        "UPDATE seat SET state = 'released', released_at = now() WHERE id = $1", seats[0].seat
    )
    await register(union.session, "钱多", "19900005678")

    page = await wang.get(f"/manage/sessions/{union.session.code}/sheets/{sheet}")
    listed = await wang.get(f"/manage/sessions/{union.session.code}/sheets")

    assert rows(page) == [("1", "赵0"), ("2", "赵1")]
    assert page.text.count("已取消") == 1
    assert "以后又有1人" in listed.text


async def test_who_has_no_place_is_on_no_sheet(wang: httpx.AsyncClient, union: Union) -> None:
    seat = await register(union.session)
    await database.fetch("UPDATE seat SET state = 'pending' WHERE id = $1", seat.seat)

    answer = await wang.post(f"/manage/sessions/{union.session.code}/sheets", data={"blanks": "0"})

    assert answer.status_code == 422
    assert "要打印空的签到表，请填写空白行数。" in answer.text
    assert await database.value("SELECT count(*) FROM sheet") == 0


@pytest.mark.parametrize("blanks", ["", "-1", "101", "1e3", "九"])
async def test_wrong_number_of_empty_lines_is_shown_again(
    wang: httpx.AsyncClient, union: Union, blanks: str
) -> None:
    await register(union.session)

    answer = await wang.post(f"/manage/sessions/{union.session.code}/sheets", data={"blanks": blanks})

    assert answer.status_code == 422
    assert f'name="blanks" value="{blanks}"' in answer.text


@pytest.mark.parametrize(
    ("people", "blanks", "pages"), [(0, 1, 1), (20, 0, 1), (20, 1, 2), (57, 23, 4), (300, 0, 15)]
)
def test_each_line_is_on_one_page(people: int, blanks: int, pages: int) -> None:
    found = [n for page in range(1, pages + 1) for n in numbers_on(page, people, blanks)]

    assert count_pages(people, blanks) == pages
    assert found == list(range(1, people + blanks + 1))
    assert (list(numbers_on(0, people, blanks)), list(numbers_on(pages + 1, people, blanks))) == ([], [])


@pytest.mark.parametrize(
    ("people", "walk_ins", "blanks"), [(0, False, 20), (57, True, 23), (53, True, 7), (57, False, 0)]
)
def test_empty_lines_fill_the_last_page(people: int, blanks: int, *, walk_ins: bool) -> None:
    assert usual_blanks(people, walk_ins=walk_ins) == blanks


async def test_confidential_sheet_tells_nobody_who_else_is_there(
    wang: httpx.AsyncClient, union: Union
) -> None:
    activity = await make_activity(union.organization, kind=Kind.LEGAL_AID, title="骑手讨薪咨询")
    session = await make_session(activity, title="劳动仲裁")
    await register(session, "欧阳海", "19900001234", "某外卖平台")

    page = await wang.get(f"/manage/sessions/{session.code}/sheets/{await make_sheet(wang, session)}")

    assert rows(page) == [("1", "欧*海")]
    hidden = ("欧阳海", "某外卖平台", "骑手讨薪咨询", "劳动仲裁")
    assert [word for word in hidden if word in page.text] == []


async def test_hostile_names_are_printed_as_they_are(wang: httpx.AsyncClient, union: Union) -> None:
    await register(union.session, "<script>赵", "19900001234", '"><img src=x>')
    sheet = await make_sheet(wang, union.session)

    for address in (
        f"/manage/sessions/{union.session.code}/sheets/{sheet}",
        at_gate(union.session, sheet),
    ):
        page = await wang.get(address)
        assert ("<script>赵" in page.text, "<img src=x>" in page.text) == (False, False)
        assert "&lt;script&gt;赵" in page.text


async def test_page_at_the_gate_has_exactly_the_printed_lines(
    wang: httpx.AsyncClient, li: httpx.AsyncClient, union: Union
) -> None:
    seats = [await register(union.session, f"赵{n}", f"199000012{n:02}") for n in range(23)]
    sheet = await make_sheet(wang, union.session, 4)

    pages = [await li.get(at_gate(union.session, sheet, n)) for n in (1, 2, 3, 0)]
    odd = await li.get(f"/gate/{union.session.code}/sheets/{sheet}/x")

    assert [boxes(page) for page in pages[:2]] == [[s.seat for s in seats[:20]], [s.seat for s in seats[20:]]]
    assert "第24–27行是空白行。" in pages[1].text
    assert [page.status_code for page in (*pages, odd)] == [200, 200, 404, 404, 404]


async def test_signatures_count_as_paper_with_the_session_s_time(
    wang: httpx.AsyncClient, li: httpx.AsyncClient, union: Union
) -> None:
    seats = [await register(union.session, f"赵{n}", f"1990000123{n}") for n in range(3)]
    sheet = await make_sheet(wang, union.session)

    answer = await type_in(li, union.session, sheet, *seats[:2])
    page = await li.get(answer.headers["location"])

    assert answer.status_code == 303
    assert "刚才录入2人。" in page.text
    assert [await known(seat) for seat in seats] == [(True, "paper", 2), (True, "paper", 2), (False, None, 2)]
    assert await database.value("SELECT attended_at FROM seat WHERE id = $1", seats[0].seat) == (
        union.session.starts_at
    )
    assert boxes(page) == [seats[2].seat]
    audited = await database.find("SELECT subject, detail FROM audit_entry WHERE action = 'sheet.type_in'")
    assert audited
    assert audited["subject"] == f"{union.session.code}/{sheet}/1"


async def test_who_came_by_another_way_is_shown_so_and_not_counted_again(
    wang: httpx.AsyncClient, li: httpx.AsyncClient, union: Union
) -> None:
    came, late = [await register(union.session, f"赵{n}", f"1990000123{n}") for n in range(2)]
    sheet = await make_sheet(wang, union.session)
    await li.post(f"/gate/{union.session.code}/roster/{came.seat}", data={"nonce": "here"})

    page = await li.get(at_gate(union.session, sheet))
    answer = await type_in(li, union.session, sheet, came, late)

    assert boxes(page) == [late.seat]
    assert "名册" in page.text
    assert answer.headers["location"].endswith("?typed=1")
    assert [await known(seat) for seat in (came, late)] == [(True, "roster", 2), (True, "paper", 2)]


async def test_same_page_twice_is_one_coming(
    wang: httpx.AsyncClient, li: httpx.AsyncClient, union: Union
) -> None:
    seat = await register(union.session)
    sheet = await make_sheet(wang, union.session)
    data = {"turn": "0", "at": moment_field(union.session.starts_at), "seat": str(seat.seat)}

    answers = [await client.post(at_gate(union.session, sheet), data=data) for client in (li, li, wang)]

    assert [answer.headers["location"][-1] for answer in answers] == ["1", "0", "0"]
    assert await known(seat) == (True, "paper", 1)
    assert await database.value("SELECT count(*) FROM scan") == 1


async def test_wrong_tick_is_taken_back_and_ticked_anew(wang: httpx.AsyncClient, union: Union) -> None:
    seat = await register(union.session)
    sheet = await make_sheet(wang, union.session)
    await type_in(wang, union.session, sheet, seat)
    undo = f"/gate/{union.session.code}/roster/{seat.seat}/undo"

    await wang.post(undo, data={"nonce": "back", "reason": "勾错了行"})
    between = await known(seat)
    await type_in(wang, union.session, sheet, seat)

    assert between == (False, None, 0)
    assert await known(seat) == (True, "paper", 1)


async def test_who_cancelled_since_the_print_is_said_so(
    wang: httpx.AsyncClient, li: httpx.AsyncClient, union: Union
) -> None:
    gone, here = [await register(union.session, f"赵{n}", f"1990000123{n}") for n in range(2)]
    sheet = await make_sheet(wang, union.session)
    await database.fetch("UPDATE seat SET state = 'released', released_at = now() WHERE id = $1", gone.seat)

    page = await li.get(at_gate(union.session, sheet))
    answer = await type_in(li, union.session, sheet, gone, here)

    assert (boxes(page), "已取消" in page.text) == ([here.seat], True)
    assert answer.status_code == 409
    assert "报名或本场已取消" in answer.text
    assert [await known(seat) for seat in (gone, here)] == [(False, None, 1), (True, "paper", 1)]


@pytest.mark.parametrize(
    ("minutes", "sentence"),
    [(75, "时间不能晚于现在。"), (-120, "时间应在开始签到到活动结束之间"), (None, "请选择日期和时间")],
)
async def test_time_that_cannot_be_is_shown_again_with_the_ticks(
    wang: httpx.AsyncClient, union: Union, minutes: int | None, sentence: str
) -> None:
    seat = await register(union.session)
    sheet = await make_sheet(wang, union.session)
    at = moment_field(union.session.starts_at + timedelta(minutes=minutes)) if minutes else "早上"

    answer = await type_in(wang, union.session, sheet, seat, at=at)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{seat.seat}" checked' in answer.text
    assert await known(seat) == (False, None, 0)


async def test_person_of_another_page_is_not_typed_in(wang: httpx.AsyncClient, union: Union) -> None:
    seats = [await register(union.session, f"赵{n}", f"199000012{n:02}") for n in range(21)]
    sheet = await make_sheet(wang, union.session)

    answer = await type_in(wang, union.session, sheet, seats[20])

    assert answer.status_code == 422
    assert "勾选的人不在这一页上。" in answer.text
    assert await known(seats[20]) == (False, None, 0)


async def test_empty_lines_lead_to_the_walk_in_where_there_is_one(
    wang: httpx.AsyncClient, union: Union
) -> None:
    sheet = await make_sheet(wang, union.session, 3)

    without = await wang.get(at_gate(union.session, sheet))
    await Activity.update({Activity.walk_ins: True}).where(Activity.id == union.activity.id)
    with_ = await wang.get(at_gate(union.session, sheet))

    link = f'href="/gate/{union.session.code}/walk-in"'
    assert (link in unescape(without.text), link in unescape(with_.text)) == (False, True)
    assert "这个活动不接受现场登记。" in without.text


async def test_another_union_finds_nothing(client: httpx.AsyncClient, app: Edge, union: Union) -> None:
    seat = await register(union.session)
    async with new_client(app) as browser:
        await let_in(browser, union.wang)
        sheet = await make_sheet(browser, union.session)
    other = await make_union("红河州总工会", "qian", "qin")
    await let_in(client, other.wang)
    paper, gate = f"/manage/sessions/{union.session.code}/sheets", at_gate(union.session, sheet)

    answers = [
        await client.get(paper),
        await client.post(paper, data={"blanks": "3"}),
        await client.get(f"{paper}/{sheet}"),
        await client.get(gate),
        await client.post(gate, data={"turn": "0", "at": "2026-01-01T09:00", "seat": str(seat.seat)}),
        await client.get(f"/manage/sessions/{other.session.code}/sheets/{sheet}"),
        await client.get(at_gate(other.session, sheet)),
    ]

    assert [answer.status_code for answer in answers] == [404] * 7


async def test_gate_staff_type_in_but_do_not_print(
    wang: httpx.AsyncClient, li: httpx.AsyncClient, union: Union
) -> None:
    sheet = await make_sheet(wang, union.session, 1)
    paper = f"/manage/sessions/{union.session.code}/sheets"

    answers = [
        await li.get(paper),
        await li.post(paper, data={"blanks": "3"}),
        await li.get(f"{paper}/{sheet}"),
    ]

    assert [answer.status_code for answer in answers] == [403] * 3
    assert (await li.get(at_gate(union.session, sheet))).status_code == 200


async def test_device_types_in_for_its_own_session_only(
    wang: httpx.AsyncClient, app: Edge, union: Union
) -> None:
    seat = await register(union.session)
    sheet = await make_sheet(wang, union.session)
    elsewhere = await make_session(union.activity)
    await make_gate(union.session, device="here", opens_at=clock.now() - timedelta(hours=2))
    await make_gate(elsewhere, device="elsewhere")
    data = {"turn": "0", "at": moment_field(union.session.starts_at), "seat": str(seat.seat)}
    answers = {}

    for secret in ("here", "elsewhere", codes.new_secret()):
        async with new_client(app) as device:
            device.cookies.set("events_gate", secret)
            shown = await device.get(at_gate(union.session, sheet))
            sent = await device.post(at_gate(union.session, sheet), data=data)
        answers[secret] = (shown.status_code, sent.status_code)

    assert list(answers.values())[:2] == [(200, 303), (404, 404)]
    assert list(answers.values())[2][1] in (303, 401, 403)
    assert await known(seat) == (True, "paper", 1)


async def test_pages_cost_the_same_for_one_and_for_twenty(wang: httpx.AsyncClient, union: Union) -> None:
    counts = []
    for many in (1, 19):
        for n in range(many):
            await register(union.session, f"赵{n}", f"199{many:02}00{n:04}")
        sheet = await make_sheet(wang, union.session)
        for address in (
            f"/manage/sessions/{union.session.code}/sheets/{sheet}",
            at_gate(union.session, sheet),
        ):
            async with counted_statements() as statements:
                await wang.get(address)
            counts.append(len(statements))

    assert counts[:2] == counts[2:]
