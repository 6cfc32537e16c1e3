"""Two who press at once, with real commits: one step is taken, the other gets a sentence."""

import asyncio
from collections.abc import Awaitable

import pytest
from tests.people import make_activity, make_session, make_union, register

from events_app.lib import database
from events_app.lib.errors import Invalid, Refused
from events_app.programmes.actions import sessions
from events_app.programmes.actions.life import publish, restore, unpublish
from events_app.programmes.actions.venues import create_venue
from events_app.programmes.forms.sessions import SessionForm
from events_app.programmes.forms.venues import VenueForm
from events_app.programmes.queries import life as queries
from events_app.programmes.rules.life import Standing
from events_app.registration.actions.activities import call_off_activity, postpone
from events_app.web.forms import read_values

pytestmark = pytest.mark.usefixtures("committed_db")


async def outcome(step: Awaitable[object]) -> str:
    try:
        await step
    except Refused as refused:
        return refused.reason
    except Invalid as invalid:
        return next(iter(invalid.errors))
    return "done"


@pytest.fixture
def all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of eight has seen the same state before the first one writes."""
    everybody, find_standing = asyncio.Barrier(8), queries.find_standing

    async def find(activity: int) -> Standing:
        standing = await find_standing(activity)
        await everybody.wait()
        return standing

    monkeypatch.setattr(queries, "find_standing", find)


@pytest.mark.usefixtures("all_at_once")
async def test_many_who_publish_at_once_publish_once() -> None:
    union = await make_union()
    draft = await make_activity(union.organization, published_at=None)
    await make_session(draft)

    outcomes = await asyncio.gather(*(outcome(publish(union.wang, draft.code)) for _n in range(8)))

    assert sorted(outcomes) == ["done", *["wrong_state"] * 7]
    assert await database.value("SELECT count(*) FROM transition") == 1


@pytest.mark.usefixtures("all_at_once")
async def test_without_the_state_in_the_statement_they_would_publish_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    union = await make_union()
    draft = await make_activity(union.organization, published_at=None)
    await make_session(draft)
    monkeypatch.setattr(queries, "MOVE_STATE", queries.MOVE_STATE.replace("AND state = $2", "AND $2 <> ''"))

    await asyncio.gather(*(outcome(publish(union.wang, draft.code)) for _n in range(8)))

    assert await database.value("SELECT count(*) FROM transition") == 8


async def test_steps_that_exclude_each_other_leave_one_line_of_steps() -> None:
    """Whoever wins, each step begins where the one before it ended, and what everybody sees agrees with the state."""
    union = await make_union()
    code, wang = union.activity.code, union.wang
    await make_session(union.activity)
    steps = [
        *(postpone(wang, code, "暴雨"), call_off_activity(wang, code, "疫情"), unpublish(wang, code)),
        *(restore(wang, code), publish(wang, code), postpone(wang, code, "大雪")),
    ]

    outcomes = await asyncio.gather(*(outcome(step) for step in steps))

    rows = await database.fetch("SELECT from_state, to_state FROM transition ORDER BY id")
    ends = ["published", *(row["to_state"] for row in rows)]
    kept = await database.find("SELECT state, published_at FROM activity WHERE id = $1", union.activity.id)
    assert kept is not None
    assert [row["from_state"] for row in rows] == ends[:-1]
    assert outcomes.count("done") == len(rows) >= 1
    assert (kept["state"], kept["published_at"] is not None) == (ends[-1], ends[-1] != "draft")


async def test_nobody_gets_a_place_after_the_postponing() -> None:
    union = await make_union()

    async def join(number: int) -> str:
        return await outcome(register(union.session, f"赵{number}", f"199{number:08}"))

    joined, postponed = await asyncio.gather(
        asyncio.gather(*(join(number) for number in range(20))),
        outcome(postpone(union.wang, union.activity.code, "暴雨")),
    )

    row = await database.find(
        """SELECT taken, (SELECT count(*) FROM seat WHERE session = session.id) AS seats,
                  (SELECT count(*) FROM message) AS told FROM session WHERE id = $1""",
        union.session.id,
    )
    assert row is not None
    assert postponed == "done"
    assert set(joined) <= {"done", "postponed", "full"}
    assert row["taken"] == row["seats"] == row["told"] == joined.count("done")


async def test_no_session_is_added_once_the_activity_is_called_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who adds it has found the activity published when it is called off."""
    union = await make_union()
    code, begun, called_off = union.activity.code, asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        begun.set()
        await called_off.wait()

    monkeypatch.setattr(sessions, "load", wait)
    times = {"starts_at": "2099-03-02T09:00", "ends_at": "2099-03-02T11:00", "opens_at": "2026-01-01T09:00"}
    form = read_values(SessionForm, times | {"venue": "报告厅", "capacity": 50, "check_in_lead": 60})
    adding = asyncio.create_task(outcome(sessions.create_session(union.wang, code, form)))
    await begun.wait()
    await call_off_activity(union.wang, code, "疫情")
    called_off.set()

    assert await adding == "called_off"
    assert await database.value("SELECT count(*) FROM session WHERE called_off_at IS NULL") == 0


async def test_many_who_add_the_same_venue_at_once_add_it_once() -> None:
    union = await make_union()
    form = read_values(VenueForm, {"name": "文化宫", "address": "东风西路1号"})

    outcomes = await asyncio.gather(*(outcome(create_venue(union.wang, form, None)) for _n in range(8)))

    assert sorted(outcomes) == ["done", *["name"] * 7]
    assert await database.value("SELECT count(*) FROM venue WHERE name = '文化宫'") == 1
