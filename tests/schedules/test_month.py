"""A month as a table."""

import re
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest
from tests.people import make_session
from tests.schedules.conftest import Counting, World

from events_app.accounts.tables import Organization
from events_app.lib import clock
from events_app.lib.clock import ZONE
from events_app.programmes.tables import Session
from events_app.schedules.rules.schedule import weeks

DECEMBER = "/?view=month&month=2026-12"


async def make_dated(world: World, starts_at: datetime, hours: float = 2, **columns: Any) -> Session:
    return await make_session(
        world.wang.activity,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=hours),
        opens_at=starts_at - timedelta(days=30),
        closes_at=starts_at,
        check_in_opens_at=starts_at - timedelta(hours=1),
        check_in_closes_at=starts_at + timedelta(hours=1),
        **columns,
    )


async def text_of(client: httpx.AsyncClient, address: str) -> str:
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    return answer.text.replace("&#x2f;", "/")


def days_of(page: str, session: Session) -> list[str]:
    """The days in whose cell a session stands."""
    return [day for day, body in cells_of(page).items() if session.code in body]


def cells_of(page: str) -> dict[str, str]:
    cells = re.findall(r"<td.*?</td>", page, re.DOTALL)
    return {re.findall(r'datetime="([0-9-]+)"', cell)[0]: cell for cell in cells}


async def test_a_session_stands_on_its_day_in_shanghai(world: World, client: httpx.AsyncClient) -> None:
    first = await make_dated(world, datetime(2026, 12, 1, 0, 30, tzinfo=ZONE))
    last = await make_dated(world, datetime(2026, 12, 31, 23, 0, tzinfo=ZONE), hours=0.5)
    after = await make_dated(world, datetime(2027, 1, 1, 0, 0, tzinfo=ZONE))

    page = await text_of(client, DECEMBER)

    assert days_of(page, first) == ["2026-12-01"]
    assert days_of(page, last) == ["2026-12-31"]
    assert after.code not in page


async def test_a_session_of_several_days_stands_on_each_of_them(
    world: World, client: httpx.AsyncClient
) -> None:
    long = await make_dated(world, datetime(2026, 11, 29, 9, 0, tzinfo=ZONE), hours=4 * 24)

    december, november = (
        await text_of(client, DECEMBER),
        await text_of(client, "/?view=month&month=2026-11"),
    )

    assert days_of(november, long) == ["2026-11-29", "2026-11-30"]
    assert days_of(december, long) == ["2026-12-01", "2026-12-02", "2026-12-03"]
    assert "<b>09:00</b>" in cells_of(november)["2026-11-29"]
    assert "<b>持续</b>" in cells_of(november)["2026-11-30"]


async def test_midnight_ends_a_day_and_does_not_begin_the_next(
    world: World, client: httpx.AsyncClient
) -> None:
    session = await make_dated(world, datetime(2026, 12, 5, 22, 0, tzinfo=ZONE))

    assert days_of(await text_of(client, DECEMBER), session) == ["2026-12-05"]


async def test_a_full_day_shows_three_and_leads_to_all(world: World, client: httpx.AsyncClient) -> None:
    long = await make_dated(world, datetime(2026, 12, 4, 9, 0, tzinfo=ZONE), hours=48)
    sessions = [await make_dated(world, datetime(2026, 12, 5, 8 + hour, 0, tzinfo=ZONE)) for hour in range(9)]

    cell = cells_of(await text_of(client, f"{DECEMBER}&kind=visit"))["2026-12-05"]
    day = await text_of(client, "/?kind=visit&date=2026-12-05")

    assert [s.code for s in sessions if s.code in cell] == [s.code for s in sessions[:3]]
    assert long.code not in cell
    assert "<small>10场</small>" in cell
    assert '<a href="/?kind=visit&amp;date=2026-12-05">还有7场</a>' in cell
    assert all(s.code in day for s in [long, *sessions])


async def test_a_days_agenda_has_that_day_alone(world: World, client: httpx.AsyncClient) -> None:
    before, on, after = [
        await make_dated(world, datetime(2025, 12, day, 9, 0, tzinfo=ZONE)) for day in (4, 5, 6)
    ]

    page = await text_of(client, "/?words=劳模&date=2025-12-05")

    assert on.code in page
    assert before.code not in page
    assert after.code not in page
    assert 'rel="prev">前一天' in page
    assert re.search(r'href="/\?words=[%0-9A-F]+&amp;date=2025-12-06" rel="next"', page)
    assert 'name="date" value="2025-12-05"' in page
    assert "这一天没有活动" in await text_of(client, "/o/ynmec?date=2025-12-05")


@pytest.mark.parametrize(
    "day", ["2026-02-31", "0000-01-01", "nonsense", "2026-1-1", "٢٠٢٦-12-05", "1999-12-31"]
)
async def test_a_day_that_is_none_is_left_out(world: World, client: httpx.AsyncClient, day: str) -> None:
    assert world.wang.session.code in await text_of(client, f"/?date={day}")


async def test_months_lead_to_one_another_with_their_filters(world: World, client: httpx.AsyncClient) -> None:
    page = await text_of(client, f"{DECEMBER}&kind=visit")

    assert 'href="/?kind=visit&amp;view=month&amp;month=2026-11"' in page
    assert 'href="/?kind=visit&amp;view=month&amp;month=2027-01"' in page


@pytest.mark.parametrize("month", ["", "nonsense", "2026-13", "0000-01", "2026-12-05", "٢٠٢٦-12", "9" * 21])
async def test_a_wrong_month_is_this_month(world: World, client: httpx.AsyncClient, month: str) -> None:
    today = clock.today()

    page = await text_of(client, f"/?view=month&month={month}")

    assert f"<h2>{today.year}年{today.month}月</h2>" in page


async def test_an_empty_month_says_so(world: World, client: httpx.AsyncClient) -> None:
    assert "这个月没有活动" in await text_of(client, "/?view=month&month=2031-01")


async def test_an_organizations_month_shows_what_was(world: World, client: httpx.AsyncClient) -> None:
    past = await make_dated(world, datetime(2025, 4, 9, 9, 0, tzinfo=ZONE), site=world.school.id)
    elsewhere = await make_dated(world, datetime(2025, 4, 9, 9, 0, tzinfo=ZONE))

    page = await text_of(client, "/o/ynmec?view=month&month=2025-04")

    assert days_of(page, past) == ["2025-04-09"]
    assert elsewhere.code not in page
    assert 'href="/o/ynmec?view=month&amp;month=2025-03"' in page


@pytest.mark.parametrize("sessions", [1, 3, 30])
@pytest.mark.parametrize(("path", "expected"), [("/", 2), ("/o/ynmec", 2)])
async def test_every_length_of_month_costs_the_same(
    world: World, client: httpx.AsyncClient, counting: Counting, sessions: int, path: str, expected: int
) -> None:
    for number in range(sessions):
        await make_dated(world, datetime(2026, 12, number + 1, 9, tzinfo=ZONE), site=world.school.id)

    async with counting() as statements:
        await text_of(client, f"{path}?view=month&month=2026-12")

    assert len(statements) == expected


def test_weeks_begin_on_monday_and_cover_the_month() -> None:
    cells = [day for week in weeks(date(2026, 12, 1), [], date(2026, 12, 3)) for day in week]

    assert (cells[0]["iso"], cells[-1]["iso"], len(cells)) == ("2026-11-30", "2027-01-03", 35)
    assert [cell["day"] for cell in cells if not cell["out"]] == list(range(1, 32))
    assert [cell["iso"] for cell in cells if cell["today"]] == ["2026-12-03"]


async def test_no_month_shows_a_school_of_nobody(world: World, client: httpx.AsyncClient) -> None:
    assert not await Organization.exists().where(Organization.code == "nobody")

    assert (await client.get("/o/nobody?view=month")).status_code == 404
