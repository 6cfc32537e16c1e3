"""Killing the application, and the database, while eight gates scan; then counting."""

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from bench import data
from bench.data import World

from events_app import schema
from events_app.lib import database
from events_app.lib.postgres import embedded
from faults.application import SECRET, Application, running, wait_until_up
from faults.clients import Body, Gates, Seen

DATABASE_BACK_WITHIN = 5.0  # seconds: the goal
_APPLICATION_BACK_WITHIN = 60.0
_PAUSE = (0.1, 0.8)  # seconds of work between two kills

# Nothing acknowledged may be missing or doubled, and the counters must agree with the seats.
COUNT = """
    SELECT (SELECT count(*) FROM unnest($1::text[]) AS sent (nonce)
             WHERE (SELECT count(*) FROM scan WHERE scan.nonce = sent.nonce AND let_in) <> 1) AS lost,
           (SELECT count(*) FROM (SELECT seat FROM scan WHERE verdict = 'admitted' AND direction = 'in'
                                GROUP BY seat HAVING count(*) > 1) AS twice) AS doubled,
           (SELECT count(*) FROM session s
             WHERE attended <> (SELECT count(*) FROM seat WHERE seat.session = s.id AND attended_at IS NOT NULL))
           AS miscounted,
           (SELECT count(*) FROM seat WHERE attended_at IS NOT NULL) AS attended
"""


@dataclass(frozen=True)
class Damage:
    """What the tables say afterwards. `attended` may exceed what was acknowledged by what was on its way."""

    lost: int
    doubled: int
    miscounted: int
    attended: int


@dataclass(frozen=True)
class Result:
    """`waits`: how many seconds no scan was acknowledged, after each kill."""

    name: str
    waits: list[float]
    seen: Seen
    damage: Damage

    @property
    def bad(self) -> bool:
        damage = self.damage
        too_long = self.name == "database" and max(self.waits) > DATABASE_BACK_WITHIN
        return bool(damage.lost or damage.doubled or damage.miscounted or self.seen.wrong or too_long)

    def line(self) -> str:
        waits, seen, damage = sorted(self.waits), self.seen, self.damage
        return (
            f"| {self.name} | {len(waits)} | {len(seen.acknowledged)} | {damage.lost} | {damage.doubled} "
            f"| {waits[len(waits) // 2]:.2f} / {waits[-1]:.2f} s | {dict(sorted(seen.statuses.items()))}, "
            f"{seen.lost} without an answer |"
        )


HEAD = (
    "| killed | times | scans acknowledged | lost | doubled | silence: median / longest | answers |\n"
    "|---|---|---|---|---|---|---|"
)


async def prepare(directory: Path) -> World:
    """A database with tickets for hours of scanning."""
    with embedded(directory) as dsn:
        await schema.migrate(dsn)
        database.configure(dsn)
        await database.open_pool(2)
        try:
            return await data.build(SECRET.encode(), directory)
        finally:
            await database.close_pool()


async def kill_application(directory: Path, world: World, kills: int, seed: int) -> Result:
    async def kill(application: Application, _chance: random.Random) -> None:
        application.kill()
        application.start()
        await asyncio.to_thread(wait_until_up)

    return await _kill("application", directory, world, kills, seed, kill)


async def kill_database(directory: Path, world: World, kills: int, seed: int) -> Result:
    async def kill(application: Application, chance: random.Random) -> None:
        application.kill_database(chance)

    return await _kill("database", directory, world, kills, seed, kill)


async def _kill(
    name: str,
    directory: Path,
    world: World,
    kills: int,
    seed: int,
    kill: Callable[[Application, random.Random], Awaitable[None]],
) -> Result:
    chance = random.Random(seed)
    with running(directory) as application:
        gates = Gates(world.token, _fresh_bodies(directory, seed))
        await gates.open()
        waits = [await _once(gates, application, chance, kill) for _kill_number in range(kills)]
        await gates.close()
        damage = await _count(directory, gates.seen)
    return Result(name, waits, gates.seen, damage)


async def _once(
    gates: Gates,
    application: Application,
    chance: random.Random,
    kill: Callable[[Application, random.Random], Awaitable[None]],
) -> float:
    await asyncio.sleep(chance.uniform(*_PAUSE))
    moment = time.monotonic()
    await kill(application, chance)
    waited = await gates.steady_again(moment, _APPLICATION_BACK_WITHIN)
    if waited is None:
        raise SystemExit(
            f"faults: no answer within {_APPLICATION_BACK_WITHIN:.0f} s; see {application.directory}"
        )
    return waited


def _fresh_bodies(directory: Path, seed: int) -> list[Body]:
    """Tickets that no other run of ours has taken: every second one."""
    lines = (directory / "check-ins").read_text().splitlines()
    return [json.loads(line.split("\t")[2]) for line in lines[seed % 2 :: 2]]


async def _count(directory: Path, seen: Seen) -> Damage:
    with embedded(directory) as dsn:
        database.configure(dsn)
        row = await database.find(COUNT, list(seen.acknowledged))
    assert row is not None
    return Damage(**dict(row))
