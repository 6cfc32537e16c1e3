"""An organiser's decisions about seats: always under the lock of the session. And what is left to decide."""

# Statements share column lists; values are always parameters.

from datetime import datetime

import msgspec

from events_app.lib import database
from events_app.registration.tables import Cause, SeatState


class AskedSeat(msgspec.Struct, frozen=True):
    """A seat that a decision is about; `course`: all seats of its registration are decided together."""

    seat: int
    session: int
    code: str
    course: bool


# By session, because they are locked in this order.
LIST_ASKED = """
    SELECT other.id AS seat, s.id AS session, s.code, a.extent = 'course' AS course
      FROM seat asked
      JOIN session own ON own.id = asked.session
      JOIN activity a ON a.id = own.activity
      JOIN seat other ON other.registration = asked.registration AND (other.id = asked.id OR a.extent = 'course')
      JOIN session s ON s.id = other.session
     WHERE asked.id = ANY($1) AND a.organization = ANY($2) AND $3 IN (a.code, own.code)
  GROUP BY other.id, s.id, a.extent
  ORDER BY s.id, other.id
"""


async def list_asked(seats: list[int], organizations: list[int], code: str) -> list[AskedSeat]:
    """Of these seats those of this activity or session; of a course the others of the same registration too."""
    return await database.fetch_as(AskedSeat, LIST_ASKED, seats, organizations, code)


ACCEPT_SEATS = """
    UPDATE seat SET state = 'confirmed', cause = NULL, reason = ''
     WHERE session = $1 AND id = ANY($2) AND state = 'pending'
 RETURNING registration
"""


async def accept_seats(session: int, seats: list[int]) -> list[int]:
    """Under the session's lock; the registrations whose seats are confirmed now."""
    return [row["registration"] for row in await database.fetch(ACCEPT_SEATS, session, seats)]


# What a seat was before decides which counter falls; who waits for a draw is in neither.
DECLINE_SEATS = """
    WITH held AS (
        SELECT id, registration, state FROM seat
         WHERE session = $1 AND id = ANY($2) AND state <> 'released' AND attended_at IS NULL
           FOR UPDATE
    ), freed AS (
        UPDATE seat SET state = 'released', released_at = now(), waiting_number = NULL, offer_ends_at = NULL,
                        cause = 'declined', reason = $3
          FROM held WHERE seat.id = held.id
    ), counted AS (
        UPDATE session
           SET taken = taken - (SELECT count(*) FROM held WHERE state IN ('pending', 'confirmed', 'offered')),
               waiting = waiting - (SELECT count(*) FROM held WHERE state = 'waitlisted')
         WHERE id = $1
    )
    SELECT registration FROM held
"""


async def decline_seats(session: int, seats: list[int], reason: str) -> list[int]:
    """Under the session's lock; the registrations whose seats are declined now. Who came is not declined any more."""
    return [row["registration"] for row in await database.fetch(DECLINE_SEATS, session, seats, reason)]


class Declined(msgspec.Struct, frozen=True):
    """What undoing a refusal is decided from. `free` places are there; `entering`: a draw is still to come."""

    declined: list[int]
    free: int
    waiting: int
    entering: bool


FIND_DECLINED = """
    SELECT s.capacity - s.taken AS free, s.waiting,
           a.admission = 'draw' AND NOT EXISTS (
               SELECT FROM draw WHERE draw.session = s.id AND draw.drawn_at IS NOT NULL) AS entering,
           COALESCE((SELECT array_agg(seat.id ORDER BY seat.id) FROM seat
                      WHERE seat.session = s.id AND seat.id = ANY($2)
                        AND seat.state = 'released' AND seat.cause = 'declined'), '{}') AS declined
      FROM session s JOIN activity a ON a.id = s.activity
     WHERE s.id = $1
"""


async def find_declined(session: int, seats: list[int]) -> Declined:
    """Under the session's lock: which of these seats were declined and could be given back."""
    found = await database.find_as(Declined, FIND_DECLINED, session, seats)
    assert found is not None
    return found


class Holder(msgspec.Struct, frozen=True):
    """Whose seat it is or was."""

    person: int
    name: str
    phone: str
    unit: str


LIST_HOLDERS = """
    SELECT p.id AS person, p.name, p.phone, r.unit
      FROM seat JOIN registration r ON r.id = seat.registration JOIN person p ON p.id = r.person
     WHERE seat.id = ANY($1) ORDER BY seat.id
"""


async def list_holders(seats: list[int]) -> list[Holder]:
    return await database.fetch_as(Holder, LIST_HOLDERS, seats)


RESTORE_SEATS = """
    WITH restored AS (
        UPDATE seat SET state = CASE WHEN $3 AND entry_number IS NOT NULL THEN 'entered' ELSE 'pending' END,
                        released_at = NULL, cause = NULL, reason = ''
         WHERE session = $1 AND id = ANY($2)
     RETURNING registration, state
    ), counted AS (
        UPDATE session SET taken = taken + (SELECT count(*) FROM restored WHERE state = 'pending') WHERE id = $1
    )
    SELECT registration FROM restored
"""


async def restore_seats(session: int, found: Declined) -> list[int]:
    """Under the session's lock; the registrations that wait for a decision, or for the draw, again."""
    rows = await database.fetch(RESTORE_SEATS, session, found.declined, found.entering)
    return [row["registration"] for row in rows]


class Sought(msgspec.Struct, frozen=True):
    """What is looked for on the approval desk; "" for anything. `state` may be "declined"."""

    session: str = ""
    unit: str = ""
    state: str = "pending"
    words: str = ""


class ApprovalRow(msgspec.Struct, frozen=True):
    """One line of the desk; of a course, one for all its sessions."""

    seat: int
    session: str
    title: str
    starts_at: datetime
    ends_at: datetime
    name: str
    phone: str
    unit: str
    state: SeatState
    cause: Cause | None
    reason: str
    joined_at: datetime
    attended_at: datetime | None


_APPROVALS = """
      FROM session s
      JOIN activity a ON a.id = s.activity
      JOIN seat ON seat.session = s.id
      JOIN registration r ON r.id = seat.registration
      JOIN person p ON p.id = r.person
     WHERE s.activity = $1 AND $2 IN ('', s.code) AND $3 IN ('', r.unit)
       AND CASE $4 WHEN '' THEN true
                   WHEN 'declined' THEN seat.state = 'released' AND seat.cause = 'declined'
                   ELSE seat.state = $4 END
       AND ($5 = '' OR strpos(p.name, $5) > 0 OR strpos(r.unit, $5) > 0 OR right(p.phone, 4) = $5)
       AND (a.extent <> 'course' OR NOT EXISTS (
           SELECT FROM seat other WHERE other.registration = r.id AND other.state = seat.state AND other.id < seat.id))
"""
LIST_APPROVALS = f"""
    SELECT seat.id AS seat, s.code AS session, s.title, s.starts_at, s.ends_at, p.name,
           CASE WHEN r.erased_at IS NULL THEN p.phone ELSE '' END AS phone, r.unit, seat.state, seat.cause,
           seat.reason, seat.joined_at, seat.attended_at
    {_APPROVALS}
  ORDER BY seat.id LIMIT $6 OFFSET $7
"""


async def list_approvals(activity: int, sought: Sought, limit: int, offset: int) -> list[ApprovalRow]:
    """In the order in which they registered."""
    values = msgspec.structs.astuple(sought)
    return await database.fetch_as(ApprovalRow, LIST_APPROVALS, activity, *values, limit, offset)


async def count_approvals(activity: int, sought: Sought) -> int:
    values = msgspec.structs.astuple(sought)
    return int(await database.value(f"SELECT count(*) {_APPROVALS}", activity, *values))


LIST_UNITS = """
    SELECT DISTINCT r.unit FROM registration r
     WHERE r.activity = $1 AND r.unit <> '' AND EXISTS (SELECT FROM seat WHERE seat.registration = r.id)
  ORDER BY r.unit LIMIT 300
"""


async def list_units(activity: int) -> list[str]:
    """The units that people of this activity named."""
    return [row["unit"] for row in await database.fetch(LIST_UNITS, activity)]


COUNT_PENDING = """
    SELECT a.code, count(DISTINCT seat.registration)::int AS pending
      FROM activity a
      JOIN session s ON s.activity = a.id
      JOIN seat ON seat.session = s.id AND seat.state = 'pending'
     WHERE a.organization = ANY($1) AND ($2 = '' OR a.code = $2) AND s.called_off_at IS NULL
  GROUP BY a.id
"""


async def count_pending(organizations: list[int], activity: str = "") -> dict[str, int]:
    """How many people wait for a yes, by the codes of the activities where anybody does; or of that one alone."""
    rows = await database.fetch(COUNT_PENDING, organizations, activity)
    return {row["code"]: row["pending"] for row in rows}
