"""A participant's own page: all tickets that were registered with this phone."""

from datetime import datetime

import msgspec

from events_app.lib.codes import digest, ticket_text
from events_app.registration.queries import TicketRow
from events_app.registration.queries import mine as queries
from events_app.registration.queries.mine import MySeat
from events_app.registration.rules.seats import current_seat, is_cancellable, takes_place
from events_app.registration.tables import SeatState

# A help desk's phone may have registered a whole school.
_MOST = 200


class MyTicket(msgspec.Struct, frozen=True):
    """`current` is the seat that it is about today; `address` stands behind /t/."""

    row: TicketRow
    address: str
    seats: list[MySeat]
    current: MySeat
    cancellable: list[MySeat]


class MyTickets(msgspec.Struct, frozen=True):
    """What is to come by time, and what is over or given back, the latest first. `more`: older ones are left out."""

    coming: list[MyTicket]
    past: list[MyTicket]
    more: bool


async def my_tickets(phone_secret: str, now: datetime) -> MyTickets:
    rows = await queries.list_my_tickets(digest(phone_secret), _MOST + 1)
    tickets = await _with_seats(rows[:_MOST], now)
    tickets.sort(key=lambda ticket: ticket.current.starts_at)
    coming = [ticket for ticket in tickets if _is_to_come(ticket.current, now)]
    past = [ticket for ticket in reversed(tickets) if not _is_to_come(ticket.current, now)]
    return MyTickets(coming, past, more=len(rows) > _MOST)


async def cancellable(phone: bytes, now: datetime) -> list[tuple[TicketRow, str]]:
    """All the places of this phone that can be given back, with their sessions' codes."""
    tickets = await _with_seats(await queries.list_my_tickets(phone), now)
    return [(ticket.row, seat.session) for ticket in tickets for seat in ticket.cancellable]


async def _with_seats(rows: list[TicketRow], now: datetime) -> list[MyTicket]:
    by_registration: dict[int, list[MySeat]] = {}
    for seat in await queries.list_my_seats([row.registration for row in rows]):
        by_registration.setdefault(seat.registration, []).append(seat)
    return [
        _ticket(row, by_registration[row.registration], now)
        for row in rows
        if row.registration in by_registration
    ]


def _ticket(row: TicketRow, seats: list[MySeat], now: datetime) -> MyTicket:
    return MyTicket(
        row,
        ticket_text(row.ticket, row.signature),
        seats,
        current_seat(seats, now),
        [seat for seat in seats if is_cancellable(seat, now)],
    )


def _is_to_come(seat: MySeat, now: datetime) -> bool:
    return seat.state != SeatState.RELEASED and takes_place(seat, now)
