"""Sessions for scripts."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from piccolo.columns import Column
from tests.conftest import new_client
from tests.people import make_activity, make_session
from tests.schedules.conftest import Counting, World

from events_app.accounts.actions import create_token
from events_app.lib import clock
from events_app.lib.clock import local
from events_app.programmes.tables import Activity, Kind, Session
from events_app.web.edge import Edge

LIST = "/api/v1/sessions"


@pytest.fixture
async def wang(app: Edge, world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A script with Wang's token."""
    async with new_client(app) as script:
        script.headers["authorization"] = f"Bearer {await create_token('wang', 'a script')}"
        yield script


@pytest.fixture
async def qian(app: Edge, world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with new_client(app) as script:
        script.headers["authorization"] = f"Bearer {await create_token('qian', 'a script')}"
        yield script


async def json_of(script: httpx.AsyncClient, address: str = LIST) -> Any:
    answer = await script.get(address)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def codes_of(script: httpx.AsyncClient) -> list[str]:
    return [item["code"] for item in (await json_of(script))["items"]]


def written(moment: datetime) -> str:
    return local(moment).isoformat()


async def test_a_session_is_told_whole(world: World, wang: httpx.AsyncClient) -> None:
    s = await make_session(world.wang.activity, site=world.school.id, taken=20, title="上午场")

    told = await json_of(wang, f"{LIST}/{s.code}")

    assert told == {
        "code": s.code,
        "activity": {"code": world.wang.activity.code, "title": "劳模工匠进校园", "kind": "visit"},
        "title": "上午场",
        "starts_at": written(s.starts_at),
        "ends_at": written(s.ends_at),
        "venue": "大礼堂",
        "address": "昆明市安宁市宁波路1号",
        "site": {"code": "ynmec", "name": "云南机电职业技术学院"},
        "capacity": 50,
        "taken": 20,
        "places_left": 30,
        "waiting": 0,
        "waiting_list": True,
        "phase": "open",
        "opens_at": written(s.opens_at),
        "closes_at": written(s.closes_at),
        "check_in_opens_at": written(s.check_in_opens_at),
        "check_in_closes_at": written(s.check_in_closes_at),
        "called_off_at": None,
    }
    assert told["starts_at"].endswith("+08:00")


async def test_a_called_off_session_says_when(world: World, wang: httpx.AsyncClient) -> None:
    at = clock.now()
    await Session.update({Session.called_off_at: at}).where(Session.id == world.wang.session.id)

    told = await json_of(wang, f"{LIST}/{world.wang.session.code}")

    assert (told["phase"], told["called_off_at"], told["site"]) == ("called_off", written(at), None)


async def test_the_list_is_read_to_its_end_without_a_gap(world: World, wang: httpx.AsyncClient) -> None:
    for _ in range(3):
        await make_session(world.wang.activity)
    everything = await codes_of(wang)
    assert len(everything) == 5

    after, pages = "", []
    while True:
        answer = await json_of(wang, f"{LIST}?limit=2&after={after}")
        pages.append([item["code"] for item in answer["items"]])
        if answer["next"] is None:
            break
        after = answer["next"]

    assert [len(codes) for codes in pages] == [2, 2, 1]
    assert [code for codes in pages for code in codes] == everything


async def test_a_session_that_is_moved_is_told_once(world: World, wang: httpx.AsyncClient) -> None:
    first = await json_of(wang, f"{LIST}?limit=1")
    later: dict[Column | str, Any] = {
        Session.starts_at: clock.now() + timedelta(days=9),
        Session.ends_at: clock.now() + timedelta(days=10),
    }
    await Session.update(later).where(Session.code == first["items"][0]["code"])

    rest = await json_of(wang, f"{LIST}?after={first['next']}")

    assert [item["code"] for item in rest["items"]] == [world.qian.session.code]


@pytest.mark.parametrize(
    "query", ["after=&limit=", "after=x&limit=x", f"limit={'9' * 21}", "limit=-1", "limit=0"]
)
async def test_wrong_paging_is_not_a_crash(world: World, wang: httpx.AsyncClient, query: str) -> None:
    answer = await json_of(wang, f"{LIST}?{query}")

    assert answer["items"][0]["code"] == world.wang.session.code


async def test_an_after_beyond_every_number_is_the_beginning(world: World, wang: httpx.AsyncClient) -> None:
    assert len((await json_of(wang, f"{LIST}?after={'9' * 21}"))["items"]) == 2
    assert (await json_of(wang, f"{LIST}?after={'9' * 9}"))["items"] == []


async def test_drafts_are_not_told_to_anybody(world: World, wang: httpx.AsyncClient) -> None:
    draft = await make_session(await make_activity(world.qian.organization, published_at=None))

    assert draft.code not in await codes_of(wang)
    assert (await wang.get(f"{LIST}/{draft.code}")).status_code == 404


async def test_confidential_sessions_are_told_to_their_own_members(
    world: World, wang: httpx.AsyncClient, qian: httpx.AsyncClient
) -> None:
    code = world.wang.session.code
    assert code in await codes_of(qian)

    await Activity.update({Activity.kind: Kind.LEGAL_AID}).where(Activity.id == world.wang.activity.id)

    assert code in await codes_of(wang)
    assert (await json_of(wang, f"{LIST}/{code}"))["activity"]["kind"] == "legal_aid"
    assert code not in await codes_of(qian)
    assert (await qian.get(f"{LIST}/{code}")).json()["reason"] == "unknown_session"


async def test_a_token_is_needed(world: World, client: httpx.AsyncClient) -> None:
    for address in (LIST, f"{LIST}/{world.wang.session.code}"):
        answer = await client.get(address)
        assert (answer.status_code, answer.json()["reason"]) == (401, "unauthorized")


@pytest.mark.parametrize("code", ["nothing", "%00", "9" * 21, "%ff", "a%20b"])
async def test_an_unknown_session_is_not_found(wang: httpx.AsyncClient, code: str) -> None:
    answer = await wang.get(f"{LIST}/{code}")

    assert (answer.status_code, answer.json()["reason"]) == (404, "unknown_session")


async def test_the_description_names_every_field(client: httpx.AsyncClient) -> None:
    schema = (await client.get("/schema/openapi.json")).json()

    answer = schema["paths"]["/api/v1/sessions"]["get"]["responses"]["200"]
    assert answer["content"]["application/json"]["schema"]["$ref"].endswith("SessionList")
    assert "/api/v1/sessions/{code}" in schema["paths"]
    item = next(s for name, s in schema["components"]["schemas"].items() if name.endswith("SessionItem"))
    assert {"activity", "places_left", "phase", "called_off_at"} <= set(item["properties"])
    assert not {"/", "/o/{organization}"} & set(schema["paths"])


@pytest.mark.parametrize("sessions", [1, 3, 30])
async def test_every_length_of_list_costs_the_same(
    world: World, wang: httpx.AsyncClient, counting: Counting, sessions: int
) -> None:
    for _ in range(sessions):
        await make_session(world.wang.activity)

    async with counting() as statements:
        assert len(await codes_of(wang)) == sessions + 2

    assert len(statements) == 2
