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


# Only of the phone that registered this one too, whose digest is a SHA-256; a script's is shorter.
LIST_PARTY_SEATS = """
    SELECT r.ticket, r.signature, p.name, s.title, s.starts_at, s.ends_at, seat.state,
           CASE WHEN seat.state = 'waitlisted' THEN (
               SELECT count(*)::int FROM seat ahead
                WHERE ahead.session = seat.session AND ahead.state = 'waitlisted'
                  AND ahead.waiting_number <= seat.waiting_number) END AS position
      FROM registration first
      JOIN registration r ON r.activity = first.activity AND r.phone_digest = first.phone_digest
                         AND length(r.phone_digest) = 32
      JOIN person p ON p.id = r.person
      JOIN seat ON seat.registration = r.id AND seat.state <> 'released'
      JOIN session s ON s.id = seat.session
     WHERE first.id = $1
  ORDER BY r.id <> first.id, r.id, s.starts_at, s.id
"""


async def list_party_seats(registration: int) -> list[PartySeat]:
    """What the phone that registered this one holds in its activity: this one first, then by registration."""
    return await database.fetch_as(PartySeat, LIST_PARTY_SEATS, registration)
