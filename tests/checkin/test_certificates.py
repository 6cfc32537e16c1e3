"""Hours and certificates: an organiser's page, a participant's own, and what anybody sees who scans the code."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from html import unescape
from io import BytesIO
from itertools import permutations
from typing import Any

import httpx
import pytest
from python_calamine import CalamineWorkbook
from tests.certified import attend, bring, move_into_the_past, ticket_of
from tests.conftest import new_client
from tests.pages import fields_of
from tests.people import (
    SIGNER,
    Union,
    counted_statements,
    let_in,
    make_session,
    make_union,
    register,
)

from events_app.checkin.actions.hours import record_of
from events_app.checkin.actions.recording import record_all
from events_app.checkin.queries.admitting import Scan
from events_app.checkin.tables import Direction
from events_app.lib import clock, codes, database
from events_app.programmes.tables import Activity, Kind, Session
from events_app.registration.actions.retention import delete_mine
from events_app.registration.queries import SeatTaken
from events_app.registration.tables import Evidence
from events_app.web.edge import Edge

HOURS: dict[Any, Any] = {
    "minimum_minutes": 45, "session_hours": Decimal("1.5"), "certificates": True, "certificate_hours": Decimal("3.0"),
}  # fmt: skip


@pytest.fixture
async def union(db: object) -> Union:
    """A course of two sessions, both over: the first two days ago, the second yesterday."""
    union = await make_union()
    await Activity.update({**HOURS, "extent": "course", "title": "无人机驾驶培训"}).where(
        Activity.id == union.activity.id
    )
    await make_session(union.activity, title="第二天")
    return union


@pytest.fixture
async def wang(union: Union, client: httpx.AsyncClient) -> httpx.AsyncClient:
    await let_in(client, union.wang)
    return client


@pytest.fixture
async def zhao(app: Edge, union: Union) -> httpx.AsyncClient:
    return new_client(app)


async def graduate(union: Union, name: str = "赵敏", phone: str = "19900001234") -> SeatTaken:
    """Somebody who came to both days."""
    seat = await register(union.session, name, phone, "昆明铁路局")
    for session in await move_into_the_past(union.activity):
        await attend(union, session, seat, -10, 110)
    return seat


async def fetch_certificate(zhao: httpx.AsyncClient, seat: SeatTaken) -> str:
    """The address of the certificate that the holder of this ticket has made."""
    answer = await zhao.post(f"/t/{ticket_of(seat)}/certificate")
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def absent(union: Union, seat: SeatTaken, session: Session) -> None:
    """An organiser takes back what was scanned."""
    rows = await database.fetch(
        "SELECT nonce FROM scan WHERE session = $1 AND direction <> 'undo' AND ticket = $2",
        session.id,
        seat.ticket,
    )
    undos = [
        Scan(
            session=session.code,
            ticket=seat.ticket,
            nonce=f"undo {row['nonce']}",
            direction=Direction.UNDO,
            at=clock.now(),
            undoes=row["nonce"],
            organiser=True,
            account=union.wang.account,
            reason="认错了人",
            address="",
            request_id="",
        )
        for row in rows
    ]
    await record_all(undos)


# The holder's own page


async def test_ticket_leads_to_hours_where_coming_is_worth_something(
    union: Union, zhao: httpx.AsyncClient
) -> None:
    seat = await register(union.session)
    link = f"/t/{ticket_of(seat)}/hours"

    assert link in (await zhao.get(f"/t/{ticket_of(seat)}")).text
    await Activity.update({Activity.certificates: False, Activity.session_hours: None}).where(
        Activity.id == union.activity.id
    )
    assert link not in (await zhao.get(f"/t/{ticket_of(seat)}")).text


async def test_own_page_tells_minutes_hours_and_what_is_missing(
    union: Union, zhao: httpx.AsyncClient
) -> None:
    seat = await register(union.session)
    first, second = await move_into_the_past(union.activity)
    await attend(union, first, seat, -20, 30, 40, 90)
    await attend(union, second, seat, 0, 44)

    text = (await zhao.get(f"/t/{ticket_of(seat)}/hours")).text

    for said in ("80分钟", "44分钟", "在场不够久", "还差1.5学时", "算参加"):
        assert said in text
    assert "领取证书</button>" not in text


async def test_where_one_session_is_enough_no_hours_are_missing(
    union: Union, zhao: httpx.AsyncClient
) -> None:
    worth: dict[Any, Any] = {"session_hours": None, "certificate_hours": None}
    await Activity.update(worth).where(Activity.id == union.activity.id)
    seat = await register(union.session)

    text = (await zhao.get(f"/t/{ticket_of(seat)}/hours")).text

    assert ("参加过一场，就可以在这里领取" in text, "还差" in text) == (True, False)


async def test_whoever_is_scanned_out_at_the_gate_has_their_minutes(
    union: Union, app: Edge, zhao: httpx.AsyncClient
) -> None:
    """The session began an hour ago; in, out and in again while it is under way."""
    worth: dict[Any, Any] = {"minimum_minutes": None, "must_check_out": True}
    await Activity.update(worth).where(Activity.id == union.activity.id)
    seat = await register(union.session)
    begun: dict[Any, Any] = {
        "starts_at": clock.now() - timedelta(hours=1),
        "opens_at": clock.now() - timedelta(2),
    }
    begun |= {"closes_at": clock.now() - timedelta(hours=1)}
    await Session.update(begun).where(Session.id == union.session.id)
    gate = new_client(app)
    await let_in(gate, union.li)
    told: list[str] = []

    for direction in ("in", "out", "in"):
        scanned = {"ticket": ticket_of(seat), "direction": direction, "nonce": f"n-{direction}-{len(told)}"}
        assert (await gate.post(f"/gate/{union.session.code}/scans", data=scanned)).status_code == 200
        told.append((await zhao.get(f"/t/{ticket_of(seat)}/hours")).text)

    assert ["未登记离场" in text for text in told] == [True, False, False]
    assert ["<dd>1.5</dd>" in text for text in told] == [False, True, True]


async def test_hours_do_not_depend_on_when_scans_arrive(union: Union) -> None:
    seats = [await register(union.session, f"赵{n}", f"1990000123{n}") for n in range(6)]
    first, _second = await move_into_the_past(union.activity)
    scans = [
        (Direction.IN, -5), (Direction.OUT, 20), (Direction.IN, 40), (Direction.OUT, 70),
    ]  # fmt: skip
    found = []

    for seat, order in zip(seats, permutations(scans, 4), strict=False):
        for direction, minute in order:
            await bring(union, first, seat, direction, minute)
        _worth, record = await record_of(
            await database.value("SELECT registration FROM seat WHERE id = $1", seat.seat)
        )
        found.append([(credit.minutes, credit.finding) for credit in record.credits.values()])

    assert found == [[(50, "counts")]] * 6


async def test_certificate_is_refused_while_hours_are_missing(union: Union, zhao: httpx.AsyncClient) -> None:
    seat = await register(union.session)

    answer = await zhao.post(f"/t/{ticket_of(seat)}/certificate")

    assert (answer.status_code, "还不能领取证书" in answer.text) == (409, True)
    assert await database.value("SELECT count(*) FROM certificate") == 0


async def test_certificate_is_made_once(union: Union, zhao: httpx.AsyncClient) -> None:
    seat = await graduate(union)
    assert "领取证书</button>" in (await zhao.get(f"/t/{ticket_of(seat)}/hours")).text

    first, second = await fetch_certificate(zhao, seat), await fetch_certificate(zhao, seat)

    rows = await database.fetch("SELECT number, hours, sessions FROM certificate")
    assert first == second
    assert [(row["hours"], row["sessions"]) for row in rows] == [(Decimal("3.0"), 2)]
    assert rows[0]["number"].startswith(f"{clock.today().year}-")
    assert first in (await zhao.get(f"/t/{ticket_of(seat)}/hours")).text


async def test_paper_says_who_took_part_in_what(union: Union, zhao: httpx.AsyncClient) -> None:
    address = await fetch_certificate(zhao, await graduate(union))

    answer = await zhao.get(address)

    number = await database.value("SELECT number FROM certificate")
    days = [clock.date_text(clock.today() - timedelta(days=n)) for n in (2, 1)]
    sentence = f"于{days[0]}至{days[1]}参加“无人机驾驶培训”，共2场，计3学时。特此证明。"
    for said in ("赵敏", "昆明铁路局", sentence, number, "云南省总工会", "证书有效", "<svg"):
        assert said in unescape(answer.text)
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"


async def test_certificate_is_renewed_when_more_counts(union: Union, zhao: httpx.AsyncClient) -> None:
    await Activity.update({Activity.certificate_hours: None}).where(Activity.id == union.activity.id)
    seat = await register(union.session)
    first, second = await move_into_the_past(union.activity)
    await attend(union, first, seat, 0, 100)
    address = await fetch_certificate(zhao, seat)
    before = await database.value("SELECT number FROM certificate")

    await attend(union, second, seat, 0, 100)

    assert "共1场，计1.5学时" in (await zhao.get(address)).text
    assert "按现在的学时更新证书" in (await zhao.get(f"/t/{ticket_of(seat)}/hours")).text
    assert await fetch_certificate(zhao, seat) == address
    assert "共2场，计3学时" in (await zhao.get(address)).text
    assert await database.value("SELECT number FROM certificate") == before


async def test_strangers_ticket_shows_no_hours(union: Union, zhao: httpx.AsyncClient) -> None:
    seat = await graduate(union)
    forged = codes.ticket_text(seat.ticket, SIGNER.sign("7" * 26))

    assert (await zhao.get(f"/t/{forged}/hours")).status_code == 404
    assert (await zhao.post(f"/t/{forged}/certificate")).status_code == 404


async def test_certificate_is_among_what_is_stored(union: Union, zhao: httpx.AsyncClient) -> None:
    await fetch_certificate(zhao, await graduate(union))
    zhao.cookies.set("events_phone", "a-phone")

    (stored,) = (await zhao.get("/my/data.json")).json()

    number = await database.value("SELECT number FROM certificate")
    assert [(one["number"], one["hours"], one["sessions"]) for one in stored["certificates"]] == [
        (number, "3.0", 2)
    ]
    assert number in (await zhao.get("/my/data")).text


# Verifying


async def test_certificate_falls_with_the_attendance_and_stands_up_with_it(
    union: Union, zhao: httpx.AsyncClient
) -> None:
    seat = await graduate(union)
    address = await fetch_certificate(zhao, seat)
    _first, second = await move_into_the_past(union.activity)

    await absent(union, seat, second)
    fallen = await zhao.get(address)
    await attend(union, second, seat, 0, nonce="again", evidence=Evidence.LATER, offline=False, reason="漏扫")

    assert (fallen.status_code, "这张证书已失效" in fallen.text, "赵敏" in fallen.text) == (200, True, False)
    assert "证书有效" in (await zhao.get(address)).text


async def test_code_that_nobody_issued_is_not_found(union: Union, zhao: httpx.AsyncClient) -> None:
    for code in (codes.new_ticket_code(), "1", "x" * 300):
        answer = await zhao.get(f"/certificates/{code}")
        assert (answer.status_code, "没有这张证书" in answer.text) == (404, True)


async def test_code_typed_in_small_letters_is_found(union: Union, zhao: httpx.AsyncClient) -> None:
    address = await fetch_certificate(zhao, await graduate(union))

    assert (await zhao.get(address.lower())).status_code == 200


async def test_name_can_be_checked_when_it_is_erased(union: Union, zhao: httpx.AsyncClient) -> None:
    seat = await graduate(union, "阿依古丽·买买提")
    address = await fetch_certificate(zhao, seat)
    await delete_mine("a-phone")

    shown = await zhao.get(address)
    names = ["阿依古丽 • 买买提", "阿依古丽", "（已删除）", ""]
    answers = [await zhao.post(f"{address}/name", data={"name": name}) for name in names]

    assert "买买提" not in shown.text
    assert "证书有效" in shown.text
    assert ["姓名相符" in answer.text for answer in answers] == [True, False, False, False]
    assert ["姓名不符" in answer.text for answer in answers] == [False, True, True, False]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 422]
    assert fields_of(answers[1].text)["name"] == ["阿依古丽"]


async def test_names_cannot_be_tried_out(union: Union, zhao: httpx.AsyncClient) -> None:
    address = await fetch_certificate(zhao, await graduate(union))
    await delete_mine("a-phone")

    answers = [await zhao.post(f"{address}/name", data={"name": f"赵{n}"}) for n in range(21)]

    assert [answer.status_code for answer in answers] == [*[200] * 20, 429]


async def test_legal_aid_is_not_named(union: Union, zhao: httpx.AsyncClient) -> None:
    await Activity.update({Activity.kind: Kind.LEGAL_AID, Activity.title: "骑手法律援助"}).where(
        Activity.id == union.activity.id
    )
    address = await fetch_certificate(zhao, await graduate(union))

    text = (await zhao.get(address)).text

    assert ("工会服务" in text, "法律" in text) == (True, False)


# The organiser's page


async def test_list_has_everybody_with_minutes_hours_and_certificates(
    union: Union, wang: httpx.AsyncClient
) -> None:
    await register(union.session, "钱一", "19900004321")
    await graduate(union)

    text = (await wang.get(f"/manage/activities/{union.activity.code}/hours")).text

    for said in ("赵敏", "钱一", "110分钟", "给1人发证书", "可以发", "第1–2人，共2人"):
        assert said in text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("words=铁路", ["赵敏"]),
        ("words=4321", ["钱一"]),
        ("who=qualified", ["赵敏"]),
        ("who=without", ["赵敏"]),
        ("who=else", ["赵敏", "钱一"]),
        ("words=没有", []),
    ],
)
async def test_list_is_narrowed(union: Union, wang: httpx.AsyncClient, query: str, found: list[str]) -> None:
    await register(union.session, "钱一", "19900004321")
    await graduate(union)

    text = (await wang.get(f"/manage/activities/{union.activity.code}/hours?{query}")).text

    assert [name for name in ("赵敏", "钱一") if name in text] == found


async def test_session_that_nobody_can_stay_long_enough_in_is_named(
    union: Union, wang: httpx.AsyncClient
) -> None:
    address = f"/manage/activities/{union.activity.code}/hours"
    said = "没有人能算参加"

    assert said not in (await wang.get(address)).text
    await Activity.update({Activity.minimum_minutes: 121}).where(Activity.id == union.activity.id)
    assert said in (await wang.get(address)).text


async def test_all_who_qualify_get_theirs_at_once_and_once(union: Union, wang: httpx.AsyncClient) -> None:
    seats = [await register(union.session, f"赵{n}", f"1990000123{n}") for n in range(3)]
    first, second = await move_into_the_past(union.activity)
    for seat in seats:
        await attend(union, first, seat, 0)
    for seat in seats[:2]:
        await attend(union, second, seat, 0)
    address = f"/manage/activities/{union.activity.code}"

    answers = [await wang.post(f"{address}/certificates") for _time in range(2)]

    told = [(await wang.get(answer.headers["location"])).text for answer in answers]
    assert ["新发2张证书" in text for text in told] == [True, False]
    assert await database.value("SELECT count(DISTINCT number) FROM certificate") == 2
    assert await database.value("SELECT count(*) FROM audit_entry WHERE action = 'certificates.issue'") == 2


async def test_certificates_of_all_who_earned_more_are_renewed(union: Union, wang: httpx.AsyncClient) -> None:
    await graduate(union)
    address = f"/manage/activities/{union.activity.code}"
    await wang.post(f"{address}/certificates")
    assert "张证书</button>" not in (await wang.get(f"{address}/hours")).text
    await Activity.update({Activity.session_hours: Decimal("2.0")}).where(Activity.id == union.activity.id)

    offered = (await wang.get(f"{address}/hours")).text
    answer = await wang.post(f"{address}/certificates")

    assert ("更新1张证书" in offered, "可更新" in offered) == (True, True)
    assert "新发0张证书，更新1张。" in (await wang.get(answer.headers["location"])).text
    assert await database.value("SELECT hours FROM certificate") == Decimal("4.0")


async def test_revoked_certificate_is_good_again_only_when_the_organiser_says_so(
    union: Union, wang: httpx.AsyncClient, zhao: httpx.AsyncClient
) -> None:
    seat = await graduate(union)
    address = await fetch_certificate(zhao, seat)
    own = f"/manage/activities/{union.activity.code}{address}"

    assert (await wang.post(f"{own}/revocation")).status_code == 303
    assert "已失效" in (await zhao.get(address)).text
    assert (await zhao.post(f"/t/{ticket_of(seat)}/certificate")).status_code == 409
    await wang.post(f"/manage/activities/{union.activity.code}/certificates")
    assert "已作废" in (await wang.get(f"/manage/activities/{union.activity.code}/hours")).text
    assert (await wang.post(f"{own}/revocation")).status_code == 404

    assert (await wang.post(f"{own}/restoration")).status_code == 303
    assert "证书有效" in (await zhao.get(address)).text
    actions = await database.fetch(
        "SELECT action FROM audit_entry WHERE action LIKE 'certificate.%' ORDER BY id"
    )
    assert [row["action"] for row in actions] == ["certificate.revoke", "certificate.restore"]


async def test_another_unions_organiser_finds_nothing(
    union: Union, app: Edge, zhao: httpx.AsyncClient
) -> None:
    address = await fetch_certificate(zhao, await graduate(union))
    other = await make_union("四川省总工会", "qian", "sun")
    qian = new_client(app)
    await let_in(qian, other.wang)
    own = f"/manage/activities/{union.activity.code}"

    answers = [
        await qian.get(f"{own}/hours"),
        await qian.get(f"{own}/hours.xlsx"),
        await qian.post(f"{own}/certificates"),
        await qian.post(f"{own}{address}/revocation"),
        await qian.post(f"{own}{address}/restoration"),
        await qian.post(f"/manage/activities/{other.activity.code}{address}/revocation"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 6
    assert await database.value("SELECT revoked_at FROM certificate") is None


async def test_gate_staff_give_no_certificates(union: Union, client: httpx.AsyncClient) -> None:
    await let_in(client, union.li)

    answer = await client.post(f"/manage/activities/{union.activity.code}/certificates")

    assert answer.status_code == 403


async def test_list_costs_the_same_for_one_and_for_thirty(union: Union, wang: httpx.AsyncClient) -> None:
    statements = []
    for people in (1, 3, 30):
        for number in range(people):
            await register(union.session, f"钱{people}-{number}", "19900004321")
        async with counted_statements() as sent:
            answer = await wang.get(f"/manage/activities/{union.activity.code}/hours")
        assert answer.status_code == 200
        statements.append(len(sent))

    assert len(set(statements)) == 1, statements


async def test_workbook_has_a_line_for_everybody(union: Union, wang: httpx.AsyncClient) -> None:
    await register(union.session, "钱一", "19900004321")
    await graduate(union)
    await wang.post(f"/manage/activities/{union.activity.code}/certificates")

    answer = await wang.get(f"/manage/activities/{union.activity.code}/hours.xlsx")

    book = CalamineWorkbook.from_filelike(BytesIO(answer.content))
    top, qian, zhao = book.get_sheet_by_index(0).to_python()
    number = await database.value("SELECT number FROM certificate")
    assert [zhao[0], *zhao[2:]] == ["赵敏", 110, "算参加", 110, "算参加", 2, 3.0, number, "有效"]
    assert qian == ["钱一", "", "", "", "", "", 0, 0.0, "", ""]
    assert top[-4:] == ["算参加的场次", "学时", "证书编号", "证书状态"]


# Races


async def test_certificate_asked_for_at_five_phones_at_once_is_one(committed_db: str, app: Edge) -> None:
    union = await make_union()
    await Activity.update({Activity.certificates: True}).where(Activity.id == union.activity.id)
    seats = [await register(union.session, f"赵{n}", f"1990000123{n}") for n in range(4)]
    await Session.update({Session.starts_at: clock.now() - timedelta(hours=1)}).where(
        Session.id == union.session.id
    )
    session = await Session.objects().get(Session.id == union.session.id)
    assert session
    for seat in seats:
        await attend(union, session, seat, 0)
    phones = [new_client(app) for _phone in range(20)]

    answers = await asyncio.gather(
        *(phone.post(f"/t/{ticket_of(seats[n % 4])}/certificate") for n, phone in enumerate(phones))
    )

    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 4
    rows = await database.fetch("SELECT number, registration FROM certificate")
    assert (
        len({row["number"] for row in rows}) == len({row["registration"] for row in rows}) == len(rows) == 4
    )
