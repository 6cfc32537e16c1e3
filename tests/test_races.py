"""What must hold when everybody comes at once: several processes, real commits, and controls without the locks."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from tests import races
from tests.people import Union, make_organization, make_session, make_union, register
from tests.races import Racers, halves, scan_of

from events_app.accounts.rules import Me
from events_app.lib import clock, codes, database
from events_app.programmes.forms.sessions import SessionForm
from events_app.programmes.queries.venues import find_or_add_venue
from events_app.programmes.tables import Guest
from events_app.registration.forms import RegistrationBody

# Every counter beside what it counts, and places that are free although somebody waits.
WRONG_COUNTERS = """
    SELECT s.code, s.taken, s.waiting, s.attended, s.capacity, seats.*
      FROM session s, LATERAL (
           SELECT count(*) FILTER (WHERE state IN ('pending', 'offered', 'confirmed')) AS held,
                  count(*) FILTER (WHERE state = 'waitlisted') AS in_line,
                  count(*) FILTER (WHERE attended_at IS NOT NULL) AS came
             FROM seat WHERE seat.session = s.id) AS seats
     WHERE s.taken <> held OR s.waiting <> in_line OR s.attended <> came OR s.taken > s.capacity
        OR (s.waiting > 0 AND s.taken < s.capacity)
"""


@pytest.fixture(scope="module")
def racers() -> Iterator[Racers]:
    with races.racers() as ready:
        yield ready


@pytest.fixture
async def union(committed_db: str) -> Union:
    return await make_union()


async def wrong_counters() -> list[tuple[object, ...]]:
    return [tuple(row) for row in await database.fetch(WRONG_COUNTERS)]


async def test_two_hundred_at_once_for_fifty_places(racers: Racers, union: Union, committed_db: str) -> None:
    names = halves([f"赵{n}" for n in range(200)])

    results = racers.run(races.register_all, committed_db, [union.session.code] * 2, names)

    assert races.tally(results) == {"confirmed": 50, "waitlisted": 150}
    assert sorted(n for _state, n in results if n) == list(range(1, 151))
    assert await wrong_counters() == []
    numbers = await database.fetch(
        "SELECT waiting_number AS n FROM seat WHERE state = 'waitlisted' ORDER BY 1"
    )
    assert [row["n"] for row in numbers] == list(range(1, 151))


async def test_without_the_lock_places_are_sold_twice(
    racers: Racers, union: Union, committed_db: str
) -> None:
    """The control: shows that the test above would notice. One rush may be lucky, five are not."""
    sold = []
    for _rush in range(5):
        session = await make_session(union.activity, 50)
        names = halves([f"赵{n}" for n in range(200)])
        results = racers.run(
            races.register_all, committed_db, [session.code] * 2, names, ["FOR NO KEY UPDATE"] * 2
        )
        sold.append(races.tally(results)["confirmed"])
        if sold[-1] > 50:
            break

    assert max(sold) > 50


async def test_two_hundred_at_once_without_a_waiting_list(
    racers: Racers, union: Union, committed_db: str
) -> None:
    session = await make_session(union.activity, 50, waiting_list=False)
    names = halves([f"赵{n}" for n in range(200)])

    results = racers.run(races.register_all, committed_db, [session.code] * 2, names)

    assert races.tally(results) == {"confirmed": 50, "Refused": 150}
    assert await wrong_counters() == []
    assert await database.value("SELECT count(*) FROM registration") == 50


async def test_one_person_forty_times_at_once_has_one_seat(
    racers: Racers, union: Union, committed_db: str
) -> None:
    names = [["赵敏"] * 20] * 2

    results = racers.run(races.register_all, committed_db, [union.session.code] * 2, names)

    assert races.tally(results) == {"confirmed": 40}
    assert await database.value("SELECT count(*) FROM seat") == 1
    assert await wrong_counters() == []


@pytest.mark.parametrize("straight", [False, True], ids=["in the lane", "straight to the database"])
async def test_one_ticket_at_many_gates_is_admitted_once(
    racers: Racers, union: Union, committed_db: str, straight: bool
) -> None:
    seat = await register(union.session)
    scans = [scan_of(union.session.code, seat.ticket, seat.signature, union.li.account) for _ in range(50)]

    outcomes = racers.run(races.scan_all, committed_db, halves(scans), [straight] * 2)

    assert Counter(outcome.verdict for outcome in outcomes) == {"admitted": 1, "already_in": 49}
    admitted = next(outcome for outcome in outcomes if outcome.verdict == "admitted")
    assert {outcome.first_at for outcome in outcomes if outcome is not admitted} == {admitted.at}
    assert await wrong_counters() == []
    assert await database.value("SELECT count(*) FROM scan") == 50


async def test_without_the_lock_one_ticket_is_admitted_twice(
    racers: Racers, union: Union, committed_db: str
) -> None:
    """The control for the gates."""
    admitted = []
    for rush in range(5):
        seat = await register(union.session, f"赵{rush}")
        scans = [
            scan_of(union.session.code, seat.ticket, seat.signature, union.li.account) for _ in range(50)
        ]
        outcomes = racers.run(
            races.scan_all, committed_db, halves(scans), [True] * 2, ["FOR UPDATE OF seat"] * 2
        )
        admitted.append(sum(outcome.verdict == "admitted" for outcome in outcomes))
        if admitted[-1] > 1:
            break

    assert max(admitted) > 1


@pytest.mark.parametrize("straight", [False, True], ids=["in the lane", "straight to the database"])
async def test_one_nonce_twenty_times_is_one_scan(
    racers: Racers, union: Union, committed_db: str, straight: bool
) -> None:
    seat = await register(union.session)
    scan = scan_of(union.session.code, seat.ticket, seat.signature, union.li.account, nonce="n" * 32)

    outcomes = racers.run(races.scan_all, committed_db, [[scan] * 10] * 2, [straight] * 2)

    shown = {(o.verdict, o.holder, o.unit, o.at, o.first_at, o.attended, o.expected) for o in outcomes}
    assert len(outcomes) == 20
    assert [verdict for verdict, *_rest in shown] == ["admitted"]
    assert sum(not outcome.replayed for outcome in outcomes) == 1
    assert await database.value("SELECT count(*) FROM scan") == 1


@pytest.mark.parametrize("straight", [False, True], ids=["in the lane", "straight to the database"])
async def test_one_nonce_for_two_tickets_is_one_scan(
    racers: Racers, union: Union, committed_db: str, straight: bool
) -> None:
    seats = [await register(union.session, name) for name in ("赵一", "赵二")]
    shares = [
        [scan_of(union.session.code, s.ticket, s.signature, union.li.account, nonce="n" * 32)] for s in seats
    ]

    outcomes = racers.run(races.scan_all_or_fail, committed_db, shares, [straight] * 2)

    assert sorted(outcomes) == ["Invalid", "admitted"]
    assert await database.value("SELECT count(*) FROM scan") == 1
    assert await wrong_counters() == []


async def test_one_idempotency_key_twenty_times_is_one_registration(
    racers: Racers, union: Union, committed_db: str
) -> None:
    session = await make_session(union.activity, 1)
    await register(session, "先到的人")
    body = RegistrationBody(
        session=session.code, name="赵敏", phone="19900001234", unit="", answers={}, consent=True
    )

    seats = racers.run(
        races.register_by_script, committed_db, [union.wang] * 2, [[body] * 10] * 2, [uuid4().hex] * 2
    )

    assert len(seats) == 20
    assert {(s.seat, s.state, s.position, s.created) for s in seats} == {
        (seats[0].seat, "waitlisted", 1, True)
    }
    assert await wrong_counters() == []


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_storm_leaves_counters_right_and_no_place_free_beside_a_line(
    racers: Racers, union: Union, committed_db: str, seed: int
) -> None:
    sessions = [(await make_session(union.activity, capacity)).code for capacity in (3, 8)]

    results = racers.run(
        races.storm, committed_db, [sessions] * 2, [union.li.account] * 2, [2 * seed, 2 * seed + 1]
    )

    assert len(results) == 480
    assert {"admitted", "cancelled", "confirmed", "waitlisted"} <= set(races.tally(results))
    assert await wrong_counters() == []
    assert await database.value("SELECT sum(attended) FROM session") > 0


def plans(union: Union, guests: str = "耿家盛", site: str = "") -> list[tuple[Me, str, SessionForm]]:
    """Eight sessions at the same time in eight halls, which there are already."""
    start = datetime(2027, 3, 8, 9, tzinfo=clock.ZONE)
    return [
        (
            union.wang,
            union.activity.code,
            SessionForm(
                title="",
                starts_at=start,
                ends_at=start + timedelta(hours=2),
                venue=f"场地{n}",
                address="",
                site=site,
                capacity=50,
                waiting_list=True,
                opens_at=start - timedelta(days=7),
                closes_at=start,
                check_in_lead=60,
                guests=guests,
            ),
        )
        for n in range(8)
    ]


async def make_halls(union: Union) -> None:
    for n in range(8):
        await find_or_add_venue(union.organization.id, f"场地{n}", "")


async def test_same_guest_saved_at_the_same_moment_is_a_clash_for_all_but_one(
    racers: Racers, union: Union, committed_db: str
) -> None:
    """Also a guest whom nobody had in the register before."""
    await make_halls(union)

    results = racers.run(races.plan_all, committed_db, halves(plans(union)))

    assert Counter(results) == {"saved": 1, "guest": 7}
    assert await database.value("SELECT count(*) FROM appearance") == 1


async def test_without_the_lock_the_same_guest_is_in_two_halls(
    racers: Racers, union: Union, committed_db: str
) -> None:
    """The control for the clashes."""
    await make_halls(union)
    saved = []
    for rush in range(5):
        guest = f"李{rush}"
        await Guest(code=codes.new_code(), organization=union.organization.id, name=guest).save()
        results = racers.run(
            races.plan_all, committed_db, halves(plans(union, guest)), ["FOR NO KEY UPDATE"] * 2
        )
        saved.append(Counter(results)["saved"])
        await database.fetch("UPDATE session SET called_off_at = now() WHERE code <> $1", union.session.code)
        if saved[-1] > 1:
            break

    assert max(saved) > 1


async def test_two_unions_bring_guests_to_one_school_at_the_same_moment(
    racers: Racers, union: Union, committed_db: str
) -> None:
    await make_organization("云南技师学院", "school")
    other = await make_union("昆明市总工会", "qian", "sun")
    both = [plans(one, "", "云南技师学院")[:1] for one in (union, other)]
    for one in (union, other):
        await make_halls(one)

    results = racers.run(races.plan_all, committed_db, both)

    assert Counter(results) == {"saved": 1, "site": 1}
