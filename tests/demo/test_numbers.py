"""The sessions' counters, the seats and the scans say the same, also after many registrations were added."""

import pytest
from tests.demo.conftest import quiet

from events_app import demo
from events_app.lib import database
from events_app.settings import Settings

pytestmark = pytest.mark.usefixtures("loaded")

MISCOUNTED = """
    SELECT s.title, s.taken, n.taken, s.waiting, n.waiting, s.attended, n.attended, s.waiting_last, n.waiting_last
      FROM session s
     CROSS JOIN LATERAL (
           SELECT count(*) FILTER (WHERE state IN ('pending', 'offered', 'confirmed')) AS taken,
                  count(*) FILTER (WHERE state = 'waitlisted') AS waiting,
                  count(attended_at) AS attended,
                  COALESCE(max(waiting_number), 0) AS waiting_last
             FROM seat WHERE session = s.id) AS n
     WHERE (s.taken, s.waiting, s.attended) IS DISTINCT FROM (n.taken, n.waiting, n.attended)
        OR s.waiting_last < n.waiting_last OR s.taken > s.capacity
        OR (s.waiting > 0 AND s.taken < s.capacity)
"""
UNTOLD = """
    SELECT seat.id FROM seat
      LEFT JOIN scan ON scan.seat = seat.id AND scan.verdict = 'admitted' AND scan.at = seat.attended_at
     WHERE (seat.evidence IS NOT NULL) IS DISTINCT FROM (scan.id IS NOT NULL) AND seat.evidence IS NOT NULL
"""
STRAYED = """
    SELECT seat.id FROM seat
      JOIN registration r ON r.id = seat.registration
      JOIN session s ON s.id = seat.session
      JOIN activity a ON a.id = s.activity
     WHERE r.activity <> s.activity OR seat.joined_at < s.opens_at OR seat.joined_at > s.closes_at
        OR seat.attended_at NOT BETWEEN s.check_in_opens_at AND s.check_in_closes_at
        OR seat.attended_at > now() OR seat.joined_at > now() OR r.created_at > seat.joined_at
        OR (seat.state = 'pending' AND a.admission <> 'approval')
"""


async def everything_agrees() -> bool:
    return not any([await database.fetch(sql) for sql in (MISCOUNTED, UNTOLD, STRAYED)])


async def count_registrations() -> int:
    return int(await database.value("SELECT count(*) FROM registration"))


async def test_counters_agree_with_seats() -> None:
    assert await database.fetch(MISCOUNTED) == []


async def test_whoever_came_has_a_scan_that_says_how() -> None:
    assert await database.fetch(UNTOLD) == []


async def test_everybody_joined_and_came_in_time() -> None:
    assert await database.fetch(STRAYED) == []


async def test_some_tickets_were_shown_twice() -> None:
    assert await database.value("SELECT count(*) FROM scan WHERE verdict = 'already_in'") > 0


async def test_scale_adds_as_many_as_asked_and_half_of_them_came(db: object, settings: Settings) -> None:
    before, came = await count_registrations(), "SELECT count(*) FROM seat WHERE attended_at IS NOT NULL"
    came_before = await database.value(came)
    reported: list[tuple[int, int]] = []

    await demo.scale(settings, 600, lambda done, total: reported.append((done, total)))

    assert reported == [(250, 600), (500, 600), (600, 600)]
    assert await count_registrations() == before + 600
    assert await database.value(came) == came_before + 300
    assert await everything_agrees()


async def test_scale_goes_on_after_what_was_added(db: object, settings: Settings) -> None:
    before = await count_registrations()

    await demo.scale(settings, 260, quiet)
    await demo.scale(settings, 10, quiet)

    assert await count_registrations() == before + 270
    assert await everything_agrees()
    assert await database.value("SELECT count(*) FROM person WHERE phone !~ '^1990000[0-9]{4}$'") == 0


async def test_one_phone_is_a_gate_one_waits_to_be_and_one_was() -> None:
    rows = await database.fetch(
        "SELECT link IS NOT NULL, opened_at IS NOT NULL, revoked_at IS NOT NULL FROM gate ORDER BY id"
    )

    assert [tuple(row) for row in rows] == [(True, False, False), (False, True, False), (False, True, True)]
