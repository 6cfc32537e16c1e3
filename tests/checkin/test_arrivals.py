"""A whole unit, or a party, comes in together: one scan, and whoever is absent is unticked."""

import asyncio
import re
from time import perf_counter
from types import ModuleType
from uuid import uuid4

import httpx
import pytest
from tests.conftest import new_client
from tests.people import Union, let_in, make_activity, make_session, make_union, register
from tests.registration.test_rosters import HEADER, make_roster, save_table

from events_app.checkin.actions.rosters import Hand, count_heads
from events_app.checkin.actions.rosters import arrive as arrive_all
from events_app.checkin.queries.arrivals import find_arriving, list_unit
from events_app.checkin.queries.sessions import Doorkeeper, find_gate_session
from events_app.lib import codes, database
from events_app.registration.actions.rosters import set_headcounts
from events_app.registration.queries import SeatTaken
from events_app.registration.queries.rosters import RosterRow
from events_app.web.edge import Edge

TABLE = HEADER + "陈一\t19900000001\n林二\t19900000002\n黄三\t19900000003\n"


@pytest.fixture
async def union(db: ModuleType) -> Union:
    return await make_union()


@pytest.fixture
async def school(union: Union) -> RosterRow:
    """Three people with names and forty pupils."""
    roster = await make_roster(union)
    await save_table(roster, TABLE)
    await set_headcounts(None, roster, {union.session.code: 40})
    return roster


@pytest.fixture
async def li(client: httpx.AsyncClient, union: Union) -> httpx.AsyncClient:
    await let_in(client, union.li)
    return client


def door(union: Union, school: RosterRow) -> str:
    return f"/gate/{union.session.code}/units/{school.arrival_code}"


def ticked(page: httpx.Response) -> list[str]:
    return re.findall(r'name="seat" value="(\d+)" checked', page.text)


async def arrive(
    li: httpx.AsyncClient, address: str, seats: list[str], heads: str = "", nonce: str = ""
) -> httpx.Response:
    sent = {"nonce": nonce or uuid4().hex, "seat": seats, "heads": heads}
    return await li.post(address, data=sent)


async def attended(union: Union) -> int:
    count: int = await database.value("SELECT attended FROM session WHERE id = $1", union.session.id)
    return count


async def evidences(union: Union) -> list[str | None]:
    rows = await database.fetch("SELECT evidence FROM seat WHERE session = $1 ORDER BY id", union.session.id)
    return [row["evidence"] for row in rows]


async def test_all_of_the_unit_are_ticked_and_come_in_together(
    li: httpx.AsyncClient, union: Union, school: RosterRow
) -> None:
    page = await li.get(door(union, school))

    answer = await arrive(li, door(union, school), ticked(page))
    after = await li.get(answer.headers["location"])

    assert len(ticked(page)) == 3
    assert (answer.status_code, await attended(union)) == (303, 3)
    assert await evidences(union) == ["roster"] * 3
    assert "刚才签到3人。" in after.text


async def test_absent_one_is_unticked_and_comes_later(
    li: httpx.AsyncClient, union: Union, school: RosterRow
) -> None:
    all_three = ticked(await li.get(door(union, school)))
    await arrive(li, door(union, school), all_three[:2])

    left = ticked(await li.get(door(union, school)))
    await arrive(li, door(union, school), left)

    assert left == all_three[2:]
    assert await attended(union) == 3


async def test_same_form_again_counts_nobody_twice(
    li: httpx.AsyncClient, union: Union, school: RosterRow
) -> None:
    seats = ticked(await li.get(door(union, school)))

    for nonce in ("one", "one", "another"):
        assert (await arrive(li, door(union, school), seats, "38", nonce)).status_code == 303

    assert await attended(union) == 3 + 38


async def test_heads_are_counted_beside_the_names_and_corrected(
    li: httpx.AsyncClient, union: Union, school: RosterRow
) -> None:
    counts = []
    for heads in ("38", "40", "", "0"):
        await arrive(li, door(union, school), [], heads)
        counts.append(await attended(union))

    assert counts == [38, 40, 40, 0]
    actions = await database.fetch("SELECT action FROM audit_entry WHERE action = 'unit.heads'")
    assert len(actions) == 3


async def test_heads_that_are_no_number_come_back_as_typed(
    li: httpx.AsyncClient, union: Union, school: RosterRow
) -> None:
    seats = ticked(await li.get(door(union, school)))

    answer = await arrive(li, door(union, school), seats[:1], "很多")

    assert (answer.status_code, ticked(answer), await attended(union)) == (422, seats[:1], 0)
    assert 'value="很多"' in answer.text


async def test_heads_taken_off_the_list_are_not_counted_any_more(
    li: httpx.AsyncClient, union: Union, school: RosterRow
) -> None:
    await arrive(li, door(union, school), [], "38")

    await set_headcounts(None, school, {union.session.code: 0})

    assert await attended(union) == 0


async def test_code_of_another_activity_is_not_found(li: httpx.AsyncClient, union: Union) -> None:
    activity = await make_activity(union.organization)
    await make_session(activity)
    elsewhere = await make_roster(union, activity=activity)

    assert (await li.get(door(union, elsewhere))).status_code == 404


async def test_seats_of_others_are_left_alone(li: httpx.AsyncClient, union: Union, school: RosterRow) -> None:
    stranger = await register(union.session)

    await arrive(li, door(union, school), [str(stranger.seat)])

    assert await attended(union) == 0


async def test_other_union_finds_no_unit(client: httpx.AsyncClient, union: Union, school: RosterRow) -> None:
    other = await make_union("红河州总工会", "qian", "qin")
    await let_in(client, other.wang)

    answers = [await client.get(door(union, school)), await arrive(client, door(union, school), [], "40")]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert await attended(union) == 0


async def test_leaders_code_typed_or_scanned_leads_to_the_unit(
    li: httpx.AsyncClient, union: Union, school: RosterRow
) -> None:
    scanned = {"ticket": f"http://testserver/u/{school.arrival_code}"}

    answer = await li.post(f"/gate/{union.session.code}/scans", data=scanned)

    assert (answer.status_code, answer.headers.get("location")) == (303, door(union, school))


async def test_leader_finds_the_code_on_the_list_and_any_phone_says_what_it_is_for(
    app: Edge, union: Union, school: RosterRow
) -> None:
    async with new_client(app) as leader:
        own = await leader.get(f"/rosters/{school.secret}")
        shown = await leader.get(f"/u/{school.arrival_code}")
        unknown = await leader.get("/u/nothing")

    assert 'id="arrival"' in own.text
    assert (shown.status_code, unknown.status_code) == (200, 404)
    assert "昆明一中的到场码" in shown.text
    assert "陈一" not in shown.text


async def test_people_of_one_registration_come_in_together(li: httpx.AsyncClient, union: Union) -> None:
    leader, *others = [await register(union.session, f"赵{n}", f"1990000000{n}") for n in range(3)]
    stranger = await register(union.session, "钱多", "19900009999")
    await _make_party(leader, *others)
    address = f"/gate/{union.session.code}/parties/{leader.seat}"

    roster = await li.get(f"/gate/{union.session.code}/roster")
    seats = ticked(await li.get(address))
    await arrive(li, address, [*seats, str(stranger.seat)])

    assert "同行3人一起签到" in roster.text
    assert len(seats) == 3
    assert await attended(union) == 3


async def test_scan_of_one_offers_to_let_the_others_in(li: httpx.AsyncClient, union: Union) -> None:
    leader, other = [await register(union.session, f"赵{n}", f"1990000000{n}") for n in range(2)]
    await _make_party(leader, other)
    scans = f"/gate/{union.session.code}/scans"

    first = await li.post(scans, data={"ticket": codes.ticket_text(leader.ticket, leader.signature)})
    second = await li.post(scans, data={"ticket": codes.ticket_text(other.ticket, other.signature)})

    offer = f'href="/gate/{union.session.code}/parties/{leader.seat}">同行的还有1人没到，一起签到'
    assert (offer in first.text, "同行的" in second.text) == (True, False)


async def _make_party(leader: SeatTaken, *others: SeatTaken) -> None:
    seats = [leader.seat, *(other.seat for other in others)]
    await database.fetch(
        "UPDATE seat SET party = (SELECT registration FROM seat WHERE id = $1) WHERE id = ANY($2)",
        leader.seat,
        seats,
    )


async def test_three_hundred_come_in_within_a_second(committed_db: str) -> None:
    union = await make_union()
    session = await make_session(union.activity, 300)
    roster = await make_roster(union)
    people = "".join(f"陈{n}\t199{n:08}\n" for n in range(300))
    await save_table(roster, HEADER + people, [session])
    hand = await _hand(union, session.code)
    members = await list_unit(session.id, roster.id)

    begin = perf_counter()
    outcomes = await arrive_all(hand, members, "one")
    took = perf_counter() - begin
    again = await arrive_all(hand, members, "one")

    assert {outcome.verdict for outcome in outcomes} == {"admitted"}
    assert [outcome.replayed for outcome in again] == [True] * 300
    assert await database.value("SELECT attended FROM session WHERE id = $1", session.id) == 300
    assert took < 1, took


async def test_two_devices_that_count_heads_at_once_add_nothing_up(committed_db: str) -> None:
    union = await make_union()
    roster = await make_roster(union)
    await set_headcounts(None, roster, {union.session.code: 40})
    hand = await _hand(union, union.session.code)
    assert roster.arrival_code
    unit = await find_arriving(hand.session.id, roster.arrival_code)
    assert unit

    await asyncio.gather(*(count_heads(union.li, hand, unit, 30 + n) for n in range(8)))

    heads = await database.value("SELECT attended FROM headcount")
    assert await attended(union) == heads


async def _hand(union: Union, code: str) -> Hand:
    """Li's."""
    session = await find_gate_session(code, Doorkeeper(union.li.account, [union.organization.id], []))
    assert session
    return Hand(session, union.li.account, False)
