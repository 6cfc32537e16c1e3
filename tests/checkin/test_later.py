"""Adding afterwards that somebody came: by organisers, for a reason, marked as such for ever."""

from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from io import BytesIO
from typing import Any

import httpx
import pytest
from python_calamine import CalamineWorkbook
from tests.certified import bring, move_into_the_past, ticket_of
from tests.conftest import new_client
from tests.gates import make_gate
from tests.people import Union, counted_statements, let_in, make_session, make_union, moment_field, register

from events_app.checkin.tables import Direction
from events_app.lib import clock, database
from events_app.programmes.tables import Activity, Session
from events_app.registration.queries import SeatTaken
from events_app.web.edge import Edge

REASON = "他在台上发言，领队证明"


@pytest.fixture
async def union(db: object) -> Union:
    """Its session comes in an hour; `past` moves it to two days ago, from nine to eleven."""
    return await make_union()


@pytest.fixture
async def wang(client: httpx.AsyncClient, union: Union) -> httpx.AsyncClient:
    await let_in(client, union.wang)
    return client


@pytest.fixture
async def li(app: Edge, union: Union) -> AsyncIterator[httpx.AsyncClient]:
    async with new_client(app) as browser:
        await let_in(browser, union.li)
        yield browser


@pytest.fixture
async def seat(union: Union) -> SeatTaken:
    """Zhao's, of the session that is over."""
    return await past(union, await register(union.session))


async def past(union: Union, seat: SeatTaken) -> SeatTaken:
    (union.session,) = await move_into_the_past(union.activity)
    return seat


def page_of(union: Union) -> str:
    return f"/manage/sessions/{union.session.code}/later"


async def add(
    client: httpx.AsyncClient, union: Union, *seats: SeatTaken, nonce: str = "once", **given: Any
) -> httpx.Response:
    data = {
        "seat": [str(seat.seat) for seat in seats],
        "at": moment_field(union.session.starts_at + timedelta(minutes=20)),
        "reason": REASON,
        "nonce": nonce,
    }
    return await client.post(page_of(union), data=data | given)


async def undo(client: httpx.AsyncClient, union: Union, seat: SeatTaken, reason: str) -> httpx.Response:
    address = f"/manage/sessions/{union.session.code}/seats/{seat.seat}/undo"
    return await client.post(address, data={"nonce": "back", "reason": reason})


async def known(seat: SeatTaken) -> tuple[bool, str | None, int]:
    row = await database.find(
        "SELECT attended_at IS NOT NULL AS came, evidence, s.attended"
        " FROM seat JOIN session s ON s.id = seat.session WHERE seat.id = $1",
        seat.seat,
    )
    assert row
    return (row["came"], row["evidence"], row["attended"])


async def test_who_came_is_added_with_time_and_reason(
    wang: httpx.AsyncClient, union: Union, seat: SeatTaken
) -> None:
    answer = await add(wang, union, seat)
    page = await wang.get(answer.headers["location"])

    assert answer.status_code == 303
    assert await known(seat) == (True, "later", 1)
    assert await database.value("SELECT attended_at FROM seat WHERE id = $1", seat.seat) == (
        union.session.starts_at + timedelta(minutes=20)
    )
    assert ("补录了1人。" in page.text, REASON in page.text, "wang" in page.text) == (True, True, True)
    audited = await database.find("SELECT account, detail FROM audit_entry WHERE action = 'seat.later'")
    assert audited
    assert (audited["account"], REASON in audited["detail"]) == (union.wang.account, True)


async def test_several_are_added_at_once(wang: httpx.AsyncClient, union: Union) -> None:
    seats = [await register(union.session, f"赵{n}", f"1990000123{n}") for n in range(3)]
    await past(union, seats[0])

    await add(wang, union, *seats[:2])

    assert [await known(seat) for seat in seats] == [(True, "later", 2), (True, "later", 2), (False, None, 2)]


async def test_same_form_twice_is_one_coming(wang: httpx.AsyncClient, union: Union, seat: SeatTaken) -> None:
    answers = [await add(wang, union, seat) for _ in range(2)]

    assert [answer.headers["location"].partition("?")[2] for answer in answers] == [
        "added=1#added",
        "added=0#added",
    ]
    assert await known(seat) == (True, "later", 1)
    assert await database.value("SELECT count(*) FROM scan") == 1


async def test_who_was_seen_at_the_door_stays_so(
    wang: httpx.AsyncClient, li: httpx.AsyncClient, union: Union
) -> None:
    seat = await register(union.session)
    await li.post(f"/gate/{union.session.code}/roster/{seat.seat}", data={"nonce": "here"})
    await past(union, seat)

    shown = await wang.get(page_of(union), params={"words": "赵敏"})
    answer = await add(wang, union, seat)

    assert ('name="seat"' in shown.text, "名册" in shown.text) == (False, True)
    assert "added=0" in answer.headers["location"]
    assert await known(seat) == (True, "roster", 1)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"reason": " "}, "请写明补录的原因"),
        ({"reason": "字" * 201}, "太长了"),
        ({"seat": []}, "请勾选要补录的人。"),
        ({"seat": ["999999"]}, "勾选的人里有人现在没有名额"),
        ({"at": "昨天"}, "请选择日期和时间"),
        ({"at": "2099-01-01T09:00"}, "到场时间不能晚于现在。"),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    wang: httpx.AsyncClient, union: Union, seat: SeatTaken, given: dict[str, Any], sentence: str
) -> None:
    answer = await add(wang, union, seat, **given)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert (f'value="{seat.seat}" checked' in answer.text) == ("seat" not in given)
    assert (REASON in answer.text) == ("reason" not in given)
    assert await known(seat) == (False, None, 0)


@pytest.mark.parametrize(("minutes", "status"), [(-1, 422), (0, 303), (120, 303), (121, 422)])
async def test_time_is_one_of_the_session(
    wang: httpx.AsyncClient, union: Union, seat: SeatTaken, minutes: int, status: int
) -> None:
    at = moment_field(union.session.starts_at + timedelta(minutes=minutes))

    answer = await add(wang, union, seat, at=at)

    assert answer.status_code == status
    assert (await known(seat))[0] == (status == 303)


@pytest.mark.parametrize("column", ["postponed_at", "called_off_at", ""])
async def test_nobody_is_added_to_what_was_not(wang: httpx.AsyncClient, union: Union, column: str) -> None:
    seat = await register(union.session)  # in an hour
    if column:
        await past(union, seat)
        await database.fetch(f"UPDATE session SET {column} = now()")

    shown = await wang.get(page_of(union))
    answer = await add(wang, union, seat, at=moment_field(clock.now()))

    assert (shown.status_code, 'name="seat"' in shown.text) == (200, False)
    assert answer.status_code == 409
    assert await known(seat) == (False, None, 0)


@pytest.mark.parametrize(
    ("words", "found"), [("", 2), ("赵敏", 1), ("zm", 1), ("5678", 1), ("机床", 1), ("谁", 0)]
)
async def test_people_are_found(wang: httpx.AsyncClient, union: Union, words: str, found: int) -> None:
    await register(union.session, "赵敏", "19900001234", "昆明机床厂")
    await past(union, await register(union.session, "曾国藩", "19900005678"))

    page = await wang.get(page_of(union), params={"words": words})

    assert page.text.count('name="seat"') == found


async def test_who_has_no_place_cannot_be_added(
    wang: httpx.AsyncClient, union: Union, seat: SeatTaken
) -> None:
    await database.fetch("UPDATE seat SET state = 'pending' WHERE id = $1", seat.seat)

    shown = await wang.get(page_of(union), params={"words": "赵敏"})
    answer = await add(wang, union, seat)

    assert ('name="seat"' in shown.text, "待审核" in shown.text) == (False, True)
    assert (answer.status_code, await known(seat)) == (422, (False, None, 0))


async def test_it_is_marked_everywhere(wang: httpx.AsyncClient, union: Union, seat: SeatTaken) -> None:
    await Activity.update({Activity.minimum_minutes: 60}).where(Activity.id == union.activity.id)
    await add(wang, union, seat)

    pages = [
        f"/manage/sessions/{union.session.code}",
        f"/t/{ticket_of(seat)}",
        f"/t/{ticket_of(seat)}/hours",
        f"/manage/activities/{union.activity.code}/hours",
    ]
    marked = {address: "补录</" in (await wang.get(address)).text for address in pages}

    assert marked == dict.fromkeys(pages, True)


async def test_workbooks_say_so_too(wang: httpx.AsyncClient, union: Union, seat: SeatTaken) -> None:
    await add(wang, union, seat)
    await database.fetch("UPDATE seat SET walk_in = true WHERE id = $1", seat.seat)

    attendees = await rows_of(wang, f"/manage/sessions/{union.session.code}/attendees.xlsx")
    hours = await rows_of(wang, f"/manage/activities/{union.activity.code}/hours.xlsx")

    assert [row[7:9] for row in attendees] == [["方式", "现场登记"], ["补录", "是"]]
    assert hours[1][2:4] == [120, "算参加（补录）"]


async def rows_of(client: httpx.AsyncClient, address: str) -> list[list[Any]]:
    book = CalamineWorkbook.from_filelike(BytesIO((await client.get(address)).content))
    return book.get_sheet_by_index(0).to_python()


async def test_scan_that_arrives_late_outweighs_it(
    wang: httpx.AsyncClient, union: Union, seat: SeatTaken
) -> None:
    await add(wang, union, seat)
    await bring(union, union.session, seat, Direction.IN, 5)

    page = await wang.get(page_of(union))
    again = await add(wang, union, seat, nonce="again")

    assert await known(seat) == (True, "scan", 1)
    assert "以门口的记录为准" in page.text
    assert "added=0" in again.headers["location"]


async def test_only_an_organiser_takes_it_back(
    wang: httpx.AsyncClient, li: httpx.AsyncClient, union: Union, seat: SeatTaken
) -> None:
    await add(wang, union, seat)

    by_li = await undo(li, union, seat, "看错了")
    at_gate = await li.post(
        f"/gate/{union.session.code}/roster/{seat.seat}/undo", data={"nonce": "x", "reason": "看错了"}
    )
    without_reason = await undo(wang, union, seat, " ")
    still = await known(seat)
    done = await undo(wang, union, seat, "核实没有来")
    page = await wang.get(page_of(union))

    assert [answer.status_code for answer in (by_li, at_gate, without_reason)] == [403, 409, 422]
    assert (still, done.status_code, await known(seat)) == ((True, "later", 1), 303, (False, None, 0))
    assert ("已撤销" in page.text, "核实没有来" in page.text, REASON in page.text) == (True, True, True)


async def test_added_again_after_it_was_taken_back(
    wang: httpx.AsyncClient, union: Union, seat: SeatTaken
) -> None:
    await add(wang, union, seat)
    await undo(wang, union, seat, "核实没有来")

    await add(wang, union, seat, nonce="again", reason="又核实了，来了")
    page = await wang.get(page_of(union))

    assert await known(seat) == (True, "later", 1)
    assert [word in page.text for word in (REASON, "又核实了，来了", "核实没有来")] == [True, True, True]


async def test_others_find_nothing(
    app: Edge, li: httpx.AsyncClient, client: httpx.AsyncClient, union: Union, seat: SeatTaken
) -> None:
    other = await make_union("红河州总工会", "qian", "qin")
    await make_gate(union.session, device="a-device")
    answers = {"li": [await li.get(page_of(union)), await add(li, union, seat)]}
    async with new_client(app) as device:
        device.cookies.set("events_gate", "a-device")
        answers["device"] = [await device.get(page_of(union)), await add(device, union, seat)]
    await let_in(client, other.wang)
    answers["qian"] = [await client.get(page_of(union)), await add(client, union, seat)]

    statuses = {who: [answer.status_code for answer in sent] for who, sent in answers.items()}
    assert (statuses["li"], statuses["qian"]) == ([403, 403], [404, 404])
    assert set(statuses["device"]) <= {303, 401, 403}
    assert "/login" in answers["device"][0].headers.get("location", "/login")
    assert await known(seat) == (False, None, 0)


async def test_person_of_another_session_cannot_be_added(
    wang: httpx.AsyncClient, union: Union, seat: SeatTaken
) -> None:
    elsewhere = await register(await make_session(union.activity), "钱多", "19900005678")

    answer = await add(wang, union, seat, elsewhere)

    assert answer.status_code == 422
    assert [(await known(one))[0] for one in (seat, elsewhere)] == [False, False]


async def test_who_is_not_on_the_list_is_led_to_the_walk_in(wang: httpx.AsyncClient, union: Union) -> None:
    now = clock.now()
    times: dict[Any, Any] = {"starts_at": now - timedelta(hours=1), "closes_at": now}
    await Session.update(times).where(Session.id == union.session.id)
    link = f'href="/gate/{union.session.code}/walk-in"'

    without = await wang.get(page_of(union))
    await Activity.update({Activity.walk_ins: True}).where(Activity.id == union.activity.id)
    with_ = await wang.get(page_of(union))

    assert (link in unescape(without.text), link in unescape(with_.text)) == (False, True)
    assert "只有报过名、有名额的人才能补录" in without.text


async def test_hostile_reason_and_name_are_words(wang: httpx.AsyncClient, union: Union) -> None:
    seat = await past(union, await register(union.session, "<b>赵</b>"))

    await add(wang, union, seat, reason="<script>alert(1)</script>")
    page = await wang.get(page_of(union))

    assert ("<script>alert" in page.text, "<b>赵" in page.text) == (False, False)
    assert "&lt;script&gt;alert(1)" in page.text


async def test_page_costs_the_same_for_one_and_for_thirty(wang: httpx.AsyncClient, union: Union) -> None:
    seats = [await register(union.session, f"赵{n}", f"199000{n:05}") for n in range(40)]
    await past(union, seats[0])
    counts = []
    for added, words in (([seats[0]], "赵39"), (seats[1:10], "")):
        await add(wang, union, *added, nonce=words or "more")
        async with counted_statements() as statements:
            page = await wang.get(page_of(union), params={"words": words})
        counts.append((page.text.count('name="seat"'), len(statements)))

    assert [people for people, _ in counts] == [1, 30]
    assert counts[0][1] == counts[1][1]
