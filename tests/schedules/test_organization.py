"""What a school sees: what comes to it, what it hosts, and how to keep it in a calendar."""

import httpx
import pytest
from tests.people import make_activity, make_organization, make_session
from tests.schedules.conftest import Counting, World

from events_app.lib import clock
from events_app.programmes.tables import Activity, Host, HostRole, Kind

SCHOOL = "/o/ynmec"


async def text_of(client: httpx.AsyncClient, address: str = SCHOOL) -> str:
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    return answer.text.replace("&#x2f;", "/")


async def test_a_school_sees_what_comes_to_it_from_whomever(world: World, client: httpx.AsyncClient) -> None:
    from_wang = await make_session(world.wang.activity, site=world.school.id)
    from_qian = await make_session(world.qian.activity, site=world.school.id)

    page = await text_of(client)

    assert from_wang.code in page
    assert from_qian.code in page
    assert world.wang.session.code not in page


async def test_an_organization_sees_what_it_owns_and_what_it_helps_with(
    world: World, client: httpx.AsyncClient
) -> None:
    helper = await make_organization("云南省教育厅", "agency", code="yn-edu")
    await Host(activity=world.wang.activity.id, organization=helper.id, role=HostRole.CO_ORGANIZER).save()

    assert world.wang.session.code in await text_of(client, f"/o/{world.wang.organization.code}")
    assert world.wang.session.code in await text_of(client, "/o/yn-edu")
    assert world.qian.session.code not in await text_of(client, "/o/yn-edu")


async def test_another_unions_draft_is_not_seen(world: World, client: httpx.AsyncClient) -> None:
    activity = await make_activity(world.qian.organization, published_at=None)
    session = await make_session(activity, site=world.school.id)
    assert session.code not in await text_of(client)

    await Activity.update({Activity.published_at: clock.now()}).where(Activity.id == activity.id)

    assert session.code in await text_of(client)


async def test_a_confidential_session_is_not_seen(world: World, client: httpx.AsyncClient) -> None:
    session = await make_session(world.wang.activity, site=world.school.id)
    assert session.code in await text_of(client)

    await Activity.update({Activity.kind: Kind.LEGAL_AID}).where(Activity.id == world.wang.activity.id)

    assert session.code not in await text_of(client)
    assert session.code not in await text_of(client, f"/o/{world.wang.organization.code}?view=month")


async def test_the_feed_is_offered_to_programs_and_to_people(world: World, client: httpx.AsyncClient) -> None:
    page = await text_of(client)

    assert 'href="webcal://testserver/o/ynmec.ics"' in page
    assert 'href="http://testserver/o/ynmec.ics"' in page
    assert 'aria-label="订阅地址的二维码"' in page
    assert "<svg" in page


async def test_a_school_that_nobody_visits_is_told_so(world: World, client: httpx.AsyncClient) -> None:
    assert "近期没有活动" in await text_of(client)


@pytest.mark.parametrize("code", ["nobody", "nobody.ics", ".ics", "%00", "%ff", "a%20b", "9" * 500, "学院"])
async def test_an_unknown_organization_is_not_found(
    world: World, client: httpx.AsyncClient, code: str
) -> None:
    assert (await client.get(f"/o/{code}")).status_code == 404


@pytest.mark.parametrize("sessions", [1, 3, 30])
async def test_every_length_of_agenda_costs_the_same(
    world: World, client: httpx.AsyncClient, counting: Counting, sessions: int
) -> None:
    for _ in range(sessions):
        await make_session(world.wang.activity, site=world.school.id)

    async with counting() as statements:
        await text_of(client)

    assert len(statements) == 2
