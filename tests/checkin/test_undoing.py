"""A coming is taken back: by its own gate at once, by an organiser with a reason; the log keeps both."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest
from tests import races
from tests.certified import certify
from tests.conftest import new_client
from tests.gates import make_gate
from tests.people import Union, let_in, make_session, make_union, register
from tests.races import Racers, halves, scan_of

from events_app.checkin.actions.admitting import admit
from events_app.checkin.queries.admitting import Outcome, Scan
from events_app.checkin.tables import Direction, Verdict
from events_app.lib import clock, codes, database
from events_app.registration.queries import SeatTaken
from events_app.registration.tables import Evidence
from events_app.web.edge import Edge


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


@pytest.fixture
async def wang(client: httpx.AsyncClient, union: Union) -> httpx.AsyncClient:
    await let_in(client, union.wang)
    return client


def undo(union: Union, seat: SeatTaken) -> str:
    return f"/manage/sessions/{union.session.code}/seats/{seat.seat}/undo"


async def take_back(
    client: httpx.AsyncClient, union: Union, seat: SeatTaken, reason: str = "替别人刷码", **more: str
) -> httpx.Response:
    return await client.post(undo(union, seat), data={"nonce": uuid4().hex[:30], "reason": reason, **more})


async def scanned(
    union: Union, seat: SeatTaken, minutes_ago: float = 0, nonce: str = "", **more: Any
) -> Outcome:
    """By a device that was offline, when it is of a while ago."""
    at = clock.now() - timedelta(minutes=minutes_ago)
    given: dict[str, Any] = {"account": union.li.account, "direction": Direction.IN, **more}
    return await admit(
        Scan(
            session=union.session.code,
            ticket=seat.ticket,
            signature=seat.signature,
            nonce=nonce or uuid4().hex,
            at=at,
            offline=minutes_ago > 0,
            address="",
            request_id="",
            **given,
        )
    )


async def known(seat: SeatTaken) -> tuple[bool, bool, int]:
    """Came, is inside, and how many came to the session."""
    row = await database.find(
        "SELECT attended_at IS NOT NULL AS came, inside, s.attended"
        " FROM seat JOIN session s ON s.id = seat.session WHERE seat.id = $1",
        seat.seat,
    )
    assert row
    return (row["came"], row["inside"], row["attended"])


async def log() -> list[tuple[str, str]]:
    rows = await database.fetch("SELECT direction, verdict FROM scan ORDER BY id")
    return [(row["direction"], row["verdict"]) for row in rows]


async def test_organiser_takes_back_what_anybody_did_however_long_ago(
    wang: httpx.AsyncClient, union: Union
) -> None:
    seat = await register(union.session)
    await scanned(union, seat, minutes_ago=55)

    page = await wang.get(undo(union, seat))
    answer = await take_back(wang, union, seat)

    assert "撤销赵敏的签到" in page.text
    assert (answer.status_code, answer.headers["location"]) == (303, f"/manage/sessions/{union.session.code}")
    assert await known(seat) == (False, False, 0)
    assert await log() == [("in", "admitted"), ("undo", "admitted")]
    assert await database.value("SELECT reason FROM scan WHERE direction = 'undo'") == "替别人刷码"


async def test_page_says_what_is_taken_back_and_changes_nothing(
    wang: httpx.AsyncClient, union: Union
) -> None:
    seat = await register(union.session)
    await scanned(union, seat, minutes_ago=9, place="东门")
    await scanned(union, seat, minutes_ago=8, place="西门")

    page = await wang.get(undo(union, seat))

    assert re.findall(r"扫码 · (..) · (\w+)", page.text) == [("东门", "li"), ("西门", "li")]
    assert await known(seat) == (True, True, 1)


async def test_all_comings_of_a_seat_are_taken_back_together(wang: httpx.AsyncClient, union: Union) -> None:
    seat = await register(union.session)
    await scanned(union, seat, minutes_ago=9)
    await scanned(union, seat, minutes_ago=8)
    await admit(_later(union, seat))

    await take_back(wang, union, seat)

    assert await known(seat) == (False, False, 0)


def _later(union: Union, seat: SeatTaken) -> Scan:
    scan = scan_of(union.session.code, seat.ticket, seat.signature, union.wang.account)
    return msgspec.structs.replace(scan, evidence=Evidence.LATER)


async def test_taking_back_needs_a_reason_and_keeps_where_one_came_from(
    wang: httpx.AsyncClient, union: Union
) -> None:
    seat = await register(union.session)
    await scanned(union, seat)
    back = f"/manage/sessions/{union.session.code}/scans?page=2"

    without = await take_back(wang, union, seat, " ", back=back)
    done = await take_back(wang, union, seat, back=back)

    assert (without.status_code, f'value="{back}"' in unescape(without.text)) == (422, True)
    assert done.headers["location"] == back


@pytest.mark.parametrize("back", ["https://evil.example", "//evil.example", "/manage", "/\\evil", "\x00"])
async def test_nobody_is_led_away(wang: httpx.AsyncClient, union: Union, back: str) -> None:
    seat = await register(union.session)

    answer = await take_back(wang, union, seat, back=back)

    assert answer.headers["location"] == f"/manage/sessions/{union.session.code}"


async def test_undo_after_checking_out(wang: httpx.AsyncClient, union: Union) -> None:
    seat = await register(union.session)
    await scanned(union, seat, minutes_ago=50)
    await scanned(union, seat, minutes_ago=10, direction=Direction.OUT)

    await take_back(wang, union, seat)

    assert await known(seat) == (False, False, 0)
    assert await database.value("SELECT seconds FROM seat WHERE id = $1", seat.seat) == 0


async def test_who_is_let_in_again_simply_is(wang: httpx.AsyncClient, union: Union) -> None:
    seat = await register(union.session)
    await scanned(union, seat, minutes_ago=9)
    await take_back(wang, union, seat)

    again = await scanned(union, seat)

    assert again.verdict == Verdict.ADMITTED
    assert await known(seat) == (True, True, 1)


async def test_undo_that_arrives_twice_leaves_who_came_again_in(
    wang: httpx.AsyncClient, union: Union
) -> None:
    seat = await register(union.session)
    await scanned(union, seat, minutes_ago=9)
    sent = {"nonce": "the-same", "reason": "点错了"}
    await wang.post(undo(union, seat), data=sent)
    await scanned(union, seat)

    await wang.post(undo(union, seat), data=sent)

    assert await known(seat) == (True, True, 1)


async def test_undo_cannot_be_undone(union: Union) -> None:
    seat = await register(union.session)
    await scanned(union, seat, nonce="came")
    await scanned(union, seat, nonce="undone", direction=Direction.UNDO, undoes="came")

    answer = await scanned(union, seat, direction=Direction.UNDO, undoes="undone")

    assert answer.verdict == Verdict.UNKNOWN
    assert await known(seat) == (False, False, 0)


async def test_who_never_came_has_nothing_to_take_back(wang: httpx.AsyncClient, union: Union) -> None:
    seat = await register(union.session)

    page = await wang.get(undo(union, seat))
    answer = await take_back(wang, union, seat)

    assert ("不用撤销" in page.text, 'name="reason"' in page.text) == (True, False)
    assert (answer.status_code, await log()) == (303, [])


async def test_attendees_page_leads_to_it(wang: httpx.AsyncClient, union: Union) -> None:
    came, absent = await register(union.session), await register(union.session, "钱亮")
    await scanned(union, came)

    page = await wang.get(f"/manage/sessions/{union.session.code}")

    assert [undo(union, seat) in page.text for seat in (came, absent)] == [True, False]


async def test_gate_staff_and_other_unions_find_no_such_page(app: Edge, union: Union) -> None:
    other = await make_union("红河州总工会", "qian", "sun")
    seat = await register(union.session)
    await scanned(union, seat)
    await make_gate(union.session, "东门", "device")

    async with new_client(app) as li, new_client(app) as qian, new_client(app) as phone:
        await let_in(li, union.li)
        await let_in(qian, other.wang)
        phone.cookies.set("events_gate", "device")
        answers = [await take_back(client, union, seat) for client in (li, qian, phone)]

    assert [answer.status_code for answer in answers] == [403, 404, 303]
    assert answers[2].headers["location"].startswith("/login")
    assert await known(seat) == (True, True, 1)


async def test_person_of_another_session_is_not_found(wang: httpx.AsyncClient, union: Union) -> None:
    elsewhere = await register(await make_session(union.activity))

    page = await wang.get(undo(union, elsewhere))
    answer = await take_back(wang, union, elsewhere)

    assert (page.status_code, answer.status_code) == (404, 404)


async def test_gate_takes_back_only_what_this_device_did(union: Union) -> None:
    seat = await register(union.session)
    east = await make_gate(union.session, "东门", "east")
    west = await make_gate(union.session, "西门", "west")
    await scanned(union, seat, nonce="came", account=None, gate=east.id)
    back: dict[str, Any] = {"account": None, "direction": Direction.UNDO, "undoes": "came"}

    other = await scanned(union, seat, **back, gate=west.id)
    staff = await scanned(union, seat, direction=Direction.UNDO, undoes="came")
    own = await scanned(union, seat, **back, gate=east.id)

    assert [one.verdict for one in (other, staff, own)] == ["too_late", "too_late", "admitted"]
    assert await known(seat) == (False, False, 0)


async def test_gate_without_scripts_leads_to_the_list_to_take_back(
    client: httpx.AsyncClient, union: Union
) -> None:
    await let_in(client, union.li)
    seat = await register(union.session)
    ticket = codes.ticket_text(seat.ticket, seat.signature)

    answer = await client.post(f"/gate/{union.session.code}/scans", data={"ticket": ticket})
    found = re.search(r'<noscript><p><a href="([^"]+)"', answer.text)
    assert found
    roster = await client.get(unescape(found[1]))

    assert "撤销赵敏的签到" in roster.text


@pytest.mark.parametrize(("minutes", "verdict"), [(14.9, "admitted"), (15.1, "too_late")])
async def test_gate_has_a_quarter_of_an_hour(union: Union, minutes: float, verdict: str) -> None:
    seat = await register(union.session)
    await scanned(union, seat, minutes_ago=minutes, nonce="came")

    answer = await scanned(union, seat, direction=Direction.UNDO, undoes="came")

    assert answer.verdict == verdict


async def test_device_with_a_wrong_clock_has_no_longer(app: Edge, union: Union) -> None:
    """It is an hour behind, and says that both happened just now."""
    seat = await register(union.session)
    await make_gate(union.session, "东门", "device", opens_at=clock.now() - timedelta(hours=2))
    now = clock.now()
    behind = now - timedelta(hours=1)
    scan = {
        "ticket": seat.ticket[:8],
        "nonce": "came",
        "direction": "in",
        "offline": True,
        "shown": "admitted",
    }
    took = {
        "ticket": seat.ticket[:8],
        "nonce": "back",
        "direction": "undo",
        "undoes": "came",
        "offline": True,
    }

    async with new_client(app) as phone:
        phone.cookies.set("events_gate", "device")
        answer = await phone.post(
            f"/gate/{union.session.code}/sync",
            json={
                "sent_at": behind.isoformat(),
                "scans": [
                    scan | {"device_at": (behind - timedelta(minutes=20)).isoformat()},
                    took | {"device_at": behind.isoformat()},
                ],
            },
        )

    assert [one["verdict"] for one in answer.json()["answers"]] == ["admitted", "too_late"]
    assert await known(seat) == (True, True, 1)


async def test_certificate_ends_when_a_coming_is_taken_back(wang: httpx.AsyncClient, union: Union) -> None:
    code = (await certify(union, "无人机培训", ["赵敏", "钱亮", "孙兰", "李想"], "昆明机床厂"))["certificate"]
    came = await database.find(
        "SELECT seat.id, s.code FROM certificate c JOIN seat ON seat.registration = c.registration"
        " JOIN session s ON s.id = seat.session WHERE c.code = $1 LIMIT 1",
        code,
    )
    assert came
    address = f"/manage/sessions/{came['code']}/seats/{came['id']}/undo"

    before = await wang.get(f"/certificates/{code}")
    await wang.post(address, data={"nonce": "undo", "reason": "替别人刷码"})
    after = await wang.get(f"/certificates/{code}")

    assert [is_valid(page) for page in (before, after)] == [True, False]


def is_valid(page: httpx.Response) -> bool:
    return "证书有效" in page.text


@pytest.fixture(scope="module")
def racers() -> Iterator[Racers]:
    with races.racers() as ready:
        yield ready


@pytest.fixture
async def committed(committed_db: str) -> Union:
    return await make_union()


async def rush(racers: Racers, dsn: str, committed: Union, seat: SeatTaken, without: str = "") -> None:
    """Twelve organisers take the same coming back, all at the same moment."""
    nonces = halves([uuid4().hex[:30] for _ in range(12)])
    shares = ([committed.session.code] * 2, [committed.wang.account] * 2, [seat] * 2, nonces, [without] * 2)
    racers.run(races.undo_all, dsn, *shares)


async def test_many_who_undo_at_once_are_one(racers: Racers, committed: Union, committed_db: str) -> None:
    seat = await register(committed.session)
    await scanned(committed, seat)

    await rush(racers, committed_db, committed, seat)

    assert await log() == [("in", "admitted"), ("undo", "admitted")]
    assert await known(seat) == (False, False, 0)


async def test_without_the_lock_each_of_them_is_written_down(
    racers: Racers, committed: Union, committed_db: str
) -> None:
    """The control: shows that the test above would notice. One rush may be lucky, five are not."""
    written: list[int] = []
    for _rush in range(5):
        seat = await register(committed.session, f"赵{len(written)}")
        await scanned(committed, seat)
        await rush(racers, committed_db, committed, seat, " FOR UPDATE")
        sql = "SELECT count(*) FROM scan WHERE seat = $1 AND direction = 'undo'"
        written.append(await database.value(sql, seat.seat))

    assert max(written) > 1


async def test_undo_that_meets_a_new_scan_comes_before_or_after_it(
    racers: Racers, committed: Union, committed_db: str
) -> None:
    """Either the scan was a repetition and is taken back with the first, or it lets in anew."""
    seats = [await register(committed.session, f"赵{n}") for n in range(10)]
    for seat in seats:
        await scanned(committed, seat)

    racers.run(
        races.undo_or_scan,
        committed_db,
        [committed.session.code] * 2,
        [committed.wang.account] * 2,
        [seats] * 2,
        [True, False],
    )

    rows = await database.fetch(
        "SELECT seat.inside, seat.attended_at IS NOT NULL AS came,"
        " (SELECT verdict FROM scan WHERE scan.seat = seat.id AND direction = 'in' ORDER BY id DESC LIMIT 1) AS last"
        " FROM seat"
    )
    assert len(rows) == 10
    assert all(row["inside"] == row["came"] == (row["last"] == "admitted") for row in rows)
    came = sum(row["came"] for row in rows)
    assert await database.value("SELECT attended FROM session WHERE id = $1", committed.session.id) == came
