"""A session's people as its organisers see them."""

# Statements share column lists; values are always parameters.

from datetime import datetime

import msgspec

from events_app.lib import database
from events_app.registration.tables import Cause, SeatState


class AttendeeRow(msgspec.Struct, frozen=True):
    """One line of a session's list. `ticket` is the printed form only for whoever may see it."""

    seat: int
    name: str
    phone: str
    unit: str
    state: SeatState
    cause: Cause | None
    joined_at: datetime
    position: int | None
    attended_at: datetime | None
    evidence: str | None
    walk_in: bool
    ticket: str


_ATTENDEES = """
    SELECT seat.id AS seat, p.name, CASE WHEN r.erased_at IS NULL THEN p.phone ELSE '' END AS phone, r.unit,
           seat.state, seat.cause, seat.joined_at, seat.attended_at,
           CASE WHEN seat.state = 'waitlisted' THEN (
               SELECT count(*)::int FROM seat ahead
                WHERE ahead.session = seat.session AND ahead.state = 'waitlisted'
                  AND ahead.waiting_number <= seat.waiting_number) END AS position,
           seat.evidence, seat.walk_in, r.ticket
      FROM seat
      JOIN registration r ON r.id = seat.registration
      JOIN person p ON p.id = r.person
     WHERE seat.session = $1
"""
_MATCHING = " AND ($2 = '' OR strpos(p.name, $2) > 0 OR strpos(r.unit, $2) > 0 OR right(p.phone, 4) = $2)"


async def list_attendees(session: int, words: str, limit: int, offset: int) -> list[AttendeeRow]:
    """By order of joining; `words` is looked for in name and unit, or is a phone's last four digits."""
    sql = f"{_ATTENDEES} {_MATCHING} ORDER BY seat.id LIMIT $3 OFFSET $4"
    return await database.fetch_as(AttendeeRow, sql, session, words, limit, offset)


async def list_attendees_after(session: int, seat: int, limit: int) -> list[AttendeeRow]:
    """The next `limit` after that seat id: for reading a list from end to end while it grows."""
    sql = f"{_ATTENDEES} AND seat.id > $2 ORDER BY seat.id LIMIT $3"
    return await database.fetch_as(AttendeeRow, sql, session, seat, limit)


class Tally(msgspec.Struct, frozen=True):
    """A session's seats by state, and how many came."""

    confirmed: int
    pending: int
    entered: int
    offered: int
    waitlisted: int
    released: int
    attended: int
    matching: int


TALLY = """
    SELECT count(*) FILTER (WHERE seat.state = 'confirmed')::int AS confirmed,
           count(*) FILTER (WHERE seat.state = 'pending')::int AS pending,
           count(*) FILTER (WHERE seat.state = 'entered')::int AS entered,
           count(*) FILTER (WHERE seat.state = 'offered')::int AS offered,
           count(*) FILTER (WHERE seat.state = 'waitlisted')::int AS waitlisted,
           count(*) FILTER (WHERE seat.state = 'released')::int AS released,
           count(*) FILTER (WHERE seat.attended_at IS NOT NULL)::int AS attended,
           {matching} AS matching
      FROM seat {joins}
     WHERE seat.session = $1
"""
_TALLY_ALL = TALLY.format(matching="count(*)::int", joins="")
_TALLY_MATCHING = TALLY.format(
    matching=f"count(*) FILTER (WHERE true {_MATCHING})::int",
    joins="JOIN registration r ON r.id = seat.registration JOIN person p ON p.id = r.person",
)


async def tally(session: int, words: str = "") -> Tally:
    """`matching` counts the seats that `words` finds."""
    if words:
        found = await database.find_as(Tally, _TALLY_MATCHING, session, words)
    else:
        found = await database.find_as(Tally, _TALLY_ALL, session)
    assert found is not None
    return found
