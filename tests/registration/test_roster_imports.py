"""Long lists: saved by a program of its own, whole or not at all, and two at once one after the other."""

import asyncio
import os
import signal
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from tests.people import SIGNER, make_activity, make_session, make_union, register
from tests.registration.test_rosters import HEADER, make_roster, save, upload

from events_app.lib import database
from events_app.lib.errors import NotFound, Refused
from events_app.programmes.tables import Session
from events_app.registration.actions import imports, rosters, saving
from events_app.registration.queries.rosters import RosterRow, list_people
from events_app.registration.tables import Registration, Seat

pytestmark = pytest.mark.anyio
LONG = 10_000


def table(rows: int, mark: str = "职工") -> str:
    return HEADER + "\n".join(f"{mark}{n}\t{13_800_000_000 + n}" for n in range(rows))


async def start(dsn: str, roster: RosterRow, code: str) -> asyncio.Task[None]:
    import_ = await imports.begin(roster, code, 1)
    return saving.start(
        saving.Order(dsn, b"0" * 64, None, roster.secret, code, import_.id, 1, "zh", "127.0.0.1", "")
    )


async def wait_for(roster: RosterRow, code: str, what: Any) -> Any:
    for _try in range(600):
        import_ = await imports.find_own_import(roster, code)
        if what(import_):
            return import_
        await asyncio.sleep(0.02)
    raise AssertionError("It never came.")


async def counted(session: Session) -> dict[str, int]:
    row = await database.find(
        """SELECT s.taken, s.waiting, s.waiting_last,
                  count(*) FILTER (WHERE seat.state = 'confirmed')::int AS confirmed,
                  count(*) FILTER (WHERE seat.state = 'waitlisted')::int AS waitlisted
             FROM session s LEFT JOIN seat ON seat.session = s.id WHERE s.id = $1 GROUP BY s.id""",
        session.id,
    )
    assert row
    return dict(row)


async def test_ten_thousand_people_are_saved_by_a_capped_program_in_time(committed_db: str) -> None:
    union = await make_union()
    activity = await make_activity(union.organization)
    session = await make_session(activity, capacity=LONG - 1)
    roster = await make_roster(union, activity=activity)
    code = await upload(roster, table(LONG))

    began = monotonic()
    task = await start(committed_db, roster, code)
    seen = await wait_for(roster, code, lambda import_: import_.done)
    await task
    took = monotonic() - began

    done = await imports.find_own_import(roster, code)
    assert seen.done < LONG  # progress is seen from outside before anything else is
    assert (done.done, bool(done.finished_at), done.problem) == (LONG, True, "")
    assert await counted(session) == {
        "taken": LONG - 1,
        "waiting": 1,
        "waiting_last": 1,
        "confirmed": LONG - 1,
        "waitlisted": 1,
    }
    last = await database.value("SELECT max(id) FROM seat")
    assert await database.value("SELECT state FROM seat WHERE id = $1", last) == "waitlisted"
    assert took < 20, took


async def test_program_that_is_killed_half_way_leaves_nothing(committed_db: str) -> None:
    union = await make_union()
    roster = await make_roster(union)
    code = await upload(roster, table(5_000))

    task = await start(committed_db, roster, code)
    await wait_for(roster, code, lambda import_: import_.done)
    os.kill(_child(), signal.SIGKILL)
    await task

    assert await Registration.count() == 0
    assert await Seat.count() == 0
    assert (await counted(union.session))["taken"] == 0
    again = await imports.find_own_import(roster, code)
    assert (len(again.rows), again.started_at, again.problem) == (
        5_000,
        None,
        "保存中断了，什么也没有保存。请再保存一次。",
    )
    assert await save(roster, code) == (5_000, 0)


async def test_what_is_refused_in_the_program_is_said_on_the_page(committed_db: str) -> None:
    union = await make_union()
    roster = await make_roster(union)
    code = await upload(roster, table(5))
    await Session.update({Session.called_off_at: union.session.starts_at}).where(
        Session.id == union.session.id
    )

    await (await start(committed_db, roster, code))

    import_ = await imports.find_own_import(roster, code)
    assert (import_.started_at, bool(import_.problem)) == (None, True)


async def test_second_program_for_one_file_leaves_the_first_alone(committed_db: str) -> None:
    union = await make_union()
    roster = await make_roster(union)
    code = await upload(roster, table(2_000))

    await asyncio.gather(await start(committed_db, roster, code), await start(committed_db, roster, code))

    import_ = await imports.find_own_import(roster, code)
    assert (bool(import_.finished_at), import_.done, import_.problem) == (True, 2_000, "")
    assert await Registration.count() == 2_000


async def test_two_files_of_two_units_at_once_never_oversell(committed_db: str) -> None:
    session, lists = await _two_lists(capacity=30)

    await asyncio.gather(*(save(roster, code) for roster, code in lists))

    assert await counted(session) == {
        "taken": 30,
        "waiting": 50,
        "waiting_last": 50,
        "confirmed": 30,
        "waitlisted": 50,
    }


async def test_two_files_at_once_without_the_lock_oversell(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the race is there, the lock of the session is what settles it. One rush may be lucky."""
    from events_app.registration.queries import places

    monkeypatch.setattr(places, "LOCK_ROOMS", places.LOCK_ROOMS.replace("FOR NO KEY UPDATE OF s", ""))
    sold = []
    for rush in range(8):
        session, lists = await _two_lists(capacity=40, rush=rush)  # nobody of one list alone would wait
        await asyncio.gather(*(save(roster, code) for roster, code in lists))
        sold.append((await counted(session))["confirmed"])
        if sold[-1] > 40:
            break

    assert max(sold) > 40


async def test_same_people_in_two_files_at_once_are_registered_once(committed_db: str) -> None:
    union = await make_union()
    roster = await make_roster(union)
    files = [await upload(roster, table(40)), await upload(roster, table(40) + "\n")]
    assert files[0] != files[1]

    saved = await asyncio.gather(*(save(roster, code) for code in files))

    assert sorted(result.done for result in saved) == [0, 40]
    assert (await counted(union.session))["confirmed"] == 40


async def test_one_file_saved_twice_at_once_is_saved_once(committed_db: str) -> None:
    union = await make_union()
    roster = await make_roster(union)
    code = await upload(roster, table(40))

    results = await asyncio.gather(*(save(roster, code) for _tab in range(4)), return_exceptions=True)

    assert sum(result.done for result in results if isinstance(result, imports.Saved)) == 40
    assert {type(result) for result in results} <= {imports.Saved, Refused, NotFound}
    assert (await counted(union.session))["confirmed"] == 40


async def test_list_and_people_on_their_phones_share_the_places(committed_db: str) -> None:
    union = await make_union()
    session = await make_session(await make_activity(union.organization), capacity=50)
    activity = await _activity_of(session)
    roster = await make_roster(union, activity=activity)
    code = await upload(roster, table(60))

    await asyncio.gather(
        save(roster, code), *(register(session, f"自己{n}", f"{13_900_000_000 + n}") for n in range(60))
    )

    count = await counted(session)
    assert (count["taken"], count["confirmed"], count["waiting"], count["waitlisted"]) == (50, 50, 70, 70)


async def test_one_place_is_exchanged_once(committed_db: str) -> None:
    union = await make_union()
    roster = await make_roster(union)
    await save(roster, await upload(roster, table(1)))
    (person,) = await list_people(roster.id, "", 5, 0)
    rows = [{"name": f"新人{n}", "phone": f"{13_900_000_000 + n}"} for n in range(8)]

    results = await asyncio.gather(
        *(rosters.exchange_person(None, roster, person.registration, row, SIGNER) for row in rows),
        return_exceptions=True,
    )

    assert sum(isinstance(result, int) for result in results) == 1
    assert {type(result) for result in results} == {int, Refused}
    assert (await counted(union.session))["confirmed"] == 1


async def _two_lists(capacity: int, rush: int = 0) -> tuple[Session, list[tuple[RosterRow, str]]]:
    union = await make_union(f"云南省总工会{rush or ''}", f"wang{rush}", f"li{rush}")
    session = await make_session(await make_activity(union.organization), capacity=capacity)
    activity = await _activity_of(session)
    units = [await make_roster(union, unit, activity) for unit in ("昆明一中", "昆明二中")]
    tables = [table(40), HEADER + "\n".join(f"学生{n}\t{13_900_000_000 + n}" for n in range(40))]
    return session, [(r, await upload(r, t)) for r, t in zip(units, tables, strict=True)]


async def _activity_of(session: Session) -> Any:
    from events_app.programmes.tables import Activity

    return await Activity.objects().get(Activity.id == session.activity)


def _child() -> int:
    """The program that we started: among our children by what it runs."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            parent = process.joinpath("stat").read_text().rpartition(")")[2].split()[1]
            if parent == str(os.getpid()) and "actions.saving" in process.joinpath("cmdline").read_text():
                return int(process.name)
        except OSError:
            continue
    raise AssertionError("No program is running.")
