"""What everybody sees on the first page."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.people import make_activity, make_organization, make_session
from tests.schedules.conftest import Counting, World

from events_app.lib import clock
from events_app.programmes.queries.venues import find_or_add_venue
from events_app.programmes.tables import Activity, Kind, Session
from events_app.schedules.rules.schedule import headline


async def text_of(client: httpx.AsyncClient, address: str = "/") -> str:
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_a_session_is_shown_with_when_where_and_how_many_places(
    world: World, client: httpx.AsyncClient
) -> None:
    tomorrow = clock.midnight(clock.today() + timedelta(days=1))
    await make_session(
        world.wang.activity,
        title="走进机电学院专场",
        site=world.school.id,
        starts_at=tomorrow + timedelta(hours=9),
        ends_at=tomorrow + timedelta(hours=11),
        taken=20,
    )

    page = await text_of(client)

    for words in (
        "明天",
        "09:00–11:00",
        "走进机电学院专场",
        "大礼堂",
        "云南机电职业技术学院",
        "还剩30个名额",
    ):
        assert words in page


async def test_a_session_leads_to_its_form_its_activity_and_its_school(
    world: World, client: httpx.AsyncClient
) -> None:
    session = await make_session(world.wang.activity, site=world.school.id)

    page = await text_of(client)

    assert f'href="/s/{session.code}"' in page
    assert f'href="/activities/{world.wang.activity.code}"' in page
    assert 'href="/o/ynmec"' in page


async def test_a_session_without_a_title_bears_its_activitys(world: World, client: httpx.AsyncClient) -> None:
    activity = await make_activity(world.wang.organization, title="植保无人机“飞手”培训")
    session = await make_session(activity)

    assert f'<a href="/s/{session.code}">植保无人机“飞手”培训</a>' in await text_of(client)


@pytest.mark.parametrize(
    ("activity", "session", "expected"),
    [
        ("飞手培训", "", "飞手培训"),
        ("飞手培训", "第二期", "飞手培训：第二期"),
        ("飞手培训", "植保无人机飞手培训（第二期）", "植保无人机飞手培训（第二期）"),
    ],
)
def test_a_headline_says_of_which_activity_a_session_is(activity: str, session: str, expected: str) -> None:
    assert headline(activity, session) == expected


async def test_a_draft_is_not_shown(world: World, client: httpx.AsyncClient) -> None:
    activity = await make_activity(world.qian.organization, published_at=None)
    session = await make_session(activity)
    assert session.code not in await text_of(client)

    await Activity.update({Activity.published_at: clock.now()}).where(Activity.id == activity.id)

    assert session.code in await text_of(client)


async def test_a_confidential_session_is_not_shown(world: World, client: httpx.AsyncClient) -> None:
    activity = await make_activity(world.wang.organization, title="骑手法律讲堂")
    session = await make_session(activity)
    assert session.code in await text_of(client)

    await Activity.update({Activity.kind: Kind.LEGAL_AID}).where(Activity.id == activity.id)

    addresses = (
        "/",
        "/?kind=legal_aid",
        "/?words=骑手",
        "/?view=month",
        f"/?organization={world.wang.organization.code}",
    )
    for address in addresses:
        assert session.code not in await text_of(client, address)
    assert "法律援助" not in await text_of(client)


async def test_what_is_over_is_not_coming(world: World, client: httpx.AsyncClient) -> None:
    now = clock.now()
    over = await make_session(
        world.wang.activity,
        starts_at=now - timedelta(hours=3),
        ends_at=now - timedelta(hours=1),
        closes_at=now - timedelta(hours=2),
    )
    running = await make_session(world.wang.activity, starts_at=now - timedelta(hours=1))

    page = await text_of(client)

    assert over.code not in page
    assert running.code in page


async def test_a_session_of_several_days_names_its_last(world: World, client: httpx.AsyncClient) -> None:
    begins = clock.midnight(clock.today() + timedelta(days=40)) + timedelta(hours=9)
    await make_session(world.wang.activity, starts_at=begins, ends_at=begins + timedelta(days=2, hours=8))

    last = clock.local(begins + timedelta(days=2))

    assert f"至{last.month}月{last.day}日17:00" in await text_of(client)


async def test_what_began_days_ago_goes_on_today(world: World, client: httpx.AsyncClient) -> None:
    now = clock.now()
    await make_session(
        world.wang.activity,
        starts_at=now - timedelta(days=20),
        ends_at=now + timedelta(days=10),
        title="体验月",
    )

    page = await text_of(client, "/?words=体验月")

    assert f'id="day-{clock.today()}"' in page
    assert '<div class="session-time">持续</div>' in page


async def test_a_called_off_session_stays_with_its_reason(world: World, client: httpx.AsyncClient) -> None:
    session = await make_session(
        world.wang.activity, called_off_at=clock.now(), called_off_reason="台风<b>红色</b>预警"
    )

    page = await text_of(client)

    assert session.code in page
    assert "已取消" in page
    assert "取消原因：台风&lt;b&gt;红色" in page


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({}, "报名中"),
        ({"taken": 50}, "可候补"),
        ({"taken": 50, "waiting_list": False}, "已满"),
        ({"opens_at": clock.now() + timedelta(minutes=5)}, "开放报名"),
        ({"closes_at": clock.now() - timedelta(minutes=5)}, "报名截止"),
    ],
)
async def test_a_badge_says_what_can_be_done(
    world: World, client: httpx.AsyncClient, columns: dict[str, Any], words: str
) -> None:
    activity = await make_activity(world.wang.organization, title="今日专场")
    await make_session(activity, **columns)

    page = await text_of(client, "/?words=今日专场")

    assert f"{words}</span>" in page


async def test_filters_narrow_by_kind_region_organization_and_words(
    world: World, client: httpx.AsyncClient
) -> None:
    training = await make_activity(world.wang.organization, kind=Kind.TRAINING, title="飞手培训100%实操")
    field = await find_or_add_venue(world.wang.organization.id, "城北村小麦基地", "")
    wanted = await make_session(training, venue=field, site=world.school.id)
    others = {world.wang.session.code, world.qian.session.code}

    for query in (
        "kind=training",
        "region=53",
        "region=530000",
        "region=530102",
        "organization=ynmec",
        "words=飞手",
        "words=小麦基地",
        "words=机电职业",
        "words=飞手 小麦",
        "words=100%25实",
        f"kind=training&region=5301&organization={world.wang.organization.code}&words=培训",
    ):
        page = await text_of(client, f"/?{query}")
        assert wanted.code in page, query
        assert not others & {code for code in others if code in page}, query


@pytest.mark.parametrize(
    "query",
    [
        "kind=contest",
        "region=31",
        "organization=nobody",
        "words=太极拳",
        "words=_",
        "words=%25",
        f"kind=visit&page={'9' * 8}",
    ],
)
async def test_a_filter_that_fits_nothing_says_so(
    world: World, client: httpx.AsyncClient, query: str
) -> None:
    page = await text_of(client, f"/?{query}")

    assert "没有找到活动" in page
    assert world.wang.session.code not in page


@pytest.mark.parametrize(
    "query",
    [
        "kind=&region=&organization=&words=&view=&month=&page=",
        "kind=nonsense&region=abc&page=-1",
        "page=nonsense",
        "kind=legal_aid",
        "region=5&page=0",
        "region=٥٣",
        "words=%00",
        "words=%e2%80%ae",
        f"words={'长' * 1000}",
        "organization=%00",
        "organization='",
        "unknown=1&kind=visit&kind=",
        "view=nonsense&month=2026-12",
    ],
)
async def test_what_cannot_be_meant_is_left_out(world: World, client: httpx.AsyncClient, query: str) -> None:
    page = await text_of(client, f"/?{query}")

    assert world.wang.session.code in page


async def test_only_regions_with_something_coming_are_offered(
    world: World, client: httpx.AsyncClient
) -> None:
    await make_organization("浙江某校", "school", region="330000")
    await make_session(world.wang.activity, site=world.school.id)

    page = await text_of(client)

    assert '<option value="53">云南省</option>' in page
    assert "浙江省" not in page


async def test_filters_stay_in_the_links(world: World, client: httpx.AsyncClient) -> None:
    page = await text_of(client, "/?kind=visit&words=劳模")

    assert "/?kind=visit&amp;words=%E5%8A%B3%E6%A8%A1&amp;view=month&amp;month=" in page.replace(
        "&#x2f;", "/"
    )


async def test_a_long_list_has_pages_of_two_hundred(world: World, client: httpx.AsyncClient) -> None:
    later = clock.now() + timedelta(days=3)
    for minute in range(201):
        await make_session(
            world.wang.activity,
            title=f"第{minute:03}号专场",
            starts_at=later + timedelta(minutes=minute),
            ends_at=later + timedelta(minutes=minute + 1),
        )

    first, second = await text_of(client, "/?words=号专场"), await text_of(client, "/?words=号专场&page=2")

    assert "第1–200场，共201场" in first
    assert ("第199号专场" in first, "第200号专场" in first) == (True, False)
    assert ("第199号专场" in second, "第200号专场" in second) == (False, True)


@pytest.mark.parametrize("sessions", [1, 3, 30])
async def test_every_length_of_list_costs_the_same(
    world: World, client: httpx.AsyncClient, counting: Counting, sessions: int
) -> None:
    await Session.delete(force=True)
    for _ in range(sessions):
        await make_session(world.wang.activity, site=world.school.id)

    async with counting() as statements:
        await text_of(client)

    assert len(statements) == 2


async def test_the_page_speaks_english(world: World, client: httpx.AsyncClient) -> None:
    client.cookies.set("language", "en")

    page = await text_of(client)
    month = await text_of(client, "/?view=month&month=2026-12")

    today = clock.local(world.wang.session.starts_at)
    assert f"<b>{today.day} {today:%b}</b>" in page
    assert "<h2>December 2026</h2>" in month
