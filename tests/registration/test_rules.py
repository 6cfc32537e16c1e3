"""Who gets a place where the activity has rules: groups, courses, limits, quotas, draws, ages."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from tests.people import SIGNER, Union, make_activity, make_organization, make_session, make_union, register

from events_app.lib import clock, codes, database
from events_app.lib.errors import Invalid, Refused
from events_app.programmes.tables import Activity, Programme, Session
from events_app.registration import queries
from events_app.registration.actions import taking as actions
from events_app.registration.actions.waiting import cancel
from events_app.registration.forms import RegistrationForm
from events_app.registration.queries import SeatTaken
from events_app.registration.rules.admission import Companion, Wish
from events_app.registration.rules.answers import Reply
from events_app.registration.tables import Draw, EligibleUnit, Headcount, Roster

PHONE = "19900001234"


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


async def take(
    session: Session,
    name: str = "赵敏",
    *companions: str,
    further: Sequence[Session] = (),
    unit: str = "",
    phone: str = "a-phone",
    **form: Any,
) -> SeatTaken:
    """Registers `name`, and the companions on the same phone number."""
    sent = RegistrationForm(name=name, phone=PHONE, unit=unit, consent=True, **form)
    beside = [Companion(n, one) for n, one in enumerate(companions, 1)]
    wish = Wish(beside, [one.code for one in further], agreed=True)
    return await actions.register(session.code, sent, SIGNER, phone, wish=wish)


async def seats(session: Session) -> list[tuple[str, str, int | None, bool]]:
    """Name, state, waiting number and whether in a party, in the order of joining."""
    rows = await database.fetch(
        """SELECT p.name, seat.state, seat.waiting_number AS number, seat.party IS NOT NULL AS party
             FROM seat JOIN registration r ON r.id = seat.registration JOIN person p ON p.id = r.person
            WHERE seat.session = $1 ORDER BY seat.id""",
        session.id,
    )
    return [tuple(row) for row in rows]


async def counters(session: Session) -> tuple[int, int]:
    row = await database.find("SELECT taken, waiting FROM session WHERE id = $1", session.id)
    assert row
    return row["taken"], row["waiting"]


async def refused(session: Session, *names: str, **more: Any) -> str:
    """The reason; nothing may be left of the try."""
    before = await database.value(
        "SELECT (SELECT count(*) FROM person) + (SELECT count(*) FROM registration)"
    )
    with pytest.raises(Refused) as no:
        async with database.transaction():
            await take(session, *names, **more)
    after = await database.value("SELECT (SELECT count(*) FROM person) + (SELECT count(*) FROM registration)")
    assert before == after
    return no.value.reason


async def invalid(session: Session, *names: str, **more: Any) -> list[str]:
    with pytest.raises(Invalid) as no:
        await take(session, *names, **more)
    return list(no.value.errors)


async def group(union: Union, capacity: int, **columns: Any) -> Session:
    activity = await make_activity(union.organization, **{"group_most": 4} | columns)
    return await make_session(activity, capacity)


# Groups


async def test_group_gets_its_places_together_and_each_a_ticket(union: Union) -> None:
    session = await group(union, 5)

    seat = await take(session, "赵敏", "赵一", "赵二")

    assert seat.state == "confirmed"
    assert await seats(session) == [(name, "confirmed", None, True) for name in ("赵敏", "赵一", "赵二")]
    assert await database.value("SELECT count(DISTINCT ticket) FROM registration") == 3
    assert await database.value("SELECT count(DISTINCT party) FROM seat") == 1
    assert await counters(session) == (3, 0)


async def test_group_that_does_not_fit_waits_as_a_whole_with_numbers_in_a_row(union: Union) -> None:
    session = await group(union, 3)
    await take(session, "钱二", "钱三")

    seat = await take(session, "赵敏", "赵一")

    assert (seat.state, seat.position) == ("waitlisted", 1)
    assert (await seats(session))[2:] == [("赵敏", "waitlisted", 1, True), ("赵一", "waitlisted", 2, True)]
    assert await counters(session) == (2, 2)


@pytest.mark.parametrize("rules", [{}, {"extent": "one"}], ids=["plain", "counted"])
async def test_nobody_overtakes_a_waiting_group(union: Union, rules: dict[str, Any]) -> None:
    """A place is free and one person would fit: it is kept for the group that came before."""
    session = await group(union, 3, **rules)
    await take(session, "钱二", "钱三")
    await take(session, "赵敏", "赵一")

    seat = await take(session, "孙四")

    assert (seat.state, seat.position) == ("waitlisted", 3)
    assert await counters(session) == (2, 3)


async def test_group_is_refused_as_a_whole_where_nobody_can_wait(union: Union) -> None:
    session = await make_session(
        await make_activity(union.organization, group_most=4), capacity=2, waiting_list=False
    )

    assert await refused(session, "赵敏", "赵一", "赵二") == "full"
    assert (await take(session, "赵敏", "赵一")).state == "confirmed"


async def test_group_larger_than_the_rule_is_invalid(union: Union) -> None:
    session = await group(union, 9, group_most=2)

    assert await invalid(session, "赵敏", "赵一", "赵二") == ["companions"]


async def test_group_larger_than_the_session_does_not_wait_for_ever(union: Union) -> None:
    session = await group(union, 2)

    assert await refused(session, "赵敏", "赵一", "赵二") == "full"


async def test_same_person_twice_in_a_group_is_invalid(union: Union) -> None:
    session = await group(union, 9)

    assert await invalid(session, "赵敏", "赵一", "赵一") == ["companion-2-name"]
    assert await invalid(session, "赵敏", "赵敏") == ["companion-1-name"]


async def test_companions_must_have_agreed(union: Union) -> None:
    session = await group(union, 9)
    sent = RegistrationForm(name="赵敏", phone=PHONE, unit="", consent=True)

    with pytest.raises(Invalid) as no:
        await actions.register(session.code, sent, SIGNER, "a-phone", wish=Wish([Companion(1, "赵一")]))

    assert list(no.value.errors) == ["companions_agreed"]


async def test_who_is_registered_already_brings_others_later(union: Union) -> None:
    session = await group(union, 4)
    first = await take(session)

    again = await take(session, "赵敏", "赵一")

    assert (again.ticket, again.created) == (first.ticket, False)
    assert await seats(session) == [("赵敏", "confirmed", None, False), ("赵一", "confirmed", None, False)]
    assert await counters(session) == (2, 0)


async def test_companion_on_a_phone_of_their_own(union: Union) -> None:
    session = await group(union, 4)
    sent = RegistrationForm(name="赵敏", phone=PHONE, unit="", consent=True)
    wish = Wish([Companion(1, "赵一", "19900005678")], agreed=True)

    await actions.register(session.code, sent, SIGNER, "a-phone", wish=wish)

    rows = await database.fetch("SELECT name, phone FROM person ORDER BY id")
    assert [tuple(row) for row in rows] == [("赵敏", PHONE), ("赵一", "19900005678")]


async def test_group_under_approval_is_pending_together(union: Union) -> None:
    session = await group(union, 2, admission="approval")

    assert (await take(session, "赵敏", "赵一")).state == "pending"
    assert await counters(session) == (2, 0)


# One session, several, the whole course


async def test_one_session_of_an_activity_is_all_one_may_have(union: Union) -> None:
    activity = await make_activity(union.organization, extent="one")
    first, second = [await make_session(activity) for _ in range(2)]
    seat = await take(first)

    assert await refused(second) == "limit"
    assert (await take(first)).ticket == seat.ticket
    assert (await take(second, "钱二")).state == "confirmed"


async def test_a_place_given_back_counts_no_more(union: Union) -> None:
    activity = await make_activity(union.organization, extent="one")
    first, second = [await make_session(activity) for _ in range(2)]
    await give_back(await take(first), first)

    assert (await take(second)).state == "confirmed"


async def test_a_session_that_was_called_off_counts_no_more(union: Union) -> None:
    activity = await make_activity(union.organization, extent="one")
    first, second = [await make_session(activity) for _ in range(2)]
    await take(first)
    await database.fetch("UPDATE session SET called_off_at = now() WHERE id = $1", first.id)

    assert (await take(second)).state == "confirmed"


async def test_several_sessions_are_taken_with_one_form(union: Union) -> None:
    activity = await make_activity(union.organization)
    first, second, third = [await make_session(activity, capacity=1) for _ in range(3)]
    await take(second, "钱二")

    seat = await take(first, further=[second, third])

    assert seat.state == "confirmed"
    states = [(await seats(one))[-1] for one in (first, second, third)]
    assert [(name, state) for name, state, *_rest in states] == [
        ("赵敏", "confirmed"),
        ("赵敏", "waitlisted"),
        ("赵敏", "confirmed"),
    ]
    assert await database.value("SELECT count(*) FROM registration WHERE unit = ''") == 2


async def test_no_more_sessions_than_the_rule_says(union: Union) -> None:
    activity = await make_activity(union.organization, most_sessions=2)
    first, second, third = [await make_session(activity) for _ in range(3)]

    assert await refused(first, further=[second, third]) == "limit"
    await take(first, further=[second])
    assert await refused(third) == "limit"


async def test_session_of_another_activity_cannot_be_added(union: Union) -> None:
    other = await make_session(await make_activity(union.organization))

    assert await invalid(union.session, further=[other]) == ["further"]


async def test_further_session_that_is_closed_is_refused(union: Union) -> None:
    closed = await make_session(union.activity, closes_at=clock.now() - timedelta(minutes=1))

    assert await refused(union.session, further=[closed]) == "closed"


async def course(union: Union, *capacities: int, **columns: Any) -> list[Session]:
    activity = await make_activity(union.organization, extent="course")
    return [await make_session(activity, capacity, **columns) for capacity in capacities]


async def test_course_is_taken_in_every_session(union: Union) -> None:
    sessions = await course(union, 2, 2, 2)

    await take(sessions[1])

    assert [await counters(one) for one in sessions] == [(1, 0)] * 3
    assert await database.value("SELECT count(*) FROM registration") == 1


async def test_course_waits_in_every_session_while_one_is_full(union: Union) -> None:
    sessions = await course(union, 2, 1, 2)
    await take(sessions[0], "钱二")

    seat = await take(sessions[0])

    assert (seat.state, seat.position) == ("waitlisted", 1)
    assert [await counters(one) for one in sessions] == [(1, 1)] * 3


async def test_course_without_a_waiting_list_is_all_or_nothing(union: Union) -> None:
    sessions = await course(union, 2, 1, waiting_list=False)
    await take(sessions[0], "钱二")

    assert await refused(sessions[0]) == "full"


async def test_course_leaves_out_what_is_over_or_called_off(union: Union) -> None:
    sessions = await course(union, 2, 2, 2)
    past = clock.now() - timedelta(hours=1)
    await database.fetch(
        "UPDATE session SET starts_at = $2, closes_at = $2, ends_at = $3 WHERE id = $1",
        sessions[0].id,
        past - timedelta(hours=2),
        past,
    )
    await database.fetch("UPDATE session SET called_off_at = now() WHERE id = $1", sessions[1].id)

    await take(sessions[2])

    assert [await counters(one) for one in sessions] == [(0, 0), (0, 0), (1, 0)]


# Programme


async def programme(union: Union, most: int) -> Programme:
    row = Programme(
        code=codes.new_code(), organization=union.organization.id, name="劳模工匠进校园", most_sessions=most
    )
    await row.save()
    return row


async def test_programme_limits_one_person_over_all_its_activities(union: Union) -> None:
    brand = await programme(union, 2)
    first, second, third = [
        await make_session(await make_activity(union.organization, programme=brand.id)) for _ in range(3)
    ]
    await take(first)
    await take(second)

    assert await refused(third) == "limit"
    assert (await take(third, "钱二")).state == "confirmed"
    assert (await take(union.session)).state == "confirmed"


# Units


async def eligible(activity: Activity, name: str, quota: int | None = None) -> None:
    organization = await make_organization(name, "company")
    await EligibleUnit(activity=activity.id, organization=organization.id, quota=quota).save()


async def test_unit_has_no_more_seats_in_a_session_than_its_quota(union: Union) -> None:
    session = await group(union, 9, unit_quota=2)
    await take(session, "赵一", unit="昆明机床厂")
    await take(session, "赵二", unit=" 昆明机床厂")

    assert await refused(session, "赵三", unit="昆明机床厂") == "unit_full"
    assert (await take(session, "钱一", unit="云内动力")).state == "confirmed"


async def test_quota_counts_who_waits_and_whoever_comes_together(union: Union) -> None:
    session = await group(union, 1, unit_quota=2)
    await take(session, "赵一", unit="ABC工厂")

    assert await refused(session, "赵二", "赵三", unit="ABC工厂") == "unit_full"
    assert (await take(session, "赵二", unit="ａｂｃ 工厂")).state == "waitlisted"
    assert await refused(session, "赵三", unit="abc工厂") == "unit_full"


async def test_quota_counts_unnamed_heads(union: Union) -> None:
    session = await group(union, 9, unit_quota=3)
    roster = Roster(
        activity=session.activity, unit="安宁一小", secret=codes.new_secret(), created_at=clock.now()
    )
    await roster.save()
    await Headcount(roster=roster.id, session=session.id, number=3, created_at=clock.now()).save()

    assert await refused(session, "赵老师", unit="安宁一小") == "unit_full"


async def test_quota_needs_a_unit(union: Union) -> None:
    session = await group(union, 9, unit_quota=3)

    assert await invalid(session) == ["unit"]


async def test_quota_is_of_each_session(union: Union) -> None:
    activity = await make_activity(union.organization, unit_quota=1)
    first, second = [await make_session(activity) for _ in range(2)]
    await take(first, unit="昆明机床厂")

    assert (await take(second, unit="昆明机床厂")).state == "confirmed"


async def test_units_of_others_cannot_register(union: Union) -> None:
    session = await group(union, 9, eligible_only=True)
    activity = await Activity.objects().get(Activity.id == session.activity)
    assert activity
    await eligible(activity, "昆明机床厂")

    assert await invalid(session, unit="云内动力") == ["unit"]
    assert await invalid(session, unit="") == ["unit"]
    assert (await take(session, unit="昆明 机床厂")).state == "confirmed"
    assert await database.value("SELECT unit FROM registration") == "昆明机床厂"


async def test_quota_of_a_unit_stands_above_that_of_all(union: Union) -> None:
    session = await group(union, 9, unit_quota=1)
    activity = await Activity.objects().get(Activity.id == session.activity)
    assert activity
    await eligible(activity, "昆明机床厂", 2)
    for name in ("赵一", "赵二"):
        await take(session, name, unit="昆明机床厂")

    assert await refused(session, "赵三", unit="昆明机床厂") == "unit_full"


async def test_quota_of_one_unit_alone_is_kept_too(union: Union) -> None:
    await eligible(union.activity, "昆明机床厂", 1)
    await take(union.session, "赵一", unit="昆明机床厂")

    assert await refused(union.session, "赵二", unit="昆明机床厂") == "unit_full"


async def test_unit_that_seats_are_counted_for_stays(union: Union) -> None:
    """Or somebody could free a unit's quota by registering again under another name of a unit."""
    activity = await make_activity(union.organization, unit_quota=1)
    first, second = [await make_session(activity) for _ in range(2)]
    await take(first, unit="昆明机床厂")

    await take(second, unit="云内动力")

    assert await database.value("SELECT unit FROM registration") == "昆明机床厂"
    assert await refused(first, "钱二", unit="昆明机床厂") == "unit_full"
    assert await refused(second, "钱二", unit="昆明机床厂") == "unit_full"


# Draw


async def test_draw_takes_everybodys_entry_whatever_the_capacity(union: Union) -> None:
    session = await group(union, 1, admission="draw")

    states = [(await take(session, name)).state for name in ("赵一", "赵二", "赵三")]

    assert states == ["entered"] * 3
    assert await counters(session) == (0, 0)
    rows = await database.fetch("SELECT entry_number FROM seat ORDER BY id")
    assert [row["entry_number"] for row in rows] == [1, 2, 3]


async def test_group_enters_a_draw_with_numbers_in_a_row(union: Union) -> None:
    session = await group(union, 2, admission="draw")
    await take(session, "钱二")

    await take(session, "赵敏", "赵一")

    rows = await database.fetch("SELECT entry_number, party IS NOT NULL AS party FROM seat ORDER BY id")
    assert [tuple(row) for row in rows] == [(1, False), (2, True), (3, True)]


async def test_after_the_draw_whoever_comes_first_is_served(union: Union) -> None:
    session = await group(union, 1, admission="draw")
    now = clock.now()
    await Draw(session=session.id, seed="2026", created_at=now, drawn_at=now, list_digest="0" * 64).save()

    assert [(await take(session, name)).state for name in ("赵一", "赵二")] == ["confirmed", "waitlisted"]


# Age


@pytest.mark.parametrize(("years", "allowed"), [(17, False), (18, False), (19, True)])
async def test_only_who_is_certainly_old_enough_may_come(union: Union, years: int, allowed: bool) -> None:
    """The birthday is not asked for: who turns 18 this year may be 17 still."""
    session = await group(union, 9, minimum_age=18)
    born = clock.local(session.starts_at).year - years

    if allowed:
        assert (await take(session, birth_year=born)).state == "confirmed"
    else:
        assert await invalid(session, birth_year=born) == ["birth_year"]


async def test_age_has_to_be_told_where_it_counts(union: Union) -> None:
    session = await group(union, 9, minimum_age=18)

    assert await invalid(session) == ["birth_year"]
    assert await invalid(session, "赵敏", "赵一", birth_year=1990) == ["companion-1-birth_year"]


# Registering again


async def give_back(seat: SeatTaken, session: Session) -> None:
    ticket = await queries.find_ticket(seat.ticket, seat.signature)
    assert ticket
    await cancel(ticket, session.code)


@pytest.mark.parametrize("columns", [{}, {"extent": "one"}], ids=["plain", "counted"])
async def test_newest_answers_of_the_same_phone_count(union: Union, columns: dict[str, Any]) -> None:
    session = await group(union, 9, **columns)
    await give_back(await answered(session, "甲", "昆明机床厂"), session)

    seat = await answered(session, "乙", "云内动力")

    assert (seat.state, seat.mine) == ("confirmed", True)
    row = await database.find("SELECT unit, answers->>'班次' AS answer FROM registration")
    assert row
    assert tuple(row) == ("云内动力", "乙")


@pytest.mark.parametrize("columns", [{}, {"extent": "one"}], ids=["plain", "counted"])
async def test_another_phone_changes_no_answers(union: Union, columns: dict[str, Any]) -> None:
    session = await group(union, 9, **columns)
    await give_back(await answered(session, "甲", "昆明机床厂"), session)

    seat = await answered(session, "乙", "云内动力", phone="another phone")

    assert (seat.state, seat.mine) == ("confirmed", False)
    row = await database.find("SELECT unit, answers->>'班次' AS answer FROM registration")
    assert row
    assert tuple(row) == ("昆明机床厂", "甲")


async def answered(session: Session, answer: str, unit: str, phone: str = "a-phone") -> SeatTaken:
    sent = RegistrationForm(name="赵敏", phone=PHONE, unit=unit, consent=True)
    return await actions.register(session.code, sent, SIGNER, phone, Reply(answers={"班次": answer}))


async def test_rules_that_change_while_somebody_registers_are_kept(
    union: Union, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at the rules and the lock an organiser makes it a draw."""
    find = queries.find_open_session
    looks: list[str] = []

    async def find_and_change(code: str, token: int | None = None) -> Any:
        found = await find(code, token)
        if not looks:
            await database.fetch("UPDATE activity SET admission = 'draw'")
            await database.fetch("UPDATE session SET updated_at = updated_at + interval '1 second'")
        looks.append(code)
        return found

    monkeypatch.setattr(queries, "find_open_session", find_and_change)

    assert (await take(union.session)).state == "entered"
    assert (await register(union.session, "钱二")).state == "entered"


@pytest.mark.parametrize("most", [None, 9])
async def test_age_that_is_asked_for_while_somebody_registers_is_kept(
    union: Union, monkeypatch: pytest.MonkeyPatch, most: int | None
) -> None:
    """Plain or not: whoever was old enough under the rules that were read may be too young by now."""
    find = queries.find_open_session
    looks: list[str] = []
    await database.fetch("UPDATE activity SET asks_birth_year = true, most_sessions = $1", most)

    async def find_and_change(*given: Any) -> Any:
        found = await find(*given)
        if not looks:
            await database.fetch("UPDATE activity SET minimum_age = 18")
            await database.fetch("UPDATE session SET updated_at = updated_at + interval '1 second'")
        looks.append(given[0])
        return found

    monkeypatch.setattr(queries, "find_open_session", find_and_change)

    assert await invalid(union.session, "赵敏", birth_year=clock.today().year - 16) == ["birth_year"]
