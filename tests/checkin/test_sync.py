"""A gate's list for when there is no network, and what it brings afterwards."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.gates import make_gate
from tests.people import Union, log_in, make_union, register

from events_app.checkin.rules.lists import masked_name, number_name, ticket_name
from events_app.lib import clock, codes, database
from events_app.registration.queries import SeatTaken

DEVICE = "secret-of-a-phone"


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


@pytest.fixture
async def gate(client: httpx.AsyncClient, union: Union) -> httpx.AsyncClient:
    await log_in(client, "li")
    return client


@pytest.fixture
async def zhao(union: Union) -> SeatTaken:
    return await register(union.session, "赵小敏", "19900001111", "昆明机床厂")


def scanned(seat: SeatTaken, nonce: str = "n1", **more: Any) -> dict[str, Any]:
    return {
        "ticket": codes.ticket_text(seat.ticket, seat.signature),
        "nonce": nonce,
        "direction": "in",
        "device_at": clock.now().isoformat(),
        "offline": True,
        "shown": "admitted",
    } | more


async def bring(gate: httpx.AsyncClient, union: Union, *scans: object) -> httpx.Response:
    body = {"sent_at": clock.now().isoformat(), "scans": scans}
    return await gate.post(f"/gate/{union.session.code}/sync", json=body)


async def listed(gate: httpx.AsyncClient, union: Union, **headers: str) -> httpx.Response:
    return await gate.get(f"/gate/{union.session.code}/list.json", headers=headers)


async def test_list_knows_tickets_without_naming_them_and_people_by_half(
    gate: httpx.AsyncClient, union: Union, zhao: SeatTaken
) -> None:
    answer = await listed(gate, union)

    assert answer.json()["seats"] == [
        {
            "h": ticket_name(zhao.ticket),
            "n": number_name(zhao.ticket),
            "name": "赵*敏",
            "unit": "昆明机床厂",
            "state": "confirmed",
            "inside": False,
            "at": None,
        }
    ]
    for secret in (zhao.ticket, zhao.ticket[:8], "赵小敏", "19900001111", "1111"):
        assert secret not in answer.text


async def test_list_that_has_not_changed_is_not_sent_again(
    gate: httpx.AsyncClient, union: Union, zhao: SeatTaken
) -> None:
    tag = (await listed(gate, union)).headers["etag"]
    assert (await listed(gate, union, **{"if-none-match": tag})).status_code == 304

    await bring(gate, union, scanned(zhao))

    changed = await listed(gate, union, **{"if-none-match": tag})
    assert (changed.status_code, changed.json()["seats"][0]["inside"]) == (200, True)


async def test_scan_without_network_counts_once_however_often_it_is_brought(
    gate: httpx.AsyncClient, union: Union, zhao: SeatTaken
) -> None:
    first = await bring(gate, union, scanned(zhao), scanned(zhao))
    again = await bring(gate, union, scanned(zhao))

    (one, two), (three,) = first.json()["answers"], again.json()["answers"]
    assert one == two == three
    assert (one["verdict"], one["kind"], one["word"], one["holder"]) == (
        "admitted",
        "admitted",
        "请进",
        "赵小敏",
    )
    assert again.json()["session"] == {
        "attended": 1,
        "expected": 1,
        "postponed": False,
        "called_off": False,
    }


async def test_typed_number_is_brought_as_it_was_typed(
    gate: httpx.AsyncClient, union: Union, zhao: SeatTaken
) -> None:
    answer = await bring(
        gate, union, scanned(zhao, ticket=codes.ticket_number(zhao.ticket).lower()), {"nonce": "x"}
    )

    admitted, wrong = answer.json()["answers"]
    assert (admitted["verdict"], wrong["nonce"], wrong["problem"]["status"]) == ("admitted", "x", 422)


async def test_scan_is_taken_back(gate: httpx.AsyncClient, union: Union, zhao: SeatTaken) -> None:
    await bring(gate, union, scanned(zhao, "n1"))

    answer = await bring(gate, union, scanned(zhao, "n2", direction="undo", undoes="n1", offline=False))

    assert (answer.json()["answers"][0]["word"], answer.json()["session"]["attended"]) == ("已撤销", 0)


@pytest.mark.parametrize("path", ["list.json", "sync"])
async def test_who_may_not_is_told_in_json(client: httpx.AsyncClient, union: Union, path: str) -> None:
    await make_union("浙江省总工会", "qian", "zhou")
    method = "GET" if path == "list.json" else "POST"
    address = f"/gate/{union.session.code}/{path}"

    nobody = await client.request(method, address, json={"scans": []})
    await log_in(client, "zhou")
    other = await client.request(method, address, json={"scans": []})

    assert (nobody.status_code, nobody.json()["reason"]) == (401, "unauthorized")
    assert (other.status_code, other.json()["reason"]) == (404, "unknown_session")


async def test_revoked_gate_gets_no_list_and_what_it_let_in_still_arrives(
    client: httpx.AsyncClient, union: Union, zhao: SeatTaken
) -> None:
    await make_gate(union.session, device=DEVICE, revoked_at=clock.now() + timedelta(seconds=1))
    client.cookies.set("events_gate", DEVICE)

    gone = await listed(client, union)
    brought = await bring(client, union, scanned(zhao))

    assert (gone.status_code, gone.json()["reason"]) == (403, "gate_revoked")
    answer = brought.json()["answers"][0]
    assert (answer["verdict"], answer["holder"]) == ("revoked", "赵*敏")
    assert (answer["word"], answer["sentence"]) == (
        "签到点失效",
        "签到点已作废，或当时不在使用时间内：这次扫码没有计入。请联系活动负责人。",
    )
    assert await database.value("SELECT let_in FROM scan WHERE nonce = 'n1'") is True
    assert brought.json()["session"]["attended"] == 0


@pytest.mark.parametrize(
    ("name", "masked"), [("赵敏", "赵*"), ("赵小敏", "赵*敏"), ("敏", "敏"), ("欧阳修文", "欧**文")]
)
def test_name_is_shown_by_half(name: str, masked: str) -> None:
    assert masked_name(name) == masked
