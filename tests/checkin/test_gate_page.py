"""The gate's page as a browser without scripts sees it, and what it answers to scripts."""

import re
from urllib.parse import quote

import httpx
import pytest
from tests.people import (
    SIGNER,
    Union,
    log_in,
    make_account,
    make_organization,
    make_session,
    make_union,
    register,
)

from events_app.accounts.actions import join
from events_app.accounts.tables import Role
from events_app.lib import codes, database
from events_app.registration.queries import SeatTaken

PARTIAL = {"hx-request-type": "partial"}


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


@pytest.fixture
async def gate(client: httpx.AsyncClient, union: Union) -> httpx.AsyncClient:
    """Li's browser."""
    await log_in(client, "li")
    return client


def text_of(seat: SeatTaken) -> str:
    return f"https://events.example/t/{codes.ticket_text(seat.ticket, seat.signature)}"


async def scan(gate: httpx.AsyncClient, union: Union, ticket: str, /, **fields: str) -> httpx.Response:
    return await gate.post(f"/gate/{union.session.code}/scans", data={"ticket": ticket, **fields})


def result_of(answer: httpx.Response) -> str:
    """The words of the answer panel, one space between them."""
    found = re.search(r'<div class="scan-result.*?</div>', answer.text, re.DOTALL)
    assert found, answer.text
    return " ".join(re.sub(r"<[^>]*>", " ", found[0]).split())


def kind_of(answer: httpx.Response) -> str:
    return str(re.findall(r'data-kind="(\w*)"', answer.text)[0])


def count_of(answer: httpx.Response) -> str:
    found = re.search(r'id="door-count">(.*?)</p>', answer.text, re.DOTALL)
    assert found
    return "".join(re.sub(r"<[^>]*>", "", found[1]).split())


async def nonces() -> list[str]:
    return [row["nonce"] for row in await database.fetch("SELECT nonce FROM scan ORDER BY id")]


async def test_page_waits_and_says_how_many_are_in(gate: httpx.AsyncClient, union: Union) -> None:
    await register(union.session)

    page = await gate.get(f"/gate/{union.session.code}")

    assert page.status_code == 200
    assert (kind_of(page), count_of(page)) == ("", "已入场0/1")
    assert "等待扫码" in result_of(page)


async def test_page_may_compile_wasm_and_no_other_page_may(gate: httpx.AsyncClient, union: Union) -> None:
    page = await gate.get(f"/gate/{union.session.code}")
    others = await gate.get("/gate")

    assert "'wasm-unsafe-eval'" in page.headers["content-security-policy"]
    assert "unsafe" not in others.headers["content-security-policy"]


async def test_scanned_ticket_is_admitted_with_name_unit_and_count(
    gate: httpx.AsyncClient, union: Union
) -> None:
    seat = await register(union.session, "𬱖㛃·赵", unit="昆明机床厂")

    answer = await scan(gate, union, text_of(seat))

    assert (answer.status_code, kind_of(answer), count_of(answer)) == (200, "admitted", "已入场1/1")
    assert result_of(answer) == "请进 𬱖㛃·赵 昆明机床厂 签到成功。"


@pytest.mark.parametrize("spelled", ["{number}", "{lower}", " {bare} "])
async def test_typed_number_is_admitted(gate: httpx.AsyncClient, union: Union, spelled: str) -> None:
    number = codes.ticket_number((await register(union.session)).ticket)
    typed = spelled.format(number=number, lower=number.lower(), bare=number.replace("-", ""))

    assert kind_of(await scan(gate, union, typed)) == "admitted"


async def test_repeated_scan_says_when_the_first_one_was(gate: httpx.AsyncClient, union: Union) -> None:
    seat = await register(union.session)
    await scan(gate, union, text_of(seat))
    first = await database.value("SELECT to_char(at AT TIME ZONE 'Asia/Shanghai', 'HH24:MI:SS') FROM scan")

    again = await scan(gate, union, text_of(seat))

    assert (kind_of(again), count_of(again)) == ("warning", "已入场1/1")
    assert f"首次签到 {first}" in result_of(again)


@pytest.mark.parametrize("ticket", ["https://events.example/t/nothing", "7KQ2-M9XD", "weixin://pay", "赵敏"])
async def test_what_is_no_ticket_is_refused(gate: httpx.AsyncClient, union: Union, ticket: str) -> None:
    answer = await scan(gate, union, ticket)

    assert (answer.status_code, kind_of(answer)) == (200, "refused")


async def test_edited_ticket_is_refused_and_names_nobody(gate: httpx.AsyncClient, union: Union) -> None:
    mine, other = await register(union.session), await register(union.session, "钱英", "19900005678")

    answer = await scan(gate, union, codes.ticket_text(other.ticket, mine.signature))

    assert kind_of(answer) == "refused"
    assert "钱英" not in answer.text


async def test_ticket_of_another_installation_is_refused(gate: httpx.AsyncClient, union: Union) -> None:
    code = codes.new_ticket_code()

    assert kind_of(await scan(gate, union, codes.ticket_text(code, SIGNER.sign(code)))) == "refused"


@pytest.mark.parametrize("ticket", ["", "x" * 10_000, "a\x00b", "abc\u202edef"])
async def test_unreadable_input_is_422_and_comes_back(
    gate: httpx.AsyncClient, union: Union, ticket: str
) -> None:
    answer = await scan(gate, union, ticket, place="东门", direction="out")

    assert (answer.status_code, kind_of(answer)) == (422, "refused")
    assert 'name="place" value="东门"' in answer.text
    assert 'value="out" checked' in answer.text
    assert "field-ticket-wrong" in answer.text
    assert await nonces() == []


async def test_too_long_ticket_is_shown_again_as_typed(gate: httpx.AsyncClient, union: Union) -> None:
    answer = await scan(gate, union, "票" * 600)

    assert f'value="{"票" * 600}"' in answer.text


async def test_too_long_gate_name_and_unknown_direction_are_422(
    gate: httpx.AsyncClient, union: Union
) -> None:
    ticket = text_of(await register(union.session))

    long = await scan(gate, union, ticket, place="门" * 41)
    sideways = await scan(gate, union, ticket, direction="up")

    assert (long.status_code, sideways.status_code) == (422, 422)
    assert "field-place-wrong" in long.text
    assert await nonces() == []


async def test_direction_and_gate_name_stay_for_the_next_guest(gate: httpx.AsyncClient, union: Union) -> None:
    ticket = text_of(await register(union.session))
    await scan(gate, union, ticket)

    answer = await scan(gate, union, ticket, direction="out", place="东门")

    assert result_of(answer).startswith("已离场")
    assert 'name="place" value="东门"' in answer.text
    assert 'value="out" checked' in answer.text
    assert await database.value("SELECT place FROM scan ORDER BY id DESC LIMIT 1") == "东门"


async def test_form_sent_twice_is_one_scan(gate: httpx.AsyncClient, union: Union) -> None:
    ticket = text_of(await register(union.session))
    nonce = nonce_of(await gate.get(f"/gate/{union.session.code}"))

    answers = [await scan(gate, union, ticket, nonce=nonce) for _click in range(2)]

    assert [kind_of(answer) for answer in answers] == ["admitted", "admitted"]
    assert len(await nonces()) == 1


async def test_form_filled_again_after_back_is_a_new_scan(gate: httpx.AsyncClient, union: Union) -> None:
    zhao, sun = await register(union.session), await register(union.session, "孙丽", "19900005678")
    nonce = nonce_of(await gate.get(f"/gate/{union.session.code}"))
    await scan(gate, union, text_of(zhao), nonce=nonce)

    answer = await scan(gate, union, text_of(sun), nonce=nonce)

    assert "孙丽" in result_of(answer)
    assert count_of(answer) == "已入场2/2"


def nonce_of(page: httpx.Response) -> str:
    return str(re.findall(r'name="nonce" value="([^"]+)"', page.text)[0])


async def test_script_gets_the_answer_alone_and_keeps_its_nonce(
    gate: httpx.AsyncClient, union: Union
) -> None:
    data = {"ticket": text_of(await register(union.session)), "nonce": "d3b0-73"}

    answers = [
        await gate.post(f"/gate/{union.session.code}/scans", data=data, headers=PARTIAL) for _try in range(2)
    ]

    assert answers[0].text == answers[1].text
    assert "<html" not in answers[0].text
    assert answers[0].text.count("data-newest") == 1
    assert "HX-Request-Type" in answers[0].headers["vary"]
    assert await nonces() == ["d3b0-73"]


async def test_nonce_of_another_ticket_is_an_error_that_names_nobody(
    gate: httpx.AsyncClient, union: Union
) -> None:
    zhao, sun = await register(union.session), await register(union.session, "孙丽", "19900005678")
    await scan(gate, union, text_of(zhao), nonce="d3b0-73")

    answer = await scan(gate, union, text_of(sun), nonce="d3b0-73", place="东门")

    assert (answer.status_code, kind_of(answer)) == (422, "refused")
    assert "这个编号已经用于另一次扫码。" in result_of(answer)
    assert 'name="place" value="东门"' in answer.text
    assert "赵敏" not in result_of(answer)
    assert len(await nonces()) == 1


async def test_recent_scans_are_ten_newest_first(gate: httpx.AsyncClient, union: Union) -> None:
    for number in range(11):
        seat = await register(union.session, f"第{number}人", f"199000{number:05}")
        await scan(gate, union, text_of(seat))

    page = await gate.get(f"/gate/{union.session.code}")

    rows = re.findall(r"<li><time>\d.*?<strong>(.*?)</strong>", page.text)
    assert rows == [f"第{number}人" for number in range(10, 0, -1)]


async def test_page_that_stays_on_the_device_names_nobody(gate: httpx.AsyncClient, union: Union) -> None:
    await scan(gate, union, text_of(await register(union.session, "赵敏", "19900001111")))
    address = f"/gate/{union.session.code}"
    assert "赵敏" in (await gate.get(address)).text

    page = await gate.get(address, headers={"gate-shell": "1"})

    assert "赵敏" not in page.text
    assert "data-scan-form" in page.text


async def test_gates_list_their_own_sessions_only(gate: httpx.AsyncClient, union: Union) -> None:
    foreign = await make_union("浙江省总工会", "qian", "zhou")

    page = await gate.get("/gate")

    assert f'href="/gate/{union.session.code}"' in page.text
    assert foreign.session.code not in page.text


async def test_gate_of_another_union_is_not_found(gate: httpx.AsyncClient, union: Union) -> None:
    foreign = (await make_union("浙江省总工会", "qian", "zhou")).session.code

    shown = await gate.get(f"/gate/{foreign}")
    scanned = await gate.post(f"/gate/{foreign}/scans", data={"ticket": "7KQ2-M9XD"})

    assert (shown.status_code, scanned.status_code) == (404, 404)


@pytest.mark.parametrize("code", ["nowhere", "9" * 21, quote("场次")])
async def test_unknown_session_is_not_found(gate: httpx.AsyncClient, code: str) -> None:
    assert (await gate.get(f"/gate/{code}")).status_code == 404


async def test_nul_in_the_address_is_a_bad_request(gate: httpx.AsyncClient) -> None:
    assert (await gate.get("/gate/%00")).status_code == 400


async def test_viewer_may_not_stand_at_the_gate(client: httpx.AsyncClient, union: Union) -> None:
    await make_account("zheng", Role.VIEWER, union.organization)
    await log_in(client, "zheng")

    answers = [
        await client.get("/gate"),
        await client.get(f"/gate/{union.session.code}"),
        await client.post(f"/gate/{union.session.code}/scans", data={"ticket": "7KQ2-M9XD"}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]


async def test_viewer_here_and_gate_staff_elsewhere_sees_the_other_gate_only(
    client: httpx.AsyncClient, union: Union
) -> None:
    other = await make_organization("浙江省总工会")
    zheng = await make_account("zheng", Role.GATE, other)
    await join(zheng.account, union.organization.id, Role.VIEWER)
    await log_in(client, "zheng")

    assert (await client.get(f"/gate/{union.session.code}")).status_code == 404


async def test_stranger_logs_in_first_and_comes_back(client: httpx.AsyncClient, union: Union) -> None:
    shown = await client.get(f"/gate/{union.session.code}")
    scanned = await client.post(f"/gate/{union.session.code}/scans", data={"ticket": "7KQ2-M9XD"})

    assert (shown.status_code, shown.headers["location"]) == (
        303,
        f"/login?next=/gate/{union.session.code}",
    )
    assert (scanned.status_code, scanned.headers["location"]) == (303, "/login?next=/manage")


async def test_other_sites_may_not_scan(gate: httpx.AsyncClient, union: Union) -> None:
    answer = await gate.post(
        f"/gate/{union.session.code}/scans",
        data={"ticket": text_of(await register(union.session))},
        headers={"sec-fetch-site": "cross-site"},
    )

    assert answer.status_code == 403
    assert await nonces() == []


async def test_closed_door_and_wrong_session_are_amber(gate: httpx.AsyncClient, union: Union) -> None:
    elsewhere = await register(await make_session(union.activity), "孙丽", "19900005678")

    answer = await scan(gate, union, text_of(elsewhere))

    assert (kind_of(answer), result_of(answer)[:4]) == ("warning", "不是本场")
