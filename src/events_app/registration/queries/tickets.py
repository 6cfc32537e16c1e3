"""Tickets as their holders see them."""

# Statements share column lists; values are always parameters.

from datetime import datetime

import msgspec

from events_app.lib import database
from events_app.programmes.queries.venues import ADDRESS, BUILDING, FULL_NAME
from events_app.programmes.tables import Extent, Kind
from events_app.registration.tables import Cause, Evidence, SeatState


class TicketSeat(msgspec.Struct, frozen=True):
    """A ticket's place in one session."""

    session: str
    title: str
    starts_at: datetime
    ends_at: datetime
    closes_at: datetime
    venue: str
    address: str
    step_free: bool
    hearing_loop: bool
    access: str
    state: SeatState
    cause: Cause | None
    entry_number: int | None
    position: int | None
    offer_ends_at: datetime | None
    attended_at: datetime | None
    evidence: Evidence | None
    postponed_at: datetime | None
    called_off_at: datetime | None
    called_off_reason: str
    sequence: int
    updated_at: datetime


class TicketRow(msgspec.Struct, frozen=True):
    """`counts_hours`: coming is worth something to show, hours or a certificate."""

    registration: int
    ticket: str
    signature: bytes
    pin: str
    name: str
    phone: str
    unit: str
    activity_code: str
    activity_title: str
    kind: Kind
    extent: Extent
    organization_name: str
    counts_hours: bool
    created_at: datetime


FIND_TICKET = """
    SELECT r.id AS registration, r.ticket, r.signature, r.pin, p.name, p.phone, r.unit, a.code AS activity_code,
           a.title AS activity_title, a.kind, a.extent, o.name AS organization_name,
           a.certificates OR a.session_hours IS NOT NULL AS counts_hours, r.created_at
      FROM registration r
      JOIN person p ON p.id = r.person
      JOIN activity a ON a.id = r.activity
      JOIN organization o ON o.id = a.organization
"""


async def find_ticket(code: str, signature: bytes) -> TicketRow | None:
    """Only with its own signature: a code that was read off somewhere opens nothing."""
    return await database.find_as(
        TicketRow, f"{FIND_TICKET} WHERE r.ticket = $1 AND r.signature = $2", code, signature
    )


async def find_ticket_by_pin(name: str, phone: str, pin: str) -> TicketRow | None:
    """The newest, should one pin fit several."""
    whose = "p.phone = $1 AND p.name = $2 AND r.pin = $3 AND r.erased_at IS NULL"
    sql = f"{FIND_TICKET} WHERE {whose} ORDER BY r.id DESC LIMIT 1"
    return await database.find_as(TicketRow, sql, phone, name, pin)


LIST_TICKET_SEATS = f"""
    SELECT seat.registration, s.code AS session, s.title, s.starts_at, s.ends_at, s.closes_at, {FULL_NAME} AS venue,
           {ADDRESS} AS address,
           v.step_free, v.hearing_loop, COALESCE(NULLIF(v.access, ''), building.access, '') AS access, seat.state,
           seat.cause, seat.entry_number,
           seat.offer_ends_at, seat.attended_at, seat.evidence, s.postponed_at, s.called_off_at,
           s.called_off_reason, s.sequence,
           s.updated_at,
           CASE WHEN seat.state = 'waitlisted' THEN (
               SELECT count(*)::int FROM seat ahead
                WHERE ahead.session = seat.session AND ahead.state = 'waitlisted'
                  AND ahead.waiting_number <= seat.waiting_number) END AS position
      FROM seat
      JOIN session s ON s.id = seat.session
      JOIN venue v ON v.id = s.venue
      {BUILDING}
     WHERE seat.registration = ANY($1)
  ORDER BY s.starts_at, s.id
"""


async def list_ticket_seats(registration: int) -> list[TicketSeat]:
    return await database.fetch_as(TicketSeat, LIST_TICKET_SEATS, [registration])
