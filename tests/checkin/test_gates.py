"""Devices without an account that let people in: how they become gates, what is theirs, and how it ends."""

import re
from datetime import timedelta
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

from events_app.lib import clock, codes, database
from events_app.programmes.tables import Session
from events_app.web.edge import Edge


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


@pytest.fixture
async def wang(client: httpx.AsyncClient, union: Union) -> httpx.AsyncClient:
    await let_in(client, union.wang)
    return client


@pytest.fixture
async def phone(app: Edge) -> Any:
    """A phone that nobody is logged in on."""
    async with new_client(app) as someones:
        yield someones


def hours_form(label: str = "东门", opens: int = -1, closes: int = 4) -> dict[str, str]:
    now = clock.now()
    return {
        "label": label,
        "opens_at": moment_field(now + timedelta(hours=opens)),
        "closes_at": moment_field(now + timedelta(hours=closes)),
    }


async def new_gate(wang: httpx.AsyncClient, address: str, **hours: Any) -> tuple[str, str]:
    """A gate's code and the link of its QR."""
    answer = await wang.post(address, data=hours_form(**hours))
    assert answer.status_code == 303, answer.text
    code = answer.headers["location"].rpartition("/")[2]
    link = await database.value("SELECT link FROM gate WHERE code = $1", code)
    return code, f"/gates/{link}"


async def session_gate(wang: httpx.AsyncClient, session: Session, **hours: Any) -> tuple[str, str]:
    return await new_gate(wang, f"/manage/sessions/{session.code}/gates", **hours)


async def opened(phone: httpx.AsyncClient, link: str) -> None:
    await phone.get(link)
    answer = await phone.post(link)
    assert answer.status_code == 303, answer.text


def words(answer: httpx.Response) -> str:
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]*>", " ", main).split())


async def audited() -> list[str]:
    rows = await database.fetch("SELECT action FROM audit_entry WHERE action LIKE 'gate.%' ORDER BY id")
    return [row["action"] for row in rows]


# Becoming a gate


async def test_form_has_the_check_in_hours_and_an_hour_around_them(
    wang: httpx.AsyncClient, union: Union
) -> None:
    page = await wang.get(f"/manage/sessions/{union.session.code}/gates")

    opens = union.session.check_in_opens_at - timedelta(hours=1)
    closes = union.session.check_in_closes_at + timedelta(hours=1)
    assert f'value="{moment_field(opens)}"' in page.text
    assert f'value="{moment_field(closes)}"' in page.text


async def test_activity_gate_has_the_hours_of_all_sessions_to_come(
    wang: httpx.AsyncClient, union: Union
) -> None:
    day = timedelta(days=1)
    later = await make_session(
        union.activity, check_in_opens_at=clock.now() + day, check_in_closes_at=clock.now() + 2 * day
    )

    page = await wang.get(f"/manage/activities/{union.activity.code}/gates")

    opens = union.session.check_in_opens_at - timedelta(hours=1)
    assert f'value="{moment_field(opens)}"' in page.text
    assert f'value="{moment_field(later.check_in_closes_at + timedelta(hours=1))}"' in page.text


async def test_phone_that_opens_the_link_lets_people_in(
    wang: httpx.AsyncClient, phone: httpx.AsyncClient, union: Union
) -> None:
    seat = await register(union.session, "赵敏", unit="昆明机床厂")
    code, link = await session_gate(wang, union.session)

    told = await phone.get(link)
    answer = await phone.post(link)
    page = await phone.get(answer.headers["location"])
    number = codes.ticket_number(seat.ticket)
    scanned = await phone.post(f"/gate/{union.session.code}/scans", data={"ticket": number})

    assert "东门" in words(told)
    assert answer.headers["location"] == f"/gate/{union.session.code}"
    assert page.status_code == 200
    assert 'data-kind="admitted"' in scanned.text
    row = await database.find("SELECT gate, account, place FROM scan")
    gate = await database.value("SELECT id FROM gate WHERE code = $1", code)
    assert row is not None
    assert tuple(row) == (gate, None, "东门")


async def test_looking_at_the_link_opens_nothing(
    wang: httpx.AsyncClient, phone: httpx.AsyncClient, union: Union
) -> None:
    _code, link = await session_gate(wang, union.session)

    await phone.get(link)

    assert await database.value("SELECT opened_at FROM gate") is None
    assert (await phone.get("/gate")).status_code == 303  # to the login


async def test_second_device_is_told_and_becomes_nothing(
    app: Edge, wang: httpx.AsyncClient, phone: httpx.AsyncClient, union: Union
) -> None:
    _code, link = await session_gate(wang, union.session)
    async with new_client(app) as second:
        await second.get(link)
        await opened(phone, link)

        late, again = await second.post(link), await second.get(link)
        door = await second.get(f"/gate/{union.session.code}")

    assert (late.status_code, again.status_code) == (404, 404)
    assert "已经在一台设备上打开过" in words(late)
    assert "已经在一台设备上打开过" in words(again)
    assert door.status_code == 303
    assert (await phone.get(f"/gate/{union.session.code}")).status_code == 200


async def test_first_device_finds_its_way_back_from_the_used_link(
    wang: httpx.AsyncClient, phone: httpx.AsyncClient, union: Union
) -> None:
    _code, link = await session_gate(wang, union.session)
    await opened(phone, link)

    again = await phone.get(link)

    assert "这台设备已经是签到点：东门。" in words(again)
    assert 'href="/gate"' in again.text


async def test_lost_answer_to_opening_leaves_the_device_a_gate(
    wang: httpx.AsyncClient, phone: httpx.AsyncClient, union: Union
) -> None:
    _code, link = await session_gate(wang, union.session)
    await phone.get(link)
    before = dict(phone.cookies)
    await phone.post(link)
    phone.cookies.clear()
    phone.cookies.update(before)

    assert (await phone.get(f"/gate/{union.session.code}")).status_code == 200


async def test_one_device_can_be_two_gates(
    wang: httpx.AsyncClient, phone: httpx.AsyncClient, union: Union
) -> None:
    other = await make_session(union.activity)
    for session in (union.session, other):
        _code, link = await session_gate(wang, session)
        await opened(phone, link)

    shown = [(await phone.get(f"/gate/{session.code}")).status_code for session in (union.session, other)]

    assert shown == [200, 200]


async def test_only_the_digest_of_the_devices_secret_is_stored(
    wang: httpx.AsyncClient, phone: httpx.AsyncClient, union: Union
) -> None:
    _code, link = await session_gate(wang, union.session)
    await opened(phone, link)

    row = await database.find("SELECT link, device_digest FROM gate")

    assert row is not None
    assert (row["link"], row["device_digest"]) == (None, codes.digest(phone.cookies["events_gate"]))


async def test_making_opening_and_revoking_is_written_down(
    wang: httpx.AsyncClient, phone: httpx.AsyncClient, union: Union
) -> None:
    code, link = await session_gate(wang, union.session)
    await opened(phone, link)
    await wang.post(f"/manage/gates/{code}", data=hours_form("西门"))
    await wang.post(f"/manage/gates/{code}/renewal")
    await wang.post(f"/manage/gates/{code}/revocation")

    assert await audited() == ["gate.create", "gate.open", "gate.update", "gate.renew"]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"label": ""}, "label"),
        ({"label": "门" * 41}, "label"),
        ({"opens_at": "下午"}, "opens_at"),
        ({"closes_at": ""}, "closes_at"),
        ({"closes_at": "2026-01-01T00:00", "opens_at": "2025-01-01T00:00"}, "closes_at"),
        ({"closes_at": "2099-01-01T00:00"}, "closes_at"),
    ],
)
async def test_bad_form_comes_back_with_what_was_typed(
    wang: httpx.AsyncClient, union: Union, fields: dict[str, str], wrong: str
) -> None:
    address = f"/manage/sessions/{union.session.code}/gates"

    answer = await wang.post(address, data=hours_form("南门") | fields)

    assert answer.status_code == 422
    assert f"field-{wrong}-wrong" in answer.text
    if wrong != "label":
        assert 'value="南门"' in answer.text
    assert await database.value("SELECT count(*) FROM gate") == 0


# What is theirs


async def test_device_sees_its_own_sessions_only(
    wang: httpx.AsyncClient, phone: httpx.AsyncClient, union: Union
) -> None:
    sibling = await make_session(union.activity)
    stranger = await make_session(await make_activity(union.organization, title="别的活动"))
    _code, link = await session_gate(wang, union.session)
    await opened(phone, link)

    index = await phone.get("/gate")

    assert f"/gate/{union.session.code}" in index.text
    assert f"/gate/{sibling.code}" not in index.text
    assert f"/gate/{stranger.code}" not in index.text


async def test_activity_gate_is_good_for_all_its_sessions_and_no_other(
    wang: httpx.AsyncClient, phone: httpx.AsyncClient, union: Union
) -> None:
    _code, link = await new_gate(wang, f"/manage/activities/{union.activity.code}/gates")
    await opened(phone, link)
    added = await make_session(union.activity)
    stranger = await make_session(await make_activity(union.organization))

    shown = [
        (await phone.get(f"/gate/{session.code}")).status_code for session in (union.session, added, stranger)
    ]

    assert shown == [200, 200, 404]


async def test_device_of_another_session_gets_nothing_of_this_one(
    app: Edge, wang: httpx.AsyncClient, phone: httpx.AsyncClient, union: Union
) -> None:
    other = await make_session(union.activity)
    seat = await register(other)
    _code, link = await session_gate(wang, union.session)
    await opened(phone, link)

    answers = await every_gate_route(app, phone, other.code, codes.ticket_number(seat.ticket))

    assert {name: status for name, status in answers.items() if status != 404} == {}
    assert await database.value("SELECT count(*) FROM scan") == 0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("revoked_at = now()", "作废"),
        ("opens_at = now() - interval '1 day', closes_at = now() - interval '1 minute'", "到期"),
        ("opens_at = now() + interval '1 hour'", "起可以使用"),
    ],
    ids=["revoked", "expired", "early"],
)
async def test_device_whose_gate_is_closed_gets_nothing_but_why(
    app: Edge, wang: httpx.AsyncClient, phone: httpx.AsyncClient, union: Union, change: str, reason: str
) -> None:
    seat = await register(union.session)
    _code, link = await session_gate(wang, union.session)
    await opened(phone, link)
    await database.fetch(f"UPDATE gate SET {change}")

    answers = await every_gate_route(app, phone, union.session.code, codes.ticket_number(seat.ticket))
    page, index = await phone.get(f"/gate/{union.session.code}"), await phone.get("/gate")

    assert {name: status for name, status in answers.items() if status not in (403, 404)} == {}
    assert page.status_code == 403
    assert reason in words(page)
    assert index.status_code == 200
    assert reason in words(index)
    assert "/gate/" not in index.text.partition("<main")[2]
    assert await database.value("SELECT count(*) FROM seat WHERE attended_at IS NOT NULL") == 0


async def test_device_sees_no_whole_phone_number(
    app: Edge, wang: httpx.AsyncClient, phone: httpx.AsyncClient, union: Union
) -> None:
    seat = await register(union.session, phone="19912345678")
    _code, link = await session_gate(wang, union.session)
    await opened(phone, link)

    paths = [route.path for route in app.inner.routes if "GET" in route.methods]
    places = {re.sub(r"\{\w+:str\}", union.session.code, path, count=1) for path in paths if is_door(path)}
    answers = {address: await phone.get(re.sub(r"\{\w+:\w+\}", "1", address)) for address in places}
    scanned = await phone.post(
        f"/gate/{union.session.code}/scans", data={"ticket": codes.ticket_number(seat.ticket)}
    )

    assert "赵敏" in scanned.text
    assert [place for place, answer in answers.items() if "12345678" in answer.text] == []
    assert "12345678" not in scanned.text


def is_door(path: str) -> bool:
    return re.match(r"/(gate|screen)/\{\w+:str\}", path) is not None


async def every_gate_route(app: Edge, phone: httpx.AsyncClient, code: str, number: str) -> dict[str, int]:
    """What every address below /gate/{code} and /screen/{code} answers; those that bring scans excepted."""
    answers = {}
    for route in app.inner.routes:
        path = route.path
        if not is_door(path) or path.endswith("/sync"):
            continue
        address = re.sub(r"\{\w+:\w+\}", "1", re.sub(r"\{\w+:str\}", code, path, count=1))
        for method in sorted(route.methods & {"GET", "POST"}):
            data = {"ticket": number, "nonce": "n"} if method == "POST" else None
            answer = await phone.request(method, address, data=data)
            answers[f"{method} {path}"] = answer.status_code
    assert "POST /gate/{code:str}/scans" in answers
    return answers


async def test_device_may_not_manage(wang: httpx.AsyncClient, phone: httpx.AsyncClient, union: Union) -> None:
    code, link = await session_gate(wang, union.session)
    await opened(phone, link)

    addresses = ["", "/check-in", "/gates", "/line", "/attendees.xlsx"]
    answers = [await phone.get(f"/manage/sessions/{union.session.code}{address}") for address in addresses]
    answers.append(await phone.get(f"/manage/gates/{code}"))

    assert {answer.headers["location"].partition("?")[0] for answer in answers} == {"/login"}


async def test_gate_staff_may_not_make_gates(client: httpx.AsyncClient, union: Union) -> None:
    await let_in(client, union.li)
    here = f"/manage/sessions/{union.session.code}"

    answers = [
        await client.get(f"{here}/gates"),
        await client.post(f"{here}/gates", data=hours_form()),
        await client.post(f"/manage/activities/{union.activity.code}/gates", data=hours_form()),
        await client.get(f"{here}/check-in"),
    ]

    assert [answer.status_code for answer in answers] == [403] * 4
    assert await database.value("SELECT count(*) FROM gate") == 0


async def test_gates_and_rooms_of_another_union_are_not_found(
    app: Edge, wang: httpx.AsyncClient, union: Union
) -> None:
    code, link = await session_gate(wang, union.session)
    other = await make_union("曲靖市总工会", "qian", "sun")
    sessions, activities = (
        f"/manage/sessions/{union.session.code}",
        f"/manage/activities/{union.activity.code}",
    )
    async with new_client(app) as qian:
        await let_in(qian, other.wang)
        shown = [
            await qian.get(address)
            for address in (
                f"{sessions}/check-in",
                f"{sessions}/gates",
                f"{activities}/gates",
                f"/manage/gates/{code}",
            )
        ]
        posted = [
            await qian.post(address, data=hours_form("偷门"))
            for address in (
                f"{sessions}/gates",
                f"{activities}/gates",
                *(f"/manage/gates/{code}{deed}" for deed in ("", "/renewal", "/revocation")),
            )
        ]

    assert [answer.status_code for answer in [*shown, *posted]] == [404] * 9
    rows = await database.fetch("SELECT label, link, revoked_at FROM gate")
    assert [tuple(row) for row in rows] == [("东门", link.rpartition("/")[2], None)]


# How it ends


async def test_revoked_gate_lets_nobody_in_from_that_moment(
    wang: httpx.AsyncClient, phone: httpx.AsyncClient, union: Union
) -> None:
    seat = await register(union.session)
    code, link = await session_gate(wang, union.session)
    await opened(phone, link)

    page = await wang.get(f"/manage/gates/{code}")
    await wang.post(f"/manage/gates/{code}/revocation")
    answer = await phone.post(
        f"/gate/{union.session.code}/scans", data={"ticket": codes.ticket_number(seat.ticket)}
    )

    assert "名单从设备上删除" in words(page)
    assert answer.status_code == 403
    assert "这个签到点已被组织者作废" in words(answer)
    assert "已作废" in words(await wang.get(f"/manage/gates/{code}"))


async def test_renewing_gives_another_link_and_ends_the_first_device(
    app: Edge, wang: httpx.AsyncClient, phone: httpx.AsyncClient, union: Union
) -> None:
    code, link = await session_gate(wang, union.session)
    await opened(phone, link)

    answer = await wang.post(f"/manage/gates/{code}/renewal")
    new = answer.headers["location"].rpartition("/")[2]
    fresh = await database.value("SELECT link FROM gate WHERE code = $1", new)
    async with new_client(app) as second:
        await opened(second, f"/gates/{fresh}")
        theirs = await second.get(f"/gate/{union.session.code}")

    assert theirs.status_code == 200
    assert (await phone.get(f"/gate/{union.session.code}")).status_code == 403
    assert await database.value("SELECT label FROM gate WHERE code = $1", new) == "东门"


async def test_unopened_link_that_was_renewed_opens_nothing(
    wang: httpx.AsyncClient, phone: httpx.AsyncClient, union: Union
) -> None:
    code, link = await session_gate(wang, union.session)
    await wang.post(f"/manage/gates/{code}/renewal")

    assert (await phone.post(link)).status_code == 404


async def test_expired_gate_goes_on_on_the_same_device_when_it_gets_more_time(
    wang: httpx.AsyncClient, phone: httpx.AsyncClient, union: Union
) -> None:
    code, link = await session_gate(wang, union.session)
    await opened(phone, link)
    await database.fetch("UPDATE gate SET closes_at = now() - interval '1 minute'")
    assert (await phone.get(f"/gate/{union.session.code}")).status_code == 403

    await wang.post(f"/manage/gates/{code}", data=hours_form(closes=6))

    assert (await phone.get(f"/gate/{union.session.code}")).status_code == 200


async def test_revoked_gate_cannot_be_brought_back(wang: httpx.AsyncClient, union: Union) -> None:
    code, _link = await session_gate(wang, union.session)
    await wang.post(f"/manage/gates/{code}/revocation")

    changed = await wang.post(f"/manage/gates/{code}", data=hours_form("新门"))
    renewed = await wang.post(f"/manage/gates/{code}/renewal")

    assert (changed.status_code, renewed.status_code) == (409, 409)
    assert await database.value("SELECT label FROM gate") == "东门"


async def test_expired_link_says_so(wang: httpx.AsyncClient, phone: httpx.AsyncClient, union: Union) -> None:
    _code, link = await session_gate(wang, union.session)
    await database.fetch("UPDATE gate SET opens_at = now() - interval '1 day', closes_at = now()")

    shown, posted = await phone.get(link), await phone.post(link)

    assert (shown.status_code, posted.status_code) == (404, 404)
    assert "到期" in words(shown)
    assert await database.value("SELECT opened_at FROM gate") is None


async def test_links_cannot_be_guessed_at_length(phone: httpx.AsyncClient, db: object) -> None:
    answers = [(await phone.get(f"/gates/{codes.new_secret()}")).status_code for _try in range(61)]

    assert answers == [404] * 60 + [429]


# The list


async def test_list_tells_who_is_there(
    wang: httpx.AsyncClient, phone: httpx.AsyncClient, union: Union
) -> None:
    _code, link = await session_gate(wang, union.session, label="东门")
    await session_gate(wang, union.session, label="西门")
    await opened(phone, link)
    seat = await register(union.session)
    await phone.post(f"/gate/{union.session.code}/scans", data={"ticket": codes.ticket_number(seat.ticket)})

    table = words(await wang.get(f"/manage/sessions/{union.session.code}/gates"))

    assert re.search(r"西门 待打开 .* — 0 东门 在线 .* 1 ", table), table


async def test_device_that_was_not_heard_of_is_quiet(
    wang: httpx.AsyncClient, phone: httpx.AsyncClient, union: Union
) -> None:
    _code, link = await session_gate(wang, union.session)
    await opened(phone, link)
    await database.fetch("UPDATE gate SET seen_at = now() - interval '3 minutes'")
    before = words(await wang.get(f"/manage/sessions/{union.session.code}/gates"))

    await phone.get("/gate")

    assert "没有联系" in before
    assert "在线" in words(await wang.get(f"/manage/sessions/{union.session.code}/gates"))


async def test_being_there_is_written_down_once_a_minute(
    wang: httpx.AsyncClient, phone: httpx.AsyncClient, union: Union
) -> None:
    _code, link = await session_gate(wang, union.session)
    await opened(phone, link)
    await database.fetch("UPDATE gate SET seen_at = now() - interval '61 seconds'")

    async with counted_statements() as statements:
        for _look in range(3):
            await phone.get("/gate")

    assert sum("SET seen_at" in statement for statement in statements) == 1


@pytest.mark.parametrize("room", ["gates", "check-in"])
async def test_page_costs_the_same_for_one_gate_and_for_thirty(
    wang: httpx.AsyncClient, union: Union, room: str
) -> None:
    address = f"/manage/sessions/{union.session.code}/{room}"
    await wang.get(address)  # what the activity asks is remembered from now on
    costs = []
    for count in (1, 2, 27):
        for _gate in range(count):
            await make_gate(union.session)
        async with counted_statements() as statements:
            await wang.get(address)
        costs.append(len(statements))

    assert len(set(costs)) == 1, costs
