"""The list at the door: people are found and ticked, and a tick can be taken back."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from tests.conftest import new_client
from tests.gates import make_gate
from tests.people import Union, counted_statements, let_in, make_session, make_union, register

from events_app.checkin.actions.admitting import admit
from events_app.checkin.queries.admitting import Scan
from events_app.checkin.tables import Direction
from events_app.lib import clock, codes, database
from events_app.registration.queries import SeatTaken
from events_app.web.edge import Edge

PARTIAL = {"hx-request-type": "partial"}


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


@pytest.fixture
async def li(client: httpx.AsyncClient, union: Union) -> httpx.AsyncClient:
    await let_in(client, union.li)
    return client


@pytest.fixture
async def wang(app: Edge, union: Union) -> Any:
    async with new_client(app) as browser:
        await let_in(browser, union.wang)
        yield browser


def roster(union: Union) -> str:
    return f"/gate/{union.session.code}/roster"


async def tick(
    client: httpx.AsyncClient, union: Union, seat: SeatTaken, nonce: str = "", **more: Any
) -> httpx.Response:
    return await client.post(f"{roster(union)}/{seat.seat}", data={"nonce": nonce or uuid4().hex}, **more)


async def untick(
    client: httpx.AsyncClient, union: Union, seat: SeatTaken, reason: str = "点错了"
) -> httpx.Response:
    address = f"{roster(union)}/{seat.seat}/undo"
    return await client.post(address, data={"nonce": uuid4().hex[:30], "reason": reason})


async def known(seat: SeatTaken) -> tuple[bool, str | None, bool, int]:
    row = await database.find(
        "SELECT attended_at IS NOT NULL AS came, evidence, inside, s.attended"
        " FROM seat JOIN session s ON s.id = seat.session WHERE seat.id = $1",
        seat.seat,
    )
    assert row
    return (row["came"], row["evidence"], row["inside"], row["attended"])


def names(page: httpx.Response) -> list[str]:
    return re.findall(r'class="tick-name">(.*?)<', page.text)


async def test_tick_lets_in_and_says_so_on_the_list(li: httpx.AsyncClient, union: Union) -> None:
    seat = await register(union.session)

    answer = await tick(li, union, seat)
    page = await li.get(answer.headers["location"])

    assert answer.status_code == 303
    assert await known(seat) == (True, "roster", True, 1)
    assert "撤销赵敏的签到" in page.text


async def test_tick_by_htmx_answers_with_the_row_and_the_count(li: httpx.AsyncClient, union: Union) -> None:
    seat = await register(union.session)

    answer = await tick(li, union, seat, headers=PARTIAL)

    assert answer.status_code == 200
    assert re.findall(r' id="([\w-]+)"', answer.text) == [
        f"seat-{seat.seat}",
        f"do-{seat.seat}",
        "door-count",
    ]
    assert 'hx-swap-oob="true"' in answer.text
    assert "<strong>1</strong>" in answer.text


async def test_tick_sent_twice_is_one_coming(li: httpx.AsyncClient, union: Union) -> None:
    seat = await register(union.session)

    first, second = [await tick(li, union, seat, "the-same") for _ in range(2)]
    third = await tick(li, union, seat)

    assert [answer.status_code for answer in (first, second, third)] == [303, 303, 303]
    assert await known(seat) == (True, "roster", True, 1)


async def test_tick_outside_the_hours_says_so_and_counts_nothing(li: httpx.AsyncClient, union: Union) -> None:
    seat = await register(union.session)
    await database.fetch(
        "UPDATE session SET check_in_opens_at = now() + interval '1 hour' WHERE id = $1", union.session.id
    )

    answer = await tick(li, union, seat)

    assert answer.status_code == 409
    assert "现在不是签到时间。" in answer.text
    assert await known(seat) == (False, None, False, 0)


async def test_own_tick_is_taken_back_and_the_log_keeps_both(li: httpx.AsyncClient, union: Union) -> None:
    seat = await register(union.session)
    await tick(li, union, seat)

    answer = await untick(li, union, seat, "同名的另一个人")

    assert answer.status_code == 303
    assert await known(seat) == (False, None, False, 0)
    log = await database.fetch("SELECT direction, verdict, reason FROM scan ORDER BY id")
    assert [tuple(row) for row in log] == [("in", "admitted", ""), ("undo", "admitted", "同名的另一个人")]


async def test_ticked_again_after_it_was_taken_back(li: httpx.AsyncClient, union: Union) -> None:
    seat = await register(union.session)
    await tick(li, union, seat)
    await untick(li, union, seat)

    await tick(li, union, seat)

    assert await known(seat) == (True, "roster", True, 1)


async def test_taking_back_needs_a_reason(li: httpx.AsyncClient, union: Union) -> None:
    seat = await register(union.session)
    await tick(li, union, seat)

    answer = await untick(li, union, seat, " ")

    assert answer.status_code == 422
    assert await known(seat) == (True, "roster", True, 1)


async def test_what_another_did_is_taken_back_by_the_organiser_only(
    li: httpx.AsyncClient, wang: httpx.AsyncClient, union: Union
) -> None:
    seat = await register(union.session)
    await tick(wang, union, seat)

    refused = await untick(li, union, seat, "看错了")
    still = await known(seat)
    done = await untick(wang, union, seat)

    assert (refused.status_code, still) == (409, (True, "roster", True, 1))
    assert 'value="看错了"' in refused.text
    assert "请联系活动负责人" in refused.text
    assert (done.status_code, await known(seat)) == (303, (False, None, False, 0))


async def test_after_a_quarter_of_an_hour_the_gate_cannot_take_back(
    li: httpx.AsyncClient, union: Union
) -> None:
    seat = await register(union.session)
    long_ago = clock.now() - timedelta(minutes=16)
    await admit(_scan(union, seat, long_ago))

    refused = await untick(li, union, seat)

    assert refused.status_code == 409
    assert (await known(seat))[0]


async def test_tick_that_met_a_scan_is_wholly_taken_back(wang: httpx.AsyncClient, union: Union) -> None:
    """Two devices let them in: taking one of these back would leave the other."""
    seat = await register(union.session)
    await admit(_scan(union, seat, clock.now() - timedelta(minutes=5)))
    await admit(_scan(union, seat, clock.now() - timedelta(minutes=4)))

    await untick(wang, union, seat)

    assert await known(seat) == (False, None, False, 0)


def _scan(union: Union, seat: SeatTaken, at: Any) -> Scan:
    return Scan(
        session=union.session.code,
        ticket=seat.ticket,
        signature=seat.signature,
        nonce=uuid4().hex,
        direction=Direction.IN,
        at=at,
        offline=True,
        account=union.li.account,
        address="",
        request_id="",
    )


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("国藩", ["曾国藩"]),
        ("zgf", ["曾国藩"]),
        ("CGF", ["曾国藩"]),
        ("zm", ["赵敏"]),
        ("z", ["曾国藩", "赵敏"]),
        ("5678", ["曾国藩"]),
        ("机床", ["赵敏"]),
        ("qq", []),
        ("%", []),
    ],
)
async def test_people_are_found(li: httpx.AsyncClient, union: Union, words: str, found: list[str]) -> None:
    await register(union.session, "赵敏", "19900001234", "昆明机床厂")
    await register(union.session, "曾国藩", "19900005678")

    page = await li.get(roster(union), params={"words": words})

    assert names(page) == found


async def test_absent_and_present_are_shown_apart(li: httpx.AsyncClient, union: Union) -> None:
    await tick(li, union, await register(union.session))
    await register(union.session, "钱多", "19900005678")

    absent = await li.get(roster(union), params={"show": "absent"})
    present = await li.get(roster(union), params={"show": "present"})

    assert (names(absent), names(present)) == (["钱多"], ["赵敏"])


async def test_part_of_the_list_is_shown_again_after_a_tick(li: httpx.AsyncClient, union: Union) -> None:
    seat = await register(union.session)

    page = await li.get(roster(union), params={"words": "赵 敏", "show": "absent"})
    answer = await li.post(
        f"{roster(union)}/{seat.seat}?words=%E8%B5%B5&show=absent&page=2", data={"nonce": "a"}
    )

    assert page.status_code == 200
    assert answer.headers["location"] == (
        f"{roster(union)}?words=%E8%B5%B5&show=absent&page=2#seat-{seat.seat}"
    )


async def test_person_of_another_session_is_not_found(li: httpx.AsyncClient, union: Union) -> None:
    other = await register(await make_session(union.activity))

    answers = [await tick(li, union, other), await untick(li, union, other)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert await known(other) == (False, None, False, 0)


async def test_list_of_another_union_is_not_found(client: httpx.AsyncClient, union: Union) -> None:
    other = await make_union("红河州总工会", "qian", "qin")
    await let_in(client, other.wang)
    seat = await register(union.session)

    answers = [
        await client.get(roster(union)),
        await tick(client, union, seat),
        await untick(client, union, seat),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]


async def test_device_ticks_with_masked_phones_and_takes_back_its_own(
    client: httpx.AsyncClient, union: Union
) -> None:
    seat = await register(union.session)
    secret = codes.new_secret()
    await make_gate(union.session, device=secret)
    client.cookies.set("events_gate", secret)

    await tick(client, union, seat)
    came = await known(seat)
    page = await client.get(roster(union))
    await untick(client, union, seat)

    assert came == (True, "roster", True, 1)
    assert (await known(seat))[0] is False
    assert ("199****1234" in page.text, "19900001234" in page.text) == (True, False)


async def test_page_costs_the_same_for_one_and_for_thirty(li: httpx.AsyncClient, union: Union) -> None:
    counts = []
    await li.get(roster(union))  # reads what is asked, once
    for rows in (range(1), range(1, 30)):
        for n in rows:
            await register(union.session, f"赵{n}", f"199000{n:05}")
        async with counted_statements() as statements:
            page = await li.get(roster(union), params={"words": "z"})
        counts.append((len(names(page)), len(statements)))

    assert [people for people, _ in counts] == [1, 30]
    assert counts[0][1] == counts[1][1]
