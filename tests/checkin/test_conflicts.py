"""Strange scans: an organiser sees each of them, is told what it means, and settles it once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from tests.conftest import new_client
from tests.gates import make_gate
from tests.people import Union, let_in, make_session, make_union, register

from events_app.checkin.actions import selves
from events_app.checkin.queries.conflicts import count_conflicts
from events_app.checkin.queries.selves import list_claims_of_phone
from events_app.lib import clock, codes, database
from events_app.registration.queries import SeatTaken
from events_app.registration.tables import Seat, SeatState
from events_app.web.edge import Edge

EAST, WEST = "secret-of-the-east", "secret-of-the-west"


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


@pytest.fixture
async def wang(client: httpx.AsyncClient, union: Union) -> httpx.AsyncClient:
    await let_in(client, union.wang)
    return client


@pytest.fixture
async def doors(app: Edge, union: Union) -> AsyncIterator[tuple[httpx.AsyncClient, httpx.AsyncClient]]:
    """The phones at the east and at the west door."""
    await make_gate(union.session, "东门", EAST)
    await make_gate(union.session, "西门", WEST)
    async with new_client(app) as east, new_client(app) as west:
        east.cookies.set("events_gate", EAST)
        west.cookies.set("events_gate", WEST)
        yield east, west


@pytest.fixture
async def zhao(union: Union) -> SeatTaken:
    return await register(union.session, "赵小敏", "19900001111", "昆明机床厂")


async def bring(
    door: httpx.AsyncClient, union: Union, seat: SeatTaken | str, nonce: str, ago: int, **more: Any
) -> None:
    """What a device without network let through so many minutes ago."""
    now = clock.now()
    scan = {
        "ticket": seat if isinstance(seat, str) else codes.ticket_text(seat.ticket, seat.signature),
        "nonce": nonce,
        "direction": "in",
        "device_at": (now - timedelta(minutes=ago)).isoformat(),
        "offline": True,
        "shown": "admitted",
    }
    body = {"sent_at": now.isoformat(), "scans": [scan | more]}
    answer = await door.post(f"/gate/{union.session.code}/sync", json=body)
    assert answer.status_code == 200, answer.text


def path_of(union: Union, rest: str = "") -> str:
    return f"/manage/sessions/{union.session.code}/conflicts{rest}"


async def cards(client: httpx.AsyncClient, union: Union) -> list[str]:
    """What each of the conflicts says, those that wait first."""
    page = await client.get(path_of(union))
    assert page.status_code == 200
    pieces = unescape(page.text).split('<section class="card" aria-labelledby="conflict-')[1:]
    return [" ".join(_text(piece.partition("</section>")[0]).split()) for piece in pieces]


def _text(markup: str) -> str:
    return " ".join(piece.rpartition(">")[2] for piece in markup.split("<"))


async def strange(union: Union) -> int:
    return await count_conflicts(union.session.id)


async def lose_place(seat: SeatTaken, state: SeatState) -> None:
    columns: dict[Any, Any] = {
        Seat.state: state,
        Seat.released_at: clock.now() if state == SeatState.RELEASED else None,
        Seat.waiting_number: 1 if state == SeatState.WAITLISTED else None,
    }
    await Seat.update(columns).where(Seat.id == seat.seat)


async def the_scan(nonce: str) -> int:
    return int(await database.value("SELECT id FROM scan WHERE nonce = $1", nonce))


@pytest.mark.parametrize("first", [0, 1])
async def test_two_doors_that_let_one_ticket_in_are_one_coming_and_one_conflict(
    wang: httpx.AsyncClient,
    doors: tuple[httpx.AsyncClient, httpx.AsyncClient],
    union: Union,
    zhao: SeatTaken,
    first: int,
) -> None:
    """Whichever of the two brings its scan first."""
    scans = [(doors[0], "east", 10), (doors[1], "west", 5)]
    for door, nonce, ago in (scans[first], scans[1 - first]):
        await bring(door, union, zhao, nonce, ago)

    (card,) = await cards(wang, union)

    times = [
        await database.value("SELECT at FROM scan WHERE nonce = $1", nonce) for nonce in ("east", "west")
    ]
    at_east, at_west = (f"{clock.local(at):%H:%M:%S}" for at in times)
    assert ("赵小敏" in card, f"{at_east}在东门、{at_west}在西门" in card) == (True, True)
    assert await database.value("SELECT attended FROM session WHERE id = $1", union.session.id) == 1
    room = await wang.get(f"/manage/sessions/{union.session.code}/check-in")
    assert "有1次扫码要请您看一看" in room.text


async def test_going_out_in_between_makes_it_none(
    wang: httpx.AsyncClient, doors: tuple[httpx.AsyncClient, ...], union: Union, zhao: SeatTaken
) -> None:
    await bring(doors[0], union, zhao, "in", 10)
    await bring(doors[1], union, zhao, "in-again", 5)
    assert await strange(union) == 1

    await bring(doors[0], union, zhao, "out", 7, direction="out")

    assert await cards(wang, union) == []


async def test_what_was_taken_back_is_none(
    doors: tuple[httpx.AsyncClient, ...], wang: httpx.AsyncClient, union: Union, zhao: SeatTaken
) -> None:
    await bring(doors[0], union, zhao, "in", 10)
    await bring(doors[1], union, zhao, "slip", 5)

    await bring(doors[1], union, zhao, "back", 4, direction="undo", undoes="slip")

    assert await strange(union) == 0


async def test_second_scan_that_a_door_refused_is_none(
    doors: tuple[httpx.AsyncClient, ...], union: Union, zhao: SeatTaken
) -> None:
    await bring(doors[0], union, zhao, "in", 10)
    await bring(doors[1], union, zhao, "refused", 5, shown="already_in")
    await bring(doors[1], union, zhao, "online", 0, offline=False)

    assert await strange(union) == 0


async def test_leaving_without_having_come_is_told(
    wang: httpx.AsyncClient, doors: tuple[httpx.AsyncClient, ...], union: Union, zhao: SeatTaken
) -> None:
    await bring(doors[0], union, zhao, "out", 10, direction="out")

    (card,) = await cards(wang, union)

    assert ("离场没有入场" in card, "在东门登记了离场" in card, "补录" in card) == (True, True, True)


@pytest.mark.parametrize(
    ("state", "why", "remedy"),
    [
        (SeatState.RELEASED, "已经取消", "重新登记报名"),
        (SeatState.WAITLISTED, "候补名单", "先在“候补名单”里给名额"),
        (SeatState.PENDING, "还没有审核", "先通过报名"),
    ],
)
async def test_who_was_let_in_for_nothing_is_told_with_the_reason(
    wang: httpx.AsyncClient,
    doors: tuple[httpx.AsyncClient, ...],
    union: Union,
    zhao: SeatTaken,
    state: SeatState,
    why: str,
    remedy: str,
) -> None:
    await lose_place(zhao, state)

    await bring(doors[0], union, zhao, "in", 10)

    (card,) = await cards(wang, union)
    assert ("赵小敏" in card, why in card, remedy in card, "没有计入人数" in card) == (True, True, True, True)


async def test_unknown_ticket_is_told_by_its_number_and_another_sessions_by_no_name(
    wang: httpx.AsyncClient, doors: tuple[httpx.AsyncClient, ...], union: Union
) -> None:
    elsewhere = await register(await make_session(union.activity), "钱英", "19900002222")
    await bring(doors[0], union, "zzzzzzzz", "forged", 10)
    await bring(doors[0], union, elsewhere, "elsewhere", 5)

    forged, other = await cards(wang, union)

    assert ("票号zzzzzzzz" in forged, "系统里没有这张码" in forged) == (True, True)
    assert ("另一个场次" in other, "钱英" in other) == (True, False)


async def test_revoked_gate_is_told(
    wang: httpx.AsyncClient, doors: tuple[httpx.AsyncClient, ...], union: Union, zhao: SeatTaken
) -> None:
    await database.fetch("UPDATE gate SET revoked_at = now() WHERE label = '东门'")
    await bring(doors[0], union, zhao, "in", 10)

    (card,) = await cards(wang, union)

    assert "这个签到点当时已经作废" in card


async def test_settled_once_and_by_whoever_was_first(
    wang: httpx.AsyncClient, doors: tuple[httpx.AsyncClient, ...], union: Union, zhao: SeatTaken
) -> None:
    await bring(doors[0], union, "zzzzzzzz", "forged", 10)
    settlement = path_of(union, f"/{await the_scan('forged')}/settlement")

    answers = [await wang.post(settlement) for _time in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert await strange(union) == 0
    assert await database.value("SELECT count(*) FROM audit_entry WHERE action = 'scan.settled'") == 1
    (card,) = await cards(wang, union)
    assert ("由wang看过" in card, "看过了" in card) == (True, False)


async def flagged(union: Union, first: SeatTaken) -> tuple[SeatTaken, int]:
    """A second person by the phone that checked in the first; and that scan."""
    friend = await register(union.session, "钱英", "19900005678")
    hall = await selves.open_hall(union.session.code)
    phone = codes.digest("a-phone")
    claims = {claim.seat: claim for claim in await list_claims_of_phone(union.session.id, phone)}
    for seat in (first, friend):
        await selves.check_in(hall, claims[seat.seat], selves.Presence("a-phone", f"tap-{seat.seat}", None))
    return friend, int(await database.value("SELECT id FROM scan WHERE verdict = 'flagged'"))


async def known(seat: SeatTaken) -> tuple[bool, str | None]:
    row = await database.find("SELECT attended_at, evidence FROM seat WHERE id = $1", seat.seat)
    assert row
    return (row["attended_at"] is not None, row["evidence"])


async def test_second_person_of_a_phone_has_come_once_confirmed(
    wang: httpx.AsyncClient, union: Union, zhao: SeatTaken
) -> None:
    friend, scan = await flagged(union, zhao)
    (before,) = await cards(wang, union)
    assert ("钱英" in before, "赵小敏" in before, "确认到场" in before) == (True, True, True)
    assert await known(friend) == (False, None)

    for _time in range(2):
        answer = await wang.post(path_of(union, f"/{scan}/confirmation"))
        assert answer.status_code == 303

    assert await known(friend) == (True, "self")
    assert await database.value("SELECT attended FROM session WHERE id = $1", union.session.id) == 2
    assert await database.value("SELECT attended_at FROM seat WHERE id = $1", friend.seat) == (
        await database.value("SELECT at FROM scan WHERE id = $1", scan)
    )
    assert await strange(union) == 0
    ticket = await wang.get(f"/t/{codes.ticket_text(friend.ticket, friend.signature)}")
    assert "签到成功：" in ticket.text


async def test_declined_has_not_come_and_waits_no_longer(
    wang: httpx.AsyncClient, union: Union, zhao: SeatTaken
) -> None:
    friend, scan = await flagged(union, zhao)

    await wang.post(path_of(union, f"/{scan}/refusal"))

    assert await known(friend) == (False, None)
    assert await strange(union) == 0
    assert await database.value("SELECT count(*) FROM audit_entry WHERE action = 'scan.declined'") == 1


async def test_cancelled_meanwhile_cannot_be_confirmed_and_still_waits(
    wang: httpx.AsyncClient, union: Union, zhao: SeatTaken
) -> None:
    friend, scan = await flagged(union, zhao)
    await lose_place(friend, SeatState.PENDING)

    answer = await wang.post(path_of(union, f"/{scan}/confirmation"))

    assert answer.status_code == 409
    assert await known(friend) == (False, None)
    assert await strange(union) == 1


async def test_only_a_flagged_scan_can_be_confirmed(
    wang: httpx.AsyncClient, doors: tuple[httpx.AsyncClient, ...], union: Union, zhao: SeatTaken
) -> None:
    await lose_place(zhao, SeatState.PENDING)
    await bring(doors[0], union, zhao, "in", 10)

    answer = await wang.post(path_of(union, f"/{await the_scan('in')}/confirmation"))

    assert answer.status_code == 409
    assert (await known(zhao), await strange(union)) == ((False, None), 1)


async def test_two_organisers_at_once_count_one_coming(committed_db: str, app: Edge) -> None:
    union = await make_union()
    first = await register(union.session, "赵小敏", "19900001111")
    friend, scan = await flagged(union, first)
    async with new_client(app) as one, new_client(app) as other:
        for browser in (one, other):
            await let_in(browser, union.wang)
        answers = await asyncio.gather(
            *(b.post(path_of(union, f"/{scan}/confirmation")) for b in (one, other, one, other))
        )

    assert {answer.status_code for answer in answers} == {303}
    assert await known(friend) == (True, "self")
    assert await database.value("SELECT count(*) FROM audit_entry WHERE action = 'scan.confirmed'") == 1
    assert await database.value("SELECT count(*) FROM scan WHERE seat = $1", friend.seat) == 2


async def test_others_neither_see_nor_settle(
    app: Edge, doors: tuple[httpx.AsyncClient, ...], union: Union, zhao: SeatTaken
) -> None:
    other = await make_union("曲靖市总工会", "qian", "zhou")
    await bring(doors[0], union, "zzzzzzzz", "forged", 10)
    scan = await the_scan("forged")
    paths = [path_of(union, f"/{scan}/{what}") for what in ("settlement", "refusal", "confirmation")]
    async with new_client(app) as li, new_client(app) as qian:
        await let_in(li, union.li)
        await let_in(qian, other.wang)
        by_li = [(await li.post(path)).status_code for path in paths]
        by_qian = [
            (await qian.post(path)).status_code for path in (*paths, path_of(other, f"/{scan}/settlement"))
        ]
        seen = [(await browser.get(path_of(union))).status_code for browser in (li, qian, doors[0])]

    assert (by_li, by_qian, seen) == ([403] * 3, [404] * 4, [403, 404, 303])
    assert await strange(union) == 1


async def test_nothing_strange_says_so(wang: httpx.AsyncClient, union: Union) -> None:
    page = await wang.get(path_of(union))

    assert "没有要看的" in page.text
