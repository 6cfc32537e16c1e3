"""Whom a step of an activity's life touches, what it does to the sessions, and deleting what nobody registered for."""

import msgspec

from events_app.lib import database
from events_app.programmes.queries.life import COMING, OVERDUE


class TouchedByStep(msgspec.Struct, frozen=True):
    """Sessions that a step is about, what people hold in them, and whom it reaches besides.

    `staying` are sessions that are over or that somebody came to: they stay as they are.
    """

    sessions: int
    staying: int
    confirmed: int
    pending: int
    waitlisted: int
    guests: int
    sites: int

    @property
    def people(self) -> int:
        return self.confirmed + self.pending + self.waitlisted


FIND_TOUCHED_BY_STEP = f"""
    WITH concerned AS (
        SELECT s.id, s.site, {COMING} OR {OVERDUE} AS concerned
          FROM session s WHERE s.activity = $1 AND s.called_off_at IS NULL
    ), held AS (
        SELECT seat.state FROM seat JOIN concerned c ON c.id = seat.session AND c.concerned
         WHERE seat.state <> 'released'
    )
    SELECT count(*) FILTER (WHERE concerned)::int AS sessions,
           count(*) FILTER (WHERE NOT concerned)::int AS staying,
           count(DISTINCT site) FILTER (WHERE concerned)::int AS sites,
           (SELECT count(*) FROM held WHERE state = 'confirmed')::int AS confirmed,
           (SELECT count(*) FROM held WHERE state IN ('pending', 'offered'))::int AS pending,
           (SELECT count(*) FROM held WHERE state = 'waitlisted')::int AS waitlisted,
           (SELECT count(DISTINCT ap.guest) FROM appearance ap
              JOIN concerned c ON c.id = ap.session AND c.concerned)::int AS guests
      FROM concerned
"""


async def find_touched_by_step(activity: int) -> TouchedByStep:
    touched = await database.find_as(TouchedByStep, FIND_TOUCHED_BY_STEP, activity)
    assert touched is not None
    return touched


# Calendars take it only with a higher sequence (RFC 5545 §3.8.7.4). The rows are locked already, in one order.
POSTPONE_SESSIONS = f"""
    UPDATE session s SET postponed_at = now(), sequence = sequence + 1, updated_at = now()
     WHERE s.activity = $1 AND s.postponed_at IS NULL AND {COMING}
 RETURNING s.code
"""


async def postpone_sessions(activity: int) -> list[str]:
    """Codes of the sessions that now have no certain time."""
    return sorted(row["code"] for row in await database.fetch(POSTPONE_SESSIONS, activity))


RESUME_SESSIONS = """
    UPDATE session s SET postponed_at = NULL, sequence = sequence + 1, updated_at = now()
     WHERE s.activity = $1 AND s.postponed_at IS NOT NULL AND s.called_off_at IS NULL AND s.ends_at > now()
 RETURNING s.code
"""


async def resume_sessions(activity: int) -> list[str]:
    """Codes of the sessions that take place at their times after all."""
    return sorted(row["code"] for row in await database.fetch(RESUME_SESSIONS, activity))


async def list_concerned(activity: int) -> list[str]:
    """Codes of the sessions that could still be called off, by their times."""
    sql = f"SELECT s.code FROM session s WHERE s.activity = $1 AND ({COMING} OR {OVERDUE}) ORDER BY s.starts_at, s.id"
    return [row["code"] for row in await database.fetch(sql, activity)]


# A ticket and a scan are kept for ever, and what they are about with them.
HAS_TRACES = """
    SELECT EXISTS (SELECT FROM registration WHERE activity = $1)
        OR EXISTS (SELECT FROM scan JOIN session s ON s.id = scan.session WHERE s.activity = $1)
"""


async def has_traces(activity: int) -> bool:
    """Whether anybody ever registered for it or came to its doors."""
    return bool(await database.value(HAS_TRACES, activity))


HAS_SESSION_TRACES = """
    SELECT EXISTS (SELECT FROM seat WHERE session = $1) OR EXISTS (SELECT FROM scan WHERE session = $1)
"""


async def has_session_traces(session: int) -> bool:
    return bool(await database.value(HAS_SESSION_TRACES, session))


# Its hosts, picture, timeline and batches go along.
DELETE_DRAFT = """
    DELETE FROM activity WHERE id = $1 AND state IN ('draft', 'returned', 'approved') RETURNING id
"""


async def delete_draft(activity: int) -> bool:
    """Inside a transaction; False when it is no draft any more, and then nothing may be kept."""
    await database.fetch("DELETE FROM session WHERE activity = $1", activity)
    return await database.value(DELETE_DRAFT, activity) is not None


# Guests and invitations go along.
DELETE_SESSION = """
    DELETE FROM session s USING activity a
     WHERE s.id = $1 AND a.id = s.activity AND a.state IN ('draft', 'returned', 'approved')
 RETURNING s.id
"""


async def delete_session(session: int) -> bool:
    """False when its activity is no draft any more."""
    return await database.value(DELETE_SESSION, session) is not None
