"""A session's form under an activity's rules: companions, further sessions, named units, the door."""

import re
from datetime import timedelta
from html import unescape

import httpx
import pytest
from tests.conftest import new_client
from tests.people import (
    Union,
    counted_statements,
    make_activity,
    make_organization,
    make_session,
    make_union,
    register,
)

from events_app.lib import clock, database
from events_app.programmes.tables import Session
from events_app.registration.tables import EligibleUnit
from events_app.web.edge import Edge

ZHAO = {"name": "赵敏", "phone": "19900001234", "consent": "yes"}
WITH_TWO = {
    "companion-1-name": "赵一",
    "companion-3-name": "赵二",
    "companion-3-phone": "１９９００００５６７８",
}
AGREED = {"companions_agreed": "yes"}


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


async def group_of_four(union: Union, capacity: int = 9, **columns: object) -> Session:
    return await make_session(await make_activity(union.organization, group_most=4, **columns), capacity)


async def post(client: httpx.AsyncClient, to: Session, **changes: object) -> httpx.Response:
    return await client.post(f"/s/{to.code}/registrations", data={**ZHAO, **changes})


async def test_group_registers_with_one_form_and_sees_everybodys_ticket(
    union: Union, client: httpx.AsyncClient
) -> None:
    session = await group_of_four(union)

    answer = await post(client, session, **WITH_TWO, **AGREED)

    assert answer.status_code == 303
    page = await client.get(answer.headers["location"])
    assert re.findall(r"<h2>(.*?)</h2>", page.text) == ["赵敏", "赵一", "赵二"]
    tickets = re.findall(r'href="(/t/[^"/]+)"', page.text)
    assert len(set(tickets)) == 3
    for ticket, name in zip(tickets, ("赵敏", "赵一", "赵二"), strict=True):
        assert name in (await client.get(ticket)).text


async def test_group_that_waits_is_told_each_number(union: Union, client: httpx.AsyncClient) -> None:
    session = await group_of_four(union, capacity=3)
    await register(session, "钱二")

    answer = await post(client, session, **WITH_TWO, **AGREED)

    page = (await client.get(answer.headers["location"])).text
    assert [page.count(f"候补第{n}位") for n in (1, 2, 3, 4)] == [1, 1, 1, 0]


async def test_party_page_shows_nobody_whom_another_phone_registered(
    union: Union, client: httpx.AsyncClient, app: Edge
) -> None:
    """Although the form names them: a name and a number are not enough for a ticket."""
    session = await group_of_four(union)
    async with new_client(app) as other:
        await post(other, session, name="赵一", phone="19900001234")

    answer = await post(client, session, **WITH_TWO, **AGREED)

    page = (await client.get(answer.headers["location"])).text
    assert re.findall(r"<h2>(.*?)</h2>", page) == ["赵敏", "赵二"]


async def test_party_page_shows_another_phone_only_whose_ticket_it_is(
    union: Union, client: httpx.AsyncClient, app: Edge
) -> None:
    """A help desk's phone registers people who do not know one another."""
    session = await group_of_four(union)
    address = (await post(client, session, **WITH_TWO, **AGREED)).headers["location"]

    async with new_client(app) as other:
        page = (await other.get(address)).text

    assert re.findall(r"<h2>(.*?)</h2>", page) == ["赵敏"]


async def test_wrong_companion_is_told_with_everything_else_that_is_wrong(
    union: Union, client: httpx.AsyncClient
) -> None:
    session = await group_of_four(union, unit_quota=2)

    answer = await post(client, session, phone="1", **{"companion-2-phone": "12", "companion-1-name": "赵一"})

    text = unescape(answer.text)
    assert answer.status_code == 422
    named = re.findall(r'<li><a href="#field-([^"]+)">', text)
    assert named == ["phone", "companion-2-name", "companion-2-phone", "unit", "companions_agreed"]
    for name in named:
        assert f'id="field-{name}"' in text
    assert 'value="赵一"' in text
    assert '<details class="field" id="field-companions" open>' in text


async def test_same_person_twice_is_told_at_the_second_line(union: Union, client: httpx.AsyncClient) -> None:
    session = await group_of_four(union)

    answer = await post(client, session, **{"companion-1-name": "赵一", "companion-2-name": "赵一"}, **AGREED)

    assert answer.status_code == 422
    assert re.findall(r'<li><a href="#field-([^"]+)">', answer.text) == ["companion-2-name"]


async def test_activity_without_groups_takes_none(union: Union, client: httpx.AsyncClient) -> None:
    assert "companion-1-name" not in (await client.get(f"/s/{union.session.code}")).text

    answer = await post(client, union.session, **WITH_TWO, **AGREED)

    assert answer.status_code == 422
    assert await database.value("SELECT count(*) FROM person") == 0


async def test_further_sessions_are_ticked_on_the_same_form(union: Union, client: httpx.AsyncClient) -> None:
    second, third = [await make_session(union.activity, title=f"第{n}讲") for n in (2, 3)]
    closed = await make_session(union.activity, closes_at=clock.now() - timedelta(minutes=1))

    page = (await client.get(f"/s/{union.session.code}")).text
    answer = await post(client, union.session, further=[second.code, third.code])

    assert re.findall(r'name="further" value="([^"]+)"', page) == [second.code, third.code]
    assert closed.code not in page
    ticket = (await client.get(answer.headers["location"])).text
    assert "第2讲" in ticket
    assert "第3讲" in ticket


async def test_ticks_stay_on_a_form_that_comes_back(union: Union, client: httpx.AsyncClient) -> None:
    second, third = [await make_session(union.activity) for _ in range(2)]

    answer = await post(client, union.session, name="", further=second.code)

    assert f'value="{second.code}" checked' in answer.text
    assert f'value="{third.code}" checked' not in answer.text


async def test_course_says_which_sessions_belong_to_it(union: Union, client: httpx.AsyncClient) -> None:
    activity = await make_activity(union.organization, extent="course")
    first, _second = [await make_session(activity, title=f"第{n}讲") for n in (1, 2)]

    page = (await client.get(f"/s/{first.code}")).text

    assert "全部2场" in page
    assert "第2讲" in page
    assert 'name="further"' not in page


async def test_limit_is_a_sentence_on_the_page(union: Union, client: httpx.AsyncClient) -> None:
    activity = await make_activity(union.organization, extent="one")
    first, second = [await make_session(activity) for _ in range(2)]
    await post(client, first)

    answer = await post(client, second)

    assert answer.status_code == 409
    assert "这个活动每人最多参加1场，赵敏已经报了1场。" in answer.text
    assert 'value="赵敏"' in answer.text


async def test_unit_is_chosen_where_only_some_may_come(union: Union, client: httpx.AsyncClient) -> None:
    activity = await make_activity(union.organization, eligible_only=True)
    session = await make_session(activity)
    organization = await make_organization("昆明机床厂", "company")
    await EligibleUnit(activity=activity.id, organization=organization.id).save()

    page = (await client.get(f"/s/{session.code}")).text
    wrong = await post(client, session, unit="云内动力")
    right = await post(client, session, unit="昆明机床厂")

    assert '<option value="昆明机床厂">' in page
    assert (wrong.status_code, "这项活动只面向指定单位" in wrong.text) == (422, True)
    assert right.status_code == 303


async def test_line_is_announced_though_a_place_is_kept_for_a_group(
    union: Union, client: httpx.AsyncClient
) -> None:
    session = await group_of_four(union, capacity=3)
    await register(session, "钱二")
    await post(client, session, **WITH_TWO, **AGREED)

    page = (await client.get(f"/s/{session.code}")).text

    assert "前面还有人候补，现在报名会排在候补名单第4位。" in page


async def late(union: Union, capacity: int, **columns: object) -> Session:
    activity = await make_activity(union.organization, **columns)
    return await make_session(activity, capacity, closes_at=clock.now() - timedelta(minutes=1))


async def test_walk_in_registers_at_the_door_while_a_place_is_free(
    union: Union, client: httpx.AsyncClient
) -> None:
    session = await late(union, 1, walk_ins=True)

    page = (await client.get(f"/s/{session.code}")).text
    answers = [await post(client, session, name=name) for name in ("赵一", "赵二")]

    assert "现场还有名额" in page
    assert [answer.status_code for answer in answers] == [303, 409]
    assert "现场还有名额" not in (await client.get(f"/s/{session.code}")).text
    assert await database.value("SELECT walk_in FROM seat WHERE session = $1", session.id) is True


async def test_who_registers_in_time_is_no_walk_in(union: Union, client: httpx.AsyncClient) -> None:
    activity = await make_activity(union.organization, walk_ins=True)
    session = await make_session(activity, 2)

    await post(client, session, name="赵一")

    assert await database.value("SELECT walk_in FROM seat WHERE session = $1", session.id) is False


async def test_nobody_walks_in_where_it_is_not_allowed_or_too_early(
    union: Union, client: httpx.AsyncClient
) -> None:
    not_allowed = await late(union, 9)
    early = await late(union, 9, walk_ins=True)
    await database.fetch(
        "UPDATE session SET check_in_opens_at = now() + interval '1 minute' WHERE id = $1", early.id
    )

    assert [(await post(client, one)).status_code for one in (not_allowed, early)] == [409, 409]


@pytest.mark.parametrize("sessions", [1, 3, 30])
async def test_page_costs_the_same_with_many_sessions(
    union: Union, client: httpx.AsyncClient, sessions: int
) -> None:
    for _ in range(sessions):
        await make_session(union.activity)
    await register(union.session)
    await client.get(f"/s/{union.session.code}")

    async with counted_statements() as statements:
        await client.get(f"/s/{union.session.code}")

    assert len(statements) == 1


async def test_summary_says_whose_birth_year_is_missing(union: Union, client: httpx.AsyncClient) -> None:
    session = await group_of_four(union, asks_birth_year=True)

    answer = await post(client, session, birth_year="1990", **WITH_TWO, **AGREED)

    assert answer.status_code == 422
    assert '<a href="#field-companion-1-birth_year">“第1位同行的人”：' in unescape(answer.text)
