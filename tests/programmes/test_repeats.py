"""Repeat rules lose no day and double none; holidays skip or move; days stay on the day they have by the wall."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise, takewhile
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.hostile import HOSTILE
from tests.pages import fields_of
from tests.people import Union, let_in, make_account, make_organization, make_union

from events_app.accounts.tables import Role
from events_app.lib import database
from events_app.lib.clock import ZONE
from events_app.programmes.queries.workdays import save_own_days
from events_app.programmes.rules.repeats import (
    HORIZON,
    LAST,
    MOST_DAYS,
    Frequency,
    OnHoliday,
    Plan,
    Repeat,
    moment_on,
    plan_days,
    same_wall,
    unsettled_years,
)
from events_app.programmes.rules.rows import Defaults, read_row
from events_app.programmes.rules.workdays import OwnDay, Workdays

# The first look at a year reads the library, and many tests share two cores.
UNHURRIED = settings(deadline=None)
# Clocks go forward and back in March, in October, at midnight, by half an hour, in Ramadan, or never.
ZONES = [
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "America/Havana",
    "Asia/Beirut",
    "Asia/Tehran",
    "Africa/Casablanca",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "America/Scoresbysund",
]
zones = st.sampled_from(ZONES).map(ZoneInfo)
days = st.dates(date(2000, 1, 1), date(2060, 12, 31))
walls = st.times().map(lambda at: at.replace(second=0, microsecond=0))
# The days on which rules trip: ends of months and years, leap days, nights in which clocks change.
edges = st.sampled_from(
    [
        date(y, m, d)
        for y in (2000, 2024, 2027, 2028)
        for m, d in ((1, 31), (2, 28), (3, 30), (10, 31), (12, 31))
    ]
    + [date(2024, 2, 29), date(2028, 2, 29), date(2026, 2, 14), date(2026, 10, 1)]
)
firsts = st.one_of(days, edges)


@st.composite
def repeats(draw: st.DrawFn, on_holiday: OnHoliday | None = None) -> Repeat:
    first = draw(firsts)
    length = draw(st.integers(0, 900))
    ends = (
        {"until": first + timedelta(days=length)}
        if draw(st.booleans())
        else {"count": draw(st.integers(1, 60))}
    )
    return Repeat(
        first,
        draw(st.sampled_from(Frequency)),
        draw(st.integers(1, 6)),
        tuple(sorted(draw(st.sets(st.integers(0, 6))))),
        draw(st.sampled_from([1, 2, 3, 4, LAST])),
        draw(st.integers(0, 6)),
        draw(st.integers(1, 31)),
        on_holiday=on_holiday or draw(st.sampled_from(OnHoliday)),
        **ends,
    )


@st.composite
def calendars(draw: st.DrawFn) -> Workdays:
    off = draw(st.dictionaries(firsts, st.booleans(), max_size=20))
    return Workdays([OwnDay(d, works, "本会的日子") for d, works in off.items()])


def named(repeat: Repeat, calendar: Workdays) -> Iterator[date]:
    """The days that the rule names, found by looking at each day by itself."""
    candidates = (repeat.first + timedelta(days=n) for n in range(HORIZON.days + 1))
    anchor: date | None = None
    for d in candidates:
        if repeat.until and d > repeat.until:
            return
        if matches(repeat, d, calendar):
            anchor = anchor or d
            if steps(repeat, anchor, d) % repeat.interval == 0:
                yield d


def matches(repeat: Repeat, d: date, calendar: Workdays) -> bool:
    match repeat.frequency:
        case Frequency.WEEKLY:
            return d.weekday() in (repeat.weekdays or (repeat.first.weekday(),))
        case Frequency.MONTHLY_WEEKDAY:
            nth = LAST if (d + timedelta(days=7)).month != d.month else None
            return d.weekday() == repeat.weekday and repeat.nth in (nth, (d.day + 6) // 7)
        case Frequency.MONTHLY_DAY:
            return d.day == min(repeat.month_day, monthrange(d.year, d.month)[1])
        case _:
            return calendar.works(d)


def steps(repeat: Repeat, anchor: date, d: date) -> int:
    """Weeks or months between two days; a rule of workdays has no interval."""
    if repeat.frequency == Frequency.WORKDAYS:
        return 0
    if repeat.frequency == Frequency.WEEKLY:
        return (d - timedelta(days=d.weekday()) - anchor + timedelta(days=anchor.weekday())).days // 7
    return (d.year - anchor.year) * 12 + d.month - anchor.month


def planned(repeat: Repeat, calendar: Workdays | None = None) -> list[str]:
    return [p.day.isoformat() for p in plan_days(repeat, calendar or Workdays()).days]


@UNHURRIED
@given(repeats(), calendars())
def test_days_are_in_order_and_each_is_there_once(repeat: Repeat, calendar: Workdays) -> None:
    plan = plan_days(repeat, calendar)

    assert all(a.day < b.day for a, b in pairwise(plan.days))
    assert all(p.day >= repeat.first for p in plan.days)


@UNHURRIED
@given(repeats(), calendars())
def test_end_is_kept_to(repeat: Repeat, calendar: Workdays) -> None:
    found = plan_days(repeat, calendar).days

    if repeat.until:
        assert all(p.day <= repeat.until for p in found)
    elif repeat.interval * repeat.count * 31 < 3000 and repeat.on_holiday == OnHoliday.KEEP:  # type: ignore[operator]
        assert len(found) == repeat.count
    assert len(found) <= (repeat.count or MOST_DAYS + 1)


@UNHURRIED
@given(repeats(OnHoliday.KEEP), calendars())
def test_kept_days_are_those_that_the_rule_names(repeat: Repeat, calendar: Workdays) -> None:
    found = [p.day for p in plan_days(repeat, calendar).days]

    assert found == list(islice(named(repeat, calendar), repeat.count or MOST_DAYS + 1))


@UNHURRIED
@given(repeats(OnHoliday.SKIP), calendars())
def test_skipped_days_are_the_holidays_and_each_is_told(repeat: Repeat, calendar: Workdays) -> None:
    plan = plan_days(repeat, calendar)

    last = plan.days[-1].day if repeat.count == len(plan.days) else date.max
    rule = list(takewhile(lambda d: d <= last, named(repeat, calendar)))
    free = [d for d in rule if not calendar.holiday(d)]
    assert [p.day for p in plan.days] == free[: MOST_DAYS + 1]
    if len(free) <= MOST_DAYS:
        assert len(plan.left_out) == len(rule) - len(free)


@UNHURRIED
@given(repeats(OnHoliday.MOVE), calendars())
def test_moved_days_are_worked_and_none_is_lost_without_a_word(repeat: Repeat, calendar: Workdays) -> None:
    plan = plan_days(repeat, calendar)

    rule = list(named(repeat, calendar))
    targets = {calendar.next_workday(d) for d in rule if calendar.holiday(d)}
    free = {d for d in rule if not calendar.holiday(d)}
    assert all(p.day in free or (p.day in targets and "顺延" in p.note) for p in plan.days)
    assert all(calendar.works(p.day) for p in plan.days if p.day not in free)
    if repeat.until and len(rule) <= MOST_DAYS:
        assert len(plan.days) + len(plan.left_out) == len(rule)
        assert free <= {p.day for p in plan.days}


@UNHURRIED
@given(repeats(), calendars(), zones, walls)
def test_every_planned_day_is_that_day_by_the_clocks_of_any_zone(
    repeat: Repeat, calendar: Workdays, zone: ZoneInfo, wall: time
) -> None:
    found = [p.day for p in plan_days(repeat, calendar).days]

    moments = [moment_on(d, wall, zone) for d in found]

    assert [at.astimezone(zone).date() for at in moments] == found
    assert all(a < b for a, b in pairwise(moments))


@UNHURRIED
@given(days, zones, walls)
def test_wall_time_is_kept_unless_clocks_never_show_it(d: date, zone: ZoneInfo, wall: time) -> None:
    shown = moment_on(d, wall, zone).astimezone(zone).time()
    naive = datetime.combine(d, wall)
    exists = naive.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == naive

    assert (shown == wall) == exists
    assert exists or shown > wall


@UNHURRIED
@given(st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1)), st.integers(-800, 800), zones)
def test_moving_by_days_keeps_day_and_time_by_the_wall(at: datetime, shift: int, zone: ZoneInfo) -> None:
    moment = at.replace(tzinfo=UTC)
    here = moment.astimezone(zone)

    there = same_wall(moment, shift, zone).astimezone(zone)

    assert there.date() == here.date() + timedelta(days=shift)
    assert there.time() == here.time() or moment_on(there.date(), here.time(), zone) == there


@pytest.mark.parametrize(
    ("zone", "day", "wall", "moment"),
    [
        ("Asia/Shanghai", date(2026, 3, 30), time(23, 30), "2026-03-30T15:30"),
        ("Asia/Shanghai", date(2026, 3, 30), time(0, 30), "2026-03-29T16:30"),
        ("Europe/Berlin", date(2026, 3, 29), time(2, 30), "2026-03-29T01:30"),  # a gap: clocks show 03:30
        ("Europe/Berlin", date(2026, 10, 25), time(2, 30), "2026-10-25T00:30"),  # twice: the first time
        ("America/Havana", date(2026, 3, 8), time(0, 30), "2026-03-08T05:30"),  # a gap at midnight
    ],
)
def test_moment_is_the_wall_s(zone: str, day: date, wall: time, moment: str) -> None:
    assert moment_on(day, wall, ZoneInfo(zone)) == datetime.fromisoformat(f"{moment}+00:00")


def test_late_evening_in_shanghai_stays_on_its_day() -> None:
    repeat = Repeat(date(2026, 3, 30), Frequency.MONTHLY_DAY, month_day=30, count=2)

    found = [moment_on(p.day, time(23, 30), ZONE) for p in plan_days(repeat, Workdays()).days]

    assert [f"{at.astimezone(ZONE):%m-%d %H:%M}" for at in found] == ["03-30 23:30", "04-30 23:30"]


def test_every_second_week_on_two_days_counts_from_the_first_week_that_has_one() -> None:
    repeat = Repeat(date(2026, 11, 27), Frequency.WEEKLY, 2, weekdays=(0, 2), count=4)  # a Friday

    assert planned(repeat) == ["2026-11-30", "2026-12-02", "2026-12-14", "2026-12-16"]


def test_third_wednesday_of_the_month() -> None:
    repeat = Repeat(date(2026, 11, 23), Frequency.MONTHLY_WEEKDAY, nth=3, weekday=2, count=3)

    assert planned(repeat) == ["2026-12-16", "2027-01-20", "2027-02-17"]


def test_last_friday_of_every_second_month() -> None:
    repeat = Repeat(date(2026, 7, 1), Frequency.MONTHLY_WEEKDAY, 2, nth=LAST, weekday=4, count=3)

    assert planned(repeat) == ["2026-07-31", "2026-11-27", "2027-01-29"]  # Mid-Autumn falls on 25 September


def test_month_without_a_31st_has_it_on_its_last_day_and_says_so() -> None:
    repeat = Repeat(date(2027, 8, 31), Frequency.MONTHLY_DAY, month_day=31, count=7)

    plan = plan_days(repeat, Workdays())

    assert [(p.day.isoformat()[5:], p.note) for p in plan.days] == [
        ("08-31", ""),
        ("09-30", "9月没有31日，排在月末"),
        ("10-31", ""),
        ("11-30", "11月没有31日，排在月末"),
        ("12-31", ""),
        ("01-31", ""),
        ("02-29", "2月没有31日，排在月末"),
    ]


def test_workdays_leave_out_spring_festival_and_take_its_make_up_saturdays() -> None:
    repeat = Repeat(date(2026, 2, 13), Frequency.WORKDAYS, until=date(2026, 3, 2))

    plan = plan_days(repeat, Workdays())

    assert [p.day.day for p in plan.days] == [13, 14, 24, 25, 26, 27, 28, 2]
    assert [p.note for p in plan.days if p.note] == ["当天调休上班"] * 2


def spring(on_holiday: OnHoliday, **end: object) -> Plan:
    """Tuesdays around Spring Festival of 2026, of which the 17th of February is a holiday."""
    repeat = Repeat(date(2026, 2, 10), Frequency.WEEKLY, weekdays=(1,), on_holiday=on_holiday, **end)  # type: ignore[arg-type]
    return plan_days(repeat, Workdays())


def test_holiday_is_skipped_and_the_count_is_reached_all_the_same() -> None:
    plan = spring(OnHoliday.SKIP, count=3)

    assert [p.day.isoformat() for p in plan.days] == ["2026-02-10", "2026-02-24", "2026-03-03"]
    assert plan.left_out == ["2026年2月17日（周二）是春节假期，不安排。"]


def test_holiday_is_kept_with_a_word() -> None:
    plan = spring(OnHoliday.KEEP, count=2)

    assert [(p.day.isoformat(), p.note) for p in plan.days] == [
        ("2026-02-10", ""),
        ("2026-02-17", "当天是春节假期"),
    ]


def test_day_is_not_moved_onto_one_that_has_a_session() -> None:
    plan = spring(OnHoliday.MOVE, until=date(2026, 3, 3))

    assert [p.day.isoformat() for p in plan.days] == ["2026-02-10", "2026-02-24", "2026-03-03"]
    assert plan.left_out == ["2026年2月17日（周二）是春节假期，下一个工作日2月24日已有一场，不再安排。"]


def test_day_is_moved_to_a_make_up_saturday() -> None:
    calendar = Workdays([OwnDay(date(2026, 10, 9), False, "会庆日")])
    repeat = Repeat(date(2026, 10, 9), Frequency.WEEKLY, on_holiday=OnHoliday.MOVE, count=2)

    plan = plan_days(repeat, calendar)

    assert [(p.day.isoformat(), p.note) for p in plan.days] == [
        ("2026-10-10", "原为10月9日（会庆日），顺延"),
        ("2026-10-16", ""),
    ]


def test_day_is_not_moved_past_the_end() -> None:
    plan = spring(OnHoliday.MOVE, until=date(2026, 2, 23))

    assert [p.day.isoformat() for p in plan.days] == ["2026-02-10"]
    assert plan.left_out == ["2026年2月17日（周二）是春节假期，下一个工作日已在截止日期之后，不安排。"]


def test_two_holidays_do_not_move_onto_one_day() -> None:
    repeat = Repeat(
        date(2026, 10, 1),
        Frequency.WEEKLY,
        weekdays=(3, 4),
        on_holiday=OnHoliday.MOVE,
        until=date(2026, 10, 8),
    )

    plan = plan_days(repeat, Workdays())

    assert [p.day.isoformat() for p in plan.days] == ["2026-10-08"]
    assert len(plan.left_out) == 2


def test_years_without_a_notice_are_named() -> None:
    found = [date(2026, 12, 1), date(2060, 1, 1), date(2060, 2, 1), date(2061, 1, 1)]

    assert unsettled_years(found, Workdays([OwnDay(date(2061, 3, 1), True, "调休")])) == [2060]


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


@pytest.fixture
async def wang(union: Union, client: httpx.AsyncClient) -> httpx.AsyncClient:
    await let_in(client, union.wang)
    return client


def desk(**changes: Any) -> dict[str, Any]:
    """The weekly legal-aid desk: Tuesdays around Spring Festival of 2026."""
    return {
        "first": "2026-02-10",
        "starts": "14:00",
        "ends": "17:00",
        "frequency": "weekly",
        "interval": "1",
        "weekdays": ["1"],
        "nth": "1",
        "weekday": "0",
        "end": "count",
        "count": "3",
        "on_holiday": "skip",
        "venue": "法律援助室",
        "address": "昆明市",
        "title": "法律援助窗口",
        "guests": "段律师，，云南某律师事务所",
        "capacity": "20",
        "opens_at": "2026-01-01T00:00",
        "waiting_list": "yes",
        "check_in_lead": "30",
    } | changes


async def save(client: httpx.AsyncClient, planned: httpx.Response) -> httpx.Response:
    """Press the button below the rows, as they are."""
    address = planned.headers["location"]
    page = await client.get(address)
    return await client.post(f"{address}/sessions", data=fields_of(page.text))


async def batch(answer: httpx.Response) -> tuple[list[dict[str, str]], dict[str, Any]]:
    code = answer.headers["location"].removeprefix("/manage/batches/")
    row = await database.find("SELECT rows, defaults, source FROM batch WHERE code = $1", code)
    assert row is not None
    assert row["source"] == "repeat"
    return msgspec.json.decode(row["rows"]), msgspec.json.decode(row["defaults"])


async def test_rule_becomes_a_batch_that_says_what_it_left_out(wang: httpx.AsyncClient, union: Union) -> None:
    answer = await wang.post(f"/manage/activities/{union.activity.code}/repeats", data=desk())

    rows, defaults = await batch(answer)
    assert [(row["day"], row["starts"], row["ends"]) for row in rows] == [
        ("2026-02-10", "14:00", "17:00"),
        ("2026-02-24", "14:00", "17:00"),
        ("2026-03-03", "14:00", "17:00"),
    ]
    assert {name: rows[0][name] for name in ("venue", "capacity", "title", "guests")} == {
        "venue": "法律援助室",
        "capacity": "20",
        "title": "法律援助窗口",
        "guests": "段律师，，云南某律师事务所",
    }
    assert defaults["remarks"] == ["2026年2月17日（周二）是春节假期，不安排。"]
    assert await database.value("SELECT count(*) FROM session") == 1


async def test_rows_are_read_as_the_days_and_times_that_were_meant(
    wang: httpx.AsyncClient, union: Union
) -> None:
    late = desk(starts="23:30", ends="00:30", first="2026-03-30", weekdays=["0"], count="1")

    rows, defaults = await batch(
        await wang.post(f"/manage/activities/{union.activity.code}/repeats", data=late)
    )
    plan, errors = read_row(rows[0], msgspec.convert(defaults, Defaults), date(2026, 1, 1))

    assert errors == {}
    assert plan is not None
    assert [f"{at.astimezone(ZONE):%m-%d %H:%M}" for at in (plan.starts_at, plan.ends_at)] == [
        "03-30 23:30",
        "03-31 00:30",
    ]


async def test_own_days_of_the_union_count(wang: httpx.AsyncClient, union: Union) -> None:
    await save_own_days(union.organization.id, [date(2026, 2, 17)], True, "值班")
    await save_own_days(union.organization.id, [date(2026, 2, 24)], False, "会庆日")

    rows, defaults = await batch(
        await wang.post(f"/manage/activities/{union.activity.code}/repeats", data=desk())
    )

    assert [row["day"] for row in rows] == ["2026-02-10", "2026-02-17", "2026-03-03"]
    assert defaults["remarks"] == ["2026年2月24日（周二）是会庆日假期，不安排。"]


async def test_year_without_a_notice_is_hinted_at(wang: httpx.AsyncClient, union: Union) -> None:
    form = desk(first="2060-03-02", count="1")

    _rows, defaults = await batch(
        await wang.post(f"/manage/activities/{union.activity.code}/repeats", data=form)
    )
    _rows, kept = await batch(
        await wang.post(
            f"/manage/activities/{union.activity.code}/repeats", data=form | {"on_holiday": "keep"}
        )
    )

    assert [remark[:12] for remark in defaults["remarks"]] == ["2060年的调休安排还没"]
    assert kept["remarks"] == []


async def test_form_without_a_weekday_or_a_day_takes_those_of_the_first(
    wang: httpx.AsyncClient, union: Union
) -> None:
    address = f"/manage/activities/{union.activity.code}/repeats"

    weekly, _ = await batch(await wang.post(address, data=desk(first="2026-11-26", weekdays=[], count="2")))
    monthly, _ = await batch(
        await wang.post(address, data=desk(first="2026-11-26", frequency="monthly_day", count="2"))
    )

    assert [row["day"] for row in weekly] == ["2026-11-26", "2026-12-03"]
    assert [row["day"] for row in monthly] == ["2026-11-26", "2026-12-26"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"first": ""}, "first"),
        ({"first": "2026-02-30"}, "first"),
        ({"first": "1999-12-31"}, "first"),
        ({"first": "明天"}, "first"),
        ({"starts": "25:00"}, "starts"),
        ({"ends": "下午"}, "ends"),
        ({"frequency": "yearly"}, "frequency"),
        ({"interval": "0"}, "interval"),
        ({"interval": "53"}, "interval"),
        ({"weekdays": ["7"]}, "weekdays"),
        ({"weekdays": ["1"] * 8}, "weekdays"),
        ({"nth": "5"}, "nth"),
        ({"weekday": ""}, "weekday"),
        ({"month_day": "32"}, "month_day"),
        ({"end": ""}, "end"),
        ({"count": ""}, "count"),
        ({"count": "501"}, "count"),
        ({"count": "0"}, "count"),
        ({"end": "until"}, "until"),
        ({"end": "until", "until": "2026-02-09"}, "until"),
        ({"end": "until", "until": "2099-01-01"}, "until"),
        ({"interval": "52", "count": "11"}, "count"),
        ({"on_holiday": "pray"}, "on_holiday"),
        ({"venue": ""}, "venue"),
        ({"venue": "室" * 101}, "venue"),
        ({"title": "\u202e窗口"}, "title"),
        ({"capacity": "很多"}, "capacity"),
        ({"check_in_lead": "-1"}, "check_in_lead"),
        ({"opens_at": ""}, "opens_at"),
    ],
)
async def test_rule_that_is_none_comes_back_as_typed(
    wang: httpx.AsyncClient, union: Union, changes: dict[str, Any], field: str
) -> None:
    answer = await wang.post(f"/manage/activities/{union.activity.code}/repeats", data=desk(**changes))

    assert answer.status_code == 422
    assert f'href="#field-{field}"' in answer.text
    assert f'id="field-{field}"' in answer.text
    assert "段律师，，云南某律师事务所" in answer.text
    assert await database.value("SELECT count(*) FROM batch") == 0


async def test_until_that_leaves_no_day_says_which_were_left_out(
    wang: httpx.AsyncClient, union: Union
) -> None:
    form = desk(first="2026-02-17", end="until", until="2026-02-18")

    answer = await wang.post(f"/manage/activities/{union.activity.code}/repeats", data=form)

    assert answer.status_code == 422
    assert "2026年2月17日（周二）是春节假期" in answer.text


async def test_five_hundred_sessions_are_the_most(wang: httpx.AsyncClient, union: Union) -> None:
    form = desk(frequency="workdays", count="500")

    rows, _defaults = await batch(
        await wang.post(f"/manage/activities/{union.activity.code}/repeats", data=form)
    )

    assert len({row["day"] for row in rows}) == 500


async def test_form_of_a_rule_is_filled_with_a_weekly_desk(wang: httpx.AsyncClient, union: Union) -> None:
    page = await wang.get(f"/manage/activities/{union.activity.code}/repeats/new")

    assert page.status_code == 200
    assert 'name="frequency" value="weekly" checked' in page.text
    assert "大礼堂" in page.text


async def test_other_unions_find_no_activity_to_repeat(client: httpx.AsyncClient, union: Union) -> None:
    qian = await make_account("qian", Role.OWNER, await make_organization("宁波市总工会"))
    await let_in(client, qian)
    address = f"/manage/activities/{union.activity.code}/repeats"

    answers = [
        await client.get(f"{address}/new"),
        await client.post(address, data=desk()),
        await client.post(address, data={}),
    ]

    assert [answer.status_code for answer in answers] == [404] * 3
    assert await database.value("SELECT count(*) FROM batch") == 0


async def test_rule_is_saved_in_two_steps(wang: httpx.AsyncClient, union: Union) -> None:
    form = desk(first="2027-01-26", opens_at="2026-12-01T08:00")

    planned = await wang.post(f"/manage/activities/{union.activity.code}/repeats", data=form)
    looked_through = await wang.get(planned.headers["location"])
    saved = await save(wang, planned)

    assert "2027年2月9日（周二）是春节假期，不安排。" in looked_through.text
    assert saved.headers["location"].startswith(f"/manage/activities/{union.activity.code}")
    rows = await database.fetch(
        "SELECT starts_at, ends_at, capacity FROM session WHERE capacity = 20 ORDER BY 1"
    )
    assert [f"{row['starts_at'].astimezone(ZONE):%m-%d %H:%M}" for row in rows] == [
        "01-26 14:00",
        "02-02 14:00",
        "02-16 14:00",
    ]


async def test_session_kept_on_a_holiday_is_asked_about(wang: httpx.AsyncClient, union: Union) -> None:
    form = desk(first="2027-02-02", count="2", on_holiday="keep", opens_at="2026-12-01T08:00")

    planned = await wang.post(f"/manage/activities/{union.activity.code}/repeats", data=form)
    page = await wang.get(planned.headers["location"])
    await save(wang, planned)

    assert "当天是春节假期" in page.text
    assert await database.value("SELECT count(*) FROM session WHERE capacity = 20") == 1


@pytest.mark.parametrize("field", desk())
async def test_hostile_words_in_any_field_are_answered(
    wang: httpx.AsyncClient, union: Union, field: str
) -> None:
    address = f"/manage/activities/{union.activity.code}/repeats"

    for word in HOSTILE:
        answer = await wang.post(address, data=desk(**{field: word}))
        assert answer.status_code in (303, 422), word
        assert "<script>alert" not in answer.text
