"""Tickets that one phone got for several people."""

from datetime import datetime

import msgspec

from events_app.lib import database
from events_app.registration.tables import SeatState


class PartySeat(msgspec.Struct, frozen=True):
    """A seat of one of them; `position` counts from 1 on the waiting list."""

    ticket: str
    signature: bytes
    name: str
    title: str
    starts_at: datetime
    ends_at: datetime
    state: SeatState
    position: int | None


# Only to the phone that registered this one too, whose digest is a SHA-256; a script's is shorter. Whoever was given a
# ticket by a help desk's phone does not get those of everybody else from it.
LIST_PARTY_SEATS = """
    WITH own AS (
        SELECT $1::bigint AS id
         UNION
        SELECT r.id FROM registration first
          JOIN registration r ON r.activity = first.activity AND r.phone_digest = first.phone_digest
         WHERE first.id = $1 AND first.phone_digest = $2 AND r.phone_digest = $2 AND length(r.phone_digest) = 32
    )
    SELECT r.ticket, r.signature, p.name, s.title, s.starts_at, s.ends_at, seat.state,
           CASE WHEN seat.state = 'waitlisted' THEN (
               SELECT count(*)::int FROM seat ahead
                WHERE ahead.session = seat.session AND ahead.state = 'waitlisted'
                  AND ahead.waiting_number <= seat.waiting_number) END AS position
      FROM own
      JOIN registration r ON r.id = own.id
      JOIN person p ON p.id = r.person
      JOIN seat ON seat.registration = r.id AND seat.state <> 'released'
      JOIN session s ON s.id = seat.session
  ORDER BY r.id <> $1, r.id, s.starts_at, s.id
"""


async def list_party_seats(registration: int, phone: bytes) -> list[PartySeat]:
    """This one's, then by registration what this phone holds in the activity, if it registered this one too."""
    return await database.fetch_as(PartySeat, LIST_PARTY_SEATS, registration, phone)
