"""Places given back, and who moves up: always under the lock of the session."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from events_app.lib import database
from events_app.programmes.tables import Admission, Extent
from events_app.registration.rules.waiting import Waiting
from events_app.registration.tables import Cause, SeatState


class LockedSession(msgspec.Struct, frozen=True):
    """`along` are the ids of all sessions that were locked with it, its own included: more than one in a course."""

    id: int
    code: str
    organization: int
    activity: int
    admission: Admission
    extent: Extent
    offer_minutes: int | None
    ends_at: datetime
    postponed_at: datetime | None
    called_off_at: datetime | None
    capacity: int
    taken: int
    waiting: int
    attended: int
    along: list[int] = []


# An organiser's statement locks no other union's row. Places in the sessions of a course are taken and freed together,
# so these are locked together too, in the order in which everybody locks them.
LOCK_SESSION = """
    SELECT s.id, s.code, a.organization, s.activity, a.admission, a.extent, a.offer_minutes, s.ends_at, s.postponed_at,
           s.called_off_at, s.capacity, s.taken, s.waiting, s.attended
      FROM session s JOIN activity a ON a.id = s.activity
     WHERE s.activity = (SELECT activity FROM session WHERE code = $1) AND (s.code = $1 OR a.extent = 'course')
       AND ($2::int[] IS NULL OR a.organization = ANY($2))
  ORDER BY s.id
       FOR NO KEY UPDATE OF s
"""


async def lock_session(code: str, organizations: list[int] | None = None) -> LockedSession | None:
    """Inside a transaction: nobody else moves seats of this session until it ends, nor of its course's sessions.

    Only one of these `organizations`' sessions, if they are given.
    """
    locked = await database.fetch_as(LockedSession, LOCK_SESSION, code, organizations)
    along = [session.id for session in locked]
    own = (session for session in locked if session.code == code)
    return next((msgspec.structs.replace(session, along=along) for session in own), None)


# Of a course everything that is still to come.
LIST_HELD = """
    SELECT seat.id
      FROM seat JOIN session s ON s.id = seat.session
     WHERE seat.registration = $1 AND seat.session = ANY($3) AND seat.state <> 'released' AND seat.attended_at IS NULL
       AND (s.id = $2 OR s.called_off_at IS NULL AND (s.ends_at > now() OR s.postponed_at IS NOT NULL))
"""
# Under the session's lock. What the seat was before decides which counter falls.
RELEASE_SEATS = """
    WITH held AS (
        SELECT id, session, state FROM seat
         WHERE id = ANY($1) AND state <> 'released' AND attended_at IS NULL
      ORDER BY id
           FOR UPDATE
    ), freed AS (
        UPDATE seat SET state = 'released', released_at = now(), cause = $2, reason = $3, waiting_number = NULL,
                        offer_ends_at = NULL
          FROM held WHERE seat.id = held.id
    ), counted AS (
        SELECT session, (count(*) FILTER (WHERE state IN ('pending', 'offered', 'confirmed')))::int AS took,
               (count(*) FILTER (WHERE state = 'waitlisted'))::int AS waited, count(*)::int AS n
          FROM held GROUP BY session
    ), fallen AS (
        UPDATE session SET taken = taken - took, waiting = waiting - waited
          FROM counted WHERE session.id = counted.session
    )
    SELECT COALESCE(sum(n), 0)::int FROM counted
"""


async def release_seats(seats: Sequence[int], cause: Cause, reason: str = "") -> int:
    """How many of them there were to give back: the others were released before, or attended."""
    return int(await database.value(RELEASE_SEATS, list(seats), str(cause), reason))


async def release_seat(
    registration: int, session: LockedSession, cause: Cause = Cause.CANCELLED, reason: str = ""
) -> bool:
    """Of a course all the registration's seats. False when there is nothing to give back."""
    rows = await database.fetch(LIST_HELD, registration, session.id, session.along)
    return await release_seats([row["id"] for row in rows], cause, reason) > 0


class Room(msgspec.Struct, frozen=True):
    """A session's free places, and what it is called when people hear of them."""

    id: int
    code: str
    title: str
    activity_title: str
    starts_at: datetime
    ends_at: datetime
    postponed_at: datetime | None
    called_off_at: datetime | None
    free: int
    waiting: int


LIST_ROOM = """
    SELECT s.id, s.code, s.title, a.title AS activity_title, s.starts_at, s.ends_at, s.postponed_at, s.called_off_at,
           s.capacity - s.taken AS free, s.waiting
      FROM session s JOIN activity a ON a.id = s.activity
     WHERE s.id = ANY($1)
  ORDER BY s.starts_at, s.id
"""


async def list_room(sessions: Sequence[int]) -> list[Room]:
    return await database.fetch_as(Room, LIST_ROOM, list(sessions))


# By seat_next_in_line.
LIST_LINES = """
    SELECT line.*
      FROM unnest($1::int[]) AS session
     CROSS JOIN LATERAL (
           SELECT seat.id AS seat, seat.session, seat.registration, seat.party, seat.waiting_number AS number
             FROM seat WHERE seat.session = session.session AND seat.state = 'waitlisted'
         ORDER BY seat.waiting_number
            LIMIT $2) AS line
  ORDER BY line.session, line.number
"""


async def list_lines(sessions: Sequence[int], most: int | None = None) -> dict[int, list[Waiting]]:
    """By session, in order; `most` of each line."""
    lines: dict[int, list[Waiting]] = {session: [] for session in sessions}
    for waiting in await database.fetch_as(Waiting, LIST_LINES, list(sessions), most):
        lines[waiting.session].append(waiting)
    return lines


# Nothing is written when a session ends, so these are looked for. Whoever waits stood in the ended one's line too.
LIST_COURSES_GONE_ON = """
    SELECT min(s.code) AS code
      FROM session ended
      JOIN activity a ON a.id = ended.activity AND a.extent = 'course'
      JOIN session s ON s.activity = a.id AND s.waiting > 0 AND s.taken < s.capacity
                    AND s.called_off_at IS NULL AND s.ends_at > $1
     WHERE ended.waiting > 0 AND ended.ends_at <= $1 AND ended.ends_at > $1 - interval '1 day'
  GROUP BY a.id
"""


async def list_courses_gone_on(now: datetime) -> list[str]:
    """A code of each course of which a session ended within a day, while people wait and places are free in others."""
    return [row["code"] for row in await database.fetch(LIST_COURSES_GONE_ON, now)]


SERVE = """
    WITH moved AS (
        UPDATE seat SET state = $2, waiting_number = NULL, offer_ends_at = $3
         WHERE id = ANY($1) AND state = 'waitlisted'
     RETURNING session
    ), counted AS (
        SELECT session, count(*)::int AS n FROM moved GROUP BY session
    )
    UPDATE session SET taken = taken + n, waiting = waiting - n FROM counted WHERE session.id = counted.session
"""


async def serve(seats: Sequence[int], state: SeatState, offer_ends_at: datetime | None) -> None:
    """These leave the line for a place."""
    await database.fetch(SERVE, list(seats), str(state), offer_ends_at)


FIND_LARGEST_PARTY = """
    SELECT COALESCE(max(n), 0)::int FROM (
           SELECT count(*) AS n FROM seat
            WHERE session = $1 AND state IN ('waitlisted', 'entered') AND party IS NOT NULL
         GROUP BY party) AS parties
"""


async def largest_party(session: int) -> int:
    """How many places the largest group in line, or in the draw, needs at once; 0 without groups."""
    return int(await database.value(FIND_LARGEST_PARTY, session))


# A number is free before somebody else gets it: the unique index looks at every row by itself.
CLEAR_NUMBERS = """
    UPDATE seat SET waiting_number = -waiting_number WHERE session = $1 AND id = ANY($2) AND state = 'waitlisted'
"""
RENUMBER = """
    UPDATE seat SET waiting_number = fresh.number
      FROM unnest($2::bigint[], $3::int[]) AS fresh (seat, number)
     WHERE seat.id = fresh.seat AND seat.session = $1 AND seat.state = 'waitlisted'
"""


async def renumber(session: int, line: Sequence[Waiting], before: Sequence[Waiting]) -> None:
    """The line stands in this order now, with the numbers it had."""
    fresh = [(new.seat, old.number) for new, old in zip(line, before, strict=True) if new.seat != old.seat]
    seats, numbers = [seat for seat, _number in fresh], [number for _seat, number in fresh]
    await database.fetch(CLEAR_NUMBERS, session, seats)
    await database.fetch(RENUMBER, session, seats, numbers)


MARK_MOVED = "UPDATE seat SET cause = 'moved', reason = $2 WHERE id = ANY($1) AND state <> 'released'"


async def mark_moved(seats: Sequence[int], reason: str) -> None:
    """These are where they are because an organiser wanted it."""
    await database.fetch(MARK_MOVED, list(seats), reason)
