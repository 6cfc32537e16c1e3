"""Planning once more: chosen sessions on other days, and a new activity like last year's."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.hostile import HOSTILE
from tests.pages import fields_of
from tests.people import (
    Union,
    counted_statements,
    let_in,
    make_account,
    make_activity,
    make_organization,
    make_session,
    make_union,
)

from events_app.accounts.tables import Role
from events_app.lib import clock, database
from events_app.lib.clock import ZONE, local
from events_app.programmes.queries.guests import GuestRow, set_guests
from events_app.programmes.queries.sessions import list_activity_sessions
from events_app.programmes.rules.copies import copied_row, days_until, next_years_title
from events_app.programmes.rules.rows import Defaults, read_row
from events_app.programmes.tables import Activity, Host, HostRole, Session

# The first look at a year reads the library, and many tests share two cores.
UNHURRIED = settings(deadline=None)
START = datetime(2026, 4, 8, 23, 30, tzinfo=ZONE)  # a Wednesday


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


@pytest.fixture
async def wang(union: Union, client: httpx.AsyncClient) -> httpx.AsyncClient:
    await let_in(client, union.wang)
    return client


@pytest.fixture
async def school(union: Union) -> int:
    return (await make_organization("云南技师学院", "school", code="school")).id


@pytest.fixture
async def tour(union: Union, school: int) -> Activity:
    """Three sessions, a fortnight apart, late in the evening; the last one was called off."""
    activity = await make_activity(
        union.organization,
        title="2026年劳模工匠进校园（2026）",
        description="**钳工**的一天",
        admission="approval",
    )
    await Host(activity=activity.id, organization=school, role=HostRole.CO_ORGANIZER, position=1).save()
    await database.fetch(
        "INSERT INTO picture (activity, code, image, width, height) VALUES ($1, 'last-year', $2, 3, 2)",
        activity.id,
        b"webp",
    )
    for n in range(3):
        starts_at = START + timedelta(weeks=2 * n)
        session = await make_session(
            activity,
            capacity=100 + n,
            title=f"第{n + 1}场",
            site=school,
            in_charge=union.wang.account,
            waiting_list=False,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=2),
            opens_at=starts_at - timedelta(days=20),
            closes_at=starts_at,
            check_in_opens_at=starts_at - timedelta(minutes=45),
            check_in_closes_at=starts_at + timedelta(hours=2),
            called_off_at=clock.now() if n == 2 else None,
        )
        guests = [GuestRow("耿家盛", "全国劳动模范", "昆明机床厂"), GuestRow("李师傅", "", "")]
        await set_guests(session.id, union.organization.id, guests)
    return activity


async def codes_of(activity: Activity) -> list[str]:
    return [s.code for s in await list_activity_sessions(activity.id)]


def copies(sessions: list[str], **changes: Any) -> dict[str, Any]:
    return {"sessions": sessions, "shift": "weeks", "amount": "1"} | changes


async def save(client: httpx.AsyncClient, planned: httpx.Response) -> httpx.Response:
    """Press the button below the rows, as they are."""
    address = planned.headers["location"]
    page = await client.get(address)
    return await client.post(f"{address}/sessions", data=fields_of(page.text))


async def batch(location: str) -> tuple[list[dict[str, str]], dict[str, Any]]:
    row = await database.find(
        "SELECT rows, defaults, source FROM batch WHERE code = $1", location.rpartition("/")[2]
    )
    assert row is not None
    assert row["source"] == "copy"
    return msgspec.json.decode(row["rows"]), msgspec.json.decode(row["defaults"])


async def audited() -> list[str]:
    return [row["action"] for row in await database.fetch("SELECT action FROM audit_entry ORDER BY id")]


async def test_chosen_sessions_come_again_with_all_but_their_dates(
    wang: httpx.AsyncClient, tour: Activity
) -> None:
    first, second, _third = await codes_of(tour)

    answer = await wang.post(
        f"/manage/activities/{tour.code}/copies", data=copies([first, second], amount="3")
    )

    rows, defaults = await batch(answer.headers["location"])
    assert answer.headers["location"].startswith("/manage/batches/")
    assert [{k: v for k, v in row.items() if k not in ("line", "accepted")} for row in rows] == [
        {
            "day": day,
            "starts": "23:30",
            "ends": end,
            "title": title,
            "venue": "大礼堂",
            "address": "昆明市安宁市宁波路1号",
            "site": "云南技师学院",
            "in_charge": "wang",
            "capacity": capacity,
            "guests": "耿家盛，全国劳动模范，昆明机床厂\n李师傅",
        }
        for day, end, title, capacity in [
            ("2026-04-29", "2026-04-30 01:30", "第1场", "100"),
            ("2026-05-13", "2026-05-14 01:30", "第2场", "101"),
        ]
    ]
    assert (defaults["waiting_list"], defaults["check_in_lead"], defaults["closes_at_start"]) == (
        False,
        45,
        True,
    )
    assert datetime.fromisoformat(defaults["opens_at"]) == START + timedelta(days=1)
    assert await audited() == ["batch.create"]


async def test_rows_of_a_copy_say_the_same_as_the_session(tour: Activity) -> None:
    session = (await list_activity_sessions(tour.id))[0]

    plan, errors = read_row(copied_row(session, 7), Defaults(opens_at=session.opens_at), date(2026, 1, 1))

    assert errors == {}
    assert plan is not None
    assert (plan.starts_at, plan.ends_at) == (
        session.starts_at + timedelta(days=7),
        session.ends_at + timedelta(days=7),
    )
    assert list(plan.guests) == [("耿家盛", "全国劳动模范", "昆明机床厂"), ("李师傅", "", "")]


@pytest.mark.parametrize(
    ("changes", "days"),
    [
        ({"shift": "days", "amount": "10"}, ["2026-04-18", "2026-05-02"]),
        ({"shift": "days", "amount": "-9"}, ["2026-03-30", "2026-04-13"]),
        ({"shift": "weeks", "amount": "52"}, ["2027-04-07", "2027-04-21"]),
        ({"shift": "first", "first": "2026-12-31"}, ["2026-12-31", "2027-01-14"]),
        ({"shift": "first", "first": "2026-12-31", "whole_weeks": "yes"}, ["2026-12-30", "2027-01-13"]),
        ({"shift": "first", "first": "2027-04-09", "whole_weeks": "yes"}, ["2027-04-07", "2027-04-21"]),
    ],
)
async def test_copies_move_as_asked_and_keep_their_distances(
    wang: httpx.AsyncClient, tour: Activity, changes: dict[str, str], days: list[str]
) -> None:
    sessions = (await codes_of(tour))[:2]

    answer = await wang.post(f"/manage/activities/{tour.code}/copies", data=copies(sessions, **changes))

    rows, _defaults = await batch(answer.headers["location"])
    assert [row["day"] for row in rows] == days


@pytest.mark.parametrize(
    "changes",
    [
        {"sessions": []},
        {"sessions": ["nothing"]},
        {"sessions": ["场次" * 30]},
        {"amount": ""},
        {"amount": "0"},
        {"amount": "3651"},
        {"amount": "三"},
        {"shift": "first", "first": ""},
        {"shift": "first", "first": "2101-01-01"},
        {"shift": "first", "first": "2027-02-29"},
        {"shift": "months"},
        {"shift": ""},
        {"amount": "-3650"},  # seventy years before 2026 nobody planned here
    ],
)
async def test_copies_that_cannot_be_made_come_back_as_typed(
    wang: httpx.AsyncClient, tour: Activity, changes: dict[str, Any]
) -> None:
    sessions = await codes_of(tour)
    form = copies(sessions) | changes

    answer = await wang.post(f"/manage/activities/{tour.code}/copies", data=form)

    assert answer.status_code == 422
    assert answer.text.count(" checked") >= len([s for s in form["sessions"] if s in sessions])
    assert await database.value("SELECT count(*) FROM batch") == 0


async def test_page_lists_sessions_with_the_chosen_ones_ticked(
    wang: httpx.AsyncClient, tour: Activity
) -> None:
    first, second, third = await codes_of(tour)

    page = (
        await wang.get(f"/manage/activities/{tour.code}/copies/new?sessions={first}&sessions={third}")
    ).text

    assert [f'value="{code}" checked' in page for code in (first, second, third)] == [True, False, True]


async def test_activity_like_last_years_is_a_draft_with_everything_but_the_dates(
    wang: httpx.AsyncClient, union: Union, tour: Activity
) -> None:
    page = (await wang.get(f"/manage/activities/{tour.code}/copy")).text
    form = {
        "title": "2027年劳模工匠进校园（2027）",
        "with_sessions": "yes",
        "first": "2027-04-07",
        "whole_weeks": "yes",
    }

    answer = await wang.post(f"/manage/activities/{tour.code}/copy", data=form)

    assert 'value="2027年劳模工匠进校园（2027）"' in page
    assert 'value="2027-04-07"' in page
    rows, _defaults = await batch(answer.headers["location"])
    assert [row["day"] for row in rows] == ["2027-04-07", "2027-04-21"]
    copy = await Activity.objects().where(Activity.title == form["title"]).first()
    assert copy is not None
    kept = ("organization", "kind", "programme", "description", "admission")
    assert [getattr(copy, name) for name in kept] == [getattr(tour, name) for name in kept]
    assert (copy.state, copy.published_at is None) == ("draft", True)
    assert copy.created_by == union.wang.account
    hosts = "SELECT array_agg((organization, role, position)::text ORDER BY id) FROM host WHERE activity = $1"
    assert await database.value(hosts, copy.id) == await database.value(hosts, tour.id)
    pictures = await database.fetch("SELECT code, image FROM picture ORDER BY id")
    assert [bytes(picture["image"]) for picture in pictures] == [b"webp"] * 2
    assert len({picture["code"] for picture in pictures}) == 2
    assert await audited() == ["activity.copy", "batch.create"]
    assert await Session.count().where(Session.activity == copy.id) == 0


async def test_activity_can_be_copied_without_its_sessions(wang: httpx.AsyncClient, tour: Activity) -> None:
    answer = await wang.post(f"/manage/activities/{tour.code}/copy", data={"title": "新的"})

    assert answer.headers["location"].startswith("/manage/activities/")
    assert await database.value("SELECT count(*) FROM batch") == 0


async def test_activity_without_sessions_can_be_copied(wang: httpx.AsyncClient, union: Union) -> None:
    bare = await make_activity(union.organization, title="长期征集", published_at=None)

    page = await wang.get(f"/manage/activities/{bare.code}/copy")
    answer = await wang.post(f"/manage/activities/{bare.code}/copy", data={"title": "长期征集"})

    assert (page.status_code, answer.status_code) == (200, 303)


@pytest.mark.parametrize(
    "changes",
    [
        {"title": ""},
        {"title": "新" * 121},
        {"title": "\u202e新"},
        {"first": ""},
        {"first": "昨天"},
        {"first": "0001-01-01"},
    ],
)
async def test_copy_that_cannot_be_made_leaves_nothing_behind(
    wang: httpx.AsyncClient, tour: Activity, changes: dict[str, str]
) -> None:
    before = await Activity.count()
    form = {"title": "新的", "with_sessions": "yes", "first": "2027-04-07"} | changes

    answer = await wang.post(f"/manage/activities/{tour.code}/copy", data=form)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert await Activity.count() == before


async def test_other_unions_find_nothing_to_copy(client: httpx.AsyncClient, tour: Activity) -> None:
    sessions = await codes_of(tour)
    qian = await make_account("qian", Role.OWNER, await make_organization("宁波市总工会"))
    await let_in(client, qian)

    answers = [
        await client.get(f"/manage/activities/{tour.code}/copies/new"),
        await client.post(f"/manage/activities/{tour.code}/copies", data=copies(sessions)),
        await client.get(f"/manage/activities/{tour.code}/copy"),
        await client.post(f"/manage/activities/{tour.code}/copy", data={"title": "新的"}),
        await client.post(f"/manage/activities/{tour.code}/copies", data={}),
    ]

    assert [answer.status_code for answer in answers] == [404] * 5
    assert await Activity.count() == 2


async def test_sessions_of_another_activity_are_not_copied(
    wang: httpx.AsyncClient, union: Union, tour: Activity
) -> None:
    answer = await wang.post(f"/manage/activities/{tour.code}/copies", data=copies([union.session.code]))

    assert answer.status_code == 422


async def test_pages_cost_the_same_for_one_and_for_thirty_sessions(
    wang: httpx.AsyncClient, union: Union
) -> None:
    costs = []
    for more in (0, 2, 27):
        for _n in range(more):
            await make_session(union.activity)
        async with counted_statements() as statements:
            await wang.get(f"/manage/activities/{union.activity.code}/copies/new")
            await wang.get(f"/manage/activities/{union.activity.code}/copy")
        costs.append(len(statements))

    assert costs[0] == costs[1] == costs[2]


@pytest.mark.parametrize(
    ("title", "next_title"),
    [
        ("2026年劳模工匠进校园", "2027年劳模工匠进校园"),
        ("进校园（2026—2027）", "进校园（2027—2028）"),
        ("1999", "2000"),
        ("12026号", "12026号"),
        ("工会杯", "工会杯"),
        ("第２０２６", "第２０２６"),
    ],
)
def test_title_of_next_year(title: str, next_title: str) -> None:
    assert next_years_title(title) == next_title


@UNHURRIED
@given(
    st.datetimes(datetime(2001, 1, 1), datetime(2090, 1, 1)),
    st.dates(date(2001, 1, 1), date(2090, 1, 1)),
)
def test_whole_weeks_keep_the_weekday_and_come_nearest(start: datetime, first: date) -> None:
    starts_at = start.replace(tzinfo=ZONE)
    session: Any = SimpleNamespace(starts_at=starts_at)

    exact = days_until(first, [session], whole_weeks=False)
    whole = days_until(first, [session], whole_weeks=True)

    assert local(starts_at).date() + timedelta(days=exact) == first
    assert whole % 7 == 0
    assert abs(whole - exact) <= 3


async def test_copies_are_saved_with_guests_school_and_organiser(
    wang: httpx.AsyncClient, union: Union, tour: Activity
) -> None:
    sessions = (await codes_of(tour))[:2]
    form = copies(sessions) | {"shift": "first", "first": "2027-04-07"}

    planned = await wang.post(f"/manage/activities/{tour.code}/copies", data=form)
    await save(wang, planned)

    before, after = [
        (s.title, s.venue, s.address, s.site_code, s.in_charge, s.capacity, s.waiting_list, s.guests)
        for s in await list_activity_sessions(tour.id)
        if s.title == "第1场"
    ]
    assert before == after
    assert await database.value("SELECT count(*) FROM guest") == 2


async def test_guest_whose_honour_has_commas_is_the_same_guest_in_the_copy(
    wang: httpx.AsyncClient, union: Union, tour: Activity
) -> None:
    code = (await codes_of(tour))[0]
    session = await database.value("SELECT id FROM session WHERE code = $1", code)
    guest = GuestRow("陆阿姨", "全国劳动模范，全国人大代表；全国三八红旗手", "")
    await set_guests(session, union.organization.id, [guest])
    form = copies([code]) | {"shift": "first", "first": "2027-04-07"}

    planned = await wang.post(f"/manage/activities/{tour.code}/copies", data=form)
    await save(wang, planned)

    assert [s.guests for s in await list_activity_sessions(tour.id) if s.title == "第1场"] == [[guest]] * 2


@pytest.mark.parametrize(
    ("page", "field"),
    [
        *[("copies", field) for field in ("sessions", "shift", "amount", "first", "whole_weeks")],
        *[("copy", field) for field in ("title", "with_sessions", "first", "whole_weeks")],
    ],
)
async def test_hostile_words_in_any_field_are_answered(
    wang: httpx.AsyncClient, tour: Activity, page: str, field: str
) -> None:
    whole = {"title": "新的", "with_sessions": "yes", "first": "2027-04-07", "shift": "first"}

    for word in HOSTILE:
        form = {"sessions": (await codes_of(tour))[:2]} | whole | {field: word}
        answer = await wang.post(f"/manage/activities/{tour.code}/{page}", data=form)
        assert answer.status_code in (303, 422), word
        assert "<script>alert" not in answer.text
