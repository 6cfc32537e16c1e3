"""One link of a gate and many devices that open it at the same moment, in two processes."""

from collections.abc import Iterator

import pytest
from tests import races
from tests.gates import make_gate
from tests.people import Union, make_union
from tests.races import Racers, halves

from events_app.checkin.tables import Gate
from events_app.lib import codes, database


@pytest.fixture(scope="module")
def racers() -> Iterator[Racers]:
    with races.racers() as ready:
        yield ready


@pytest.fixture
async def union(committed_db: str) -> Union:
    return await make_union()


async def rush(racers: Racers, union: Union, dsn: str, without: str = "") -> tuple[Gate, list[str]]:
    """A fresh gate, and the devices that were told they are it."""
    gate = await make_gate(union.session)
    devices = halves([f"device-{n}" for n in range(30)])
    winners = racers.run(races.open_all, dsn, [str(gate.link)] * 2, devices, [without] * 2)
    return gate, winners


async def test_one_of_thirty_devices_becomes_the_gate(
    racers: Racers, union: Union, committed_db: str
) -> None:
    gate, winners = await rush(racers, union, committed_db)

    assert len(winners) == 1
    row = await database.find("SELECT link, device_digest FROM gate WHERE id = $1", gate.id)
    assert row is not None
    assert tuple(row) == (None, codes.digest(winners[0]))
    assert await database.value("SELECT count(*) FROM audit_entry WHERE action = 'gate.open'") == 1


async def test_without_the_condition_several_believe_they_are_it(
    racers: Racers, union: Union, committed_db: str
) -> None:
    """The control: shows that the test above would notice. One rush may be lucky, five are not."""
    told = []
    for _rush in range(5):
        _gate, winners = await rush(racers, union, committed_db, without=" AND opened_at IS NULL")
        told.append(len(winners))
        if told[-1] > 1:
            break

    assert max(told) > 1
