"""The log of a session's doors: every attempt, for its organiser alone."""

from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from tests.conftest import new_client
from tests.gates import make_gate
from tests.people import Union, let_in, make_union, register

from events_app.lib import clock, codes, database
from events_app.registration.queries import SeatTaken
from events_app.web.edge import Edge

DEVICE = "secret-of-a-phone"
WHO = ("赵小敏", "钱一", "zzzzzzzz")


@pytest.fixture
async def union(db: object) -> Union:
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
async def device(app: Edge, union: Union) -> AsyncIterator[httpx.AsyncClient]:
    """A phone that is the east door."""
    await make_gate(union.session, "东门", DEVICE)
    async with new_client(app) as browser:
        browser.cookies.set("events_gate", DEVICE)
        yield browser


@pytest.fixture
async def zhao(union: Union) -> SeatTaken:
    return await register(union.session, "赵小敏", "19900001111", "昆明机床厂")


async def scan(
    door: httpx.AsyncClient, union: Union, seat: SeatTaken | str, nonce: str, **more: Any
) -> httpx.Response:
    """Now, unless `offline` and `ago` (timedelta) say otherwise; `fast` is by how much the clock was wrong."""
    now = clock.now()
    ago, fast = more.pop("ago", timedelta(0)), more.pop("fast", timedelta(0))
    one = {
        "ticket": seat if isinstance(seat, str) else codes.ticket_text(seat.ticket, seat.signature),
        "nonce": nonce,
        "direction": "in",
        "device_at": (now - ago + fast).isoformat(),
        "offline": False,
    }
    body = {"sent_at": (now + fast).isoformat(), "scans": [one | more]}
    answer = await door.post(f"/gate/{union.session.code}/sync", json=body)
    assert answer.status_code == 200, answer.text
    return answer


async def log(client: httpx.AsyncClient, union: Union, query: str = "") -> list[str]:
    """The lines of the log as they are read, without the markup."""
    page = await client.get(f"/manage/sessions/{union.session.code}/scans{query}")
    assert page.status_code == 200
    rows = unescape(page.text).partition("<tbody")[2].partition("</tbody>")[0].split("<tr ")[1:]
    return [" ".join(_text(row).split()) for row in rows]


def _text(markup: str) -> str:
    pieces = [piece.rpartition(">")[2] for piece in markup.split("<")]
    return " ".join(piece for piece in pieces if piece.strip())


async def test_every_attempt_stands_there_the_last_first(
    wang: httpx.AsyncClient, li: httpx.AsyncClient, device: httpx.AsyncClient, union: Union, zhao: SeatTaken
) -> None:
    await scan(device, union, zhao, "first")
    await scan(li, union, zhao, "again", place="西门")
    await scan(li, union, "zzzzzzzz", "forged")

    forged, again, first = await log(wang, union)

    assert ("赵小敏 昆明机床厂" in first, "入场" in first, "东门" in first) == (True, True, True)
    assert ("重复" in again, "西门" in again, "li" in again) == (True, True, True)
    assert ("不在本场名单上" in forged, "zzzzzzzz" in forged, "无效" in forged) == (True, True, True)
    assert ["撤销" in line for line in (forged, again, first)] == [False, False, True]


async def test_late_one_says_when_it_happened_and_how_wrong_the_clock_was(
    wang: httpx.AsyncClient, device: httpx.AsyncClient, union: Union, zhao: SeatTaken
) -> None:
    await scan(
        device,
        union,
        zhao,
        "late",
        offline=True,
        shown="admitted",
        ago=timedelta(minutes=10),
        fast=timedelta(hours=5),
    )

    (line,) = await log(wang, union)

    happened = await database.value("SELECT at FROM scan")
    assert abs(happened - clock.now() + timedelta(minutes=10)) < timedelta(minutes=1)
    assert ("没有网络" in line, "送到" in line, "已改正" in line) == (True, True, True)
    assert f"{clock.local(happened):%H:%M:%S}" in line


async def test_right_clock_is_not_spoken_of(
    wang: httpx.AsyncClient, device: httpx.AsyncClient, union: Union, zhao: SeatTaken
) -> None:
    await scan(device, union, zhao, "now", fast=timedelta(seconds=30))

    (line,) = await log(wang, union)

    assert ("已改正" in line, "送到" in line) == (False, False)


async def test_what_was_taken_back_and_the_taking_back_both_stay(
    wang: httpx.AsyncClient, device: httpx.AsyncClient, union: Union, zhao: SeatTaken
) -> None:
    await scan(device, union, zhao, "slip")
    await wang.post(
        f"/manage/sessions/{union.session.code}/seats/{zhao.seat}/undo",
        data={"nonce": "back", "reason": "扫错了人"},
    )

    undo, slip = await log(wang, union)

    assert ("撤销" in undo, "扫错了人" in undo) == (True, True)
    assert ("入场" in slip, "已撤销" in slip, "wang" in slip) == (True, True, True)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["zzzzzzzz", "钱一", "赵小敏"]),
        ("?words=赵", ["赵小敏"]),
        ("?words=1111", ["赵小敏"]),
        ("?words=机床", ["赵小敏"]),
        ("?words=东门", ["zzzzzzzz", "钱一", "赵小敏"]),
        ("?words=ZZZZ", ["zzzzzzzz"]),
        ("?show=admitted", ["钱一", "赵小敏"]),
        ("?show=unknown", ["zzzzzzzz"]),
        ("?show=offline", ["钱一"]),
        ("?show=undo", []),
        ("?show=nonsense", ["zzzzzzzz", "钱一", "赵小敏"]),
        ("?words=%00%25_'", []),
        ("?page=2", []),
    ],
)
async def test_searching(
    wang: httpx.AsyncClient,
    device: httpx.AsyncClient,
    union: Union,
    zhao: SeatTaken,
    query: str,
    found: list[str],
) -> None:
    qian = await register(union.session, "钱一", "19900002222")
    await scan(device, union, zhao, "a")
    await scan(device, union, qian, "b", offline=True, shown="admitted")
    await scan(device, union, "zzzzzzzz", "c")

    lines = await log(wang, union, query)

    assert [next(who for who in WHO if who in line) for line in lines] == found


async def test_long_log_is_cut_into_pages(
    wang: httpx.AsyncClient, device: httpx.AsyncClient, union: Union
) -> None:
    for number in range(51):
        await scan(device, union, "zzzzzzzz", f"n{number}")

    assert [len(await log(wang, union, query)) for query in ("", "?page=2")] == [50, 1]
    page = await wang.get(f"/manage/sessions/{union.session.code}/scans?words=zzzz")
    assert "共51次" in page.text
    assert "words=zzzz&amp;page=2" in page.text


async def test_markup_in_names_is_text(
    wang: httpx.AsyncClient, device: httpx.AsyncClient, union: Union
) -> None:
    seat = await register(union.session, "<b>赵</b>", "19900003333", "<script>alert(1)</script>")
    await scan(device, union, seat, "n")

    page = await wang.get(f"/manage/sessions/{union.session.code}/scans")

    assert "&lt;b&gt;赵" in page.text
    assert "<script>alert" not in page.text


async def test_nobody_else_reads_it(
    app: Edge, li: httpx.AsyncClient, device: httpx.AsyncClient, union: Union
) -> None:
    other = await make_union("曲靖市总工会", "qian", "zhou")
    path = f"/manage/sessions/{union.session.code}/scans"

    async with new_client(app) as qian, new_client(app) as stranger:
        await let_in(qian, other.wang)
        statuses = [(await browser.get(path)).status_code for browser in (li, device, stranger, qian)]

    assert statuses == [403, 303, 303, 404]
