"""What is counted: sessions held, attendances and people, each row and each total for itself."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from tests.people import Union, make_activity, make_session, make_union, register

from events_app.lib import clock
from events_app.programmes.tables import Activity, Kind, Session
from events_app.registration import queries as registrations
from events_app.registration.actions import waiting as registration
from events_app.registration.tables import Headcount, Roster, Seat
from events_app.statistics import queries
from events_app.statistics.forms import Filter
from events_app.statistics.queries import Report, Scope
from events_app.statistics.rules import Stage

ALL = Filter(None, None, "", None)


@pytest.fixture
async def union(db: object) -> Union:
    """Its one session is still to come and has no registrations."""
    return await make_union()


async def attend(session: Session, name: str, unit: str = "") -> None:
    seat = await register(session, name, unit=unit)
    await Seat.update({Seat.attended_at: clock.now(), Seat.evidence: "scan"}).where(Seat.id == seat.seat)


async def cancel(session: Session, name: str) -> None:
    seat = await register(session, name)
    ticket = await registrations.find_ticket(seat.ticket, seat.signature)
    assert ticket
    await registration.cancel(ticket, session.code)


async def end(session: Session, on: datetime | None = None) -> None:
    """As if it had taken place yesterday, or on that day."""
    starts_at = on or clock.now() - timedelta(days=1)
    await Session.update(
        {
            Session.starts_at: starts_at,
            Session.ends_at: starts_at + timedelta(hours=2),
            Session.opens_at: starts_at - timedelta(days=7),
            Session.closes_at: starts_at,
        }
    ).where(Session.id == session.id)


async def report(union: Union, wanted: Filter = ALL) -> Report:
    return await queries.read_report(wanted.scope([union.organization.id]), 100)


@dataclass
class Year:
    """Two activities of one union, and what happened in them."""

    union: Union
    visit: Activity
    contest: Activity


@pytest.fixture
async def year(union: Union) -> Year:
    """Zhao comes to both activities; Sun does not show up; Zhou cancels; Wu waits; one session is called off."""
    visit, contest = await make_activity(union.organization), await make_activity(union.organization)
    held, another = await make_session(visit), await make_session(contest, capacity=1)
    called_off = await make_session(visit)
    await attend(held, "赵敏", "云南机电职业技术学院")
    await attend(another, "赵敏", "云南机电职业技术学院")
    await register(held, "孙丽", unit="安宁市总工会")
    await cancel(held, "周强")
    await register(another, "吴斌")
    await register(called_off, "郑爽")
    await end(held)
    await end(another)
    await Session.update({Session.called_off_at: clock.now()}).where(Session.id == called_off.id)
    return Year(union, visit, contest)


async def test_one_person_in_two_activities_is_two_attendances_and_one_person(year: Year) -> None:
    total = (await report(year.union)).total

    assert (total.attended, total.people) == (2, 1)


async def test_people_of_the_total_are_not_the_sum_of_the_rows(year: Year) -> None:
    result = await report(year.union)

    assert [row.people for row in result.activities if row.attended] == [1, 1]
    assert result.total.people == 1


async def test_sessions_held_planned_and_called_off_are_counted_apart(year: Year) -> None:
    total = (await report(year.union)).total

    assert (total.held, total.planned, total.called_off) == (2, 1, 1)


async def test_seats_held_waited_for_and_cancelled_are_counted_apart(year: Year) -> None:
    total = (await report(year.union)).total

    assert (total.registered, total.waiting, total.cancelled) == (3, 1, 1)


async def test_seats_of_a_called_off_session_are_not_counted(year: Year) -> None:
    rows = {row.stage: row for row in (await report(year.union)).sessions}

    assert rows[Stage.CALLED_OFF].called_off == 1
    assert rows[Stage.CALLED_OFF].registered == 0


async def test_rate_is_of_those_expected_in_sessions_that_were_held(year: Year) -> None:
    await register(year.union.session, "钱进")  # still to come

    total = (await report(year.union)).total

    assert (total.came, total.due, total.rate) == (2, 3, 2 / 3)
    assert total.registered == 4


async def test_rate_is_unknown_before_anything_was_held(union: Union) -> None:
    assert (await report(union)).total.rate is None


async def test_activities_are_counted_each_for_itself(year: Year) -> None:
    rows = {row.code: row for row in (await report(year.union)).activities}
    visit, contest = rows[year.visit.code], rows[year.contest.code]

    assert (visit.held, visit.registered, visit.cancelled, visit.attended, visit.rate) == (1, 2, 1, 1, 0.5)
    assert (contest.held, contest.registered, contest.waiting, contest.attended, contest.rate) == (
        1,
        1,
        1,
        1,
        1.0,
    )


async def test_units_are_counted_each_for_itself(year: Year) -> None:
    rows = {
        row.unit: (row.held, row.registered, row.attended, row.people)
        for row in (await report(year.union)).units
    }

    assert rows == {"云南机电职业技术学院": (2, 2, 2, 1), "安宁市总工会": (1, 1, 0, 0), "": (1, 0, 0, 0)}


async def test_drafts_are_not_counted(union: Union) -> None:
    draft = await make_activity(union.organization, published_at=None)
    await make_session(draft)

    assert (await report(union)).total.planned == 1


async def test_another_unions_numbers_are_not_seen(year: Year) -> None:
    other = await make_union("淮北市总工会", "qian", "sun")
    await attend(other.session, "冯军", "淮北矿业")

    theirs, ours = await report(other), await report(year.union)

    assert (theirs.total.attended, [row.unit for row in theirs.units]) == (1, ["淮北矿业"])
    assert ours.total.attended == 2
    assert "淮北矿业" not in {row.unit for row in ours.units}
    assert other.session.code not in {row.code for row in ours.sessions}


async def test_no_organization_sees_nothing(year: Year) -> None:
    result = await queries.read_report(Scope([], None, None, "", ""), 100)

    assert (result.total.attended, result.activities, result.sessions, result.units) == (0, [], [], [])


async def test_months_are_those_of_shanghai(union: Union) -> None:
    last_minute, first_minute = await make_session(union.activity), await make_session(union.activity)
    await end(last_minute, datetime(2026, 1, 31, 23, 59, tzinfo=clock.ZONE))
    await end(first_minute, datetime(2026, 2, 1, 0, 0, tzinfo=clock.ZONE))

    months = (await report(union)).months

    assert [(row.month, row.held) for row in months][:2] == [("2026-01", 1), ("2026-02", 1)]


@pytest.mark.parametrize(
    ("first", "last", "held"),
    [
        (date(2026, 1, 31), date(2026, 1, 31), 1),
        (date(2026, 1, 31), date(2026, 2, 1), 2),
        (date(2026, 2, 1), date(2026, 2, 1), 1),
        (None, date(2026, 1, 30), 0),
        (None, date(2026, 2, 28), 2),
    ],
)
async def test_period_counts_whole_days_of_shanghai(
    union: Union, first: date | None, last: date, held: int
) -> None:
    last_minute, first_minute = await make_session(union.activity), await make_session(union.activity)
    await end(last_minute, datetime(2026, 1, 31, 23, 59, tzinfo=clock.ZONE))
    await end(first_minute, datetime(2026, 2, 1, 0, 0, tzinfo=clock.ZONE))

    assert (await report(union, Filter(first, last, "", None))).total.held == held


async def test_activity_and_kind_narrow_every_table(year: Year) -> None:
    fair = await make_session(await make_activity(year.union.organization, kind=Kind.JOB_FAIR))
    await attend(fair, "卫东", "石门街道")

    by_activity = await report(year.union, Filter(None, None, year.visit.code, None))
    by_kind = await report(year.union, Filter(None, None, "", Kind.JOB_FAIR))

    assert (by_activity.total.attended, len(by_activity.activities), len(by_activity.sessions)) == (1, 1, 2)
    assert (by_kind.total.attended, [row.unit for row in by_kind.units]) == (1, ["石门街道"])


async def test_tables_are_cut_and_say_how_long_they_are(year: Year) -> None:
    result = await queries.read_report(ALL.scope([year.union.organization.id]), 2)

    assert [len(rows) for rows in (result.activities, result.sessions, result.units)] == [2, 2, 2]
    assert [rows[0].rows for rows in (result.activities, result.sessions, result.units)] == [3, 4, 3]
    assert result.total.held == 2


async def come(session: Session, unit: str, people: int) -> None:
    for number in range(people):
        await attend(session, f"{unit}{number}", unit)


async def legal_aid(union: Union) -> Session:
    session = await make_session(await make_activity(union.organization, kind=Kind.LEGAL_AID))
    await come(session, "美团永顺站", 5)
    await come(session, "闪送站", 4)
    await come(session, "饿了么站", 1)
    return session


async def test_small_units_of_legal_aid_become_one_row(union: Union) -> None:
    await legal_aid(union)

    rows = (await report(union)).units

    assert [(row.unit, row.others, row.people) for row in rows] == [("美团永顺站", False, 5), ("", True, 5)]


async def test_small_units_of_other_kinds_keep_their_rows(union: Union) -> None:
    await come(union.session, "闪送站", 4)

    assert [(row.unit, row.others) for row in (await report(union)).units] == [("闪送站", False)]


async def test_a_large_unit_of_whom_few_came_to_legal_aid_is_not_named(union: Union) -> None:
    session = await make_session(await make_activity(union.organization, kind=Kind.LEGAL_AID))
    for number in range(6):
        await register(session, f"骑手{number}", unit="闪送站")
    assert [row.unit for row in (await report(union)).units] == ["闪送站"]

    await attend(session, "骑手0", "闪送站")

    assert [(row.unit, row.others) for row in (await report(union)).units] == [("", True)]


async def test_other_activities_do_not_give_a_small_unit_of_legal_aid_away(union: Union) -> None:
    await legal_aid(union)
    await come(union.session, "闪送站", 6)

    rows = {row.unit: row.people for row in (await report(union)).units if not row.others}

    assert rows == {"美团永顺站": 5, "闪送站": 6}  # and not 10, from which 4 could be reckoned


async def test_people_without_names_are_attendances_and_nobody_in_particular(union: Union) -> None:
    activity = await make_activity(union.organization)
    session, empty = await make_session(activity), await make_session(activity)
    await attend(session, "赵敏", "昆明一中")
    await register(session, "孙丽", unit="昆明一中")
    for unit, of, attended in (
        ("昆明一中", session, 38),
        ("昆明二中", session, 20),
        ("昆明三中", empty, None),
    ):
        await _heads(activity, of, unit, attended)
    await end(session)

    told = await report(union)

    assert (told.total.attended, told.total.people, told.total.came) == (59, 1, 1)
    assert [row.attended for row in told.months if row.attended] == [59]
    assert [row.attended for row in told.activities] == [59, 0]
    assert sorted(row.attended for row in told.sessions) == [0, 0, 59]
    assert [(row.unit, row.attended, row.held) for row in told.units] == [
        ("昆明一中", 39, 1),
        ("昆明二中", 20, 1),
    ]


async def _heads(activity: Activity, session: Session, unit: str, attended: int | None) -> None:
    roster = Roster(activity=activity.id, unit=unit, secret=unit, created_at=clock.now())
    await roster.save()
    await Headcount(
        roster=roster.id, session=session.id, number=40, attended=attended, created_at=clock.now()
    ).save()
