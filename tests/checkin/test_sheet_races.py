"""One page of signatures and several people who type it in at the same moment, in two processes."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests import races
from tests.people import Union, make_session, make_union, register
from tests.races import Racers

from events_app.checkin.queries.sheets import add_sheet
from events_app.lib import codes, database

PEOPLE = 20
AT_ONCE = 5


@pytest.fixture(scope="module")
def racers() -> Iterator[Racers]:
    with races.racers() as ready:
        yield ready


@pytest.fixture
async def union(committed_db: str) -> Union:
    return await make_union()


async def rush(
    racers: Racers, union: Union, dsn: str, turns: list[int], without: str = ""
) -> tuple[int, int, int]:
    """How many came as those were told who typed, as the session counts, and as the log says."""
    session = await make_session(union.activity)
    seats = [(await register(session, f"赵{n}", f"199000012{n:02}")).seat for n in range(PEOPLE)]
    sheet = codes.new_code()
    await add_sheet(sheet, session.id, 0, union.wang.account)
    same: list[list[Any]] = [[session.code] * 2, [union.wang.account] * 2, [sheet] * 2, [seats] * 2]
    told = racers.run(
        races.type_in_all, dsn, *same, [turns, [turn + AT_ONCE for turn in turns]], [without] * 2
    )
    row = await database.find(
        "SELECT attended, (SELECT count(*)::int FROM scan WHERE scan.session = session.id AND verdict = 'admitted')"
        " AS scans FROM session WHERE id = $1",
        session.id,
    )
    assert row
    return sum(told), row["attended"], row["scans"]


@pytest.mark.parametrize("turns", [[0], list(range(AT_ONCE))], ids=["two", "ten"])
async def test_page_that_several_type_in_counts_once(
    racers: Racers, union: Union, committed_db: str, turns: list[int]
) -> None:
    assert await rush(racers, union, committed_db, turns) == (PEOPLE, PEOPLE, PEOPLE)


async def test_without_the_lock_people_are_counted_twice(
    racers: Racers, union: Union, committed_db: str
) -> None:
    """The control: shows that the test above would notice. One rush may be lucky, five are not."""
    counted = []
    for _rush in range(5):
        told, _attended, _scans = await rush(racers, union, committed_db, list(range(AT_ONCE)), " FOR UPDATE")
        counted.append(told)
        if told > PEOPLE:
            break

    assert max(counted) > PEOPLE
