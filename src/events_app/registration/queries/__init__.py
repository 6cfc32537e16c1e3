"""Every read of registrations, and every hand-written statement that changes one."""

from events_app.registration.queries.attendees import (
    AttendeeRow,
    Tally,
    list_attendees,
    list_attendees_after,
    tally,
)
from events_app.registration.queries.taking import (
    Applicant,
    KeptAnswer,
    OpenSession,
    SeatTaken,
    find_held_seat,
    find_kept_answer,
    find_open_session,
    is_registered_elsewhere,
    take_seat,
)
from events_app.registration.queries.tickets import (
    TicketRow,
    TicketSeat,
    find_ticket,
    find_ticket_by_pin,
    list_ticket_seats,
)
from events_app.registration.queries.waiting import (
    LockedSession,
    lock_session,
    release_seat,
    release_seats,
)

__all__ = [
    "Applicant",
    "AttendeeRow",
    "KeptAnswer",
    "LockedSession",
    "OpenSession",
    "SeatTaken",
    "Tally",
    "TicketRow",
    "TicketSeat",
    "find_held_seat",
    "find_kept_answer",
    "find_open_session",
    "find_ticket",
    "find_ticket_by_pin",
    "is_registered_elsewhere",
    "list_attendees",
    "list_attendees_after",
    "list_ticket_seats",
    "lock_session",
    "release_seat",
    "release_seats",
    "take_seat",
    "tally",
]
