"""How long looking for clashes takes among 100,000 sessions of ten years, beside a read by primary key.

By itself: `python -m bench.clashes`.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from events_app import schema, settings  # noqa: F401 - settings tell Piccolo where its configuration is
from events_app.lib import database
from events_app.lib.postgres import embedded
from events_app.programmes.actions.clashes import find_clashes
from events_app.programmes.queries.clashes import LIST_NEAR, near_values
from events_app.programmes.rules.clashes import Planned

T = TypeVar("T")
SESSIONS = 100_000
FIRST = datetime(2018, 1, 1, 1, tzinfo=UTC)
DAYS = 3652

# A union with 20 organisers, 300 venues (a third of them rooms), 400 schools and 500 guests. Two sessions in three
# lie on the mornings of workdays, each with up to three guests; one in 200 is an exhibition of up to four weeks.
FILL = f"""
    INSERT INTO organization (code, name, kind, region, created_at)
         SELECT 'o' || n, '第' || n || '单位', CASE WHEN n = 1 THEN 'union' ELSE 'school' END, '', now()
           FROM generate_series(1, 401) n;
    INSERT INTO account (login, name, password_hash, created_at)
         SELECT 'a' || n, '组织者' || n, '', now() FROM generate_series(1, 20) n;
    INSERT INTO membership (account, organization, role, created_at)
         SELECT n, 1, 'organizer', now() FROM generate_series(1, 20) n;
    INSERT INTO venue (code, organization, name, address, capacity, latitude, longitude)
         SELECT 'v' || n, 1, '场地' || n, '滨江路' || n || '号', 200, 24 + n * 0.01, 102 + n * 0.01
           FROM generate_series(1, 200) n;
    INSERT INTO venue (code, organization, parent, name, address)
         SELECT 'r' || n, 1, n, '教室' || n, '' FROM generate_series(1, 100) n;
    INSERT INTO opening_hours (venue, weekday, opens, closes)
         SELECT v, d, '08:00', '21:00' FROM generate_series(1, 200) v, generate_series(0, 6) d;
    INSERT INTO guest (code, organization, name, honour, unit)
         SELECT 'g' || n, 1, '嘉宾' || n, '', '' FROM generate_series(1, 500) n;
    INSERT INTO activity (code, organization, kind, title, state, created_at, updated_at, published_at)
         SELECT 'c' || n, 1, 'visit', '活动' || n, 'published', now(), now(), now() FROM generate_series(1, 2000) n;
    INSERT INTO session (code, activity, starts_at, ends_at, venue, site, in_charge, capacity,
                         opens_at, closes_at, check_in_opens_at, check_in_closes_at, created_at, updated_at)
         SELECT 's' || n, 1 + n % 2000, begins, begins + lasts, 1 + floor(random() * 300),
                2 + floor(random() * 400), 1 + floor(random() * 20), 100,
                begins - interval '7 days', begins, begins, begins + lasts, now(), now()
           FROM (SELECT n, '2018-01-01 01:00+00'::timestamptz + floor(n * {DAYS}::float / {SESSIONS}) * interval '1 day'
                           + floor(random() * 8) * interval '1 hour' AS begins,
                        CASE WHEN n % 200 = 0 THEN random() * interval '28 days' + interval '1 hour'
                             ELSE interval '2 hours' END AS lasts
                   FROM generate_series(1, {SESSIONS}) n) s;
    INSERT INTO appearance (session, guest)
         SELECT id, 1 + floor(random() * 500) FROM session, generate_series(1, 3) WHERE random() < 0.6
    ON CONFLICT DO NOTHING;
"""


def main() -> None:
    options = argparse.ArgumentParser(prog="bench.clashes")
    options.add_argument("--times", type=int, default=300)
    options.add_argument("--directory", default=None, help="Where the database lies.")
    given = options.parse_args()
    run(given.directory, given.times)


def run(directory: str | None, times: int = 300) -> None:
    """Fill a database of its own and print the table."""
    with tempfile.TemporaryDirectory(prefix="events-bench-", dir=directory) as name:
        Path(name).chmod(0o755)  # PostgreSQL's own account has to get in when we are root
        with embedded(Path(name)) as dsn:
            asyncio.run(_run(dsn, times))


async def _run(dsn: str, times: int) -> None:
    await schema.migrate(dsn)
    await database.open_pool(1)
    try:
        async with database.connection() as c:
            await c.execute("SELECT setseed(0.26)")
            await c.execute(FILL)
            await c.execute("VACUUM ANALYZE")
        await measure(times)
    finally:
        await database.close_pool()


async def measure(times: int) -> None:
    """Both in turn in one run, each time for another day of the ten years."""
    one = [[_planned(n)] for n in range(times)]
    many = [[_planned(n, k) for k in range(500)] for n in range(max(times // 30, 3))]
    rows = {
        "read of a session by its primary key": await _timed(_read, range(1, SESSIONS, SESSIONS // times)),
        "search, one session with 6 guests (the statement)": await _timed(_search, one),
        "search and judgement, one session with 6 guests": await _timed(_judge, one),
        "search, 500 sessions with 6 guests each (the statement)": await _timed(_search, many),
        "search and judgement, 500 sessions with 6 guests each": await _timed(_judge, many),
    }
    print("| what | times | p50 ms | p99 ms |\n|---|---|---|---|")
    for what, spans in rows.items():
        print(f"| {what} | {len(spans)} | {_percentile(spans, 50):.2f} | {_percentile(spans, 99):.2f} |")


def _planned(n: int, later: int = 0) -> Planned:
    """On another day for every `n`; a year of five hundred has as many guests as a union."""
    starts_at = FIRST + timedelta(days=(n * 37 + later * 365 // 500) % DAYS, hours=(n + later) % 8)
    n += later
    return Planned(
        starts_at=starts_at, ends_at=starts_at + timedelta(hours=2), venue=1 + n * 7 % 300, site=2 + n * 11 % 400,
        in_charge=1 + n % 20, guests=[1 + (n * 13 + k * 83) % 500 for k in range(6)], capacity=150,
    )  # fmt: skip


async def _read(key: int) -> object:
    return await database.find("SELECT * FROM session WHERE id = $1", key)


async def _search(planned: list[Planned]) -> object:
    return await database.fetch(LIST_NEAR, *near_values(1, planned))


async def _judge(planned: list[Planned]) -> object:
    return await find_clashes(1, planned)


async def _timed(work: Callable[[T], Awaitable[object]], inputs: Sequence[T]) -> list[float]:
    """Milliseconds of each; the first few are done twice, for plans and pages are not there the first time."""
    for given in inputs[:5]:
        await work(given)
    spans = []
    for given in inputs:
        began = time.perf_counter()
        await work(given)
        spans.append((time.perf_counter() - began) * 1000)
    return spans


def _percentile(spans: list[float], percent: int) -> float:
    return statistics.quantiles(spans, n=100, method="inclusive")[percent - 1]


if __name__ == "__main__":
    main()
