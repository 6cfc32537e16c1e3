"""A place is given back, and who waits moves up."""

from events_app.accounts.rules import ORGANIZING, Me
from events_app.lib import clock
from events_app.lib.database import again_after_deadlock, transaction
from events_app.lib.errors import NotFound, Refused
from events_app.lib.language import gettext as _
from events_app.programmes.tables import Admission
from events_app.registration import queries
from events_app.registration.queries import TicketRow
from events_app.registration.rules.seats import check_cancellable, takes_place
from events_app.registration.tables import SeatState


@again_after_deadlock
async def cancel(ticket: TicketRow, session_code: str) -> None:
    """Give a place back; who waits moves up in the same moment. Raises NotFound and Refused."""
    async with transaction():
        session = await queries.lock_session(session_code)
        if session is None:
            raise NotFound
        check_cancellable(session, clock.now())
        if not await queries.release_seat(ticket.registration, session.id):
            raise Refused(_("这一席位已经取消或已经签到，不能再取消。"), "not_held")
        await move_up(session)


async def own_locked_session(me: Me, code: str) -> queries.LockedSession:
    session = await queries.lock_session(code, me.organizations(ORGANIZING))
    if session is None:
        raise NotFound
    return session


async def move_up(session: queries.LockedSession) -> None:
    if not takes_place(session, clock.now()):
        return
    state = SeatState.PENDING if session.admission == Admission.APPROVAL else SeatState.CONFIRMED
    await queries.seat_next_in_line(session.id, state)
