"""An organiser's calendar: the same sessions as a month, a week, a list, and rows of who and where."""

import re
from datetime import date, datetime, time, timedelta
from statistics import median
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.people import let_in, make_activity, make_organization, make_session
from tests.schedules.conftest import Counting, World

from events_app.lib import clock, codes, database
from events_app.lib.clock import ZONE
from events_app.programmes.queries.venues import find_or_add_venue
from events_app.programmes.rules.life import activity_state_name
from events_app.programmes.tables import (
    Absence,
    Activity,
    ActivityState,
    Appearance,
    Guest,
    Kind,
    OpeningHours,
    Session,
    Venue,
)
from events_app.schedules.rules.lanes import Span, side_by_side

CALENDAR = "/manage/calendar"
VIEWS = ["month", "week", "agenda", "venues", "guests", "sites"]
DECEMBER = "date=2026-12-09"
# What a page of a whole month may cost.
MOST_STATEMENTS = 6
MOST_BYTES = 60_000
MOST_TIMES_AS_LONG = 3


@pytest.fixture
async def wang(world: World, client: httpx.AsyncClient) -> httpx.AsyncClient:
    await let_in(client, world.wang.wang)
    return client


@pytest.fixture
async def qian(world: World, client: httpx.AsyncClient) -> httpx.AsyncClient:
    await let_in(client, world.qian.wang)
    return client


async def text_of(client: httpx.AsyncClient, address: str) -> str:
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    return answer.text.replace("&#x2f;", "/")


async def calendar(client: httpx.AsyncClient, view: str, query: str = DECEMBER) -> str:
    return await text_of(client, f"{CALENDAR}?view={view}&{query}")


def december(day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=ZONE)


async def make_dated(activity: Activity, starts_at: datetime, hours: float = 2, **columns: Any) -> Session:
    given_: dict[str, Any] = {
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=hours),
        "opens_at": starts_at - timedelta(days=30),
        "closes_at": starts_at,
        "check_in_opens_at": starts_at - timedelta(hours=1),
        "check_in_closes_at": starts_at + timedelta(hours=hours),
    }
    return await make_session(activity, **given_ | columns)


async def make_guest(world: World, name: str = "耿家盛", **columns: Any) -> Guest:
    guest = Guest(
        code=codes.new_code(),
        organization=world.wang.organization.id,
        name=name,
        honour="全国劳动模范",
        **columns,
    )
    await guest.save()
    return guest


def cells(page: str, tag: str = "td") -> dict[str, str]:
    """What stands in a month's cell, or in a day's column, by day."""
    found = re.findall(rf"<{tag}[ >].*?</{tag}>", page, re.DOTALL)
    days = [re.findall(r'datetime="([0-9-]+)"', cell) for cell in found]
    return {day[0]: cell for day, cell in zip(days, found, strict=True) if day}


def row_of(page: str, name: str) -> list[str]:
    """The seven cells of the row that is called so."""
    row = next(row for row in re.findall(r"<tr.*?</tr>", page, re.DOTALL) if f"{name}</th>" in row)
    return re.findall(r"<td.*?</td>", row, re.DOTALL)


def entry_of(page: str, session: Session) -> str:
    """The list item of a session."""
    items: list[str] = re.findall(r"<li[ >].*?</li>", page, re.DOTALL)
    return next(item for item in items if f'/sessions/{session.code}"' in item)


# Who sees what


@pytest.mark.parametrize("view", VIEWS)
async def test_sessions_of_another_union_are_not_in_the_calendar(
    world: World, client: httpx.AsyncClient, view: str
) -> None:
    guest = await make_guest(world)
    session = await make_dated(world.wang.activity, december(9), site=world.school.id, title="秘密专场")
    await Appearance(session=session.id, guest=guest.id).save()
    await let_in(client, world.wang.wang)
    assert session.code in await calendar(client, view)

    await let_in(client, world.qian.wang)
    page = await calendar(client, view)

    for word in (session.code, "秘密专场", "耿家盛", world.school.name, guest.code):
        assert word not in page


@pytest.mark.parametrize("view", VIEWS)
async def test_codes_of_another_union_are_left_out(world: World, qian: httpx.AsyncClient, view: str) -> None:
    guest = await make_guest(world)
    await make_dated(
        world.wang.activity, december(9), site=world.school.id, in_charge=world.wang.wang.account
    )
    own = await make_dated(world.qian.activity, december(9), title="自己的场次")
    foreign_venue = await Venue.objects().get(Venue.organization == world.wang.organization.id)
    assert foreign_venue is not None

    for query in (
        f"activity={world.wang.activity.code}",
        f"venue={foreign_venue.code}",
        f"guest={guest.code}",
        "site=ynmec",
        f"in_charge={world.wang.wang.account}",
    ):
        page = await calendar(qian, view, f"{DECEMBER}&{query}")
        assert query not in page.partition("<footer")[0]
        assert "清除筛选" not in page
        assert own.code in page or view in ("guests", "sites")


async def test_gate_staff_have_no_calendar(world: World, client: httpx.AsyncClient) -> None:
    await let_in(client, world.wang.li)

    assert (await client.get(CALENDAR)).status_code == 403


async def test_strangers_are_asked_to_log_in(world: World, client: httpx.AsyncClient) -> None:
    assert (await client.get(CALENDAR)).status_code in (303, 401)


# What an entry says


@pytest.mark.parametrize("view", ["month", "week", "agenda", "venues"])
async def test_what_is_out_of_the_ordinary_is_named(world: World, wang: httpx.AsyncClient, view: str) -> None:
    draft = await make_dated(
        await make_activity(world.wang.organization, published_at=None, title="草拟中的"), december(9)
    )
    submitted = await make_dated(
        await make_activity(world.wang.organization, published_at=None, state=ActivityState.SUBMITTED),
        december(10, 14),
    )
    called_off = await make_dated(world.wang.activity, december(9), called_off_at=clock.now())
    postponed = await make_dated(world.wang.activity, december(10), postponed_at=clock.now())
    usual = await make_dated(world.wang.activity, december(11))

    page = await calendar(wang, view)

    for session, state, word in (
        (draft, "draft", "草稿"),
        (submitted, "draft", activity_state_name(ActivityState.SUBMITTED)),
        (called_off, "called_off", "已取消"),
        (postponed, "postponed", "已延期"),
    ):
        entry = entry_of(page, session)
        assert f'data-state="{state}"' in entry
        assert word in entry
    assert not re.search("草稿|已取消|已延期|审核", entry_of(page, usual))


@pytest.mark.parametrize("view", ["week", "agenda", "venues"])
async def test_what_can_be_moved_leads_to_the_form_for_it(
    world: World, wang: httpx.AsyncClient, view: str
) -> None:
    coming = await make_dated(world.wang.activity, december(9))
    called_off = await make_dated(world.wang.activity, december(9), called_off_at=clock.now())

    page = await calendar(wang, view)

    assert f'href="/manage/sessions/{coming.code}/move"' in page
    assert f"/manage/sessions/{called_off.code}/move" not in page
    assert f'data-code="{called_off.code}"' not in page


@pytest.mark.parametrize("view", ["week", "agenda", "venues"])
async def test_what_is_over_cannot_be_moved(world: World, wang: httpx.AsyncClient, view: str) -> None:
    over = await make_dated(world.wang.activity, datetime(2025, 4, 9, 9, tzinfo=ZONE))

    page = await calendar(wang, view, "date=2025-04-09")

    assert over.code in page
    assert f"{over.code}/move" not in page
    assert "data-code" not in page


# The month


async def test_a_month_shows_three_of_a_day_and_leads_to_its_list(
    world: World, wang: httpx.AsyncClient
) -> None:
    sessions = [await make_dated(world.wang.activity, december(9, 8 + hour)) for hour in range(8)]

    cell = cells(await calendar(wang, "month", f"{DECEMBER}&kind=visit"))["2026-12-09"]
    day = await calendar(wang, "agenda", f"{DECEMBER}&kind=visit")

    assert [s.code for s in sessions if s.code in cell] == [s.code for s in sessions[:3]]
    assert '<a href="/manage/calendar?kind=visit&amp;view=agenda&amp;date=2026-12-09">还有5场</a>' in cell
    assert all(s.code in day for s in sessions)


async def test_a_session_of_several_days_stands_on_each_of_them(
    world: World, wang: httpx.AsyncClient
) -> None:
    session = await make_dated(world.wang.activity, december(10), hours=3 * 24 - 9)

    month = cells(await calendar(wang, "month"))
    week = cells(await calendar(wang, "week"), "section")

    days = ["2026-12-10", "2026-12-11", "2026-12-12"]
    assert [day for day, cell in month.items() if session.code in cell] == days
    assert [day for day, column in week.items() if session.code in column] == [*days]


# The week


async def test_sessions_of_a_week_stand_at_their_hours(world: World, wang: httpx.AsyncClient) -> None:
    """The first line is 08:00; each is a quarter of an hour."""
    session = await make_dated(world.wang.activity, december(9, 9, 30))

    page = await calendar(wang, "week")

    assert 'data-first-hour="8"' in page
    assert 'data-first="7" data-end="15" data-lane="1" data-lanes="1"' in entry_of(page, session)
    assert "09:30–11:30" in entry_of(page, session)


async def test_a_week_grows_to_the_hours_that_are_used(world: World, wang: httpx.AsyncClient) -> None:
    early = await make_dated(world.wang.activity, december(9, 5, 30))
    late = await make_dated(world.wang.activity, december(10, 22), hours=2)

    page = await calendar(wang, "week")

    assert 'data-first-hour="5"' in page
    assert "23:00</span>" in page
    assert 'data-first="3" data-end="11"' in entry_of(page, early)
    assert 'data-first="69" data-end="77"' in entry_of(page, late)


async def test_what_happens_at_once_lies_side_by_side(world: World, wang: httpx.AsyncClient) -> None:
    first = await make_dated(world.wang.activity, december(9, 9))
    second = await make_dated(world.wang.activity, december(9, 10))
    after = await make_dated(world.wang.activity, december(9, 12))

    page = await calendar(wang, "week")

    assert 'data-lane="1" data-lanes="2"' in entry_of(page, first)
    assert 'data-lane="2" data-lanes="2"' in entry_of(page, second)
    assert 'data-lane="1" data-lanes="1"' in entry_of(page, after)


async def test_more_than_three_at_once_are_counted(world: World, wang: httpx.AsyncClient) -> None:
    sessions = [await make_dated(world.wang.activity, december(9, 9)) for _number in range(5)]

    page = await calendar(wang, "week")

    assert [session.code in page for session in sessions] == [True, True, False, False, False]
    assert ">还有3场</a>" in page


spans = st.lists(
    st.tuples(st.integers(1, 90), st.integers(2, 20)).map(lambda s: Span(s[0], s[0] + s[1])), max_size=30
).map(sorted)


@given(spans)
def test_nothing_that_is_shown_covers_anything_else(given_spans: list[Span]) -> None:
    places, rests = side_by_side(given_spans, 3)

    shown = [(span, place) for span, place in zip(given_spans, places, strict=True) if place.lane is not None]
    taken = [(span.first, span.end, place.lane) for span, place in shown]
    for number, (first, end, lane) in enumerate(taken):
        for other_first, other_end, other_lane in taken[number + 1 :]:
            assert lane != other_lane or end <= other_first or other_end <= first
    assert len(shown) + sum(rest.hidden for rest in rests) == len(given_spans)
    assert all(place.lane is None or place.lane < place.lanes <= 3 for place in places)
    for rest in rests:
        assert not any(
            lane == 2 and first < rest.span.end and rest.span.first < end for first, end, lane in taken
        )


# Rows of who and where


async def test_rooms_stand_under_their_building(world: World, wang: httpx.AsyncClient) -> None:
    hall = await find_or_add_venue(world.wang.organization.id, "职工文化中心", "昆明")
    room = Venue(code=codes.new_code(), organization=world.wang.organization.id, parent=hall, name="报告厅")
    await room.save()
    session = await make_dated(world.wang.activity, december(9), venue=room.id)

    page = await calendar(wang, "venues")

    assert page.index(">职工文化中心</th>") < page.index("<small>职工文化中心</small>报告厅</th>")
    assert [session.code in cell for cell in row_of(page, "报告厅")] == [False, False, True, *[False] * 4]
    assert not any(session.code in cell for cell in row_of(page, "职工文化中心"))


async def test_days_on_which_a_venue_is_shut_are_shaded(world: World, wang: httpx.AsyncClient) -> None:
    hall = await find_or_add_venue(world.wang.organization.id, "职工文化中心", "昆明")
    room = Venue(code=codes.new_code(), organization=world.wang.organization.id, parent=hall, name="报告厅")
    await room.save()
    for weekday in range(5):
        await OpeningHours(venue=hall, weekday=weekday, opens=time(8), closes=time(18)).save()

    page = await calendar(wang, "venues")

    for name in ("职工文化中心", "报告厅"):
        assert ["不开放" in cell for cell in row_of(page, name)] == [*[False] * 5, True, True]
    assert not any("不开放" in cell for cell in row_of(page, "大礼堂"))


async def test_days_on_which_a_guest_cannot_come_are_shaded(world: World, wang: httpx.AsyncClient) -> None:
    guest = await make_guest(world, weekdays=0b0111111)
    await Absence(guest=guest.id, first_day=date(2026, 11, 30), last_day=date(2026, 12, 8)).save()
    session = await make_dated(world.wang.activity, december(9))
    await Appearance(session=session.id, guest=guest.id).save()

    row = row_of(await calendar(wang, "guests"), "耿家盛")

    assert ["请假" in cell for cell in row] == [True, True, *[False] * 5]
    assert ["不便" in cell for cell in row] == [*[False] * 6, True]
    assert [session.code in cell for cell in row] == [False, False, True, *[False] * 4]


async def test_a_school_shows_what_comes_to_it(world: World, wang: httpx.AsyncClient) -> None:
    session = await make_dated(world.wang.activity, december(13), site=world.school.id)
    await make_organization("从没去过的学校", "school")

    page = await calendar(wang, "sites")

    assert [session.code in cell for cell in row_of(page, world.school.name)] == [*[False] * 6, True]
    assert "从没去过的学校" not in page


async def test_a_free_place_is_offered_for_the_chosen_activity(world: World, wang: httpx.AsyncClient) -> None:
    await make_dated(world.wang.activity, december(9))
    await make_dated(world.wang.activity, december(10), called_off_at=clock.now())
    code = world.wang.activity.code

    plain, chosen = (
        await calendar(wang, "venues"),
        await calendar(wang, "venues", f"{DECEMBER}&activity={code}"),
    )

    assert "在此新建" not in plain
    row = row_of(chosen, "大礼堂")
    assert ["在此新建" in cell for cell in row] == [True, True, False, *[True] * 4]
    (address,) = re.findall('href="([^"]+)"', row[1])
    assert (
        address
        == f"/manage/activities/{code}/sessions/new?{urlencode({'venue': '大礼堂'})}&amp;date=2026-12-08"
    )


@pytest.mark.parametrize("query", ["words=别的", "kind=training", "state=called_off", "activity={training}"])
async def test_rows_show_what_takes_a_place_whatever_else_is_asked_for(
    world: World, wang: httpx.AsyncClient, query: str
) -> None:
    training = await make_activity(world.wang.organization, kind=Kind.TRAINING, title="别的活动")
    session = await make_dated(world.wang.activity, december(9))
    plain = await calendar(wang, "venues")
    assert 'class="entry"' in entry_of(plain, session)

    page = await calendar(wang, "venues", f"{DECEMBER}&{query.format(training=training.code)}")

    assert 'class="entry other"' in entry_of(page, session)
    assert "在此新建" not in row_of(page, "大礼堂")[2]


async def test_a_free_place_fills_the_form_for_a_new_session(world: World, wang: httpx.AsyncClient) -> None:
    new = f"/manage/activities/{world.wang.activity.code}/sessions/new"
    last = clock.local(world.wang.session.starts_at)

    form = await text_of(wang, f"{new}?venue=二号教室&date=2026-12-08&site=某校&guests=耿家盛，全国劳动模范")
    hostile = await text_of(wang, f"{new}?venue=%00{'长' * 300}&date=2026-02-31&site=%ff&guests=")

    assert f'value="2026-12-08T{last:%H:%M}"' in form
    assert 'value="二号教室"' in form
    assert 'value="某校"' in form
    assert "耿家盛，全国劳动模范" in form
    assert 'value="大礼堂"' in hostile


# The address


@pytest.mark.parametrize("view", VIEWS)
async def test_every_way_on_keeps_the_filters(world: World, wang: httpx.AsyncClient, view: str) -> None:
    session = await make_dated(world.wang.activity, december(9), site=world.school.id)
    kept = "words=%E5%8A%B3%E6%A8%A1&amp;state=published&amp;kind=visit&amp;site=ynmec"

    page = await calendar(wang, view, f"{DECEMBER}&words=劳模&kind=visit&site=ynmec&state=published&guest=")

    ways = re.findall(r'<a [^>]*href="(/manage/calendar\?[^"]*)"[^>]*data-key', page)
    assert len(ways) == 3 + len(VIEWS)
    assert all(way.endswith(kept) for way in ways)
    assert session.code in page or view == "guests"
    assert '<option value="ynmec" selected>' in page


@pytest.mark.parametrize(
    ("view", "previous", "following"),
    [
        ("month", "2026-11-01", "2027-01-01"),
        ("week", "2026-12-02", "2026-12-16"),
        ("agenda", "2026-12-02", "2026-12-16"),
        ("venues", "2026-12-02", "2026-12-16"),
    ],
)
async def test_arrows_lead_to_what_is_before_and_after(
    wang: httpx.AsyncClient, view: str, previous: str, following: str
) -> None:
    page = await calendar(wang, view)

    assert f'href="/manage/calendar?view={view}&amp;date={previous}" rel="prev" data-key="ArrowLeft"' in page
    assert (
        f'href="/manage/calendar?view={view}&amp;date={following}" rel="next" data-key="ArrowRight"' in page
    )
    assert f'date={clock.today()}" data-key="t"' in page


@pytest.mark.parametrize("view", ["venues", "guests"])
async def test_rows_show_what_has_nobody_to_filter_by(
    world: World, wang: httpx.AsyncClient, view: str
) -> None:
    """A session without a host or anybody in charge does not fit; it takes its place all the same."""
    session = await make_dated(world.wang.activity, december(9))
    await Appearance(session=session.id, guest=(await make_guest(world)).id).save()

    for query in ("site=ynmec", f"in_charge={world.wang.wang.account}"):
        assert session.code in await calendar(wang, view, f"{DECEMBER}&{query}"), query


async def test_filters_narrow(world: World, wang: httpx.AsyncClient) -> None:
    guest = await make_guest(world)
    training = await make_activity(world.wang.organization, kind=Kind.TRAINING, title="飞手培训100%实操")
    field = await find_or_add_venue(world.wang.organization.id, "城北村小麦基地", "")
    venue = await Venue.objects().get(Venue.id == field)
    assert venue is not None
    wanted = await make_dated(
        training, december(9), venue=field, site=world.school.id, in_charge=world.wang.wang.account
    )
    await Appearance(session=wanted.id, guest=guest.id).save()
    other = await make_dated(world.wang.activity, december(9), called_off_at=clock.now())

    for query in (
        f"activity={training.code}",
        "kind=training",
        f"venue={venue.code}",
        f"guest={guest.code}",
        "site=ynmec",
        f"in_charge={world.wang.wang.account}",
        "state=published",
        "words=飞手 小麦",
        "words=耿家盛",
        "words=机电职业",
        "words=wang",
        "words=100%25实",
    ):
        for view in ("month", "week", "agenda"):
            page = await calendar(wang, view, f"{DECEMBER}&{query}")
            assert wanted.code in page, (view, query)
            assert other.code not in page, (view, query)
    assert wanted.code not in await calendar(wang, "month", f"{DECEMBER}&state=called_off")
    assert wanted.code not in await calendar(wang, "month", f"{DECEMBER}&words=_")


@pytest.mark.parametrize("view", [*VIEWS, "", "nonsense"])
@pytest.mark.parametrize(
    "query",
    [
        "date=2026-02-31",
        "date=0000-00-00",
        "date=٢٠٢٦-12-05",
        "date=2026-12-09T09:00",
        f"date={'9' * 40}",
        "activity='&venue=%00&guest=%e2%80%ae&site=-- &in_charge=1 OR 1=1",
        "in_charge=99999999999999999999&activity=%ff",
        "in_charge=-1&kind=nonsense&state=nonsense",
        f"words={'长' * 1000}",
        "words=%00&page=-1",
        f"page={'9' * 30}",
        "view=month&view=week&words=a&words=b",
    ],
)
async def test_what_cannot_be_meant_is_left_out(
    world: World, wang: httpx.AsyncClient, view: str, query: str
) -> None:
    assert (await wang.get(f"{CALENDAR}?view={view}&{query}")).status_code == 200


async def test_words_are_words_whatever_they_are(world: World, wang: httpx.AsyncClient) -> None:
    session = await make_dated(world.wang.activity, december(9), title="“飞手”'s <b>100%</b>")

    page = await calendar(wang, "week", f"{DECEMBER}&words=<b>100% “飞手”'s")

    assert session.code in page
    assert "<b>100%" not in page


# What it costs


@pytest.mark.parametrize("view", VIEWS)
async def test_every_number_of_sessions_costs_the_same(
    world: World, wang: httpx.AsyncClient, counting: Counting, view: str
) -> None:
    counts = []
    made = 0
    for sessions in (1, 3, 30):
        while made < sessions:
            guest = await make_guest(world, f"嘉宾{made}")
            venue = await find_or_add_venue(world.wang.organization.id, f"{made}号教室", "")
            session = await make_dated(
                world.wang.activity, december(7 + made % 7), venue=venue, site=world.school.id
            )
            await Appearance(session=session.id, guest=guest.id).save()
            made += 1
        async with counting() as statements:
            await calendar(wang, view)
        counts.append(len(statements))

    assert len(set(counts)) == 1
    assert counts[0] <= MOST_STATEMENTS


async def _make_month(world: World, first: datetime, sessions: int) -> None:
    """So many in the 31 days from `first`, for the school, in up to forty venues with forty guests; every tenth goes
    on for a day more."""
    organization = world.wang.organization
    some = range(min(sessions, 40))
    venues = [
        await find_or_add_venue(organization.id, f"云南机电职业技术学院{number}号报告厅", "")
        for number in some
    ]
    guests = [await make_guest(world, f"全国劳动模范{number}") for number in some]
    activities = [await make_activity(organization, title=f"第{number}届劳模工匠进校园") for number in some]
    for number in range(sessions):
        session = await make_dated(
            activities[number % len(some)],
            first + timedelta(days=number % 31, hours=number % 10),
            hours=26 if number % 10 == 9 else 2,
            site=world.school.id,
            venue=venues[number % len(some)],
            title=f"走进校园第{number}场：劳模工匠与学子面对面",
        )
        await Appearance(session=session.id, guest=guests[number % len(some)].id).save()


async def _times(client: httpx.AsyncClient, *addresses: str) -> list[float]:
    """Seconds for each: the median of the quicker half, because other work on the machine only ever adds to them."""
    times: list[list[float]] = [[] for _address in addresses]
    for _try in range(16):
        for taken, address in zip(times, addresses, strict=True):
            began = perf_counter()
            await client.get(address)
            taken.append(perf_counter() - began)
    return [median(sorted(taken)[:8]) for taken in times]


@pytest.mark.parametrize(
    "address",
    [
        f"{CALENDAR}?view=month&date={{month}}-09",
        "/?view=month&month={month}",
        "/o/ynmec?view=month&month={month}",
    ],
)
async def test_a_month_of_five_hundred_is_light(
    world: World, wang: httpx.AsyncClient, counting: Counting, address: str
) -> None:
    await _make_month(world, december(1, 8), 500)
    await _make_month(world, datetime(2027, 3, 1, 8, tzinfo=ZONE), 5)
    # The database does it by itself, but later.
    await database.fetch("ANALYZE session, activity, appearance, venue, guest")
    full, sparse = address.format(month="2026-12"), address.format(month="2027-03")

    async with counting() as statements:
        page = await wang.get(full)
    many, few = await _times(wang, full, sparse)

    assert re.search("还有1[0-9]场", page.text)
    assert len(statements) <= MOST_STATEMENTS
    assert len(page.content) <= MOST_BYTES
    assert many <= few * MOST_TIMES_AS_LONG, f"{few * 1000:.1f} ms, {many * 1000:.1f} ms"
