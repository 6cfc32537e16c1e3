"""An organiser's calendar."""

from datetime import datetime, timedelta

import httpx
import pytest
from tests.people import let_in, make_session
from tests.schedules.conftest import World

from events_app.lib import clock
from events_app.lib.clock import ZONE

CALENDAR = "/manage/calendar"
VIEWS = ["month", "week", "agenda", "venues", "guests", "sites"]


async def text_of(client: httpx.AsyncClient, address: str) -> str:
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    return answer.text.replace("&#x2f;", "/")


@pytest.mark.parametrize("view", VIEWS)
async def test_smoke(world: World, client: httpx.AsyncClient, view: str) -> None:
    await let_in(client, world.wang.wang)
    await make_session(world.wang.activity, site=world.school.id, starts_at=clock.now(), ends_at=clock.now()+timedelta(days=3))
    page = await text_of(client, f"{CALENDAR}?view={view}")
    assert "劳模工匠进校园" in page
