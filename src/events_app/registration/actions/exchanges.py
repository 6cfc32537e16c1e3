"""One person comes in another's stead, and the place is never free between them."""

import msgspec

from events_app.lib.errors import Refused
from events_app.lib.language import gettext as _
from events_app.registration.queries import exchanges as queries
from events_app.registration.queries.taking import Applicant
from events_app.registration.queries.waiting import LockedSession


class Exchanged(msgspec.Struct, frozen=True):
    """Who has the place now: the registration with its ticket, and its seats by the order of the old ones."""

    registration: int
    ticket: str
    signature: bytes
    seats: list[int]


async def exchange(session: LockedSession, seat: int, successor: Applicant, reason: str = "") -> Exchanged:
    """`seat` of this session goes to `successor` just as it is: certain, waiting with its number, or on offer.

    Of a course all the seats that are left go along. Inside the transaction in which the session was locked (by
    `lock_session`, which locks all of a course); who may do this, and the audit, are the caller's. The old seat is
    released with the cause `exchanged` and the new one `replaces` it; nobody moves up, because nothing was freed.

    Raises Refused: `not_held` when the seat was given back, attended or is over; `already_registered` when the
    successor holds or awaits a place there.
    """
    held = await queries.list_held_seats(seat, session.id)
    if seat not in {each.id for each in held}:
        raise Refused(_("这个席位已经取消、已经签到，或本场已经结束，不能再换人。"), "not_held")
    if await queries.holds_one([each.session for each in held], successor.phone, successor.name):
        raise Refused(
            _("换上的人在本场已有席位或正在候补。请换另一个人，或先取消他的报名。"), "already_registered"
        )
    heir = await queries.add_successor(held[0].registration, successor)
    seats = await queries.exchange_seats(held, heir.id, reason)
    assert len(seats) == len(held)
    return Exchanged(heir.id, heir.ticket, heir.signature, seats)
