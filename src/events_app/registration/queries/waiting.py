"""Places given back, and who moves up: always under the lock of the session."""

from datetime import datetime

import msgspec

from events_app.lib import database
from events_app.programmes.tables import Admission, Extent
from events_app.registration.tables import SeatState


class LockedSession(msgspec.Struct, frozen=True):
    id: int
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
    attended: int


# An organiser's statement locks no other union's row.
LOCK_SESSION = """
    SELECT s.id, a.organization, s.activity, a.admission, a.extent, a.offer_minutes, s.ends_at, s.postponed_at,
           s.called_off_at, s.capacity, s.taken, s.attended
      FROM session s JOIN activity a ON a.id = s.activity
     WHERE s.code = $1 AND ($2::int[] IS NULL OR a.organization = ANY($2))
       FOR NO KEY UPDATE OF s
"""


async def lock_session(code: str, organizations: list[int] | None = None) -> LockedSession | None:
    """Inside a transaction: nobody else moves seats of this session until it ends.

    Only one of these `organizations`' sessions, if they are given.
    """
    return await database.find_as(LockedSession, LOCK_SESSION, code, organizations)


# Under the session's lock. What the seat was before decides which counter falls.
RELEASE_SEAT = """
    WITH held AS (
        SELECT id, session, state FROM seat
         WHERE registration = $1 AND session = $2 AND state <> 'released' AND attended_at IS NULL
           FOR UPDATE
    ), freed AS (
        UPDATE seat SET state = 'released', released_at = now(), waiting_number = NULL, offer_ends_at = NULL
          FROM held WHERE seat.id = held.id
    )
    UPDATE session
       SET taken = taken - (held.state <> 'waitlisted')::int, waiting = waiting - (held.state = 'waitlisted')::int
      FROM held WHERE session.id = held.session
 RETURNING held.id
"""


async def release_seat(registration: int, session: int) -> bool:
    """False when there is nothing to give back: released before, or attended."""
    return await database.value(RELEASE_SEAT, registration, session) is not None


# Under the session's lock: strictly by number, as many as there are places.
SEAT_NEXT_IN_LINE = """
    WITH next AS (
        SELECT id FROM seat WHERE session = $1 AND state = 'waitlisted' ORDER BY waiting_number
         LIMIT (SELECT greatest(capacity - taken, 0) FROM session WHERE id = $1)
    ), moved AS (
        UPDATE seat SET state = $2, waiting_number = NULL FROM next WHERE seat.id = next.id RETURNING seat.id
    )
    UPDATE session SET taken = taken + n, waiting = waiting - n
      FROM (SELECT count(*)::int AS n FROM moved) AS moves
     WHERE session.id = $1
 RETURNING n
"""


async def seat_next_in_line(session: int, state: SeatState) -> int:
    """How many moved from the waiting list into free places, as `state`."""
    return int(await database.value(SEAT_NEXT_IN_LINE, session, str(state)))
