"""Which days are off and which are worked: the State Council's notices, and a union's own days."""

from datetime import date, timedelta

import pytest
from tests.people import Union, make_organization, make_union

from events_app.programmes.queries.workdays import find_workdays, remove_own_day, save_own_days
from events_app.programmes.rules.workdays import OwnDay, Workdays, announced, state_year

# From the State Council's notices, each holiday with all its days, and the weekends that are worked.
NOTICES = {
    2025: (
        {
            "元旦": [("01-01", "01-01")],
            "春节": [("01-28", "02-04")],
            "清明节": [("04-04", "04-06")],
            "劳动节": [("05-01", "05-05")],
            "端午节": [("05-31", "06-02")],
            "国庆节、中秋节": [("10-01", "10-08")],
        },
        ["01-26", "02-08", "04-27", "09-28", "10-11"],
    ),
    2026: (
        {
            "元旦": [("01-01", "01-03")],
            "春节": [("02-15", "02-23")],
            "清明节": [("04-04", "04-06")],
            "劳动节": [("05-01", "05-05")],
            "端午节": [("06-19", "06-21")],
            "中秋节": [("09-25", "09-27")],
            "国庆节": [("10-01", "10-07")],
        },
        ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"],
    ),
}


def day(year: int, text: str) -> date:
    return date.fromisoformat(f"{year}-{text}")


def all_days(year: int) -> list[date]:
    return [
        date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)
    ]


@pytest.mark.parametrize("year", NOTICES)
def test_year_has_the_days_of_its_notice_and_no_others(year: int) -> None:
    holidays, worked = NOTICES[year]
    spans = [span for spans in holidays.values() for span in spans]
    off = {d for d in all_days(year) for first, last in spans if day(year, first) <= d <= day(year, last)}

    table = state_year(year)

    assert set(table.off) == off
    assert table.worked == {day(year, text) for text in worked}
    assert {d for d in all_days(year) if Workdays().works(d)} == {
        d for d in all_days(year) if d in table.worked or (d.weekday() < 5 and d not in off)
    }


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("2026-01-02", "元旦"),
        ("2026-01-03", "元旦"),
        ("2026-01-04", ""),
        ("2026-02-15", "农历除夕"),
        ("2026-02-17", "春节"),
        ("2026-02-23", "春节"),
        ("2026-04-06", "清明节"),
        ("2026-10-07", "国庆节"),
        ("2025-10-08", "中秋节"),
        ("2026-11-21", ""),
        ("2026-11-23", ""),
    ],
)
def test_holiday_is_called_by_its_name_and_a_plain_weekend_by_none(text: str, name: str) -> None:
    assert Workdays().holiday(date.fromisoformat(text)) == name


def test_make_up_saturday_is_worked_and_said_to_be_made_up() -> None:
    saturday = date(2026, 2, 14)

    assert (Workdays().works(saturday), Workdays().made_up(saturday)) == (True, True)
    assert (Workdays().works(date(2026, 11, 21)), Workdays().made_up(date(2026, 11, 23))) == (False, False)


def test_own_days_come_before_the_table() -> None:
    calendar = Workdays(
        [
            OwnDay(date(2026, 2, 14), False, "本会休息"),
            OwnDay(date(2026, 2, 17), True, "值班"),
            OwnDay(date(2026, 11, 21), True, "补班"),
            OwnDay(date(2026, 11, 23), False, "会庆日"),
        ]
    )

    assert [calendar.holiday(d) for d in calendar.own] == ["本会休息", "", "", "会庆日"]
    assert [calendar.works(d) for d in calendar.own] == [False, True, True, False]
    assert [calendar.made_up(d) for d in calendar.own] == [False, False, True, False]


def test_next_workday_may_be_a_make_up_weekend() -> None:
    assert Workdays().next_workday(date(2026, 2, 21)) == date(2026, 2, 24)
    assert Workdays().next_workday(date(2026, 10, 9)) == date(2026, 10, 10)


def test_next_workday_of_a_calendar_without_any_is_none() -> None:
    days = [OwnDay(date(2026, 1, 1) + timedelta(days=n), False, "停业") for n in range(400)]

    assert Workdays(days).next_workday(date(2026, 1, 1)) is None


def test_years_without_a_notice_have_statutory_days_and_say_so() -> None:
    assert [announced(year) for year in (2025, 2026, 2060)] == [True, True, False]
    assert state_year(2060).off[date(2060, 10, 1)] == "国庆节"
    assert state_year(2060).worked == frozenset()


def test_union_settles_a_year_by_its_own_days() -> None:
    assert not Workdays().settled(2060)
    assert Workdays([OwnDay(date(2060, 10, 9), True, "调休")]).settled(2060)


def test_every_year_that_a_form_takes_has_a_table() -> None:
    tables = [state_year(year) for year in range(2000, 2101)]

    assert all(d.year == year for year, table in enumerate(tables, 2000) for d in table.off)
    assert all(not (set(table.off) & table.worked) for table in tables)


def test_days_off_over_new_year_are_one_holiday_in_both_years() -> None:
    off = {**state_year(2022).off, **state_year(2023).off}

    assert [name for d, name in off.items() if date(2022, 12, 30) < d < date(2023, 1, 3)] == ["元旦"] * 3


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


async def test_own_days_are_one_union_s_alone(union: Union) -> None:
    other = await make_organization("宁波市总工会")
    await save_own_days(union.organization.id, [date(2026, 11, 23)], False, "会庆日")

    assert (await find_workdays(union.organization.id)).holiday(date(2026, 11, 23)) == "会庆日"
    assert (await find_workdays(other.id)).works(date(2026, 11, 23))


async def test_day_is_saved_once_and_removed_once(union: Union) -> None:
    await save_own_days(union.organization.id, [date(2026, 11, 23)], False, "会庆日")
    await save_own_days(union.organization.id, [date(2026, 11, 23)], True, "照常")

    assert (await find_workdays(union.organization.id)).own == {
        date(2026, 11, 23): OwnDay(date(2026, 11, 23), True, "照常")
    }
    removed = [await remove_own_day(union.organization.id, date(2026, 11, 23)) for _ in range(2)]
    assert removed == [True, False]
