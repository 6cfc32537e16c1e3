"""Two hundred for fifty under every rule: several processes, real commits, and controls without the locks."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from tests import races
from tests.people import Union, make_activity, make_session, make_union
from tests.races import Racers, halves, tally

from events_app.lib import codes, database
from events_app.programmes.tables import Programme, Session
from events_app.registration.queries import places

# Every counter beside what it counts.
WRONG_COUNTERS = """
    SELECT s.code FROM session s, LATERAL (
           SELECT count(*) FILTER (WHERE state IN ('pending', 'offered', 'confirmed')) AS held,
                  count(*) FILTER (WHERE state = 'waitlisted') AS in_line
             FROM seat WHERE seat.session = s.id) AS seats
     WHERE s.taken <> held OR s.waiting <> in_line OR s.taken > s.capacity
"""
# Parties that are torn: in two states, or with somebody else's number between theirs.
TORN_PARTIES = """
    SELECT party FROM seat WHERE party IS NOT NULL
  GROUP BY session, party
    HAVING count(DISTINCT state) > 1 OR max(waiting_number) - min(waiting_number) <> count(*) - 1
"""
TORN_COURSES = """
    SELECT registration FROM seat GROUP BY registration HAVING count(*) <> 6 OR count(DISTINCT state) > 1
"""
WITHOUT_ROOMS = ("LOCK_ROOMS", "FOR NO KEY UPDATE OF s")
WITHOUT_PEOPLE = ("LOCK_PEOPLE", "FOR NO KEY UPDATE OF p")
RUSHES = 5


@pytest.fixture(scope="module")
def racers() -> Iterator[Racers]:
    with races.racers() as ready:
        yield ready


@pytest.fixture
async def union(committed_db: str) -> Union:
    return await make_union()


async def make(union: Union, capacity: int = 50, **columns: Any) -> Session:
    return await make_session(await make_activity(union.organization, **columns), capacity)


def everybody(*sessions: Session, people: int = 200) -> list[tuple[str, list[str]]]:
    """One try each, in turn at the sessions."""
    return [(sessions[n % len(sessions)].code, [f"赵{n}"]) for n in range(people)]


def run(
    racers: Racers, dsn: str, tries: list[Any], unit: str = "", cut: tuple[str, str] = ("LOCK_ROOMS", "")
) -> list[races.Result]:
    return racers.run(races.take_all, dsn, halves(tries), [unit] * 2, [cut] * 2)


async def wrong_counters() -> list[tuple[object, ...]]:
    return [tuple(row) for row in await database.fetch(WRONG_COUNTERS)]


async def test_approval_lets_fifty_of_two_hundred_hope(
    racers: Racers, union: Union, committed_db: str
) -> None:
    session = await make(union, admission="approval")

    results = run(racers, committed_db, everybody(session))

    assert tally(results) == {"pending": 50, "waitlisted": 150}
    assert sorted(n for _state, n in results if n) == list(range(1, 151))
    assert await wrong_counters() == []


async def test_limited_activity_gives_fifty_of_two_hundred_a_place(
    racers: Racers, union: Union, committed_db: str
) -> None:
    session = await make(union, extent="one")

    results = run(racers, committed_db, everybody(session))

    assert tally(results) == {"confirmed": 50, "waitlisted": 150}
    assert sorted(n for _state, n in results if n) == list(range(1, 151))
    assert await wrong_counters() == []


async def test_without_the_lock_a_limited_activity_sells_places_twice(
    racers: Racers, union: Union, committed_db: str
) -> None:
    """The control: shows that the tests here would notice. One rush may be lucky, five are not."""
    for _rush in range(RUSHES):
        session = await make(union, extent="one")
        run(racers, committed_db, everybody(session), cut=WITHOUT_ROOMS)
        if taken(await counted(session)) > 50:
            return

    pytest.fail("Nothing was sold twice.")


async def test_draw_numbers_two_hundred_entries_in_a_row(
    racers: Racers, union: Union, committed_db: str
) -> None:
    session = await make(union, admission="draw")

    results = run(racers, committed_db, everybody(session))

    assert tally(results) == {"entered": 200}
    numbers = await database.fetch("SELECT entry_number AS n FROM seat ORDER BY 1")
    assert [row["n"] for row in numbers] == list(range(1, 201))
    assert await wrong_counters() == []


async def test_without_the_lock_a_draw_gives_a_number_twice(
    racers: Racers, union: Union, committed_db: str
) -> None:
    """The control for the draw: the index refuses the second one."""
    for _rush in range(RUSHES):
        session = await make(union, admission="draw")
        results = run(racers, committed_db, everybody(session), cut=WITHOUT_ROOMS)
        if tally(results)["UniqueViolationError"]:
            return

    pytest.fail("No number was given twice.")


async def test_unit_gets_its_quota_of_two_hundred(racers: Racers, union: Union, committed_db: str) -> None:
    session = await make(union, unit_quota=20)

    results = run(racers, committed_db, everybody(session), "昆明机床厂")

    assert tally(results) == {"confirmed": 20, "unit_full": 180}
    assert await wrong_counters() == []


async def test_without_the_lock_a_unit_gets_more_than_its_quota(
    racers: Racers, union: Union, committed_db: str
) -> None:
    """The control for the quota."""
    for _rush in range(RUSHES):
        session = await make(union, unit_quota=20)
        run(racers, committed_db, everybody(session), "昆明机床厂", WITHOUT_ROOMS)
        if taken(await counted(session)) > 20:
            return

    pytest.fail("The unit got no more than its quota.")


async def test_groups_of_three_get_their_places_together(
    racers: Racers, union: Union, committed_db: str
) -> None:
    """Sixteen groups fit; two places are kept for the seventeenth."""
    session = await make(union, group_most=3)
    groups = [(session.code, [f"赵{n}", f"钱{n}", f"孙{n}"]) for n in range(67)]

    results = run(racers, committed_db, groups)

    assert tally(results) == {"confirmed": 16, "waitlisted": 51}
    assert await counted(session) == {"confirmed": 48, "waitlisted": 153}
    assert await wrong_counters() == []
    assert await database.fetch(TORN_PARTIES) == []


async def test_without_the_lock_groups_of_three_are_too_many(
    racers: Racers, union: Union, committed_db: str
) -> None:
    """The control for the groups."""
    for _rush in range(RUSHES):
        session = await make(union, group_most=3)
        groups = [(session.code, [f"赵{n}", f"钱{n}", f"孙{n}"]) for n in range(67)]
        run(racers, committed_db, groups, cut=WITHOUT_ROOMS)
        if taken(await counted(session)) > 50:
            return

    pytest.fail("Nothing was sold twice.")


async def test_course_of_six_sessions_is_whole_for_everybody(
    racers: Racers, union: Union, committed_db: str
) -> None:
    """Whichever session's page they come from."""
    sessions = await course(union)

    results = run(racers, committed_db, everybody(*sessions))

    assert tally(results) == {"confirmed": 50, "waitlisted": 150}
    assert [taken(await counted(one)) for one in sessions] == [50] * 6
    assert await wrong_counters() == []
    assert await database.fetch(TORN_COURSES) == []


async def test_without_the_lock_a_course_is_sold_twice(
    racers: Racers, union: Union, committed_db: str
) -> None:
    """The control for the course."""
    for _rush in range(RUSHES):
        sessions = await course(union)
        run(racers, committed_db, everybody(*sessions), cut=WITHOUT_ROOMS)
        if taken(await counted(sessions[0])) > 50:
            return

    pytest.fail("Nothing was sold twice.")


async def test_one_person_at_ten_sessions_at_once_has_one_seat(
    racers: Racers, union: Union, committed_db: str
) -> None:
    activity = await make_activity(union.organization, extent="one")
    sessions = [await make_session(activity) for _ in range(10)]

    results = run(racers, committed_db, [(one.code, ["赵敏"]) for one in sessions])

    assert tally(results) == {"confirmed": 1, "limit": 9}
    assert await wrong_counters() == []


async def test_one_person_at_ten_activities_of_a_programme_has_as_many_as_it_allows(
    racers: Racers, union: Union, committed_db: str
) -> None:
    results = run(racers, committed_db, await at_ten_activities(union))

    assert tally(results) == {"confirmed": 2, "limit": 8}


async def test_without_the_lock_one_person_has_too_many_in_a_programme(
    racers: Racers, union: Union, committed_db: str
) -> None:
    """The control for the limits."""
    for _rush in range(RUSHES):
        results = run(racers, committed_db, await at_ten_activities(union), cut=WITHOUT_PEOPLE)
        if tally(results)["confirmed"] > 2:
            return

    pytest.fail("Nobody got more than the programme allows.")


async def test_who_is_erased_at_the_same_moment_is_met_anew(union: Union) -> None:
    zhao = ("赵敏", "19900001234")
    async with database.transaction():
        old = (await places.lock_people([zhao]))[zhao]

    async def erase() -> None:
        async with database.transaction():
            await database.fetch("SELECT FROM person WHERE id = $1 FOR UPDATE", old)
            await asyncio.sleep(0.2)
            await database.fetch("DELETE FROM person WHERE id = $1", old)

    async def meet() -> int:
        await asyncio.sleep(0.1)
        async with database.transaction():
            return (await places.lock_people([zhao]))[zhao]

    _none, new = await asyncio.gather(erase(), meet())

    assert new != old


async def course(union: Union) -> list[Session]:
    """The first session is the smallest."""
    activity = await make_activity(union.organization, extent="course")
    return [await make_session(activity, capacity) for capacity in (50, 60, 70, 60, 70, 80)]


async def at_ten_activities(union: Union) -> list[tuple[str, list[str]]]:
    programme = Programme(
        code=codes.new_code(), organization=union.organization.id, name="劳模工匠进校园", most_sessions=2
    )
    await programme.save()
    sessions = [await make(union, programme=programme.id) for _ in range(10)]
    return [(session.code, ["赵敏"]) for session in sessions]


async def counted(session: Session) -> Counter[str]:
    rows = await database.fetch("SELECT state FROM seat WHERE session = $1", session.id)
    return Counter(row["state"] for row in rows)


def taken(states: Counter[str]) -> int:
    return states["confirmed"] + states["pending"]
